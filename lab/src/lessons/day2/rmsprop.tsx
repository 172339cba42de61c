/** 2.8 RMSProp. */
import updateSource from "source:src/optim/rmsprop.ts#update";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "あーるえむえすぷろっぷ rmsprop moving average",
  intro: [
    say(
      "RMSProp は、2 乗の和の代わりに移動平均を使います。古い勾配を忘れるので、学習率は回復できます。",
      "RMSProp keeps a running mean of squares instead of a sum. It forgets, so its rates recover.",
    ),
    say(
      "平らな場所でも歩幅が一定になるので、勾配がほぼ 0 の高原からも抜け出します。",
      "On flat ground its steps keep their size, so it leaves even a plateau.",
    ),
  ],
  todo: say(
    "忘れる割合 ρ を変えて、AdaGrad と比べてください。",
    "Change ρ, how much is kept, and compare with AdaGrad.",
  ),
  happened(seen) {
    return [
      say(
        `最後の高さは、AdaGrad ${live(seen.number("adagrad", "height"))}、RMSProp ${live(seen.number("rmsprop", "height"))} です。`,
        `Final heights: AdaGrad ${live(seen.number("adagrad", "height"))}, RMSProp ${live(seen.number("rmsprop", "height"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\mathbf{h} \leftarrow \rho\,\mathbf{h} + (1-\rho)\,\mathbf{g}^2`,
      spoken: say(
        "2 乗の移動平均。割合 ρ だけ残し、残りを新しい 2 乗で埋める。",
        "A running mean of squares: keep ρ of it, fill up with the new square.",
      ),
    },
  ],
  sources: [updateSource],
  fillIn: {
    prompt: say("h を更新してください。", "Update h."),
    before: "h = ",
    after: ";",
    hint: say("ρ × h ＋（1 − ρ）× g²", "ρ times h plus (1 − ρ) times g squared"),
    expected: "h * rho + g * g * (1 - rho)",
    given: { h: [1, 4], g: [2, -1], rho: 0.9 },
  },
  notShown: say(
    "「AdaGrad より大域的最適解に着く」は、出発点によって逆にもなります。",
    "That it ends more globally than AdaGrad is reversed from some starts.",
  ),
  related: ["adagrad", "adam"],
};
