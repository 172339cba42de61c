/**
 * Kernels before they are scheduled: what fusion cuts a graph into. Loads number the values of the plan, not yet the
 * buffers of the kernel.
 */
import { keyOf, substitute, variable } from "../graph/affine.ts";
import type { DType } from "../graph/dtype.ts";
import type { Affine, Compute, Expr, Var } from "../graph/expr.ts";
import type { LoopArg } from "../graph/node.ts";
import type { Shape } from "../graph/shape.ts";
import { affinesOf, dataOf, type Fold, partsOf } from "./loops.ts";

/** A tensor that has memory while a plan runs. */
export interface Value {
  readonly id: number;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Set where the memory exists before the plan runs. */
  readonly leaf: object | null;
}

/** Adds a value to a plan, for what lies between two kernels. */
export type AddValue = (shape: Shape, dtype: DType) => number;

/** One thing that a kernel computes. */
export type Stage = Mapped | Reduced;
interface Mapped {
  readonly kind: "map";
  readonly value: number;
  /** Whether it has an element for each iteration of all axes, or only of the outer ones. */
  readonly level: "inner" | "outer";
  readonly index: Affine;
  readonly expr: Expr;
}
interface Reduced {
  readonly kind: "reduce";
  readonly value: number;
  readonly op: Fold;
  readonly dtype: Compute;
  /** Whether elements are combined in their order, however long their row is. */
  readonly serial?: boolean;
  /** Where its result would be stored, over the outer axes. */
  readonly index: Affine;
  readonly expr: Expr;
}

interface Ordered {
  /** Values that have to be there before it runs, though it does not read them. */
  readonly needs?: readonly number[] | undefined;
}

/**
 * A value that a kernel makes for itself, in scratch memory: for each iteration of some of its outer axes a block, before
 * all else of that iteration. Loads of it have indices in the block.
 */
export interface Local {
  readonly value: number;
  /** Those axes of the kernel of which each iteration has a block, and the axes of a block. */
  readonly common: readonly Var[];
  readonly axes: readonly Var[];
  readonly expr: Expr;
}

/** Stages over common axes. Reductions run over the inner axes; without inner axes all stages are maps. */
export interface Loops extends Ordered {
  readonly kind: "loops";
  readonly axes: readonly Var[];
  readonly inner: ReadonlySet<Var>;
  readonly stages: readonly Stage[];
  /** An axis that was cut into blocks ends before this. */
  readonly limits: ReadonlyMap<Var, Affine>;
  readonly local?: Local | undefined;
}

/** What a convolution of stride 1 reads, as rows of images: `b` is its `source` where `at` is column + dilation · tap. */
export interface Window {
  /** Of each axis of the images: the coordinate in a result, the tap of a filter, how far taps are apart, and the coordinate in an image. */
  readonly axes: readonly {
    readonly column: Var;
    readonly tap: Var;
    readonly dilation: number;
    readonly at: Var;
  }[];
  readonly channel: Var;
  readonly source: Expr;
}

/** `out[batch, m, n] = Σ over k of a · b`, then maps over the result. Matmuls and convolutions are this. */
export interface Contract extends Ordered {
  readonly kind: "contract";
  readonly value: number;
  readonly batch: readonly Var[];
  readonly m: Var;
  readonly n: readonly Var[];
  readonly k: readonly Var[];
  readonly a: Expr;
  readonly b: Expr;
  /** The type of the factors, and that of the sums. */
  readonly factors: DType;
  readonly sums: "float32" | "int32";
  /** The coordinates of an element of the result. */
  readonly at: readonly Affine[];
  readonly shape: Shape;
  readonly index: Affine;
  readonly stages: readonly Stage[];
  readonly window?: Window | undefined;
}

/** Running reduction along `along`, over every combination of the other axes. */
export interface Scan extends Ordered {
  readonly kind: "scan";
  readonly value: number;
  readonly op: "add" | "mul" | "max";
  readonly axes: readonly Var[];
  readonly along: Var;
  readonly index: Affine;
  readonly expr: Expr;
  readonly dtype: Compute;
}

/** `out = base`, and then each element of `x` combined into its row of `out`, in order. */
export interface Scatter extends Ordered {
  readonly kind: "scatter";
  readonly value: number;
  readonly op: "add" | "max" | "set";
  /** Axes of the result, and those of `x`: equal but for the one along which is scattered. */
  readonly axes: readonly Var[];
  readonly along: Var;
  readonly base: Expr;
  readonly x: Expr;
  /** Where elements of the base and of `x` go. */
  readonly index: Affine;
  readonly target: Affine;
  readonly from: Var;
  readonly dtype: Compute;
}

/** The permutation that sorts along an axis. */
export interface Sort extends Ordered {
  readonly kind: "sort";
  readonly value: number;
  readonly descending: boolean;
  readonly axes: readonly Var[];
  readonly along: Var;
  readonly index: Affine;
  readonly expr: Expr;
  readonly dtype: Compute;
}

