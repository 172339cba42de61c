/**
 * Convolutions of few taps, without packing. A convolution reads every pixel under each tap of its filter, and packing would
 * copy it as often. Here an item copies the rows of images that it needs into scratch memory, once and padded on the way,
 * and tiles read them there, shifted by a tap. For that a column of the product is a place in such rows: those between the
 * end of a row of results and the beginning of the next are computed too, and go nowhere. Rows share their padding, so that
 * there are few of them: 56 results and one more column.
 */
import { add, constant, scale, variable } from "../../graph/affine.ts";
import type { Affine, Expr, Var } from "../../graph/expr.ts";
import { type Blocks, blocks, readsLines } from "../axes.ts";
import type { Context, Level, Scratches } from "../bind.ts";
import { load } from "../element.ts";
import { type Contract, Rewriter, type Window } from "../kernel.ts";
import { mostInRow, mostRuns } from "../order.ts";
import { type Filling, filled, marginsOf } from "./margins.ts";
import { wide } from "./products.ts";
import type { Tiled } from "./tiles.ts";

/** Channels of a run of sums and of a block of depth, of a convolution whose taps are so few that a run has all of them. */
export interface Channels {
  readonly taps: number;
  readonly run: number;
  readonly block: number;
}

/** A convolution of which it is known which rows of images it reads. */
export type Windowed = Contract & { readonly window: Window };

/** How the depth of a convolution is cut, by channels: the same whether it is packed or not. Null where that is as in other products. */
export function channelsOf({ window, sums, factors }: Contract): Channels | null {
  if (!window || sums !== "float32" || factors !== "float32") return null;
  const taps = window.axes.reduce((n, { tap }) => n * tap.size, 1);
  if (taps < 2 || taps > mostInRow) return null;
  const run = Math.floor(mostInRow / taps);
  return { taps, run, block: run * mostRuns };
}

/** The most sums of an item, and the most elements of its rows of images: 256 KiB each, of the second-level cache. */
export const mostSums: number = 1 << 16;
const mostPixels = 1 << 16;
/** Rows of sums that an item has at least, where there are so many: each has to copy its pixels. */
const mostRows = 64;
/** Items wanted, and what it costs to have half of them. */
const wantedItems = 16;
const fewItems = 0.05;
/** What copying an element costs, in products of a vector: packed, it is copied under each tap. */
const copyCost = 4;

/** How a convolution is computed: results of so many rows at a time, which lie `pitch` elements apart in scratch memory. */
export interface Windows extends Channels {
  readonly rows: number;
  readonly pitch: number;
}

/** How a convolution is computed without packing; null where packing it is better. */
export function windowsOf(
  kernel: Contract,
  { lanes, registers }: Pick<Context, "lanes" | "registers">,
): Windows | null {
  const { window, a, m } = kernel;
  const channels = channelsOf(kernel);
  if (!window || !channels || registers < 32) return null;
  if (a.op !== "load" || a.from !== "float32" || [...a.index.terms.keys()].some((v) => v.def)) return null;
  const places = window.axes.map((x) => x.at);
  const [line, lines] = window.axes.toReversed();
  if (line.column.size < 2 || !readsLines(window.source, line.at)) return null;
  const pitch = line.at.size - Math.min(...marginsOf(places, window.source));
  const tileWidth = wide * lanes;
  const height = lines?.column.size ?? 1;
  const reach = lines ? lines.dilation * (lines.tap.size - 1) : 0;
  const planes = window.axes.slice(0, -2).reduce((n, x) => n * (x.dilation * (x.tap.size - 1) + 1), 1);
  const others = [...kernel.batch, ...kernel.n].reduce((n, v) => n * v.size, 1) / (height * line.column.size);
  let [best, least] = [null as Windows | null, 1 + copyCost / m.size];
  for (let rows = 1; rows <= height; rows++) {
    if (height % rows !== 0) continue;
    const size = (rows - 1) * pitch + line.column.size;
    if (Math.min(channels.block, window.channel.size) * planes * (rows + reach) * pitch > mostPixels) break;
    if (rows > 1 && Math.min(m.size, mostRows) * size > mostSums) break;
    const items = (others * height) / rows;
    const computed = (Math.ceil(size / tileWidth) * tileWidth) / (rows * line.column.size);
    const copied = ((rows + reach) / rows) * planes * (copyCost / (channels.taps * m.size));
    const cost = computed + copied + fewItems * Math.max(0, Math.log2(wantedItems / items));
    if (cost < least) [best, least] = [{ ...channels, rows, pitch }, cost];
  }
  return best;
}

