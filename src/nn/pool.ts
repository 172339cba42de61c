/** Pooling: one number for each window of the last axes of `(N, C, …)`, or of `(C, …)` without a batch. No parameters. */
import {
  type AvgPoolOptions,
  checkNumber,
  checkOptions,
  type MaxPoolOptions,
  type PerAxis,
  perAxis,
} from "../tensor/arguments.ts";
import type { PoolOptions, Tensor } from "../tensor.ts";
import * as F from "../tensor.ts";
import { checkWindows, type Rank, spatial } from "./geometry.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

export type LPPoolOptions = Omit<PoolOptions, "padding">;

const maxNames = ["stride", "padding", "ceilMode", "dilation"];
const avgNames = ["stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"];

/** Throws unless `x` has `n` axes behind the channels. */
function checkImage(layer: Module, x: Tensor, n: Rank): void {
  checkInput(layer, x, x.ndim === n + 2 || x.ndim === n + 1, `(N, C, ${spatial[n - 1]})`);
}

abstract class Pool<Options extends MaxPoolOptions> extends Module {
  readonly size: PerAxis;
  readonly options: Options;
  readonly #rank: Rank;

  constructor(rank: Rank, size: PerAxis, options: Options, names: readonly string[]) {
    super();
    checkOptions(this.constructor.name, options, names);
    checkWindows(this.constructor.name, rank, size, options);
    this.size = size;
    this.options = options;
    this.#rank = rank;
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkImage(this, x, this.#rank);
    return this.pool(x);
  }
  protected abstract pool(x: Tensor): Tensor;
}

/** The greatest element of each window: `(N, C, L) → (N, C, L′)`. Windows are as far apart as they are long, unless given. */
export class MaxPool1d extends Pool<MaxPoolOptions> {
  constructor(size: PerAxis, options: MaxPoolOptions = {}) {
    super(1, size, options, maxNames);
  }
  protected override pool(x: Tensor): Tensor {
    return F.maxPool1d(x, this.size, this.options);
  }
}
/** As MaxPool1d: `(N, C, H, W) → (N, C, H′, W′)`. */
export class MaxPool2d extends Pool<MaxPoolOptions> {
  constructor(size: PerAxis, options: MaxPoolOptions = {}) {
    super(2, size, options, maxNames);
  }
  protected override pool(x: Tensor): Tensor {
    return F.maxPool2d(x, this.size, this.options);
  }
}
/** As MaxPool1d: `(N, C, D, H, W) → (N, C, D′, H′, W′)`. */
export class MaxPool3d extends Pool<MaxPoolOptions> {
  constructor(size: PerAxis, options: MaxPoolOptions = {}) {
    super(3, size, options, maxNames);
  }
  protected override pool(x: Tensor): Tensor {
    return F.maxPool3d(x, this.size, this.options);
  }
}

/** The mean of each window: `(N, C, L) → (N, C, L′)`. Windows are as far apart as they are long, unless given. */
export class AvgPool1d extends Pool<AvgPoolOptions> {
  constructor(size: PerAxis, options: AvgPoolOptions = {}) {
    super(1, size, options, avgNames);
  }
  protected override pool(x: Tensor): Tensor {
    return F.avgPool1d(x, this.size, this.options);
  }
}
/** As AvgPool1d: `(N, C, H, W) → (N, C, H′, W′)`. */
export class AvgPool2d extends Pool<AvgPoolOptions> {
  constructor(size: PerAxis, options: AvgPoolOptions = {}) {
    super(2, size, options, avgNames);
  }
  protected override pool(x: Tensor): Tensor {
    return F.avgPool2d(x, this.size, this.options);
  }
}
/** As AvgPool1d: `(N, C, D, H, W) → (N, C, D′, H′, W′)`. */
export class AvgPool3d extends Pool<AvgPoolOptions> {
  constructor(size: PerAxis, options: AvgPoolOptions = {}) {
    super(3, size, options, avgNames);
  }
  protected override pool(x: Tensor): Tensor {
    return F.avgPool3d(x, this.size, this.options);
  }
}

abstract class LPPool extends Pool<LPPoolOptions> {
  /** The power: 1 for sums, ∞ would be the maximum. */
  readonly p: number;
  constructor(rank: Rank, p: number, size: PerAxis, options: LPPoolOptions) {
    super(rank, size, options, ["stride", "ceilMode"]);
    this.p = checkNumber(this.constructor.name, p, "the power", Number.MIN_VALUE, Number.MAX_VALUE);
  }
}
/**
 * The `p`-norm of each window, `(Σ |x|ᵖ)^(1/p)`: `(N, C, L) → (N, C, L′)`. PyTorch has no |·| in it, which shows where
 * `p` is odd, and scales windows that hang over the edge to full ones.
 */
export class LPPool1d extends LPPool {
  constructor(p: number, size: PerAxis, options: LPPoolOptions = {}) {
    super(1, p, size, options);
  }
  protected override pool(x: Tensor): Tensor {
    return F.lpPool1d(x, this.p, this.size, this.options);
  }
}
/** As LPPool1d: `(N, C, H, W) → (N, C, H′, W′)`. */
export class LPPool2d extends LPPool {
  constructor(p: number, size: PerAxis, options: LPPoolOptions = {}) {
    super(2, p, size, options);
  }
  protected override pool(x: Tensor): Tensor {
    return F.lpPool2d(x, this.p, this.size, this.options);
  }
}
/** As LPPool1d: `(N, C, D, H, W) → (N, C, D′, H′, W′)`. */
export class LPPool3d extends LPPool {
  constructor(p: number, size: PerAxis, options: LPPoolOptions = {}) {
    super(3, p, size, options);
  }
  protected override pool(x: Tensor): Tensor {
    return F.lpPool3d(x, this.p, this.size, this.options);
  }
}

type Adaptive = (x: Tensor, output: PerAxis) => Tensor;

abstract class AdaptivePool extends Module {
  readonly output: PerAxis;
  readonly #rank: Rank;
  readonly #pool: Adaptive;

