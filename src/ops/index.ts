/**
 * Operations that look elements up, put them in places, and order them. Indices are whole numbers from 0; a negative one
 * is an error. Those in host memory are checked when the operation is recorded (`checkIndices`), others on the device.
 */
import { DTypeError, IndexError, ShapeError, ValueError } from "../errors.ts";
import { type DType, dtypes, promote } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { type Shape, sameShape, show, sizeOf } from "../graph/shape.ts";
import { broadcastShapes, broadcastTo, checkAxis, checkCount, checkShape, type Operand, toNode } from "./check.ts";

/** Throws at the first of `values` that is not an index of an axis of `size`. `what` names the axis. */
export function checkIndices(op: string, values: ArrayLike<number>, size: number, what: string): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] >= 0 && values[i] < size) continue;
    throw new IndexError({
      in: op,
      got: `the index ${values[i]} at position ${i}`,
      want: size === 0 ? `no index, for ${what} is empty` : `0 … ${size - 1} for ${what} of size ${size}`,
      fix: "Check the indices",
    });
  }
}

/** An index as int32. */
export function indexNode(op: string, index: Node): Node {
  if (dtypes[index.dtype].kind === "int") return g.cast(index, "int32");
  const fix = index.dtype === "bool" ? "Use maskedSelect(), or nonzero() for the indices" : "Convert it with int()";
  throw new DTypeError({ in: op, got: `an index of ${index.dtype}`, want: "int32 or uint8", fix });
}

/** The slice of `x` at one index of an axis, without the axis; a negative index counts from the end. */
export function select(x: Node, axis: number, at: number, op = "select"): Node {
  const along = checkAxis(op, axis, x.shape.length);
  const size = x.shape[along];
  if (!Number.isInteger(at) || at < -size || at >= size) {
    throw new IndexError({
      in: op,
      got: `the index ${at} on axis ${along} of ${show(x.shape)}`,
      want: size === 0 ? "an axis that is not empty" : `a whole number from ${-size} to ${size - 1}`,
      fix: "Check the index",
    });
  }
  return g.reshape(g.take(x, along, at < 0 ? at + size : at, 1), x.shape.toSpliced(along, 1));
}

/** The part of `x` that an index of shape `shape` reaches: its first elements on the axes other than `axis`. */
function reached(op: string, x: Node, shape: Shape, axis: number): Node {
  const fits = x.shape.length === shape.length && shape.every((d, i) => i === axis || d <= x.shape[i]);
  if (!fits) {
    throw new ShapeError({
      in: op,
      got: `an index of shape ${show(shape)} for ${show(x.shape)}`,
      want: `as many axes, and no more elements on those other than axis ${axis}`,
      fix: "Broadcast or cut the index",
    });
  }
  return shape.reduce((y, d, i) => (i === axis || d === y.shape[i] ? y : g.take(y, i, 0, d)), x);
}

/** `out[…, i, …] = x[…, index[…, i, …], …]` along `axis`. */
export function gather(x: Node, axis: number, index: Node): Node {
  const at = checkAxis("gather", axis, x.shape.length);
  const i = indexNode("gather", index);
  return g.gather(reached("gather", x, i.shape, at), i, at);
}

/** The slices of `x` at the indices of a vector, along `axis`. */
export function indexSelect(x: Node, axis: number, index: Node, op = "indexSelect"): Node {
  const at = checkAxis(op, axis, x.shape.length);
  const i = indexNode(op, index);
  if (i.shape.length > 1) {
    const want = "a vector of indices";
    throw new ShapeError({
      in: op,
      got: `an index of shape ${show(i.shape)}`,
      want,
      fix: "Flatten it, or use gather()",
    });
  }
  const count = sizeOf(i.shape);
  const shape = checkShape(op, x.shape.with(at, count));
  const line = g.reshape(
    i,
    x.shape.map((_, a) => (a === at ? count : 1)),
  );
  return g.gather(x, g.expand(line, shape), at);
}

