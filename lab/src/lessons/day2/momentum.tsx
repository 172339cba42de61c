/** 2.6 Momentum. */
import updateSource from "source:src/optim/sgd.ts#update";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "もめんたむ かんせい momentum velocity basin optimizer",
  intro: [
    say(
      "モメンタムは、過去の勾配を速度としてためます。谷のジグザグは打ち消し合い、谷沿いの動きは積み上がります。",
      "Momentum keeps past gradients as a velocity: zigzags cancel, and what goes along the valley adds up.",
    ),
    say(
      "「大域的最適解に着く」かどうかは、出発点しだいです。すべての出発点の行き先を地図にします。",
      "Whether it ends in the global optimum depends on the start. The basin map shows where every start ends.",
    ),
  ],
  todo: say(
    "出発点を動かし、β（ためる割合）も変えてください。",
    "Move the start, and change β, the part that is kept.",
  ),
  happened(seen) {
    return [
      say(
        `最後の高さは、勾配降下 ${live(seen.number("gd", "height"))}、モメンタム ${live(seen.number("momentum", "height"))} です。`,
        `Final heights: descent ${live(seen.number("gd", "height"))}, momentum ${live(seen.number("momentum", "height"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\mathbf{v} \leftarrow \beta\mathbf{v} + \mathbf{g}, \qquad \mathbf{w} \leftarrow \mathbf{w} - \eta\mathbf{v}`,
      spoken: say(
        "速度に β を掛けて勾配を足し、その速度で動く。",
        "Scale the velocity by β, add the gradient, move by it.",
      ),
    },
  ],
  sources: [updateSource],
  fillIn: {
    prompt: say("速度の更新を書いてください。", "Write the update of the velocity."),
    before: "v = ",
    after: ";",
    hint: say("β × v ＋ g", "β times v plus g"),
    expected: "v * beta + g",
    given: { v: [1, -1], g: [0.5, 0.5], beta: 0.9 },
  },
  notShown: say(
    "2 次元の地図の結論が、何百万次元の損失にそのまま当てはまるとは限りません。",
    "What holds on a map of two dimensions need not hold in millions.",
  ),
  related: ["adagrad", "adam", "gradient-descent"],
};
