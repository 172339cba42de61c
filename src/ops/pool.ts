/** Pooling: one number for each window, over the last `n` axes of `(N, C, …)` or `(C, …)`. */
import { ShapeError, ValueError } from "../errors.ts";
import { span } from "../graph/conv.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { show, sizeOf } from "../graph/shape.ts";
import { broadcastTo, checkCount, checkFloat, checkNumber, checkOptions, checkRank, print } from "./check.ts";
import { batched, type PerAxis, perAxis } from "./conv.ts";
import { abs, div, mul, pow } from "./elementwise.ts";

export interface PoolOptions {
  /** How far windows are apart; by default, their size. */
  stride?: PerAxis;
  /** Elements around that belong to no maximum; at most half a window. */
  padding?: PerAxis;
  /** Let a last window hang over the edge, if it starts inside. */
  ceilMode?: boolean;
}
export interface MaxPoolOptions extends PoolOptions {
  dilation?: PerAxis;
}
export interface AvgPoolOptions extends PoolOptions {
  /** Count the zeros of the padding as elements. */
  countIncludePad?: boolean;
  /** What to divide by instead of the count. */
  divisorOverride?: number;
}

/** The geometry of the windows on each pooled axis. */
interface Geometry {
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  /** How much further than `padding` the last window hangs over. */
  readonly over: readonly number[];
}

function geometry(op: string, n: number, x: Node, kernel: PerAxis, options: MaxPoolOptions): Geometry {
  checkRank(op, x, [n + 2], `${n + 2} axes, or ${n + 1} without a batch`);
  const size = perAxis(op, kernel, "kernel size", n, 1);
  const stride = perAxis(op, options.stride ?? size, "stride", n, 1);
  const padding = perAxis(op, options.padding ?? 0, "padding", n, 0);
  const dilation = perAxis(op, options.dilation ?? 1, "dilation", n, 1);
  padding.forEach((p, i) => {
    if (p > size[i] / 2) checkCount(op, p, "padding", 0, Math.floor(size[i] / 2));
  });
  const over = size.map((k, i) => {
    const length = x.shape[i + 2] + 2 * padding[i];
    const reach = span(k, dilation[i]);
    if (length < reach || x.shape[i + 2] === 0) {
      const got = `windows of ${print(size)} for ${show(x.shape)}`;
      throw new ValueError({
        in: op,
        got,
        want: "windows that fit into the padded input",
        fix: "Use a smaller kernel",
      });
    }
    if (!options.ceilMode) return 0;
    let count = Math.ceil((length - reach) / stride[i]) + 1;
    if ((count - 1) * stride[i] >= x.shape[i + 2] + padding[i]) count--; // it would see nothing but padding
    return Math.max((count - 1) * stride[i] + reach - length, 0);
  });
  return { size, stride, padding, dilation, over };
}

/** `(N, C, …)` → `(N, C, …′, k)`: the windows, with their elements along one last axis. `value` stands around. */
function windowed(x: Node, { size, stride, padding, dilation, over }: Geometry, value: number): Node {
  let y = x;
  size.forEach((k, i) => {
    const [lo, hi] = [padding[i], padding[i] + over[i]];
    if (lo > 0 || hi > 0) y = g.padAxis(y, i + 2, lo, hi, 0, value);
    y = g.unfold(y, { axis: i + 2, size: k, stride: stride[i], dilation: dilation[i] });
  });
  return g.reshape(y, [...y.shape.slice(0, 2 + size.length), size.reduce((a, b) => a * b, 1)]);
}

/** The greatest of the last axis, with the gradient to the first of equals; NaN wins. */
function firstMaximum(x: Node): Node {
  const last = x.shape.length - 1;
  const best = g.expand(g.argReduce(x, "max", last), x.shape);
  const chosen = g.where(g.eq(g.iota(last, x.shape), best), x, g.like(x, 0));
  const y = g.surrogate(g.reduce(x, "max", [last]), g.sum(chosen, [last]));
  return g.reshape(y, x.shape.slice(0, -1));
}

function maxPool(n: 1 | 2 | 3, x: Node, kernel: PerAxis, options: MaxPoolOptions): Node {
  const op = `maxPool${n}d`;
  checkOptions(op, options, ["stride", "padding", "ceilMode", "dilation"]);
  checkFloat(op, x);
  return batched(x, n + 2, (x) => firstMaximum(windowed(x, geometry(op, n, x, kernel, options), -Infinity)));
}

