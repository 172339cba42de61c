/**
 * 1.9 A sigmoid at the output gives a probability of one of two classes, to put a threshold on. It is the softmax of two
 * logits of which one stays 0: a network learns the very same with either, as the lanes do. That is
 * judged: by the largest difference between their probabilities anywhere in the plane.
 */
import { binaryCrossEntropyWithLogits, cat, crossEntropy, type Tensor, zerosLike } from "../../index.ts";
import { MLP } from "../../models/index.ts";
import { Tanh } from "../../nn/index.ts";
import { Adam } from "../../optim/index.ts";
import { defineExperiment, type Experiment } from "../experiment.ts";
import { flat, ratesAt, rocOf, unequalMoons } from "../parts/binary-task.ts";
import { rateParam, stepsParam, untested } from "../parts/common.ts";
import { choiceParam, lanesBy, listParam, numberParam } from "../parts/params.ts";
import { mapOf, square } from "../parts/plane.ts";
import { axes, curves, map, scalar } from "../parts/probes.ts";
import { learner } from "../parts/supervised.ts";
import { undecided } from "../parts/verdicts.ts";
import { percent, say, show } from "../text.ts";

const outputs = {
  sigmoid: say("シグモイド 1 つ", "one sigmoid"),
  softmax: say("ソフトマックス 2 つ", "a softmax of two"),
};
const lanes = lanesBy("output", outputs);
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
    output: choiceParam("sigmoid", say("出力", "output"), outputs),
    threshold: numberParam(0.5, say("しきい値", "threshold"), { min: 0.01, max: 0.99, hot: true }),
    part: numberParam(1, say("クラス 1 を残す割合", "part of class 1 that is kept"), { min: 0.05, max: 1 }),
    hidden: listParam([8, 8], say("隠れ層のユニット数", "units of the hidden layers"), { min: 1, max: 64 }),
    lr: rateParam(0.02, 1),
    steps: stepsParam(200, 2000),
  },
  probes: {
    territory: map("probability", say("クラス 1 の確率", "probability of class 1"), { axes: axes.plane }),
    roc: curves("probability", say("ROC 曲線", "ROC curve"), {
      axes: [say("偽陽性率", "false positive rate"), say("真陽性率", "true positive rate")],
    }),
    loss: scalar("magnitude", say("損失", "loss")),
    accuracy: scalar("probability", say("正解率（いまのしきい値）", "accuracy at this threshold")),
    found: scalar("probability", say("真陽性率（クラス 1 を見つけた割合）", "true positive rate: of class 1, found")),
    falseAlarms: scalar("probability", say("偽陽性率（誤報の割合）", "false positive rate: false alarms")),
    mean: scalar("probability", say("確率の平均", "mean probability")),
  },
  lanes,
  presets: {
    course: {
      label: say("講座の 2 値分類 2-3-1", "The course's two classes: 2-3-1"),
      why: say(
        "隠れユニット 3 個でも、2 つの出力は同じ確率を出します。",
        "With 3 hidden units too both outputs give the same probabilities.",
      ),
      values: { hidden: [3] },
    },
    "course-10-20": {
      label: say("講座の [try]：隠れ層を 10-20 に", "The course's [try]: hidden layers of 10 and 20"),
      why: say(
        "もっと広い隠れ層 2 つで学習しても、2 つの出力は同じ確率を出します。",
        "With two wider hidden layers, too, both outputs give the same probabilities.",
      ),
      values: { hidden: [10, 20] },
    },
    works: {
      label: say("しきい値 0.5", "Threshold 0.5"),
      why: say("両クラスが同じ数なら 0.5 でよく分かれます。", "With equal classes 0.5 separates them well."),
      values: {},
    },
    breaks: {
      label: say("クラス 1 が少ないとき", "When class 1 is rare"),
      why: say(
        "20 ステップで正解率は 95 % を超えますが、クラス 1 は半分も見つかりません。",
        "After 20 steps accuracy is above 95 %, and less than half of class 1 is found.",
      ),
      values: { part: 0.05, steps: 20 },
    },
  },
  setup({ output, part, hidden, lr, steps }, { seed }) {
    const { examples, points } = unequalMoons(300, part, seed);
    const model = new MLP([2, ...hidden.map(Math.round), 1], { activation: () => new Tanh() });
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
        const unfit = untested(sigmoidOutput, run.lanes);
        if (unfit) return unfit;
        if (String(a.values.hidden) !== String(b.values.hidden))
          return undecided("2 つのネットワークの形が違います。", "The networks differ.");
        const [p, q] = [a, b].map((lane) => Array.from(lane.last("territory").values));
        const gap = Math.max(...p.map((v, i) => Math.abs(v - q[i])));
        const [right, other] = [a.last("accuracy"), b.last("accuracy")];
        const isSame = gap < 0.01; // rounding differs, and grows while they learn
        return {
          outcome: isSame ? "holds" : "fails",
          prediction: isSame ? 1 : other > right ? 0 : 2,
          because: say(
            `シグモイド 1 つで 2 クラスの確率が出ます。平面のどの点でも、ソフトマックスとの差は ${show(gap)} 以下。正解率は ${percent(right)} と ${percent(other)} でした。`,
            `One sigmoid gives the probabilities of two classes: nowhere in the plane are they more than ${show(gap)} from those of a softmax. Accuracies are ${percent(right)} and ${percent(other)}.`,
          ),
        };
      },
    },
  },
  expect: { bands: { "sigmoid.accuracy": [0.93, 1], "softmax.accuracy": [0.93, 1] }, verdicts: { same: "holds" } },
});
