/** Functions of tensors that are no methods, as in torch.nn.functional: layers without state, and losses. */
import { ValueError } from "../errors.ts";
import type { DType } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import type { Shape } from "../graph/shape.ts";
import * as activation from "../ops/activation.ts";
import * as attention from "../ops/attention.ts";
import { checkList, checkNumber, checkOptions } from "../ops/check.ts";
import * as conv from "../ops/conv.ts";
import { einsum as einsumOf } from "../ops/einsum.ts";
import * as elementwise from "../ops/elementwise.ts";
import * as image from "../ops/image.ts";
import * as index from "../ops/index.ts";
import * as join from "../ops/join.ts";
import * as linalg from "../ops/linalg.ts";
import * as norm from "../ops/norm.ts";
import * as pool from "../ops/pool.ts";
import * as random from "../ops/random.ts";
import * as reduce from "../ops/reduce.ts";
import { hostOf, nodeOf, type Operand, Tensor, tensorNode } from "./tensor.ts";

type Bias = Tensor | null;
const orNull = (op: string, x: Tensor | null | undefined): Node | null =>
  x === null || x === undefined ? null : tensorNode(op, x);

// Putting together.

function nodesOf(op: string, xs: readonly Tensor[]): Node[] {
  checkList(op, xs, "tensors");
  return xs.map((x) => tensorNode(op, x));
}

/** Tensors one after another along `axis`; the other sizes agree. */
export const cat = (xs: readonly Tensor[], axis = 0): Tensor => new Tensor(join.cat(nodesOf("cat", xs), axis));
/** Tensors of equal shapes side by side along a new axis. */
export const stack = (xs: readonly Tensor[], axis = 0): Tensor => new Tensor(join.stack(nodesOf("stack", xs), axis));
/** `a` where `condition` holds, `b` elsewhere. */
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor =>
  new Tensor(elementwise.where(tensorNode("where", condition), nodeOf("where", a), nodeOf("where", b)));
/** Sums of products by the letters of the axes, such as `einsum("bik,bkj->bij", a, b)`. */
export const einsum = (equation: string, ...xs: readonly Tensor[]): Tensor =>
  new Tensor(
    einsumOf(
      equation,
      xs.map((x) => tensorNode("einsum", x)),
    ),
  );
/** Coordinate grids: a vector for each axis gives a tensor for each, in the shape of all. The first axis is the rows. */
export const meshgrid = (...xs: readonly Tensor[]): Tensor[] =>
  image.meshgrid(xs.map((x) => tensorNode("meshgrid", x))).map((n) => new Tensor(n));
/** `(…, C·r², H, W) → (…, C, H·r, W·r)`. */
export const pixelShuffle = (x: Tensor, factor: number): Tensor =>
  new Tensor(join.pixelShuffle(tensorNode("pixelShuffle", x), factor));

/** `(…, C, H·r, W·r) → (…, C·r², H, W)`. */
export const pixelUnshuffle = (x: Tensor, factor: number): Tensor =>
  new Tensor(image.pixelUnshuffle(tensorNode("pixelUnshuffle", x), factor));
/** `(N, C, …)` resampled to other spatial sizes: to the nearest element, or along straight lines. */
export const interpolate = (x: Tensor, options: image.InterpolateOptions): Tensor =>
  new Tensor(image.interpolate(tensorNode("interpolate", x), options));
/** `(N, C, H, W) → (N, C·h·w, L)`: each window of size `(h, w)` as a column (im2col). */
export const unfold = (x: Tensor, size: PerAxis, options?: image.WindowOptions): Tensor =>
  new Tensor(image.unfoldWindows(tensorNode("unfold", x), size, options));
/** `(N, C·h·w, L) → (N, C, H, W)`: the sum of all windows at their places (col2im). */
export const fold = (x: Tensor, output: PerAxis, size: PerAxis, options?: image.WindowOptions): Tensor =>
  new Tensor(image.foldWindows(tensorNode("fold", x), output, size, options));

// Elementwise.

/** `a · log b`, 0 where `a` is 0. */
export const xlogy = (a: Operand, b: Operand): Tensor =>
  new Tensor(elementwise.xlogy(nodeOf("xlogy", a), nodeOf("xlogy", b)));
/** `log(eᵃ + eᵇ)`. */
export const logaddexp = (a: Operand, b: Operand): Tensor =>
  new Tensor(elementwise.logaddexp(nodeOf("logaddexp", a), nodeOf("logaddexp", b)));
