/**
 * The oracle: it says what a graph means, one element after another, by reading `scalar` and `index` of graph/ops.ts.
 * Every other device is tested against it, so it is slow and obvious, and is never made faster.
 */
import { IndexError } from "../errors.ts";
import { type DType, dtypes, type HostArray, isFloat, read, round } from "../graph/dtype.ts";
import type { Affine, Bound, GraphScalar, Var } from "../graph/expr.ts";
import { is, type Node, type OpName, topo } from "../graph/node.ts";
import { ops, scalarOf } from "../graph/ops.ts";
import { type Shape, sizeOf, stridesOf } from "../graph/shape.ts";
import { threefry2x32 } from "../graph/threefry.ts";

/** What is stored of a result: itself, or what the dtype can hold of it. */
export type Keep = (x: number, dtype: DType) => number;
type Meaning<K extends OpName> = (n: Node<K>, src: readonly Float64Array[], keep: Keep) => Float64Array;
type LeafValue = (leaf: object) => HostArray;

export interface EvaluateOptions {
  /** Whether each primitive rounds its result to its dtype, as a device does, or computes in float64 throughout. */
  readonly mode?: "float64" | "rounded";
}

/** The values of `roots`, in row-major order; `leafValue` gives those of the buffers. */
export function evaluate(
  roots: readonly Node[],
  leafValue: LeafValue,
  { mode = "rounded" }: EvaluateOptions = {},
): Float64Array[] {
  const keep = mode === "rounded" ? round : exact;
  return interpret(roots, (n, src) => (is(n, "buffer") ? leaf(n, leafValue) : apply(n, src, keep)));
}

/** Floats as they are; integers wrap and bools are bools, for that is their meaning and not a loss of precision. */
export const exact: Keep = (x, dtype) => (isFloat(dtype) ? x : round(x, dtype));

/** Goes through the graph once, as far as `leaf` lets it, and forgets each value after its last use. */
export function interpret<T>(
  roots: readonly Node[],
  value: (n: Node, src: readonly T[]) => T,
  leaf?: (n: Node) => boolean,
): T[] {
  const order = topo(roots, leaf);
  const uses = new Map<Node, number>();
  for (const n of [...order.flatMap((n) => n.src), ...roots]) uses.set(n, (uses.get(n) ?? 0) + 1);
  const values = new Map<Node, T>();
  for (const n of order) {
    values.set(
      n,
      value(
        n,
        n.src.map((s) => values.get(s) as T),
      ),
    );
    for (const s of n.src) {
      const left = (uses.get(s) as number) - 1;
      uses.set(s, left);
      if (left === 0) values.delete(s);
    }
  }
  return roots.map((r) => values.get(r) as T);
}

/**
 * The rows of a loop, one after another. `value` is that of a node in the body, `take` reads elements of a value and `put`
 * writes them into the rows.
 */
export function iterate<T>(
  { arg: { steps, reverse, results, given, carries, inputs }, src: { length } }: Node<"loop">,
  src: readonly T[],
  rows: T,
  value: (n: Node, src: readonly T[]) => T,
  { take, put }: { take: (x: T, at: number, size: number) => T; put: (x: T, at: number) => void },
): T {
  const offsets = [0];
  for (const r of results) offsets.push((offsets.at(-1) as number) + sizeOf(r.shape));
  const width = offsets[results.length];
  given.forEach((k, i) => void put(src[i], offsets[k] + (reverse ? steps * width : 0)));
  for (let i = 0; i < steps; i++) {
    const t = reverse ? steps - 1 - i : i;
    const [before, now] = reverse ? [t + 1, t] : [t, t + 1];
    const bound = new Map<Node, T>();
    for (const { node, at } of carries) bound.set(node, take(rows, before * width + at, sizeOf(node.shape)));
    inputs.forEach(({ node, at, stride }, m) => {
      bound.set(node, take(src[length - inputs.length + m], at + t * stride, sizeOf(node.shape)));
    });
    const made = interpret(
      results,
      (n, s: readonly T[]) => bound.get(n) ?? value(n, s),
      (n) => bound.has(n),
    );
    made.forEach((x, k) => void put(x, now * width + offsets[k]));
  }
  return rows;
}

/** The value of a buffer. */
export function leaf({ arg }: Node<"buffer">, leafValue: LeafValue): Float64Array {
  const host = leafValue(arg.leaf);
  return Float64Array.from({ length: sizeOf(arg.shape) }, (_, i) => read(host, i, arg.dtype));
}

/** The value of any other node, from those of its inputs. */
export function apply<K extends OpName>(n: Node<K>, src: readonly Float64Array[], keep: Keep): Float64Array {
  return (meanings[n.op] as Meaning<K>)(n, src, keep);
}

// Walking over elements.

