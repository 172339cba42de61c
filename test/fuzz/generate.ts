/**
 * Random programs. Most keep to numbers whose sums are exact in any order, so that a device must give the oracle's very
 * bits; the rest use functions and fractions, and are held to bounds.
 */
import { type DType, isFloat } from "../../src/graph/dtype.ts";
import { vjp } from "../../src/graph/grad.ts";
import type { Node, OpName } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";
import { type Shape, sizeOf } from "../../src/graph/shape.ts";
import * as activation from "../../src/ops/activation.ts";
import * as linalg from "../../src/ops/linalg.ts";
import * as norm from "../../src/ops/norm.ts";
import * as pool from "../../src/ops/pool.ts";
import * as reduce from "../../src/ops/reduce.ts";
import { Pool, Retry, withAxis } from "./pool.ts";
import type { Program } from "./program.ts";
import { Random } from "./random.ts";
import { concat, conv, expand, pad, permute, reshape, rounded, slice, unfold } from "./views.ts";

type Grow = (p: Pool) => unknown;

/** What a program may grow by, and how often it does. */
const ways: Record<string, readonly [weight: number, grow: Grow]> = {
  reshape: [6, reshape],
  permute: [6, permute],
  expand: [4, expand],
  slice: [8, slice],
  pad: [7, pad],
  unfold: [3, unfold],
  concat: [4, concat],
  unary: [6, unary],
  binary: [16, (p) => binary(p, p.any())],
  compare: [4, compare],
  where: [4, where],
  cast: [5, (p) => p.cast(p.any(), p.r.pick(p.options.types))],
  reduce: [14, reduction],
  argReduce: [2, argReduce],
  rows: [7, rows],
  matmul: [6, matmul],
  linear: [4, linear],
  conv: [5, conv],
  gather: [4, gather],
  scatter: [3, scatter],
  scan: [3, scan],
  sort: [1.5, (p) => sort(p, p.ranked())],
  random: [
    0.5,
    (p) => p.step("random", [], { key: [p.r.int(0, 2 ** 32 - 1), p.r.int(0, 2 ** 32 - 1)], shape: p.shape() }),
  ],
  structural: [1, structural],
  composite: [4, composite],
  gradient: [4, gradient],
};
const weights = Object.fromEntries(Object.entries(ways).map(([name, [weight]]) => [name, weight]));

/** Products are where work is cut in most ways. */
const bigWeights = { ...weights, linear: 12, matmul: 12, conv: 10 };

function unary(p: Pool): Node {
  const x = p.any((n) => n.dtype !== "bool");
  if (!isFloat(x.dtype)) return p.step("neg", [x], null);
  const exact: OpName[] = ["neg", "neg", "floor", "sqrt"];
  const functions: OpName[] = ["exp", "tanh", "sin", "cos", "erf", "log"];
  const op = p.r.pick(p.options.style === "loose" ? [...exact, ...functions] : exact);
  return p.step(op as "neg", [x], null);
}

function binary(p: Pool, x: Node, y: Node = p.match(x.shape, x.dtype)): Node {
  const kinds: OpName[] = ["add", "add", "mul", "mul", "max", "min"];
  if (x.dtype !== "bool") kinds.push("div");
  if (x.dtype === "int32" || (p.options.style === "loose" && isFloat(x.dtype) && p.r.chance(0.1))) kinds.push("pow");
  return p.step(p.r.pick(kinds) as "add", p.r.shuffle([x, y]), null);
}

function compare(p: Pool): Node {
  const x = p.any();
  return p.step(p.r.pick(["lt", "eq"]), p.r.shuffle([x, p.match(x.shape, x.dtype)]), null);
}

function where(p: Pool): Node {
  const x = p.any();
  const other = p.match(x.shape, x.dtype);
  return p.step("where", [p.match(x.shape, "bool"), ...p.r.shuffle([x, other])], null);
}

