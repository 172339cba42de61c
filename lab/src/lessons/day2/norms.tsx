/** 2.11 Norms. */
import l1PenaltySource from "source:src/optim/penalty.ts#l1Penalty";
import l2PenaltySource from "source:src/optim/penalty.ts#l2Penalty";
import { say } from "../../../../src/experiments/text.ts";
import { NormPlane, normPlaneCovers } from "../../widgets/norm-plane.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "のるむ きょり norm manhattan euclid p1 p2",
  intro: [
    say(
      "ノルムは、ベクトルの長さの測り方です。p = 1 は碁盤の目に沿って歩く距離、p = 2 はまっすぐな距離です。",
      "A norm measures length: p = 1 along the streets, p = 2 as the crow flies.",
    ),
    say(
      "距離が 1 の点を集めた形（単位球）は、p によって変わります。",
      "The places at distance 1, the unit ball, have another shape for every p.",
    ),
  ],
  todo: say(
    "点をドラッグして 2 つの距離を比べ、p を変えて球がどう変わるかを見てください。",
    "Drag the point and compare both distances; change p, and watch the ball change its shape.",
  ),
  happened(seen) {
    return [
      say(
        `p = 1 の距離は ${live(seen.number("taxi", "length"))}、p = 2 の距離は ${live(seen.number("crow", "length"))} です。`,
        `The distance is ${live(seen.number("taxi", "length"))} with p = 1, ${live(seen.number("crow", "length"))} with p = 2.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=length}{\|\mathbf{x}\|_p} = \Bigl(\sum_i |x_i|^p\Bigr)^{1/p}`,
      spoken: say("成分の絶対値の p 乗の和の、p 乗根。", "The p-th root of the sum of p-th powers."),
    },
  ],
  sources: [l1PenaltySource, l2PenaltySource],
  fillIn: {
    prompt: say("x のユークリッド距離（p = 2）を求めてください。", "Compute the Euclidean length of x."),
    before: "const length = ",
    after: ";",
    hint: say("2 乗の和の平方根。", "The root of the sum of squares."),
    expected: "(x * x).sum().sqrt()",
    given: { x: [3, 4] },
  },
  notShown: say(
    "p が 1 より小さいとき、これは本当の意味でのノルムではありません（三角不等式が成り立ちません）。",
    "Below p = 1 this is not truly a norm: the triangle inequality fails.",
  ),
  primary: "p",
  related: ["lasso", "ridge", "penalty-shapes"],
  Extra: NormPlane,
  covers: normPlaneCovers,
};
