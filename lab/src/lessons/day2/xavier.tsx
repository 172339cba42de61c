/** 2.3 Xavier's initial weights. */

import fansSource from "source:src/nn/init.ts#fans";
import xavierNormalSource from "source:src/nn/init.ts#xavierNormal";
import type { JSX } from "preact";
import { say } from "../../../../src/experiments/text.ts";
import type { Bench } from "../../bench/store.ts";
import { Deviations, deviationsCover } from "../../widgets/deviations.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords:
    "ざびえる ぐろろっと しょきち 初期値 重みの初期化 標準偏差 xavier glorot initialization weights tanh variance",
  intro: [
    say(
      "層は n 個の入力に重みを掛けて足します。重みが小さすぎると足した値は層ごとに縮み、大きすぎると tanh の両端に張り付きます。",
      "A layer multiplies n inputs by weights and adds them up. With weights too small the sums shrink from layer to layer; too large, and tanh is stuck at its ends.",
    ),
    say(
      "足した値の分散は入力の n × Var(w) 倍なので、標準偏差を √(1/n) にすれば、どの層でも山の幅がそろうはずです。",
      "The variance of a sum is n × Var(w) times that of an input. So with a deviation of √(1/n) the ridges should be as wide in every layer.",
    ),
  ],
  todo: say(
    "▶ を押す前に、各層の山の幅を比べてください。次に目盛り √(1/n) のついたスライダーで「小さな初期値」の標準偏差を動かし、どこで山がそろうかを探しましょう。",
    "Compare the ridges before you press ▶. Then move the deviation of the small weights on the slider with its marks, and find where all ridges are as wide.",
  ),
  happened: (seen) => [
    say(
      `最後の隠れ層の信号（画像による違い）は、いま小さな初期値で ${live(seen.bar("small", "signal", -1))}、Xavier で ${live(seen.bar("xavier", "signal", -1))}、シグモイドと Xavier で ${live(seen.bar("sigmoid", "signal", -1))} です。`,
      `The signal, what differs between digits, is now ${live(seen.bar("small", "signal", -1))} in the last hidden layer from small weights, ${live(seen.bar("xavier", "signal", -1))} from Xavier's, and ${live(seen.bar("sigmoid", "signal", -1))} with sigmoids from Xavier's.`,
    ),
    say(
      `正解率は、小さな初期値 ${livePercent(seen.number("small", "accuracy"))}、Xavier ${livePercent(seen.number("xavier", "accuracy"))}、シグモイドと Xavier ${livePercent(seen.number("sigmoid", "accuracy"))}、大きな初期値 ${livePercent(seen.number("large", "accuracy"))} です。`,
      `Accuracy: small weights ${livePercent(seen.number("small", "accuracy"))}, Xavier's ${livePercent(seen.number("xavier", "accuracy"))}, sigmoids from Xavier's ${livePercent(seen.number("sigmoid", "accuracy"))}, large weights ${livePercent(seen.number("large", "accuracy"))}.`,
    ),
  ],
  formulas: [
    {
      html: tex`\htmlData{probe=spread}{\mathrm{Var}(u)} = n\,\htmlData{probe=deviations}{\mathrm{Var}(w)}\,\mathrm{Var}(x) \quad\Rightarrow\quad \htmlData{probe=deviations}{\mathrm{Var}(w)} = \frac1n`,
      spoken: say(
        "総入力の分散は、n と重みの分散と入力の分散の積。入力と同じにするには、重みの分散を n 分の 1 にする。",
        "A sum's variance is n times that of the weights times that of the inputs; to keep it, the weights' has to be one over n.",
      ),
    },
    {
      html: tex`\mathrm{Var}(w) = \frac{2}{n_{\text{in}} + n_{\text{out}}}`,
      spoken: say(
        "逆向きの勾配も保つために、ライブラリは入力数と出力数の平均を使う。",
        "To keep gradients on their way back as well, the library takes the mean of inputs and outputs.",
      ),
    },
  ],
  sources: [xavierNormalSource, fansSource],
  fillIn: {
    prompt: say(
      "入力も出力も n 個の層の、Xavier の標準偏差を求めてください。",
      "Compute Xavier's deviation for a layer with n inputs and n outputs.",
    ),
    before: "const std = ",
    after: ";",
    hint: say("√(1/n) です。平方根は tensor(…).sqrt() で計算できます。", "It is √(1/n); roots are tensor(…).sqrt()."),
    expected: "tensor(1 / n).sqrt()",
    given: { n: 100 },
  },
  notShown: say(
    "「S 字カーブの活性化関数に使う」のうち、深いシグモイドでは学習が進みませんでした。傾きが最大でも 0.25 なので、Xavier の前提（0 の近くで傾き 1）が成り立たないからです。もっと長く学習すれば、あるいは層が浅ければ、結果は変わります。",
    "Of the S-shaped activations, deep sigmoids did not learn: Xavier's rule takes a slope of 1 near 0, and theirs is 0.25 at most. With fewer layers or many more steps that may change.",
  ),
  related: ["he", "vanishing-gradient", "batch-normalization"],
  Extra: Own,
  covers: deviationsCover,
};

function Own({ bench }: { bench: Bench }): JSX.Element {
  return <Deviations bench={bench} lane="small" rule="√(1/n)" />;
}
