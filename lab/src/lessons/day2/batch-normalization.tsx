/** 2.5 Batch normalization. */
import batchNormSource from "source:src/ops/norm.ts#batchNorm";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "ばっちせいきか batch normalization running mean",
  intro: [
    say(
      "バッチ正規化は、ミニバッチごとに各ユニットの値の平均を 0、分散を 1 にそろえます。",
      "Batch normalization gives each unit mean 0 and variance 1 within a minibatch.",
    ),
    say(
      "推論では、学習中に覚えた移動平均（針）を使います。",
      "In inference it uses running means, the needle, that were kept while training.",
    ),
  ],
  todo: say(
    "悪い初期値（0.01）のまま、正規化の有無を比べてください。バッチを 2 枚にすると何が起きるでしょう。",
    "Keep the bad initial weights, and compare with and without. What happens with batches of 2?",
  ),
  happened(seen) {
    return [
      say(
        `正解率は、なしで ${livePercent(seen.number("without", "accuracy"))}、ありで ${livePercent(seen.number("with", "accuracy"))} です。`,
        `Accuracy: ${livePercent(seen.number("without", "accuracy"))} without, ${livePercent(seen.number("with", "accuracy"))} with.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\hat{x} = \frac{x - \mu_B}{\sqrt{\sigma_B^2 + \epsilon}}, \qquad y = \gamma \hat{x} + \beta`,
      spoken: say(
        "ミニバッチの平均を引き、標準偏差で割り、倍率とずれを学習する。",
        "Subtract the batch's mean, divide by its deviation, then scale and shift by what is learnt.",
      ),
    },
  ],
  sources: [batchNormSource],
  fillIn: {
    prompt: say("x を平均 0、分散 1 にそろえてください。", "Give x mean 0 and variance 1."),
    before: "const y = ",
    after: ";",
    hint: say(
      "(x − 平均) ÷ √分散。x.variance(0, { correction: 0 }) ではなく、差の 2 乗の平均でも書けます。",
      "x minus its mean, over the root of the mean square of that.",
    ),
    expected: "(x - x.mean()) / ((x - x.mean()) * (x - x.mean())).mean().sqrt()",
    given: { x: [1, 2, 3, 6] },
  },
  notShown: say(
    "なぜ効くのか（共変量シフトか、損失の滑らかさか）は、この実験では決められません。",
    "Why it works, covariate shift or a smoother loss, is not decided here.",
  ),
  related: ["vanishing-gradient", "he"],
};
