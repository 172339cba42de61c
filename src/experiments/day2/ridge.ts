/**
 * 2.13 L2 regularization, ridge (`l2Penalty`): a penalty of λΣw² shrinks all weights together, and makes none of them 0. Four
 * lanes learn 15 noisy points of a sine at λ from 0 to 0.05. The claim is that it keeps weights in check; it is judged by their
 * mean size, and by whether the error on the truth is less at a weak λ than at none and at a strong one: a U.
 */
import { stack } from "../../index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed } from "../parts/common.ts";
import { layerNames } from "../parts/digit-network.ts";
import { overfitParams, overfitProbes, recipes } from "../parts/overfit-settings.ts";
import { overfitTask } from "../parts/overfit-task.ts";
import { numberParam } from "../parts/params.ts";
import { bars, scalar } from "../parts/probes.ts";
import { meanOf, undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

export const ridge: Experiment = defineExperiment({
  id: "ridge",
  row: "2.13",
  title: say("L2 正則化（リッジ）", "L2 regularization (ridge)"),
  question: say(
    "重みの 2 乗に罰則を課すと、真の曲線に近づくでしょうか？ 強くするほどよいのでしょうか？",
    "Does a penalty on the squares of weights bring the curve closer to the truth? The more, the better?",
  ),
  params: {
    l2: numberParam(0.01, say("罰則の強さ λ", "strength λ of the penalty"), { max: 1, scale: "log", hot: true }),
    ...overfitParams({ steps: 4000 }),
  },
  probes: {
    ...overfitProbes,
    weights: bars("magnitude", say("各層の重みの平均絶対値", "mean absolute weight of each layer")),
    zeros: scalar("count", say("ちょうど 0 の重み", "weights that are exactly 0")),
  },
  lanes: {
    none: { label: say("λ = 0", "λ = 0"), values: { l2: 0 } },
    weak: { label: say("λ = 0.003", "λ = 0.003"), values: { l2: 0.003 } },
    medium: { label: say("λ = 0.01", "λ = 0.01"), values: { l2: 0.01 } },
    strong: { label: say("λ = 0.05", "λ = 0.05"), values: { l2: 0.05 } },
  },
  presets: {
    course: {
      label: say("講座の演習（数字 300 枚）", "The course's exercise: 300 digits"),
      why: say(
        "講座の λ = 0.1 は、ここの 0.05 に当たります。学習データとの差は縮まりますが、正解率は下がります。",
        "The course's λ = 0.1 is 0.05 here: the gap to its own digits gets smaller, and the accuracy falls.",
      ),
      values: recipes.digits,
    },
    sparse: {
      label: say("60 個の特徴", "60 features"),
      why: say(
        "55 個の特徴は何にも効かないデータです。L2 はそれらの重みを 0 にせず、誤差は少ししか減りません。",
        "55 of the features matter for nothing. L2 makes none of their weights 0, and the error falls a little only.",
      ),
      values: recipes.sparse,
    },
    works: {
      label: say("弱い罰則", "A weak penalty"),
      why: say(
        "λ = 0.003 と 0.01 では、罰則なしより真の曲線に近づきます。",
        "At λ = 0.003 and 0.01 the curve is closer to the truth than without.",
      ),
      values: {},
    },
    breaks: {
      label: say("データが多いとき", "With many points"),
      why: say(
        "点が 300 個あれば罰則なしでも真の曲線に近く、強い罰則は邪魔なだけです。",
        "With 300 points it is near the truth without any, and a strong penalty only harms.",
      ),
      values: { points: 300 },
    },
  },
  async setup(values, context) {
    const task = await overfitTask(values, context);
    const { model, weights } = task;
    return {
      steps: values.steps,
      model,
      step: ({ lr, l2 }, step) => task.step(step, { lr, l2 }),
      async look() {
        const { output, error } = await task.measure();
        return {
          ...(await task.picture(output)),
          testError: error,
          weights: {
            names: layerNames(weights.length),
            values: await stack(weights.map((w) => w.abs().mean())).data(),
          },
          zeros: await task.zeros(),
        };
      },
    };
  },
  claims: {
    restrains: {
      sentence: say(
        "誤差に正則化項を加算することで重みを抑制する",
        "A term added to the error keeps weights in check.",
      ),
      predictions: [
        say("強くするほど、真の曲線に近づく", "the stronger, the closer to the truth"),
        say("弱い罰則はよく、強すぎると悪くなる（U 字）", "a weak one helps, a strong one harms: a U"),
        say("どの強さでも悪くなる", "it harms at any strength"),
      ],
      verdict(run) {
        const { lanes } = run;
        if (changed(ridge, lanes) || lanes.some(({ step }) => step === 0)) {
          return undecided("どのレーンも学習すると判定できます。", "It takes all lanes, and steps.");
        }
        const errors = lanes.map((lane) => lane.last("testError"));
        const [none, weak, medium, strong] = errors;
        const [freeSize, strongSize] = [lanes[0], lanes[3]].map((lane) => meanOf(lane.last("weights")));
        const isHelped = Math.min(weak, medium) < none;
        const isU = isHelped && Math.min(weak, medium) < strong;
        return {
          outcome: strongSize >= freeSize ? "fails" : isU ? "holds" : "depends",
          prediction: isU ? 1 : isHelped ? 0 : 2,
          because: say(
            `新しいデータの誤差は、λ の小さい順に ${errors.map(show).join("、")}。重みの平均絶対値は、λ = 0 で ${show(freeSize)}、最も強い λ で ${show(strongSize)} でした。`,
            `Error on new data, from λ = 0 to the strongest: ${errors.map(show).join(", ")}. The mean absolute weight was ${show(freeSize)} at λ = 0 and ${show(strongSize)} at the strongest.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "none.testError": [0.1, 0.7],
      "weak.testError": [0.02, 0.25],
      "medium.testError": [0.03, 0.15],
      "strong.testError": [0.14, 0.4],
      "none.weights.1": [0.12, 0.25],
      "strong.weights.1": [0, 0.003],
      "strong.zeros": [0, 3],
    },
    verdicts: { restrains: "holds" },
  },
});
