/** Normalizations: which axes the mean and the deviation are taken over is the difference. */
import { ShapeError } from "../errors.ts";
import { checkCount, checkNumber, checkOptions, type LocalResponseNormOptions } from "../tensor/arguments.ts";
import * as F from "../tensor.ts";
import { ones, Parameter, type Tensor, zeros } from "../tensor.ts";
import { Buffer, checkInput, checkTensor, Module } from "./module.ts";

export interface NormOptions {
  /** What is added to the variance, against division by 0; 1e-5 unless given. */
  eps?: number;
  /** Whether each channel is scaled and shifted by learned numbers. */
  affine?: boolean;
}
export interface BatchNormOptions extends NormOptions {
  /** How far the running statistics move to those of a batch: 0.1 unless given. With null, they are the mean of all. */
  momentum?: number | null;
  /** Whether there are running statistics; without, inference too normalizes with those of its batch. */
  trackRunningStats?: boolean;
}

const shapes: Record<number, string> = { 2: "(N, C)", 3: "(N, C, L)", 4: "(N, C, H, W)", 5: "(N, C, D, H, W)" };

/** Throws unless `x` has one of `ranks`, and `channels` channels. */
function checkChannels(layer: Module, x: Tensor, channels: number, ranks: readonly number[]): void {
  const want = ranks.map((r) => shapes[r].replace("C", String(channels))).join(" or ");
  checkInput(layer, x, ranks.includes(x.ndim) && x.shape[1] === channels, want);
}

/** Over the batch and all positions, channel by channel (Ioffe & Szegedy 2015). */
abstract class BatchNorm extends Module {
  /** `(channels)` */
  readonly weight: Parameter | null;
  /** `(channels)` */
  readonly bias: Parameter | null;
  /** `(channels)`; what inference normalizes with. */
  readonly runningMean: Buffer | null;
  /** `(channels)`; of unbiased variances, as in PyTorch. */
  readonly runningVar: Buffer | null;
  /** How many batches the running statistics have seen: a scalar. */
  readonly numBatchesTracked: Buffer | null;
  readonly channels: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly #ranks: readonly number[];

  constructor(channels: number, ranks: readonly number[], options: BatchNormOptions) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    const layer = this.constructor.name;
    checkOptions(layer, options, ["eps", "momentum", "affine", "trackRunningStats"]);
    this.channels = checkCount(layer, channels, "channels", 1);
    this.eps = checkNumber(layer, eps, "eps", 0);
    this.momentum = momentum === null ? null : checkNumber(layer, momentum, "momentum", 0, 1);
    this.weight = affine ? new Parameter(ones([channels])) : null;
    this.bias = affine ? new Parameter(zeros([channels])) : null;
    this.runningMean = trackRunningStats ? new Buffer(zeros([channels])) : null;
    this.runningVar = trackRunningStats ? new Buffer(ones([channels])) : null;
    this.numBatchesTracked = trackRunningStats ? new Buffer(zeros([], { dtype: "int32" })) : null;
    this.#ranks = ranks;
  }

  /** In training the running statistics are assigned; they are computed with the next step() or realize(). */
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkChannels(this, x, this.channels, this.#ranks);
    const { weight, bias, runningMean, runningVar, numBatchesTracked, eps, momentum } = this;
    if (!this.training || !runningMean || !runningVar || !numBatchesTracked) {
      return F.batchNorm(x, runningMean, runningVar, { weight, bias, eps, training: !runningMean });
    }
    const count = numBatchesTracked.assign(numBatchesTracked.add(1));
    if (momentum !== null)
      return F.batchNorm(x, runningMean, runningVar, { weight, bias, eps, training: true, momentum });
    const axes = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
    const y = F.batchNorm(x, null, null, { weight, bias, eps, training: true });
    runningMean.assign(runningMean.lerp(x.mean(axes).float().detach(), count.reciprocal()));
    runningVar.assign(runningVar.lerp(x.var(axes).float().detach(), count.reciprocal()));
    return y;
  }
}

/** `(N, channels)` or `(N, channels, L)`, in the same shape. */
export class BatchNorm1d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super(channels, [2, 3], options);
  }
}
/** `(N, channels, H, W)`, in the same shape. */
export class BatchNorm2d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super(channels, [4], options);
  }
}
/** `(N, channels, D, H, W)`, in the same shape. */
export class BatchNorm3d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super(channels, [5], options);
  }
}

/** Over the positions of each channel of each example (Ulyanov et al. 2016). No running statistics (PyTorch can have them). */
abstract class InstanceNorm extends Module {
  /** `(channels)` */
  readonly weight: Parameter | null;
  /** `(channels)` */
  readonly bias: Parameter | null;
  readonly channels: number;
  readonly eps: number;
  readonly #rank: number;

