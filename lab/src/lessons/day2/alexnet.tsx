/** 2.19 AlexNet. */
import alexNetSource from "source:src/models/alexnet.ts#AlexNet";
import { say } from "../../../../src/experiments/text.ts";
import { AlexnetStack, alexnetStackCovers } from "../../widgets/alexnet-stack.tsx";
import { type Lesson, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "あれっくすねっと CNN alexnet imagenet parameters dropout",
  intro: [
    say(
      "AlexNet は、5 つの畳み込み層と 3 つの全結合層でできています。パラメーターがどの層に多いかを数えます。",
      "AlexNet has five convolutions and three linear layers. Count where its parameters are.",
    ),
    say(
      "ドロップアウトは全結合層に入れます。下では縮小版を、描いた図形で本当に学習させます。",
      "Dropout goes into the linear layers. Below, a scaled-down one really trains on drawn shapes.",
    ),
  ],
  todo: say(
    "層を 1 つずつ選び、パラメーターと積和がどこに多いかを比べてください。▶ で縮小版を学習し、ドロップアウトの有無を比べます。",
    "Choose layers one by one: where are the parameters, where is the work? Press ▶ to train the small one with and without dropout.",
  ),
  happened(seen) {
    return [
      say(
        `全結合層の割合は ${livePercent(seen.number("without", "linearShare"))}。新しい画像の正解率は、なしで ${livePercent(seen.number("without", "testAccuracy"))}、ありで ${livePercent(seen.number("with", "testAccuracy"))} です。`,
        `Linear layers have ${livePercent(seen.number("without", "linearShare"))} of the parameters. Accuracy on new images: ${livePercent(seen.number("without", "testAccuracy"))} without, ${livePercent(seen.number("with", "testAccuracy"))} with.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`9216 \times 4096 + 4096 = 37{,}752{,}832`,
      spoken: say(
        "最初の全結合層だけで、3775 万個のパラメーターがある。",
        "The first linear layer alone has 37.75 million parameters.",
      ),
    },
  ],
  sources: [alexNetSource],
  fillIn: {
    prompt: say(
      "入力 9216、出力 4096 の全結合層のパラメーター数は？",
      "Parameters of a linear layer from 9,216 to 4,096?",
    ),
    before: "const parameters = ",
    after: ";",
    hint: say("9216 × 4096 ＋ 4096", "9216 times 4096 plus 4096"),
    expected: "9216 * 4096 + 4096",
    given: { n: 9216 },
  },
  notShown: say(
    "ImageNet での性能は示しません。学習しているのは、32×32 の図形を見分ける縮小版です。",
    "It shows nothing of ImageNet: what trains here tells small shapes apart.",
  ),
  related: ["dropout", "convolution", "pooling"],
  Extra: AlexnetStack,
  covers: alexnetStackCovers,
};
