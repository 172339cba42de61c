/** Layers that only change the shape, or nothing at all. */
import { checkCount } from "../tensor/arguments.ts";
import { pixelShuffle, pixelUnshuffle, type Tensor } from "../tensor.ts";
import { checkTensor, Module } from "./module.ts";

/** `x`. */
export class Identity extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return x;
  }
}
/** The axes from `start` to `end`, both included, joined to one: `(N, …) → (N, size)`, unless given. */
export class Flatten extends Module {
  readonly start: number;
  readonly end: number;
  constructor(start = 1, end = -1) {
    super();
    this.start = checkCount("Flatten", start, "start", -64, 63);
    this.end = checkCount("Flatten", end, "end", -64, 63);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return x.flatten(this.start, this.end);
  }
}
/** An axis split into several of `sizes`. */
export class Unflatten extends Module {
  readonly axis: number;
  readonly sizes: readonly number[];
  constructor(axis: number, sizes: readonly number[]) {
    super();
    this.axis = checkCount("Unflatten", axis, "the axis", -64, 63);
    this.sizes = [...sizes];
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return x.unflatten(this.axis, this.sizes);
  }
}
/** `(…, C·r², H, W) → (…, C, H·r, W·r)` (Shi et al. 2016). */
export class PixelShuffle extends Module {
  readonly factor: number;
  constructor(factor: number) {
    super();
    this.factor = checkCount("PixelShuffle", factor, "the factor", 1);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return pixelShuffle(x, this.factor);
  }
}
/** `(…, C, H·r, W·r) → (…, C·r², H, W)`: what PixelShuffle undoes. */
export class PixelUnshuffle extends Module {
  readonly factor: number;
  constructor(factor: number) {
    super();
    this.factor = checkCount("PixelUnshuffle", factor, "the factor", 1);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return pixelUnshuffle(x, this.factor);
  }
}
