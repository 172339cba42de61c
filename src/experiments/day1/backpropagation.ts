/** 1.15 Backpropagation: one pass backwards gives every gradient; differences need two passes for each parameter. */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { scalar } from "../parts/common.ts";
import { differenceAt, type TapeNode, tapeOf } from "../parts/tape.ts";
import { say, show } from "../text.ts";

export const backpropagation: Experiment = defineExperiment({
  id: "backpropagation",
  row: "1.15",
  title: say("誤差逆伝播法", "Backpropagation"),
  question: say(
    "すべての重みの勾配を求めるのに、計算は何回必要でしょうか？",
    "How many passes does it take to find the gradient of every weight?",
  ),
  params: {
    hidden: {
      kind: "integer",
      min: 1,
      max: 40,
      default: 3,
      label: say("隠れ層のユニット数（2-n-3）", "hidden units: 2-n-3"),
    },
  },
  probes: {
    tape: {
      form: "table",
      kind: "signed",
      label: say("計算グラフを後ろから（値と勾配）", "the graph from its end: values and gradients"),
    },
    gradients: { form: "bars", kind: "signed", label: say("勾配（逆伝播）", "gradients by backpropagation") },
    numeric: { form: "bars", kind: "signed", label: say("勾配（数値微分）", "gradients by differences") },
    known: scalar("count", say("勾配が分かった値", "values whose gradient is known")),
    gap: scalar("magnitude", say("2 つの方法の差（最大）", "largest difference between both ways")),
    backward: scalar(
      "count",
      say("逆伝播に要した計算（順 1 + 逆 1）", "passes of backpropagation: one forward, one back"),
    ),
    passes: scalar("count", say("数値微分に要した順伝播", "forward passes that differences took")),
  },
  lanes: {
    small: { label: say("2-3-3", "2-3-3"), values: { hidden: 3 } },
    large: { label: say("2-20-3", "2-20-3"), values: { hidden: 20 } },
  },
  presets: {
    works: {
      label: say("講座の 2-3-2 に近い大きさ", "About the course's 2-3-2"),
      why: say("1 歩ずつ、後ろから勾配が現れます。", "Step by step, gradients appear from the end."),
      values: { hidden: 3 },
    },
    breaks: {
      label: say("もっと大きく", "Larger"),
      why: say("重みが増えるほど、数値微分の回数だけが増えます。", "More weights only make differences dearer."),
      values: { hidden: 40 },
    },
  },
  async setup({ hidden }) {
    const tape = tapeOf(hidden);
    const nodes = await tape.nodes();
    const all = tape.parameters.flatMap((p) => Array.from({ length: p.numel() }, (_, index) => ({ p, index })));
    const exact = tape.parameters.flatMap((p) => nodes.find(({ name }) => name === p.label)?.gradient ?? []);
    const names = all.map(({ p, index }) => `${p.label}[${index}]`);
    const numeric: number[] = [];
    const perStep = Math.ceil(all.length / nodes.length);
    let shown = 0;
    const row = ({ name, value, gradient }: TapeNode, isKnown: boolean): string[] => [
      name,
      value.slice(0, 4).map(show).join(", "),
      isKnown ? gradient.slice(0, 4).map(show).join(", ") : "…",
    ];
    return {
      steps: nodes.length,
      async step(_, step) {
        shown = step;
        for (const { p, index } of all.slice(numeric.length, numeric.length + perStep)) {
          numeric.push(await differenceAt(tape, p, index));
        }
        const gap = Math.max(...numeric.map((v, i) => Math.abs(v - exact[i])));
        return { known: step, gap, passes: 2 * numeric.length, backward: 2 };
      },
      async look() {
        return {
          tape: {
            head: [say("値", "value"), say("順伝播", "forward"), say("勾配 ∂E/∂", "gradient ∂E/∂")],
            rows: nodes.map((node, i) => row(node, i < shown)),
          },
          gradients: { names, values: exact },
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
        say("重みの数だけ計算がいる", "as many passes as there are weights"),
        say("重みの数によらず、順と逆の 1 回ずつ", "one pass each way, however many weights"),
      ],
      verdict(run) {
        const lanes = run.lanes.filter((lane) => lane.step > 0);
        if (lanes.length === 0)
          return { outcome: "undecided", because: say("まだ計算していません。", "Nothing was computed yet.") };
        const lane = lanes[lanes.length - 1];
        const [passes, gap] = [lane.last("passes"), lane.last("gap")];
        const isSame = gap < 2e-3;
        return {
          outcome: isSame && passes > lane.last("backward") ? "holds" : "fails",
          prediction: isSame ? 1 : 0,
          because: say(
            `数値微分は順伝播を ${show(passes)} 回、逆伝播は順と逆の 1 回ずつ。得られた勾配の差は最大 ${show(gap)} でした。`,
            `Differences took ${show(passes)} forward passes, backpropagation one each way. The gradients differ by ${show(gap)} at most.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: { "small.gap": [0, 2e-3], "large.gap": [0, 2e-3], "small.passes": [42, 42], "large.passes": [246, 246] },
    verdicts: { saves: "holds" },
  },
});
