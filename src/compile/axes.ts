/** Decisions about axes that all schedules share: which to join, which to make lanes, and where to cut blocks. */
import { add, constant, scale, variable } from "../graph/affine.ts";
import type { Affine, Expr, Var } from "../graph/expr.ts";
import type { Level } from "./bind.ts";
import { visit } from "./kernel.ts";
import { hasParts } from "./vector/parts.ts";

/** How a kernel uses its axes: indices of memory, and other indices (bounds, values of indices). */
export interface Uses {
  readonly memory: readonly Affine[];
  readonly other: readonly Affine[];
}

export function usesOf(exprs: readonly Expr[], stores: readonly Affine[]): Uses {
  const memory = [...stores];
  const other: Affine[] = [];
  visit(exprs, (e) => {
    if (e.op === "load") memory.push(e.index);
    else if (e.op === "index") other.push(e.of);
    else if (e.op === "guard") other.push(...e.bounds.map((b) => b.of));
  });
  return { memory, other };
}

/** Whether all that is read lies side by side along `line`, or is the same for all of it. */
export const readsLines = (e: Expr, line: Var): boolean =>
  usesOf([e], []).memory.every((index) => [0, 1].includes(index.terms.get(line) ?? 0));

/** Whether `a · size(b) + b` is all that any index asks of two neighbouring axes: then they are one axis. */
export function areOne(a: Var, b: Var, { memory, other }: Uses): boolean {
  const even = (x: Affine): boolean => {
    if ((x.terms.get(a) ?? 0) !== (x.terms.get(b) ?? 0) * b.size) return false;
    for (const v of x.terms.keys()) if (v.def && v.def.op !== "data" && !even(v.def.of)) return false;
    return true;
  };
  return memory.every(even) && other.every(even);
}

/** What `a` and `b` become when they are the one axis `both`: all of it is in the place of `b`. */
export const asOne = (a: Var, b: Var, both: Var): Map<Var, Affine> =>
  new Map([
    [a, constant(0)],
    [b, variable(both)],
  ]);

/** Whether an index depends on `v` by way of a quotient, a remainder, or memory. */
export function hides(a: Affine, v: Var): boolean {
  for (const t of a.terms.keys()) {
    if (!t.def) continue;
    if (t.def.op !== "data") {
      if (t.def.of.terms.has(v) || hides(t.def.of, v)) return true;
    } else {
      let found = false;
      visit([t.def.of], (e) => {
        const at = e.op === "load" ? e.index : e.op === "index" ? e.of : null;
        if (at && (at.terms.has(v) || hides(at, v))) found = true;
      });
      if (found) return true;
    }
  }
  return false;
}

/**
 * How much an element costs if the lanes are iterations of `v`. A vector that lies in memory as it is costs 1; where all
 * lanes are the same, 0.3; and where every lane is loaded or stored for itself, that grows with their number. What does
 * not fill a vector is a part of one, if the machine has such, or else as many steps as elements.
 */
export function laneCost(v: Var, { memory, other }: Uses, lanes: number): number {
  const isHidden = [...memory, ...other].some((a) => hides(a, v));
  const parts = hasParts(lanes) && !isHidden;
  if (v.size < (parts ? 2 : lanes)) return Number.POSITIVE_INFINITY;
  const [apart, scattered] = [0.75 * lanes, 2 * lanes];
  // Every second element is had by way of two vectors, and stored so with the elements between them.
  const second = Math.min(3, apart);
  let cost = 0;
  for (const a of memory) {
    const stride = a.terms.get(v) ?? 0;
    cost += hides(a, v) ? scattered : stride === 0 ? 0.3 : stride === 1 ? 1 : stride === 2 ? second : apart;
  }
  for (const a of other) cost += hides(a, v) ? scattered : a.terms.has(v) ? 0.5 : 0;
  const left = v.size % lanes;
  const steps = Math.floor(v.size / lanes) + (parts ? Math.min(left, 1) : left);
  return (cost * steps * lanes) / v.size;
}

/** The axis whose iterations become lanes: the cheapest, of equals the innermost. Null where none is long enough. */
export function laneAxis(axes: readonly Var[], uses: Uses, lanes: number): Var | null {
  let [best, least] = [null as Var | null, Number.POSITIVE_INFINITY];
  for (const v of axes) {
    const cost = laneCost(v, uses, lanes);
    if (cost <= least && cost < Number.POSITIVE_INFINITY) [best, least] = [v, cost];
  }
  return best;
}

/** `v` in blocks: which block, where in the block, and what `v` is in terms of the two. */
export interface Blocks {
  readonly block: Var;
  readonly within: Var;
  readonly limit: Affine | undefined;
  readonly value: Affine;
}

export function blocks(v: Var, size: number): Blocks {
  const block: Var = { name: `${v.name}o`, size: Math.ceil(v.size / size) };
  const within: Var = { name: `${v.name}i`, size: Math.min(size, v.size) };
  const start = scale(variable(block), size);
  return {
    block,
    within,
    limit: v.size % within.size === 0 ? undefined : add(constant(v.size), scale(start, -1)),
    value: add(start, variable(within)),
  };
}

/** Work of an item, in elements: enough to be worth claiming. */
const itemWork = 16384;
const mostItems = 128;

/**
 * Cuts loops into independent items by their sizes alone, so that bits do not depend on threads. `work` is that of one
 * iteration of all levels; `grain`: a block of the last axis holds a multiple of this. Returns the loops, and what the
 * cut axis has become.
 */
export function intoItems(
  vars: readonly Var[],
  work: number,
  grain: number,
): { levels: Level[]; to: Map<Var, Affine> } {
  const total = vars.reduce((n, v) => n * v.size, 1) * work;
  const wanted = Math.min(mostItems, Math.floor(total / itemWork));
  const levels: Level[] = [];
  const inner: Level[] = [];
  const to = new Map<Var, Affine>();
  let items = 1;
  for (const [i, v] of vars.entries()) {
    const missing = wanted / items;
    if (missing <= 1.5 || inner.length > 0) inner.push({ v, kind: "serial" });
    else if (v.size <= missing * 1.5) {
      levels.push({ v, kind: "parallel" });
      items *= v.size;
    } else {
      const unit = i === vars.length - 1 ? grain : 1;
      const size = Math.min(v.size, Math.ceil(v.size / missing / unit) * unit);
      const { block, within, limit, value } = blocks(v, size);
      to.set(v, value);
      levels.push({ v: block, kind: "parallel" });
      inner.push({ v: within, kind: "serial", limit });
    }
  }
  return { levels: [...levels, ...inner], to };
}
