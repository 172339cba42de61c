/** 2.17 The convolution. */
import conv2dSource from "source:src/nn/conv.ts#Conv2d";
import unfoldSource from "source:src/nn/window.ts#Unfold";
import { say } from "../../../../src/experiments/text.ts";
import { SlidingWindow, slidingWindowCovers } from "../../widgets/sliding-window.tsx";
import { type Lesson, live, livePercent } from "../lesson.ts";

export const lesson: Lesson = {
  keywords: "たたみこみえんざん CNN convolution kernel im2col filter stride padding",
  intro: [
    say(
      "畳み込みは、小さな窓を画像の上でずらし、窓の中の画素とカーネルを掛けて足します。",
      "A convolution slides a small window over the image, multiplies by the kernel, and adds up.",
    ),
    say(
      "窓を列に並べ直すと（im2col）、1 回の行列積になります。カーネルの値は、学習で決めることもできます。",
      "With windows as columns (im2col) it is one matrix product. And kernels can be learnt.",
    ),
  ],
  todo: say(
    "画像を描き、カーネルを選んで、窓を滑らせてください。窓の中身がそのまま im2col の 1 列になります。▶ を押すと、下でフィルターが雑音から模様に育ちます。",
    "Draw an image, choose a kernel, and let the window slide: what lies under it is a column of im2col. Press ▶, and below, filters grow from noise.",
  ),
  happened(seen) {
    return [
      say(
        `畳み込みと行列積の差は ${live(seen.number("learnt", "difference"))}。正解率は、学習したフィルターで ${livePercent(seen.number("learnt", "accuracy"))}、乱数のままで ${livePercent(seen.number("frozen", "accuracy"))} です。`,
        `Convolution and product differ by ${live(seen.number("learnt", "difference"))}. Accuracy ${livePercent(seen.number("learnt", "accuracy"))} with learnt filters, ${livePercent(seen.number("frozen", "accuracy"))} with random ones.`,
      ),
    ];
  },
  formulas: [
    {
      html: tex`H' = \left\lfloor\frac{H + 2P - K}{S}\right\rfloor + 1`,
      spoken: say(
        "出力の高さは、高さにパディングの 2 倍を足してカーネルを引き、ストライドで割って 1 を足す。",
        "Output height: height plus twice the padding minus the kernel, over the stride, plus one.",
      ),
    },
  ],
  sources: [conv2dSource, unfoldSource],
  fillIn: {
    prompt: say(
      "H = 28、K = 5、P = 2、S = 1 のとき、出力の高さは？",
      "With H = 28, K = 5, P = 2, S = 1: the output height?",
    ),
    before: "const height = ",
    after: ";",
    hint: say("(H + 2 × P − K) ÷ S + 1", "(H plus 2P minus K) over S, plus 1"),
    expected: "(H + 2 * P - K) / S + 1",
    given: { H: 28, K: 5, P: 2, S: 1 },
  },
  notShown: say(
    "「畳み込み」と呼びますが、実際に計算しているのは相互相関です（カーネルを裏返しません）。",
    "What is called convolution is a cross-correlation: the kernel is not flipped.",
  ),
  related: ["why-convolution", "pooling", "alexnet"],
  Extra: SlidingWindow,
  covers: slidingWindowCovers,
};