function reduction(p: Pool): Node {
  const { r } = p;
  const x = p.ranked();
  let axes = x.shape.flatMap((_, i) => (r.chance(0.5) ? [i] : []));
  if (axes.length === 0) axes = [r.int(0, x.shape.length - 1)];
  if (r.chance(0.1)) axes = r.shuffle(axes);
  const op = r.pick(["add", "add", "add", "max", "min", "mul"] as const);
  const y = p.step("reduce", [x], { op, axes });
  // Long products leave the range and come back, or do not: no bound would hold them.
  if (op === "mul" && p.options.style === "loose" && sizeOf(x.shape) > 12 * sizeOf(y.shape)) throw new Retry();
  return y;
}

function argReduce(p: Pool): Node {
  const x = p.any((n) => n.shape.some((d) => d > 0));
  return p.step("argReduce", [x], { op: p.r.pick(["max", "min"]), axis: p.axis(x, (d) => d > 0) });
}

function scan(p: Pool): Node {
  const x = p.any((n) => n.shape.length > 0 && n.dtype !== "bool");
  const axis = p.axis(x);
  const op = p.r.pick(["add", "add", "max", "mul"] as const);
  if (op === "mul" && p.options.style === "loose" && x.shape[axis] > 12) throw new Retry();
  return p.step("scan", [x], { op, axis });
}

const sort = (p: Pool, x: Node): Node => p.step("sort", [x], { axis: p.axis(x), descending: p.r.chance(0.5) });

function structural(p: Pool): Node {
  const kind = p.r.int(0, 2);
  if (kind === 0) return p.step("detach", [p.any()], null);
  return kind === 1 ? p.step("copy", [p.any()], { device: "wasm" }) : p.step("after", [p.any(), p.any()], null);
}

/** What models are made of: rows that are reduced, and maps of them with the results. */
function rows(p: Pool): Node {
  const { r } = p;
  const x = p.any((n) => isFloat(n.dtype) && n.shape.length > 0);
  const { shape, dtype } = x;
  const rank = shape.length;
  const behind = shape.flatMap((_, i) => (i > 0 || rank === 1 ? [i] : []));
  const axes = r.chance(0.6) ? [rank - 1] : r.chance(0.5) ? [0] : behind;
  const reduced = (y: Node, op: "add" | "max" | "min"): Node => p.step("reduce", [y], { op, axes });
  const sum = (y: Node): Node => p.expand(reduced(y, "add"), shape);
  const minus = (a: Node, b: Node): Node => p.adopt(g.sub(a, b));
  const times = (a: Node, b: Node): Node => p.step("mul", [a, b], null);
  const exact = p.options.style === "exact";
  switch (r.int(0, 4)) {
    case 0: {
      // softmax, or what is left of it where only exact operations are wanted
      const moved = minus(x, p.expand(reduced(x, "max"), shape));
      const e = exact ? times(moved, moved) : p.step("exp", [moved], null);
      return p.step("div", [e, sum(e)], null);
    }
    case 1: {
      // layer norm
      const count = axes.reduce((n, a) => n * shape[a], 1);
      if (count === 0) throw new Retry();
      const part = p.constant(exact ? 1 : 1 / count, shape, dtype);
      const centred = minus(x, times(sum(x), part));
      const variance = times(sum(times(centred, centred)), part);
      const raised = p.step("add", [variance, p.constant(exact ? 1 : 0.125, shape, dtype)], null);
      return p.step("div", [centred, p.step("sqrt", [raised], null)], null);
    }
    case 2: {
      const row = reduced(x, r.pick(["add", "max"]));
      const y = binary(p, row);
      return r.chance(0.5) ? times(x, p.expand(y, shape)) : y;
    }
    case 3: {
      // an exponential average and a step, as an optimizer takes them
      const m = p.step("add", [times(p.match(shape, dtype), p.constant(0.5, shape, dtype)), x], null);
      return p.step("add", [p.match(shape, dtype), times(m, p.constant(-0.25, shape, dtype))], null);
    }
    default: {
      const y = p.step("add", [x, p.expand(reduced(x, "max"), shape)], null);
      return p.step("add", [p.expand(reduced(y, "min"), shape), y], null);
    }
  }
}

