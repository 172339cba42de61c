/** 2.5 Batch normalization. */

import normalizeSource from "source:src/ops/norm.ts#batchNorm";
import statisticsSource from "source:src/ops/norm.ts#batchStatistics";
import runningSource from "source:src/tensor/functional.ts#batchNorm";
import type { JSX } from "preact";
import { say } from "../../../../src/experiments/text.ts";
import type { Bench } from "../../bench/store.ts";
import { BarsHistory } from "../../widgets/bars-history.tsx";
import { LayerChoices } from "../../widgets/layer-choices.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords:
    "バッチノーマライゼーション BN ばっちせいきか いどうへいきん 移動平均 正規化 batch normalization batchnorm running mean",
  intro: [
    say(
      "バッチ正規化は、活性化関数に入る前の値を、ユニットごとに、ミニバッチの中で平均 0、分散 1 にそろえます。そのうえで、倍率 γ とずれ β を学習します。",
      "Batch normalization takes what goes into an activation, and gives each unit mean 0 and variance 1 within the minibatch; then it scales by γ and shifts by β, which are learnt.",
    ),
    say(
      "推論のときはミニバッチがあるとは限らないので、学習中に追いかけておいた移動平均を使います。初期値が悪くても、山の位置と幅は毎回そろえ直されます。",
      "In inference there may be no minibatch: it then takes the running means that it kept while training. However bad the initial weights, the ridges are put right at every step.",
    ),
  ],
  todo: say(
    "▶ を押して、正規化の前と後の山を比べてください。層ごとのチェックを外すとどうなるでしょう。学習のあとで「テストのときの平均と分散」を切り替え、ミニバッチを 2 枚にした場合も試しましょう。",
    "Press ▶ and compare the ridges before and after. Untick a layer and see. After the run switch what the test normalizes with, and try minibatches of 2.",
  ),
  happened: (seen) => [
    say(
      `標準偏差 0.01 の小さな初期値のまま、テスト正解率は、なしで ${livePercent(seen.number("without", "accuracy"))}、ありで ${livePercent(seen.number("with", "accuracy"))}。第 1 層の勾配は ${live(seen.bar("without", "gradient", 0))} と ${live(seen.bar("with", "gradient", 0))} です。`,
      `Test accuracy is ${livePercent(seen.number("without", "accuracy"))} without it and ${livePercent(seen.number("with", "accuracy"))} with it, from the same weights. The gradients at the first layer are ${live(seen.bar("without", "gradient", 0))} and ${live(seen.bar("with", "gradient", 0))}.`,
    ),
    say(
      `最後の隠れ層の入力の偏り（|平均| ÷ 標準偏差）は、なしで ${live(seen.bar("without", "bias", -1))}、ありで ${live(seen.bar("with", "bias", -1))}。第 1 ユニットの平均は、いまのミニバッチで ${live(seen.bar("with", "unitMeans", 0))}、移動平均で ${live(seen.bar("with", "unitMeans", 1))} です。`,
      `In the last hidden layer |mean| over deviation is ${live(seen.bar("without", "bias", -1))} without and ${live(seen.bar("with", "bias", -1))} with it. The mean of unit 1 is ${live(seen.bar("with", "unitMeans", 0))} in this batch, and ${live(seen.bar("with", "unitMeans", 1))} as the running one has it.`,
    ),
  ],
  formulas: [
    {
      html: tex`\htmlData{probe=after}{\hat{x}} = \frac{\htmlData{probe=before}{x} - \mu_B}{\sqrt{\sigma_B^2 + \epsilon}}, \qquad y = \gamma\,\hat{x} + \beta`,
      spoken: say(
        "ミニバッチの平均を引き、標準偏差で割る。それに γ を掛け、β を足す。",
        "Subtract the batch's mean and divide by its deviation; then scale by γ and shift by β.",
      ),
    },
    {
      html: tex`\htmlData{probe=unitMeans}{\bar{\mu}} \leftarrow (1-\alpha)\,\bar{\mu} + \alpha\,\mu_B`,
      spoken: say(
        "移動平均は、ミニバッチの平均に向かって割合 α だけ動く。",
        "The running mean moves by a part α of the way to the batch's.",
      ),
    },
  ],
  sources: [normalizeSource, statisticsSource, runningSource],
  fillIn: {
    prompt: say(
      "移動平均 running を、ミニバッチ x の平均に向けて割合 alpha だけ動かしてください。",
      "Move the mean running by a part alpha of the way to the mean of the batch x.",
    ),
    before: "running = ",
    after: ";",
    hint: say(
      "（1 − α）× running ＋ α × x の平均。平均は x.mean()。",
      "(1 − α) times running, plus α times the mean of x, which is x.mean().",
    ),
    expected: "running * (1 - alpha) + x.mean() * alpha",
    given: { running: [0.5], x: [1, 2, 3, 6], alpha: 0.1 },
  },
  notShown: say(
    "なぜ効くのか（内部共変量シフトを抑えるからか、損失の面が滑らかになるからか）は、この実験では決められません。また、初期値が良ければ（ReLU と He）、バッチ正規化なしでも学習できます。",
    "Why it works, by less covariate shift or by a smoother loss, is not decided here. And from good weights, He's with ReLU, it learns without batch normalization too.",
  ),
  primary: "batch",
  related: ["vanishing-gradient", "he", "minibatch"],
  Extra: Picture,
  covers: ["unitMeans"],
};

function Picture({ bench }: { bench: Bench }): JSX.Element {
  return (
    <>
      <LayerChoices
        bench={bench}
        parameter="norms"
        lane="with"
        label={say("バッチ正規化を入れる層", "Layers that are normalized")}
        options={[say("なし", "off"), say("あり", "on")]}
      />
      <BarsHistory
        bench={bench}
        probe="unitMeans"
        lanes={["with"]}
        label={say(
          "移動平均はミニバッチの平均を追いかける（第 1 ユニット）",
          "The running mean follows the batches' (unit 1)",
        )}
      />
    </>
  );
}
