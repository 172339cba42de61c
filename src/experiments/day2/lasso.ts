/** 2.12 L1 (lasso): weights that carry nothing become exactly 0, if the step is the right one. */
import { mseLoss, Parameter, type Tensor, tensor, zeros } from "../../index.ts";
import { Linear } from "../../nn/index.ts";
import { l1Penalty, SGD, softThreshold } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { LassoPath, sparseWorld } from "../parts/lasso-path.ts";
import { learner } from "../parts/supervised.ts";
import { say, show } from "../text.ts";

export const lasso: Experiment = defineExperiment({
  id: "lasso",
  row: "2.12",
  title: say("L1 正則化（ラッソ）", "L1 regularization (lasso)"),
  question: say(
    "60 個の特徴のうち 5 個だけが効くデータで、L1 は要らない重みを見つけられるでしょうか？",
    "Of 60 features 5 matter. Does L1 find out which weights are not needed?",
  ),
  params: {
    method: {
      kind: "choice",
      options: ["none", "sign", "proximal"],
      default: "proximal",
      names: {
        none: say("なし", "none"),
        sign: say("符号の劣勾配（教科書）", "sub-gradient: the sign, as in textbooks"),
        proximal: say("軟しきい値（近接勾配）", "soft threshold: the proximal step"),
      },
      label: say("L1 の解き方", "how L1 is solved"),
    },
    lambda: {
      ...{ kind: "number", min: 0, max: 3, default: 0.2, hot: true },
      label: say("罰の強さ λ", "strength λ of the penalty"),
    },
    useful: { kind: "integer", min: 0, max: 60, default: 5, label: say("効く特徴の数", "features that matter") },
    points: { kind: "integer", min: 10, max: 500, default: 50, label: say("学習データの数", "examples to learn from") },
    lr: rateParam(0.05, 1),
    steps: stepsParam(2000),
  },
  probes: {
    weights: {
      form: "curves",
      kind: "signed",
      label: say("重みと真の値", "weights, and what they ought to be"),
      axes: [say("特徴の番号", "feature"), say("重み", "weight")],
    },
    path: {
      ...{ form: "curves", kind: "signed", label: say("λ を変えたときの重み", "weights for every strength") },
      axes: [say("λ", "λ"), say("重み", "weight")],
    },
    zeros: scalar("count", say("ちょうど 0 の重み", "weights that are exactly 0")),
    trainError: scalar("magnitude", say("学習データの誤差（MSE）", "error on its examples (MSE)")),
    testError: scalar("magnitude", say("新しいデータの誤差（MSE）", "error on new examples (MSE)")),
  },
  lanes: {
    none: { label: say("正則化なし", "no penalty"), values: { method: "none" } },
    sign: { label: say("符号の劣勾配", "sub-gradient"), values: { method: "sign" } },
    proximal: { label: say("軟しきい値", "soft threshold"), values: { method: "proximal" } },
  },
  presets: {
    works: {
      label: say("λ = 0.2", "λ = 0.2"),
      why: say("効く特徴だけが残ります。", "Only what matters is left."),
      values: {},
    },
    breaks: {
      label: say("λ = 3", "λ = 3"),
      why: say("強すぎると、効く特徴まで 0 になります。", "Too strong, it makes even useful weights 0."),
      values: { lambda: 3 },
    },
  },
  setup({ method, useful, points, lr, steps }, { seed }) {
    const world = sparseWorld(seed, { useful, points });
    const { features, truth, train, test } = world;
    const model = new Linear(features, 1, { bias: false });
    model.weight.assign(zeros([1, features]));
    const optimizer = new SGD(model.parameters(), { lr });
    const strength = new Parameter(tensor(0), { label: "lambda", requiresGrad: false });
    const penalty = (): Tensor => l1Penalty([model.weight]).mul(strength);
    const loss = (output: Tensor, target: Tensor): Tensor =>
      method === "sign" ? mseLoss(output, target).add(penalty()) : mseLoss(output, target);
    const learn = learner(model, optimizer, { loss, probe: (output, target) => [mseLoss(output, target)] });
    const path = new LassoPath(world);
    const places = Array.from({ length: features }, (_, i) => i + 1);
    return {
      steps,
      model,
      async step({ lr, lambda }) {
        optimizer.lr = lr;
        strength.assign(tensor(lambda));
        const trainError = (await learn(train)).probed[0];
        // The proximal step of λ|w|, after the gradient's (Daubechies et al. 2004).
        if (method === "proximal") model.weight.assign(softThreshold(model.weight, lr * lambda));
        await path.step();
        return { trainError };
      },
      async look() {
        const weights = (await model.weight.data()) as Float32Array;
        return {
          weights: [
            { name: say("真の値", "truth"), x: places, y: truth },
            { name: say("学んだ重み", "learnt"), x: places, y: weights, dots: true },
          ],
          path: await path.lines(truth),
          zeros: weights.filter((w) => w === 0).length,
          testError: await mseLoss(model.forward(test.x), test.y).item(),
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
        if (proximal.step === 0) {
          return { outcome: "undecided", because: say("まだ学習していません。", "Nothing was learnt yet.") };
        }
        const [a, b] = [sign.last("zeros"), proximal.last("zeros")];
        const errors = [none, sign, proximal].map((lane) => show(lane.last("testError")));
        const isBetter = proximal.last("testError") < none.last("testError");
        return {
          outcome: b > 20 && isBetter ? (a > 20 ? "holds" : "depends") : "fails",
          prediction: b <= 20 ? 2 : a > 20 ? 0 : 1,
          because: say(
            `ちょうど 0 の重みは、劣勾配で ${a} 個、軟しきい値で ${b} 個。新しいデータの誤差は、なし ${errors[0]}、劣勾配 ${errors[1]}、軟しきい値 ${errors[2]} でした。`,
            `Exactly 0 are ${a} weights by sub-gradients, ${b} by soft thresholds. Error on new examples: none ${errors[0]}, sub-gradients ${errors[1]}, soft thresholds ${errors[2]}.`,
          ),
        };
      },
    },
  },
  expect: {
    bands: {
      "none.testError": [2, 9],
      "proximal.testError": [0, 0.9],
      "proximal.zeros": [35, 55],
      "sign.zeros": [0, 12],
    },
    verdicts: { sparse: "depends" },
  },
});
