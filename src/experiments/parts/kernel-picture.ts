/** A kernel over an image, both ways: as a convolution, and as one product with the columns of its windows (im2col). */
import { conv2d, fold, ones, tensor, unfold } from "../../index.ts";
import type { Forms } from "../probe.ts";
import { type Label, say, type Text } from "../text.ts";
import { side } from "./digit-images.ts";

export interface KernelPicture {
  /** The image, a picture for each channel. */
  readonly input: Forms["images"];
  readonly output: Forms["images"];
  /** What lies under each window, a column for each. */
  readonly columns: Forms["matrix"];
  /** The largest difference between both ways. */
  readonly difference: number;
  /** What col2im makes of the columns: each pixel as many times as there are windows over it. */
  readonly folded: Forms["images"];
  /** The greatest number of windows over one pixel. */
  readonly overlap: number;
}

/** Of a coloured drawing: red all over, green in its upper half, blue in its left half. */
const channels: readonly { readonly name: Text; has(row: number, col: number): boolean }[] = [
  { name: say("赤", "red"), has: () => true },
  { name: say("緑", "green"), has: (row) => row < side / 2 },
  { name: say("青", "blue"), has: (_, col) => col < side / 2 },
];
/** How many there are at most. */
export const mostChannels: number = channels.length;

export interface KernelOptions {
  readonly stride: number;
  readonly padding: number;
  /** Of the image: 1 to `mostChannels`. */
  readonly channels: number;
}

/**
 * A drawing of 28 × 28, in so many colours, under a kernel of 3 × 3 for each. The numbers of `kernel` are those of the first,
 * then of the second, and so on; those that are not there are as the first's, and else 0.
 */
export async function kernelPicture(
  drawing: ArrayLike<number>,
  kernel: readonly number[],
  { channels: count, stride, padding }: KernelOptions,
): Promise<KernelPicture> {
  const options = { stride, padding };
  const image = Float32Array.from({ length: side * side }, (_, i) => drawing[i] ?? 0);
  const used = channels.slice(0, count);
  const colours = used.map(({ has }) => image.map((v, i) => (has(Math.floor(i / side), i % side) ? v : 0)));
  const taps = Array.from({ length: 9 * count }, (_, i) => kernel[i] ?? kernel[i % 9] ?? 0);
  const x = tensor(Float32Array.from(colours.flatMap((pixels) => [...pixels])), [1, count, side, side]);
  const output = conv2d(x, tensor(taps, [1, count, 3, 3]), null, options);
  const windows = unfold(x, 3, options); // (1, 9 · count, places)
  const product = tensor(taps, [1, 9 * count]).matmul(windows.squeeze(0));
  const [rows, places] = [output.shape[2], windows.shape[2]];
  const back = fold(windows, [side, side], 3, options); // (1, count, 28, 28)
  const over = fold(unfold(ones([1, 1, side, side]), 3, options), [side, side], 3, options);
  const captioned = (pixels: Float32Array, i: number): Forms["images"]["images"][number] =>
    count === 1 ? { pixels } : { pixels, caption: used[i].name };
  const pictures = (all: readonly Float32Array[]): Forms["images"] => ({
    rows: side,
    cols: side,
    images: all.map(captioned),
  });
  const returned = (await back.data()) as Float32Array;
  return {
    input: pictures(colours),
    output: { rows, cols: rows, images: [{ pixels: (await output.data()) as Float32Array }] },
    columns: {
      rows: 9 * count,
      cols: places,
      values: (await windows.data()) as Float32Array,
      rowNames: taps.map((_, i) => tapName(i, count)),
      colNames: Array.from({ length: places }, (_, i) => placeName(i, rows)),
    },
    difference: await output
      .reshape([-1])
      .sub(product.reshape([-1]))
      .abs()
      .max()
      .item(),
    folded: pictures(colours.map((_, i) => returned.subarray(i * side * side, (i + 1) * side * side))),
    overlap: await over.max().item(),
  };
}

/** Where in a square of so many columns a number stands. */
const placeName = (i: number, cols: number): string => `(${Math.floor(i / cols) + 1}, ${(i % cols) + 1})`;
function tapName(i: number, count: number): Label {
  const place = placeName(i % 9, 3);
  const { ja, en } = channels[Math.floor(i / 9)].name;
  return count === 1 ? place : say(`${ja} ${place}`, `${en} ${place}`);
}
