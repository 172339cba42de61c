/** Normalizations: elements less their mean, over their standard deviation, which axes it is taken over being the difference. */
import { ShapeError, ValueError } from "../errors.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { type Shape, sameShape, show, sizeOf } from "../graph/shape.ts";
import { broadcastTo, checkCount, checkFloat, checkNumber, checkOptions, checkRank } from "./check.ts";
import { add, div, mul, pow, rsqrt, sub } from "./elementwise.ts";
import { mean } from "./reduce.ts";

export interface Affine {
  /** What the normalized elements are multiplied by. */
  weight?: Node | null;
  /** What is added to them. */
  bias?: Node | null;
  /** What is added to the variance, against division by 0. */
  eps?: number;
}

/** Halves are normalized in float32. */
function widened(x: Node, f: (x: Node) => Node): Node {
  return x.dtype === "float16" || x.dtype === "bfloat16" ? g.cast(f(g.cast(x, "float32")), x.dtype) : f(x);
}

/** Normalized over `axes`, in two passes: E[x²] − E[x]² would cancel. */
function standardized(x: Node, axes: readonly number[], eps: number): Node {
  const centered = sub(x, mean(x, axes, { keepdim: true }));
  const variance = mean(g.mul(centered, centered), axes, { keepdim: true });
  return mul(centered, rsqrt(add(variance, eps)));
}

/** `x · weight + bias`, each in the shape `shape`, which broadcasts to that of `x`. */
function scaled(op: string, x: Node, { weight = null, bias = null }: Affine, own: Shape, shape: Shape): Node {
  for (const [name, t] of [["weight", weight] as const, ["bias", bias] as const]) {
    if (!t || sameShape(t.shape, own)) continue;
    const got = `a ${name} of ${show(t.shape)}`;
    throw new ShapeError({ in: op, got, want: show(own), fix: "Check the layer's sizes" });
  }
  const y = weight ? mul(x, g.reshape(weight, shape)) : x;
  return bias ? add(y, g.reshape(bias, shape)) : y;
}

const epsilon = (op: string, eps: number | undefined): number => checkNumber(op, eps ?? 1e-5, "eps", 0);

/** Over the last axes, whose sizes are `shape` (Ba et al. 2016); `weight` and `bias` have that shape. */
export function layerNorm(x: Node, shape: number | Shape, affine: Affine = {}): Node {
  const sizes = typeof shape === "number" ? [shape] : shape;
  const first = x.shape.length - sizes.length;
  if (sizes.length === 0 || first < 0 || !sameShape(x.shape.slice(first), sizes)) {
    const got = `${show(x.shape)} to be normalized over ${show(sizes)}`;
    throw new ShapeError({ in: "layerNorm", got, want: "the sizes of the last axes", fix: "Check the layer's shape" });
  }
  const eps = epsilon("layerNorm", affine.eps);
  const axes = sizes.map((_, i) => first + i);
  const y = widened(checkFloat("layerNorm", x), (x) => standardized(x, axes, eps));
  return scaled("layerNorm", y, affine, sizes, sizes);
}

/** `x / √(mean(x²) + eps)` over the last axes (Zhang & Sennrich 2019). */
export function rmsNorm(
  x: Node,
  shape: number | Shape,
  { weight = null, eps = 1e-6 }: Omit<Affine, "bias"> = {},
): Node {
  const sizes = typeof shape === "number" ? [shape] : shape;
  const first = x.shape.length - sizes.length;
  if (sizes.length === 0 || first < 0 || !sameShape(x.shape.slice(first), sizes)) {
    const got = `${show(x.shape)} to be normalized over ${show(sizes)}`;
    throw new ShapeError({ in: "rmsNorm", got, want: "the sizes of the last axes", fix: "Check the layer's shape" });
  }
  const axes = sizes.map((_, i) => first + i);
  const square = (x: Node): Node => mean(g.mul(x, x), axes, { keepdim: true });
  const y = widened(checkFloat("rmsNorm", x), (x) => mul(x, rsqrt(add(square(x), epsilon("rmsNorm", eps)))));
  return scaled("rmsNorm", y, { weight }, sizes, sizes);
}

/** Shape in which a number for each channel meets `(N, C, …)`. */
const perChannel = (x: Node): number[] => [x.shape[1], ...x.shape.slice(2).map(() => 1)];

function checkChannels(op: string, x: Node): void {
  checkFloat(op, x);
  checkRank(
    op,
    x,
    Array.from({ length: 63 }, (_, i) => i + 2),
    "(N, C, …)",
  );
}

/** Over the channels of each of `groups` and all positions (Wu & He 2018): `(N, C, …)`, `weight` and `bias` `(C)`. */
export function groupNorm(x: Node, groups: number, affine: Affine = {}): Node {
  checkChannels("groupNorm", x);
  const channels = x.shape[1];
  if (channels % checkCount("groupNorm", groups, "groups", 1) !== 0) {
    const got = `${groups} groups of ${channels} channels`;
    throw new ShapeError({
      in: "groupNorm",
      got,
      want: "groups of equal size",
      fix: "Choose a divisor of the channels",
    });
  }
  const eps = epsilon("groupNorm", affine.eps);
  const parts = [x.shape[0], groups, sizeOf(x.shape.slice(1)) / groups];
  const y = widened(x, (x) => g.reshape(standardized(g.reshape(x, parts), [2], eps), x.shape));
  return scaled("groupNorm", y, affine, [channels], perChannel(x));
}