/** The greatest element of each window, with the gradient to the first of equals. `(N, C, L)` → `(N, C, L′)`. */
export const maxPool1d = (x: Node, kernel: PerAxis, options: MaxPoolOptions = {}): Node =>
  maxPool(1, x, kernel, options);
/** As maxPool1d: `(N, C, H, W)` → `(N, C, H′, W′)`. */
export const maxPool2d = (x: Node, kernel: PerAxis, options: MaxPoolOptions = {}): Node =>
  maxPool(2, x, kernel, options);
/** As maxPool1d: `(N, C, D, H, W)` → `(N, C, D′, H′, W′)`. */
export const maxPool3d = (x: Node, kernel: PerAxis, options: MaxPoolOptions = {}): Node =>
  maxPool(3, x, kernel, options);

function windowSums(x: Node, shape: Geometry): Node {
  const y = windowed(x, shape, 0);
  return g.reshape(g.sum(y, [y.shape.length - 1]), y.shape.slice(0, -1));
}

function avgPool(n: 1 | 2 | 3, x: Node, kernel: PerAxis, options: AvgPoolOptions): Node {
  const op = `avgPool${n}d`;
  checkOptions(op, options, ["stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"]);
  checkFloat(op, x);
  const { countIncludePad = true, divisorOverride } = options;
  if (divisorOverride !== undefined) checkCount(op, divisorOverride, "divisorOverride", 1);
  return batched(x, n + 2, (x) => {
    const shape = geometry(op, n, x, kernel, options);
    const sums = windowSums(x, shape);
    if (divisorOverride !== undefined) return div(sums, divisorOverride);
    const hanging = shape.over.some((o) => o > 0);
    if (!hanging && (countIncludePad || shape.padding.every((p) => p === 0))) {
      return div(
        sums,
        shape.size.reduce((a, b) => a * b, 1),
      );
    }
    // How many elements each window holds, counted with the same windows over ones.
    const inside = g.fill(1, [1, 1, ...x.shape.slice(2)], x.dtype);
    const counted = shape.padding.reduce((y, p, i) => (p > 0 ? g.padAxis(y, i + 2, p, p, 0, 1) : y), inside);
    const counts = countIncludePad
      ? windowSums(counted, { ...shape, padding: shape.padding.map(() => 0) })
      : windowSums(inside, shape);
    return g.div(sums, broadcastTo(counts, sums.shape));
  });
}

/** The mean of each window: `(N, C, L)` → `(N, C, L′)`. */
export const avgPool1d = (x: Node, kernel: PerAxis, options: AvgPoolOptions = {}): Node =>
  avgPool(1, x, kernel, options);
/** As avgPool1d: `(N, C, H, W)` → `(N, C, H′, W′)`. */
export const avgPool2d = (x: Node, kernel: PerAxis, options: AvgPoolOptions = {}): Node =>
  avgPool(2, x, kernel, options);
/** As avgPool1d: `(N, C, D, H, W)` → `(N, C, D′, H′, W′)`. */
export const avgPool3d = (x: Node, kernel: PerAxis, options: AvgPoolOptions = {}): Node =>
  avgPool(3, x, kernel, options);

function lpPool(n: 1 | 2 | 3, x: Node, p: number, kernel: PerAxis, options: PoolOptions): Node {
  const op = `lpPool${n}d`;
  checkOptions(op, options, ["stride", "padding", "ceilMode"]);
  checkNumber(op, p, "the power", Number.MIN_VALUE);
  checkFloat(op, x);
  return batched(x, n + 2, (x) => {
    const sums = windowSums(pow(abs(x), p), geometry(op, n, x, kernel, options));
    const isZero = g.eq(sums, g.like(sums, 0));
    const root = pow(g.where(isZero, g.like(sums, 1), sums), 1 / p); // its derivative at 0 would be infinite
    return g.where(isZero, sums, root);
  });
}
/** The `p`-norm of each window, `(Σ |x|ᵖ)^(1/p)`. PyTorch weighs one that hangs over the edge as if it were whole. */
export const lpPool1d = (x: Node, p: number, kernel: PerAxis, options: PoolOptions = {}): Node =>
  lpPool(1, x, p, kernel, options);
/** As lpPool1d, of two dimensions. */
export const lpPool2d = (x: Node, p: number, kernel: PerAxis, options: PoolOptions = {}): Node =>
  lpPool(2, x, p, kernel, options);
