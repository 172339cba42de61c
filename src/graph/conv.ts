/** Geometry of windows and convolutions: sizes of outputs, and the convolutions that are the derivatives of one. */
import type { ConvArg } from "./node.ts";
import type { Shape } from "./shape.ts";

/** How far a window of `size` elements, `dilation` apart, reaches. */
export const span = (size: number, dilation: number): number => (size - 1) * dilation + 1;

/** The number of windows in `length` elements; 0 where none fits. */
export const windows = (length: number, size: number, stride: number, dilation: number): number =>
  length < span(size, dilation) ? 0 : Math.floor((length - span(size, dilation)) / stride) + 1;

/** Spatial sizes of the result of a convolution of `x: (N, C, …)` with `w: (K, C/groups, …)`. */
export function convSizes(x: Shape, w: Shape, { stride, padding, dilation, inputDilation }: ConvArg): number[] {
  return stride.map((s, i) => {
    const [lo, hi] = padding[i];
    const length = x[i + 2] === 0 ? 0 : span(x[i + 2], inputDilation[i]);
    return windows(length + lo + hi, w[i + 2], s, dilation[i]);
  });
}

/** The convolution of the output's cotangent with the flipped, transposed weight that gives the input's. */
export function inputGradient(x: Shape, w: Shape, y: Shape, arg: ConvArg): ConvArg {
  return {
    ...arg,
    stride: arg.inputDilation,
    inputDilation: arg.stride,
    padding: arg.padding.map(([lo], i) => {
      const reach = span(w[i + 2], arg.dilation[i]) - 1;
      const before = reach - lo;
      return [before, span(x[i + 2], arg.inputDilation[i]) - span(y[i + 2], arg.stride[i]) - before + reach];
    }),
  };
}

/** The convolution of the input with the output's cotangent (channels and batch exchanged) that gives the weight's. */
export function weightGradient(x: Shape, w: Shape, y: Shape, arg: ConvArg): ConvArg {
  return {
    ...arg,
    stride: arg.dilation,
    dilation: arg.stride,
    padding: arg.padding.map(([lo], i) => {
      const needed = span(w[i + 2], arg.dilation[i]) + span(y[i + 2], arg.stride[i]) - 1;
      return [lo, needed - span(x[i + 2], arg.inputDilation[i]) - lo];
    }),
  };
}
