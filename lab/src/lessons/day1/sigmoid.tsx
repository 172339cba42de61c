/** 1.5 The sigmoid. */
import sigmoidSource from "source:src/ops/activation.ts#sigmoid";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "しぐもいどかんすう sigmoid saturation slope",
  intro: [
    say(
      "シグモイドは入力をなめらかに 0 から 1 へ写します。傾きは中央で最大の 0.25、両端ではほぼ 0 です。",
      "The sigmoid maps any input smoothly between 0 and 1. Its slope is 0.25 at most, in the middle, and next to nothing at both ends.",
    ),
    say(
      "いくつもつなぐと傾きは掛け算されます。ReLU なら、正の側の傾きは 1 のままです。",
      "In a chain slopes multiply. Those of ReLU stay 1 on the positive side.",
    ),
  ],
  todo: say(
    "「つなぐ数」を増やして、傾きの積がどう減るか見てください。",
    "Lengthen the chain, and watch the product of slopes fall.",
  ),
  happened(seen) {
    return [
      say(
        `シグモイドの鎖の傾きは ${live(seen.number("sigmoid", "slope"))}、最大でも ${live(seen.number("sigmoid", "greatest"))}。ReLU の鎖は ${live(seen.number("relu", "slope"))} です。`,
        `The slope of the sigmoids' chain is ${live(seen.number("sigmoid", "slope"))}, ${live(seen.number("sigmoid", "greatest"))} at best; that of ReLUs ${live(seen.number("relu", "slope"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\sigma(x) = \frac{1}{1 + e^{-x}}, \qquad \sigma'(x) = \sigma(x)\,(1 - \sigma(x)) \le \tfrac14`,
      spoken: say(
        "シグモイドの傾きは、値に 1 引く値を掛けたもので、4 分の 1 以下。",
        "The slope is the value times one minus the value: a quarter at most.",
      ),
    },
  ],
  sources: [sigmoidSource],
  fillIn: {
    prompt: say(
      "k 個つないだときの傾きの上限を、1 個の上限 s から求めてください（k = 3）。",
      "From the bound s of one, compute that of a chain of three.",
    ),
    before: "const bound = ",
    after: ";",
    hint: say("s を 3 回掛けます。", "s three times."),
    expected: "s * s * s",
    given: { s: 0.25 },
  },
  notShown: say(
    "重みを大きくすれば積は減らないこともあります。重みも一緒に掛かるからです（2.1）。",
    "Large weights may keep the product from falling, since they multiply too (2.1).",
  ),
  related: ["relu", "vanishing-gradient"],
};
