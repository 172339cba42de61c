/**
 * What every operation asks of its arguments. Whatever a user or a file can get wrong is found here, when the operation is
 * recorded, so that the error shows the line; below, a mistake is a bug.
 */
import { DTypeError, LimitError, ShapeError, ValueError } from "../errors.ts";
import { type DType, dtypes, isFloat, promote } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { type Shape, sameShape, show } from "../graph/shape.ts";

/** What an elementwise operation takes: a number or a bool stands for a tensor of that value. */
export type Operand = Node | number | boolean;

/** The greatest number of axes, as in PyTorch. */
export const maxRank = 64;
/** The greatest size of an axis: one more would not be an int32. */
export const maxDim: number = 2 ** 31 - 1;

/** How a value appears in a message: shapes without spaces, strings in quotes. */
export function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`;
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (ArrayBuffer.isView(value)) return named(value);
  if (typeof value === "object" && value !== null && String(value).startsWith("[object ")) return named(value);
  return typeof value === "string" ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : String(value);
}

/** What has no better name of its own: the fields of a plain object, the class of another. */
function named(value: object): string {
  if (value instanceof Promise) return "a promise";
  if (!isPlain(value)) {
    const name = value.constructor?.name ?? "value";
    return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
  }
  const names = Object.keys(value);
  return names.length === 0 ? "{}" : `{ ${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""} }`;
}

/** Whether an object was written in braces, in whatever realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * An object of options, with none but `names`. Sources are run without types being checked, so that a misspelled option
 * would do nothing, and say nothing. `advice`: the way out for names that are likely to be tried.
 */
export function checkOptions(
  op: string,
  options: unknown,
  names: readonly string[],
  advice: Readonly<Record<string, string>> = {},
): void {
  if (options === undefined) return;
  const isObject = typeof options === "object" && options !== null && !Array.isArray(options);
  if (!isObject || ArrayBuffer.isView(options) || (!isPlain(options) && Object.keys(options).length === 0)) {
    const shown = isObject || options === null || typeof options === "function" ? "…" : print(options);
    throw new ValueError({
      in: op,
      got: `${print(options)} in the place of its options`,
      want: "an object of options",
      fix: `Write { ${names[0]}: ${shown} }${names.length > 1 ? `, or another of ${names.join(", ")}` : ""}`,
    });
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    throw new ValueError({
      in: op,
      got: `the option ${print(name)}`,
      want: names.length === 0 ? "no options" : names.join(", "),
      fix: advice[name] ?? (near === null ? "Check the option's name" : `Did you mean "${near}"?`),
    });
  }
}

/** The one of `names` that `name` is most likely to mean: the nearest one, unless none is near. */
function nearest(name: string, names: readonly string[]): string | null {
  const plain = (s: string): string => s.replaceAll("_", "").toLowerCase();
  const initials = (name[0] ?? "") + name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()).replace(/[^A-Z]/g, "");
  const farness = (other: string): number => {
    const [a, b] = [plain(name), plain(other)];
    if (initials.toLowerCase() === b) return 0; // learningRate, lr
    if (Math.min(a.length, b.length) > 2 && (a.startsWith(b) || b.startsWith(a))) return 1; // val, validation
    return editDistance(a, b);
  };
  const [best] = names.map((other) => ({ other, far: farness(other) })).sort((a, b) => a.far - b.far);
  return best && best.far <= Math.max(1, Math.floor(best.other.length / 3)) ? best.other : null;
}

/** How many letters are put in, left out or exchanged between two words. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** The size of axis `axis` of a shape. */
export function checkDim(op: string, value: unknown, axis: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new ShapeError({
      in: op,
      got: `${print(value)} as the size of axis ${axis}`,
      want: "whole numbers of at least 0",
      fix: "Check the shape",
    });
  }
  if (value > maxDim) {
    throw new LimitError({
      in: op,
      got: `${value} as the size of axis ${axis}`,
      want: `at most ${maxDim} (2³¹ − 1)`,
      fix: "Split the data over several axes or tensors",
    });
  }
  return value;
}

/** A shape whose rank, sizes and number of elements are within the limits: a copy of it. */
export function checkShape(op: string, shape: readonly number[]): number[] {
  if (!Array.isArray(shape)) {
    throw new ShapeError({ in: op, got: print(shape), want: "an array of sizes", fix: "Write [n] for one axis" });
  }
  if (shape.length > maxRank) {
    throw new LimitError({
      in: op,
      got: `${shape.length} axes`,
      want: `at most ${maxRank}`,
      fix: "Join some axes with reshape()",
    });
  }
  const sizes = Array.from(shape); // makes the holes of a sparse array visible
  const counted = sizes.every((d) => Number.isSafeInteger(d) && d >= 0);
  const log = counted ? sizes.reduce((sum, d) => sum + Math.log2(d), 0) : 0;
  if (log >= 53) {
    throw new LimitError({
      in: op,
      got: `the shape ${show(sizes)} of about 2^${Math.round(log)} elements`,
      want: "fewer than 2^53",
      fix: "Split the tensor",
    });
  }
  return sizes.map((d, i) => checkDim(op, d, i));
}

/** An axis of a tensor of rank `rank`; negative ones count from the end. */
export function checkAxis(op: string, axis: unknown, rank: number): number {
  const valid = typeof axis === "number" && Number.isInteger(axis) && axis >= -rank && axis < rank;
  if (valid) return axis < 0 ? axis + rank : axis;
  throw new ValueError({
    in: op,
    got: `axis ${print(axis)} of a tensor of ${rank} axes`,
    want: rank === 0 ? "a tensor that has axes" : `a whole number from ${-rank} to ${rank - 1}`,
    fix: rank === 0 ? "Give it one with reshape([1])" : "Check the axis",
  });
}

/** Different axes of a tensor of rank `rank`, in order; none given means all. */
export function checkAxes(op: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  const all = Array.from({ length: rank }, (_, i) => i);
  const list = axes === undefined ? all : Array.isArray(axes) ? Array.from(axes as readonly number[]) : [axes];
  const checked = list.map((a) => checkAxis(op, a, rank)).sort((a, b) => a - b);
  const twice = checked.find((a, i) => checked[i - 1] === a);
  if (twice === undefined) return checked;
  throw new ValueError({
    in: op,
    got: `axis ${twice} twice in ${print(list)}`,
    want: "each axis once",
    fix: "Remove the repetition",
  });
}

/**
 * A whole number within limits; `name` is the argument's. What is wrong is a ValueError, or of a kind that is given: sizes of
 * sequences and of states, which other tensors have to fit, are shapes.
 */
export function checkCount(
  op: string,
  value: unknown,
  name: string,
  min = 0,
  max: number = maxDim,
  Kind: typeof ValueError | typeof ShapeError = ValueError,
): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Kind({
    in: op,
    got: `${name} ${print(value)}`,
    want: max === maxDim ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`,
    fix: `Check ${name}`,
  });
}