/** Visits every index of `shape` in row-major order; `at` is overwritten from one visit to the next. */
export function each(shape: Shape, visit: (at: readonly number[], flat: number) => void): void {
  const at = shape.map(() => 0);
  const size = sizeOf(shape);
  for (let flat = 0; flat < size; flat++) {
    visit(at, flat);
    for (let axis = shape.length - 1; axis >= 0 && ++at[axis] === shape[axis]; axis--) at[axis] = 0;
  }
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** Visits every line along `axis`: its elements are at `start + i · step`. */
export function lines(shape: Shape, axis: number, visit: (start: number, step: number) => void): void {
  const step = stridesOf(shape)[axis];
  each(
    shape.map((d, i) => (i === axis ? Math.min(d, 1) : d)),
    (at) => visit(dot(at, stridesOf(shape)), step),
  );
}

/** An affine form as a function of the values of its variables. */
function evaluator(a: Affine, variables: readonly Var[]): (at: readonly number[]) => number {
  const terms = [...a.terms].map(([v, coef]): [number, (at: readonly number[]) => number] => {
    const i = variables.indexOf(v);
    if (i >= 0) return [coef, (at) => at[i]];
    if (!v.def || v.def.op === "data") throw new Error(`reference: the variable "${v.name}" is not one of the view's`);
    const { op, of, by } = v.def;
    const inner = evaluator(of, variables);
    return [
      coef,
      op === "div" ? (at) => Math.floor(inner(at) / by) : (at) => inner(at) - by * Math.floor(inner(at) / by),
    ];
  });
  return (at) => {
    let sum = a.base;
    for (const [coef, value] of terms) sum += coef * value(at);
    return sum;
  };
}

type Index = (
  at: readonly Affine[],
  arg: Node["arg"],
  from: Shape,
) => { at: readonly Affine[]; bounds?: readonly Bound[] };

/** A view: each element is the one that `index` points at, or `other` outside the bounds. */
function view(n: Node, [x]: readonly Float64Array[], other = 0): Float64Array {
  const variables = n.shape.map((size, i): Var => ({ name: `i${i}`, size }));
  const symbols = variables.map((v): Affine => ({ base: 0, terms: new Map([[v, 1]]) }));
  const from = n.src[0].shape;
  const index = ops[n.op].index as Index;
  const { at, bounds = [] } = index(symbols, n.arg, from);
  const source = at.map((a) => evaluator(a, variables));
  const guards = bounds.map(({ of, lo, hi }) => ({ of: evaluator(of, variables), lo, hi }));
  const strides = stridesOf(from);
  const out = new Float64Array(sizeOf(n.shape));
  each(n.shape, (at, flat) => {
    const inside = guards.every(({ of, lo, hi }) => lo <= of(at) && of(at) < hi);
    out[flat] = inside ? x[source.reduce((sum, f, i) => sum + f(at) * strides[i], 0)] : other;
  });
  return out;
}

// Arithmetic on single elements.

/** An integer division truncates; by 0, or where it would overflow, the divisor is 1. */
function integerDiv(a: number, b: number): number {
  return b === 0 || (a === -(2 ** 31) && b === -1) ? a : Math.trunc(a / b);
}

/** An integer power wraps; a negative exponent truncates the fraction to 0. */
function integerPow(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let [power, square] = [1, a];
  for (let rest = b; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = Math.imul(power, square);
    square = Math.imul(square, square);
  }
  return power;
}

/** A float becomes an integer by truncation, saturating; NaN becomes 0. Integers wrap. */
function convert(x: number, from: DType, to: DType): number {
  const [lo, hi] = dtypes[to].range;
  if (dtypes[to].kind !== "int" || !isFloat(from)) return x;
  return Number.isNaN(x) ? 0 : Math.min(Math.max(Math.trunc(x), lo), hi);
}

/** What an elementwise operation does to elements of `dtype`, before the result is stored. */
function elementOf(n: Node): (...x: number[]) => number {
  const dtype = n.src[0].dtype;
  if (is(n, "cast")) return (x) => convert(x, dtype, n.dtype);
  if (!isFloat(dtype)) {
    if (n.op === "mul") return Math.imul;
    if (n.op === "div") return integerDiv;
    if (n.op === "pow") return integerPow;
  }
  return scalarOf(n.op as GraphScalar);
}

const elementwise = (n: Node, src: readonly Float64Array[], keep: Keep): Float64Array => {
  const f = elementOf(n);
  const out = new Float64Array(sizeOf(n.shape));
  const [a, b, c] = src;
  for (let i = 0; i < out.length; i++) out[i] = keep(c ? f(a[i], b[i], c[i]) : b ? f(a[i], b[i]) : f(a[i]), n.dtype);
  return out;
};

/** How two elements combine in a reduction or a scan. Floats are rounded only at the end; integers wrap on the way. */
function combinerOf(op: "add" | "mul" | "max" | "min", dtype: DType): (a: number, b: number) => number {
  const f = op === "mul" && !isFloat(dtype) ? Math.imul : scalarOf(op);
  return isFloat(dtype) ? f : (a, b) => round(f(a, b), dtype);
}

function identityOf(op: "add" | "mul" | "max" | "min", dtype: DType): number {
  const [lo, hi] = isFloat(dtype) ? [-Infinity, Infinity] : dtypes[dtype].range;
  return { add: 0, mul: 1, max: lo, min: hi }[op];
}

/** The strides with which elements of `shape` fall into a result where `axes` have size 1. */
const reducedStrides = (shape: Shape, kept: Shape): number[] =>
  stridesOf(kept).map((s, i) => (kept[i] === 1 && shape[i] !== 1 ? 0 : s));

/** Whether `a` goes before `b` in a sort: NaN goes last either way. */
function before(a: number, b: number, descending: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return descending ? b - a || 0 : a - b || 0; // Infinity − Infinity is NaN, and they are equal
}

function checkIndex(op: string, index: number, axis: number, size: number): number {
  if (index >= 0 && index < size) return index;
  throw new IndexError({
    in: op,
    got: `the index ${index}`,
    want: `0 … ${size - 1} on axis ${axis} of size ${size}`,
    fix: "Check where the indices come from",
  });
}

/** Where element `at` of an index with value `i` points to, along `axis` of `shape`. */
function target(op: string, at: readonly number[], axis: number, i: number, shape: Shape): number {
  return dot(at, stridesOf(shape)) + (checkIndex(op, i, axis, shape[axis]) - at[axis]) * stridesOf(shape)[axis];
}

const filled = (shape: Shape, f: (flat: number) => number): Float64Array =>
  Float64Array.from({ length: sizeOf(shape) }, (_, flat) => f(flat));

/** The product of one pair of elements, as matmul and conv add it up. */
const productOf = (dtype: DType): ((a: number, b: number) => number) => (isFloat(dtype) ? (a, b) => a * b : Math.imul);

function matmul(n: Node<"matmul">, [a, b]: readonly Float64Array[], keep: Keep): Float64Array {
  const [rows, columns] = n.shape.slice(-2);
  const inner = n.src[0].shape.at(-1) as number;
  const [multiply, plus] = [productOf(n.dtype), combinerOf("add", n.dtype)];
  return filled(n.shape, (flat) => {
    const [batch, row, column] = [
      Math.floor(flat / (rows * columns)),
      Math.floor(flat / columns) % rows,
      flat % columns,
    ];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum = plus(sum, multiply(a[(batch * rows + row) * inner + k], b[(batch * inner + k) * columns + column]));
    }
    return keep(sum, n.dtype);
  });
}

