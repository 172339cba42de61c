/**
 * Rewrites a graph into one of the operations that kernels are made for: a list of local rules, applied from the
 * leaves up. None may change a bit of the result, except where an operation is defined by its rewriting.
 */
import { convSizes } from "../graph/conv.ts";
import { type DType, dtypes, isFloat } from "../graph/dtype.ts";
import {
  type Args,
  argumentKey,
  type ConvArg,
  is,
  type Node,
  type OpName,
  type ReduceOp,
  topo,
} from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { sameShape, sizeOf } from "../graph/shape.ts";
import { isStructural } from "./element.ts";
import { pairedAxis, shortRow } from "./order.ts";
import type { Dot } from "./vector-ir.ts";

/** What replaces a node whose sources are rewritten already; null where the rule does not apply. */
type Rule = (n: Node) => Node | null;

const isView = (n: Node): boolean => g.ops[n.op].index !== undefined && n.op !== "pad";

/** What a reduction of no elements is. */
function identity(op: ReduceOp, dtype: DType): number {
  const [least, greatest] = isFloat(dtype) ? [-Infinity, Infinity] : dtypes[dtype].range;
  return { add: 0, mul: 1, max: least, min: greatest }[op];
}

/** A tensor without elements needs no kernel, and neither does a reduction of none. */
const empty: Rule = (n) => {
  if (n.op === "const" || n.op === "buffer") return null;
  if (sizeOf(n.shape) === 0) return g.fill(0, n.shape, n.dtype);
  if (is(n, "reduce") && sizeOf(n.src[0].shape) === 0) return g.fill(identity(n.arg.op, n.dtype), n.shape, n.dtype);
  if ((n.op === "matmul" || n.op === "conv") && n.src.some((s) => sizeOf(s.shape) === 0)) return g.like(n, 0);
  if (is(n, "scatter") && sizeOf(n.src[1].shape) === 0) return n.src[0];
  if (is(n, "concat") && n.src.some((s) => sizeOf(s.shape) === 0))
    return g.concat(
      n.src.filter((s) => sizeOf(s.shape) > 0),
      n.arg.axis,
    );
  return null;
};

const structuralOps = new Set<OpName>(["detach", "surrogate", "custom", "copy"]);

/** What matters to gradients only. */
const structural: Rule = (n) => (structuralOps.has(n.op) ? n.src[0] : null);

/** A view of a constant is a constant; not of one that is given at launch, which is known by its node. */
const constantView: Rule = (n) =>
  isView(n) && is(n.src[0], "const") && isStructural(n.src[0]) ? g.fill(n.src[0].arg.value, n.shape, n.dtype) : null;

const reshapeTwice: Rule = (n) =>
  is(n, "reshape") && is(n.src[0], "reshape") ? g.reshape(n.src[0].src[0], n.arg.shape) : null;

const permuteTwice: Rule = (n) => {
  if (!is(n, "permute") || !is(n.src[0], "permute")) return null;
  const { order } = n.src[0].arg;
  return g.permute(
    n.src[0].src[0],
    n.arg.order.map((a) => order[a]),
  );
};

const timesOne: Rule = (n) => {
  if (n.op !== "mul" && n.op !== "div") return null;
  const [a, b] = n.src;
  const one = (x: Node): boolean => is(x, "const") && x.arg.value === 1 && x.dtype !== "bool";
  if (one(b)) return a;
  return n.op === "mul" && one(a) ? b : null;
};

const doubleNegation: Rule = (n) => (n.op === "neg" && n.src[0].op === "neg" ? n.src[0].src[0] : null);

const oneInput: Rule = (n) => (is(n, "concat") && n.src.length === 1 ? n.src[0] : null);

/** argmax = the least index at which the maximum stands; a NaN is equal to no other, so it is looked for by itself. */
const argReduce: Rule = (n) => {
  if (!is(n, "argReduce")) return null;
  const [x] = n.src;
  const { op, axis } = n.arg;
  const extreme = g.expand(g.reduce(x, op, [axis]), x.shape);
  const here = isFloat(x.dtype) ? g.max(g.eq(x, extreme), g.not(g.eq(x, x))) : g.eq(x, extreme);
  const index = g.where(here, g.iota(axis, x.shape), g.fill(x.shape[axis], x.shape, "int32"));
  return g.reduce(index, "min", [axis]);
};