/** Over the positions of each channel of each image (Ulyanov et al. 2016): `(N, C, …)`, `weight` and `bias` `(C)`. */
export function instanceNorm(x: Node, affine: Affine = {}): Node {
  checkChannels("instanceNorm", x);
  if (sizeOf(x.shape.slice(2)) < 2 && x.shape[0] > 0) {
    const got = `${show(x.shape)}, one position per channel`;
    throw new ValueError({ in: "instanceNorm", got, want: "more than one", fix: "Use another normalization" });
  }
  const eps = epsilon("instanceNorm", affine.eps);
  const axes = x.shape.slice(2).map((_, i) => i + 2);
  return scaled(
    "instanceNorm",
    widened(x, (x) => standardized(x, axes, eps)),
    affine,
    [x.shape[1]],
    perChannel(x),
  );
}

/** The statistics that batch normalization normalizes with, `(C)` each. */
export interface BatchStatistics {
  readonly mean: Node;
  /** What the batch is normalized with: the mean square of the distances. */
  readonly variance: Node;
  /** What running averages take: with Bessel's correction. */
  readonly unbiased: Node;
}

/** Mean and variance of each channel of `(N, C, …)` over the rest. */
export function batchStatistics(x: Node): BatchStatistics {
  checkChannels("batchNorm", x);
  const axes = x.shape.flatMap((_, i) => (i === 1 ? [] : [i]));
  const count = axes.reduce((n, a) => n * x.shape[a], 1);
  if (count < 2) {
    const got = `${show(x.shape)}, with ${count} value per channel`;
    const fix = "Use a larger batch, or eval mode";
    throw new ValueError({ in: "batchNorm", got, want: "more than one value per channel when training", fix });
  }
  const wide = x.dtype === "float16" || x.dtype === "bfloat16" ? g.cast(x, "float32") : x;
  const average = mean(wide, axes, { keepdim: true });
  const centered = sub(wide, average);
  const variance = mean(g.mul(centered, centered), axes);
  return { mean: g.reshape(average, [x.shape[1]]), variance, unbiased: mul(variance, count / (count - 1)) };
}

/**
 * `(x − mean) / √(variance + eps) · weight + bias` with numbers for each channel of `(N, C, …)` (Ioffe & Szegedy 2015). A
 * variance that is negative, as no batch has it but a file may, gives NaN.
 */
export function batchNorm(x: Node, statistics: Pick<BatchStatistics, "mean" | "variance">, affine: Affine = {}): Node {
  checkChannels("batchNorm", x);
  for (const t of [statistics.mean, statistics.variance]) {
    if (sameShape(t.shape, [x.shape[1]])) continue;
    const got = `statistics of ${show(t.shape)} for ${show(x.shape)}`;
    throw new ShapeError({ in: "batchNorm", got, want: `[${x.shape[1]}]`, fix: "Check the layer's channels" });
  }
  const shape = perChannel(x);
  const eps = epsilon("batchNorm", affine.eps);
  const y = widened(x, (x) => {
    const [m, v] = [statistics.mean, statistics.variance].map((t) => g.reshape(g.cast(t, x.dtype), shape));
    return mul(sub(x, m), rsqrt(add(v, eps)));
  });
  return scaled("batchNorm", y, affine, [x.shape[1]], shape);
}

export interface LocalResponseNormOptions {
  alpha?: number;
  beta?: number;
  k?: number;
}

/** `x / (k + alpha · mean of x² over `size` neighbouring channels)^beta` (Krizhevsky et al. 2012, §3.3). */
export function localResponseNorm(x: Node, size: number, options: LocalResponseNormOptions = {}): Node {
  checkOptions("localResponseNorm", options, ["alpha", "beta", "k"]);
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options;
  for (const [name, value] of Object.entries({ alpha, beta, k })) checkNumber("localResponseNorm", value, name);
  checkChannels("localResponseNorm", x);
  checkCount("localResponseNorm", size, "size", 1);
  const before = Math.floor(size / 2);
  const padded = g.padAxis(g.mul(x, x), 1, before, size - 1 - before);
  const near = g.unfold(padded, { axis: 1, size, stride: 1, dilation: 1 });
  const total = g.reshape(g.sum(near, [x.shape.length]), x.shape);
  return div(x, pow(add(mul(div(total, size), alpha), k), beta));
}

/** `v · magnitude / ‖v‖`, the norm being over all axes but the first (Salimans & Kingma 2016). */
export function weightNorm(v: Node, magnitude: Node): Node {
  const axes = v.shape.map((_, i) => i).slice(1);
  const length = g.sqrt(g.sum(g.mul(v, v), axes));
  return g.mul(v, broadcastTo(g.div(g.reshape(magnitude, length.shape), length), v.shape));
}
