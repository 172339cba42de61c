/**
 * How far from the true value a device may be: the oracle's values, and beside each a bound on the error of a device that
 * rounds every primitive and adds up in any order. The promise for sums is 16 · u · Σ|a||b|; an error of the inputs passes
 * through an operation by trying the ends of their intervals.
 */
import { type DType, dtypes, type HostArray, isFloat } from "../graph/dtype.ts";
import { type Args, is, type Node, type OpName } from "../graph/node.ts";
import { sizeOf } from "../graph/shape.ts";
import { apply, exact, interpret, iterate, leaf } from "./reference.ts";

/** Values in float64 with the greatest error that a device may make in each. */
export interface Bounded {
  readonly value: Float64Array;
  /** Infinity where a rounding may decide which of several elements is taken. */
  readonly error: Float64Array;
}

/** Half the distance between neighbours: relative, and absolute near 0. */
const units: Partial<Record<DType, readonly [number, number]>> = {
  float16: [2 ** -11, 2 ** -25],
  bfloat16: [2 ** -8, 2 ** -134],
  float32: [2 ** -24, 2 ** -150],
  float64: [2 ** -53, 2 ** -1074],
};

/** Roundings that an operation may make, in units: 2 ulp are up to 4. What is not here is exact. */
const roundings: Partial<Record<OpName, number>> = {
  ...{ cast: 1, add: 1, mul: 1, div: 1, sqrt: 1 },
  ...{ exp: 4, log: 4, sin: 4, cos: 4, tanh: 4, erf: 4, pow: 4 },
};
/** Units per element of Σ|a||b|, in a sum of any order. */
const summation = 16;

/** The values of `roots` with bounds on the errors of a device. */
export function errorBound(roots: readonly Node[], leafValue: (leaf: object) => HostArray): Bounded[] {
  const boundOf = (n: Node, src: readonly Bounded[]): Bounded => {
    if (is(n, "buffer")) {
      const value = leaf(n, leafValue);
      return { value, error: new Float64Array(value.length) };
    }
    if (is(n, "loop")) {
      const rows = { value: new Float64Array(sizeOf(n.shape)), error: new Float64Array(sizeOf(n.shape)) };
      return iterate(n, src, rows, boundOf, {
        take: ({ value, error }, at, size) => ({
          value: value.slice(at, at + size),
          error: error.slice(at, at + size),
        }),
        put: ({ value, error }, at) => {
          rows.value.set(value, at);
          rows.error.set(error, at);
        },
      });
    }
    const value = exactly(
      n,
      src.map((s) => s.value),
    );
    const [relative, absolute] = units[n.dtype] ?? [0, 0];
    const error = errorOf(n, src, value, relative);
    const most = isFloat(n.dtype) ? dtypes[n.dtype].range[1] : Infinity;
    return {
      value,
      error: error.map((e, i) => {
        if (!Number.isFinite(value[i])) return e < Infinity ? 0 : Infinity; // where that is right, only that is
        return Math.abs(value[i]) + e <= most ? e + 4 * absolute : Infinity;
      }),
    };
  };
  return interpret(roots, boundOf);
}

const exactly = (n: Node, src: readonly Float64Array[]): Float64Array => apply(n, src, exact);

/** As `exactly`, with another argument: an error is moved as a value is, but what is put around it is 0, and so on. */
const exactlyWith = <K extends OpName>(n: Node<K>, arg: Partial<Args[K]>, src: readonly Float64Array[]): Float64Array =>
  exactly({ ...n, arg: { ...n.arg, ...arg } as Args[K] }, src);