function matmul(p: Pool): Node {
  const { r } = p;
  const a = p.options.big
    ? p.leaf([r.pick([1, 3, 5, 30, 67, 100, 150]), r.pick([64, 300, 520, 1024, 1100, 1536])], "float32")
    : p.any((n) => n.shape.length >= 2 && n.dtype !== "bool");
  const [rank, lead] = [a.shape.length, a.shape.slice(0, -2)];
  const [m, k] = a.shape.slice(-2);
  const n = p.options.big ? r.int(1, Math.min(300, Math.ceil(2e6 / (m * k)))) : p.size();
  const order = a.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  const turned = (rows: number, columns: number): Node =>
    p.step("permute", [p.match([...lead, columns, rows], a.dtype)], { order });
  const left = r.chance(0.3) ? turned(m, k) : a;
  const right = r.chance(0.5) ? p.match([...lead, k, n], a.dtype) : turned(k, n);
  const factors = rounded(p, left, right);
  return p.step("matmul", factors ?? [left, right], factors ? { dtype: "float32" } : null);
}

/** A product with what usually follows: a bias, an activation, a residual, a cast. */
function linear(p: Pool): Node {
  const { r } = p;
  let y = r.chance(0.7) ? matmul(p) : conv(p);
  const channel = r.int(0, y.shape.length - 1);
  for (let n = r.int(1, 3); n > 0; n--) {
    const kind = r.int(0, 3);
    if (kind === 0) {
      const bias = p.match(
        y.shape.map((d, i) => (i === channel ? d : 1)),
        y.dtype,
      );
      y = p.step("add", [y, p.expand(bias, y.shape)], null);
    } else if (kind === 1) y = p.step("max", [y, p.constant(0, y.shape, y.dtype)], null);
    else if (kind === 2) y = binary(p, y);
    else y = p.cast(y, r.pick(p.options.types));
    if (y.dtype === "bool") break;
  }
  return y;
}

/** Integers from 0 to `size` − 1. */
function indices(p: Pool, shape: Shape, size: number): Node {
  if (size === 0 && sizeOf(shape) > 0) throw new Retry();
  if (p.r.chance(0.6) || size === 0) return p.leaf(shape, "int32", [0, Math.max(size - 1, 0)]);
  const raised = p.step("max", [p.match(shape, "int32"), p.constant(0, shape, "int32")], null);
  return p.step("min", [raised, p.constant(size - 1, shape, "int32")], null);
}

function gather(p: Pool): Node {
  const x = p.ranked();
  const axis = p.axis(x);
  if (p.r.chance(0.15))
    return p.step("gather", [x, p.step("sort", [x], { axis, descending: p.r.chance(0.5) })], { axis });
  return p.step("gather", [x, indices(p, withAxis(x.shape, axis, p.size()), x.shape[axis])], { axis });
}

function scatter(p: Pool): Node {
  const base = p.any((n) => n.shape.length > 0 && n.dtype !== "bool");
  const axis = p.axis(base);
  const from = withAxis(base.shape, axis, p.size());
  const index = indices(p, from, base.shape[axis]);
  const op = p.r.pick(["add", "max", "set"] as const);
  return p.step("scatter", [base, index, p.match(from, base.dtype)], { axis, op });
}

/** Layers and losses as users have them. */
function composite(p: Pool): Node {
  const { r } = p;
  const float = (rank: number): Node =>
    p.any((n) => n.dtype === "float32" && n.shape.length >= rank && sizeOf(n.shape) > 0 && n.shape.every((d) => d > 0));
  const kinds: (() => Node)[] = [
    () => activation.relu(float(0)),
    () => activation.leakyRelu(float(0), { negativeSlope: 0.5 }),
    () => activation.hardtanh(float(0)),
    () => reduce.variance(float(1), [0]),
    () =>
      reduce.all(
        p.any((n) => n.dtype === "bool" && n.shape.length > 0),
        [0],
      ),
    () => pooled(p, float(3)),
    () => pooled(p, float(3)),
    () =>
      linalg.outer(
        p.any((n) => n.shape.length === 1 && n.dtype !== "bool"),
        p.any((n) => n.shape.length === 1 && n.dtype !== "bool"),
      ),
  ];
  if (p.options.style === "loose")
    kinds.push(
      () => activation.gelu(float(0)),
      () => activation.sigmoid(float(0)),
      () => reduce.softmax(float(1), -1),
      () => reduce.logSoftmax(float(2), r.int(0, 1)),
      () => reduce.logsumexp(float(2), [1]),
      () => norm.rmsNorm(float(1), float(1).shape.slice(-1)),
      () => reduce.norm(float(1), [0]),
    );
  return p.adopt(tried(r.pick(kinds)));
}

