/**
 * Matrix products and convolutions on a CPU (Goto & van de Geijn 2008). An item computes all rows of a block of
 * columns: it packs a block of `b` into scratch, as rows of columns, and multiplies it, tile of registers by tile, into
 * a block of sums in scratch; when `k` is exhausted, the epilogue's maps carry the sums to where they belong. Packing
 * is where views, padding and transposition disappear, and the scratch blocks are where edges do.
 */
import { add, constant, scale, variable } from "../../graph/affine.ts";
import type { DType } from "../../graph/dtype.ts";
import type { Affine, Bound, Expr, Var } from "../../graph/expr.ts";
import { blocks } from "../axes.ts";
import { bind, type Context, type Level, nest, Scratches } from "../bind.ts";
import { load } from "../element.ts";
import { type Contract, Rewriter } from "../kernel.ts";
import type { LoopKernel, Stmt } from "../loops.ts";
import { mostRuns } from "../order.ts";
import { mostTileRows, tileColumns } from "../vector-ir.ts";
import { epilogue, finisher, pack } from "./copies.ts";
import { factorsOf } from "./factors.ts";
import { type Block, carry, clear, multiply, runLength, wide } from "./products.ts";
import { liesInRows, multiplyTiles } from "./tile-products.ts";
import { columnsOf, type Tiled, tile, tileFirst } from "./tiles.ts";
import { channelsOf, mostSums, pixelsOf, rowsOf, type Windowed, windowsOf } from "./windows.ts";

/** How much of `k` is packed at a time: together with the columns a block of at least 128 KiB, in the second-level cache. */
export const blockDepth = 256;
/** Items wanted, and the fewest rows for which packing a block of columns again is worth an item of its own. */
const wantedItems = 16;
const leastRows = 32;
/** Columns of a block of a product with so many rows that packing a block again costs more than narrow blocks do. */
const tallRows = 256;
const tallColumns = 64;
/** Elements of `a` that stay in the second-level cache until all columns of a block have met them: 256 KiB. */
const nearElements = 2 ** 16;

