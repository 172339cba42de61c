/**
 * 1.15 Backpropagation: one pass from the error back to the input gives the gradients of all weights, by the chain rule
 * (Rumelhart, Hinton & Williams 1986). Differences find the same by two passes forward for each weight. The claim
 * is that this saves computation; it is judged by the nodes of the graph that either way computes, of 17 weights and of 102.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { integerParam, numberParam } from "../parts/params.ts";
import { bars, scalar, table } from "../parts/probes.ts";
import { differenceAt, elementsOf, tableOf, tapeOf, weightsOf } from "../parts/tape.ts";
import { undecided } from "../parts/verdicts.ts";
import { percent, say, show } from "../text.ts";

export const backpropagation: Experiment = defineExperiment({
  id: "backpropagation",
  row: "1.15",
  title: say("誤差逆伝播法", "Backpropagation"),
  question: say(
    "すべての重みの勾配を求めるのに、計算は何回必要でしょうか？",
    "How many passes does it take to find the gradient of every weight?",
  ),
  params: {
    hidden: integerParam(3, say("隠れ層のユニット数", "hidden units: 2-n-2"), { min: 1, max: 40 }),
    h: numberParam(0.02, say("数値微分でずらす幅 h", "by how much differences shift: h"), {
      min: 1e-7,
      max: 1,
      scale: "log",
      hot: true,
    }),
  },
  probes: {
    tape: table("signed", say("計算グラフを後ろから（値と勾配）", "the graph from its end: values and gradients")),
    values: bars("signed", say("ノードの値", "values of the nodes")),
    gradients: bars("signed", say("ノードの勾配（逆伝播）", "gradients of the nodes, by backpropagation")),
    numeric: bars("signed", say("勾配（数値微分）", "gradients by differences")),
    operations: bars("count", say("計算グラフのノードを計算した数", "nodes of the graph that were computed")),
    known: scalar("count", say("勾配が分かった値", "values whose gradient is known")),
    gap: scalar(
      "magnitude",
      say("2 つの方法の差（最大の勾配に対して）", "how far apart both are, of the largest gradient"),
    ),
    backward: scalar("count", say("逆伝播に要した計算（順と逆）", "passes of backpropagation, forward and back")),
    passes: scalar("count", say("数値微分に要した順伝播", "forward passes that differences took")),
  },
  lanes: {
    small: { label: say("2-3-2", "2-3-2"), values: { hidden: 3 } },
    large: { label: say("2-20-2", "2-20-2"), values: { hidden: 20 } },
  },
  presets: {
    course: {
      label: say("講座の 2-3-2", "The course's 2-3-2"),
      why: say(
        "「2-3-2」のレーンが講座と同じ大きさです。1 歩ずつ、後ろから勾配が現れます。",
        "The lane 2-3-2 is as large; gradients appear from the end, a step at a time.",
      ),
      values: {},
    },
    works: {
      label: say("ほどよい幅", "A width that is right"),
      why: say("h = 0.01 なら、2 つの方法の勾配はよく一致します。", "With h at 0.01 both ways agree closely."),
      values: { h: 0.01 },
    },
    breaks: {
      label: say("小さすぎる幅", "Too small a width"),
      why: say("h が 10⁻⁶ では、数値微分が丸め誤差に埋もれます。", "At h = 1e-6 differences drown in rounding."),
      values: { h: 1e-6 },
    },
  },
  async setup({ hidden }) {
    const tape = tapeOf(hidden);
    const nodes = await tape.nodes();
    const weights = weightsOf(tape, nodes);
    const largest = Math.max(...weights.map(({ gradient }) => Math.abs(gradient)));
    const perStep = Math.ceil(weights.length / nodes.length); // so that differences end with the way back
    const numeric: number[] = [];
    let known = 0;
    return {
      steps: nodes.length,
      async step({ h }, step) {
        known = step;
        for (const weight of weights.slice(numeric.length, numeric.length + perStep)) {
          numeric.push(await differenceAt(tape, weight, h));
        }
        const gap = Math.max(...numeric.map((slope, i) => Math.abs(slope - weights[i].gradient))) / largest;
        return { known, gap, passes: tape.passes.differences, backward: tape.passes.backpropagation };
      },
      async look() {
        const { forward, backward } = tape.graph;
        const names = weights.slice(0, numeric.length).map(({ name }) => name);
        return {
          tape: tableOf(nodes, known),
          values: elementsOf(nodes, (node) => node.value),
          gradients: elementsOf(nodes.slice(0, known), (node) => node.gradient),
          operations: {
            names: [say("数値微分", "differences"), say("逆伝播", "backpropagation")],
            values: [tape.passes.differences * forward, forward + backward],
          },
          ...(numeric.length > 0 ? { numeric: { names, values: [...numeric] } } : {}),
        };
      },
    };
  },
  claims: {
    saves: {
      sentence: say(
        "誤差を出力側〜入力側へ順に微分し、伝播する。計算量を減らすことができる。",
        "The error is differentiated from the output to the input, and passed on. This saves computation.",
      ),
      predictions: [
        say("重みが増えると、逆伝播の回数も増える", "more weights need more passes back"),
        say("重みの数によらず、順と逆の 1 回ずつ", "one pass each way, however many weights"),
      ],
      verdict(run) {
        const lane = run.lane("large");
        const { rows } = lane.last("tape");
        if (!lane.has("gap") || lane.last("known") < rows.length)
          return undecided("まだすべては計算していません。", "Not all is computed yet.");
        const [passes, backward, gap] = [lane.last("passes"), lane.last("backward"), lane.last("gap")];
        // Where the differences are wrong, the run cannot tell whether both compute the same.
        if (gap > 0.02)
          return undecided(`数値微分が ${percent(gap)} ずれています。`, `Differences are ${percent(gap)} off.`);
        const [differences, back] = Array.from(lane.last("operations").values);
        const isAlike = run.lane("small").last("operations").values[1] === back; // with a fraction of the weights
        const [first, last] = [rows[0][0], rows[rows.length - 1][0]];
        return {
          outcome: back < differences ? "holds" : "fails",
          prediction: backward === 2 && isAlike ? 1 : 0,
          because: say(
            `勾配は ${first} から ${last} へ順に分かり、順伝播と逆伝播を合わせて ${show(backward)} 回で済みました。数値微分では順伝播が ${show(passes)} 回。計算したノードは ${show(back)} と ${show(differences)} です。`,
            `Gradients came from ${first} to ${last}, by ${show(backward)} passes in all; differences took ${show(passes)}. Nodes computed: ${show(back)} and ${show(differences)}.`,
          ),
        };
      },
    },
  },
  expect: {
    // 2-3-2 has 17 weights and biases, 2-20-2 has 102.
    bands: {
      "small.gap": [0, 2e-3],
      "large.gap": [0, 2e-3],
      "small.passes": [34, 34],
      "large.passes": [204, 204],
      "large.backward": [2, 2],
    },
    verdicts: { saves: "holds" },
  },
});
