/** 1.5 The sigmoid. */
import sigmoidSource from "source:src/ops/activation.ts#sigmoid";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "しぐもいどかんすう ろじすてぃっく 飽和 微分 sigmoid logistic saturation slope derivative chain rule",
  intro: [
    say(
      "シグモイド関数は、どんな入力もなめらかに 0 と 1 の間へ写します。ステップ関数と違って微分が 0 ではないので、誤差逆伝播で学習できます。ただし傾きは中央でも 0.25、両端ではほぼ 0 です。",
      "The sigmoid maps any number smoothly to between 0 and 1. Unlike the step it has a slope, so that backpropagation can teach it. But that slope is only 0.25 in the middle, and next to nothing at both ends.",
    ),
    say(
      "ユニットをつなぐと、連鎖律によって傾きは掛け算になります。重み 1 のシグモイドを k 個つなげば、傾きは 0.25 の k 乗を超えません。",
      "In a chain of units the slopes multiply: that is the chain rule. With weights of 1, k sigmoids leave no more than 0.25 to the power of k.",
    ),
  ],
  todo: say(
    "「入力 x」を両端へ動かし、「つなぐユニット数」を増やして、金色の積がどこまで小さくなるか見てください。「重み（ゲイン）」を 4 にすると何が起きるでしょうか。",
    "Move the input x to an end, lengthen the chain, and watch the gold product fall. And what does a weight of 4 do?",
  ),
  happened(seen) {
    const of = (lane: string, probe: string): string => live(seen.number(lane, probe));
    return [
      say(
        `ユニット 1 つの傾きは、中央で ${live(seen.bar("sigmoid", "ends", 1))}、x = 8 では ${live(seen.bar("sigmoid", "ends", 2))}。つないだ全体の傾きは今の x で ${of("sigmoid", "slope")}、いちばん大きい所でも ${of("sigmoid", "greatest")} です。`,
        `One unit has a slope of ${live(seen.bar("sigmoid", "ends", 1))} in the middle, and ${live(seen.bar("sigmoid", "ends", 2))} at x = 8. The whole chain has ${of("sigmoid", "slope")} at the present x, and ${of("sigmoid", "greatest")} at best.`,
      ),
      say(
        `ReLU のレーンの傾きは ${of("relu", "slope")}。正の側では微分が 1 なので、重みが 1 なら何個つないでも減りません。`,
        `In the lane of ReLU it is ${of("relu", "slope")}. On the positive side its slope is 1, and with weights of 1 no length of chain makes it less.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=unit}{\sigma(x)} = \frac{1}{1 + e^{-x}}, \qquad \htmlData{probe=ends}{\sigma'(x)} = \sigma(x)\,(1 - \sigma(x)) \le \tfrac14`,
      spoken: say(
        "シグモイドの傾きは、値に 1 引く値を掛けたもので、4 分の 1 以下。",
        "The slope is the value times one minus the value: a quarter at most.",
      ),
    },
    {
      html: tex`\htmlData{probe=products}{\frac{d x_k}{d x_0}} = \prod_{i=1}^{k} w\,\sigma'(u_i) \;\le\; \Bigl(\frac{|w|}{4}\Bigr)^{k}`,
      spoken: say(
        "k 個つないだ傾きは、各ユニットの重みと傾きの積。大きさは、重みの 4 分の 1 の k 乗を超えない。",
        "The slope of a chain of k is the product of each unit's weight and slope: no more than a quarter of the weight, to the power of k.",
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
    "ここでは 1 本の鎖だけを見ています。実際の層には多くのユニットと重みがあり、勾配は何本もの道の和になります。学習中の深いネットワークで何が起きるかは 2.1 で確かめます。",
    "This is one chain. Layers have many units, and a gradient is a sum over many ways; what becomes of it in a deep network that learns is shown in 2.1.",
  ),
  related: ["relu", "vanishing-gradient"],
};
