/** 1.10 The mean squared error. */

import l1LossSource from "source:src/ops/loss.ts#l1Loss";
import mseLossSource from "source:src/ops/loss.ts#mseLoss";
import { say } from "../../../../src/experiments/text.ts";
import { ResidualSquares } from "../../widgets/residual-squares.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "へいきんにじょうごさ mse mae outlier regression",
  intro: [
    say(
      "平均二乗誤差は、ずれの 2 乗の平均です。ずれが 2 倍なら、損失は 4 倍になります。",
      "The mean squared error averages squares: twice as far off costs four times as much.",
    ),
    say(
      "そのため、外れ値が 1 つあるだけで直線が引っ張られます。絶対値の誤差（MAE）はそれほど動きません。",
      "So one outlier pulls the line. The mean absolute error hardly moves.",
    ),
  ],
  todo: say(
    "点を 1 つ上下にドラッグして、正方形の大きさと 2 つの直線の動きを比べてください。外れ値は下のスライダーでも変えられます。",
    "Drag a point up and down: compare the squares, and how far both lines move. A slider below moves the outlier, too.",
  ),
  happened(seen) {
    return [
      say(
        `真の直線からのずれは、MSE ${live(seen.number("mse", "away"))}、MAE ${live(seen.number("mae", "away"))}。傾きは ${live(seen.number("mse", "slope"))} と ${live(seen.number("mae", "slope"))}（真の値 1.5）。`,
        `Distance from the true line: MSE ${live(seen.number("mse", "away"))}, MAE ${live(seen.number("mae", "away"))}. Slopes ${live(seen.number("mse", "slope"))} and ${live(seen.number("mae", "slope"))}; 1.5 in truth.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`E = \frac1N \sum_n \htmlData{probe=value}{(y_n - t_n)^2}`,
      spoken: say(
        "誤差は、予測と目標の差の 2 乗の平均。",
        "The mean of squared differences between prediction and target.",
      ),
    },
  ],
  sources: [mseLossSource, l1LossSource],
  fillIn: {
    prompt: say("絶対値の誤差の平均（MAE）を書いてください。", "Write the mean absolute error."),
    before: "const loss = ",
    after: ";",
    hint: say("(y − t) の abs() の平均。", "The mean of abs() of y minus t."),
    expected: "(y - t).abs().mean()",
    given: { y: [1, 2, 8], t: [1, 1, 1] },
  },
  notShown: say(
    "外れ値が間違いなのか、大事な例なのかは、誤差関数には分かりません。",
    "No loss can tell whether an outlier is a mistake or the example that matters.",
  ),
  related: ["cross-entropy", "identity-output"],
  Extra: ResidualSquares,
  covers: ["line"],
};