/** A number within limits, NaN excluded; `name` is the argument's. */
export function checkNumber(
  op: string,
  value: unknown,
  name: string,
  min: number = -Infinity,
  max: number = Infinity,
): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  const want = numberWithin(min, max);
  throw new ValueError({ in: op, got: `${name} ${print(value)}`, want, fix: `Check ${name}` });
}

/** A number within limits, in words; the greatest and the least number above 0 stand for finite and for positive ones. */
function numberWithin(min: number, max: number): string {
  const kind = max === Number.MAX_VALUE ? "a finite number" : "a number";
  if (min === Number.MIN_VALUE) return max < Number.MAX_VALUE ? `${kind} above 0, at most ${max}` : `${kind} above 0`;
  if (max < Number.MAX_VALUE) return `${kind} from ${min} to ${max}`;
  if (min <= -Number.MAX_VALUE) return kind;
  return max === Infinity ? `${kind} of at least ${min}` : `${kind}, at least ${min}`;
}

/** Throws unless sizes or axes are in an array; PyTorch takes them one by one too. */
export function checkList(op: string, list: unknown, what: string): void {
  if (Array.isArray(list)) return;
  const fix = typeof list === "number" ? `Write ${op}([${list}, …])` : `Put the ${what} in an array`;
  throw new ShapeError({ in: op, got: print(list), want: `an array of ${what}`, fix });
}

