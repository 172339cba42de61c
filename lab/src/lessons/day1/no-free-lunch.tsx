/** 1.2 No free lunch. */
import booleanFunctionsSource from "source:src/data/synthetic/booleans.ts#booleanFunctions";
import separableFunctionsSource from "source:src/data/synthetic/booleans.ts#separableFunctions";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "のーふりーらんちていり 汎化 帰納バイアス 未知 no free lunch theorem Wolpert inductive bias boolean worlds",
  intro: [
    say(
      "3 つの Yes/No から答えが決まる関数は 2⁸ = 256 個しかありません。これを 256 の「世界」と考えると、あらゆる世界を本当に全部試せます。8 通りの入力の一部だけを見せて学習させ、見せなかった入力の答えを当てさせます。",
      "Just 2⁸ = 256 functions answer three yes-or-no questions. Take each for a world, and all possible worlds can really be tried: a learner sees some of the 8 cases, and has to answer the others.",
    ),
    say(
      "学習器は 4 つです。多層パーセプトロン（MLP）、最近傍法、多数決、そして未知の入力では必ず MLP の逆を答える「あまのじゃく」。ふつうに考えれば、あまのじゃくが最下位のはずです。",
      "There are four learners: an MLP, the nearest neighbour, a majority vote, and an anti-MLP that says the opposite of the MLP wherever it has not seen the answer. Surely that one comes last?",
    ),
  ],
  todo: say(
    "▶ を押してから「住んでいる世界」を切り替え、勝者がどう変わるか見てください。訓練に使う頂点の数を変えても、全世界の平均が動くかどうかも試しましょう。",
    "Press ▶, then choose other worlds to live in, and see how the winner changes. Does the mean over all worlds move when more corners are learnt from?",
  ),
  happened(seen) {
    const of = (lane: string, kind: number): string => livePercent(seen.bar(lane, "kinds", kind));
    return [
      say(
        `256 の世界すべての平均では、MLP ${of("mlp", 0)}、最近傍法 ${of("nearest", 0)}、多数決 ${of("majority", 0)}、あまのじゃく ${of("anti", 0)}。見せていない入力の答えが 0 の世界と 1 の世界は同じ数だけあるので、誰が答えても半分しか当たりません。`,
        `Over all 256 worlds: MLP ${of("mlp", 0)}, nearest ${of("nearest", 0)}, majority ${of("majority", 0)}, anti-MLP ${of("anti", 0)}. As many worlds have 0 as have 1 where nobody looked, so whoever answers is right half of the time.`,
      ),
      say(
        `世界を絞ると差が出ます。線形分離可能な世界では MLP ${of("mlp", 1)}、あまのじゃく ${of("anti", 1)}。パリティに近い世界では MLP ${of("mlp", 3)}、あまのじゃく ${of("anti", 3)} です。`,
        `Among fewer worlds they differ. In separable ones the MLP has ${of("mlp", 1)}, the anti-MLP ${of("anti", 1)}; in parity-like ones the MLP ${of("mlp", 3)}, the anti-MLP ${of("anti", 3)}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\frac{1}{256}\sum_{f} \htmlData{probe=accuracy}{\mathrm{acc}_{\,\mathcal{X} \setminus D}(A, f)} = \tfrac12 \qquad \forall A`,
      spoken: say(
        "どの学習アルゴリズム A でも、訓練データ D の外の正解率を全関数 f で平均すると 2 分の 1。",
        "For every learner A, the accuracy outside of the training data D, averaged over all functions f, is one half.",
      ),
    },
  ],
  sources: [booleanFunctionsSource, separableFunctionsSource],
  fillIn: {
    prompt: say(
      "正解率の配列 acc から、すべての世界の平均を求めてください。",
      "From the accuracies acc compute the mean over all worlds.",
    ),
    before: "const overall = ",
    after: ";",
    hint: say("テンソルのメソッド mean() を呼びます。", "Call the tensor's method mean()."),
    expected: "acc.mean()",
    given: { acc: [1, 0, 0.5, 0.5] },
  },
  notShown: say(
    "現実の問題が 256 の世界から均等に選ばれるとは言っていません。現実には「近い入力は答えも近い」といった偏りがあり、それに合う前提（帰納バイアス）を持つ学習器が役に立ちます。どの前提があなたの問題に合うかは、この実験では分かりません。",
    "It does not say that real problems are drawn evenly from all worlds. They are not: near inputs tend to have like answers, and a learner whose inductive bias agrees with that does well. Which bias suits your problem it cannot tell.",
  ),
  related: ["step-function", "universal-approximation"],
};
