/** 1.7 The softmax. */
import softmaxSource from "source:src/nn/activation.ts#Softmax";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "そふとまっくすかんすう softmax temperature logits",
  intro: [
    say(
      "ソフトマックスは、ロジットを合計 1 の確率に変えます。大事なのはロジットの差だけで、全部に同じ数を足しても変わりません。",
      "Softmax turns logits into probabilities that add up to 1. Only differences count: adding the same to all changes nothing.",
    ),
    say(
      "温度を上げると確率は均され、下げると 1 つに集まります。",
      "A higher temperature levels them, a lower one gathers them on one.",
    ),
  ],
  todo: say(
    "ロジットと温度を動かしてください。「そのまま exp」では、大きなロジットで何が起きるかも見られます。",
    "Move logits and temperature. With the naive formula, see what large logits do.",
  ),
  happened(seen) {
    return [
      say(
        `最初のクラスの確率は ${live(seen.bar("plain", "probabilities", 0))}、全部に足したレーンでも ${live(seen.bar("shifted", "probabilities", 0))} です。`,
        `The first class has ${live(seen.bar("plain", "probabilities", 0))}; with a constant added to all, ${live(seen.bar("shifted", "probabilities", 0))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`p_k = \frac{e^{u_k / T}}{\sum_j e^{u_j / T}}`,
      spoken: say(
        "確率は、温度で割ったロジットの指数を、その合計で割ったもの。",
        "The exponential of each logit over the temperature, divided by their sum.",
      ),
    },
  ],
  sources: [softmaxSource],
  fillIn: {
    prompt: say(
      "オーバーフローしないように、最大値を引いてから exp を取ってください。",
      "Take the greatest away before exp, so that nothing overflows.",
    ),
    before: "const e = ",
    after: ";",
    hint: say("u.sub(u.max()).exp()", "u.sub(u.max()).exp()"),
    expected: "u.sub(u.max()).exp()",
    given: { u: [1000, 999, 998] },
  },
  notShown: say(
    "確率の形をしていても、正しく自信を持っているとは限りません（較正は別の話です）。",
    "Numbers that look like probabilities need not be calibrated.",
  ),
  related: ["sigmoid-output", "cross-entropy"],
};
