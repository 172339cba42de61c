/** 2.7 AdaGrad. */
import updateSource from "source:src/optim/adagrad.ts#update";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "あだぐらっど adagrad adaptive learning rate",
  intro: [
    say(
      "AdaGrad は、勾配の 2 乗を足し続け、その平方根で割った学習率を軸ごとに使います。",
      "AdaGrad sums the squares of gradients, and divides each axis's rate by the root of the sum.",
    ),
    say(
      "ゆるやかな軸は大きく、急な軸は小さく動きます。合計は減らないので、学習率は下がる一方です。",
      "Gentle axes move far, steep ones little. The sum never falls, so rates only ever do.",
    ),
  ],
  todo: say("2 本の学習率の針が下がり続けるのを見てください。", "Watch both gauges of the rate fall."),
  happened(seen) {
    return [
      say(
        `最後の学習率は ${live(seen.bar("adagrad", "rates", 0))} と ${live(seen.bar("adagrad", "rates", 1))}。高さは ${live(seen.number("adagrad", "height"))}、勾配降下は ${live(seen.number("gd", "height"))} です。`,
        `Final rates ${live(seen.bar("adagrad", "rates", 0))} and ${live(seen.bar("adagrad", "rates", 1))}; height ${live(seen.number("adagrad", "height"))}, descent ${live(seen.number("gd", "height"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\mathbf{h} \leftarrow \mathbf{h} + \mathbf{g}^2, \qquad \mathbf{w} \leftarrow \mathbf{w} - \htmlData{probe=rates}{\frac{\eta}{\sqrt{\mathbf{h}} + \epsilon}}\,\mathbf{g}`,
      spoken: say(
        "2 乗の和を足し、学習率をその平方根で割って動く。",
        "Add squares to the sum; move by the rate over its root.",
      ),
    },
  ],
  sources: [updateSource],
  fillIn: {
    prompt: say("h を更新してください。", "Update h."),
    before: "h = ",
    after: ";",
    hint: say("h に g の 2 乗を足します。", "Add the square of g."),
    expected: "h + g * g",
    given: { h: [1, 4], g: [2, -1] },
  },
  notShown: say(
    "スパースな特徴（たまにしか出ない単語など）での利点は、この 2 次元の面では見えません。",
    "Its advantage on sparse features, such as rare words, does not show on these surfaces.",
  ),
  related: ["rmsprop", "adam"],
};
