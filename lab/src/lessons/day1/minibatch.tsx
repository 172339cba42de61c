/** 1.14 Minibatches. */
import dataLoaderSource from "source:src/data/loader.ts#DataLoader";
import learnSource from "source:src/experiments/parts/data-parallel.ts#meanOf";
import { say } from "../../../../src/experiments/text.ts";
import { NoiseCloud, noiseCloudCovers } from "../../widgets/noise-cloud.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "みにばっち へいれつ minibatch noise parallel shards",
  intro: [
    say(
      "ミニバッチは、何件かの勾配を平均して 1 歩進む方法です。件数を 16 倍にすると、勾配のばらつきはおよそ 4 分の 1 になります。",
      "A minibatch steps by the mean gradient of some examples. Sixteen times as many have about a quarter of the noise.",
    ),
    say(
      "平均なので、バッチを分けて別々に計算し、後で平均しても同じです。だから並列にできます。ここでは 32 枚以上のバッチを 4 つに分け、このページの裏で動く本物のワーカー（1〜4 つ）が同時に計算します。",
      "Being a mean, it can be computed in parts and averaged afterwards. That is why it runs in parallel. Here batches of 32 or more are cut into 4 parts, which one to four real workers behind this page compute at the same time.",
    ),
  ],
  todo: say(
    "枚数を選んで雲の大きさを比べ、▶ で同じ損失をステップと秒の両方で見てください。学習中にワーカーの数を変えると、速さは変わり、損失は 1 ビットも変わりません。",
    "Choose a size and compare the clouds; then press ▶, and see the same losses by steps and by seconds. Change the workers while it trains: the speed changes, and no bit of the loss does.",
  ),
  happened(seen) {
    return [
      say(
        `8 枚のばらつきは ${live(seen.bar("small", "noise", 0))}、128 枚では ${live(seen.bar("small", "noise", 2))}。分けた勾配との差は ${live(seen.number("small", "partGap"))} です。`,
        `Noise is ${live(seen.bar("small", "noise", 0))} with 8 digits, ${live(seen.bar("small", "noise", 2))} with 128. The parts differ by ${live(seen.number("small", "partGap"))}.`,
      ),
      say(
        `512 枚の勾配を、ワーカー 1 つは毎秒 ${live(seen.bar("small", "workerSpeeds", 0))} 枚、いまの数では ${live(seen.bar("small", "workerSpeeds", -1))} 枚の速さで計算しました。ワーカーの数で変わった値は ${live(seen.number("small", "differing"))} 個です。分け方も足す順番も、ワーカーの数によらないからです。`,
        `One worker computed gradients of 512 digits at ${live(seen.bar("small", "workerSpeeds", 0))} digits per second; as many as there are now, at ${live(seen.bar("small", "workerSpeeds", -1))}. ${live(seen.number("small", "differing"))} numbers changed with their count, for neither the parts nor the order in which they are added depends on it.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\mathbf{g} = \frac1B\sum_{n=1}^{B} \nabla E_n = \frac1k\sum_{s=1}^{k}\mathbf{g}_s, \qquad \htmlData{probe=noise}{\text{noise}} \propto \frac{1}{\sqrt{B}}`,
      spoken: say(
        "バッチの勾配は、分けた部分の勾配の平均。ばらつきはバッチの大きさの平方根に反比例。",
        "The gradient of a batch is the mean of its parts'; noise falls with the root of the size.",
      ),
    },
  ],
  sources: [learnSource, dataLoaderSource],
  fillIn: {
    prompt: say(
      "2 つの部分の勾配 a と b から、バッチ全体の勾配を求めてください。",
      "From the gradients a and b of two equal parts, compute that of the batch.",
    ),
    before: "const g = ",
    after: ";",
    hint: say("平均です。", "Their mean."),
    expected: "(a + b) / 2",
    given: { a: [1, 3], b: [3, 5] },
  },
  notShown: say(
    "ワーカーは同じマシンのコアを分け合います。コアより多くても速くはなりません。複数のマシンでは通信の時間もかかります（4.10）。",
    "The workers share the cores of one machine: more of them than cores gain nothing. Among machines, communication costs time too (4.10).",
  ),
  related: ["online-learning", "gradient-descent"],
  Extra: NoiseCloud,
  covers: noiseCloudCovers,
};
