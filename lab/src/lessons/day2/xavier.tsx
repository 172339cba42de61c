/** 2.3 Xavier's initial weights. */

import fansSource from "source:src/nn/init.ts#fans";
import xavierNormalSource from "source:src/nn/init.ts#xavierNormal";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "ざびえる しょきち xavier glorot initialization tanh",
  intro: [
    say(
      "重みが小さすぎると信号は層ごとに縮み、大きすぎると両端で飽和します。ちょうどよい標準偏差は √(1/n) です。",
      "Too small, weights let the signal shrink from layer to layer; too large, they saturate it. The deviation that keeps it is √(1/n).",
    ),
    say(
      "各層の出力の分布（山）の幅がそろうかどうかを見ます。",
      "See whether the distributions of all layers, the ridges, are equally wide.",
    ),
  ],
  todo: say("標準偏差を目安の前後で動かしてください。", "Move the standard deviation around its mark."),
  happened(seen) {
    return [
      say(
        `正解率は、小さい重み ${livePercent(seen.number("small", "accuracy"))}、Xavier ${livePercent(seen.number("xavier", "accuracy"))}、大きい重み ${livePercent(seen.number("large", "accuracy"))} です。`,
        `Accuracy: small weights ${livePercent(seen.number("small", "accuracy"))}, Xavier ${livePercent(seen.number("xavier", "accuracy"))}, large weights ${livePercent(seen.number("large", "accuracy"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=deviations}{\mathrm{Var}(w)} = \frac{1}{n_{\text{in}}}, \qquad \mathrm{Var}(u) = n_{\text{in}}\,\mathrm{Var}(w)\,\mathrm{Var}(x)`,
      spoken: say(
        "重みの分散は入力数の逆数。すると総入力の分散は入力の分散と同じになる。",
        "The weights' variance is one over the inputs; then the total input varies as the input does.",
      ),
    },
  ],
  sources: [xavierNormalSource, fansSource],
  fillIn: {
    prompt: say(
      "入力数 n から、Xavier の標準偏差を求めてください（入力と出力が同数のとき）。",
      "From n inputs, and as many outputs, compute Xavier's deviation.",
    ),
    before: "const std = ",
    after: ";",
    hint: say("√(1/n)。tensor(1 / n).sqrt()", "√(1/n): tensor(1 / n).sqrt()"),
    expected: "tensor(1 / n).sqrt()",
    given: { n: 100 },
  },
  notShown: say(
    "シグモイドでは山の幅がそろっても、画像ごとの違いが失われて学習できないことがあります。",
    "With sigmoids the ridges may keep their width while what differs between images is lost.",
  ),
  related: ["he", "vanishing-gradient"],
};