/** A loop of the graph: the kernels of its body, for each step. It reads its own rows, and waits for the one that is given. */
export interface Repeat extends Ordered {
  readonly kind: "repeat";
  readonly value: number;
  readonly arg: LoopArg;
  /** The values that its inputs read. */
  readonly inputs: readonly number[];
}

export type Kernel = Loops | Contract | Scan | Scatter | Sort | Repeat;

/** Values that a kernel writes. A concatenation is written by several kernels. */
export function writesOf(k: Kernel): number[] {
  if (k.kind === "loops") return k.stages.map((s) => s.value);
  if (k.kind === "contract") return [k.value, ...k.stages.map((s) => s.value)];
  return [k.value];
}

/** Every expression of a kernel. */
export function exprsOf(k: Kernel): Expr[] {
  if (k.kind === "loops") return [...k.stages.map((s) => s.expr), ...(k.local ? [k.local.expr] : [])];
  if (k.kind === "contract") return [k.a, k.b, ...k.stages.map((s) => s.expr), ...(k.window ? [k.window.source] : [])];
  if (k.kind === "repeat") return [];
  if (k.kind === "scatter") return [k.base, k.x, ...dataOf(k.target)];
  return [k.expr];
}

/** Visits every expression once, also those that indices read. */
export function visit(roots: readonly Expr[], see: (e: Expr) => void): void {
  const seen = new Set<Expr>();
  const stack = [...roots];
  for (let e = stack.pop(); e; e = stack.pop()) {
    if (seen.has(e)) continue;
    seen.add(e);
    see(e);
    stack.push(...partsOf(e), ...affinesOf(e).flatMap(dataOf));
  }
}

/** Whether float64, which has no lanes, occurs in an expression. */
export function hasFloat64(e: Expr): boolean {
  let found = false;
  visit([e], (x) => {
    if (x.dtype === "float64") found = true;
  });
  return found;
}

/** Values that a kernel reads, or has to wait for, and does not write. */
export function readsOf(k: Kernel): Set<number> {
  if (k.kind === "repeat") return new Set([k.value, ...k.inputs, ...(k.needs ?? [])]);
  const reads = new Set<number>();
  visit(exprsOf(k), (e) => {
    if (e.op === "load") reads.add(e.buffer);
  });
  for (const v of k.needs ?? []) reads.add(v);
  for (const w of writesOf(k)) reads.delete(w);
  if (k.kind === "loops" && k.local) reads.delete(k.local.value);
  return reads;
}

/** Rebuilds expressions with other indices and leaves; what is shared stays shared. */
export class Rewriter {
  readonly #memo = new Map<Expr, Expr>();
  readonly #affines = new Map<Affine, Affine>();
  readonly #by: (v: Var) => Affine | undefined;
  readonly #leaf: (e: Expr) => Expr | undefined;

  constructor(by: (v: Var) => Affine | undefined, leaf: (e: Expr) => Expr | undefined = () => undefined) {
    this.#by = by;
    this.#leaf = leaf;
  }

  affine(a: Affine): Affine {
    let out = this.#affines.get(a);
    if (!out) {
      out = substitute(a, (v) => this.#variable(v));
      this.#affines.set(a, out);
    }
    return out;
  }

  #variable(v: Var): Affine | undefined {
    const to = this.#by(v);
    if (to || v.def?.op !== "data") return to;
    const of = this.expr(v.def.of);
    return of === v.def.of ? undefined : variable({ ...v, def: { op: "data", of } });
  }

  expr(e: Expr): Expr {
    const known = this.#memo.get(e);
    if (known) return known;
    const out = this.#leaf(e) ?? this.#rebuild(e);
    this.#memo.set(e, out);
    return out;
  }

  #rebuild(e: Expr): Expr {
    if (e.op === "load") {
      const index = this.affine(e.index);
      return index === e.index ? e : { ...e, index };
    }
    if (e.op === "index") return { ...e, of: this.affine(e.of) };
    if (e.op === "guard")
      return {
        ...e,
        bounds: e.bounds.map((b) => ({ ...b, of: this.affine(b.of) })),
        value: this.expr(e.value),
        other: this.expr(e.other),
      };
    if (!("src" in e)) return e;
    const src = e.src.map((s) => this.expr(s));
    return src.some((s, i) => s !== e.src[i]) ? { ...e, src } : e;
  }
}

export const sameIndex = (a: Affine, b: Affine): boolean => a === b || sortedKey(a) === sortedKey(b);

const sortedKey = (a: Affine): string =>
  keyOf({
    base: a.base,
    terms: new Map([...a.terms].sort(([p], [q]) => (p.name < q.name ? -1 : p.name > q.name ? 1 : 0))),
  });
