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

/** Columns of a block of a product: twice as many where few rows of sums take little room. */
export const columnsOf = (rows: number): number => (rows > 64 ? 128 : 256);

/** `unit`: a block is computed in pieces of this many elements, of which the last may not be full. */
export function tile(axes: readonly Var[], target: number, unit = 1): Tiled {
  return cut(axes, (v, size, isCut) => {
    if (isCut) return 1;
    return unit > 1 ? filling(v.size, size, target, unit) : even(v.size, Math.max(1, Math.floor(target / size)));
  });
}

/** Axes of which `first` is cut into blocks of so many, and all others are whole. */
export const tileFirst = (axes: readonly Var[], first: Var, most: number): Tiled =>
  cut(axes, (v) => (v === first ? Math.min(v.size, most) : v.size));

/** Axes in blocks. `chunk` says how much of one, where those inside of it make blocks of `size`, and whether one of them is cut. */
function cut(axes: readonly Var[], chunk: (v: Var, size: number, isCut: boolean) => number): Tiled {
  const outer: Var[] = [];
  const inner: Level[] = [];
  const to = new Map<Var, Affine>();
  let [size, count, flat] = [1, constant(1), constant(0)];
  for (const v of axes.toReversed()) {
    const b: Blocks = blocks(v, chunk(v, size, outer.length > 0));
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

/** How much of a block is worth a step away from the size that was wanted, to twice or half of it. */
const stepAway = 0.02;

/**
 * Of an axis of `size`, over pieces of `inner` elements, the block that leaves the least unused in units: of about
 * `target` elements, and at most three times as many.
 */
function filling(size: number, inner: number, target: number, unit: number): number {
  let [best, least] = [1, Number.POSITIVE_INFINITY];
  const units = (count: number): number => Math.ceil((count * inner) / unit);
  for (let c = 1; c <= size && (c === 1 || c * inner <= 3 * target); c++) {
    const used = (Math.floor(size / c) * units(c) + units(size % c)) * unit;
    const cost = used / (size * inner) + stepAway * Math.abs(Math.log2((c * inner) / target));
    if (cost < least) [best, least] = [c, cost];
  }
  return best;
}

/** A block size of at most `room` for an axis of `size`: one that divides it if that wastes little, else even blocks. */
function even(size: number, room: number): number {
  if (size <= room) return size;
  for (let c = room; c >= room * 0.6; c--) if (size % c === 0) return c;
  return Math.ceil(size / Math.ceil(size / room));
}
