/** 2.13 Ridge regression. */
import l2PenaltySource from "source:src/optim/penalty.ts#l2Penalty";
import { say } from "../../../../src/experiments/text.ts";
import { PenaltyU } from "../../widgets/penalty-u.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "えるつー せいそくか りっじ ridge weight decay",
  intro: [
    say(
      "L2 正則化の罰則は、重みの 2 乗の和です。大きな重みほど強く引き戻しますが、0 にはしません。",
      "The L2 penalty is the sum of squares. It pulls large weights back the most, and makes none exactly 0.",
    ),
    say(
      "罰則の強さを λ で変えて、真の曲線との誤差を比べます。",
      "λ says how strong it is: compare the errors against the true curve.",
    ),
  ],
  todo: say(
    "▶ を押すと 4 つの λ で学習します。U 字の底を探してください。λ はレーンごとに動かせます。",
    "Press ▶ to train with four strengths, and look for the bottom of the U. Each lane has a λ of its own.",
  ),
  happened(seen) {
    return [
      say(
        `真の曲線との誤差は、λ = 0 で ${live(seen.number("none", "testError"))}、弱い罰則で ${live(seen.number("weak", "testError"))}、強い罰則で ${live(seen.number("strong", "testError"))} です。弱い罰則は過学習を減らし、強すぎる罰則は何も学べなくします。`,
        `Error against the truth: ${live(seen.number("none", "testError"))} without, ${live(seen.number("weak", "testError"))} with a weak, ${live(seen.number("strong", "testError"))} with a strong penalty. A weak one reduces overfitting, too strong a one lets nothing be learnt.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`E + \lambda\sum_i w_i^2, \qquad \frac{\partial}{\partial w_i}\,\lambda w_i^2 = 2\lambda w_i`,
      spoken: say(
        "誤差に 2 乗の和を足す。その傾きは重みに比例する。",
        "Add the sum of squares; its slope is in proportion to the weight.",
      ),
    },
  ],
  sources: [l2PenaltySource],
  fillIn: {
    prompt: say(
      "罰則 λΣw² の、w での勾配を書いてください。",
      "Write the gradient of the penalty λΣw² with respect to w.",
    ),
    before: "const g = ",
    after: ";",
    hint: say("2 × λ × w", "2 times λ times w"),
    expected: "w * 2 * lambda",
    given: { w: [1, -2], lambda: 0.01 },
  },
  notShown: say(
    "Adam の中に入れた L2 と、切り離した weight decay は別物です（AdamW）。",
    "L2 inside of Adam and decoupled weight decay differ (AdamW).",
  ),
  related: ["lasso", "overfitting", "norms"],
  Extra: PenaltyU,
  covers: ["testError"],
};
