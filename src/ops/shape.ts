/** Operations that rearrange elements. All but `cat` and what is made of it are views: they cost nothing by themselves. */
import { ShapeError, ValueError } from "../errors.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { type Shape, show, sizeOf } from "../graph/shape.ts";
import { checkAxes, checkAxis, checkCount, checkList, checkRank, checkShape, print } from "./check.ts";

/** `x` in another shape of as many elements; one size may be −1, which is then inferred. */
export function reshape(x: Node, shape: Shape, op = "reshape"): Node {
  checkList(op, shape, "sizes");
  const unknown = Array.from(shape).indexOf(-1);
  const known = checkShape(
    op,
    Array.from(shape, (d, i) => (i === unknown ? 1 : d)),
  );
  const [count, rest] = [sizeOf(x.shape), sizeOf(known)];
  if (unknown < 0 ? rest === count : rest > 0 && count % rest === 0) {
    if (unknown >= 0) known[unknown] = count / rest;
    return g.reshape(x, known);
  }
  const ambiguous = unknown >= 0 && rest === 0;
  throw new ShapeError({
    in: op,
    got: `${show(x.shape)} → ${print(Array.from(shape))}`,
    want: ambiguous ? "sizes that determine the −1" : `a shape of ${count} elements`,
    fix: ambiguous ? "Write its size" : "Check the sizes, or leave one as −1",
  });
}

/** The axes from `start` to `end`, both included, joined to one. */
export function flatten(x: Node, start = 0, end = -1): Node {
  const rank = Math.max(x.shape.length, 1);
  const [from, to] = [checkAxis("flatten", start, rank), checkAxis("flatten", end, rank)];
  if (x.shape.length === 0) return g.reshape(x, [1]);
  if (from > to) {
    const got = `start ${from} after end ${to}`;
    throw new ValueError({ in: "flatten", got, want: "a start that is not after the end", fix: "Exchange them" });
  }
  return g.reshape(x, [...x.shape.slice(0, from), sizeOf(x.shape.slice(from, to + 1)), ...x.shape.slice(to + 1)]);
}

/** One axis split into several of sizes `sizes`, one of which may be −1. */
export function unflatten(x: Node, axis: number, sizes: Shape): Node {
  const at = checkAxis("unflatten", axis, x.shape.length);
  const part = reshape(g.fill(0, [x.shape[at]], "bool"), sizes, "unflatten").shape;
  return reshape(x, [...x.shape.slice(0, at), ...part, ...x.shape.slice(at + 1)], "unflatten");
}

/** Without the axes of size 1 among `axes`, or without any of size 1. */
export function squeeze(x: Node, axes?: number | readonly number[]): Node {
  const list = checkAxes("squeeze", axes, x.shape.length);
  return g.reshape(
    x,
    x.shape.filter((d, i) => d !== 1 || !list.includes(i)),
  );
}

/** With a new axis of size 1 at `axis`. */
export function unsqueeze(x: Node, axis: number): Node {
  const at = checkAxis("unsqueeze", axis, x.shape.length + 1);
  return reshape(x, x.shape.toSpliced(at, 0, 1), "unsqueeze");
}

/** Axis `i` of the result is axis `order[i]` of `x`. */
export function permute(x: Node, order: readonly number[]): Node {
  const rank = x.shape.length;
  checkList("permute", order, "axes");
  const axes = order.map((a) => checkAxis("permute", a, rank));
  if (new Set(axes).size === rank && axes.length === rank) return g.permute(x, axes);
  throw new ValueError({
    in: "permute",
    got: `the order ${print(order)} of ${rank} axes`,
    want: "each axis once",
    fix: "List all axes of the result",
  });
}

/** With two axes exchanged. */
export function transpose(x: Node, a: number, b: number): Node {
  const rank = x.shape.length;
  return g.transpose(x, checkAxis("transpose", a, rank), checkAxis("transpose", b, rank));
}

/** Axes moved to other places; the rest keep their order. */
export function movedim(x: Node, source: number | readonly number[], destination: number | readonly number[]): Node {
  const rank = x.shape.length;
  const [from, to] = [source, destination].map((axes) =>
    (typeof axes === "number" ? [axes] : axes).map((a) => checkAxis("movedim", a, rank)),
  );
  const distinct = new Set(from).size === from.length && new Set(to).size === to.length;
  if (from.length !== to.length || !distinct) {
    const got = `${print(source)} → ${print(destination)}`;
    throw new ValueError({ in: "movedim", got, want: "as many places as axes, each once", fix: "Check the axes" });
  }
  const order: number[] = [];
  to.forEach((place, i) => {
    order[place] = from[i];
  });
  const rest = x.shape.map((_, i) => i).filter((a) => !from.includes(a));
  for (let i = 0; i < rank; i++) order[i] ??= rest.shift() as number;
  return g.permute(x, order);
}

