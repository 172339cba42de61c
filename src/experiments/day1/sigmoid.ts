/**
 * 1.5 What is left of a change after one sigmoid, whose slope is ¼ at most and next to 0 at its ends, and after a chain of
 * them, whose slopes multiply: at most ¼⁸ of it after eight. The claim is judged by the slope at its ends, as a part of
 * that in the middle, and by the slope of the chain.
 */
import { tensor } from "../../index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { activationNames, activationOf } from "../parts/activations.ts";
import { biasParam, chainOf } from "../parts/chain.ts";
import { changed } from "../parts/common.ts";
import { choiceParam, integerParam, numberParam } from "../parts/params.ts";
import { axes, bars, curves, scalar } from "../parts/probes.ts";
import { graphOf, linesOf, slopeOf } from "../parts/slopes.ts";
import { say, show } from "../text.ts";

/** As far as curves go, and as the ends of a sigmoid are from its middle. */
const reach = 8;

export const sigmoid: Experiment = defineExperiment({
  id: "sigmoid",
  row: "1.5",
  title: say("シグモイド関数", "The sigmoid function"),
  question: say(
    "シグモイドのユニットを 8 個つなぐと、入力の変化は出力に何分の 1 で伝わるでしょうか？",
    "Through a chain of eight sigmoid units, what part of a change of the input arrives at the output?",
  ),
  params: {
    activation: choiceParam("tanh", say("活性化関数", "activation"), activationNames),
    x: numberParam(1, say("入力 x", "input x"), { min: -reach, max: reach }),
    gain: numberParam(1, say("重み（ゲイン）", "weight (gain)"), { min: 0.1, max: 10 }),
    links: integerParam(8, say("つなぐユニット数", "units in the chain"), { min: 1, max: 12 }),
    bias: biasParam,
  },
  probes: {
    slope: scalar("magnitude", say("入力 x での全体の微分", "slope of the chain at x")),
    greatest: scalar("magnitude", say("全体の微分の最大値", "greatest slope of the chain")),
    peak: scalar("magnitude", say("ユニット 1 つの微分の最大値", "greatest slope of one unit")),
    ends: bars("magnitude", say("ユニット 1 つの微分（両端と中央）", "slope of one unit, at its ends and middle")),
    factors: bars("magnitude", say("各ユニットの微分（重み込み）", "slope of each unit, with its weight")),
    products: bars("magnitude", say("出力側から掛けた積", "product, from the output")),
    unit: curves("signed", say("ユニット 1 つの出力と微分", "one unit: output and slope"), { axes: axes.unit }),
    chain: curves("signed", say("全体の出力", "output of the chain"), { axes: axes.xy }),
    chainSlope: curves("magnitude", say("全体の微分", "slope of the chain"), { axes: axes.slopes }),
  },
  lanes: {
    sigmoid: { label: activationNames.sigmoid, values: { activation: "sigmoid" } },
    relu: { label: activationNames.relu, values: { activation: "relu" } },
    own: { label: say("選んだ関数（初期値は tanh）", "one to choose, tanh at first"), values: {} },
  },
  presets: {
    course: {
      label: say("講座の活性化関数：Swish", "The course's activations: swish"),
      why: say(
        "Swish も右側では微分が 1 に近く、8 個つないでもシグモイドのようには消えません。",
        "On the right swish has a slope near 1 too: through eight of them less is lost than through sigmoids.",
      ),
      values: { activation: "swish", x: 4 },
    },
    "course-leaky": {
      label: say("講座の活性化関数：Leaky ReLU", "The course's activations: leaky ReLU"),
      why: say(
        "x = −1 では、ReLU の微分は 0、Leaky ReLU は 0.1。ただし 8 個つなぐと 0.1⁸ しか残りません。",
        "At x = −1 the slope of ReLU is 0, that of a leaky ReLU 0.1; but eight of them leave no more than 0.1⁸.",
      ),
      values: { activation: "leaky", x: -1 },
    },
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
  setup: ({ activation, x, ...plan }) => ({
    steps: 0,
    async look() {
      const f = activationOf[activation];
      const one = await graphOf(f, reach);
      const ends = await slopeOf(f, tensor([-reach, 0, reach]))
        .abs()
        .data();
      const chain = await chainOf(f, x, plan);
      const names = chain.factors.map((_, i) => say(`${i + 1} 番目`, `unit ${i + 1}`));
      return {
        slope: chain.products[0],
        greatest: Math.max(...chain.graph.slope),
        peak: Math.max(...one.slope),
        ends: { names: ["−8", "0", "8"], values: ends },
        factors: { names, values: chain.factors },
        products: { names, values: chain.products },
        unit: [...linesOf(one), { name: "x", x: [x], y: [chain.first], dots: true }],
        chain: [
          { name: "f(f(…f(x)))", x: chain.graph.x, y: chain.graph.y },
          { name: "x", x: [x], y: [chain.last], dots: true },
        ],
        chainSlope: [{ name: "d/dx", x: chain.graph.x, y: chain.graph.slope.map(Math.abs) }],
      };
    },
  }),
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
        const lane = run.lane("sigmoid");
        const unfit = changed(sigmoid, [lane]);
        if (unfit) return unfit;
        const [low, middle, high] = Array.from(lane.last("ends").values);
        const isFlat = Math.max(low, high) < 0.01 * middle;
        const slope = lane.last("slope");
        return {
          outcome: isFlat && slope < 1e-3 ? "holds" : isFlat ? "depends" : "fails",
          prediction: slope > 0.1 ? 0 : slope > 1e-3 ? 1 : 2,
          because: say(
            `1 つのユニットの微分は中央で ${show(middle)}、両端で ${show(high)}。${lane.values.links} 個つなぐと ${show(slope)}（最大でも ${show(lane.last("greatest"))}）、比較のレーンでは ${show(run.lane("relu").last("slope"))} でした。`,
            `One unit's slope is ${show(middle)} in the middle and ${show(high)} at the ends. A chain of ${lane.values.links} leaves ${show(slope)}, and ${show(lane.last("greatest"))} at best; the other lane ${show(run.lane("relu").last("slope"))}.`,
          ),
        };
      },
    },
  },
  expect: {
    // ¼⁸ is 1.526e-5, and the slope at 8 is 3.35e-4.
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
