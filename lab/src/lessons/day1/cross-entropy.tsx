/** 1.11 Cross-entropy. */
import crossEntropySource from "source:src/ops/loss.ts#crossEntropy";
import nllLossSource from "source:src/ops/loss.ts#nllLoss";
import { say } from "../../../../src/experiments/text.ts";
import { LossShapes } from "../../widgets/loss-shapes.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "こうさえんとろぴー くろすえんとろぴー cross entropy loss classification",
  intro: [
    say(
      "交差エントロピーは、正解のクラスに与えた確率の対数にマイナスを付けたものです。",
      "Cross-entropy is minus the logarithm of the probability that the right class was given.",
    ),
    say(
      "出力にシグモイドを使うと、2 つの誤差は、自信満々に間違えたところでの勾配が違います。",
      "With a sigmoid at the output the two losses differ in their gradients where the network is surely wrong.",
    ),
  ],
  todo: say(
    "縦線をドラッグして自信満々の間違いから始め、▶ で 2 つの点の動きを比べてください。",
    "Drag the upright line to a start that is surely wrong, press ▶, and compare how both dots move.",
  ),
  happened(seen) {
    return [
      say(
        `正解率 90 % まで、二乗誤差は ${live(seen.number("mse", "recovered"))}、交差エントロピーは ${live(seen.number("ce", "recovered"))} ステップでした。自信満々に間違えたとき、シグモイドを通した二乗誤差の勾配はほぼ 0 になりますが、交差エントロピーの勾配は「予測 − 正解」のままです。`,
        `To 90 % accuracy: squared error ${live(seen.number("mse", "recovered"))} steps, cross-entropy ${live(seen.number("ce", "recovered"))}. When it is surely wrong, the squared error of a sigmoid has next to no gradient; cross-entropy's is prediction minus truth.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`E = -\sum_k d_k \log y_k, \qquad \htmlData{probe=gradient}{\frac{\partial E}{\partial z} = y - d}`,
      spoken: say(
        "誤差は正解の確率の対数のマイナス。ロジットでの勾配は予測引く正解。",
        "Minus the log of the right probability; its gradient with respect to the logit is prediction minus truth.",
      ),
    },
  ],
  sources: [crossEntropySource, nllLossSource],
  fillIn: {
    prompt: say(
      "ロジットに対する勾配を、予測 y と正解 d で書いてください。",
      "Write the gradient with respect to the logit, from prediction y and truth d.",
    ),
    before: "const delta = ",
    after: ";",
    hint: say("とても短い式です。", "It is very short."),
    expected: "y - d",
    given: { y: [0.9, 0.1], d: [0, 1] },
  },
  notShown: say(
    "ラベルが間違っているときは、この強い勾配が害になることもあります。",
    "With wrong labels this strong gradient may harm.",
  ),
  related: ["softmax", "sigmoid-output"],
  Extra: LossShapes,
  covers: ["shapes"],
};
