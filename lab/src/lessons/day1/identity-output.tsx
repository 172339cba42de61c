/** 1.8 The identity as an output. */
import mseLossSource from "source:src/ops/loss.ts#mseLoss";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "こうとうしゃぞう identity output regression",
  intro: [
    say(
      "回帰の出力層には、値の範囲を縛らない恒等写像を使います。",
      "Regression has the identity at its output, which binds no range.",
    ),
    say(
      "シグモイドの出力は 0 から 1 に収まるので、1.7 のような目標には届きません。",
      "A sigmoid's output lies between 0 and 1, so a target of 1.7 is out of reach.",
    ),
  ],
  todo: say(
    "目標の上端を動かし、届かない帯を確かめてください。",
    "Move the top of the target, and see the band that is out of reach.",
  ),
  happened(seen) {
    return [
      say(
        `誤差は、恒等写像 ${live(seen.number("identity", "error"))}、シグモイド ${live(seen.number("sigmoid", "error"))}、ソフトマックス ${live(seen.number("softmax", "error"))} でした。`,
        `Errors: identity ${live(seen.number("identity", "error"))}, sigmoid ${live(seen.number("sigmoid", "error"))}, softmax ${live(seen.number("softmax", "error"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`y = u \quad\text{vs.}\quad y = \sigma(u) \in (0, 1)`,
      spoken: say(
        "恒等写像は総入力をそのまま出し、シグモイドは 0 と 1 の間に押し込む。",
        "The identity gives the total input as it is; the sigmoid squeezes it between 0 and 1.",
      ),
    },
  ],
  sources: [mseLossSource],
  fillIn: {
    prompt: say("予測 y と目標 t の二乗誤差の平均を書いてください。", "Write the mean squared error of y and t."),
    before: "const loss = ",
    after: ";",
    hint: say("差の 2 乗の平均。", "The mean of squared differences."),
    expected: "((y - t) * (y - t)).mean()",
    given: { y: [1, 2, 3], t: [1, 1, 1] },
  },
  notShown: say(
    "目標を 0 から 1 に変換してからシグモイドを使う方法もあります。",
    "One may also scale targets into 0 to 1 and keep the sigmoid.",
  ),
  related: ["sigmoid-output", "mean-squared-error"],
};
