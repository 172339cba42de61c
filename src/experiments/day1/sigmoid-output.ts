/** 1.9 A sigmoid at the output is a softmax of two classes, and gives a probability to put a threshold on. */
import { binaryCrossEntropyWithLogits, cat, crossEntropy, type Tensor, zerosLike } from "../../index.ts";
import { MLP } from "../../models/index.ts";
import { Tanh } from "../../nn/index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { flat, ratesAt, rocOf, unequalMoons } from "../parts/binary-task.ts";
import { rateParam, scalar, stepsParam } from "../parts/common.ts";
import { mapOf, square } from "../parts/plane.ts";
import { learner } from "../parts/supervised.ts";
import { percent, say, show } from "../text.ts";

const plane = square(-2.5, 3, 50);
/** One logit as two: that of class 0 stays 0. */
const asTwo = (z: Tensor): Tensor => cat([zerosLike(z), z], 1);

export const sigmoidOutput: Experiment = defineExperiment({
  id: "sigmoid-output",
  row: "1.9",
  title: say("シグモイド出力", "The sigmoid as an output"),
  question: say(
    "出力 1 つのシグモイドと、2 クラスのソフトマックスは違うものでしょうか？",
    "Is one sigmoid different from a softmax of two classes?",
  ),
  params: {
    output: {
      kind: "choice",
      options: ["sigmoid", "softmax"],
      default: "sigmoid",
      names: { sigmoid: say("シグモイド", "sigmoid"), softmax: say("2 クラスのソフトマックス", "softmax of two") },
      label: say("出力", "output"),
    },
    threshold: { kind: "number", min: 0.01, max: 0.99, default: 0.5, hot: true, label: say("しきい値", "threshold") },
    part: {
      kind: "number",
      min: 0.05,
      max: 1,
      default: 1,
      label: say("クラス 1 を残す割合", "part of class 1 that is kept"),
    },
    lr: rateParam(0.02, 1),
    steps: stepsParam(200, 2000),
  },
  probes: {
    territory: { form: "map", kind: "probability", label: say("クラス 1 の確率", "probability of class 1") },
    roc: {
      form: "curves",
      kind: "probability",
      label: say("ROC 曲線", "ROC curve"),
      axes: [say("誤報率", "false alarms"), say("発見率", "found")],
    },
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("正解率（いまのしきい値）", "accuracy at this threshold")),
    found: scalar("probability", say("クラス 1 の発見率", "of class 1, found")),
    falseAlarms: scalar("probability", say("誤報率", "false alarms")),
    mean: scalar("probability", say("確率の平均", "mean probability")),
  },
  lanes: {
    sigmoid: { label: say("シグモイド 1 つ", "one sigmoid"), values: { output: "sigmoid" } },
    softmax: { label: say("ソフトマックス 2 つ", "a softmax of two"), values: { output: "softmax" } },
  },
  presets: {
    works: {
      label: say("しきい値 0.5", "Threshold 0.5"),
      why: say("両クラスが同じ数なら 0.5 でよく分かれます。", "With equal classes 0.5 separates them well."),
      values: {},
    },
    breaks: {
      label: say("クラス 1 が少ないとき", "When class 1 is rare"),
      why: say(
        "正解率は高くても、クラス 1 の見落としが増えます。",
        "Accuracy stays high while more of class 1 is missed.",
      ),
      values: { part: 0.05 },
    },
  },
  setup({ output, part, lr, steps }, { seed }) {
    const { examples, points } = unequalMoons(300, part, seed);
    const model = new MLP([2, 8, 8, 1], { activation: () => new Tanh() });
    const optimizer = new Adam(model.parameters(), { lr });
    const loss = (z: Tensor, y: Tensor): Tensor =>
      output === "sigmoid" ? binaryCrossEntropyWithLogits(z, y) : crossEntropy(asTwo(z), y.reshape([-1]).int());
    const learn = learner(model, optimizer, { loss });
    const probability = (x: Tensor): Tensor => {
      const z = model.forward(x);
      return output === "sigmoid" ? z.sigmoid() : asTwo(z).softmax(1).narrow(1, 1, 1);
    };
    return {
      steps,
      model,
      async step({ lr }) {
        optimizer.lr = lr;
        return { loss: (await learn(examples)).loss };
      },
      async look({ threshold }) {
        const p = await flat(probability(examples.x));
        return {
          territory: { ...mapOf(plane, await flat(probability(plane.places))), points },
          roc: rocOf(threshold, p, points),
          mean: p.reduce((a, b) => a + b, 0) / p.length,
          ...ratesAt(threshold, p, points),
        };
      },
    };
  },
  claims: {
    same: {
      sentence: say("出力層用の活性化関数：シグモイド関数", "Activations for the output layer: the sigmoid."),
      predictions: [
        say("2 つのソフトマックスのほうがよく分ける", "two outputs separate better"),
        say("どちらも同じ曲線になる", "both give the same curves"),
        say("シグモイドのほうがよく分ける", "the sigmoid separates better"),
      ],
      verdict(run) {
        const [a, b] = [run.lane("sigmoid"), run.lane("softmax")];
        if (b.step === 0)
          return { outcome: "undecided", because: say("まだ学習していません。", "Nothing was learnt yet.") };
        const [p, q] = [a.last("accuracy"), b.last("accuracy")];
        const gap = Math.abs(a.last("mean") - b.last("mean"));
        const isSame = gap < 0.01 && Math.abs(p - q) < 0.02;
        return {
          outcome: isSame && p > 0.8 ? "holds" : "depends",
          prediction: isSame ? 1 : q > p ? 0 : 2,
          because: say(
            `正解率は ${percent(p)} と ${percent(q)}、確率の平均の差は ${show(gap)} でした。`,
            `Accuracies are ${percent(p)} and ${percent(q)}; mean probabilities differ by ${show(gap)}.`,
          ),
        };
      },
    },
  },
  expect: { bands: { "sigmoid.accuracy": [0.93, 1], "softmax.accuracy": [0.93, 1] }, verdicts: { same: "holds" } },
});
