/** 2.8 RMSProp. */
import updateSource from "source:src/optim/rmsprop.ts#update";
import type { JSX } from "preact";
import { say } from "../../../../src/experiments/text.ts";
import type { Bench } from "../../bench/store.ts";
import { arenaCovers } from "../../widgets/arena.tsx";
import { ArenaWithGauges } from "../../widgets/gauges.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "あーるえむえすぷろっぷ いどうへいきん 移動平均 減衰 rmsprop moving average decay",
  intro: [
    say(
      "RMSProp は、AdaGrad の「2 乗の和」を「2 乗の移動平均」に替えたものです。古い勾配を少しずつ忘れるので、いったん下がった学習率も、緩やかな場所に出れば戻ります。",
      "RMSProp has a running mean of squares where AdaGrad has their sum. It forgets old gradients, so a rate that fell recovers once the ground is gentle.",
    ),
    say(
      "勾配を最近の勾配の大きさで割るので、歩幅は勾配の大きさにほとんどよりません。勾配が 7e-8 しかない平地でも、同じ歩幅で歩き出します。",
      "As the gradient is divided by the size of recent ones, how steep it is hardly matters: even on a plain whose gradient is 7e-8 it walks at its usual pace.",
    ),
  ],
  todo: say(
    "▶ を押して、平地からの脱出と、メーターの戻り方を AdaGrad と比べてください。次に出発点を (0, 0.6) に動かすと、勝敗が入れ替わります。",
    "Press ▶, and compare how it leaves the plain and how its gauges recover with AdaGrad. Then move the start to (0, 0.6), and the winner is another.",
  ),
  happened: (seen) => [
    say(
      `平地を抜けたのは、RMSProp が ${live(seen.number("rmsprop", "escape"))} ステップ、AdaGrad が ${live(seen.number("adagrad", "escape"))}（–：抜けていません）。いまの高さは RMSProp ${live(seen.number("rmsprop", "height"))}、AdaGrad ${live(seen.number("adagrad", "height"))} です。`,
      `RMSProp was off the plain at step ${live(seen.number("rmsprop", "escape"))}, AdaGrad at ${live(seen.number("adagrad", "escape"))} (–: not yet). They are now at heights of ${live(seen.number("rmsprop", "height"))} and ${live(seen.number("adagrad", "height"))}.`,
    ),
    say(
      `すべての出発点のうち大域的最適解に着いたのは RMSProp ${livePercent(seen.bar("rmsprop", "ends", 0))}、AdaGrad ${livePercent(seen.bar("adagrad", "ends", 0))}。学習率を標準の 10 倍にしてもどれかの谷に着いたのは、${livePercent(seen.bar("rmsprop", "sweep", -1))} と ${livePercent(seen.bar("adagrad", "sweep", -1))} です。`,
      `Of all starts ${livePercent(seen.bar("rmsprop", "ends", 0))} led to the global optimum with RMSProp, ${livePercent(seen.bar("adagrad", "ends", 0))} with AdaGrad. At ten times the usual rate ${livePercent(seen.bar("rmsprop", "sweep", -1))} and ${livePercent(seen.bar("adagrad", "sweep", -1))} still led to some valley.`,
    ),
  ],
  formulas: [
    {
      html: tex`\mathbf{h} \leftarrow \rho\,\mathbf{h} + (1-\rho)\,\mathbf{g}\odot\mathbf{g}, \qquad \mathbf{w} \leftarrow \mathbf{w} - \htmlData{probe=rates}{\frac{\eta}{\sqrt{\mathbf{h}} + \epsilon}}\odot\mathbf{g}`,
      spoken: say(
        "2 乗の移動平均を割合 ρ だけ残し、残りを新しい 2 乗で埋める。動き方は AdaGrad と同じ。",
        "Keep ρ of the running mean of squares and fill up with the new ones; the move is AdaGrad's.",
      ),
    },
  ],
  sources: [updateSource],
  fillIn: {
    prompt: say(
      "2 乗の移動平均 h を更新してください。残す割合は rho です。",
      "Update h, the running mean of squares, of which rho is kept.",
    ),
    before: "h = ",
    after: ";",
    hint: say("ρ × h ＋（1 − ρ）× g²", "ρ times h plus (1 − ρ) times g squared"),
    expected: "h * rho + g * g * (1 - rho)",
    given: { h: [1, 4], g: [2, -1], rho: 0.9 },
  },
  notShown: say(
    "「AdaGrad より大域的最適解に着く」のは、この曲面の出発点の割合の話です。歩幅が縮まないので最後は谷底の周りで揺れ続け、止めるには学習率を下げていく必要があります。",
    "That it ends in the global optimum more often than AdaGrad is about the starts of this surface. Its steps do not shrink, so at the bottom it goes on swinging until the rate is lowered.",
  ),
  primary: "rho",
  related: ["adagrad", "adam"],
  Extra: Picture,
  covers: arenaCovers,
};

function Picture({ bench }: { bench: Bench }): JSX.Element {
  return <ArenaWithGauges bench={bench} lanes={["rmsprop", "adagrad"]} />;
}
