/** 2.4 He's initial weights. */

import gainSource from "source:src/nn/init.ts#gain";
import kaimingNormalSource from "source:src/nn/init.ts#kaimingNormal";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "ひー かいめい しょきち he kaiming initialization relu",
  intro: [
    say(
      "ReLU は信号の半分を 0 にします。だから、重みの分散を 2 倍にして補います。",
      "ReLU makes half of the signal 0; He's weights make up for it with twice the variance.",
    ),
    say(
      "Xavier と He の重みで、層を通る信号の大きさを比べます。",
      "See how the signal fares through the layers with Xavier's and with He's weights.",
    ),
  ],
  todo: say(
    "自分のレーンの標準偏差を動かし、√(2/n) の目安と比べてください。",
    "Move your lane's deviation, beside the mark √(2/n).",
  ),
  happened(seen) {
    return [
      say(
        `最後の隠れ層の幅は、Xavier ${live(seen.bar("xavier", "spread", -1))}、He ${live(seen.bar("he", "spread", -1))}。正解率は ${livePercent(seen.number("xavier", "accuracy"))} と ${livePercent(seen.number("he", "accuracy"))} です。`,
        `The last hidden layer is ${live(seen.bar("xavier", "spread", -1))} wide with Xavier, ${live(seen.bar("he", "spread", -1))} with He. Accuracy ${livePercent(seen.number("xavier", "accuracy"))} and ${livePercent(seen.number("he", "accuracy"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=deviations}{\mathrm{Var}(w)} = \frac{2}{n_{\text{in}}}`,
      spoken: say("重みの分散は 2 割る入力数。", "The weights' variance is two over the inputs."),
    },
  ],
  sources: [kaimingNormalSource, gainSource],
  fillIn: {
    prompt: say("入力数 n から、He の標準偏差を求めてください。", "From n inputs compute He's deviation."),
    before: "const std = ",
    after: ";",
    hint: say("√(2/n)", "√(2/n)"),
    expected: "tensor(2 / n).sqrt()",
    given: { n: 50 },
  },
  notShown: say(
    "正規化層（2.5）を使うと、初期値への依存はずっと小さくなります。",
    "With normalization (2.5) far less depends on the initial weights.",
  ),
  related: ["xavier", "sparse-relu"],
};