export function scheduleContract(kernel: Contract, context: Context): LoopKernel {
  const { lanes } = context;
  const tileWidth = wide * lanes;
  const isTiled = context.tiles.some((type) => type === kernel.factors) && tileWidth === tileColumns;
  // A tile of sums in registers must leave some for a row of `b` and the splats of `a`. WebAssembly needs more room: its
  // engine loads ahead.
  const rows = isTiled ? mostTileRows : context.registers >= 32 ? 8 : lanes >= 8 ? 6 : 4;
  const multiplied = isTiled ? multiplyTiles : multiply;
  const scratches = new Scratches();

  const many = kernel.batch.reduce((items, v) => items * v.size, 1);
  const itemsOf = (n: Tiled): number => n.outer.reduce((items, v) => items * v.size, many);
  const few = tile(kernel.n, columnsOf(kernel.m.size), tileWidth);
  // Where items are missing, narrower blocks of columns are better than packing the same ones for several blocks of rows.
  const isTall = kernel.m.size >= tallRows && itemsOf(few) < wantedItems;
  const windows = windowsOf(kernel, context);
  const rowsOfImages = windows && rowsOf(kernel as Windowed, windows);
  const n = rowsOfImages ?? (isTall ? tile(kernel.n, tallColumns, tileWidth) : few);
  const factors = factorsOf(kernel, context.dots);
  const { type } = factors;
  const channels = factors.dots ? null : channelsOf(kernel);
  const channel = kernel.window?.channel as Var;
  const depths = windows ? factors.k.filter((v) => v === channel) : factors.k;
  const k = channels ? tileFirst(depths, channel, channels.block) : tile(depths, blockDepth);
  const run = channels ? channels.run * (windows ? 1 : channels.taps) : runLength(k.size);
  const fewer = windows ? Math.ceil((kernel.m.size * n.size) / mostSums) : 1;
  const parts = Math.max(fewer, Math.min(Math.round(wantedItems / itemsOf(n)), Math.floor(kernel.m.size / leastRows)));
  const m = blocks(kernel.m, Math.ceil(Math.ceil(kernel.m.size / parts) / rows) * rows);
  const to = new Map<Var, Affine>([...n.to, ...k.to, [kernel.m, m.value]]);
  const rewriter = new Rewriter((v) => to.get(v));

  // A row of the block of columns is padded to whole tiles, and to an odd number of half cache lines, for the sake of
  // the sets of the first-level cache.
  let pitch = Math.ceil(n.size / tileWidth) * tileWidth;
  if (pitch % (2 * tileWidth) === 0) pitch += tileWidth;
  const tilesAcross = Math.ceil(n.size / tileWidth);
  const rowCount = Math.ceil(m.within.size / rows) * rows;
  const sums = scratches.add(kernel.sums, rowCount * pitch);

  const body: Stmt[] = [];
  const depth: Stmt[] = [];
  let b: Block["b"];
  let a: Block["a"];
  if (windows && rowsOfImages) {
    const computed = tilesAcross * tileWidth;
    const pixels = pixelsOf(kernel as Windowed, windows, { n: rowsOfImages, k, computed, row: m }, scratches);
    body.push(...pixels.filling.clear);
    depth.push(...pixels.filling.copy);
    ({ a, b } = pixels);
  } else {
    const packedB = scratches.add(type, k.size * pitch);
    depth.push(
      ...pack(packedB, type, rewriter.expr(factors.b), k.inner, n.inner, add(scale(k.flat, pitch), n.flat), lanes),
    );
    b = (kk, column) => load(packedB, add(scale(kk, pitch), column), type);
    // `a` is read where it lies if its elements along k are evenly spaced, else it is packed too, rows by depth.
    const flat: Var = { name: "kk", size: k.size };
    const found = readDirectly(rewriter.expr(factors.a), type, k, m.within, flat);
    const direct = found && isTiled && !liesInRows(found, flat, m.within) ? null : found;
    if (direct) a = (row, kk) => new Rewriter((v) => (v === m.within ? row : v === flat ? kk : undefined)).expr(direct);
    else {
      const packedA = scratches.add(type, rowCount * k.size);
      const rowLevel: Level = { v: m.within, kind: "serial", limit: m.limit };
      depth.push(
        ...pack(
          packedA,
          type,
          rewriter.expr(factors.a),
          [rowLevel],
          k.inner,
          add(scale(variable(m.within), k.size), k.flat),
          lanes,
        ),
      );
      a = (row, kk) => load(packedA, add(scale(row, k.size), kk), type);
    }
  }

  // Blocks of depth add up in turns, and what some turns came to is carried to other sums.
  const blockCount = k.outer.reduce((count, v) => count * v.size, 1);
  const at = k.outer.reduce((flat, v) => add(scale(flat, v.size), variable(v)), constant(0));
  const turns = Math.min(blockCount, mostRuns);
  const turn = variable({ name: "turn", size: turns, def: { op: "mod", of: at, by: turns } });
  const block: Block = {
    lanes,
    registers: context.registers,
    depth: k.size,
    count: k.count,
    run,
    taps: windows?.taps ?? 1,
    a,
    b,
    type: kernel.sums,
    dots: factors.dots,
    sums,
    index: (row, column) => add(scale(row, pitch), column),
    turn: blockCount > turns ? turn : at,
    turns,
    finish: blockCount > turns ? null : finisher(kernel, context, rewriter, m.within, n, { tileWidth, turns }),
    // Whole numbers are the same in any order.
    parts: isTiled
      ? scratches.add(kernel.sums, rows * tileWidth)
      : kernel.sums === "float32" && k.size > run
        ? scratches.add("float32", rows * tileWidth)
        : null,
  };

  // A column of tiles at a time, so that its part of `b` stays in the first-level cache while rows of `a` stream by: from
  // memory for the first column of tiles, and then from the second-level cache.
  const across: Var = { name: "across", size: tilesAcross };
  const column = scale(variable(across), tileWidth);
  const wholeTiles = Math.floor(m.within.size / rows);
  const near = tilesAcross > 1 ? Math.max(1, Math.round((m.within.size * k.size) / nearElements)) : 1;
  const down = blocks({ name: "down", size: Math.max(1, wholeTiles) }, Math.max(1, Math.ceil(wholeTiles / near)));
  const before = scale(variable(down.block), -down.within.size);
  const whole = m.limit ? add(quotient(m.limit, rows), before) : down.limit;
  const left = kernel.m.size % rows;
  const tiles: Stmt[] = [];
  if (wholeTiles > 0) {
    const levels: Level[] = [{ v: down.within, kind: "serial", limit: whole }];
    tiles.push(...nest(levels, multiplied(block, rows, scale(down.value, rows), column)));
  }
  if (left > 0) {
    const start = kernel.m.size - left - (m.block.size - 1) * m.within.size;
    const bounds = [m.block, down.block].flatMap((v): Bound[] =>
      v.size > 1 ? [{ of: variable(v), lo: v.size - 1, hi: v.size }] : [],
    );
    const rest = multiplied(block, left, constant(start), column);
    tiles.push(...(bounds.length > 0 ? [{ op: "if" as const, bounds, body: rest }] : rest));
  }
  // The last block of columns may have fewer tiles.
  const some = n.count.terms.size > 0 ? quotient(add(n.count, constant(tileWidth - 1)), tileWidth) : undefined;
  const around: Level[] = [
    { v: down.block, kind: "serial" },
    { v: across, kind: "serial", limit: some },
  ];
  depth.push(...nest(around, tiles));
  const size = rowCount * pitch;
  const levels = k.outer.map((v): Level => ({ v, kind: "serial" }));
  let totals = sums;
  if (blockCount === turns) body.push(...nest(levels, depth));
  else {
    totals = scratches.add(kernel.sums, size);
    const bounds: Bound[] = [
      { of: turn, lo: 0, hi: 1 },
      { of: at, lo: 1, hi: blockCount },
    ];
    body.push(...clear(totals, kernel.sums, size));
    body.push(...nest(levels, [{ op: "if", bounds, body: carry(sums, totals, kernel.sums, size) }, ...depth]));
    body.push(...carry(sums, totals, kernel.sums, size));
  }
  if (!block.finish) {
    const rowLevel: Level = { v: m.within, kind: "serial", limit: m.limit };
    body.push(...epilogue(kernel, context, rewriter, totals, pitch, rowLevel, n));
  }

  const items: Level[] = [...kernel.batch, ...n.outer, m.block].map((v) => ({ v, kind: "parallel" }));
  return bind("contract", nest(items, body), lanes, scratches, context);
}

