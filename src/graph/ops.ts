/**
 * The primitive operations. One entry says all that is particular to an operation: its shape rule (`infer`), its
 * derivative (`vjp`) and its meaning (`scalar` if elementwise, `index` if a view; the heavy ones have a template).
 * Inputs of an elementwise operation have equal shapes and dtypes: broadcasting and promotion happen above, with
 * `expand` and `cast`, so that no derivative has to undo them. To add an operation, add an entry here and a row to
 * test/ops.test.ts. The file is long because builders, which derivatives are written with, and the table, which
 * builders consult, need each other.
 */
import { constant, divmod, add as plus, reshaped, scale } from "./affine.ts";
import { convSizes, inputGradient, weightGradient, windows } from "./conv.ts";
import { type DType, isFloat, round } from "./dtype.ts";
import type { Affine, Binary, Bound, GraphScalar } from "./expr.ts";
import type { Args, ConvArg, Node, OpName, ReduceOp } from "./node.ts";
import { type Shape, sameShape, show, sizeOf } from "./shape.ts";

/** Cotangents of the inputs, given that of the output. `null`: no gradient flows to that input. */
type Vjp<K extends OpName> = (g: Node, out: Node<K>, ...src: Node[]) => (Node | null)[];

type Inferred = { readonly shape: Shape; readonly dtype: DType };

export interface Op<K extends OpName> {
  infer(src: readonly Node[], arg: Args[K]): Inferred;
  readonly vjp: Vjp<K> | null;
  /** Elementwise: the value of one element, before it is rounded to the dtype. */
  readonly scalar?: (...x: number[]) => number;
  /** View: where element `at` of the result comes from, and the bounds outside which it is the pad value. */
  readonly index?: (
    at: readonly Affine[],
    arg: Args[K],
    from: Shape,
  ) => { at: readonly Affine[]; bounds?: readonly Bound[] };
}

/** Builds a node, letting the operation check its inputs and infer the shape and dtype of its result. */
export function node<K extends OpName>(op: K, src: readonly Node[], arg: Args[K]): Node<K> {
  const { shape, dtype } = ops[op].infer(src, arg);
  return { op, src, arg, shape, dtype };
}

// Builders: what derivatives and composites are written with.

export const fill = (value: number, shape: Shape, dtype: DType): Node =>
  node("const", [], { value: round(value, dtype), shape, dtype });
/** `value`, in the shape and dtype of `x`. */
export const like = (x: Node, value: number): Node => fill(value, x.shape, x.dtype);
export const iota = (axis: number, shape: Shape): Node => node("iota", [], { axis, shape });
export const neg = (x: Node): Node => node("neg", [x], null);
export const sqrt = (x: Node): Node => node("sqrt", [x], null);
export const exp = (x: Node): Node => node("exp", [x], null);
export const log = (x: Node): Node => node("log", [x], null);
export const sin = (x: Node): Node => node("sin", [x], null);
export const cos = (x: Node): Node => node("cos", [x], null);
export const tanh = (x: Node): Node => node("tanh", [x], null);
export const erf = (x: Node): Node => node("erf", [x], null);
export const floor = (x: Node): Node => node("floor", [x], null);
export const cast = (x: Node, dtype: DType): Node => (x.dtype === dtype ? x : node("cast", [x], { dtype }));
export const add = (a: Node, b: Node): Node => node("add", [a, b], null);
export const sub = (a: Node, b: Node): Node => add(a, neg(b));
export const mul = (a: Node, b: Node): Node => node("mul", [a, b], null);
export const div = (a: Node, b: Node): Node => node("div", [a, b], null);
export const pow = (a: Node, b: Node): Node => node("pow", [a, b], null);
export const max = (a: Node, b: Node): Node => node("max", [a, b], null);
export const min = (a: Node, b: Node): Node => node("min", [a, b], null);
export const lt = (a: Node, b: Node): Node => node("lt", [a, b], null);
export const eq = (a: Node, b: Node): Node => node("eq", [a, b], null);
export const where = (cond: Node, a: Node, b: Node): Node => node("where", [cond, a, b], null);
export const reduce = (x: Node, op: ReduceOp, axes: readonly number[]): Node =>
  axes.length === 0 ? x : node("reduce", [x], { op, axes });