/** `√(a² + b²)`. */
export const hypot = (a: Operand, b: Operand): Tensor =>
  new Tensor(elementwise.hypot(nodeOf("hypot", a), nodeOf("hypot", b)));
/** `log(x / (1 − x))`; with `eps`, `x` counts as at least that far from 0 and 1. */
export const logit = (x: Tensor, options?: { eps?: number }): Tensor =>
  new Tensor(elementwise.logit(tensorNode("logit", x), options));
/** `2ˣ`. */
export const exp2 = (x: Tensor): Tensor => new Tensor(elementwise.exp2(tensorNode("exp2", x)));
/** With numbers in place of NaN and of the infinities. */
export const nanToNum = (x: Tensor, options?: { nan?: number; posinf?: number; neginf?: number }): Tensor =>
  new Tensor(elementwise.nanToNum(tensorNode("nanToNum", x), options));

// Activations.

export const relu = (x: Tensor): Tensor => x.relu();
export const sigmoid = (x: Tensor): Tensor => x.sigmoid();
export const tanh = (x: Tensor): Tensor => x.tanh();
/** 0 below 0 and 1 above it, and `atZero`, 0 unless given, at 0 (Heaviside's function). Its gradient is 0 everywhere. */
export const step = (x: Tensor, options?: { atZero?: number }): Tensor => {
  checkOptions("step", options, ["atZero"]);
  return new Tensor(activation.step(tensorNode("step", x), options));
};
/** `min(max(x, 0), 6)`. */
export const relu6 = (x: Tensor): Tensor => new Tensor(activation.relu6(tensorNode("relu6", x)));
/** `x`, or `negativeSlope · x` below 0; the slope is 0.01 unless given. */
export const leakyRelu = (x: Tensor, options?: { negativeSlope?: number }): Tensor =>
  new Tensor(activation.leakyRelu(tensorNode("leakyRelu", x), options));
/** `x`, or `weight · x` below 0; a weight for each channel of `(N, C, …)`, or one for all. */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const slopes = weight.numel() === 1 ? weight.reshape([]) : weight.reshape([-1, ...x.shape.slice(2).map(() => 1)]);
  return where(x.gt(0), x, x.mul(slopes));
}
/** `x`, or `alpha · (eˣ − 1)` below 0. */
export const elu = (x: Tensor, options?: { alpha?: number }): Tensor =>
  new Tensor(activation.elu(tensorNode("elu", x), options));
/** The self-normalizing unit (Klambauer et al. 2017). */
export const selu = (x: Tensor): Tensor => new Tensor(activation.selu(tensorNode("selu", x)));
/** `x · Φ(x)`, or its approximation with tanh. */
export const gelu = (x: Tensor, options?: { approximate?: "none" | "tanh" }): Tensor =>
  new Tensor(activation.gelu(tensorNode("gelu", x), options));
/** `x · sigmoid(x)`, also called swish. */
export const silu = (x: Tensor): Tensor => new Tensor(activation.silu(tensorNode("silu", x)));
/** `x · tanh(softplus(x))`. */
export const mish = (x: Tensor): Tensor => new Tensor(activation.mish(tensorNode("mish", x)));
/** `log(1 + e^(beta · x)) / beta`. */
export const softplus = (x: Tensor, options?: { beta?: number }): Tensor =>
  new Tensor(activation.softplus(tensorNode("softplus", x), options));
/** `x / (1 + |x|)`. */
export const softsign = (x: Tensor): Tensor => new Tensor(activation.softsign(tensorNode("softsign", x)));
/** `log(sigmoid(x))`. */
export const logSigmoid = (x: Tensor): Tensor => new Tensor(activation.logSigmoid(tensorNode("logSigmoid", x)));
/** `x / 6 + ½` within 0 and 1. */
export const hardsigmoid = (x: Tensor): Tensor => new Tensor(activation.hardsigmoid(tensorNode("hardsigmoid", x)));
/** `x · hardsigmoid(x)`. */
export const hardswish = (x: Tensor): Tensor => new Tensor(activation.hardswish(tensorNode("hardswish", x)));
/** `x` within −1 and 1, or other limits. */
export const hardtanh = (x: Tensor, options?: { min?: number; max?: number }): Tensor =>
  new Tensor(activation.hardtanh(tensorNode("hardtanh", x), options));