function conv(n: Node<"conv">, [x, w]: readonly Float64Array[], keep: Keep): Float64Array {
  const { stride, padding, dilation, inputDilation, groups } = n.arg;
  const [xs, ws] = [n.src[0].shape, n.src[1].shape];
  const [xStrides, wStrides] = [stridesOf(xs), stridesOf(ws)];
  const [multiply, plus] = [productOf(n.dtype), combinerOf("add", n.dtype)];
  const out = new Float64Array(sizeOf(n.shape));
  each(n.shape, ([image, channel, ...at], flat) => {
    const group = Math.floor(channel / (ws[0] / groups));
    let sum = 0;
    each(ws.slice(1), ([c, ...tap]) => {
      let from = image * xStrides[0] + (group * ws[1] + c) * xStrides[1];
      let inside = true;
      for (let i = 0; i < at.length; i++) {
        const position = at[i] * stride[i] + tap[i] * dilation[i] - padding[i][0];
        const place = Math.floor(position / inputDilation[i]);
        inside &&= position % inputDilation[i] === 0 && place >= 0 && place < xs[i + 2];
        from += place * xStrides[i + 2];
      }
      // Padding is zeros, and 0 · ∞ is NaN.
      const weight = w[channel * wStrides[0] + dot([c, ...tap], wStrides.slice(1))];
      sum = plus(sum, multiply(inside ? x[from] : 0, weight));
    });
    out[flat] = keep(sum, n.dtype);
  });
  return out;
}