/** The elements at `index` of the flat tensor, in the shape of the index. */
export function take(x: Node, index: Node): Node {
  const i = indexNode("take", index);
  const flat = g.gather(g.reshape(x, [sizeOf(x.shape)]), g.reshape(i, [sizeOf(i.shape)]), 0);
  return g.reshape(flat, i.shape);
}

/** Rows of `weight: (V, D)`: an index of shape `(…)` gives `(…, D)`. No gradient flows to the row `paddingIndex`. */
export function embedding(weight: Node, index: Node, { paddingIndex }: { paddingIndex?: number } = {}): Node {
  if (weight.shape.length !== 2) {
    const fix = "Give one row for each index";
    throw new ShapeError({ in: "embedding", got: `a weight of ${show(weight.shape)}`, want: "(count, size)", fix });
  }
  const i = indexNode("embedding", index);
  const shape = checkShape("embedding", [...i.shape, weight.shape[1]]);
  const rows = g.reshape(indexSelect(weight, 0, g.reshape(i, [sizeOf(i.shape)])), shape);
  if (paddingIndex === undefined) return rows;
  const row = checkCount("embedding", paddingIndex, "paddingIndex", 0, weight.shape[0] - 1);
  const isPadding = broadcastTo(g.reshape(g.eq(i, g.like(i, row)), [...i.shape, 1]), shape);
  return g.where(isPadding, g.detach(rows), rows);
}

/** 1 at each index, 0 elsewhere, along a new last axis of `classes`; float32 unless asked otherwise. */
export function oneHot(index: Node, classes: number, { dtype = "float32" }: { dtype?: DType } = {}): Node {
  const i = indexNode("oneHot", index);
  const shape = checkShape("oneHot", [...i.shape, checkCount("oneHot", classes, "classes", 1)]);
  const places = broadcastTo(g.reshape(i, [...i.shape, 1]), shape);
  return g.cast(g.eq(places, g.iota(i.shape.length, shape)), dtype);
}

// Writing: the result is a copy with some elements changed.

export type ScatterOp = Parameters<typeof g.scatter>[3]["op"];

/**
 * `x` with the elements of `source` put at `index` along `axis`. Where two have one place, they are added or compared with
 * what is there, or the last in row-major order wins.
 */
export function scatter(x: Node, axis: number, index: Node, source: Operand, op: ScatterOp = "set"): Node {
  const name = { set: "scatter", add: "scatterAdd", max: "scatterMax" }[op];
  const at = checkAxis(name, axis, x.shape.length);
  const i = indexNode(name, index);
  if (typeof source === "object" && source.dtype !== x.dtype) {
    const got = `${source.dtype} into ${x.dtype}`;
    throw new DTypeError({ in: name, got, want: "one type", fix: `Convert the source with to("${x.dtype}")` });
  }
  const from = typeof source === "object" ? source : g.fill(Number(source), i.shape, x.dtype);
  if (from.shape.length !== i.shape.length || i.shape.some((d, a) => d > from.shape[a])) {
    const got = `an index of shape ${show(i.shape)} for a source of ${show(from.shape)}`;
    throw new ShapeError({ in: name, got, want: "no more indices than elements on any axis", fix: "Cut the index" });
  }
  const values = i.shape.reduce((y, d, a) => (d === y.shape[a] ? y : g.take(y, a, 0, d)), from);
  const base = reached(name, x, i.shape, at);
  const changed = g.scatter(base, i, values, { axis: at, op });
  if (base === x) return changed;
  // Only the corner of `x` that the index reaches has changed.
  const around = {
    lo: x.shape.map(() => 0),
    hi: x.shape.map((d, a) => d - base.shape[a]),
    interior: x.shape.map(() => 0),
  };
  const inside = g.pad(g.fill(1, base.shape, "bool"), { ...around, value: 0 });
  return g.where(inside, g.pad(changed, { ...around, value: 0 }), x);
}