/** Axes of size 1 repeated to the sizes given, −1 for as it is; new axes may stand before. No memory is used. */
export function expand(x: Node, shape: Shape): Node {
  checkList("expand", shape, "sizes");
  const added = shape.length - x.shape.length;
  const fits = Array.from(shape).every((d, i) => {
    const own = i < added ? 1 : x.shape[i - added];
    return d === own || own === 1 ? d !== -1 || i >= added : d === -1;
  });
  if (added < 0 || !fits) {
    throw new ShapeError({
      in: "expand",
      got: `${show(x.shape)} → ${print(Array.from(shape))}`,
      want: "the same sizes but where the tensor has 1, and −1 only for axes that it has",
      fix: "Use repeat() to repeat elements",
    });
  }
  const sizes = checkShape(
    "expand",
    Array.from(shape, (d, i) => (d === -1 ? x.shape[i - added] : d)),
  );
  return g.expand(g.reshape(x, [...Array<number>(added).fill(1), ...x.shape]), sizes);
}

// Parts.

export interface Range {
  start?: number | undefined;
  stop?: number | undefined;
  step?: number | undefined;
}

/** The elements from `start` to before `stop` along an axis, as Python's slices: a negative end counts from the end. */
export function slice(x: Node, axis: number, { start, stop, step = 1 }: Range = {}): Node {
  const at = checkAxis("slice", axis, x.shape.length);
  const size = x.shape[at];
  if (!Number.isSafeInteger(step) || step === 0) {
    const fix = "Use −1 to go backwards";
    throw new ValueError({ in: "slice", got: `step ${print(step)}`, want: "a whole number other than 0", fix });
  }
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const bound = (value: number | undefined, name: string, whole: number): number => {
    if (value === undefined) return whole;
    checkCount("slice", value, name, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    return Math.min(Math.max(value < 0 ? value + size : value, low), high);
  };
  const [from, to] = [bound(start, "start", step > 0 ? low : high), bound(stop, "stop", step > 0 ? high : low)];
  const count = Math.max(Math.ceil((to - from) / step), 0);
  return count === size && step === 1 ? x : g.take(x, at, count === 0 ? 0 : from, count, step);
}

/** `length` elements from `start` along an axis. */
export function narrow(x: Node, axis: number, start: number, length: number): Node {
  const at = checkAxis("narrow", axis, x.shape.length);
  const size = x.shape[at];
  const from = checkCount("narrow", start, "start", -size, size);
  const first = from < 0 ? from + size : from;
  return g.take(x, at, first, checkCount("narrow", length, "length", 0, size - first));
}

/** Back to front along the axes given. */
export function flip(x: Node, axes: number | readonly number[]): Node {
  return checkAxes("flip", axes, x.shape.length).reduce((y, axis) => g.flip(y, axis), x);
}

/** Elements moved along `axis` by `shift`; what leaves at one end comes in at the other. */
export function roll(x: Node, shift: number, axis: number): Node {
  const at = checkAxis("roll", axis, x.shape.length);
  const size = x.shape[at];
  const by = checkCount("roll", shift, "shift", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) % Math.max(size, 1);
  const first = (size - by) % Math.max(size, 1);
  if (first === 0) return x;
  return g.concat([g.take(x, at, first, size - first), g.take(x, at, 0, first)], at);
}

/** Parts of `size` elements along `axis`, the last of which may be shorter, or of the sizes given. */
export function split(x: Node, sizes: number | readonly number[], axis: number): Node[] {
  const at = checkAxis("split", axis, x.shape.length);
  const length = x.shape[at];
  if (typeof sizes === "number") {
    const size = checkCount("split", sizes, "size", 1);
    const count = Math.max(Math.ceil(length / size), 1);
    return Array.from({ length: count }, (_, i) => g.take(x, at, i * size, Math.min(size, length - i * size)));
  }
  const parts = sizes.map((s) => checkCount("split", s, "size"));
  const total = parts.reduce((sum, s) => sum + s, 0);
  if (total !== length) {
    const got = `parts of ${print(sizes)}`;
    throw new ShapeError({ in: "split", got, want: `sizes that add up to ${length}`, fix: "Check the sizes" });
  }
  let start = 0;
  return parts.map((size) => {
    start += size;
    return g.take(x, at, start - size, size);
  });
}

/** At most `count` parts of equal size along `axis`; the last may be shorter. */
export function chunk(x: Node, count: number, axis: number): Node[] {
  const length = x.shape[checkAxis("chunk", axis, x.shape.length)];
  const size = Math.ceil(length / checkCount("chunk", count, "count", 1));
  return size === 0 ? Array<Node>(count).fill(x) : split(x, size, axis);
}

/** Windows of `size` along `axis`, `step` apart; they get a last axis of their own. */
export function unfold(
  x: Node,
  axis: number,
  { size, step = 1, dilation = 1 }: { size: number; step?: number; dilation?: number },
): Node {
  const at = checkAxis("unfold", axis, x.shape.length);
  checkCount("unfold", size, "size", 1);
  checkCount("unfold", step, "step", 1);
  checkCount("unfold", dilation, "dilation", 1);
  const reach = (size - 1) * dilation + 1;
  if (reach > x.shape[at]) {
    const got = `windows of ${reach} on axis ${at} of ${show(x.shape)}`;
    throw new ShapeError({ in: "unfold", got, want: `at most ${x.shape[at]}`, fix: "Pad the tensor first" });
  }
  return g.unfold(x, { axis: at, size, stride: step, dilation });
}

// Matrices.

/** The diagonal of the axes `axis1` and `axis2`, as the last axis; `offset` counts to the right of the main one. */
export function diagonal(
  x: Node,
  { offset = 0, axis1 = 0, axis2 = 1 }: { offset?: number; axis1?: number; axis2?: number } = {},
): Node {
  const rank = x.shape.length;
  const axes = checkAxes("diagonal", [axis1, axis2], rank);
  checkCount("diagonal", offset, "offset", Number.MIN_SAFE_INTEGER);
  const order = [checkAxis("diagonal", axis1, rank), checkAxis("diagonal", axis2, rank)];
  const m = g.permute(x, [...x.shape.map((_, i) => i).filter((i) => !axes.includes(i)), ...order]);
  const [rows, columns] = m.shape.slice(-2);
  const [top, left] = [Math.min(Math.max(-offset, 0), rows), Math.min(Math.max(offset, 0), columns)];
  const n = Math.min(rows - top, columns - left);
  const square = g.take(g.take(m, rank - 2, top, n), rank - 1, left, n);
  // In rows of n + 1 elements the diagonal is the first column.
  const rest = square.shape.slice(0, -2);
  const flat = g.padAxis(g.reshape(square, [...rest, n * n]), rank - 2, 0, n);
  return g.reshape(g.take(g.reshape(flat, [...rest, n, n + 1]), rank - 1, 0, 1), [...rest, n]);
}

/** Matrices with the last axis of `x` as their diagonals. */
export function diagEmbed(x: Node): Node {
  checkAxis("diagEmbed", -1, x.shape.length);
  const [rest, n] = [x.shape.slice(0, -1), x.shape[x.shape.length - 1]];
  const rows = g.padAxis(g.reshape(x, [...rest, n, 1]), rest.length + 1, 0, n);
  return reshape(g.take(g.reshape(rows, [...rest, n * (n + 1)]), rest.length, 0, n * n), [...rest, n, n], "diagEmbed");
}

/** Column − row of each element of the matrices of `x`, as int32. */
function columnMinusRow(op: string, x: Node): Node {
  checkRank(op, x, range(2, 65), "matrices: two axes or more");
  return g.sub(g.iota(x.shape.length - 1, x.shape), g.iota(x.shape.length - 2, x.shape));
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The lower triangle, up to the `diagonal`-th diagonal; 0 above. */
export function tril(x: Node, diagonal = 0): Node {
  const above = columnMinusRow("tril", x);
  checkCount("tril", diagonal, "diagonal", -(2 ** 31) + 1);
  return g.where(g.lt(g.like(above, diagonal), above), g.like(x, 0), x);
}

/** The upper triangle, from the `diagonal`-th diagonal; 0 below. */
export function triu(x: Node, diagonal = 0): Node {
  const above = columnMinusRow("triu", x);
  checkCount("triu", diagonal, "diagonal", -(2 ** 31) + 1);
  return g.where(g.lt(above, g.like(above, diagonal)), g.like(x, 0), x);
}
