/** 2.18 Pooling. */

import avgPool2dSource from "source:src/ops/pool.ts#avgPool2d";
import maxPool2dSource from "source:src/ops/pool.ts#maxPool2d";
import { say } from "../../../../src/experiments/text.ts";
import { PoolingWindows, poolingWindowsCover } from "../../widgets/pooling-windows.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "ぷーりんぐ CNN max average pooling gradient routing",
  intro: [
    say(
      "プーリングは、窓の中の最大値または平均だけを残します。重みはありません。",
      "Pooling keeps only the maximum or the mean of each window. It has no weights.",
    ),
    say(
      "勾配は、最大なら勝った 1 画素だけに、平均なら全画素に均等に戻ります。",
      "Going back, the gradient goes to the one winner, or evenly to all.",
    ),
  ],
  todo: say(
    "窓を選んで、最大と平均で何が残り、勾配がどの画素に戻るかを見てください。次に画像を 1 画素ずらし、出力の変化を比べます。",
    "Choose a window: see what maximum and mean keep, and which pixels get the gradient. Then move the digit by a pixel, and compare the change.",
  ),
  happened(seen) {
    return [
      say(
        `勾配が届いた画素は、最大 ${livePercent(seen.number("max", "reached"))}、平均 ${livePercent(seen.number("average", "reached"))}。重みは ${live(seen.number("max", "parameters"))} 個です。`,
        `The gradient reached ${livePercent(seen.number("max", "reached"))} of the pixels through maxima, ${livePercent(seen.number("average", "reached"))} through means. Weights: ${live(seen.number("max", "parameters"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`y = \max_{(a,b)\in W} x_{ab} \quad\text{or}\quad y = \frac{1}{|W|}\sum_{(a,b)\in W} x_{ab}`,
      spoken: say("出力は、窓の最大値か平均。", "The output is the greatest of the window, or its mean."),
    },
  ],
  sources: [maxPool2dSource, avgPool2dSource],
  fillIn: {
    prompt: say("窓 x の最大プーリングの値を求めてください。", "Compute the max pooling of the window x."),
    before: "const y = ",
    after: ";",
    hint: say("x.max()", "x.max()"),
    expected: "x.max()",
    given: {
      x: [
        [1, 4],
        [2, 3],
      ],
    },
  },
  notShown: say(
    "ストライド付きの畳み込みでも縮められます。プーリングは必須ではありません。",
    "A convolution with a stride makes images smaller too; pooling is not needed.",
  ),
  related: ["convolution", "alexnet"],
  Extra: PoolingWindows,
  covers: poolingWindowsCover,
};