/** The columns of an item: whole rows, with what is between them, and the first of the rows. */
export interface Rows extends Tiled {
  readonly first: Affine;
}

export function rowsOf({ window, n }: Windowed, { rows, pitch }: Windows): Rows {
  const [x, y] = window.axes.toReversed().map((axis) => axis.column);
  const b: Blocks | null = y ? blocks(y, rows) : null;
  const within = b ? [b.within] : [];
  const inner = [...within, x].filter((v) => v.size > 1).map((v): Level => ({ v, kind: "serial" }));
  const size = (rows - 1) * pitch + x.size;
  return {
    outer: n.flatMap((v) => (v === x ? [] : v === y && b ? [b.block].filter((o) => o.size > 1) : [v])),
    inner,
    to: new Map(y && b ? [[y, b.value]] : []),
    size,
    count: constant(size),
    flat: add(b ? scale(variable(b.within), pitch) : constant(0), variable(x)),
    first: b ? scale(variable(b.block), rows) : constant(0),
  };
}

/** The factors of an item: its weights where they lie, and the rows of images in scratch memory. */
export interface Pixels {
  readonly filling: Filling;
  a(row: Affine, channel: Affine, tap: number): Expr;
  b(channel: Affine, column: Affine, tap: number): Expr;
}

/** `computed`: how many columns there are with those of the last tile that are too many. `k`: blocks of channels. */
export function pixelsOf(
  { window: { axes, channel, source }, a, m }: Windowed,
  { rows, pitch }: Windows,
  { n, k, computed, row }: { readonly n: Rows; readonly k: Tiled; readonly computed: number; readonly row: Blocks },
  scratches: Scratches,
): Pixels {
  const last = axes.length - 1;
  // As many rows as are computed, one of each axis before, and whole lines.
  const parts = axes.map(({ tap, dilation, at, column }, i) => {
    const reach = dilation * (tap.size - 1) + (i === last - 1 ? rows : 1);
    const v: Var = { name: `p${i}`, size: i === last ? at.size : reach };
    const first = i === last ? constant(0) : i === last - 1 ? n.first : variable(column);
    return { v, value: add(first, variable(v)), length: i === last ? pitch : v.size };
  });
  const steps = parts.map((_, i) => parts.slice(i + 1).reduce((size, { length }) => size * length, 1));
  const plane = steps[0] * parts[0].length;
  const taps = axes.reduce<number[][]>(
    (all, { tap }) => all.flatMap((at) => Array.from({ length: tap.size }, (_, t) => [...at, t])),
    [[]],
  );
  const offsets = taps.map((at) => at.reduce((sum, t, i) => sum + t * axes[i].dilation * steps[i], 0));

  const [level] = k.inner;
  const size = (k.size - 1) * plane + Math.max(plane + axes[last].at.size - pitch, Math.max(...offsets) + computed);
  const array = scratches.add("float32", size);
  const places = new Map([...axes.map(({ at }, i) => [at, parts[i].value] as const), ...k.to]);
  const index = parts.reduce((flat, { v }, i) => add(flat, scale(variable(v), steps[i])), scale(k.flat, plane));
  return {
    filling: filled(
      { array, dtype: "float32", size },
      [...(level ? [level] : []), ...parts],
      new Rewriter((v) => places.get(v)).expr(source),
      index,
    ),
    a: (at, c, tap) => {
      const value = new Map<Var, Affine>(axes.map((x, i) => [x.tap, constant(taps[tap][i])]));
      value.set(m, new Rewriter((v) => (v === row.within ? at : undefined)).affine(row.value));
      const depth = k.to.get(channel);
      if (depth) value.set(channel, new Rewriter((v) => (v === level?.v ? c : undefined)).affine(depth));
      return new Rewriter((v) => value.get(v)).expr(a);
    },
    b: (c, column, tap) => load(array, add(add(scale(c, plane), constant(offsets[tap])), column), "float32"),
  };
}
