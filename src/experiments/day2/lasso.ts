/**
 * 2.12 L1 regularization, the lasso (Tibshirani 1996): a penalty of λΣ|w|, on a linear regression where 5 of 60 features matter.
 * Lanes: no penalty; the sign of weights as its gradient, as in textbooks; and soft thresholds (`softThreshold`), its proximal
 * step. The report only says what it is; judged is what it is for: weights that carry nothing become exactly 0.
 */
import { defineExperiment, type Experiment } from "../experiment.ts";
import { changed } from "../parts/common.ts";
import { LassoPath, lassoNames } from "../parts/lasso-path.ts";
import { overfitParams, overfitProbes, recipes } from "../parts/overfit-settings.ts";
import { overfitTask } from "../parts/overfit-task.ts";
import { choiceParam, integerParam, lanesBy, numberParam } from "../parts/params.ts";
import { curves, scalar } from "../parts/probes.ts";
import { sparseWorld } from "../parts/sparse-world.ts";
import { undecided } from "../parts/verdicts.ts";
import { say, show } from "../text.ts";

const { trainError, testError } = overfitProbes;
/** What passes for 0 at a glance: a fifth of lr · λ, the step by which the sign moves a weight to and fro. */
const small = 0.002;
/** How many weights at 0 are enough: fewer than half of the 55 that carry nothing. */
const enough = 20;

export const lasso: Experiment = defineExperiment({
  id: "lasso",
  row: "2.12",
  title: say("L1 正則化（ラッソ）", "L1 regularization (lasso)"),
  question: say(
    "60 個の特徴のうち 5 個だけが効くデータで、L1 は要らない重みを見つけられるでしょうか？",
    "Of 60 features 5 matter. Does L1 find out which weights are not needed?",
  ),
  params: {
    method: choiceParam("proximal", say("L1 の解き方", "how L1 is solved"), lassoNames),
    lambda: numberParam(0.2, say("罰則の強さ λ", "strength λ of the penalty"), { max: 3, hot: true }),
    useful: integerParam(5, say("効く特徴の数", "features that matter"), { max: 60 }),
    ...overfitParams(recipes.sparse),
  },
  probes: {
    weights: curves("signed", say("重みと真の値", "weights, and what they ought to be"), {
      axes: [say("特徴の番号", "feature"), say("重み", "weight")],
    }),
    path: curves("signed", say("λ を変えたときの重み", "weights for every strength"), {
      axes: [say("λ", "λ"), say("重み", "weight")],
    }),
    zeros: scalar("count", say("ちょうど 0 の重み", "weights that are exactly 0")),
    small: scalar("count", say("絶対値が 0.002 以下の重み", "weights within 0.002 of 0")),
    trainError,
    testError,
  },
  lanes: lanesBy("method", lassoNames),
  presets: {
    course: {
      label: say("講座の演習（数字 300 枚）", "The course's exercise: 300 digits"),
      why: say(
        "λ = 0.005、学習率 0.1。軟しきい値では重みの大半が 0 になりますが、正解率は上がりません。",
        "λ = 0.005 at a rate of 0.1: soft thresholds make most weights 0, and the accuracy does not rise.",
      ),
      values: { ...recipes.digits, lambda: 0.005, lr: 0.1 },
    },
    works: {
      label: say("効く特徴が 2 個", "Two features that matter"),
      why: say("少ないほど、L1 は得意です。", "The fewer there are, the better L1 does."),
      values: { useful: 2 },
    },
    breaks: {
      label: say("λ = 3", "λ = 3"),
      why: say("強すぎると、効く特徴まで 0 になります。", "Too strong, it makes even useful weights 0."),
      values: { lambda: 3 },
    },
    dense: {
      label: say("すべての特徴が効く", "Every feature matters"),
      why: say("捨ててよい特徴がなければ、L1 の利点はありません。", "With nothing to leave out, L1 has no advantage."),
      values: { useful: 60 },
    },
  },
  async setup(values, context) {
    const { method, world, useful, points, noise, steps } = values;
    const task = await overfitTask(values, context);
    const data = sparseWorld(context.seed, { useful, points, noise });
    const path = world === "sparse" ? new LassoPath(data) : null;
    return {
      steps,
      model: task.model,
      async step({ lr, lambda }, step) {
        await path?.step();
        const penalty = { none: {}, sign: { l1: lambda }, proximal: { proximal: lambda } }[method];
        return task.step(step, { lr, ...penalty });
      },
      async look() {
        const { error, output } = await task.measure();
        const { curve } = await task.picture(output);
        return {
          ...(curve && { weights: curve }),
          ...(path && { path: await path.lines(data.truth) }),
          zeros: await task.zeros(),
          small: await task.zeros(small),
          testError: error,
        };
      },
    };
  },
  claims: {
    sparse: {
      sentence: say(
        "L1正則化（ラッソ回帰）：p1ノルムを使った正則化",
        "L1 regularization (lasso): a penalty by the 1-norm.",
      ),
      predictions: [
        say("どちらの解き方でも、要らない重みは 0 になる", "both ways make useless weights 0"),
        say("軟しきい値だけが、重みをちょうど 0 にする", "only the soft threshold makes weights exactly 0"),
        say("どちらも 0 にはならない", "neither does"),
      ],
      verdict(run) {
        const [none, sign, proximal] = ["none", "sign", "proximal"].map((id) => run.lane(id));
        const isSparse = run.lanes.every((lane) => lane.values.world === "sparse");
        if (changed(lasso, run.lanes) || !isSparse || proximal.step === 0) {
          return undecided(
            "60 個の特徴を 3 つのレーンで学ぶと判定できます。",
            "It takes 60 features, and all three lanes.",
          );
        }
        const bySign = sign.last("zeros");
        const byThreshold = proximal.last("zeros");
        const near = sign.last("small");
        const errors = [none, sign, proximal].map((lane) => show(lane.last("testError")));
        const isBetter = proximal.last("testError") < none.last("testError");
        return {
          outcome: byThreshold <= enough || !isBetter ? "fails" : bySign > enough ? "holds" : "depends",
          prediction: byThreshold <= enough ? 2 : bySign > enough ? 0 : 1,
          because: say(
            `ちょうど 0 の重みは、劣勾配で ${bySign} 個（0.002 以下は ${near} 個）、軟しきい値で ${byThreshold} 個。新しいデータの誤差は、なし ${errors[0]}、劣勾配 ${errors[1]}、軟しきい値 ${errors[2]} でした。`,
            `Weights that are exactly 0: ${bySign} with sub-gradients (${near} within 0.002), ${byThreshold} with soft thresholds. Error on new examples: none ${errors[0]}, sub-gradients ${errors[1]}, soft thresholds ${errors[2]}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "none.testError": [2, 5],
      "proximal.testError": [0.2, 0.65],
      "proximal.zeros": [40, 52],
      "sign.zeros": [0, 1],
      "sign.small": [6, 20],
    },
    verdicts: { sparse: "depends" },
  },
});
