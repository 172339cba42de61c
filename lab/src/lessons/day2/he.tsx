/** 2.4 He's initial weights. */

import gainSource from "source:src/nn/init.ts#gain";
import kaimingNormalSource from "source:src/nn/init.ts#kaimingNormal";
import kaimingStdSource from "source:src/nn/init.ts#kaimingStd";
import type { JSX } from "preact";
import { say } from "../../../../src/experiments/text.ts";
import type { Bench } from "../../bench/store.ts";
import { Deviations, deviationsCover } from "../../widgets/deviations.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "ひー かいめい しょきち 初期値 重みの初期化 he kaiming initialization weights relu variance",
  intro: [
    say(
      "ReLU は、総入力の負の半分を 0 にします。左右対称に散らばる値なら、2 乗の平均はちょうど半分になります。",
      "ReLU makes the negative half of its inputs 0. If they lie evenly around 0, that halves their mean square.",
    ),
    say(
      "Xavier の初期値のままでは、信号は層を通るたびに 1/√2 倍になります。He の初期値は、重みの分散を 2 倍にして、この半分を埋め合わせます。",
      "So from Xavier's weights a signal is 1/√2 of itself after each layer. He's make up for the half with twice the variance.",
    ),
  ],
  todo: say(
    "▶ を押す前に、Xavier と He の「出力の標準偏差」が層を追うごとにどう変わるかを比べてください。次に目盛り √(2/n) のついたスライダーで、自分のレーンを He に近づけてみましょう。",
    "Before you press ▶, compare how the deviation of the outputs goes from layer to layer with Xavier's and with He's weights. Then bring your own lane near the mark √(2/n).",
  ),
  happened: (seen) => [
    say(
      `最後の隠れ層の出力の標準偏差は、いま Xavier で ${live(seen.bar("xavier", "spread", -1))}、He で ${live(seen.bar("he", "spread", -1))}、自分のレーンで ${live(seen.bar("own", "spread", -1))} です。`,
      `The outputs of the last hidden layer now have a deviation of ${live(seen.bar("xavier", "spread", -1))} with Xavier's, ${live(seen.bar("he", "spread", -1))} with He's, and ${live(seen.bar("own", "spread", -1))} with your own weights.`,
    ),
    say(
      `第 1 層の勾配は Xavier ${live(seen.bar("xavier", "gradient", 0))}、He ${live(seen.bar("he", "gradient", 0))}。正解率は Xavier ${livePercent(seen.number("xavier", "accuracy"))}、He ${livePercent(seen.number("he", "accuracy"))}、自分のレーン ${livePercent(seen.number("own", "accuracy"))} です。`,
      `The gradient at the first layer is ${live(seen.bar("xavier", "gradient", 0))} with Xavier's and ${live(seen.bar("he", "gradient", 0))} with He's. Accuracy: Xavier's ${livePercent(seen.number("xavier", "accuracy"))}, He's ${livePercent(seen.number("he", "accuracy"))}, your own ${livePercent(seen.number("own", "accuracy"))}.`,
    ),
  ],
  formulas: [
    {
      html: tex`\mathrm{E}\bigl[f(u)^2\bigr] = \tfrac12\,\mathrm{Var}(u), \qquad \htmlData{probe=spread}{\mathrm{Var}(u)} = n\,\mathrm{Var}(w)\,\mathrm{E}\bigl[x^2\bigr]`,
      spoken: say(
        "ReLU の出力の 2 乗平均は、総入力の分散の半分。次の層の総入力の分散は、それに n と重みの分散を掛けたもの。",
        "The mean square after ReLU is half of the variance before; the next variance is n times the weights' times that.",
      ),
    },
    {
      html: tex`\tfrac12\,n\,\htmlData{probe=deviations}{\mathrm{Var}(w)} = 1 \quad\Rightarrow\quad \htmlData{probe=deviations}{\mathrm{Var}(w)} = \frac{2}{n}`,
      spoken: say(
        "層を通っても変わらないためには、重みの分散を n 分の 2 にする。",
        "For it to stay the same from layer to layer the weights' variance has to be two over n.",
      ),
    },
  ],
  sources: [kaimingNormalSource, kaimingStdSource, gainSource],
  fillIn: {
    prompt: say(
      "入力が n 個の層の、He の標準偏差を求めてください。",
      "Compute He's deviation for a layer with n inputs.",
    ),
    before: "const std = ",
    after: ";",
    hint: say("√(2/n) です。平方根は tensor(…).sqrt() で計算できます。", "It is √(2/n); roots are tensor(…).sqrt()."),
    expected: "tensor(2 / n).sqrt()",
    given: { n: 50 },
  },
  notShown: say(
    "この深さなら、Xavier でも正解率は He に近づきます。差がはっきりするのは、もっと深いときです。バッチ正規化（2.5）を入れると、初期値への依存はずっと小さくなります。",
    "At this depth Xavier's weights come close to He's in accuracy; deeper networks tell them apart. And with batch normalization (2.5) far less depends on initial weights.",
  ),
  related: ["xavier", "sparse-relu", "batch-normalization"],
  Extra: Own,
  covers: deviationsCover,
};

function Own({ bench }: { bench: Bench }): JSX.Element {
  return <Deviations bench={bench} lane="own" rule="√(2/n)" />;
}
