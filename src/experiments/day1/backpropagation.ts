/** 1.15 Backpropagation: one pass backwards gives every gradient; differences need two passes for each parameter. */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { scalar } from "../parts/probes.ts";
import { differenceAt, elementsOf, tableOf, tapeOf } from "../parts/tape.ts";
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
    hidden: { kind: "integer", min: 1, max: 40, default: 3, label: say("隠れ層のユニット数", "hidden units: 2-n-2") },
    h: {
      ...{ kind: "number", min: 1e-7, max: 1, default: 0.02, scale: "log", hot: true },
      label: say("数値微分でずらす幅 h", "by how much differences shift: h"),
    },
  },
  probes: {
    tape: {
      form: "table",
      kind: "signed",
      label: say("計算グラフを後ろから（値と勾配）", "the graph from its end: values and gradients"),
    },
    values: { form: "bars", kind: "signed", label: say("ノードの値", "values of the nodes") },
    gradients: {
      form: "bars",
      kind: "signed",
      label: say("ノードの勾配（逆伝播）", "gradients of the nodes, by backpropagation"),
    },
    numeric: { form: "bars", kind: "signed", label: say("勾配（数値微分）", "gradients by differences") },
    operations: {
      form: "bars",
      kind: "count",
      label: say("計算グラフのノードを計算した数", "nodes of the graph that were computed"),
    },
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
    const backward = tape.passes.forward + tape.passes.backward;
    const all = tape.parameters.flatMap((p) => Array.from({ length: p.numel() }, (_, index) => ({ p, index })));
    const exact = tape.parameters.flatMap((p) => nodes.find(({ name }) => name === p.label)?.gradient ?? []);
    const largest = Math.max(...exact.map(Math.abs));
    const names = all.map(({ p, index }) => `${p.label}[${index}]`);
    const numeric: number[] = [];
    const perStep = Math.ceil(all.length / nodes.length);
    let shown = 0;
    return {
      steps: nodes.length,
      async step({ h }, step) {
        shown = step;
        for (const { p, index } of all.slice(numeric.length, numeric.length + perStep)) {
          numeric.push(await differenceAt(tape, p, index, h));
        }
        const gap = Math.max(...numeric.map((v, i) => Math.abs(v - exact[i]))) / largest;
        return { known: step, gap, passes: tape.passes.forward - 1, backward };
      },
      async look() {
        const { forward, backward } = tape.graph;
        const computed = [(tape.passes.forward - 1) * forward, forward + backward];
        return {
          tape: tableOf(nodes, shown),
          values: elementsOf(nodes, (node) => node.value),
          gradients: elementsOf(nodes.slice(0, shown), (node) => node.gradient),
          operations: { names: [say("数値微分", "differences"), say("逆伝播", "backpropagation")], values: computed },
          ...(numeric.length > 0 ? { numeric: { names: names.slice(0, numeric.length), values: [...numeric] } } : {}),
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
        const isWhole = lane.has("gap") && lane.last("known") === lane.last("tape").rows.length;
        if (!isWhole) return undecided("まだすべては計算していません。", "Not all is computed yet.");
        const [passes, backward, gap] = [lane.last("passes"), lane.last("backward"), lane.last("gap")];
        const [differences, back] = Array.from(lane.last("operations").values);
        // Where the differences are wrong, the run cannot tell whether both compute the same.
        if (gap > 0.02)
          return undecided(`数値微分が ${percent(gap)} ずれています。`, `Differences are ${percent(gap)} off.`);
        return {
          outcome: back < differences ? "holds" : "fails",
          prediction: backward === 2 ? 1 : 0,
          because: say(
            `順伝播は、数値微分で ${show(passes)} 回、逆伝播では逆と合わせて ${show(backward)} 回。計算したノードは ${show(differences)} と ${show(back)} でした。`,
            `Differences took ${show(passes)} passes, backpropagation ${show(backward)}; nodes computed: ${show(differences)} and ${show(back)}.`,
          ),
        };
      },
    },
  },
  expect: {
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
