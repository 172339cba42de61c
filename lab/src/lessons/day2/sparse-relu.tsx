/** 2.2 ReLU and sparsity. */
import reluSource from "source:src/ops/activation.ts#relu";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "れるー すぱーすか sparse relu zeros dead",
  intro: [
    say(
      "ReLU の傾きは正の側で 1 なので、勾配は縮まずに前の層へ届きます。ただし、重みの初期値が合っていればの話です。",
      "ReLU's slope is 1 on the positive side, so gradients reach the first layers undiminished, if the initial weights suit it.",
    ),
    say(
      "同時に、およそ半分のユニットが 0 を出します。これがスパース化です。",
      "At the same time about half of the units give 0: that is sparsity.",
    ),
  ],
  todo: say(
    "レーンごとに、0 を出すユニットの割合と勾配を比べてください。",
    "Compare the share of zeros and the gradients of the lanes.",
  ),
  happened(seen) {
    return [
      say(
        `正解率は、シグモイド ${livePercent(seen.number("sigmoid", "accuracy"))}、ReLU と He ${livePercent(seen.number("he", "accuracy"))}、ReLU と小さな重み ${livePercent(seen.number("small", "accuracy"))}。He のレーンの第 1 層の勾配は ${live(seen.bar("he", "gradient", 0))} です。`,
        `Accuracy: sigmoid ${livePercent(seen.number("sigmoid", "accuracy"))}, ReLU with He ${livePercent(seen.number("he", "accuracy"))}, ReLU with small weights ${livePercent(seen.number("small", "accuracy"))}. In He's lane the first layer's gradient is ${live(seen.bar("he", "gradient", 0))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`f'(u) = 1 \;\; (u > 0), \qquad \htmlData{probe=zeros}{P(f(u) = 0)} \approx \tfrac12`,
      spoken: say(
        "正の側の傾きは 1。出力が 0 になる確率は、およそ 2 分の 1。",
        "The slope is 1 for positives; about half of the outputs are 0.",
      ),
    },
  ],
  sources: [reluSource],
  fillIn: {
    prompt: say("出力 y のうち、0 の割合を求めてください。", "Compute which part of the outputs y is 0."),
    before: "const sparsity = ",
    after: ";",
    hint: say("y.eq(0) を数にして平均します。", "The mean of y.eq(0) as numbers."),
    expected: "y.eq(0).float().mean()",
    given: { y: [0, 1.2, 0, 0.4] },
  },
  notShown: say(
    "「ReLU なら勾配消失しない」は条件つきです。小さすぎる重みでは、ReLU でも消えます。",
    "That ReLU prevents vanishing is conditional: with weights too small, gradients vanish there too.",
  ),
  related: ["he", "relu", "vanishing-gradient"],
};
