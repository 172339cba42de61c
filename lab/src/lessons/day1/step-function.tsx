/** 1.4 The step function. */
import stepSource from "source:src/ops/activation.ts#step";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "すてっぷかんすう かいだんかんすう ぱーせぷとろん step perceptron and or xor",
  intro: [
    say(
      "ステップ関数のユニットは、平面を 1 本の直線で 2 つに分けます。パーセプトロンの規則は、間違えるたびに直線を動かします。",
      "A unit with a step divides the plane by one line. The perceptron's rule moves the line whenever it is wrong.",
    ),
    say(
      "AND や OR は直線で分けられますが、XOR は分けられません。そしてステップ関数の傾きは至るところ 0 なので、勾配は何も教えてくれません。",
      "AND and OR can be divided by a line, XOR cannot. And the step's slope is 0 everywhere, so gradients teach nothing.",
    ),
  ],
  todo: say(
    "ゲートを切り替え、XOR の直線が止まらないことを確かめてください。",
    "Choose other gates, and see that the line of XOR never rests.",
  ),
  happened(seen) {
    return [
      say(
        `AND の間違いは ${live(seen.number("and", "wrong"))} 個、XOR は ${live(seen.number("xor", "wrong"))} 個。勾配法のレーンの勾配は ${live(seen.number("gradient", "gradient"))} です。`,
        `AND is wrong ${live(seen.number("and", "wrong"))} times, XOR ${live(seen.number("xor", "wrong"))}. The gradient in the lane of descent is ${live(seen.number("gradient", "gradient"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`y = \begin{cases}1 & \mathbf{w}\cdot\mathbf{x} + b > 0\\ 0 & \text{otherwise}\end{cases} \qquad \Delta\mathbf{w} = \eta\,(t - y)\,\mathbf{x}`,
      spoken: say(
        "重みは、正解と出力の差に入力を掛けた分だけ動く。",
        "Weights move by the input times truth minus output.",
      ),
    },
  ],
  sources: [stepSource],
  fillIn: {
    prompt: say(
      "パーセプトロンの規則で、重みの変化を書いてください。",
      "Write the perceptron's change of the weights.",
    ),
    before: "const change = ",
    after: ";",
    hint: say("学習率 ×（正解 − 出力）× 入力。", "rate times (truth minus output) times input."),
    expected: "(t - y) * lr * x",
    given: { t: 1, y: 0, lr: 0.1, x: [1, 0.5] },
  },
  notShown: say(
    "層を重ねれば XOR も表せます。ここで示すのは 1 層の限界だけです。",
    "With another layer XOR can be expressed; this shows only the limit of one.",
  ),
  related: ["sigmoid", "relu", "no-free-lunch"],
};
