/** 1.5 What is left of a change after one sigmoid, and after a chain of them. */
import { grad, type Tensor, tensor } from "../../index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { scalar } from "../parts/common.ts";
import { spaced } from "../parts/plane.ts";
import { say, show } from "../text.ts";

const names = { sigmoid: say("シグモイド", "sigmoid"), tanh: "tanh", relu: "ReLU" };
const slopeOf = (f: (x: Tensor) => Tensor, x: Tensor): Tensor => grad((x) => f(x).sum())(x)[0];

export const sigmoid: Experiment = defineExperiment({
  id: "sigmoid",
  row: "1.5",
  title: say("シグモイド関数", "The sigmoid function"),
  question: say(
    "シグモイドのユニットを 8 個つなぐと、入力の変化は出力に何分の 1 で伝わるでしょうか？",
    "Through a chain of eight sigmoid units, what part of a change of the input arrives at the output?",
  ),
  params: {
    activation: {
      kind: "choice",
      options: ["sigmoid", "tanh", "relu"],
      default: "sigmoid",
      label: say("活性化関数", "activation"),
    },
    x: { kind: "number", min: -8, max: 8, default: 1, label: say("入力 x", "input x") },
    gain: { kind: "number", min: 0.1, max: 10, default: 1, label: say("重み（ゲイン）", "weight (gain)") },
    links: { kind: "integer", min: 1, max: 12, default: 8, label: say("つなぐユニット数", "units in the chain") },
    bias: {
      kind: "choice",
      options: ["centred", "none"],
      default: "centred",
      label: say("バイアス", "bias"),
      help: say(
        "centred は、x = 0 のとき全ユニットの総入力が 0（微分が最大）になるバイアスです。",
        "With centred, the input of every unit is 0, where its slope is greatest, if x is 0.",
      ),
      names: { centred: say("中央に合わせる", "centred"), none: say("なし", "none") },
    },
  },
  probes: {
    slope: scalar("magnitude", say("入力 x での全体の微分", "slope of the chain at x")),
    greatest: scalar("magnitude", say("全体の微分の最大値", "greatest slope of the chain")),
    peak: scalar("magnitude", say("ユニット 1 つの微分の最大値", "greatest slope of one unit")),
    ends: {
      form: "bars",
      kind: "magnitude",
      label: say("ユニット 1 つの微分（両端と中央）", "slope of one unit, at its ends and middle"),
    },
    factors: {
      form: "bars",
      kind: "magnitude",
      label: say("各ユニットの微分（重み込み）", "slope of each unit, with its weight"),
    },
    products: { form: "bars", kind: "magnitude", label: say("出力側から掛けた積", "product, from the output") },
    unit: { form: "curves", kind: "signed", label: say("ユニット 1 つの出力と微分", "one unit: output and slope") },
    chain: { form: "curves", kind: "signed", label: say("全体の出力", "output of the chain") },
    chainSlope: { form: "curves", kind: "magnitude", label: say("全体の微分", "slope of the chain") },
  },
  lanes: {
    sigmoid: { label: names.sigmoid, values: { activation: "sigmoid" } },
    relu: { label: say("ReLU", "ReLU"), values: { activation: "relu" } },
  },
  presets: {
    works: {
      label: say("ゲイン 4", "A gain of 4"),
      why: say(
        "重みがちょうど 4 なら 0.25 × 4 = 1。x = 0 では消えません。",
        "With a weight of just 4, 0.25 × 4 = 1: nothing vanishes at x = 0.",
      ),
      values: { gain: 4, x: 0 },
    },
    breaks: {
      label: say("両端", "At the end"),
      why: say(
        "x = 8 では、最初のユニットだけで 3000 分の 1 になります。",
        "At x = 8 the first unit alone leaves 1/3000.",
      ),
      values: { x: 8 },
    },
  },
  setup({ activation, x, gain, links, bias }) {
    const f = (u: Tensor): Tensor => u[activation]();
    const [at, sweep] = [tensor([x]), tensor(spaced(-8, 8, 321))];
    return {
      steps: 0,
      async look() {
        const [middle] = await f(tensor([0])).data();
        const link =
          (i: number) =>
          (h: Tensor): Tensor =>
            f(h.mul(gain).sub(i > 0 && bias === "centred" ? gain * middle : 0));
        const chain =
          (from: number) =>
          (h: Tensor): Tensor =>
            Array.from({ length: links - from }, (_, i) => link(from + i)).reduce((y, one) => one(y), h);
        const [factors, products]: number[][] = [[], []];
        for (let [i, h] = [0, at]; i < links; h = link(i++)(h)) {
          factors.push(await slopeOf(link(i), h).item());
          products.push(await slopeOf(chain(i), h).item());
        }
        const places = await sweep.data();
        const [output, slopes] = [await chain(0)(sweep).data(), await slopeOf(chain(0), sweep).data()];
        const [unit, unitSlopes] = [await f(sweep).data(), await slopeOf(f, sweep).data()];
        const numbered = factors.map((_, i) => say(`${i + 1} 番目`, `unit ${i + 1}`));
        return {
          slope: products[0],
          greatest: Math.max(...slopes),
          peak: Math.max(...unitSlopes),
          ends: { names: ["−8", "0", "8"], values: [0, 160, 320].map((i) => unitSlopes[i]) },
          factors: { names: numbered, values: factors },
          products: { names: numbered, values: products },
          unit: [
            { name: "f(u)", x: places, y: unit },
            { name: "f′(u)", x: places, y: unitSlopes },
            { name: "x", x: [x], y: await f(at).data(), dots: true },
          ],
          chain: [
            { name: "f(f(…f(x)))", x: places, y: output },
            { name: "x", x: [x], y: await chain(0)(at).data(), dots: true },
          ],
          chainSlope: [{ name: "d/dx", x: places, y: slopes }],
        };
      },
    };
  },
  claims: {
    vanishes: {
      sentence: say(
        "シグモイド関数：両端で出力の変化が微小で勾配消失問題が起こる",
        "Sigmoid: its output hardly changes at both ends, so that gradients vanish.",
      ),
      predictions: [
        say("1/10 より多く伝わる", "more than a tenth"),
        say("1/10 から 1/1000 のあいだ", "from a tenth to a thousandth"),
        say("1/1000 より小さい", "less than a thousandth"),
      ],
      verdict(run) {
        const [lane, other] = [run.lane("sigmoid"), run.lane("relu")];
        const [low, middle, high] = Array.from(lane.last("ends").values);
        const [slope, { links }] = [lane.last("slope"), lane.values];
        const isFlat = Math.max(low, high) < 0.01 * middle;
        return {
          outcome: isFlat && slope < 1e-3 ? "holds" : isFlat ? "depends" : "fails",
          prediction: slope > 0.1 ? 0 : slope > 1e-3 ? 1 : 2,
          because: say(
            `1 つのユニットの微分は中央で ${show(middle)}、両端で ${show(high)}。${links} 個つなぐと ${show(slope)}（最大でも ${show(lane.last("greatest"))}）、比較のレーンでは ${show(other.last("slope"))} でした。`,
            `One unit's slope is ${show(middle)} in the middle and ${show(high)} at the ends. A chain of ${links} leaves ${show(slope)}, and ${show(lane.last("greatest"))} at best; the other lane ${show(other.last("slope"))}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "sigmoid.peak": [0.2499, 0.2501],
      "sigmoid.greatest": [1.52e-5, 1.53e-5],
      "sigmoid.slope": [1e-5, 1.4e-5],
      "sigmoid.ends.2": [3.3e-4, 3.4e-4],
      "relu.slope": [1, 1],
    },
    verdicts: { vanishes: "holds" },
  },
});