/**
 * An extreme of floats is found with instructions that mind neither NaN nor the sign of 0: whether there is a NaN is
 * asked beside them, and adding 0 makes every 0 positive.
 */
const extremes: Rule = (n) => {
  if (!is(n, "reduce") || n.arg.bare || !isFloat(n.dtype)) return null;
  const [x] = n.src;
  const { op, axes } = n.arg;
  if (op !== "max" && op !== "min") return null;
  const extreme = g.add(g.node("reduce", [x], { op, axes, bare: true }), g.like(n, 0));
  return g.where(g.reduce(g.eq(x, x), "min", axes), extreme, g.like(n, Number.NaN));
};

/** Products of half floats are summed in float32, and rounded once. Machines may know `bfloat16`; none knows `float16`. */
const halfProducts: Rule = (n) => {
  if (!is(n, "matmul") && !is(n, "conv")) return null;
  const from = n.src[0].dtype;
  if (from !== "float16" && (from !== "bfloat16" || n.dtype === "float32")) return null;
  const src = from === "float16" ? n.src.map((s) => g.cast(s, "float32")) : n.src;
  const arg = { ...n.arg, dtype: "float32" };
  return g.cast(g.node(n.op as OpName, src, arg as never), n.dtype);
};

/**
 * The weights of a convolution, as float32, if they are rounded and then only looked at in other ways: rounding them
 * last decides how they lie in memory.
 */
function beforeRounding(w: Node): Node | null {
  if (is(w, "cast")) return w.dtype === "bfloat16" && w.src[0].dtype === "float32" ? w.src[0] : null;
  const x = isView(w) ? beforeRounding(w.src[0]) : null;
  return x && g.node(w.op, [x], w.arg);
}

/** Weights that are rounded lie in memory with the axis innermost of which elements are multiplied in pairs. */
const pairedWeights: Rule = (n) => {
  if (!is(n, "conv")) return null;
  const [x, w] = n.src;
  const paired = pairedAxis(w.shape.slice(1)) + 1;
  if (paired === 0 || paired === w.shape.length - 1 || isPlaced(w, paired)) return null;
  const before = beforeRounding(w);
  if (!before) return null;
  const order = w.shape.map((_, i) => i).filter((i) => i !== paired);
  const placed = g.cast(g.permute(before, [...order, paired]), "bfloat16");
  const back = w.shape.map((_, i) => (i === paired ? order.length : order.indexOf(i)));
  return g.conv(x, g.permute(placed, back), n.arg);
};

/** Whether `w` is rounded weights, seen with their innermost axis as `axis`. */
const isPlaced = (w: Node, axis: number): boolean =>
  is(w, "permute") && w.src[0].op === "cast" && w.arg.order[axis] === w.shape.length - 1;

/** Whether there is a kernel of tiles for a product. */
const hasTile = ({ dtype }: Node): boolean => dtype === "float32" || dtype === "int32";

/**
 * Machines that multiply bytes have the left ones with a sign and the right ones without. Moved by 128 the others are such,
 * and what that adds is taken away again: `a·b = a·(b + 128) − 128·Σa`. Nothing is lost, for whole numbers wrap.
 */
const bytes =
  (dots: readonly Dot[]): Rule =>
  (n) => {
    if (n.op !== "matmul" || n.dtype !== "int32" || !dots.includes("int8")) return null;
    const [a, b] = n.src;
    if (a.dtype !== b.dtype || (a.dtype !== "int8" && a.dtype !== "uint8")) return null;
    const [x, y] = [a, b].map((s) => g.cast(s, "int32"));
    const moved = (s: Node, by: number, to: DType): Node => g.cast(g.add(s, g.like(s, by)), to);
    const sign = a.dtype === "int8" ? -1 : 1;
    const product =
      sign < 0 ? g.matmul(a, moved(y, 128, "uint8"), "int32") : g.matmul(moved(x, -128, "int8"), b, "int32");
    const last = n.shape.length - 1;
    const sums = sign < 0 ? g.sum(x, [last]) : g.sum(y, [last - 1]);
    return g.add(product, g.expand(g.mul(sums, g.like(sums, 128 * sign)), n.shape));
  };

