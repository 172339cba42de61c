/** 1.3 A layer is a matrix product. */
import linearSource from "source:src/nn/linear.ts#Linear";
import { say } from "../../../../src/experiments/text.ts";
import type { Lesson } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "にゅうりょくそう ちゅうかんそう ぎょうれつ layer matrix product shape forward",
  intro: [
    say(
      "1 つの層がすることは、入力と重みの行列積にバイアスを足し、活性化関数に通すことだけです。",
      "All that a layer does: multiply the input by a matrix of weights, add a bias, apply an activation.",
    ),
    say(
      "ユニットごとに足し算する書き方と、行列積 1 回の書き方は、同じ数になります。形（shape）が合わないと計算できません。",
      "Unit by unit, or as one product: the numbers are the same. Where shapes do not fit, nothing can be computed.",
    ),
  ],
  todo: say(
    "重みや行数・列数を変えて、形の合わない辺を確かめてください。",
    "Change weights, rows and columns, and see which edge does not fit.",
  ),
  happened() {
    return [
      say(
        `2 つのレーンの出力は同じです。違うのは、行列積 1 回で書けるかどうかだけです。`,
        `Both lanes give the same outputs; only one says it as a single product.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\mathbf{u} = W\mathbf{x} + \mathbf{b}, \qquad \mathbf{z} = f(\mathbf{u})`,
      spoken: say(
        "総入力 u は重み行列と入力の積にバイアスを足したもの。出力はそれを活性化関数に通したもの。",
        "The total input is weights times input plus bias; the output is its activation.",
      ),
    },
  ],
  sources: [linearSource],
  fillIn: {
    prompt: say("x と W（出力×入力）から u を計算してください。", "Compute u from x and W (outputs by inputs)."),
    before: "const u = ",
    after: ";",
    hint: say("x.matmul(W.transpose(0, 1)) に b を足します。", "x.matmul(W.transpose(0, 1)), plus b."),
    expected: "x.matmul(W.transpose(0, 1)) + b",
    given: {
      x: [[1, 2]],
      W: [
        [1, 0],
        [0, 1],
        [1, 1],
      ],
      b: [0, 1, 2],
    },
  },
  notShown: say(
    "速さの理由（メモリの並びや SIMD）は、ここでは扱いません。コンパイラのページをご覧ください。",
    "Why one product is faster, memory and SIMD, is not shown here; see the page of the compiler.",
  ),
  related: ["step-function", "sigmoid"],
};
