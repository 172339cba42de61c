/** 1.3 A layer, u = Wx + b: unit by unit, and as one product of matrices whose shapes have to fit. */
import { tensor } from "../../index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import {
  animalFeatures,
  animalNames,
  attempt,
  classNames,
  edgeHead,
  featureNames,
  products,
  stopped,
} from "../parts/layer-task.ts";
import { given, matrixOf } from "../parts/matrices.ts";
import { say, show } from "../text.ts";

const ways = { units: say("ユニットごと", "unit by unit"), matrix: say("行列の積", "one matrix product") };
const size = { kind: "integer", min: 1, max: 8 } as const;
const numbers = { kind: "list", min: -100, max: 100 } as const;

export const layerProduct: Experiment = defineExperiment({
  id: "layer-product",
  row: "1.3",
  title: say("入力層〜中間層 u = Wx + b", "From input to hidden layer: u = Wx + b"),
  question: say(
    "動物の体長や体重から哺乳類・鳥類・爬虫類を答えるネットワーク。1 つの層の計算は、行列の積いくつ分でしょうか？",
    "A network tells mammals, birds and reptiles by length, weight and more. How many matrix products is a layer?",
  ),
  params: {
    way: {
      kind: "choice",
      options: ["units", "matrix"],
      default: "matrix",
      label: say("計算の仕方", "computed"),
      names: ways,
    },
    inputs: { ...size, default: 5, label: say("x の列数（特徴の数）", "columns of x (features)") },
    rows1: { ...size, default: 4, label: say("W1 の行数（中間層のユニット数）", "rows of W1 (hidden units)") },
    cols1: { ...size, default: 5, label: say("W1 の列数", "columns of W1") },
    rows2: { ...size, default: 3, label: say("W2 の行数（出力の数）", "rows of W2 (outputs)") },
    cols2: { ...size, default: 4, label: say("W2 の列数", "columns of W2") },
    x: {
      ...numbers,
      default: animalFeatures,
      label: say("入力 x", "input x"),
    },
    w1: { ...numbers, default: [], label: say("重み W1（書いた分だけ置き換え）", "weights W1 (as many as given)") },
    b1: { ...numbers, default: [], label: say("バイアス b1", "bias b1") },
    w2: { ...numbers, default: [], label: say("重み W2", "weights W2") },
    b2: { ...numbers, default: [], label: say("バイアス b2", "bias b2") },
    activation: {
      kind: "choice",
      options: ["relu", "sigmoid", "tanh"],
      default: "relu",
      label: say("中間層の活性化関数", "activation of the hidden layer"),
    },
  },
  probes: {
    edges: { form: "table", kind: "count", label: say("形のつながり", "whether shapes fit") },
    x: { form: "matrix", kind: "signed", label: say("入力 x", "input x") },
    w1: { form: "matrix", kind: "signed", label: say("重み W1", "weights W1") },
    b1: { form: "matrix", kind: "signed", label: say("バイアス b1", "bias b1") },
    u1: { form: "matrix", kind: "signed", label: say("総入力 u1 = x W1ᵀ + b1", "u1 = x W1ᵀ + b1") },
    z1: { form: "matrix", kind: "signed", label: say("中間層の出力 z1 = f(u1)", "hidden output z1 = f(u1)") },
    w2: { form: "matrix", kind: "signed", label: say("重み W2", "weights W2") },
    b2: { form: "matrix", kind: "signed", label: say("バイアス b2", "bias b2") },
    u2: { form: "matrix", kind: "signed", label: say("総入力 u2 = z1 W2ᵀ + b2", "u2 = z1 W2ᵀ + b2") },
    y: { form: "matrix", kind: "probability", label: say("出力 y = softmax(u2)", "output y = softmax(u2)") },
    work: { form: "bars", kind: "count", label: say("計算の量", "work") },
  },
  lanes: {
    units: { label: ways.units, values: { way: "units" } },
    matrix: { label: ways.matrix, values: { way: "matrix" } },
  },
  presets: {
    course: {
      label: say("講座の 2-3-4", "The course's 2-3-4"),
      why: say("入力 2、中間 3、出力 4 のネットワークです。", "A network of 2 inputs, 3 hidden units and 4 outputs."),
      values: { inputs: 2, rows1: 3, cols1: 2, rows2: 4, cols2: 3, x: [1, 2] },
    },
    "course-3-5-4": {
      label: say("講座の [try] 3-5-4", "The course's try: 3-5-4"),
      why: say("W1 の列、W1 の行と W2 の列を一緒に変えます。", "W1's columns change, and its rows with W2's columns."),
      values: { inputs: 3, rows1: 5, cols1: 3, rows2: 4, cols2: 5, x: [1, 2, 3] },
    },
    works: {
      label: say("中間層を 8 ユニットに", "Eight hidden units"),
      why: say("W1 の行と W2 の列を両方 8 にすれば通ります。", "It fits if W1's rows and W2's columns both become 8."),
      values: { rows1: 8, cols2: 8 },
    },
    breaks: {
      label: say("W1 だけ変える", "Only W1 changes"),
      why: say(
        "W2 の列数と合わず、2 つ目の境目で止まります。",
        "W2's columns do not fit, and it stops at the second edge.",
      ),
      values: { rows1: 8 },
    },
  },
  async setup({ way, inputs, rows1, cols1, rows2, cols2, activation, ...own }) {
    const count = Math.max(1, Math.ceil(own.x.length / inputs));
    const x = tensor(Array.from({ length: count * inputs }, (_, i) => own.x[i] ?? 0)).reshape([count, inputs]);
    const [w1, b1] = [await given([rows1, cols1], own.w1), await given([rows1], own.b1)];
    const [w2, b2] = [await given([rows2, cols2], own.w2), await given([rows2], own.b2)];
    const first = attempt(x, w1, () => products[way](x, w1, b1));
    const z1 = first.value?.[activation]();
    const second = attempt(z1, w2, () => z1 && products[way](z1, w2, b2));
    const names = count === 3 ? animalNames : [];
    const outputs = rows2 === 3 ? classNames : [];
    const inputNames = [inputs, cols1].map((size) => (size === 5 ? featureNames : []));
    return {
      steps: 0,
      look: async () => ({
        x: await matrixOf(x, names, inputNames[0]),
        w1: await matrixOf(w1, [], inputNames[1]),
        b1: await matrixOf(b1),
        ...(first.value && { u1: await matrixOf(first.value, names) }),
        ...(z1 && { z1: await matrixOf(z1, names) }),
        w2: await matrixOf(w2, outputs),
        b2: await matrixOf(b2, [], outputs),
        ...(second.value && { u2: await matrixOf(second.value, names, outputs) }),
        ...(second.value && { y: await matrixOf(second.value.softmax(1), names, outputs) }),
        edges: {
          head: edgeHead,
          rows: [
            ["x W1ᵀ", ...first.row],
            ["z1 W2ᵀ", ...second.row],
          ],
        },
        work: {
          names: [say("積和", "multiply-adds"), say("積の呼び出し", "calls of a product")],
          values: [count * (rows1 * cols1 + rows2 * cols2), way === "matrix" ? 2 : rows1 + rows2],
        },
      }),
    };
  },
  claims: {
    oneProduct: {
      sentence: say("入力層〜中間層", "From the input layer to the hidden layer."),
      predictions: [
        say("行列の積 1 つで、全ユニットの値がそろって出る", "one matrix product gives the values of all units"),
        say("ユニットごとに計算した値とは違う値になる", "its values differ from those of single units"),
      ],
      verdict(run) {
        const [units, matrix] = [run.lane("units"), run.lane("matrix")];
        if (!units.has("u2") || !matrix.has("u2"))
          return { outcome: "undecided", because: stopped(matrix.last("edges")) };
        const [one, all] = [units.last("u2").values, matrix.last("u2").values];
        if (one.length !== all.length)
          return {
            outcome: "undecided",
            because: say("2 つのレーンの形が違います。", "The lanes have different shapes."),
          };
        const [size, gap] = [
          Math.max(...Array.from(all, Math.abs)),
          Math.max(...Array.from(one, (u, i) => Math.abs(u - all[i]))),
        ];
        const isSame = gap <= 1e-5 * size;
        const [few, many] = [matrix, units].map((lane) => lane.last("work").values[1]);
        return {
          outcome: isSame ? "holds" : "fails",
          prediction: isSame ? 0 : 1,
          because: say(
            `${many} 個のユニットを 1 つずつ計算した値と、行列の積 ${few} 回で出した値の差は最大 ${show(gap)}（値の大きさ ${show(size)}）でした。`,
            `${many} units one by one and ${few} matrix products differed by at most ${show(gap)}, among values up to ${show(size)}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: { "units.work.1": [7, 7], "matrix.work.1": [2, 2], "units.work.0": [96, 96] },
    verdicts: { oneProduct: "holds" },
  },
});