/** `x − tanh(x)`. */
export const tanhshrink = (x: Tensor): Tensor => new Tensor(activation.tanhshrink(tensorNode("tanhshrink", x)));
/** `max(x, 0) + min(0, alpha · (e^(x / alpha) − 1))`. */
export const celu = (x: Tensor, options?: { alpha?: number }): Tensor =>
  new Tensor(activation.celu(tensorNode("celu", x), options));
/** `x` above `limit`, else `value`. */
export const threshold = (x: Tensor, limit: number, value: number): Tensor =>
  new Tensor(activation.threshold(tensorNode("threshold", x), limit, value));
/** `x` without `lambda`, 0.5 unless given, towards 0; 0 within. */
export const softshrink = (x: Tensor, options?: { lambda?: number }): Tensor =>
  new Tensor(activation.softshrink(tensorNode("softshrink", x), options));
/** `x`, or 0 within −`lambda` and `lambda`, 0.5 unless given. */
export const hardshrink = (x: Tensor, options?: { lambda?: number }): Tensor =>
  new Tensor(activation.hardshrink(tensorNode("hardshrink", x), options));
export const softmax = (x: Tensor, axis: number): Tensor => x.softmax(axis);
export const logSoftmax = (x: Tensor, axis: number): Tensor => x.logSoftmax(axis);

// Products.

/** `x wᵀ + b`: `(…, inputs)` and `(outputs, inputs)` give `(…, outputs)`. */
export const linear = (x: Tensor, weight: Tensor, bias: Bias = null): Tensor =>
  new Tensor(linalg.linear(tensorNode("linear", x), tensorNode("linear", weight), orNull("linear", bias)));
/** `x: (N, C, L)`, `weight: (K, C/groups, size)`, `bias: (K)` → `(N, K, L′)`. */
export const conv1d = (x: Tensor, weight: Tensor, bias: Bias = null, options?: conv.ConvOptions): Tensor =>
  new Tensor(conv.conv1d(tensorNode("conv1d", x), tensorNode("conv1d", weight), orNull("conv1d", bias), options));
/** `x: (N, C, H, W)`, `weight: (K, C/groups, h, w)`, `bias: (K)` → `(N, K, H′, W′)`. */
export const conv2d = (x: Tensor, weight: Tensor, bias: Bias = null, options?: conv.ConvOptions): Tensor =>
  new Tensor(conv.conv2d(tensorNode("conv2d", x), tensorNode("conv2d", weight), orNull("conv2d", bias), options));
/** `x: (N, C, D, H, W)`, `weight: (K, C/groups, d, h, w)`, `bias: (K)` → `(N, K, D′, H′, W′)`. */
export const conv3d = (x: Tensor, weight: Tensor, bias: Bias = null, options?: conv.ConvOptions): Tensor =>
  new Tensor(conv.conv3d(tensorNode("conv3d", x), tensorNode("conv3d", weight), orNull("conv3d", bias), options));
type ConvTransposeOptions = conv.ConvTransposeOptions;
/** `x: (N, C, L)`, `weight: (C, K/groups, size)`, `bias: (K)` → `(N, K, L′)`. */
export const convTranspose1d = (x: Tensor, weight: Tensor, bias: Bias = null, options?: ConvTransposeOptions): Tensor =>
  new Tensor(
    conv.convTranspose1d(
      tensorNode("convTranspose1d", x),
      tensorNode("convTranspose1d", weight),
      orNull("convTranspose1d", bias),
      options,
    ),
  );
/** `x: (N, C, H, W)`, `weight: (C, K/groups, h, w)`, `bias: (K)` → `(N, K, H′, W′)`. */
export const convTranspose2d = (x: Tensor, weight: Tensor, bias: Bias = null, options?: ConvTransposeOptions): Tensor =>
  new Tensor(
    conv.convTranspose2d(
      tensorNode("convTranspose2d", x),
      tensorNode("convTranspose2d", weight),
      orNull("convTranspose2d", bias),
      options,
    ),
  );
/** `x: (N, C, D, H, W)`, `weight: (C, K/groups, d, h, w)`, `bias: (K)` → `(N, K, D′, H′, W′)`. */
export const convTranspose3d = (x: Tensor, weight: Tensor, bias: Bias = null, options?: ConvTransposeOptions): Tensor =>
  new Tensor(
    conv.convTranspose3d(
      tensorNode("convTranspose3d", x),
      tensorNode("convTranspose3d", weight),
      orNull("convTranspose3d", bias),
      options,
    ),
  );

// Pooling of the last axes of `(N, C, …)` or `(C, …)`.

