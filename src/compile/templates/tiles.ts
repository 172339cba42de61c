/** Axes in blocks, so that what is computed from a block fits in a cache. */
import { add, constant, scale, variable } from "../../graph/affine.ts";
import type { Affine, Var } from "../../graph/expr.ts";
import { type Blocks, blocks } from "../axes.ts";
import type { Level } from "../bind.ts";

/** Axes in blocks of about `target` elements: inner ones whole, one cut, those outside of it one at a time. */
export interface Tiled {
  /** Over blocks, outermost first. */
  readonly outer: readonly Var[];
  /** Within a block, and how far each goes. */
  readonly inner: readonly Level[];
  readonly to: Map<Var, Affine>;
  /** The most elements of a block, and the number in this one. */
  readonly size: number;
  readonly count: Affine;
  /** The position within the block. */
  readonly flat: Affine;
}

export function tile(axes: readonly Var[], target: number): Tiled {
  const outer: Var[] = [];
  const inner: Level[] = [];
  const to = new Map<Var, Affine>();
  let [size, count, flat] = [1, constant(1), constant(0)];
  for (const v of axes.toReversed()) {
    const room = Math.floor(target / size);
    const chunk = outer.length > 0 ? 1 : even(v.size, Math.max(1, room));
    const b: Blocks = blocks(v, chunk);
    to.set(v, b.value);
    if (b.block.size > 1) outer.unshift(b.block);
    if (b.within.size > 1 || b.limit) inner.unshift({ v: b.within, kind: "serial", limit: b.limit });
    flat = add(flat, scale(variable(b.within), size));
    if (b.limit) count = scale(b.limit, size);
    else if (outer.length === 0 || b.within.size > 1) count = scale(count, b.within.size);
    size *= b.within.size;
  }
  return { outer, inner, to, size, count, flat };
}

/** A block size of at most `room` for an axis of `size`: one that divides it if that wastes little, else even blocks. */
function even(size: number, room: number): number {
  if (size <= room) return size;
  for (let c = room; c >= room * 0.6; c--) if (size % c === 0) return c;
  return Math.ceil(size / Math.ceil(size / room));
}
