/** 2.6 Momentum. */
import updateSource from "source:src/optim/sgd.ts#update";
import momentumSource from "source:src/optim/sgd.ts#withMomentum";
import { say } from "../../../../src/experiments/text.ts";
import { Arena, arenaCovers } from "../../widgets/arena.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "もめんたむ かんせい そくど 慣性 速度 大域的最適解 momentum velocity heavy ball basin optimizer",
  intro: [
    say(
      "勾配降下法は、いまの勾配だけを見て動きます。モメンタムは過去の勾配を速度としてためながら動きます。谷を横切る成分は向きが交互に変わるので打ち消し合い、谷に沿う成分は同じ向きなので積み上がります。",
      "Gradient descent looks at the present gradient alone. Momentum gathers past ones as a velocity: what goes across a valley changes its sign and cancels, what goes along it adds up.",
    ),
    say(
      "では、勢いがあれば浅い谷を乗り越えて、いちばん低い谷に着くのでしょうか。1600 の出発点すべてから同時に走らせ、行き先を地図にします。",
      "Does that carry it over shallow valleys, to the lowest one? It runs from 1,600 starts at once, and the map shows where each of them ends.",
    ),
  ],
  todo: say(
    "▶ を押してから、輪（出発点）をドラッグしてください。地図の青い領域から出発すれば大域的最適解に着きます。β と学習率も変えてみましょう。",
    "Press ▶, then drag the ring, the start. From the blue part of the map it ends in the global optimum. Change β and the rate as well.",
  ),
  happened: (seen) => [
    say(
      `この出発点からは、いま勾配降下法が高さ ${live(seen.number("gd", "height"))}、モメンタムが高さ ${live(seen.number("momentum", "height"))} にいます（0 が大域的最適解）。全出発点のうち大域的最適解に着いたのは、勾配降下法 ${livePercent(seen.bar("gd", "ends", 0))}、モメンタム ${livePercent(seen.bar("momentum", "ends", 0))} です。`,
      `From this start descent is now at a height of ${live(seen.number("gd", "height"))} and momentum at ${live(seen.number("momentum", "height"))}, where 0 is the global optimum. Of all starts ${livePercent(seen.bar("gd", "ends", 0))} led there by descent, ${livePercent(seen.bar("momentum", "ends", 0))} with momentum.`,
    ),
    say(
      `細長い谷では、モメンタムは ${live(seen.number("momentum", "ravinePassed"))} ステップで谷底を通りますが、行き過ぎて揺れ、落ち着くのは ${live(seen.number("momentum", "ravineSettled"))} ステップです。勾配降下法は ${live(seen.number("gd", "ravineSettled"))} ステップで落ち着きます。β = 0.9 ならどうでしょう。`,
      `In the ravine momentum passes the bottom at step ${live(seen.number("momentum", "ravinePassed"))}, but swings past it and settles at ${live(seen.number("momentum", "ravineSettled"))}; descent settles at ${live(seen.number("gd", "ravineSettled"))}. And with β = 0.9?`,
    ),
  ],
  formulas: [
    {
      html: tex`\htmlData{probe=path}{\mathbf{v}} \leftarrow \beta\,\mathbf{v} + \mathbf{g}, \qquad \mathbf{w} \leftarrow \mathbf{w} - \eta\,\mathbf{v}`,
      spoken: say(
        "速度に β を掛けて勾配を足し、学習率を掛けた速度だけ動く。",
        "Scale the velocity by β and add the gradient; then move by the rate times the velocity.",
      ),
    },
    {
      html: tex`\mathbf{v} = \mathbf{g} + \beta\,\mathbf{g} + \beta^2\mathbf{g} + \cdots = \frac{\mathbf{g}}{1-\beta}`,
      spoken: say(
        "勾配が変わらなければ、速度は 1 − β 分の 1 倍まで育つ。β が 0.95 なら 20 倍。",
        "While the gradient stays the same the velocity grows to 1 over 1 minus β times it: 20 times for β = 0.95.",
      ),
    },
  ],
  sources: [momentumSource, updateSource],
  fillIn: {
    prompt: say(
      "速度 v を、勾配 g と慣性 β で更新してください。",
      "Update the velocity v by the gradient g and the momentum β.",
    ),
    before: "v = ",
    after: ";",
    hint: say("β × v ＋ g です。β は beta と書きます。", "It is β times v plus g; β is written beta."),
    expected: "v * beta + g",
    given: { v: [1, -1], g: [0.5, 0.5], beta: 0.9 },
  },
  notShown: say(
    "谷が 3 つの 2 次元の曲面です。何百万次元の損失では局所的最適解より鞍点のほうがずっと多く、行き先の割合もそのままは当てはまりません。学習率は手法ごとに決めてあり（勾配降下法 0.05、モメンタム 0.01）、同じ値での比較でもありません。",
    "This is a surface of two dimensions with three valleys. In millions of dimensions saddles are far more common than local optima, and these percentages mean nothing there. Each method has a rate of its own here (descent 0.05, momentum 0.01).",
  ),
  primary: "beta",
  related: ["adagrad", "adam", "gradient-descent"],
  Extra: Arena,
  covers: arenaCovers,
};