/** The rank that an operation takes. */
export function checkRank(op: string, x: Node, ranks: readonly number[], meaning: string): void {
  if (ranks.includes(x.shape.length)) return;
  throw new ShapeError({ in: op, got: show(x.shape), want: meaning, fix: "Add or remove axes with reshape()" });
}

export function checkFloat(op: string, x: Node): Node {
  if (isFloat(x.dtype)) return x;
  throw new DTypeError({ in: op, got: `a ${x.dtype} tensor`, want: "floating point", fix: "Convert it with float()" });
}

/** `x` as floating point: integers and bools become float32. */
export const floating = (x: Node): Node => (isFloat(x.dtype) ? x : g.cast(x, "float32"));

/** The shape in which `shapes` meet: sizes are equal or 1, and missing axes are on the left. */
export function broadcastShapes(op: string, shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  const common = Array.from({ length: rank }, (_, i) => {
    const sizes = shapes.map((s) => s[i - rank + s.length] ?? 1);
    const size = sizes.find((d) => d !== 1) ?? 1;
    if (sizes.every((d) => d === size || d === 1)) return size;
    throw new ShapeError({
      in: op,
      got: shapes.map(show).join(" and "),
      want: "shapes whose sizes, from the right, are equal or 1",
      fix: "Reshape or transpose one of them",
    });
  });
  return checkShape(op, common);
}

/** `x` repeated to `shape`, which it must fit. */
export function broadcastTo(x: Node, shape: Shape): Node {
  if (sameShape(x.shape, shape)) return x;
  const missing = shape.length - x.shape.length;
  return g.expand(g.reshape(x, [...Array<number>(missing).fill(1), ...x.shape]), shape);
}

/** The type of the result of an operation on `operands`: a number takes the type of the tensors where it can. */
export function resultType(op: string, operands: readonly Operand[]): DType {
  const nodes = operands.filter((x) => typeof x === "object");
  let dtype = nodes.map((x) => x.dtype).reduce(promote, "bool");
  for (const x of operands) {
    if (typeof x === "number") dtype = withNumber(op, dtype, x);
    else if (typeof x !== "object" && typeof x !== "boolean") {
      throw new DTypeError({
        in: op,
        got: print(x),
        want: "tensors, numbers and bools",
        fix: "Convert it to a number",
      });
    }
  }
  return nodes.length === 0 && dtype !== "bool" ? "float32" : dtype;
}

function withNumber(op: string, dtype: DType, x: number): DType {
  if (isFloat(dtype)) return dtype;
  if (!Number.isInteger(x)) return "float32";
  const [lo, hi] = dtypes[dtype].range;
  if (dtype !== "bool" && x >= lo && x <= hi) return dtype;
  if (x >= dtypes.int32.range[0] && x <= dtypes.int32.range[1]) return "int32";
  throw new ValueError({
    in: op,
    got: `${x} with a ${dtype} tensor`,
    want: "integers that fit in int32",
    fix: 'Convert the tensor with float() or to("float64")',
  });
}

/** An operand as a node of `dtype`. */
export const toNode = (x: Operand, dtype: DType): Node =>
  typeof x === "object" ? g.cast(x, dtype) : g.fill(Number(x), [], dtype);

/** Operands with one shape and one type, as primitives take them. */
export function meet(op: string, operands: readonly Operand[], dtype: DType = resultType(op, operands)): Node[] {
  const shapes = operands.map((x) => (typeof x === "object" ? x.shape : []));
  const shape = broadcastShapes(op, shapes);
  return operands.map((x) =>
    typeof x === "object" ? broadcastTo(g.cast(x, dtype), shape) : g.fill(Number(x), shape, dtype),
  );
}

/** A bool from any type: whether it is not 0. */
export const truth = (x: Node): Node => g.cast(x, "bool");
