/**
 * Reductions, and what is made of them. `axes` may be one axis, several, or none given for all; the result loses them
 * unless `keepdim` is set. Halves are widened on the way, so that a mean of large numbers does not overflow.
 */
import { ValueError } from "../errors.ts";
import { type DType, isFloat } from "../graph/dtype.ts";
import type { Node, ReduceOp } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { show } from "../graph/shape.ts";
import { broadcastTo, checkAxes, checkAxis, checkNumber, checkOptions, floating, meet, truth } from "./check.ts";
import { abs, add, div, mul, pow, sub } from "./elementwise.ts";

export type Axes = number | readonly number[];
export interface ReduceOptions {
  /** Keep the reduced axes, with size 1. */
  keepdim?: boolean;
}
export interface VarianceOptions extends ReduceOptions {
  /** What is subtracted from the count: 1 estimates a population's variance from a sample. */
  correction?: number;
}

/** Axes of `x`; a scalar has none, but lets itself be asked for the first. */
function axesOf(op: string, x: Node, axes: Axes | undefined): number[] {
  const list = checkAxes(op, axes, Math.max(x.shape.length, 1));
  return x.shape.length === 0 ? [] : list;
}

const drop = (x: Node, axes: readonly number[], { keepdim = false }: ReduceOptions): Node =>
  keepdim
    ? x
    : g.reshape(
        x,
        x.shape.filter((_, i) => !axes.includes(i)),
      );

const countOf = (x: Node, axes: readonly number[]): number => axes.reduce((n, a) => n * x.shape[a], 1);

const spread = (reduced: Node, x: Node): Node => broadcastTo(reduced, x.shape);

/** Computes in float32 what would lose too much in 16 bits. */
function widened(x: Node, f: (x: Node) => Node): Node {
  const dtype = floating(x).dtype;
  const narrow = dtype === "float16" || dtype === "bfloat16";
  return narrow ? g.cast(f(g.cast(x, "float32")), dtype) : f(floating(x));
}

/** The type in which numbers are added or multiplied: that of the tensor, or int32 for narrower integers. */
const accumulator = (dtype: DType): DType => (isFloat(dtype) ? dtype : "int32");

function plain(name: string, op: ReduceOp, value: Node, axes: Axes | undefined, options: ReduceOptions): Node {
  checkOptions(name, options, ["keepdim"]);
  const list = axesOf(name, value, axes);
  return drop(g.reduce(g.cast(value, accumulator(value.dtype)), op, list), list, options);
}

/** The sum. Integers add up in int32, which wraps. */
export const sum = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node => plain("sum", "add", x, axes, options);
/** The product. Integers multiply in int32, which wraps. */
export const prod = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node => plain("prod", "mul", x, axes, options);

function extreme(name: string, op: "max" | "min", x: Node, axes: Axes | undefined, options: ReduceOptions): Node {
  checkOptions(name, options, ["keepdim"]);
  const list = axesOf(name, x, axes);
  checkNotEmpty(name, x, list);
  return drop(g.reduce(x, op, list), list, options);
}

/** The greatest elements; NaN wins, and ties share the gradient. */
export const amax = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  extreme("amax", "max", x, axes, options);
/** The least elements; NaN wins, and ties share the gradient. */
export const amin = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  extreme("amin", "min", x, axes, options);

function checkNotEmpty(op: string, x: Node, axes: readonly number[]): void {
  if (axes.every((a) => x.shape[a] > 0)) return;
  throw new ValueError({
    in: op,
    got: `the shape ${show(x.shape)}, with an empty axis to reduce`,
    want: "at least one element",
    fix: "Check the data, or reduce another axis",
  });
}

function argExtreme(name: string, op: "max" | "min", x: Node, axis: number | undefined, options: ReduceOptions): Node {
  checkOptions(name, options, ["keepdim"]);
  const flat = axis === undefined || x.shape.length === 0 ? g.reshape(x, [x.shape.reduce((n, d) => n * d, 1)]) : x;
  const along = checkAxis(name, axis ?? 0, axis === undefined ? 1 : Math.max(x.shape.length, 1));
  checkNotEmpty(name, flat, [along]);
  const index = g.argReduce(flat, op, along);
  if (flat !== x) return g.reshape(index, options.keepdim ? x.shape.map(() => 1) : []);
  return drop(index, [along], options);
}

/** The first index of the greatest element along `axis`, or in the flat tensor; the first NaN wins. int32. */
export const argmax = (x: Node, axis?: number, options: ReduceOptions = {}): Node =>
  argExtreme("argmax", "max", x, axis, options);
