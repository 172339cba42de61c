/** 1.1 The universal approximation theorem. */
import mLPSource from "source:src/models/mlp.ts#MLP";
import linearSource from "source:src/nn/linear.ts#Linear";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "ばんのうきんじていり universal approximation theorem bump width",
  intro: [
    say(
      "隠れ層が 1 つでも、ユニットを増やせば連続な関数をいくらでもよく近似できます。段差を 2 つ組むと「山」になり、山を並べれば曲線になるからです。",
      "With one hidden layer and enough units, any continuous function can be approximated: two steps make a bump, and bumps side by side make a curve.",
    ),
    say(
      "手で組んだ山と、学習で見つけた重みを比べます。近似できることと、学習がそれを見つけることは別の話です。",
      "Bumps that are built by hand stand beside weights that training finds. That something can be approximated does not mean that training finds it.",
    ),
  ],
  todo: say(
    "ユニット数を変え、段差やノイズの曲線も試してください。「曲線を描く」では自分の曲線も使えます。",
    "Change the number of units, and try a jump or noise. You may draw a curve of your own.",
  ),
  happened(seen) {
    return [
      say(
        `手で組んだほうの誤差は ${live(seen.number("built", "error"))}、学習したほうは ${live(seen.number("trained", "error"))} でした。`,
        `The error is ${live(seen.number("built", "error"))} as built by hand, ${live(seen.number("trained", "error"))} as trained.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\hat f(x) = \sum_{j=1}^{H} v_j\,\sigma(w_j x + b_j) + c`,
      spoken: say(
        "近似は、H 個のユニットの出力に重みを掛けて足したもの。",
        "The approximation is a weighted sum of what H units give.",
      ),
    },
  ],
  sources: [mLPSource, linearSource],
  fillIn: {
    prompt: say(
      "急な段差 2 つ y1、y2 から、高さ 1 の山を作ってください。",
      "From two steep steps y1 and y2 make a bump of height 1.",
    ),
    before: "const bump = ",
    after: ";",
    hint: say("上がる段差から、後で上がる段差を引きます。", "Take the later step away from the earlier."),
    expected: "y1 - y2",
    given: { y1: [0, 1, 1, 1], y2: [0, 0, 0, 1] },
  },
  notShown: say(
    "近似できる重みがあることは示しますが、学習で必ず見つかることや、学習していない範囲での正しさは示しません。",
    "It shows that such weights exist, not that training always finds them, nor that the curve is right outside of the data.",
  ),
  related: ["layer-product", "overfitting", "relu"],
};