type PerAxis = conv.PerAxis;
/** The greatest element of each window; the gradient goes to the first of equals. */
export const maxPool1d = (x: Tensor, size: PerAxis, options?: pool.MaxPoolOptions): Tensor =>
  new Tensor(pool.maxPool1d(tensorNode("maxPool1d", x), size, options));
export const maxPool2d = (x: Tensor, size: PerAxis, options?: pool.MaxPoolOptions): Tensor =>
  new Tensor(pool.maxPool2d(tensorNode("maxPool2d", x), size, options));
export const maxPool3d = (x: Tensor, size: PerAxis, options?: pool.MaxPoolOptions): Tensor =>
  new Tensor(pool.maxPool3d(tensorNode("maxPool3d", x), size, options));
/** The mean of each window. */
export const avgPool1d = (x: Tensor, size: PerAxis, options?: pool.AvgPoolOptions): Tensor =>
  new Tensor(pool.avgPool1d(tensorNode("avgPool1d", x), size, options));
export const avgPool2d = (x: Tensor, size: PerAxis, options?: pool.AvgPoolOptions): Tensor =>
  new Tensor(pool.avgPool2d(tensorNode("avgPool2d", x), size, options));
export const avgPool3d = (x: Tensor, size: PerAxis, options?: pool.AvgPoolOptions): Tensor =>
  new Tensor(pool.avgPool3d(tensorNode("avgPool3d", x), size, options));
/** The `p`-norm of each window. */
export const lpPool1d = (x: Tensor, p: number, size: PerAxis, options?: pool.PoolOptions): Tensor =>
  new Tensor(pool.lpPool1d(tensorNode("lpPool1d", x), p, size, options));
export const lpPool2d = (x: Tensor, p: number, size: PerAxis, options?: pool.PoolOptions): Tensor =>
  new Tensor(pool.lpPool2d(tensorNode("lpPool2d", x), p, size, options));
export const lpPool3d = (x: Tensor, p: number, size: PerAxis, options?: pool.PoolOptions): Tensor =>
  new Tensor(pool.lpPool3d(tensorNode("lpPool3d", x), p, size, options));
/** Means of as many windows as asked for, of nearly equal size. */
export const adaptiveAvgPool1d = (x: Tensor, output: PerAxis): Tensor =>
  new Tensor(pool.adaptiveAvgPool1d(tensorNode("adaptiveAvgPool1d", x), output));
export const adaptiveAvgPool2d = (x: Tensor, output: PerAxis): Tensor =>
  new Tensor(pool.adaptiveAvgPool2d(tensorNode("adaptiveAvgPool2d", x), output));
export const adaptiveAvgPool3d = (x: Tensor, output: PerAxis): Tensor =>
  new Tensor(pool.adaptiveAvgPool3d(tensorNode("adaptiveAvgPool3d", x), output));
/** Maxima of as many windows as asked for, of nearly equal size. */
export const adaptiveMaxPool1d = (x: Tensor, output: PerAxis): Tensor =>
  new Tensor(pool.adaptiveMaxPool1d(tensorNode("adaptiveMaxPool1d", x), output));
export const adaptiveMaxPool2d = (x: Tensor, output: PerAxis): Tensor =>
  new Tensor(pool.adaptiveMaxPool2d(tensorNode("adaptiveMaxPool2d", x), output));
export const adaptiveMaxPool3d = (x: Tensor, output: PerAxis): Tensor =>
  new Tensor(pool.adaptiveMaxPool3d(tensorNode("adaptiveMaxPool3d", x), output));
/** The mean of each channel over all positions: `(N, C, …) → (N, C)`. */
export const globalAvgPool = (x: Tensor): Tensor => new Tensor(pool.globalAvgPool(tensorNode("globalAvgPool", x)));
/** The maximum of each channel over all positions: `(N, C, …) → (N, C)`. */
export const globalMaxPool = (x: Tensor): Tensor => new Tensor(pool.globalMaxPool(tensorNode("globalMaxPool", x)));

// Normalization.

/** What is done after normalizing. */
export interface Scaling {
  weight?: Bias;
  bias?: Bias;
  eps?: number;
}
export interface BatchNormOptions extends Scaling {
  /** Normalize with the batch's own statistics and move the running ones, or with the running ones. */
  training?: boolean;
  /** How far the running statistics move to those of the batch. */
  momentum?: number;
}
function affine(op: string, scaling: Scaling = {}): norm.Affine {
  checkOptions(op, scaling, op === "rmsNorm" ? ["weight", "eps"] : ["weight", "bias", "eps"]);
  const { weight, bias, eps } = scaling;
  return { weight: orNull(op, weight), bias: orNull(op, bias), ...(eps === undefined ? {} : { eps }) };
}