/** The first index of the least element. */
export const argmin = (x: Node, axis?: number, options: ReduceOptions = {}): Node =>
  argExtreme("argmin", "min", x, axis, options);

/** The extremes along an axis with their first indices; the gradient flows to those elements alone. */
export interface Extremes {
  readonly values: Node;
  readonly indices: Node;
}

function extremes(op: "max" | "min", x: Node, axis: number, options: ReduceOptions): Extremes {
  checkOptions(op, options, ["keepdim"]);
  const along = checkAxis(op, axis, x.shape.length);
  checkNotEmpty(op, x, [along]);
  const index = g.argReduce(x, op, along);
  return { values: drop(g.gather(x, index, along), [along], options), indices: drop(index, [along], options) };
}
export const max = (x: Node, axis: number, options: ReduceOptions = {}): Extremes => extremes("max", x, axis, options);
export const min = (x: Node, axis: number, options: ReduceOptions = {}): Extremes => extremes("min", x, axis, options);

/** Whether all elements are not 0; of none, true. */
export function all(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  checkOptions("all", options, ["keepdim"]);
  const list = axesOf("all", x, axes);
  return drop(g.reduce(truth(x), "mul", list), list, options);
}
/** Whether any element is not 0; of none, false. */
export function any(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  checkOptions("any", options, ["keepdim"]);
  const list = axesOf("any", x, axes);
  return drop(g.reduce(truth(x), "max", list), list, options);
}

// Statistics. A count of 0 gives NaN, as 0 / 0.

const meanOf = (x: Node, axes: readonly number[]): Node => div(g.sum(x, axes), countOf(x, axes));

export function mean(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  checkOptions("mean", options, ["keepdim"]);
  const list = axesOf("mean", x, axes);
  return drop(
    widened(x, (y) => meanOf(y, list)),
    list,
    options,
  );
}

/** The mean square of the distances from the mean, in two passes: E[x²] − E[x]² would cancel. */
function varianceOf(op: string, x: Node, axes: readonly number[], correction: number): Node {
  checkNumber(op, correction, "correction");
  const centered = g.sub(x, spread(meanOf(x, axes), x));
  return div(g.sum(g.mul(centered, centered), axes), Math.max(countOf(x, axes) - correction, 0));
}

/** PyTorch's older name for `correction`. */
const biased = { unbiased: "Write { correction: 1 } for the unbiased variance, and { correction: 0 } for the other" };

/** The variance; by default unbiased, `correction: 1`. */
export function variance(x: Node, axes?: Axes, options: VarianceOptions = {}): Node {
  checkOptions("var", options, ["keepdim", "correction"], biased);
  const list = axesOf("var", x, axes);
  return drop(
    widened(x, (y) => varianceOf("var", y, list, options.correction ?? 1)),
    list,
    options,
  );
}
/** The standard deviation; by default from the unbiased variance, `correction: 1`. */
export function std(x: Node, axes?: Axes, options: VarianceOptions = {}): Node {
  checkOptions("std", options, ["keepdim", "correction"], biased);
  const list = axesOf("std", x, axes);
  return drop(
    widened(x, (y) => g.sqrt(varianceOf("std", y, list, options.correction ?? 1))),
    list,
    options,
  );
}

/** The `p`-norm, `(Σ |x|ᵖ)^(1/p)`; ∞ and −∞ take the extremes, and 0 counts what is not 0. Its gradient at 0 is 0. */
export function norm(x: Node, axes?: Axes, options: ReduceOptions & { p?: number } = {}): Node {
  checkOptions("norm", options, ["keepdim", "p"]);
  const list = axesOf("norm", x, axes);
  const p = checkNumber("norm", options.p ?? 2, "p");
  return drop(
    widened(x, (y) => normOf(y, list, p)),
    list,
    options,
  );
}

function normOf(x: Node, axes: readonly number[], p: number): Node {
  if (p === Infinity || p === -Infinity) {
    checkNotEmpty("norm", x, axes);
    return g.reduce(abs(x), p > 0 ? "max" : "min", axes);
  }
  if (p === 0) return g.sum(g.cast(truth(x), x.dtype), axes);
  if (p === 1) return g.sum(abs(x), axes);
  const total = g.sum(pow(p === 2 ? x : abs(x), p), axes);
  const [zero, isZero] = [g.like(total, 0), g.eq(total, g.like(total, 0))];
  // The root's derivative at 0 is infinite; a root of 1 in its place keeps the unused branch finite.
  return g.where(isZero, p > 0 ? zero : pow(total, 1 / p), pow(g.where(isZero, g.like(total, 1), total), 1 / p));
}

