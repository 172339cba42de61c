/** Images as columns of windows, and back: a convolution is a product with what Unfold gives. */
import { checkOptions, type PerAxis, perAxis, type WindowOptions } from "../tensor/arguments.ts";
import { fold, type Tensor, unfold } from "../tensor.ts";
import { checkWindows } from "./geometry.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

const names = ["stride", "padding", "dilation"];

/** `(N, C, H, W) → (N, C·h·w, L)`: the elements of each window of size `(h, w)` as a column (im2col). */
export class Unfold extends Module {
  readonly size: readonly number[];
  readonly options: WindowOptions;

  constructor(size: PerAxis, options: WindowOptions = {}) {
    super();
    checkOptions("Unfold", options, names);
    this.size = checkWindows("Unfold", 2, size, options);
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
  readonly output: readonly number[];
  readonly size: readonly number[];
  readonly options: WindowOptions;

  constructor(output: PerAxis, size: PerAxis, options: WindowOptions = {}) {
    super();
    checkOptions("Fold", options, names);
    this.output = perAxis("Fold", output, "the output size", 2, 1);
    this.size = checkWindows("Fold", 2, size, options);
    this.options = options;
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkInput(this, x, x.ndim === 3 || x.ndim === 2, "(N, C·h·w, L)");
    return fold(x, this.output, this.size, this.options);
  }
}
