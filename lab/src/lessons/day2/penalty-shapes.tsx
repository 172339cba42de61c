/** 2.14 A diamond and a bowl. */
import l1PenaltySource from "source:src/optim/penalty.ts#l1Penalty";
import l2PenaltySource from "source:src/optim/penalty.ts#l2Penalty";
import { say } from "../../../../src/experiments/text.ts";
import { PenaltyShapes, penaltyShapesCover } from "../../widgets/penalty-shapes.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "だいやがた すりばちがた diamond bowl geometry penalty",
  intro: [
    say(
      "重みが 2 個なら、罰則の形が見えます。L1 はダイヤ型、L2 はすり鉢型です。",
      "With two weights the penalties can be seen: L1 is a diamond, L2 a bowl.",
    ),
    say(
      "損失と罰則の和が最小になる場所を、重みが実際に歩いて探します。ダイヤの角につかまると、重みの 1 つがちょうど 0 になります。",
      "The weights walk to where loss plus penalty is least. Caught by a corner of the diamond, one of them is exactly 0.",
    ),
  ],
  todo: say(
    "損失の谷底と λ を動かし、角につかまる範囲を探してください。",
    "Move the valley and λ, and find where the corner catches it.",
  ),
  happened(seen) {
    return [
      say(
        `L1 の重みは (${live(seen.bar("l1", "weights", 0))}, ${live(seen.bar("l1", "weights", 1))})、L2 は (${live(seen.bar("l2", "weights", 0))}, ${live(seen.bar("l2", "weights", 1))}) に落ち着きました。`,
        `With L1 the weights came to (${live(seen.bar("l1", "weights", 0))}, ${live(seen.bar("l1", "weights", 1))}), with L2 to (${live(seen.bar("l2", "weights", 0))}, ${live(seen.bar("l2", "weights", 1))}).`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`|w_1| + |w_2| = c \;\;(\text{diamond}), \qquad w_1^2 + w_2^2 = c^2 \;\;(\text{circle})`,
      spoken: say("L1 の等高線はひし形、L2 の等高線は円。", "Contours of L1 are diamonds, of L2 circles."),
    },
  ],
  sources: [l1PenaltySource, l2PenaltySource],
  fillIn: {
    prompt: say("2 つの重み w の L1 の罰則を書いてください。", "Write the L1 penalty of w."),
    before: "const penalty = ",
    after: ";",
    hint: say("絶対値の和。", "The sum of absolute values."),
    expected: "w.abs().sum()",
    given: { w: [0.5, -1.5] },
  },
  notShown: say(
    "重みが何百万個もあるときの「角」の数は、この絵よりずっと多くなります。",
    "With millions of weights there are far more corners than in this picture.",
  ),
  primary: "lambda",
  related: ["lasso", "ridge", "norms"],
  Extra: PenaltyShapes,
  covers: penaltyShapesCover,
};
