/** The settings of a kernel over a drawing, and what is measured of it. */
import type { Probe } from "../probe.ts";
import { say } from "../text.ts";
import { mostChannels } from "./kernel-picture.ts";
import { integerParam, type Kind, type Quantity } from "./params.ts";
import { images, matrix, scalar } from "./probes.ts";

/** Differences from left to right (Sobel). */
export const edges: readonly number[] = [-1, 0, 1, -2, 0, 2, -1, 0, 1];

type KernelParams = {
  readonly kernel: Kind<"list">;
  readonly stride: Quantity;
  readonly padding: Quantity;
  readonly channels: Quantity;
  readonly drawing: Kind<"list">;
};
export const kernelParams: KernelParams = {
  kernel: {
    kind: "list",
    min: -9,
    max: 9,
    default: edges,
    hot: true,
    label: say("3×3 のカーネル", "the 3 by 3 kernel"),
    help: say(
      "9 個ずつ続けて書くと、チャンネルごとに別の重みになります。",
      "With nine more numbers for each, every channel has weights of its own.",
    ),
  },
  stride: integerParam(1, say("ストライド", "stride"), { min: 1, max: 4, hot: true }),
  padding: integerParam(1, say("パディング", "padding"), { max: 3, hot: true }),
  channels: {
    ...integerParam(1, say("入力のチャンネル数", "channels of the input"), { min: 1, max: mostChannels, hot: true }),
    help: say(
      "画像の色です。赤は全体に、緑は上半分に、青は左半分にあります。",
      "Colours of the image: red all over, green in its upper half, blue in its left half.",
    ),
  },
  drawing: {
    kind: "list",
    min: 0,
    max: 1,
    default: [],
    hot: true,
    label: say("描いた画像（28×28、空ならテスト画像）", "the drawing (28 by 28; empty: a test digit)"),
  },
};

type KernelProbes = {
  readonly input: Probe<"images">;
  readonly output: Probe<"images">;
  readonly columns: Probe<"matrix">;
  readonly difference: Probe<"scalar">;
  readonly folded: Probe<"images">;
  readonly overlap: Probe<"scalar">;
};
const product = say("畳み込みと行列積の差（最大）", "convolution against matrix product: largest difference");
export const kernelProbes: KernelProbes = {
  input: images("probability", say("入力", "input")),
  output: images("signed", say("カーネルを畳み込んだ結果", "what the kernel makes of it")),
  columns: matrix("signed", say("im2col：窓 1 つが 1 列", "im2col: a column for each window")),
  difference: scalar("magnitude", product),
  folded: images("signed", say("col2im で戻した画像", "what col2im gives back")),
  overlap: scalar("count", say("1 画素に重なる窓（最多）", "windows over one pixel, at most")),
};