// Sums of exponentials. Subtracting the maximum, through which no gradient needs to flow, keeps them finite. It may pass
// over a NaN, which then comes back in the sum.

const top = (x: Node, axes: readonly number[]): Node =>
  axes.length === 0 ? g.detach(x) : g.detach(g.node("reduce", [x], { op: "max", axes, bare: true }));

/** The maximum over `axes`, kept, or 0 where it is infinite. */
function shift(x: Node, axes: readonly number[]): Node {
  const most = top(x, axes);
  return g.where(g.lt(abs(most), g.like(most, Infinity)), most, g.like(most, 0));
}

/** `log Σ eˣ`; of nothing, or of −∞ alone, it is −∞ (with a gradient of NaN). */
export function logsumexp(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  checkOptions("logsumexp", options, ["keepdim"]);
  const list = axesOf("logsumexp", x, axes);
  const value = widened(x, (y) => {
    const most = shift(y, list);
    return g.add(g.log(g.sum(g.exp(g.sub(y, spread(most, y))), list)), most);
  });
  return drop(value, list, options);
}

/** `eˣ / Σ eˣ` along `axis`; where all are −∞ it is NaN. */
export function softmax(x: Node, axis: number): Node {
  const list = axesOf("softmax", x, axis);
  return widened(x, (y) => {
    const e = g.exp(g.sub(y, spread(top(y, list), y)));
    const total = g.sum(e, list);
    return g.mul(e, spread(g.div(g.like(total, 1), total), e)); // one division a row
  });
}

/** `log(softmax(x))`, without the logarithm of a number near 0. */
export function logSoftmax(x: Node, axis: number): Node {
  const list = axesOf("logSoftmax", x, axis);
  return widened(x, (y) => {
    const centered = g.sub(y, spread(top(y, list), y));
    return g.sub(centered, spread(g.log(g.sum(g.exp(centered), list)), y));
  });
}

// Running reductions.

const scanned = (name: string, op: "add" | "mul" | "max", x: Node, axis: number): Node => {
  const along = checkAxis(name, axis, Math.max(x.shape.length, 1));
  const y = op === "max" ? x : g.cast(x, accumulator(x.dtype));
  return x.shape.length === 0 ? y : g.scan(y, op, along);
};
/** The running sum along `axis`. */
export const cumsum = (x: Node, axis: number): Node => scanned("cumsum", "add", x, axis);
/** The running product along `axis`. */
export const cumprod = (x: Node, axis: number): Node => scanned("cumprod", "mul", x, axis);
/** The running maximum along `axis`; NaN wins from where it stands. PyTorch gives the indices too. */
export const cummax = (x: Node, axis: number): Node => scanned("cummax", "max", x, axis);
/** The running minimum along `axis`. */
export function cummin(x: Node, axis: number): Node {
  // −1 − x turns the order of integers round as well, and has no overflow.
  const integer = (y: Node): Node => (x.dtype === "bool" ? g.not(y) : g.sub(g.like(y, -1), y));
  const turned = (y: Node): Node => (isFloat(x.dtype) ? g.neg(y) : integer(y));
  return turned(scanned("cummin", "max", turned(x), axis));
}

/** `x` scaled to norm 1 along `axis`; a norm under `eps` counts as `eps`. */
export function normalize(
  x: Node,
  { p = 2, axis = 1, eps = 1e-12 }: { p?: number; axis?: number; eps?: number } = {},
): Node {
  const length = norm(x, axis, { p, keepdim: true });
  const floor = g.where(g.lt(length, g.like(length, eps)), g.like(length, eps), length);
  return div(floating(x), floor);
}

/** `x · y / (|x| · |y|)` along `axis`; each norm counts as at least `eps`. */
export function cosineSimilarity(
  a: Node,
  b: Node,
  { axis = 1, eps = 1e-8 }: { axis?: number; eps?: number } = {},
): Node {
  const [x, y] = meet("cosineSimilarity", [a, b]);
  return sum(mul(normalize(x, { axis, eps }), normalize(y, { axis, eps })), axis);
}

/** The distance `‖a − b + eps‖` over the last axis. */
export function pairwiseDistance(a: Node, b: Node, { p = 2, eps = 1e-6 }: { p?: number; eps?: number } = {}): Node {
  return norm(add(sub(a, b), eps), -1, { p });
}
