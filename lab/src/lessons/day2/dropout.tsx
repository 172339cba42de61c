/** 2.15 Dropout. */
import dropoutSource from "source:src/nn/dropout.ts#Dropout";
import { say } from "../../../../src/experiments/text.ts";
import { SubNetworks, subNetworksCover } from "../../widgets/sub-networks.tsx";
import { type Lesson, live } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "どろっぷあうと dropout mask ensemble sub-network",
  intro: [
    say(
      "ドロップアウトは、学習の 1 歩ごとにユニット（ノード）をランダムに消します。毎回違う部分ネットワークが学習することになります。",
      "Dropout removes units at random in every step, so that another sub-network learns each time.",
    ),
    say(
      "推論では全ユニットを使います。その出力は、部分ネットワークの平均に近くなります。",
      "Inference uses all units, and gives nearly the mean of the sub-networks.",
    ),
  ],
  todo: say(
    "部分ネットワークを 1 つずつ選び、どのユニットが消え、曲線がどう変わるかを見てください。次に p を変え、扇の広がりと平均を比べます。",
    "Pick sub-networks one by one: see which units are gone, and what becomes of the curve. Then change p, and compare the fan's spread with its mean.",
  ),
  happened(seen) {
    return [
      say(
        `真の曲線との誤差は、なしで ${live(seen.number("without", "testError"))}、ありで ${live(seen.number("with", "testError"))}。全ユニットの出力と、部分ネットワークの平均との差は ${live(seen.number("with", "averaging"))} です。`,
        `Error against the truth: ${live(seen.number("without", "testError"))} without, ${live(seen.number("with", "testError"))} with. All units together differ from the mean of sub-networks by ${live(seen.number("with", "averaging"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`\tilde{\mathbf{y}} = \frac{\mathbf{m} \odot \mathbf{y}}{1 - p}, \qquad m_i \sim \text{Bernoulli}(1 - p)`,
      spoken: say(
        "出力にマスクを掛け、残る確率で割って大きさを保つ。",
        "Mask the output, and divide by the chance to be kept.",
      ),
    },
  ],
  sources: [dropoutSource],
  fillIn: {
    prompt: say(
      "マスク m と確率 p で、出力 y にドロップアウトを掛けてください。",
      "Apply dropout to y with mask m and probability p.",
    ),
    before: "const dropped = ",
    after: ";",
    hint: say("m × y ÷（1 − p）", "m times y over (1 − p)"),
    expected: "m * y / (1 - p)",
    given: { m: [1, 0, 1], y: [2, 3, 4], p: 0.5 },
  },
  notShown: say(
    "バッチ正規化と一緒に使うと、かえって悪くなることもあります。",
    "Together with batch normalization it may harm.",
  ),
  primary: "p",
  related: ["overfitting", "ridge", "alexnet"],
  Extra: SubNetworks,
  covers: subNetworksCover,
};