function errorOf(n: Node, src: readonly Bounded[], value: Float64Array, unit: number): Float64Array {
  const errors = src.map((s) => s.error);
  const [a, b] = src;
  const least = src.map((s) => s.value.map(Math.abs));
  const most = src.map((s) => s.value.map((x, i) => Math.abs(x) + s.error[i]));
  const greatest = isFloat(n.dtype) ? dtypes[n.dtype].range[1] : Infinity;
  /** How many of the elements that go into each result are of a kind. */
  const counted = (kind: (x: number) => boolean): Float64Array => {
    const marks = errors.map((es) => es.map((e) => Number(kind(e))));
    if (is(n, "reduce") || is(n, "scan")) return exactlyWith(n, { op: "add" }, marks);
    if (is(n, "scatter")) return exactly(n, [marks[0], b.value, marks[2]]);
    const ones = marks.map((m) => m.map(() => 1));
    const [left, right] = [exactly(n, [marks[0], ones[1]]), exactly(n, [ones[0], marks[1]])];
    return left.map((m, i) => m + right[i]);
  };
  /** What errors of the inputs make of a result that grows with their magnitudes, and its own roundings. */
  const grown = (count: number, low = exactly(n, least), high = exactly(n, most)): Float64Array => {
    const [unknown, inexact] = [counted((e) => e === Infinity), counted((e) => e > 0)];
    return high.map((h, i) => {
      if (unknown[i] > 0) return Infinity;
      if (!Number.isFinite(h)) return inexact[i] > 0 ? Infinity : 0; // 0 · ∞ is not almost 0 · ∞
      return h <= greatest ? h - low[i] + count * unit * h : Infinity;
    });
  };
  /** A product may leave the range on its way, and come back with the other factors or not. */
  const multiplied = (count: number): Float64Array => {
    const peak = exactly(
      n,
      most.map((m) => m.map((x) => Math.max(x, 1))),
    );
    return grown(count).map((e, i) => (Number.isFinite(value[i]) && peak[i] <= greatest ? e : Infinity));
  };
  if (is(n, "pad")) return exactlyWith(n, { value: 0 }, errors);
  if (is(n, "reduce")) {
    const { op } = n.arg;
    if (op === "max" || op === "min") return exactlyWith(n, { op: "max" }, errors);
    return op === "add" ? grown(summation) : multiplied((2 * a.value.length) / Math.max(value.length, 1));
  }
  if (is(n, "scan")) {
    const { op, axis } = n.arg;
    return op === "max" ? exactly(n, errors) : op === "add" ? grown(summation) : multiplied(2 * n.shape[axis]);
  }
  if (is(n, "gather")) return decided(b) ? exactly(n, [a.error, b.value]) : value.map(() => Infinity);
  if (is(n, "scatter")) {
    if (!decided(b)) return value.map(() => Infinity);
    if (n.arg.op !== "add") return exactly(n, [a.error, b.value, src[2].error]);
    return grown(summation, exactly(n, [least[0], b.value, least[2]]), exactly(n, [most[0], b.value, most[2]]));
  }
  switch (n.op) {
    case "const":
    case "iota":
    case "random":
      return new Float64Array(value.length);
    case "permute":
    case "reshape":
    case "expand":
    case "slice":
    case "unfold":
    case "concat":
    case "detach":
    case "surrogate":
    case "custom":
    case "after":
    case "copy":
      return exactly(n, errors);
    case "sort":
    case "argReduce":
      return new Float64Array(value.length).fill(decided(a) ? 0 : Infinity);
    case "matmul":
    case "conv":
      return n.src[0].dtype === "bfloat16" ? flushed(n, src, grown(summation)) : grown(summation);
    case "lt":
    case "eq":
      return value.map((_, i) => {
        const slack = a.error[i] + b.error[i];
        return slack > 0 && !(Math.abs(a.value[i] - b.value[i]) > slack) ? 1 : 0;
      });
    case "where":
      return value.map((_, i) => {
        const [x, y] = [b, src[2]];
        if (a.error[i] === 0) return a.value[i] ? x.error[i] : y.error[i];
        return distance(x.value[i], y.value[i]) + Math.max(x.error[i], y.error[i]);
      });
    default:
      return throughEnds(n, src, value).map((e, i) => e + (roundings[n.op] ?? 0) * unit * (Math.abs(value[i]) + e));
  }
}

/** Machines that multiply bfloat16 themselves take what is subnormal, of factors and of sums, as 0. */
function flushed(n: Node, src: readonly Bounded[], error: Float64Array): Float64Array {
  const least = 2 ** -126;
  const sizes = src.map(({ value, error }) => value.map((x, i) => Math.abs(x) + error[i]));
  const lost = sizes.map((size) => size.map((x) => (x < least ? x : 0)));
  const ones = sizes.map((size) => size.map(() => least));
  const [left, right] = [exactly(n, [lost[0], sizes[1]]), exactly(n, [sizes[0], lost[1]])];
  const sums = exactly(n, [ones[0], ones[1].map(() => 1)]);
  // 0 · ∞ is not lost: it is NaN either way.
  return error.map((e, i) => e + (left[i] || 0) + (right[i] || 0) + sums[i]);
}

/** Whether no rounding can have a say in what `x` is. */
const decided = (x: Bounded): boolean => x.error.every((e) => e === 0);

/** How far apart two values are; infinitely where only one of them is finite, or a number. */
function distance(x: number, y: number): number {
  if (Object.is(x, y) || x === y) return 0;
  const d = Math.abs(x - y);
  return Number.isNaN(d) ? Infinity : d;
}

/** The greatest change of an elementwise result over the ends of the intervals of its inputs. */
function throughEnds(n: Node, src: readonly Bounded[], value: Float64Array): Float64Array {
  if (src.every(decided)) return new Float64Array(value.length);
  const error = value.map((_, i) => (src.some((s) => s.error[i] === Infinity) ? Infinity : 0));
  if (n.op === "sin" || n.op === "cos") return error.map((e, i) => Math.max(e, Math.min(src[0].error[i], 2)));
  for (let ends = 0; ends < 2 ** src.length; ends++) {
    const moved = src.map((s, k) =>
      s.value.map((x, i) => x + (error[i] < Infinity ? s.error[i] : 0) * (ends & (1 << k) ? 1 : -1)),
    );
    exactly(n, moved).forEach((v, i) => {
      error[i] = Math.max(error[i], distance(v, value[i]));
    });
  }
  // In between the ends lies a 0 that neither of them is.
  if (is(n, "cast") && n.dtype === "bool")
    return error.map((e, i) =>
      src[0].error[i] > 0 && Math.abs(src[0].value[i]) <= src[0].error[i] ? Math.max(e, 1) : e,
    );
  if (n.op !== "div") return error;
  const [, by] = src;
  return error.map((e, i) => (by.error[i] > 0 && Math.abs(by.value[i]) <= by.error[i] ? Infinity : e));
}