  constructor(rank: Rank, output: PerAxis, pool: Adaptive) {
    super();
    perAxis(this.constructor.name, output, "the output size", rank, 0);
    this.output = output;
    this.#rank = rank;
    this.#pool = pool;
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkImage(this, x, this.#rank);
    return this.#pool(x, this.output);
  }
}

/** Means of as many windows as asked for, of nearly equal size: `(N, C, L) → (N, C, output)`. */
export class AdaptiveAvgPool1d extends AdaptivePool {
  constructor(output: PerAxis) {
    super(1, output, F.adaptiveAvgPool1d);
  }
}
/** As AdaptiveAvgPool1d: `(N, C, H, W) → (N, C, …output)`. */
export class AdaptiveAvgPool2d extends AdaptivePool {
  constructor(output: PerAxis) {
    super(2, output, F.adaptiveAvgPool2d);
  }
}
/** As AdaptiveAvgPool1d: `(N, C, D, H, W) → (N, C, …output)`. */
export class AdaptiveAvgPool3d extends AdaptivePool {
  constructor(output: PerAxis) {
    super(3, output, F.adaptiveAvgPool3d);
  }
}
/** Maxima of as many windows as asked for, of nearly equal size: `(N, C, L) → (N, C, output)`. */
export class AdaptiveMaxPool1d extends AdaptivePool {
  constructor(output: PerAxis) {
    super(1, output, F.adaptiveMaxPool1d);
  }
}
/** As AdaptiveMaxPool1d: `(N, C, H, W) → (N, C, …output)`. */
export class AdaptiveMaxPool2d extends AdaptivePool {
  constructor(output: PerAxis) {
    super(2, output, F.adaptiveMaxPool2d);
  }
}
/** As AdaptiveMaxPool1d: `(N, C, D, H, W) → (N, C, …output)`. */
export class AdaptiveMaxPool3d extends AdaptivePool {
  constructor(output: PerAxis) {
    super(3, output, F.adaptiveMaxPool3d);
  }
}

/** The mean of each channel over all positions (Lin et al. 2014, §3.2): `(N, C, …) → (N, C)`, for 1 to any number of axes. */
export class GlobalAvgPool extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.globalAvgPool(x);
  }
}
/** The maximum of each channel over all positions: `(N, C, …) → (N, C)`, for 1 to any number of axes. */
export class GlobalMaxPool extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.globalMaxPool(x);
  }
}
