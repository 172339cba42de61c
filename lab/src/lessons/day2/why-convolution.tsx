/** 2.16 Why convolution. */
import conv2dSource from "source:src/nn/conv.ts#Conv2d";
import { say } from "../../../../src/experiments/text.ts";
import { Scramble, scrambleCovers } from "../../widgets/scramble.tsx";
import { type Lesson, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "なぜたたみこみ CNN convolution permutation locality",
  intro: [
    say(
      "全結合層は、画像を 784 個の数の列として見ます。となりの画素がどれかは、最初から知りません。",
      "A fully connected layer sees an image as 784 numbers in a row; it never knows which pixels are neighbours.",
    ),
    say(
      "すべての画像の画素を同じ順番に並べ替えても、全結合は気づきません。畳み込みは、2 次元の並びを使っているので困ります。",
      "Scramble all images alike, and it does not notice. Convolutions do: they use the two dimensions.",
    ),
  ],
  todo: say(
    "左の画像をなぞり、となり合う画素が入れ替えた後にばらばらになる様子を見てください。▶ で学習した後、画像をずらす量も変えます。",
    "Move over the digit on the left: pixels that are neighbours there are scattered on the right. Press ▶, and then move the digits, too.",
  ),
  happened(seen) {
    return [
      say(
        `入れ替えで、全結合は ${livePercent(seen.number("mlp", "accuracy"))} → ${livePercent(seen.number("mlpScrambled", "accuracy"))}、畳み込みは ${livePercent(seen.number("cnn", "accuracy"))} → ${livePercent(seen.number("cnnScrambled", "accuracy"))}。ずらした画像では ${livePercent(seen.number("mlp", "moved"))} と ${livePercent(seen.number("cnn", "moved"))} です。`,
        `Scrambled: fully connected ${livePercent(seen.number("mlp", "accuracy"))} → ${livePercent(seen.number("mlpScrambled", "accuracy"))}, convolutions ${livePercent(seen.number("cnn", "accuracy"))} → ${livePercent(seen.number("cnnScrambled", "accuracy"))}. On moved digits ${livePercent(seen.number("mlp", "moved"))} and ${livePercent(seen.number("cnn", "moved"))}.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`y_{ij} = \sum_{a,b} w_{ab}\, x_{i+a,\, j+b}`,
      spoken: say(
        "出力の 1 点は、近くの画素だけに、場所によらない同じ重みを掛けた和。",
        "Each output adds up near pixels only, by weights that are the same everywhere.",
      ),
    },
  ],
  sources: [conv2dSource],
  fillIn: {
    prompt: say(
      "重みの数を比べましょう。28×28 から 100 ユニットへの全結合の重みは何個でしょうか？",
      "Count weights: fully connected from 28 by 28 pixels to 100 units.",
    ),
    before: "const weights = ",
    after: ";",
    hint: say("28 × 28 × 100", "28 times 28 times 100"),
    expected: "28 * 28 * 100",
    given: { n: 28 },
  },
  notShown: say(
    "十分なデータがあれば、全結合や Transformer も画像を学べます。",
    "With enough data, networks without convolutions learn images too.",
  ),
  related: ["convolution", "pooling"],
  Extra: Scramble,
  covers: scrambleCovers,
};
