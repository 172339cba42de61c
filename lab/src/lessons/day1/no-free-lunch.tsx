/** 1.2 No free lunch. */
import booleanFunctionsSource from "source:src/data/synthetic/booleans.ts#booleanFunctions";
import separableFunctionsSource from "source:src/data/synthetic/booleans.ts#separableFunctions";
import { say } from "../../../../src/experiments/text.ts";
import { type Lesson, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "のーふりーらんちていり no free lunch theorem boolean worlds",
  intro: [
    say(
      "3 ビットの関数は 256 個しかないので、「すべての世界」を本当に全部試せます。一部の入力だけ見せて、残りを当てさせます。",
      "There are just 256 functions of three bits, so all possible worlds can really be tried: some inputs are shown, the rest has to be guessed.",
    ),
    say(
      "MLP、最近傍、多数決、そして MLP のいつも逆を答える学習器を比べます。",
      "An MLP, a nearest neighbour, a majority vote, and one that always says the opposite of the MLP are compared.",
    ),
  ],
  todo: say(
    "「世界」を分離可能な関数だけに絞り、勝者がどう変わるか見てください。",
    "Restrict the worlds to separable functions, and see how the winner changes.",
  ),
  happened(seen) {
    return [
      say(
        `見せなかった入力の正解率は、MLP ${livePercent(seen.number("mlp", "accuracy"))}、最近傍 ${livePercent(seen.number("nearest", "accuracy"))}、多数決 ${livePercent(seen.number("majority", "accuracy"))}、逆張り ${livePercent(seen.number("anti", "accuracy"))}。すべての世界の平均では誰も勝てません。`,
        `On inputs not seen: MLP ${livePercent(seen.number("mlp", "accuracy"))}, nearest ${livePercent(seen.number("nearest", "accuracy"))}, majority ${livePercent(seen.number("majority", "accuracy"))}, the contrary ${livePercent(seen.number("anti", "accuracy"))}. Over all worlds nobody wins.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\frac{1}{256}\sum_{f} \mathrm{acc}_{\text{unseen}}(A, f) = \tfrac12 \quad \text{for every } A`,
      spoken: say(
        "どの学習アルゴリズム A でも、全関数で平均した未知入力の正解率は 2 分の 1。",
        "For every learner A the accuracy on unseen inputs, averaged over all functions, is one half.",
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
    hint: say("acc.mean()", "acc.mean()"),
    expected: "acc.mean()",
    given: { acc: [1, 0, 0.5, 0.5] },
  },
  notShown: say(
    "現実の問題が一様に選ばれた世界だとは言っていません。現実には偏りがあり、だから学習がうまくいきます。",
    "It does not say that real problems are worlds chosen uniformly. They are not, and that is why learning works.",
  ),
  related: ["step-function", "universal-approximation"],
};
