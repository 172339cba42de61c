/** 2.12 The lasso. */
import softThresholdSource from "source:src/optim/constraint.ts#softThreshold";
import l1PenaltySource from "source:src/optim/penalty.ts#l1Penalty";
import { say } from "../../../../src/experiments/text.ts";
import { Lollipops, lollipopsCover } from "../../widgets/lollipops.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "えるわん せいそくか らっそ lasso sparse soft threshold",
  intro: [
    say(
      "60 個の特徴のうち、効くのは 5 個だけです。データは 50 件しかありません。",
      "Of 60 features 5 matter, and there are just 50 examples.",
    ),
    say(
      "L1 正則化の罰則は、重みの絶対値の和です。解き方を 2 つ比べます。罰則の符号を勾配に足す劣勾配法と、0 に近い重みを 0 にする「軟しきい値」（近接勾配法）です。",
      "The L1 penalty is the sum of absolute weights. Two ways to solve it are compared: sub-gradients, which add its sign to the gradient, and soft thresholds, which set weights near 0 to 0.",
    ),
  ],
  todo: say(
    "λ の縦線をドラッグし、0 になる重みの数と、新しいデータの誤差を見てください。",
    "Drag the line of λ, and watch how many weights are 0, and the error on new examples.",
  ),
  happened(seen) {
    return [
      say(
        `ちょうど 0 の重みは、劣勾配で ${live(seen.number("sign", "zeros"))} 個、軟しきい値で ${live(seen.number("proximal", "zeros"))} 個。新しいデータの誤差は ${live(seen.number("none", "testError"))} から ${live(seen.number("proximal", "testError"))} に下がりました。`,
        `Weights that are exactly 0: ${live(seen.number("sign", "zeros"))} with sub-gradients, ${live(seen.number("proximal", "zeros"))} with soft thresholds. The error on new examples fell from ${live(seen.number("none", "testError"))} to ${live(seen.number("proximal", "testError"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`E + \lambda\sum_i |w_i|, \qquad S_{\eta\lambda}(w) = \mathrm{sign}(w)\,\max(|w| - \eta\lambda, 0)`,
      spoken: say(
        "誤差に絶対値の和を足す。解くには、0 に向かって縮め、届いたら 0 に止める。",
        "Add the sum of absolute values; solve by moving towards 0 and stopping there.",
      ),
    },
  ],
  sources: [softThresholdSource, l1PenaltySource],
  fillIn: {
    prompt: say(
      "正の重み w を t だけ 0 に近づけ、0 より下には行かせないでください。",
      "Move positive weights w towards 0 by t, but not below.",
    ),
    before: "const shrunk = ",
    after: ";",
    hint: say("relu(w − t)", "relu(w minus t)"),
    expected: "relu(w - t)",
    given: { w: [0.05, 0.5, 1], t: 0.1 },
  },
  notShown: say(
    "どの特徴も少しずつ効く世界では、L1 は有利ではありません。",
    "Where every feature matters a little, L1 has no advantage.",
  ),
  related: ["ridge", "norms", "penalty-shapes"],
  Extra: Lollipops,
  covers: lollipopsCover,
};