/** ⌊a / by⌋ as an index, for a limit. */
function quotient(a: Affine, by: number): Affine {
  return {
    base: 0,
    terms: new Map([[{ name: "whole", size: Number.MAX_SAFE_INTEGER, def: { op: "div", of: a, by } } as Var, 1]]),
  };
}

/** `a` in terms of the flat position `kk` in a block of k, if it is one load that walks k evenly and may be read as it is. */
function readDirectly(a: Expr, type: DType, k: Tiled, m: Var, kk: Var): Expr | null {
  if (a.op !== "load" || a.from !== type) return null;
  for (const v of a.index.terms.keys()) if (v.def) return null;
  let step: number | null = null;
  let size = 1;
  for (const { v } of k.inner.toReversed()) {
    const coef = (a.index.terms.get(v) ?? 0) / size;
    if (step !== null && coef !== step) return null;
    step = coef;
    size *= v.size;
  }
  // Elements far apart would each take a cache line of their own.
  if (step !== null && step > 1 && k.size > 64) return null;
  if (!a.index.terms.has(m) && m.size > 1) return null;
  const inner = new Set(k.inner.map((l) => l.v));
  const index = new Rewriter((v) => (inner.has(v) ? constant(0) : undefined)).affine(a.index);
  return load(a.buffer, add(index, scale(variable(kk), step ?? 0)), type);
}
