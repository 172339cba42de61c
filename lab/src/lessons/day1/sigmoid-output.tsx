/** 1.9 The sigmoid as an output. */
import binaryCrossEntropyWithLogitsSource from "source:src/ops/loss.ts#binaryCrossEntropyWithLogits";
import { say } from "../../../../src/experiments/text.ts";
import { Threshold, thresholdCovers } from "../../widgets/threshold.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "しぐもいどしゅつりょく にちぶんるい binary classification threshold roc",
  intro: [
    say(
      "2 クラスの分類では、出力 1 つのシグモイドが「クラス 1 である確率」になります。",
      "With two classes, one sigmoid gives the probability of class 1.",
    ),
    say(
      "これは、片方のロジットを 0 に固定した 2 クラスのソフトマックスと同じ式です。",
      "It is the same as a softmax of two whose one logit stays 0.",
    ),
  ],
  todo: say(
    "▶ で学習した後、ROC 曲線の点をドラッグして、真陽性率（見つけた割合）と偽陽性率（誤報の割合）のかね合いを見てください。クラス 1 を減らすとどうなるでしょうか。",
    "Press ▶ to train; then drag the point of the ROC curve, and weigh true positives against false alarms. What if class 1 is rare?",
  ),
  happened(seen) {
    return [
      say(
        `正解率は ${livePercent(seen.number("sigmoid", "accuracy"))} と ${livePercent(seen.number("softmax", "accuracy"))}、確率の平均は ${live(seen.number("sigmoid", "mean"))} と ${live(seen.number("softmax", "mean"))} です。`,
        `Accuracies ${livePercent(seen.number("sigmoid", "accuracy"))} and ${livePercent(seen.number("softmax", "accuracy"))}; mean probabilities ${live(seen.number("sigmoid", "mean"))} and ${live(seen.number("softmax", "mean"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\sigma(z) = \frac{e^{z}}{e^{0} + e^{z}}`,
      spoken: say(
        "シグモイドは、ロジット 0 と z のソフトマックスの 2 番目。",
        "The sigmoid is the second of softmax over 0 and z.",
      ),
    },
  ],
  sources: [binaryCrossEntropyWithLogitsSource],
  fillIn: {
    prompt: say("確率 p をしきい値 0.5 でクラスに変えてください。", "Turn probabilities p into classes at 0.5."),
    before: "const label = ",
    after: ";",
    hint: say("p.gt(0.5)", "p.gt(0.5)"),
    expected: "p.gt(0.5)",
    given: { p: [0.2, 0.5, 0.9] },
  },
  notShown: say(
    "しきい値をどこに置くべきかは、見落としと誤報の損得で決まり、ここでは決まりません。",
    "Where the threshold belongs depends on what mistakes cost, which is not decided here.",
  ),
  related: ["softmax", "cross-entropy"],
  Extra: Threshold,
  covers: thresholdCovers,
};