/** Over the last axes, whose sizes are `shape`; `weight` and `bias` have that shape. */
export const layerNorm = (x: Tensor, shape: number | Shape, scaling?: Scaling): Tensor =>
  new Tensor(norm.layerNorm(tensorNode("layerNorm", x), shape, affine("layerNorm", scaling)));
/** `x / √(mean(x²) + eps)` over the last axes. */
export const rmsNorm = (x: Tensor, shape: number | Shape, scaling?: Omit<Scaling, "bias">): Tensor =>
  new Tensor(norm.rmsNorm(tensorNode("rmsNorm", x), shape, affine("rmsNorm", scaling)));
/** Over the channels of each of `groups` and all positions of `(N, C, …)`. */
export const groupNorm = (x: Tensor, groups: number, scaling?: Scaling): Tensor =>
  new Tensor(norm.groupNorm(tensorNode("groupNorm", x), groups, affine("groupNorm", scaling)));
/** Over the positions of each channel of each image of `(N, C, …)`. */
export const instanceNorm = (x: Tensor, scaling?: Scaling): Tensor =>
  new Tensor(norm.instanceNorm(tensorNode("instanceNorm", x), affine("instanceNorm", scaling)));
/** Over all but the channels of `(N, C, …)`. In training, the running statistics `(C)`, if any, are assigned new values. */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  checkOptions("batchNorm", options, ["training", "momentum", "weight", "bias", "eps"]);
  const { training = false, momentum = 0.1, ...scaling } = options;
  checkNumber("batchNorm", momentum, "momentum", 0, 1);
  if (!training) {
    if (runningMean && runningVar) {
      const statistics = { mean: tensorNode("batchNorm", runningMean), variance: tensorNode("batchNorm", runningVar) };
      return new Tensor(norm.batchNorm(tensorNode("batchNorm", x), statistics, affine("batchNorm", scaling)));
    }
    const want = "both of them outside of training";
    throw new ValueError({ in: "batchNorm", got: "no running statistics", want, fix: "Set training" });
  }
  const statistics = norm.batchStatistics(tensorNode("batchNorm", x));
  const move = (running: Tensor | null, to: Node): void => {
    running?.assign(running.lerp(new Tensor(to).to(running.dtype).detach(), momentum));
  };
  const y = norm.batchNorm(tensorNode("batchNorm", x), statistics, affine("batchNorm", scaling));
  move(runningMean, statistics.mean);
  move(runningVar, statistics.unbiased);
  return new Tensor(y);
}
/** `x / (k + alpha · mean of x² over `size` neighbouring channels)^beta`. */
export const localResponseNorm = (x: Tensor, size: number, options?: norm.LocalResponseNormOptions): Tensor =>
  new Tensor(norm.localResponseNorm(tensorNode("localResponseNorm", x), size, options));
/** `v · magnitude / ‖v‖`, the norm being over all axes but the first. */
export const weightNorm = (v: Tensor, magnitude: Tensor): Tensor =>
  new Tensor(norm.weightNorm(tensorNode("weightNorm", v), tensorNode("weightNorm", magnitude)));
/** `x` scaled to norm 1 along `axis`. */
export const normalize = (x: Tensor, options?: { p?: number; axis?: number; eps?: number }): Tensor =>
  new Tensor(reduce.normalize(tensorNode("normalize", x), options));
/** `a · b / (|a| · |b|)` along `axis`. */
export const cosineSimilarity = (a: Tensor, b: Tensor, options?: { axis?: number; eps?: number }): Tensor =>
  new Tensor(reduce.cosineSimilarity(tensorNode("cosineSimilarity", a), tensorNode("cosineSimilarity", b), options));
/** `‖a − b + eps‖` over the last axis. */
export const pairwiseDistance = (a: Tensor, b: Tensor, options?: { p?: number; eps?: number }): Tensor =>
  new Tensor(reduce.pairwiseDistance(tensorNode("pairwiseDistance", a), tensorNode("pairwiseDistance", b), options));

// Looking up.

