/** 2.9 Adam. */
import changeSource from "source:src/optim/adam.ts#change";
import momentsSource from "source:src/optim/moments.ts#moments";
import type { JSX } from "preact";
import { say } from "../../../../src/experiments/text.ts";
import type { Bench } from "../../bench/store.ts";
import { Arena, arenaCovers } from "../../widgets/arena.tsx";
import { Quadrants } from "../../widgets/quadrants.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "あだむ ばいあすほせい バイアス補正 鞍点 モーメント adam moments bias correction saddle",
  intro: [
    say(
      "Adam は 2 つの部品でできています。m は勾配の移動平均で、モメンタムと同じく向きをならします。v は勾配の 2 乗の移動平均で、RMSProp と同じく歩幅をそろえます。",
      "Adam has two parts: m, a running mean of gradients, smooths the direction as momentum does; v, a running mean of squares, evens out the steps as RMSProp does.",
    ),
    say(
      "どちらも 0 から始まるので、はじめのうちは小さすぎます。バイアス補正は、そのぶんを割り戻します。",
      "Both begin at 0, and so are too small at first. Bias correction divides that out.",
    ),
  ],
  todo: say(
    "▶ を押して、鞍点からの脱出と数字の学習の競走を見てください。次に「Adam のバイアス補正」をなしにして、1 歩ずつ進めて最初の歩幅を比べましょう。β₁ = 0 にすると m がなくなります。",
    "Press ▶ for the race off the saddle, and the one on the digits. Then switch the correction off and go step by step: compare the first moves. With β₁ = 0 there is no m.",
  ),
  happened: (seen) => [
    say(
      `鞍点を抜けたステップは、SGD ${live(seen.number("sgd", "escape"))}、モメンタム ${live(seen.number("momentum", "escape"))}、AdaGrad ${live(seen.number("adagrad", "escape"))}、RMSProp ${live(seen.number("rmsprop", "escape"))}、Adam ${live(seen.number("adam", "escape"))}。標準の設定でいちばん早いのは、勢いをためない RMSProp です。`,
      `Off the saddle at step: SGD ${live(seen.number("sgd", "escape"))}, momentum ${live(seen.number("momentum", "escape"))}, AdaGrad ${live(seen.number("adagrad", "escape"))}, RMSProp ${live(seen.number("rmsprop", "escape"))}, Adam ${live(seen.number("adam", "escape"))}. By default RMSProp, which gathers no momentum, is first.`,
    ),
    say(
      `数字の正解率は、SGD ${livePercent(seen.number("sgd", "accuracy"))}、モメンタム ${livePercent(seen.number("momentum", "accuracy"))}、AdaGrad ${livePercent(seen.number("adagrad", "accuracy"))}、RMSProp ${livePercent(seen.number("rmsprop", "accuracy"))}、Adam ${livePercent(seen.number("adam", "accuracy"))} です。`,
      `Accuracy on the digits: SGD ${livePercent(seen.number("sgd", "accuracy"))}, momentum ${livePercent(seen.number("momentum", "accuracy"))}, AdaGrad ${livePercent(seen.number("adagrad", "accuracy"))}, RMSProp ${livePercent(seen.number("rmsprop", "accuracy"))}, Adam ${livePercent(seen.number("adam", "accuracy"))}.`,
    ),
  ],
  formulas: [
    {
      html: tex`\htmlData{probe=m}{\mathbf{m}} \leftarrow \beta_1\mathbf{m} + (1-\beta_1)\,\mathbf{g}, \qquad \htmlData{probe=v}{\mathbf{v}} \leftarrow \beta_2\mathbf{v} + (1-\beta_2)\,\mathbf{g}\odot\mathbf{g}`,
      spoken: say(
        "m は勾配の、v は勾配の 2 乗の移動平均。",
        "m is the running mean of gradients, v that of their squares.",
      ),
    },
    {
      html: tex`\hat{\mathbf{m}} = \frac{\htmlData{probe=m}{\mathbf{m}}}{1-\beta_1^{\,t}}, \quad \hat{\mathbf{v}} = \frac{\htmlData{probe=v}{\mathbf{v}}}{1-\beta_2^{\,t}}, \qquad \mathbf{w} \leftarrow \mathbf{w} - \eta\,\frac{\hat{\mathbf{m}}}{\sqrt{\hat{\mathbf{v}}} + \epsilon}`,
      spoken: say(
        "1 から β の t 乗を引いたもので割って補正し、補正した m を補正した v の平方根で割って動く。",
        "Correct both by 1 minus β to the power of t; move by the corrected m over the root of the corrected v.",
      ),
    },
  ],
  sources: [changeSource, momentsSource],
  fillIn: {
    prompt: say(
      "2 歩目（t = 2）の、補正した m を求めてください。",
      "Compute the corrected m at the second step, t = 2.",
    ),
    before: "const mHat = ",
    after: ";",
    hint: say("m ÷（1 − β₁²）です。β₁² は beta1 * beta1。", "It is m over (1 − β₁²); β₁² is beta1 * beta1."),
    expected: "m / (1 - beta1 * beta1)",
    given: { m: [0.095, -0.19], beta1: 0.9 },
  },
  notShown: say(
    "どれもその手法に合わせて選んだ学習率での比較です。学習率の選び方しだいで順位は変わり、よく調整した SGD とモメンタムが、未知のデータで Adam を上回ることもあります。",
    "Each method has a rate that suits it; with other rates the ranking is another, and SGD with momentum, well tuned, may do better than Adam on data that was not seen.",
  ),
  primary: "beta1",
  related: ["momentum", "rmsprop", "vanishing-gradient"],
  Extra: Picture,
  covers: arenaCovers,
};

function Picture({ bench }: { bench: Bench }): JSX.Element {
  return (
    <>
      <Arena bench={bench} />
      <Quadrants bench={bench} />
    </>
  );
}