function pooled(p: Pool, x: Node): Node {
  const { r } = p;
  if (x.shape.length !== 3 && x.shape.length !== 4) throw new Retry();
  const options = { stride: r.int(1, 3), padding: r.int(0, 1) };
  const size = r.int(2, 3);
  if (x.shape.length === 3) return r.chance(0.5) ? pool.maxPool1d(x, size, options) : pool.avgPool1d(x, size, options);
  return r.chance(0.5) ? pool.maxPool2d(x, size, options) : pool.avgPool2d(x, size, options);
}

/** What does not take these shapes is not tried again. */
function tried(make: () => Node): Node {
  try {
    return make();
  } catch {
    throw new Retry();
  }
}

/** The derivative of a value with respect to another that went into it. */
function gradient(p: Pool): Node {
  const y = p.any((n) => n.dtype === "float32" && n.op !== "buffer");
  const of = p.any((n) => n.dtype === "float32" && (n.op === "buffer" || p.r.chance(0.2)));
  const [dx] = vjp([y], [p.match(y.shape, y.dtype)], [of]);
  if (!dx) throw new Retry();
  return p.adopt(dx);
}

/** The program of a seed. One in `bigEvery` has enough work to be cut in items and blocks. */
export function generate(seed: number, bigEvery = 60): Program {
  const r = new Random(seed);
  const big = seed % bigEvery === bigEvery - 1;
  const odd: DType[] = r.chance(0.12) ? [r.pick<DType>(["float16", "bfloat16", "float64"])] : [];
  const types: DType[] = r.chance(0.15)
    ? ["int32", "uint8", "bool", "int32"]
    : ["float32", "float32", "float32", "int32", "bool", "uint8", ...odd, ...odd];
  const p = new Pool(r, { style: r.chance(0.75) ? "exact" : "loose", special: r.chance(0.3), big, types });
  for (let i = r.int(1, 2); i > 0; i--) p.leaf(p.shape());
  for (let i = big ? r.int(1, 4) : r.chance(0.05) ? r.int(10, 30) : r.int(2, 9); i > 0; i--)
    for (let attempt = 0; attempt < 12; attempt++)
      if (p.attempt(() => ways[r.weighted(big ? bigWeights : weights)][1](p))) break;
  return finish(p);
}

/** Chooses what is asked of a program. */
function finish(p: Pool): Program {
  const { r } = p;
  const { steps, leaves } = p;
  const last = steps.at(-1) ?? leaves[0];
  const roots = [last];
  if (steps.length > 0 && r.chance(0.5)) roots.push(r.pick(steps));
  for (let i = r.chance(0.2) ? r.int(1, 5) : 0; i > 0 && steps.length > 0; i--) roots.push(r.pick(steps));
  if (r.chance(0.05)) roots.push(r.pick(leaves));
  const cuts = steps.length > 1 && r.chance(0.3) ? [r.pick(steps.slice(0, -1))] : [];
  const updates: { leaf: Node; value: Node }[] = [];
  for (const leaf of r.shuffle(leaves)) {
    if (updates.length === 3 || !r.chance(0.5)) continue;
    const fits = steps.filter((n) => n.dtype === leaf.dtype && n.shape.join() === leaf.shape.join());
    const value = fits.length > 0 ? r.pick(fits) : null;
    if (value && !updates.some((u) => u.value === value)) updates.push({ leaf, value });
  }
  // Reading computes by itself, and so does what is assigned.
  const asked = r.chance(0.8) ? "device" : updates.length === 0 && r.chance(0.5) ? "host" : "kept";
  return p.program({ roots, cuts, updates, asked });
}