  constructor(channels: number, rank: number, options: NormOptions) {
    super();
    const layer = this.constructor.name;
    checkOptions(layer, options, ["eps", "affine"]);
    const { eps = 1e-5, affine = false } = options;
    this.channels = checkCount(layer, channels, "channels", 1);
    this.eps = checkNumber(layer, eps, "eps", 0);
    this.weight = affine ? new Parameter(ones([channels])) : null;
    this.bias = affine ? new Parameter(zeros([channels])) : null;
    this.#rank = rank;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkChannels(this, x, this.channels, [this.#rank]);
    return F.instanceNorm(x, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
}

/** `(N, channels, L)`, in the same shape. Not affine unless asked for, as in PyTorch. */
export class InstanceNorm1d extends InstanceNorm {
  constructor(channels: number, options: NormOptions = {}) {
    super(channels, 3, options);
  }
}
/** `(N, channels, H, W)`, in the same shape. */
export class InstanceNorm2d extends InstanceNorm {
  constructor(channels: number, options: NormOptions = {}) {
    super(channels, 4, options);
  }
}
/** `(N, channels, D, H, W)`, in the same shape. */
export class InstanceNorm3d extends InstanceNorm {
  constructor(channels: number, options: NormOptions = {}) {
    super(channels, 5, options);
  }
}

/** Over the channels of each of `groups` and all positions (Wu & He 2018): `(N, channels, …)`, in the same shape. */
export class GroupNorm extends Module {
  /** `(channels)` */
  readonly weight: Parameter | null;
  /** `(channels)` */
  readonly bias: Parameter | null;
  readonly groups: number;
  readonly channels: number;
  readonly eps: number;

  constructor(groups: number, channels: number, options: NormOptions = {}) {
    super();
    checkOptions("GroupNorm", options, ["eps", "affine"]);
    const { eps = 1e-5, affine = true } = options;
    this.groups = checkCount("GroupNorm", groups, "groups", 1);
    this.channels = checkCount("GroupNorm", channels, "channels", 1);
    this.eps = checkNumber("GroupNorm", eps, "eps", 0);
    if (channels % groups !== 0) {
      const [got, fix] = [`${groups} groups of ${channels} channels`, "Choose a divisor of the channels"];
      throw new ShapeError({ in: "GroupNorm", got, want: "groups of equal size", fix });
    }
    this.weight = affine ? new Parameter(ones([channels])) : null;
    this.bias = affine ? new Parameter(zeros([channels])) : null;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkInput(this, x, x.ndim >= 2 && x.shape[1] === this.channels, `(N, ${this.channels}, …)`);
    return F.groupNorm(x, this.groups, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
}

export interface LayerNormOptions {
  eps?: number;
  /** Whether each element is scaled and shifted by learned numbers. */
  elementwiseAffine?: boolean;
  /** Whether there is a shift beside the scale. */
  bias?: boolean;
}

/** Over the last axes, whose sizes are `shape` (Ba et al. 2016): `(…, …shape)`, in the same shape. */
export class LayerNorm extends Module {
  /** `shape` */
  readonly weight: Parameter | null;
  /** `shape` */
  readonly bias: Parameter | null;
  readonly shape: readonly number[];
  readonly eps: number;

  constructor(shape: number | readonly number[], options: LayerNormOptions = {}) {
    super();
    checkOptions("LayerNorm", options, ["eps", "elementwiseAffine", "bias"]);
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    this.shape = typeof shape === "number" ? [shape] : [...shape];
    checkCount("LayerNorm", this.shape.length, "the number of axes", 1, undefined, ShapeError);
    for (const d of this.shape) checkCount("LayerNorm", d, "the size", 1);
    this.eps = checkNumber("LayerNorm", eps, "eps", 0);
    this.weight = elementwiseAffine ? new Parameter(ones(this.shape)) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(zeros(this.shape)) : null;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const last = x.shape.slice(x.ndim - this.shape.length);
    const fits = x.ndim >= this.shape.length && last.every((d, i) => d === this.shape[i]);
    checkInput(this, x, fits, `(…, ${this.shape.join(", ")})`);
    return F.layerNorm(x, this.shape, { weight: this.weight, bias: this.bias, eps: this.eps });
  }
}

/** `x / √(mean(x²) + eps)` over the last axis, scaled by learned numbers (Zhang & Sennrich 2019). */
export class RMSNorm extends Module {
  /** `(size)` */
  readonly weight: Parameter;
  readonly eps: number;

  constructor(size: number, options: { eps?: number } = {}) {
    super();
    checkOptions("RMSNorm", options, ["eps"]);
    const { eps = 1e-6 } = options;
    checkCount("RMSNorm", size, "the size", 1);
    this.eps = checkNumber("RMSNorm", eps, "eps", 0);
    this.weight = new Parameter(ones([size]));
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const [size] = this.weight.shape;
    checkInput(this, x, x.shape.at(-1) === size, `(…, ${size})`);
    return F.rmsNorm(x, size, { weight: this.weight, eps: this.eps });
  }
}

/** `x / (k + alpha · mean of x² over `size` neighbouring channels)^beta`: `(N, C, …)` (Krizhevsky et al. 2012, §3.3). */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly options: LocalResponseNormOptions;

  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    checkOptions("LocalResponseNorm", options, ["alpha", "beta", "k"]);
    this.size = checkCount("LocalResponseNorm", size, "the size", 1);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    checkInput(this, x, x.ndim >= 2, "(N, C, …)");
    return F.localResponseNorm(x, this.size, this.options);
  }
}
