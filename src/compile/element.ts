/** The value of one element of a node, as an expression over the memory that its kernel reads. */
import { flatten, keyOf, range, variable } from "../graph/affine.ts";
import { type DType, dtypes, isFloat } from "../graph/dtype.ts";
import type { Affine, Bound, Compute, Expr, ScalarOp, Var } from "../graph/expr.ts";
import { is, type Node } from "../graph/node.ts";
import { ops } from "../graph/ops.ts";
import type { Shape } from "../graph/shape.ts";
import { fit } from "./legalize.ts";
import type { Fold } from "./loops.ts";
import { convertTo, random01 } from "./math.ts";

/** A constant of 0, ±1 or 2, or of a type that counts, belongs to the structure; every other number is an argument. */
export function isStructural(n: Node<"const">): boolean {
  const { value } = n.arg;
  return !isFloat(n.dtype) || value === 0 || Math.abs(value) === 1 || value === 2 || !Number.isFinite(value);
}

/** What a plan knows of its nodes. */
export interface Numbering {
  /** The value in which a node is stored; undefined where it is not, and is computed where it is read. */
  value(n: Node): number | undefined;
  /** The slot of a number that is given at launch; undefined where it belongs to the structure. */
  number(n: Node, part: 0 | 1): number | undefined;
}

/** Fresh variables for the axes of a shape, and the index of an element; axes of size 1 need none. */
export function space(shape: Shape, prefix = "i"): { at: Affine[]; axes: Var[] } {
  const vars = shape.map((size, axis): Var => ({ name: `${prefix}${axis}`, size }));
  return { at: vars.map(variable), axes: vars.filter((v) => v.size > 1) };
}

type View = (at: readonly Affine[], arg: unknown, from: Shape) => { at: readonly Affine[]; bounds?: readonly Bound[] };

/** Builds the expressions of one kernel; equal elements asked for twice are one expression. Variables are told apart by name. */
export class Elements {
  readonly #numbering: Numbering;
  readonly #memo = new Map<Node, Map<string, Expr>>();
  /** Values that have to be there before, though they are not read. */
  readonly needs: Set<number>;

  constructor(numbering: Numbering, needs: Set<number> = new Set()) {
    this.#numbering = numbering;
    this.needs = needs;
  }

  /** For a kernel of its own with the same variables; what it needs is needed here. */
  apart(): Elements {
    return new Elements(this.#numbering, this.needs);
  }

  /** Where a node is stored that has to be. */
  stored(n: Node): number {
    const value = this.#numbering.value(n);
    if (value === undefined) throw new Error(`fuse: ${n.op} is not stored`);
    return value;
  }

  /** Element `at` of `n`. `root`: `n` itself is computed even if it is stored. */
  of(n: Node, at: readonly Affine[], root = false): Expr {
    const value = root ? undefined : this.#numbering.value(n);
    const key = `${root}${at.map(keyOf).join(";")}`;
    let memo = this.#memo.get(n);
    if (!memo) {
      memo = new Map();
      this.#memo.set(n, memo);
    }
    let e = memo.get(key);
    if (!e) {
      e = value === undefined ? this.#compute(n, at) : load(value, flatten(at, n.shape), n.dtype);
      memo.set(key, e);
    }
    return e;
  }

  #compute(n: Node, at: readonly Affine[]): Expr {
    const dtype = dtypes[n.dtype].compute;
    if (is(n, "const")) {
      const slot = this.#numbering.number(n, 0);
      return slot === undefined ? { op: "const", value: n.arg.value, dtype } : { op: "arg", slot, dtype };
    }
    if (is(n, "iota")) return { op: "index", of: at[n.arg.axis], dtype: "int32" };
    if (is(n, "random")) {
      const [k0, k1] = ([0, 1] as const).map(
        (part): Expr => ({ op: "arg", slot: this.#numbering.number(n, part) as number, dtype: "int32" }),
      );
      return random01(k0, k1, { op: "index", of: flatten(at, n.shape), dtype: "int32" });
    }
    if (is(n, "after")) {
      const value = this.#numbering.value(n.src[1]);
      if (value !== undefined) this.needs.add(value);
      return this.of(n.src[0], at);
    }
    if (is(n, "cast")) return convertTo(this.of(n.src[0], at), n.arg.dtype);
    if (is(n, "gather")) {
      const [x, index] = n.src;
      const { axis } = n.arg;
      const found: Var = { name: "data", size: x.shape[axis], def: { op: "data", of: this.of(index, at) } };
      return this.of(
        x,
        at.map((a, i) => (i === axis ? variable(found) : a)),
      );
    }
    const view = ops[n.op].index as View | undefined;
    if (view) return this.#view(n, view(at, n.arg, n.src[0].shape));
    if (!ops[n.op].scalar) throw new Error(`fuse: ${n.op} has no element`);
    const src = n.src.map((s) => this.of(s, at));
    return fit({ op: n.op as ScalarOp, src, dtype }, n.dtype);
  }

  #view(n: Node, from: { at: readonly Affine[]; bounds?: readonly Bound[] }): Expr {
    const value = this.of(n.src[0], from.at);
    const bounds = (from.bounds ?? []).filter(inDoubt);
    if (bounds.length === 0) return value;
    return guard(bounds, value, (n as Node<"pad">).arg.value);
  }
}

export function load(value: number, index: Affine, from: DType): Expr {
  return { op: "load", buffer: value, index, from, dtype: dtypes[from].compute };
}

export function guard(bounds: readonly Bound[], value: Expr, other: number): Expr {
  return { op: "guard", bounds, value, other: { op: "const", value: other, dtype: value.dtype }, dtype: value.dtype };
}

/** Whether the ranges of the variables leave the bound in doubt. */
export function inDoubt({ of, lo, hi }: Bound): boolean {
  const [least, greatest] = range(of);
  return least < lo || greatest >= hi;
}

/** The value with which a reduction starts. */
export function identityOf(op: Fold, dtype: Compute): Expr {
  const [least, greatest] = dtype === "int32" ? dtypes.int32.range : dtype === "bool" ? [0, 1] : [-Infinity, Infinity];
  return { op: "const", value: { add: 0, mul: 1, max: least, pmax: least, min: greatest, pmin: greatest }[op], dtype };
}
