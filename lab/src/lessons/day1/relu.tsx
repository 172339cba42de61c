/** 1.6 The rectified linear unit. */

import leakyReluSource from "source:src/ops/activation.ts#leakyRelu";
import reluSource from "source:src/ops/activation.ts#relu";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "れるーかんすう relu dead unit leaky fold",
  intro: [
    say(
      "ReLU は負を 0 にするだけの関数です。ユニット 1 つが平面を 1 回折り、何枚も折ると複雑な領域ができます。",
      "ReLU makes negatives 0, and that is all. Each unit folds the plane once; many folds make intricate regions.",
    ),
    say(
      "ずっと負の側にいるユニットには勾配が届かず、二度と目覚めません。Leaky ReLU は負の側にも少し傾きを残します。",
      "A unit that is always on the negative side gets no gradient and never wakes. Leaky ReLU keeps a little slope there.",
    ),
  ],
  todo: say(
    "「バイアスのずれ」を負に大きくして、眠るユニットを増やしてみてください。",
    "Shift the biases far down, and see how many units fall asleep.",
  ),
  happened(seen) {
    return [
      say(
        `正解率は ReLU ${livePercent(seen.number("relu", "accuracy"))}、シグモイド ${livePercent(seen.number("sigmoid", "accuracy"))}。眠っているユニットは、ずらしたレーンで ${live(seen.number("shifted", "asleep"))} です。`,
        `Accuracy: ReLU ${livePercent(seen.number("relu", "accuracy"))}, sigmoid ${livePercent(seen.number("sigmoid", "accuracy"))}. Asleep in the shifted lane: ${live(seen.number("shifted", "asleep"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`f(x) = \max(0, x), \qquad f'(x) = \begin{cases}1 & x > 0\\ 0 & x \le 0\end{cases}`,
      spoken: say(
        "正ならそのまま、負なら 0。傾きは正の側で 1。",
        "Positives stay, negatives become 0; the slope is 1 on the positive side.",
      ),
    },
  ],
  sources: [reluSource, leakyReluSource],
  fillIn: {
    prompt: say(
      "x が正ならそのまま、負なら 0.01 倍にしてください（Leaky ReLU）。",
      "Keep positives and scale negatives by 0.01: leaky ReLU.",
    ),
    before: "const y = ",
    after: ";",
    hint: say("where(条件, 真のとき, 偽のとき)", "where(condition, if so, if not)"),
    expected: "where(x.gt(0), x, x * 0.01)",
    given: { x: [-2, -1, 0.5, 3] },
  },
  notShown: say(
    "ReLU なら勾配消失が必ず避けられる、とは言えません。初期値しだいです（2.2、2.4）。",
    "ReLU does not by itself prevent vanishing gradients: it depends on the initial weights (2.2, 2.4).",
  ),
  related: ["sigmoid", "sparse-relu", "he"],
};