/** Rows of `weight: (V, D)`: an index of shape `(…)` gives `(…, D)`. */
export function embedding(weight: Tensor, at: Tensor, options?: { paddingIndex?: number }): Tensor {
  const rows = index.embedding(tensorNode("embedding", weight), tensorNode("embedding", at), options);
  const values = hostOf(at);
  if (values) index.checkIndices("embedding", values, weight.shape[0], "the rows of the weight");
  return new Tensor(rows);
}
/** 1 at each index, 0 elsewhere, along a new last axis; float32 unless asked otherwise (PyTorch: int64). */
export function oneHot(at: Tensor, classes: number, options?: { dtype?: DType }): Tensor {
  const out = index.oneHot(tensorNode("oneHot", at), classes, options);
  const values = hostOf(at);
  if (values) index.checkIndices("oneHot", values, classes, "the classes");
  return new Tensor(out);
}
/** Sums of the rows of `x` that have the same id: `(N, …) → (count, …)`. */
export function segmentSum(x: Tensor, ids: Tensor, count: number): Tensor {
  const out = index.segmentSum(tensorNode("segmentSum", x), tensorNode("segmentSum", ids), count);
  const values = hostOf(ids);
  if (values) index.checkIndices("segmentSum", values, count, "the segments");
  return new Tensor(out);
}
/** How often each of 0 … `count` − 1 is in a vector. */
export function bincount(x: Tensor, count: number): Tensor {
  const out = index.bincount(tensorNode("bincount", x), count);
  const values = hostOf(x);
  if (values) index.checkIndices("bincount", values, count, "the counts");
  return new Tensor(out);
}

// Attention and dropout.

export interface AttentionOptions extends Omit<attention.AttentionOptions, "mask"> {
  /** `(…, L, S)`, broadcast: bools say what may be seen, numbers are added to the scores. */
  mask?: Tensor | null;
  /** The probability with which a weight is dropped. */
  dropout?: number;
}
/** `query: (…, L, E)`, `key: (…, S, E)`, `value: (…, S, V)` → `(…, L, V)`. A query that may see nothing gives 0. */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  given: AttentionOptions = {},
): Tensor {
  const op = "scaledDotProductAttention";
  const options = weightOptions(op, given);
  const [q, k, v] = [query, key, value].map((x) => tensorNode(op, x));
  return new Tensor(attention.scaledDotProductAttention(q, k, v, options));
}
/** How much each query looks at each key, in rows that add up to 1: `query: (…, L, E)`, `key: (…, S, E)` → `(…, L, S)`. */
export function attentionWeights(query: Tensor, key: Tensor, given: AttentionOptions = {}): Tensor {
  const op = "attentionWeights";
  return new Tensor(attention.attentionWeights(tensorNode(op, query), tensorNode(op, key), weightOptions(op, given)));
}
function weightOptions(op: string, given: AttentionOptions): attention.WeightOptions {
  checkOptions(op, given, ["mask", "isCausal", "scale", "dropout"], { attn_mask: 'Did you mean "mask"?' });
  const { mask = null, dropout: p = 0, ...options } = given;
  const drop = p === 0 ? {} : { dropout: (weights: Node): Node => random.dropout(weights, p) };
  return { ...options, ...drop, mask: orNull(op, mask) };
}
export interface DropoutOptions {
  training?: boolean;
  generator?: random.Generator;
}
/** 0 in place of each element with probability `p`, the others divided by `1 − p`; nothing outside of training. */
export function dropout(x: Tensor, p = 0.5, given: DropoutOptions = {}): Tensor {
  checkOptions("dropout", given, ["training", "generator"]);
  const { training = true, ...options } = given;
  return training ? new Tensor(random.dropout(tensorNode("dropout", x), p, options)) : x;
}
/** As dropout, for what comes after selu: it keeps mean 0 and variance 1 (Klambauer et al. 2017). */
export function alphaDropout(x: Tensor, p = 0.5, given: DropoutOptions = {}): Tensor {
  checkOptions("alphaDropout", given, ["training", "generator"]);
  const { training = true, ...options } = given;
  return training ? new Tensor(random.alphaDropout(tensorNode("alphaDropout", x), p, options)) : x;
}
/** As dropout, of whole channels of `(N, C, …)`. */
export function dropoutChannels(x: Tensor, p = 0.5, given: DropoutOptions = {}): Tensor {
  checkOptions("dropoutChannels", given, ["training", "generator"]);
  const { training = true, ...options } = given;
  return training ? new Tensor(random.dropoutChannels(tensorNode("dropoutChannels", x), p, options)) : x;
}
