/**
 * The factors of a product as a tile multiplies them: one by one, or where the machine sums products of narrow numbers
 * (two bfloat16, four int8) by itself, as groups of neighbours along the depth, each an int32 with the first lowest.
 */
import { add, constant, scale, variable } from "../../graph/affine.ts";
import { dtypes, toBfloat16 } from "../../graph/dtype.ts";
import type { Affine, Bound, Expr, Var } from "../../graph/expr.ts";
import { guard, inDoubt, load } from "../element.ts";
import { type Contract, Rewriter } from "../kernel.ts";
import { narrowBfloat16 } from "../math.ts";
import { and, int, or, shl } from "../math-build.ts";
import { type Dot, dotSize } from "../vector-ir.ts";

export interface Factors {
  /** The depth: of elements, or of groups. */
  readonly k: readonly Var[];
  readonly a: Expr;
  readonly b: Expr;
  readonly type: "float32" | "int32";
  /** Whether they are groups. */
  readonly dots: boolean;
}

export function factorsOf(kernel: Contract, dots: readonly Dot[]): Factors {
  const { a, b, sums } = kernel;
  const last = kernel.k.at(-1);
  const narrow = dots.find((dot) => dot === kernel.factors);
  if (!narrow || !last) return { k: kernel.k, a, b, type: sums, dots: false };
  const size = dotSize[narrow];
  const group: Var = { name: `${last.name}g`, size: Math.ceil(last.size / size) };
  const first = group.size > 1 ? scale(variable(group), size) : constant(0);
  const k = [...kernel.k.slice(0, -1), ...(group.size > 1 ? [group] : [])];
  const join = (e: Expr): Expr => wordOf(e, last, first, size) ?? joined(e, last, first, size);
  return { k, a: join(a), b: join(b), type: "int32", dots: true };
}

/** A group that lies side by side in memory, as one word; null where it does not. */
function wordOf(e: Expr, last: Var, first: Affine, size: number): Expr | null {
  if (e.op !== "load" || dtypes[e.from].bytes * size !== 4 || last.size % size !== 0) return null;
  const { index } = e;
  if (index.terms.get(last) !== 1 || index.base % size !== 0) return null;
  for (const [v, by] of index.terms) if (v.def || (v !== last && by % size !== 0)) return null;
  const { base, terms } = new Rewriter((v) => (v === last ? first : undefined)).affine(index);
  const words = new Map([...terms].map(([v, by]) => [v, by / size]));
  return load(e.buffer, { base: base / size, terms: words }, "int32");
}

/** The elements of a group, put together; 0 where there are none left. */
function joined(e: Expr, last: Var, first: Affine, size: number): Expr {
  const width = 32 / size;
  const parts = Array.from({ length: size }, (_, i) => {
    const at = add(first, constant(i));
    const bits = bitsOf(new Rewriter((v) => (v === last ? at : undefined)).expr(e), width);
    const inside: Bound = { of: at, lo: 0, hi: last.size };
    return i > 0 && inDoubt(inside) ? guard([inside], bits, 0) : bits;
  });
  return parts.reduce((all, part, i) => or(all, shl(part, i * width)));
}

/** The bits of a number that is, or is sure to be, a narrow one. */
function bitsOf(e: Expr, width: number): Expr {
  if (e.op === "guard") {
    const [value, other] = [bitsOf(e.value, width), bitsOf(e.other, width)];
    return { ...e, value, other, dtype: "int32" };
  }
  if (e.op === "load" && dtypes[e.from].bytes * 8 === width)
    return { ...e, from: e.from === "int8" ? "uint8" : e.from, dtype: "int32" };
  if (e.dtype === "int32") return and(e, 2 ** width - 1);
  return e.op === "const" ? int(toBfloat16(e.value)) : narrowBfloat16(e);
}
