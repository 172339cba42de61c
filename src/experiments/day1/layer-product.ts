/**
 * 1.3 A layer, u = Wx + b: what its units give one by one, in one lane, a single product of matrices gives at once, in the
 * other, if shapes fit. Of two layers every matrix can be edited; an example is a row of x, so that the product is x Wᵀ. The
 * claim is that one product does for all units; it is judged by how far the lanes are apart in what goes into the softmax.
 */
import { tensor } from "../../index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { activationOf, namesOf } from "../parts/activations.ts";
import { changed } from "../parts/common.ts";
import { animalFeatures, forward, type Layers, needsFit, products } from "../parts/layer-task.ts";
import { fillNames, given } from "../parts/matrices.ts";
import { choiceParam, integerParam, lanesBy, listParam } from "../parts/params.ts";
import { bars, matrix, table } from "../parts/probes.ts";
import { undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

const ways = { units: say("ユニットごと", "unit by unit"), matrix: say("行列の積", "one matrix product") };
const lanes = lanesBy("way", ways);
const size = { min: 1, max: 8 };
const numbers = { min: -100, max: 100 };

export const layerProduct: Experiment = defineExperiment({
  id: "layer-product",
  row: "1.3",
  title: say("入力層〜中間層 u = Wx + b", "From input to hidden layer: u = Wx + b"),
  question: say(
    "動物の体長や体重から哺乳類・鳥類・爬虫類を答えるネットワーク。1 つの層の計算は、行列の積いくつ分でしょうか？",
    "A network tells mammals, birds and reptiles by length, weight and more. How many matrix products is a layer?",
  ),
  params: {
    way: choiceParam("matrix", say("計算の仕方", "computed"), ways),
    inputs: integerParam(5, say("x の列数（特徴の数）", "columns of x (features)"), size),
    rows1: integerParam(4, say("W1 の行数（中間層のユニット数）", "rows of W1 (hidden units)"), size),
    cols1: integerParam(5, say("W1 の列数", "columns of W1"), size),
    rows2: integerParam(3, say("W2 の行数（出力の数）", "rows of W2 (outputs)"), size),
    cols2: integerParam(4, say("W2 の列数", "columns of W2"), size),
    x: listParam(animalFeatures, say("入力 x", "input x"), numbers),
    w1: listParam([], say("重み W1（書いた分だけ置き換え）", "weights W1 (as many as given)"), numbers),
    b1: listParam([], say("バイアス b1", "bias b1"), numbers),
    w2: listParam([], say("重み W2", "weights W2"), numbers),
    b2: listParam([], say("バイアス b2", "bias b2"), numbers),
    init: choiceParam("normal", say("書いていない重みの初期値", "weights that are not given"), fillNames),
    activation: choiceParam("relu", say("中間層の活性化関数", "hidden activation"), namesOf("relu", "sigmoid", "tanh")),
  },
  probes: {
    edges: table("count", say("形のつながり", "whether shapes fit")),
    x: matrix("signed", say("入力 x", "input x")),
    w1: matrix("signed", say("重み W1", "weights W1")),
    b1: matrix("signed", say("バイアス b1", "bias b1")),
    u1: matrix("signed", say("総入力 u1 = x W1ᵀ + b1", "u1 = x W1ᵀ + b1")),
    z1: matrix("signed", say("中間層の出力 z1 = f(u1)", "hidden output z1 = f(u1)")),
    w2: matrix("signed", say("重み W2", "weights W2")),
    b2: matrix("signed", say("バイアス b2", "bias b2")),
    u2: matrix("signed", say("総入力 u2 = z1 W2ᵀ + b2", "u2 = z1 W2ᵀ + b2")),
    y: matrix("probability", say("出力 y = softmax(u2)", "output y = softmax(u2)")),
    work: bars("count", say("計算の量", "work")),
  },
  lanes,
  presets: {
    course: {
      label: say("講座の 2-3-4", "The course's 2-3-4"),
      why: say("入力 2、中間 3、出力 4 のネットワークです。", "A network of 2 inputs, 3 hidden units and 4 outputs."),
      values: { inputs: 2, rows1: 3, cols1: 2, rows2: 4, cols2: 3, x: [1, 2] },
    },
    "course-3-5-4": {
      label: say("講座の [try] 3-5-4", "The course's [try]: 3-5-4"),
      why: say("W1 の列、W1 の行と W2 の列を一緒に変えます。", "W1's columns change, and its rows with W2's columns."),
      values: { inputs: 3, rows1: 5, cols1: 3, rows2: 4, cols2: 5, x: [1, 2, 3] },
    },
    "course-zeros": {
      label: say("講座の [try] 初期値をゼロに", "The course's [try]: weights of zero"),
      why: say(
        "重みがすべて 0 なら、どの動物でもクラスの確率は同じ 3 分の 1 です。",
        "Where all weights are 0, every class has the same probability of a third, whichever the animal.",
      ),
      values: { init: "zeros" },
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
  async setup({ way, inputs, rows1, cols1, rows2, cols2, init, activation, ...own }) {
    const count = Math.max(1, Math.ceil(own.x.length / inputs));
    const network: Layers = {
      x: tensor(Array.from({ length: count * inputs }, (_, i) => own.x[i] ?? 0)).reshape([count, inputs]),
      w1: await given([rows1, cols1], own.w1, init),
      b1: await given([rows1], own.b1, init),
      w2: await given([rows2, cols2], own.w2, init),
      b2: await given([rows2], own.b2, init),
    };
    const calls = way === "matrix" ? 2 : rows1 + rows2;
    return {
      steps: 0,
      look: async () => ({
        ...(await forward(network, products[way], activationOf[activation])),
        work: {
          names: [say("積和", "multiply-adds"), say("積の呼び出し", "calls of a product")],
          values: [count * (rows1 * cols1 + rows2 * cols2), calls],
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
        const unfit =
          changed(layerProduct, run.lanes) ?? needsFit(units.last("edges")) ?? needsFit(matrix.last("edges"));
        if (unfit) return unfit;
        const [one, all] = [units.last("u2").values, matrix.last("u2").values];
        if (one.length !== all.length)
          return undecided("2 つのレーンの形が違います。", "The lanes have different shapes.");
        const size = Math.max(...Array.from(all, Math.abs));
        if (size === 0)
          return undecided("値がすべて 0 なので、比べられません。", "All values are 0, so nothing shows.");
        const gap = Math.max(...Array.from(one, (u, i) => Math.abs(u - all[i])));
        const isSame = gap <= 1e-5 * size;
        const [few, many] = [matrix, units].map((lane) => lane.last("work").values[1]); // calls of a product
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
    // 7 = 4 + 3 units against 2 layers, and 3 animals × (4 × 5 + 3 × 4) = 96 multiply-adds.
    bands: { "units.work.1": [7, 7], "matrix.work.1": [2, 2], "units.work.0": [96, 96] },
    verdicts: { oneProduct: "holds" },
  },
});
