/**
 * Blocks of padded values in scratch memory. What is around a block is cleared once, before the loops in which it is
 * filled again and again: then only what is inside is copied, and neither lanes nor rows ask whether they are padding.
 */
import { add, constant, flatten, variable } from "../../graph/affine.ts";
import type { DType } from "../../graph/dtype.ts";
import type { Affine, Bound, Expr, Var } from "../../graph/expr.ts";
import { type Level, nest } from "../bind.ts";
import { Rewriter } from "../kernel.ts";
import type { Stmt } from "../loops.ts";

/** Statements that make a block: what clears it, and what copies into it. */
export interface Filling {
  readonly clear: readonly Stmt[];
  readonly copy: readonly Stmt[];
  /** Variables outside of the block on which it depends what is inside: when they change, it has to be cleared again. */
  readonly moves: ReadonlySet<Var>;
}

/** The block of `expr` over `levels`, which lies at `index` of an array of `size` elements. */
export function filled(
  { array, dtype, size }: { readonly array: number; readonly dtype: DType; readonly size: number },
  levels: readonly Pick<Level, "v" | "limit">[],
  expr: Expr,
  index: Affine = flatten(
    levels.map((l) => variable(l.v)),
    levels.map((l) => l.v.size),
  ),
): Filling {
  const axes = levels.map((l) => l.v);
  const split = inside(axes, expr);
  const rewriter = new Rewriter((v) => split?.to.get(v));
  const value = rewriter.expr(split ? split.value : expr);
  const store: Stmt = { op: "store", buffer: array, index: rewriter.affine(index), to: dtype, value };
  const now = split ? split.axes : axes;
  const line = nest(
    now.slice(-1).map((v) => ({ v, kind: "vector" })),
    [store],
  );
  const bounds = split?.bounds.map((b): Bound => ({ ...b, of: rewriter.affine(b.of) })) ?? [];
  const copy = nest(
    now.slice(0, -1).map((v, i) => ({ v, kind: "serial", limit: levels[i].limit })),
    bounds.length > 0 ? [{ op: "if", bounds, body: line }] : line,
  );
  if (!split) return { clear: [], copy, moves: new Set() };
  const all: Var = { name: "cleared", size };
  const zero: Stmt = { op: "store", buffer: array, index: variable(all), to: dtype, value: split.other };
  const moves = new Set(split.bounds.flatMap((b) => [...b.of.terms.keys()]).filter((v) => !axes.includes(v)));
  return { clear: nest([{ v: all, kind: "vector" }], [zero]), copy, moves };
}

/** How many elements at the beginning and at the end of each line are padding, where that is the same for all. */
export function marginsOf(axes: readonly Var[], expr: Expr): readonly [before: number, after: number] {
  const line = axes[axes.length - 1];
  const split = inside(axes, expr);
  const part = split?.to.get(line);
  return part ? [part.base, line.size - part.base - (split?.axes.at(-1)?.size ?? 0)] : [0, 0];
}

/**
 * A guarded value inside of those of its bounds that say which part of an axis that is, with the bounds that are left for
 * each line: null where it is not guarded, or where a line would have to ask.
 */
function inside(
  axes: readonly Var[],
  e: Expr,
): { axes: Var[]; to: Map<Var, Affine>; bounds: Bound[]; value: Expr; other: Expr } | null {
  if (e.op !== "guard" || e.other.op !== "const") return null;
  const ranges = new Map(axes.map((v) => [v, [0, v.size] as [number, number]]));
  const bounds: Bound[] = [];
  for (const { of, lo, hi } of e.bounds) {
    const [only, more] = [...of.terms];
    const range = only && !more && only[1] === 1 ? ranges.get(only[0]) : undefined;
    if (range) {
      range[0] = Math.max(range[0], lo - of.base);
      range[1] = Math.min(range[1], hi - of.base);
    } else if ([...of.terms.keys()].some((v) => v.def || v === axes.at(-1))) return null;
    else bounds.push({ of, lo, hi });
  }
  const to = new Map<Var, Affine>();
  const now = axes.map((v): Var => {
    const [from, end] = ranges.get(v) as [number, number];
    const part: Var = { name: `${v.name}n`, size: end - from };
    to.set(v, add(constant(from), variable(part)));
    return part;
  });
  return now.some((v) => v.size < 1) ? null : { axes: now, to, bounds, value: e.value, other: e.other };
}