/** What each operation means. */
const meanings: { readonly [K in OpName]: Meaning<K> } = {
  buffer: () => {
    throw new Error("reference: a buffer has no meaning of its own");
  },
  const: ({ arg: { value, shape } }) => filled(shape, () => value),
  iota: ({ arg: { axis, shape } }) => {
    const out = new Float64Array(sizeOf(shape));
    each(shape, (at, flat) => {
      out[flat] = at[axis];
    });
    return out;
  },
  random: ({ arg: { key, shape } }) => filled(shape, (flat) => (threefry2x32(key, [flat, 0])[0] >>> 8) * 2 ** -24),

  cast: elementwise,
  neg: elementwise,
  sqrt: elementwise,
  exp: elementwise,
  log: elementwise,
  sin: elementwise,
  cos: elementwise,
  tanh: elementwise,
  erf: elementwise,
  floor: elementwise,
  add: elementwise,
  mul: elementwise,
  div: elementwise,
  pow: elementwise,
  max: elementwise,
  min: elementwise,
  lt: elementwise,
  eq: elementwise,
  where: elementwise,

  reduce: (n, [x], keep) => {
    const out = filled(n.shape, () => identityOf(n.arg.op, n.dtype));
    const combine = combinerOf(n.arg.op, n.dtype);
    const strides = reducedStrides(n.src[0].shape, n.shape);
    each(n.src[0].shape, (at, flat) => {
      const to = dot(at, strides);
      out[to] = combine(out[to], x[flat]);
    });
    const isExtreme = n.arg.op === "max" || n.arg.op === "min";
    return out.map((v) => keep(isExtreme ? v + 0 : v, n.dtype)); // an extreme of 0 is +0
  },
  argReduce: (n, [x]) => {
    const { axis, op } = n.arg;
    const size = n.src[0].shape[axis];
    const out: number[] = [];
    lines(n.src[0].shape, axis, (start, step) => {
      let best = 0;
      for (let i = 1; i < size; i++) {
        const [value, top] = [x[start + i * step], x[start + best * step]];
        if (!Number.isNaN(top) && (Number.isNaN(value) || (op === "max" ? value > top : value < top))) best = i;
      }
      out.push(best);
    });
    return Float64Array.from(out);
  },

  reshape: (_, [x]) => x, // not by `index`, which is thereby tested
  permute: (n, src) => view(n, src),
  expand: (n, src) => view(n, src),
  slice: (n, src) => view(n, src),
  pad: (n, src, keep) => view(n, src, keep(n.arg.value, n.dtype)),
  unfold: (n, src) => view(n, src),

  gather: (n, [x, index]) => {
    const out = new Float64Array(sizeOf(n.shape));
    each(n.shape, (at, flat) => {
      out[flat] = x[target("gather", at, n.arg.axis, index[flat], n.src[0].shape)];
    });
    return out;
  },
  scatter: (n, [base, index, x], keep) => {
    const { axis, op } = n.arg;
    const out = base.slice();
    const combine = op === "set" ? (_: number, v: number) => v : combinerOf(op, n.dtype);
    each(n.src[1].shape, (at, flat) => {
      const to = target("scatter", at, axis, index[flat], n.shape);
      out[to] = combine(out[to], x[flat]);
    });
    return out.map((v) => keep(v, n.dtype));
  },
  concat: (n, src) => {
    const { axis } = n.arg;
    const out = new Float64Array(sizeOf(n.shape));
    let start = 0;
    n.src.forEach((s, k) => {
      each(s.shape, (at, flat) => {
        out[dot(at, stridesOf(n.shape)) + start * stridesOf(n.shape)[axis]] = src[k][flat];
      });
      start += s.shape[axis];
    });
    return out;
  },

  matmul,
  conv,
  scan: (n, [x], keep) => {
    const { axis, op } = n.arg;
    const combine = combinerOf(op, n.dtype);
    const out = new Float64Array(x.length);
    lines(n.shape, axis, (start, step) => {
      let total = identityOf(op, n.dtype);
      for (let i = 0; i < n.shape[axis]; i++) {
        total = combine(total, x[start + i * step]);
        out[start + i * step] = keep(total, n.dtype);
      }
    });
    return out;
  },
  loop: (n, src, keep) => {
    const out = new Float64Array(sizeOf(n.shape));
    return iterate(n, src, out, (m, from) => apply(m, from, keep), {
      take: (x, at, size) => x.slice(at, at + size),
      put: (x, at) => out.set(x, at),
    });
  },
  sort: (n, [x]) => {
    const { axis, descending } = n.arg;
    const out = new Float64Array(x.length);
    lines(n.shape, axis, (start, step) => {
      const order = Array.from({ length: n.shape[axis] }, (_, i) => i);
      order.sort((i, j) => before(x[start + i * step], x[start + j * step], descending));
      order.forEach((from, i) => {
        out[start + i * step] = from;
      });
    });
    return out;
  },

  detach: (_, [x]) => x,
  copy: (_, [x]) => x,
  surrogate: (_, [x]) => x,
  custom: (_, [x]) => x,
  after: (_, [x]) => x,
};
