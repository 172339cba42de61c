/**
 * The order in which a reduction combines its elements. It is a function of shape only: neither what is fused around a
 * reduction nor how its input lies in memory may change a bit of the result.
 *
 * If the innermost axis is reduced, and the row of reduced axes there is long, lanes run along that row as if it were one
 * axis; otherwise each result has a lane of its own, which combines elements in their order. A reduction of many elements
 * to few is cut in blocks first (split.ts). Where a row or a cut needs neighbouring axes to be one and an index cannot
 * walk them so, the input is stored before it is reduced.
 */
import type { Var } from "../graph/expr.ts";
import { areOne, usesOf } from "./axes.ts";
import type { Loops } from "./kernel.ts";

/**
 * How many numbers are added one after the other: what so many came to is then a number to be added, with others like it.
 * The rounding errors of a sum of equal numbers have one sign: of n of them, they come to as much as n / 4 units.
 */
export const mostInRow = 32;
/** How many of what such runs came to are added one after the other, and so on up. */
export const mostRuns = 8;
/** Numbers that are few enough to be one run. */
export const mostWhole = 56;

/**
 * The axis of which two neighbours make a pair where products of pairs are summed: the innermost that is even, or else
 * the innermost that is not of size 1. It is the last over which they are summed. −1: there is none.
 */
export function pairedAxis(sizes: readonly number[]): number {
  const even = sizes.findLastIndex((size) => size > 0 && size % 2 === 0);
  return even >= 0 ? even : sizes.findLastIndex((size) => size > 1);
}

/** Rows shorter than this are not worth folding lanes for. */
export const shortRow = 32;

/** Blocks into which a reduction is cut, the least work of one, and below how many results per thread. */
const leastBlock = 4096;

const product = (vars: readonly Var[]): number => vars.reduce((n, v) => n * v.size, 1);

/** The reduced axes at the end. */
function lastRun({ axes, inner }: Loops): Var[] {
  const run: Var[] = [];
  for (const v of axes.toReversed()) {
    if (!inner.has(v)) break;
    run.unshift(v);
  }
  return run;
}

/** Whether lanes run along rows: the innermost axes, which are reduced. */
export function runsAlongRows(k: Loops): boolean {
  if (k.stages.some((s) => s.kind === "reduce" && s.serial)) return false;
  return product(lastRun(k)) >= shortRow;
}

/** Whether a reduction has so few results for its elements that it is cut in blocks. */
export function isCut(k: Loops): boolean {
  if (k.inner.size === 0 || k.limits.size > 0) return false;
  const rows = product(k.axes.filter((v) => !k.inner.has(v)));
  const length = product([...k.inner]);
  if (rows * length < 16 * leastBlock || length < 512) return false;
  return rows < 8 || (rows < 128 && length >= leastBlock && !runsAlongRows(k));
}

/** Whether all indices walk the axes as one that the order of the reduction takes as one. */
export function isWalkedInOrder(k: Loops): boolean {
  const [along, whole] = [new Set(runsAlongRows(k) ? lastRun(k) : []), isCut(k)];
  const uses = usesOf(
    k.stages.map((s) => s.expr),
    k.stages.filter((s) => s.kind === "map" && s.level === "inner").map((s) => s.index),
  );
  return k.axes.every((b, i) => {
    const a = k.axes[i - 1];
    if (!a || !k.inner.has(a) || !k.inner.has(b)) return true;
    return (!whole && !(along.has(a) && along.has(b))) || areOne(a, b, uses);
  });
}

/** How many blocks a reduction is cut into. */
export const blockCount = (elements: number, along: Var): number =>
  Math.min(64, along.size, Math.floor(elements / leastBlock));