/** Products too thin for a tile of registers, or of a type without a tile, are a multiplication and a sum. */
const thinMatmul: Rule = (n) => {
  if (n.op !== "matmul") return null;
  const [a, b] = n.src;
  const [m, k] = a.shape.slice(-2);
  const cols = b.shape[b.shape.length - 1];
  if (hasTile(n) && m > 2 && cols > 2) return null;
  const lead = a.shape.slice(0, -2);
  const full = [...lead, m, cols, k];
  const left = g.expand(g.reshape(g.cast(a, n.dtype), [...lead, m, 1, k]), full);
  const right = g.expand(g.reshape(g.transpose(g.cast(b, n.dtype)), [...lead, 1, cols, k]), full);
  return g.reshape(g.sum(g.mul(left, right), [full.length - 1]), n.shape);
};

/** `x` as a convolution sees it: zeros around and between its pixels, or cropped where the padding is negative. */
function padded(x: Node, { padding, inputDilation }: ConvArg): Node {
  const around = padding.map(([lo, hi]) => [Math.max(lo, 0), Math.max(hi, 0)]);
  const full = padBehindViews(x, {
    lo: [0, 0, ...around.map(([lo]) => lo)],
    hi: [0, 0, ...around.map(([, hi]) => hi)],
    interior: [0, 0, ...inputDilation.map((d) => d - 1)],
    value: 0,
  });
  if (!padding.some(([lo, hi]) => lo < 0 || hi < 0)) return full;
  const start = [0, 0, ...padding.map(([lo]) => Math.max(-lo, 0))];
  const size = full.shape.map((d, i) => (i < 2 ? d : d - start[i] - Math.max(-padding[i - 2][1], 0)));
  return g.slice(full, { start, size, step: full.shape.map(() => 1) });
}

/** Pads what `x` is a view of, if that is the same, so that a convolution and its derivative can have it in common. */
function padBehindViews(x: Node, { lo, hi, interior, value }: Args["pad"]): Node {
  if (is(x, "permute")) {
    const order = x.arg.order;
    const back = (widths: readonly number[]): number[] => order.map((_, i) => widths[order.indexOf(i)]);
    return g.permute(padBehindViews(x.src[0], { lo: back(lo), hi: back(hi), interior: back(interior), value }), order);
  }
  if (is(x, "reshape")) {
    const [to, from] = [x.shape, x.src[0].shape];
    const first = to.findIndex((_, i) => lo[i] !== 0 || hi[i] !== 0 || interior[i] !== 0);
    const kept = to.length - first; // axes from the first that is padded on
    if (first > 0 && kept < from.length && sameShape(to.slice(first), from.slice(-kept))) {
      const behind = (widths: readonly number[]): number[] => [
        ...from.slice(0, -kept).map(() => 0),
        ...widths.slice(first),
      ];
      const inner = padBehindViews(x.src[0], { lo: behind(lo), hi: behind(hi), interior: behind(interior), value });
      return g.reshape(inner, [...to.slice(0, first), ...inner.shape.slice(-kept)]);
    }
  }
  return g.pad(x, { lo, hi, interior, value });
}

/** Padding is done once, before: the loops of a convolution then need no guards, and read every pixel many times. */
const padFirst: Rule = (n) => {
  if (!is(n, "conv")) return null;
  const { padding, inputDilation } = n.arg;
  if (padding.every(([lo, hi]) => lo === 0 && hi === 0) && inputDilation.every((d) => d === 1)) return null;
  const arg = { ...n.arg, padding: padding.map(() => [0, 0] as const), inputDilation: inputDilation.map(() => 1) };
  return g.conv(padded(n.src[0], n.arg), n.src[1], arg);
};

