/** Products that are tried wherever factors are narrow: what is computed, and of which shapes. */
import { conv2d, type Tensor } from "../../src/tensor.ts";

export type Products = Readonly<
  Record<string, readonly [product: (a: Tensor, b: Tensor) => Tensor, a: number[], b: number[]]>
>;

/** Those whose factors lie otherwise than a plain product reads them. */
export const turnedProducts: Products = {
  "a transposed right side": [(a, b) => a.matmul(b.T), [33, 96], [50, 96]],
  "a transposed left side": [(a, b) => a.T.matmul(b), [96, 33], [96, 50]],
  "a convolution": [(x, w) => conv2d(x, w, null, { padding: 1 }), [2, 6, 11, 9], [10, 6, 3, 3]],
  "a convolution of odd sizes": [
    (x, w) => conv2d(x, w, null, { stride: 2, dilation: 2 }),
    [2, 3, 15, 13],
    [5, 3, 3, 3],
  ],
  "a convolution in groups": [(x, w) => conv2d(x, w, null, { groups: 2, padding: 2 }), [2, 8, 9, 9], [8, 4, 4, 2]],
};
