/** Images as columns of windows, and back: a convolution is a product with what Unfold gives. */
import { checkCount, checkOptions, type PerAxis, type WindowOptions } from "../tensor/arguments.ts";
import { fold, type Tensor, unfold } from "../tensor.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

const names = ["stride", "padding", "dilation"];

/** Throws unless `sizes` are one or two whole numbers of at least 1. */
function checkSizes(layer: string, sizes: PerAxis, name: string): PerAxis {
  const list = [sizes].flat();
  checkCount(layer, list.length, `the count of ${name}s`, 1, 2);
  for (const size of list) checkCount(layer, size, `the ${name}`, 1);
  return sizes;
}

/** `(N, C, H, W) → (N, C·h·w, L)`: the elements of each window of size `(h, w)` as a column (im2col). */
export class Unfold extends Module {
  readonly size: PerAxis;
  readonly options: WindowOptions;

  constructor(size: PerAxis, options: WindowOptions = {}) {
    super();
    checkOptions("Unfold", options, names);
    this.size = checkSizes("Unfold", size, "kernel size");
    this.options = options;
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkInput(this, x, x.ndim === 4 || x.ndim === 3, "(N, C, H, W)");
    return unfold(x, this.size, this.options);
  }
}

/** `(N, C·h·w, L) → (N, C, H, W)`: the sum of all windows at their places (col2im). `output` is `(H, W)`. */
export class Fold extends Module {
  readonly output: PerAxis;
  readonly size: PerAxis;
  readonly options: WindowOptions;

  constructor(output: PerAxis, size: PerAxis, options: WindowOptions = {}) {
    super();
    checkOptions("Fold", options, names);
    this.output = checkSizes("Fold", output, "output size");
    this.size = checkSizes("Fold", size, "kernel size");
    this.options = options;
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkInput(this, x, x.ndim === 3 || x.ndim === 2, "(N, C·h·w, L)");
    return fold(x, this.output, this.size, this.options);
  }
}
