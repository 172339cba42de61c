/** 2.2 ReLU and sparsity. */
import reluModule from "source:src/nn/activation.ts#ReLU";
import reluSource from "source:src/ops/activation.ts#relu";
import type { JSX } from "preact";
import { say } from "../../../../src/experiments/text.ts";
import type { Bench } from "../../bench/store.ts";
import { LayerChoices } from "../../widgets/layer-choices.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "れる れいる れるー すぱーすか 疎 スパース 勾配消失 活性化関数 sparse sparsity relu zeros dead units",
  intro: [
    say(
      "ReLU の傾きは、正の側では 1、負の側では 0 です。正の側を通る勾配は、活性化関数では縮みません。縮むかどうかを決めるのは、残る掛け算の相手、つまり重みです。",
      "ReLU's slope is 1 for positive inputs and 0 for others. Where it is 1, the activation shrinks no gradient; whether something else does depends on what is left to multiply by, the weights.",
    ),
    say(
      "負の側に入ったユニットは 0 を出し、消灯します。多くのユニットが 0 になることをスパース化（疎になること）といいます。",
      "A unit whose input is negative gives 0: it is off. That many of them are at 0 is called sparsity.",
    ),
  ],
  todo: say(
    "▶ を押して、4 つのレーンの金色の棒（勾配）と消灯の割合を比べてください。次に「ReLU、He の初期値」の途中の 1 層だけをシグモイドに替えてみましょう。",
    "Press ▶ and compare the gold, the gradients, and how many units are off. Then make a single layer of the lane with He's weights a sigmoid.",
  ),
  happened: (seen) => [
    say(
      `第 1 層に届いている勾配は、シグモイド ${live(seen.bar("sigmoid", "gradient", 0))}、ReLU は He の初期値で ${live(seen.bar("he", "gradient", 0))}、シグモイドと同じ小さな初期値では ${live(seen.bar("small", "gradient", 0))} です。ReLU でも、重みが小さすぎれば勾配は消えます。`,
      `At the first layer the gradient is now ${live(seen.bar("sigmoid", "gradient", 0))} with sigmoids, ${live(seen.bar("he", "gradient", 0))} with ReLU from He's weights, and ${live(seen.bar("small", "gradient", 0))} with ReLU from the sigmoids' small weights: with weights too small it vanishes through ReLU as well.`,
    ),
    say(
      `He の初期値では、第 1 層の ${livePercent(seen.bar("he", "zeros", 0))} が 0 です。それでもテスト正解率は ${livePercent(seen.number("he", "accuracy"))}（シグモイド ${livePercent(seen.number("sigmoid", "accuracy"))}、小さな初期値の ReLU ${livePercent(seen.number("small", "accuracy"))}）です。`,
      `From He's weights ${livePercent(seen.bar("he", "zeros", 0))} of the first layer is at 0, and test accuracy is ${livePercent(seen.number("he", "accuracy"))}; with sigmoids it is ${livePercent(seen.number("sigmoid", "accuracy"))}, with ReLU from small weights ${livePercent(seen.number("small", "accuracy"))}.`,
    ),
  ],
  formulas: [
    {
      html: tex`f(u) = \max(0, u), \qquad f'(u) = \begin{cases} 1 & (u > 0) \\ 0 & (u \le 0) \end{cases}`,
      spoken: say(
        "正の入力はそのまま通し、それ以外は 0。傾きは 1 か 0。",
        "What is positive passes, the rest becomes 0; the slope is 1 or 0.",
      ),
    },
    {
      html: tex`\htmlData{probe=zeros}{P\bigl(f(u) = 0\bigr)} = P(u \le 0) = \tfrac12 \qquad \text{if } u \sim \mathcal{N}(0, \sigma^2)`,
      spoken: say(
        "総入力が 0 を中心に左右対称に散らばるなら、出力が 0 になる確率は 2 分の 1。",
        "Where inputs lie evenly around 0, half of the outputs are 0.",
      ),
    },
  ],
  sources: [reluSource, reluModule],
  fillIn: {
    prompt: say("出力 y のうち、0 である割合を求めてください。", "Compute which part of the outputs y is 0."),
    before: "const sparsity = ",
    after: ";",
    hint: say(
      "y.eq(0) は真偽値のテンソルです。.float() で 1 と 0 にして平均します。",
      "y.eq(0) gives booleans; .float() makes them 1 and 0, to take the mean of.",
    ),
    expected: "y.eq(0).float().mean()",
    given: { y: [0, 1.2, 0, 0.4] },
  },
  notShown: say(
    "0 が多いから正解率が上がる、とは言えません。スパース化の計算上の得（0 の掛け算を省くこと）も、この実験では使っていません。",
    "It does not follow that accuracy comes from the zeros. Nor does anything here make use of them to save products.",
  ),
  related: ["vanishing-gradient", "he", "relu"],
  Extra: Layers,
};

const options = [say("シグモイド", "sigmoid"), say("ReLU", "ReLU"), say("tanh", "tanh")];

function Layers({ bench }: { bench: Bench }): JSX.Element {
  return (
    <LayerChoices
      bench={bench}
      parameter="activations"
      lane="he"
      label={say(
        "「ReLU、He の初期値」の各層の活性化関数",
        "Activation of each layer in the lane “ReLU, He's weights”",
      )}
      options={options}
    />
  );
}
