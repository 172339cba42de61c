/** A kernel over an image, both ways: as a convolution, and as one product with the columns of its windows (im2col). */
import { conv2d, tensor, unfold } from "../../index.ts";
import type { Forms } from "../probe.ts";
import { side } from "./digit-images.ts";

export interface KernelPicture {
  readonly output: Forms["images"];
  /** What lies under each window, a column for each. */
  readonly columns: Forms["matrix"];
  /** The largest difference between both ways. */
  readonly difference: number;
}

/** `image` of 28 × 28 under a 3 × 3 `kernel`; numbers that are not there are 0. */
export async function kernelPicture(
  image: Float32Array,
  kernel: readonly number[],
  { stride, padding }: { stride: number; padding: number },
): Promise<KernelPicture> {
  const x = tensor(image, [1, 1, side, side]);
  const w = tensor(
    Float32Array.from({ length: 9 }, (_, i) => kernel[i] ?? 0),
    [1, 1, 3, 3],
  );
  const output = conv2d(x, w, null, { stride, padding });
  const windows = unfold(x, 3, { stride, padding }).reshape([9, -1]); // (9, places)
  const product = w.reshape([1, 9]).matmul(windows);
  const [rows, places] = [output.shape[2], windows.shape[1]];
  const difference = output
    .reshape([-1])
    .sub(product.reshape([-1]))
    .abs()
    .max();
  return {
    output: { rows, cols: rows, images: [{ pixels: (await output.data()) as Float32Array }] },
    columns: { rows: 9, cols: places, values: (await windows.data()) as Float32Array },
    difference: await difference.item(),
  };
}
