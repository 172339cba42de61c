/** 2.7 AdaGrad. */
import updateSource from "source:src/optim/adagrad.ts#update";
import type { JSX } from "preact";
import { say } from "../../../../src/experiments/text.ts";
import type { Bench } from "../../bench/store.ts";
import { arenaCovers } from "../../widgets/arena.tsx";
import { ArenaWithGauges } from "../../widgets/gauges.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "あだぐらっど てきおうてき がくしゅうりつ 適応的 学習率 鞍点 adagrad adaptive learning rate saddle",
  intro: [
    say(
      "AdaGrad は、勾配の 2 乗を軸ごとに足し続け、学習率をその平方根で割ります。急な軸では小さく、緩やかな軸では大きく動くので、学習率を軸ごとに決める必要がありません。",
      "AdaGrad sums the squares of gradients along each axis, and divides the rate by the root of the sum: small steps along steep axes, large ones along gentle ones, with no rate to be set for each.",
    ),
    say(
      "ただし、足し続けた和は減りません。学習率のメーターは下がるだけです。それは鞍点で困るのでしょうか、長い道のりで困るのでしょうか。",
      "But a sum of squares never falls, so the gauges of the rates only do. Is that a problem at saddles, or on long roads?",
    ),
  ],
  todo: say(
    "▶ を押して、2 本のメーターの下がり方を見てください。次に設定の例「曲がった長い谷」を試し、出発点もドラッグしてみましょう。",
    "Press ▶ and see how the two gauges fall. Then take the preset with the long bent valley, and drag the start.",
  ),
  happened: (seen) => [
    say(
      `学習率は x 軸で ${live(seen.bar("adagrad", "rates", 0))}、y 軸で ${live(seen.bar("adagrad", "rates", 1))} まで下がりました（勾配降下法は ${live(seen.bar("gd", "rates", 0))} のまま）。平地を抜けたのは AdaGrad が ${live(seen.number("adagrad", "escape"))} ステップ、勾配降下法が ${live(seen.number("gd", "escape"))} ステップです。`,
      `The rates fell to ${live(seen.bar("adagrad", "rates", 0))} along x and ${live(seen.bar("adagrad", "rates", 1))} along y; descent's stays at ${live(seen.bar("gd", "rates", 0))}. AdaGrad was off the flat place at step ${live(seen.number("adagrad", "escape"))}, descent at ${live(seen.number("gd", "escape"))}.`,
    ),
    say(
      `緩やかな谷では、谷底に落ち着くまで AdaGrad が ${live(seen.number("adagrad", "ravineSettled"))} ステップ、勾配降下法は ${live(seen.number("gd", "ravineSettled"))} ステップ（–：まだ着いていません）。下がる学習率が効いてくるのは、鞍点よりも長い道のりです。`,
      `In the gentle ravine AdaGrad settles at step ${live(seen.number("adagrad", "ravineSettled"))}, descent at ${live(seen.number("gd", "ravineSettled"))} (–: not yet). Where falling rates hurt is on long roads, rather than at saddles.`,
    ),
  ],
  formulas: [
    {
      html: tex`\mathbf{h} \leftarrow \mathbf{h} + \mathbf{g}\odot\mathbf{g}, \qquad \mathbf{w} \leftarrow \mathbf{w} - \htmlData{probe=rates}{\frac{\eta}{\sqrt{\mathbf{h}} + \epsilon}}\odot\mathbf{g}`,
      spoken: say(
        "勾配の 2 乗を h に足し、学習率を h の平方根で割ったものを、軸ごとに勾配に掛けて動く。",
        "Add the squares to h; move by the gradient times the rate over the root of h, axis by axis.",
      ),
    },
  ],
  sources: [updateSource],
  fillIn: {
    prompt: say("勾配の 2 乗の和 h を更新してください。", "Update h, the sum of squares of the gradient g."),
    before: "h = ",
    after: ";",
    hint: say(
      "h に g の 2 乗を足します。2 乗は g * g か g.square() です。",
      "Add the square of g: g * g, or g.square().",
    ),
    expected: "h + g * g",
    given: { h: [1, 4], g: [2, -1] },
  },
  notShown: say(
    "AdaGrad の本来の強みは、たまにしか現れない特徴（まれな単語など）の重みを大きく動かせることです。どの軸の勾配も毎回届くこの曲面では、それは見えません。",
    "AdaGrad was made for features that come seldom, such as rare words, whose weights it moves far. On these surfaces every axis has a gradient at every step, so that does not show.",
  ),
  related: ["momentum", "rmsprop", "adam"],
  Extra: Picture,
  covers: arenaCovers,
};

function Picture({ bench }: { bench: Bench }): JSX.Element {
  return <ArenaWithGauges bench={bench} lanes={["adagrad", "gd"]} />;
}