/** As lpPool1d, of three dimensions. */
export const lpPool3d = (x: Node, p: number, kernel: PerAxis, options: PoolOptions = {}): Node =>
  lpPool(3, x, p, kernel, options);

/** One axis in `count` windows of nearly equal size, which overlap where it does not divide; each becomes what `f` gives. */
function adaptiveAxis(x: Node, axis: number, count: number, f: (window: Node) => Node): Node {
  const length = x.shape[axis];
  if (count === length) return x;
  if (count > 0 && length % count === 0) {
    const size = length / count;
    return f(g.unfold(x, { axis, size, stride: size, dilation: 1 }));
  }
  const parts = Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * length) / count);
    const size = Math.ceil(((i + 1) * length) / count) - start;
    return f(g.unfold(g.take(x, axis, start, size), { axis, size, stride: 1, dilation: 1 }));
  });
  return parts.length > 0 ? g.concat(parts, axis) : g.take(x, axis, 0, 0);
}

function adaptivePool(op: string, n: number, x: Node, output: PerAxis, f: (window: Node) => Node): Node {
  checkFloat(op, x);
  return batched(x, n + 2, (x) => {
    checkRank(op, x, [n + 2], `${n + 2} axes, or ${n + 1} without a batch`);
    const sizes = perAxis(op, output, "output size", n, 0);
    if (x.shape.slice(2).includes(0)) {
      throw new ValueError({ in: op, got: show(x.shape), want: "axes that are not empty", fix: "Check the input" });
    }
    // The last axis first, so that the first of equals is the first in row-major order.
    return sizes.reduceRight((y, size, i) => adaptiveAxis(y, i + 2, size, f), x);
  });
}
const windowMean = (x: Node): Node => {
  const last = x.shape.length - 1;
  return g.reshape(mul(g.sum(x, [last]), 1 / x.shape[last]), x.shape.slice(0, -1));
};

/** Means of as many windows as asked for: `(N, C, L)` → `(N, C, output)`. */
export const adaptiveAvgPool1d = (x: Node, output: PerAxis): Node =>
  adaptivePool("adaptiveAvgPool1d", 1, x, output, windowMean);
/** As adaptiveAvgPool1d, of two dimensions. */
export const adaptiveAvgPool2d = (x: Node, output: PerAxis): Node =>
  adaptivePool("adaptiveAvgPool2d", 2, x, output, windowMean);
/** As adaptiveAvgPool1d, of three dimensions. */
export const adaptiveAvgPool3d = (x: Node, output: PerAxis): Node =>
  adaptivePool("adaptiveAvgPool3d", 3, x, output, windowMean);
/** Maxima of as many windows as asked for: `(N, C, L)` → `(N, C, output)`. */
export const adaptiveMaxPool1d = (x: Node, output: PerAxis): Node =>
  adaptivePool("adaptiveMaxPool1d", 1, x, output, firstMaximum);
/** As adaptiveMaxPool1d, of two dimensions. */
export const adaptiveMaxPool2d = (x: Node, output: PerAxis): Node =>
  adaptivePool("adaptiveMaxPool2d", 2, x, output, firstMaximum);
/** As adaptiveMaxPool1d, of three dimensions. */
export const adaptiveMaxPool3d = (x: Node, output: PerAxis): Node =>
  adaptivePool("adaptiveMaxPool3d", 3, x, output, firstMaximum);

/** All positions of each channel as one number: `(N, C, …)` → `(N, C)`. */
function globalPool(op: string, x: Node, f: (positions: Node) => Node): Node {
  checkFloat(op, x);
  if (x.shape.length < 3 || x.shape.slice(2).includes(0)) {
    throw new ShapeError({ in: op, got: show(x.shape), want: "(N, C, …) with positions", fix: "Check the input" });
  }
  return f(g.reshape(x, [x.shape[0], x.shape[1], sizeOf(x.shape.slice(2))]));
}
/** The mean of each channel over all positions (Lin et al. 2014, §3.2): `(N, C, …)` → `(N, C)`. */
export const globalAvgPool = (x: Node): Node => globalPool("globalAvgPool", x, windowMean);
/** The maximum of each channel over all positions, with the gradient to the first of equals: `(N, C, …)` → `(N, C)`. */
export const globalMaxPool = (x: Node): Node => globalPool("globalMaxPool", x, firstMaximum);