/** A convolution of one or two filters a group (depthwise) is a sum over shifted inputs. */
const thinConv: Rule = (n) => {
  if (!is(n, "conv")) return null;
  const [x, w] = n.src.map((s) => g.cast(s, n.dtype));
  const { stride, dilation, groups } = n.arg;
  const filters = w.shape[0] / groups;
  if (n.dtype === "float32" && (filters > 2 || groups === 1)) return null;
  const spatial = stride.map((_, i) => i + 2);
  let p = padded(x, n.arg);
  for (const axis of spatial)
    p = g.unfold(p, { axis, size: w.shape[axis], stride: stride[axis - 2], dilation: dilation[axis - 2] });
  // (N, G·C, out…, k…) → (N, G, F, out…, C, k…)
  const out = convSizes(x.shape, w.shape, n.arg);
  const kernel = w.shape.slice(2);
  const [images, channels] = [x.shape[0], w.shape[1]];
  const split = g.reshape(p, [images, groups, channels, ...out, ...kernel]);
  const moved = g.permute(split, [0, 1, ...out.map((_, i) => i + 3), 2, ...kernel.map((_, i) => i + 3 + out.length)]);
  const one = g.reshape(moved, [images, groups, 1, ...out, channels, ...kernel]);
  const full = [images, groups, filters, ...out, channels, ...kernel];
  const weights = g.reshape(w, [1, groups, filters, ...out.map(() => 1), channels, ...kernel]);
  const products = g.mul(g.expand(one, full), g.expand(weights, full));
  const axes = full.map((_, i) => i);
  const [results, summed] = [axes.slice(0, 3 + out.length), axes.slice(3 + out.length)];
  // In order: lanes are pixels, as they are in other convolutions. In the gradient of filters there are few results, each
  // of many pixels: there lanes run along lines of pixels, all taps for each line, and then the lines are added.
  const ofFilters = kernel[kernel.length - 1] >= shortRow && sizeOf(kernel) > sizeOf(out);
  const sum = ofFilters
    ? sumOfLines(products, results, summed)
    : g.node("reduce", [products], { op: "add", axes: summed, serial: true });
  return g.reshape(sum, n.shape);
};

/** The sum over `summed`, of which the last is a line: lines by themselves, for the last `results` side by side. */
function sumOfLines(x: Node, results: readonly number[], summed: readonly number[]): Node {
  const [images, groups, ...taps] = results;
  const lines = summed.slice(0, -1);
  const perLine = g.sum(g.permute(x, [images, groups, ...lines, ...taps, ...summed.slice(-1)]), [x.shape.length - 1]);
  return g.sum(
    perLine,
    lines.map((_, i) => i + 2),
  );
}

const rulesFor = (dots: readonly Dot[]): readonly Rule[] => [
  empty,
  structural,
  constantView,
  reshapeTwice,
  permuteTwice,
  timesOne,
  doubleNegation,
  oneInput,
  argReduce,
  extremes,
  halfProducts,
  thinMatmul,
  bytes(dots),
  thinConv,
  pairedWeights,
  padFirst,
];

/** What only itself is the same as: leaves, numbers of a launch, what must happen in an order, and what has functions. */
const singular = new Set<OpName>(["buffer", "const", "random", "after", "loop", "custom"]);

/** The roots, rewritten for a machine with `dots`; what was shared stays shared, and what is the same twice becomes shared. */
export function simplify(roots: readonly Node[], dots: readonly Dot[] = []): Node[] {
  const rules = rulesFor(dots);
  const done = new Map<Node, Node>();
  const ids = new Map<Node, number>();
  const known = new Map<string, Node>();
  const idOf = (n: Node): number => {
    const id = ids.get(n) ?? ids.size;
    ids.set(n, id);
    return id;
  };
  /** The node that was made first of those that are the same. */
  const one = (n: Node): Node => {
    if (singular.has(n.op)) return n;
    const key = `${n.op}(${n.src.map(idOf)})${n.arg === null ? "" : argumentKey(n.arg)}`;
    const first = known.get(key);
    if (!first) known.set(key, n);
    return first ?? n;
  };
  const rewrite = (n: Node): Node => {
    for (const rule of rules) {
      const better = rule(n);
      if (better) return settle(better);
    }
    return n;
  };
  /** Rewrites what a rule has made, down to the nodes that are settled. */
  const settle = (made: Node): Node => {
    for (const n of topo([made], (m) => done.has(m))) {
      if (done.has(n)) continue;
      const src = n.src.map((s) => done.get(s) ?? s);
      const same = src.every((s, i) => s === n.src[i]);
      const result = one(rewrite(same ? n : g.node(n.op as OpName, src, n.arg)));
      done.set(n, result);
      done.set(result, result);
    }
    return done.get(made) as Node;
  };
  return roots.map(settle);
}