export const sum = (x: Node, axes: readonly number[]): Node => reduce(x, "add", axes);
export const argReduce = (x: Node, op: "max" | "min", axis: number): Node => node("argReduce", [x], { op, axis });
export const reshape = (x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : node("reshape", [x], { shape });
export const permute = (x: Node, order: readonly number[]): Node =>
  order.every((a, i) => a === i) ? x : node("permute", [x], { order });
export const expand = (x: Node, shape: Shape): Node => (sameShape(x.shape, shape) ? x : node("expand", [x], { shape }));
export const slice = (x: Node, arg: Args["slice"]): Node => node("slice", [x], arg);
export const pad = (x: Node, arg: Args["pad"]): Node => node("pad", [x], arg);
export const unfold = (x: Node, arg: Args["unfold"]): Node => node("unfold", [x], arg);
export const gather = (x: Node, index: Node, axis: number): Node => node("gather", [x, index], { axis });
export const scatter = (base: Node, index: Node, x: Node, arg: Args["scatter"]): Node =>
  node("scatter", [base, index, x], arg);
export const concat = (xs: readonly Node[], axis: number): Node => node("concat", xs, { axis });
/** `dtype` is that of the sums. */
export const matmul = (a: Node, b: Node, dtype: DType = a.dtype): Node =>
  node("matmul", [a, b], dtype === a.dtype ? null : { dtype });
export const conv = (x: Node, w: Node, arg: ConvArg): Node => node("conv", [x, w], arg);
export const scan = (x: Node, op: "add" | "mul" | "max", axis: number): Node => node("scan", [x], { op, axis });
export const detach = (x: Node): Node => node("detach", [x], null);
/** `value`, which was computed from `inputs` in a way that is known to `vjp` only. */
export const custom = (value: Node, inputs: readonly Node[], vjp: Args["custom"]["vjp"]): Node =>
  node("custom", [value, ...inputs], { vjp });
/** `x`, but not before `y` has been computed: what is computed from it waits, and so does the memory for it. */
export const after = (x: Node, y: Node): Node => node("after", [x, y], null);
/** The value of the first with the gradient of the second, which is not computed unless a derivative needs it. */
export const surrogate = (value: Node, path: Node): Node => node("surrogate", [value, path], null);

/** `x` with two axes exchanged; negative axes count from the end. */
export function transpose(x: Node, a = -2, b = -1): Node {
  const order = x.shape.map((_, i) => i);
  const [i, j] = [a < 0 ? order.length + a : a, b < 0 ? order.length + b : b];
  [order[i], order[j]] = [order[j], order[i]];
  return permute(x, order);
}

/** Part of `x` along one axis: `size` elements from `start`, `step` apart. */
export function take(x: Node, axis: number, start: number, size: number, step = 1): Node {
  const other = <T>(value: T, rest: (i: number) => T): T[] => x.shape.map((_, i) => (i === axis ? value : rest(i)));
  return slice(x, { start: other(start, () => 0), size: other(size, (i) => x.shape[i]), step: other(step, () => 1) });
}

/** `x` back to front along one axis. */
export const flip = (x: Node, axis: number): Node => take(x, axis, x.shape[axis] - 1, x.shape[axis], -1);

/** `x` with `lo` and `hi` elements of `value` around one axis, and `interior` between neighbours. */
export function padAxis(x: Node, axis: number, lo: number, hi: number, interior = 0, value = 0): Node {
  const at = (n: number): number[] => x.shape.map((_, i) => (i === axis ? n : 0));
  return pad(x, { lo: at(lo), hi: at(hi), interior: at(interior), value });
}

/** Logical not of a bool. */
export const not = (x: Node): Node => eq(x, like(x, 0));

// Shape rules that several operations share. What they refuse is a bug above: users' mistakes are caught in ops/.

function broken(op: string, src: readonly Node[]): never {
  throw new Error(`${op}: cannot take ${src.map((s) => `${s.dtype}${show(s.shape)}`).join(", ")}`);
}

const unary = { infer: ([x]: readonly Node[]): Inferred => ({ shape: x.shape, dtype: x.dtype }) };

const floatOnly = (op: string) => ({
  infer: ([x]: readonly Node[]): Inferred => (isFloat(x.dtype) ? { shape: x.shape, dtype: x.dtype } : broken(op, [x])),
});

const binary = (op: Binary) => ({
  infer: ([a, b]: readonly Node[]): Inferred =>
    sameShape(a.shape, b.shape) && a.dtype === b.dtype ? { shape: a.shape, dtype: a.dtype } : broken(op, [a, b]),
});

const comparison = (op: Binary) => ({
  infer: (src: readonly Node[]): Inferred => ({ ...binary(op).infer(src), dtype: "bool" }),
  vjp: null,
});

const source = { infer: (_: readonly Node[], arg: { shape: Shape; dtype: DType }): Inferred => arg, vjp: null };

const isByte = ({ dtype }: Node): boolean => dtype === "int8" || dtype === "uint8";

const keep = (shape: Shape, axes: readonly number[]): number[] => shape.map((d, i) => (axes.includes(i) ? 1 : d));

export const ops: { readonly [K in OpName]: Op<K> } = {
  // sources
  buffer: source,
  const: source,
  iota: { infer: (_, { shape }) => ({ shape, dtype: "int32" }), vjp: null },
  random: { infer: (_, { shape }) => ({ shape, dtype: "float32" }), vjp: null },

  // elementwise
  cast: {
    infer: ([x], { dtype }) => ({ shape: x.shape, dtype }),
    scalar: (x) => x,
    vjp: (g, y, x) => [isFloat(y.dtype) && isFloat(x.dtype) ? cast(g, x.dtype) : null],
  },
  neg: { ...unary, scalar: (x) => -x, vjp: (g) => [neg(g)] },
  sqrt: { ...floatOnly("sqrt"), scalar: Math.sqrt, vjp: (g, y) => [div(g, mul(y, like(y, 2)))] },
  exp: { ...floatOnly("exp"), scalar: Math.exp, vjp: (g, y) => [mul(g, y)] },
  log: { ...floatOnly("log"), scalar: Math.log, vjp: (g, _, x) => [div(g, x)] },
  sin: { ...floatOnly("sin"), scalar: Math.sin, vjp: (g, _, x) => [mul(g, cos(x))] },
  cos: { ...floatOnly("cos"), scalar: Math.cos, vjp: (g, _, x) => [neg(mul(g, sin(x)))] },
  tanh: { ...floatOnly("tanh"), scalar: Math.tanh, vjp: (g, y) => [mul(g, sub(like(y, 1), mul(y, y)))] },
  erf: {
    ...floatOnly("erf"),
    scalar: erfValue,
    vjp: (g, _, x) => [mul(g, mul(like(x, 2 / Math.sqrt(Math.PI)), exp(neg(mul(x, x)))))],
  },
  floor: { ...floatOnly("floor"), scalar: Math.floor, vjp: null },
  add: { ...binary("add"), scalar: (a, b) => a + b, vjp: (g) => [g, g] },
  mul: { ...binary("mul"), scalar: (a, b) => a * b, vjp: (g, _, a, b) => [mul(g, b), mul(g, a)] },
  div: { ...binary("div"), scalar: (a, b) => a / b, vjp: (g, y, _, b) => [div(g, b), neg(div(mul(g, y), b))] },
  pow: { ...binary("pow"), scalar: powValue, vjp: powGradient },
  max: { ...binary("max"), scalar: Math.max, vjp: (g, _, a, b) => [towards(g, b, a), towards(g, a, b)] },
  min: { ...binary("min"), scalar: Math.min, vjp: (g, _, a, b) => [towards(g, a, b), towards(g, b, a)] },
  lt: { ...comparison("lt"), scalar: (a, b) => Number(a < b) },
  eq: { ...comparison("eq"), scalar: (a, b) => Number(a === b) },
  where: {
    infer: ([c, a, b]) =>
      c.dtype === "bool" && sameShape(c.shape, a.shape) ? binary("max").infer([a, b]) : broken("where", [c, a, b]),
    scalar: (c, a, b) => (c ? a : b),
    vjp: (g, _, c) => [null, where(c, g, like(g, 0)), where(c, like(g, 0), g)],
  },

  // reductions keep the reduced axes, with size 1
  reduce: { infer: ([x], { axes }) => ({ shape: keep(x.shape, axes), dtype: x.dtype }), vjp: reduceGradient },
  argReduce: { infer: ([x], { axis }) => ({ shape: keep(x.shape, [axis]), dtype: "int32" }), vjp: null },

  // views: only the index changes
  reshape: {
    infer: ([x], { shape }) => (sizeOf(shape) === sizeOf(x.shape) ? { shape, dtype: x.dtype } : broken("reshape", [x])),
    vjp: (g, _, x) => [reshape(g, x.shape)],
    index: (at, { shape }, from) => ({ at: reshaped(at, shape, from) }),
  },
  permute: {
    infer: ([x], { order }) => ({ shape: order.map((a) => x.shape[a]), dtype: x.dtype }),
    vjp: (g, { arg: { order } }) => [permute(g, inverse(order))],
    index: (at, { order }) => ({ at: inverse(order).map((i) => at[i]) }),
  },
  expand: {
    infer: ([x], { shape }) =>
      shape.length === x.shape.length && shape.every((d, i) => x.shape[i] === d || x.shape[i] === 1)
        ? { shape, dtype: x.dtype }
        : broken("expand", [x]),
    vjp: (g, y, x) => [
      sum(
        g,
        y.shape.flatMap((d, i) => (d === x.shape[i] ? [] : [i])),
      ),
    ],
    index: (at, _, from) => ({ at: at.map((a, i) => (from[i] === 1 ? constant(0) : a)) }),
  },
  slice: {
    infer: ([x], { size }) => ({ shape: size, dtype: x.dtype }),
    vjp: sliceGradient,
    index: (at, { start, step }) => ({ at: at.map((a, i) => plus(scale(a, step[i]), constant(start[i]))) }),
  },
  pad: {
    infer: ([x], { lo, hi, interior }) => ({
      shape: x.shape.map((d, i) => lo[i] + hi[i] + d + Math.max(d - 1, 0) * interior[i]),
      dtype: x.dtype,
    }),
    vjp: (g, { arg: { lo, interior } }, x) => [
      slice(g, { start: lo, size: x.shape, step: interior.map((k) => k + 1) }),
    ],
    index: (at, { lo, interior }, from) => {
      const bounds: Bound[] = [];
      const source = at.map((a, i) => {
        const [of, between] = divmod(plus(a, constant(-lo[i])), interior[i] + 1);
        bounds.push({ of, lo: 0, hi: from[i] }, { of: between, lo: 0, hi: 1 });
        return of;
      });
      return { at: source, bounds };
    },
  },
  unfold: {
    infer: ([x], { axis, size, stride, dilation }) => {
      const count = windows(x.shape[axis], size, stride, dilation);
      return { shape: [...x.shape.map((d, i) => (i === axis ? count : d)), size], dtype: x.dtype };
    },
    vjp: unfoldGradient,
    index: (at, { axis, stride, dilation }) => {
      const [window, ...rest] = [at.at(-1) as Affine, ...at.slice(0, -1)];
      return { at: rest.map((a, i) => (i === axis ? plus(scale(a, stride), scale(window, dilation)) : a)) };
    },
  },

  // indexed
  gather: {
    infer: ([x, index], { axis }) =>
      index.dtype === "int32" && sameShape(keep(x.shape, [axis]), keep(index.shape, [axis]))
        ? { shape: index.shape, dtype: x.dtype }
        : broken("gather", [x, index]),
    vjp: (g, { arg: { axis } }, x, index) => [scatter(like(x, 0), index, g, { axis, op: "add" }), null],
  },
  scatter: {
    infer: ([base, index, x], { axis }) =>
      index.dtype === "int32" &&
      base.dtype === x.dtype &&
      sameShape(index.shape, x.shape) &&
      sameShape(keep(base.shape, [axis]), keep(x.shape, [axis]))
        ? { shape: base.shape, dtype: base.dtype }
        : broken("scatter", [base, index, x]),
    vjp: scatterGradient,
  },
  concat: {
    infer: (src, { axis }) => ({
      shape: src[0].shape.map((d, i) => (i === axis ? src.reduce((n, s) => n + s.shape[axis], 0) : d)),
      dtype: src[0].dtype,
    }),
    vjp: (g, { arg: { axis } }, ...src) => {
      let start = 0;
      return src.map((s) => {
        start += s.shape[axis];
        return take(g, axis, start - s.shape[axis], s.shape[axis]);
      });
    },
  },

  // heavy
  matmul: {
    infer: ([a, b], arg) =>
      (a.dtype === b.dtype || (isByte(a) && isByte(b) && arg?.dtype === "int32")) &&
      a.shape.at(-1) === b.shape.at(-2) &&
      sameShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
        ? { shape: [...a.shape.slice(0, -1), b.shape[b.shape.length - 1]], dtype: arg?.dtype ?? a.dtype }
        : broken("matmul", [a, b]),
    vjp: (g, y, a, b) => {
      const h = cast(g, a.dtype);
      return [matmul(h, transpose(b), y.dtype), matmul(transpose(a), h, y.dtype)].map((d) => cast(d, a.dtype));
    },
  },
  conv: {
    infer: ([x, w], arg) =>
      x.dtype === w.dtype && x.shape[1] === w.shape[1] * arg.groups && w.shape[0] % arg.groups === 0
        ? { shape: [x.shape[0], w.shape[0], ...convSizes(x.shape, w.shape, arg)], dtype: arg.dtype ?? x.dtype }
        : broken("conv", [x, w]),
    vjp: convGradient,
  },
  scan: { ...unary, vjp: scanGradient },
  loop: {
    infer: (src, { steps, results, given, inputs }) =>
      src.length === given.length + inputs.length &&
      given.every((k, i) => sameShape(src[i].shape, results[k].shape)) &&
      results.every((r) => r.dtype === results[0].dtype)
        ? { shape: [steps + 1, results.reduce((n, r) => n + sizeOf(r.shape), 0)], dtype: results[0].dtype }
        : broken("loop", [...src, ...results]),
    vjp: (g, y, ...src) => [...y.arg.vjp(g, y, src)],
  },
  sort: { infer: ([x]) => ({ shape: x.shape, dtype: "int32" }), vjp: null },

  // structural
  detach: { ...unary, vjp: null },
  surrogate: {
    infer: ([value, path]) =>
      sameShape(value.shape, path.shape) && value.dtype === path.dtype
        ? { shape: value.shape, dtype: value.dtype }
        : broken("surrogate", [value, path]),
    vjp: (g) => [null, g],
  },
  custom: { ...unary, vjp: (g, { arg }) => [null, ...arg.vjp(g)] },
  after: { ...unary, vjp: (g) => [g, null], index: (at) => ({ at }) },
  copy: { ...unary, vjp: (g) => [g] },
};

// Derivatives longer than a few lines.

const inverse = (order: readonly number[]): number[] => order.map((_, i) => order.indexOf(i));

/** The part of `g` that goes to `a` in `max(a, b)`: all of it where `b < a`, half where they are equal. */
function towards(g: Node, b: Node, a: Node): Node {
  return where(lt(b, a), g, where(eq(a, b), mul(g, like(g, 0.5)), like(g, 0)));
}

/** d aᵇ = b·aᵇ⁻¹ da + aᵇ·log a db, where a power of 0 contributes nothing. */
function powGradient(g: Node, y: Node, a: Node, b: Node): Node[] {
  const zero = like(a, 0);
  const da = where(eq(b, zero), zero, mul(b, pow(a, sub(b, like(b, 1)))));
  const db = where(eq(y, zero), zero, mul(y, log(a)));
  return [mul(g, da), mul(g, db)];
}

/** Ties share the gradient of an extreme; each factor of a product gets the product of the others. */
function reduceGradient(g: Node, y: Node<"reduce">, x: Node): Node[] {
  const { op, axes } = y.arg;
  const spread = expand(g, x.shape);
  if (op === "add") return [spread];
  if (op === "mul") {
    const isZero = eq(x, like(x, 0));
    const zeros = expand(sum(cast(isZero, x.dtype), axes), x.shape);
    const rest = where(isZero, like(x, 1), x);
    const others = div(expand(reduce(rest, "mul", axes), x.shape), rest);
    const only = eq(zeros, cast(isZero, x.dtype)); // no zero among the other factors
    return [mul(spread, where(only, others, like(x, 0)))];
  }
  const hit = cast(eq(x, expand(y, x.shape)), x.dtype);
  return [div(mul(spread, hit), expand(sum(hit, axes), x.shape))];
}

function sliceGradient(g: Node, { arg: { start, size, step } }: Node<"slice">, x: Node): Node[] {
  let upright = g;
  const lo = start.map((s, i) => (step[i] < 0 ? s + (size[i] - 1) * step[i] : s));
  step.forEach((s, i) => {
    if (s < 0) upright = flip(upright, i);
  });
  if (size.includes(0)) return [like(x, 0)];
  const interior = step.map((s) => Math.abs(s) - 1);
  const hi = lo.map((l, i) => x.shape[i] - l - size[i] - (size[i] - 1) * interior[i]);
  return [pad(upright, { lo, hi, interior, value: 0 })];
}

/** Windows that do not overlap are laid side by side; others are added, one offset of the window at a time. */
function unfoldGradient(g: Node, y: Node<"unfold">, x: Node): Node[] {
  const { axis, size, stride, dilation } = y.arg;
  const count = y.shape[axis];
  const length = x.shape[axis];
  if (count === 0) return [like(x, 0)];
  if (dilation === 1 && size <= stride) {
    const last = g.shape.length - 1;
    const order = g.shape.slice(0, -1).flatMap((_, i) => (i === axis ? [i, last] : [i]));
    const blocks = padAxis(permute(g, order), axis + 1, 0, stride - size);
    const flat = reshape(
      blocks,
      x.shape.map((d, i) => (i === axis ? count * stride : d)),
    );
    return [count * stride >= length ? take(flat, axis, 0, length) : padAxis(flat, axis, 0, length - count * stride)];
  }
  let total: Node | null = null;
  for (let k = 0; k < size; k++) {
    const part = reshape(take(g, g.shape.length - 1, k, 1), g.shape.slice(0, -1));
    const lo = k * dilation;
    const placed = padAxis(part, axis, lo, length - lo - ((count - 1) * stride + 1), stride - 1);
    total = total ? add(total, placed) : placed;
  }
  return [total ?? like(x, 0)];
}

function scatterGradient(g: Node, y: Node<"scatter">, base: Node, index: Node, x: Node): (Node | null)[] {
  const { axis, op } = y.arg;
  if (op === "add") return [g, null, gather(g, index, axis)];
  if (op === "max") {
    const hitBase = where(eq(base, y), g, like(g, 0));
    const hit = where(eq(x, gather(y, index, axis)), gather(g, index, axis), like(x, 0));
    return [hitBase, null, hit];
  }
  // The last writer of each element owns its gradient: scatter positions, and see whose came out.
  const position = iota(axis, x.shape);
  const owner = scatter(fill(-1, base.shape, "int32"), index, position, { axis, op: "max" });
  const mine = eq(gather(owner, index, axis), position);
  const untouched = eq(owner, like(owner, -1));
  return [where(untouched, g, like(g, 0)), null, where(mine, gather(g, index, axis), like(x, 0))];
}

/** Both derivatives of a convolution are convolutions. */
function convGradient(cotangent: Node, y: Node<"conv">, x: Node, w: Node): Node[] {
  const g = cast(cotangent, x.dtype);
  if (y.shape.includes(0)) return [like(x, 0), like(w, 0)]; // where no window fits, the geometry below has no answer
  const { groups } = y.arg;
  const spatial = w.shape.slice(2);
  const flipped = spatial.reduce((acc, _, i) => flip(acc, i + 2), w);
  const axes = spatial.map((_, i) => i);
  const [n, oc, ic] = [x.shape[0], w.shape[0] / groups, w.shape[1]];

  // (G·K, C, …) → (G·C, K, …)
  const grouped = reshape(flipped, [groups, oc, ic, ...spatial]);
  const turned = reshape(permute(grouped, [0, 2, 1, ...axes.map((a) => a + 3)]), [groups * ic, oc, ...spatial]);
  const dx = conv(g, turned, inputGradient(x.shape, w.shape, y.shape, y.arg));

  // Batch becomes what is summed over: x as (C, G·N, …), g as (G·K, N, …), and their convolution is (C, G·K, …).
  const xs = reshape(x, [n, groups, ic, ...x.shape.slice(2)]);
  const xt = reshape(permute(xs, [2, 1, 0, ...axes.map((a) => a + 3)]), [ic, groups * n, ...x.shape.slice(2)]);
  const dw = conv(xt, transpose(g, 0, 1), weightGradient(x.shape, w.shape, y.shape, y.arg));
  return [dx, transpose(dw, 0, 1)].map((d) => cast(d, x.dtype));
}

function scanGradient(g: Node, y: Node<"scan">, x: Node): Node[] {
  const { op, axis } = y.arg;
  if (op === "add") return [flip(scan(flip(g, axis), "add", axis), axis)];
  const n = x.shape[axis];
  if (op === "max") {
    // Each output came from the newest element that set the maximum.
    const previous = padAxis(take(y, axis, 0, Math.max(n - 1, 0)), axis, Math.min(n, 1), 0, 0, -Infinity);
    const newest = where(lt(previous, x), iota(axis, x.shape), fill(0, x.shape, "int32"));
    return [scatter(like(x, 0), scan(newest, "max", axis), g, { axis, op: "add" })];
  }
  // Π over k ≤ j, k ≠ i of x_k, as a matrix (…, i, j) at the end: quadratic, but right where a factor is 0.
  const last = (t: Node): Node => permute(t, [...order.filter((a) => a !== axis), axis]);
  const order = x.shape.map((_, i) => i);
  const rows = last(x);
  const full = [...rows.shape, n];
  const square = expand(reshape(rows, [...rows.shape.slice(0, -1), 1, n]), full);
  const [i, j] = [iota(full.length - 2, full), iota(full.length - 1, full)];
  const products = scan(where(eq(i, j), like(square, 1), square), "mul", full.length - 1);
  const reach = where(lt(j, i), like(square, 0), products);
  const gs = expand(reshape(last(g), [...rows.shape.slice(0, -1), 1, n]), full);
  const d = reshape(sum(mul(gs, reach), [full.length - 1]), rows.shape);
  return [permute(d, inverse([...order.filter((a) => a !== axis), axis]))];
}

// Meanings that JavaScript lacks, or has otherwise.

/** IEEE 754's pow: `pow(1, NaN)` and `pow(x, 0)` are 1, and `pow(−1, ±∞)` is 1, where JavaScript says NaN. */
function powValue(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/** The error function, to float64's precision (series for |x| < 0.9, continued fraction beyond; Abramowitz & Stegun 7.1). */
function erfValue(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return NaN;
  if (a > 6) return Math.sign(x);
  if (a < 0.9) {
    let rest = 0;
    for (let n = 30; n > 0; n--) rest = (1 / (2 * n + 1) + rest) * ((-x * x) / n);
    return (2 / Math.sqrt(Math.PI)) * x * (1 + rest);
  }
  let fraction = 0;
  for (let n = 300; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}

/** The value of an elementwise operation on one element, rounded as its dtype demands. */
export function scalarOf(op: GraphScalar | "cast"): (...x: number[]) => number {
  return ops[op].scalar as (...x: number[]) => number;
}