/** `x` with `value` wherever `mask` holds; the mask is broadcast. */
export function maskedFill(x: Node, mask: Node, value: Operand): Node {
  checkMask("maskedFill", x, mask);
  return g.where(broadcastTo(mask, x.shape), broadcastTo(toNode(value, x.dtype), x.shape), x);
}

/** Throws unless `mask` is of bools and can be broadcast to `x`. */
export function checkMask(op: string, x: Node, mask: Node): void {
  if (mask.dtype !== "bool") {
    throw new DTypeError({ in: op, got: `a mask of ${mask.dtype}`, want: "bool", fix: "Compare it with something" });
  }
  if (sameShape(broadcastShapes(op, [x.shape, mask.shape]), x.shape)) return;
  const got = `a mask of shape ${show(mask.shape)} for ${show(x.shape)}`;
  throw new ShapeError({
    in: op,
    got,
    want: "a mask that fits without repeating the tensor",
    fix: "Expand the tensor",
  });
}

// Order.

/** The permutation that sorts along `axis`: stable, with NaN last either way. int32. */
export function argsort(x: Node, axis = -1, { descending = false }: { descending?: boolean } = {}): Node {
  if (x.shape.length === 0) return g.fill(0, [], "int32");
  return g.node("sort", [x], { axis: checkAxis("argsort", axis, x.shape.length), descending });
}

export interface Sorted {
  readonly values: Node;
  readonly indices: Node;
}

/** The elements sorted along `axis`, and where each was. Stable, with NaN last either way. */
export function sort(x: Node, axis = -1, options: { descending?: boolean } = {}): Sorted {
  const indices = argsort(x, axis, options);
  return { values: x.shape.length === 0 ? x : gather(x, axis, indices), indices };
}

/** The `k` greatest (or least) elements along `axis`, best first, and where they were. */
export function topk(
  x: Node,
  k: number,
  { axis = -1, largest = true }: { axis?: number; largest?: boolean } = {},
): Sorted {
  const at = checkAxis("topk", axis, x.shape.length);
  const count = checkCount("topk", k, "k", 0, x.shape[at]);
  const indices = g.take(argsort(x, at, { descending: largest }), at, 0, count);
  return { values: g.gather(x, indices, at), indices };
}

/** Sums of the slices of `x` along its first axis that have the same id: `(N, …) → (count, …)`. Ids need no order. */
export function segmentSum(x: Node, ids: Node, count: number): Node {
  const at = checkAxis("segmentSum", 0, x.shape.length);
  const i = indexNode("segmentSum", ids);
  if (i.shape.length !== 1 || i.shape[0] !== x.shape[at]) {
    const got = `ids of shape ${show(i.shape)} for ${show(x.shape)}`;
    throw new ShapeError({ in: "segmentSum", got, want: "an id for each row", fix: "Check the ids" });
  }
  const shape = checkShape("segmentSum", [checkCount("segmentSum", count, "count"), ...x.shape.slice(1)]);
  const index = broadcastTo(g.reshape(i, [i.shape[0], ...x.shape.slice(1).map(() => 1)]), x.shape);
  return g.scatter(g.fill(0, shape, x.dtype), index, x, { axis: 0, op: "add" });
}

/** How often each of 0 … `count` − 1 is in a vector. int32. */
export function bincount(x: Node, count: number): Node {
  const i = indexNode("bincount", x);
  const flat = g.reshape(i, [sizeOf(i.shape)]);
  return segmentSum(g.like(flat, 1), flat, count);
}

/** The type that a list of tensors meets in. */
export const commonType = (xs: readonly Node[]): DType => xs.map((x) => x.dtype).reduce(promote);

/** Throws unless `n` is a possible number of elements to draw from `size`. */
export function checkDraw(op: string, n: number, size: number, replacement: boolean): void {
  checkCount(op, n, "count", 1);
  if (replacement || n <= size) return;
  const got = `${n} draws from ${size} without replacement`;
  throw new ValueError({ in: op, got, want: `at most ${size}`, fix: "Draw fewer, or with replacement" });
}
