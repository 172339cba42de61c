/** 2.9 Adam. */
import changeSource from "source:src/optim/adam.ts#change";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "あだむ adam moments bias correction",
  intro: [
    say(
      "Adam は、モメンタム（勾配の移動平均 m）と RMSProp（2 乗の移動平均 v）を合わせたものです。",
      "Adam joins momentum, a running mean m of gradients, with RMSProp, a running mean v of squares.",
    ),
    say(
      "はじめの m と v は 0 に偏っているので、バイアス補正で割り戻します。",
      "At first both lean towards 0; the correction of that bias divides it out.",
    ),
  ],
  todo: say(
    "5 つの手法の競走を見てください。バイアス補正を切ると、最初の数歩が変わります。",
    "Watch five methods race. Without the correction the first steps differ.",
  ),
  happened(seen) {
    return [
      say(
        `正解率は、SGD ${livePercent(seen.number("sgd", "accuracy"))}、モメンタム ${livePercent(seen.number("momentum", "accuracy"))}、AdaGrad ${livePercent(seen.number("adagrad", "accuracy"))}、RMSProp ${livePercent(seen.number("rmsprop", "accuracy"))}、Adam ${livePercent(seen.number("adam", "accuracy"))} です。`,
        `Accuracy: SGD ${livePercent(seen.number("sgd", "accuracy"))}, momentum ${livePercent(seen.number("momentum", "accuracy"))}, AdaGrad ${livePercent(seen.number("adagrad", "accuracy"))}, RMSProp ${livePercent(seen.number("rmsprop", "accuracy"))}, Adam ${livePercent(seen.number("adam", "accuracy"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\hat{\mathbf{m}} = \frac{\htmlData{probe=m}{\mathbf{m}}}{1-\beta_1^t}, \quad \hat{\mathbf{v}} = \frac{\htmlData{probe=v}{\mathbf{v}}}{1-\beta_2^t}, \qquad \mathbf{w} \leftarrow \mathbf{w} - \eta\,\frac{\hat{\mathbf{m}}}{\sqrt{\hat{\mathbf{v}}} + \epsilon}`,
      spoken: say(
        "補正した m を、補正した v の平方根で割って動く。",
        "Move by the corrected m over the root of the corrected v.",
      ),
    },
  ],
  sources: [changeSource],
  fillIn: {
    prompt: say("1 歩目（t = 1）の、補正した m を求めてください。", "Compute the corrected m of the first step."),
    before: "const mHat = ",
    after: ";",
    hint: say("m ÷（1 − β₁）", "m over (1 − β₁)"),
    expected: "m / (1 - beta1)",
    given: { m: [0.05, -0.1], beta1: 0.9 },
  },
  notShown: say(
    "最終的な汎化性能でいつも最良とは限りません。",
    "It is not always best in the end on data that was not seen.",
  ),
  related: ["momentum", "rmsprop"],
};
