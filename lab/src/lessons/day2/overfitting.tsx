/** 2.10 Overfitting. */
import noisySineSource from "source:src/data/synthetic/curves.ts#noisySine";
import mLPSource from "source:src/models/mlp.ts#MLP";
import { say } from "../../../../src/experiments/text.ts";
import { GapCurves, gapCurvesCover } from "../../widgets/gap-curves.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "かがくしゅう じゆうど overfitting capacity early stopping gap",
  intro: [
    say(
      "15 個の点に対して、何千もの重みを持つネットワークを学習させます。",
      "A network of thousands of weights learns from 15 points.",
    ),
    say(
      "点の上の誤差はいくらでも下がりますが、点の間では真の曲線から離れていきます。この差が過学習です。",
      "Its error on the points falls and falls, while between them it leaves the truth. That gap is overfitting.",
    ),
  ],
  todo: say(
    "ユニット数と点の数を変え、差がどう開くか見てください。早期終了なら、どこで止めるべきでしょう。",
    "Change units and points, and see the gap. Where should one stop?",
  ),
  happened(seen) {
    return [
      say(
        `大きいほうの誤差は、点で ${live(seen.number("large", "trainError"))}、真の曲線に対して ${live(seen.number("large", "testError"))}。途中で止めていれば ${live(seen.number("large", "best"))} でした。`,
        `The large one's error: ${live(seen.number("large", "trainError"))} on its points, ${live(seen.number("large", "testError"))} against the truth, ${live(seen.number("large", "best"))} had it been stopped in time.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\htmlData{probe=gap}{\text{gap}} = \htmlData{probe=testError}{E_{\text{truth}}} - \htmlData{probe=trainError}{E_{\text{points}}}`,
      spoken: say(
        "差は、真の曲線に対する誤差から、点の上の誤差を引いたもの。",
        "The gap is the error against the truth minus that on the points.",
      ),
    },
  ],
  sources: [noisySineSource, mLPSource],
  fillIn: {
    prompt: say(
      "学習誤差 a とテスト誤差 t から、差を求めてください。",
      "From errors a in training and t in testing compute the gap.",
    ),
    before: "const gap = ",
    after: ";",
    hint: say("t − a", "t minus a"),
    expected: "t - a",
    given: { a: [0.3, 0.01], t: [0.35, 0.5] },
  },
  notShown: say(
    "とても大きなネットワークでは、いったん悪くなった誤差がまた下がること（二重降下）もあります。",
    "Very large networks may come down a second time: double descent.",
  ),
  related: ["ridge", "dropout", "lasso"],
  Extra: GapCurves,
  covers: gapCurvesCover,
};
