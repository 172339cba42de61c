/**
 * The innermost part of a product: a tile of registers summed over a block of depth. Runs of products are summed by
 * themselves, then those of a block, then blocks (order.ts), so that errors do not grow with the depth.
 */
import { add, constant, scale, variable } from "../../graph/affine.ts";
import { type DType, dtypes } from "../../graph/dtype.ts";
import type { Affine, Expr, Var } from "../../graph/expr.ts";
import { nest } from "../bind.ts";
import { load } from "../element.ts";
import type { Stmt } from "../loops.ts";
import { literal } from "../math-build.ts";
import { mostInRow } from "../order.ts";

/** Vectors side by side in a tile. */
export const wide = 2;

/** A product of two blocks, whose sums lie in scratch. */
export interface Block {
  readonly lanes: number;
  readonly registers: number;
  /** The most depth of a block, and how much this one has. */
  readonly depth: number;
  readonly count: Affine;
  /** How much of the depth is summed by itself, and how many products there are at each depth: taps of a filter. */
  readonly run: number;
  readonly taps: number;
  /** An element of `a`, and the element of `b` of a lane `lane` columns on. */
  a(row: Affine, k: Affine, tap: number): Expr;
  b(k: Affine, column: Affine, tap: number): Expr;
  /** The type of the sums, and whether factors are groups (factors.ts). */
  readonly type: "float32" | "int32";
  readonly dots: boolean;
  /** Where the sums of blocks are, and where in it. */
  readonly sums: number;
  index(row: Affine, column: Affine): Affine;
  /** Which block of depth it is, of so many whose sums are added up one after the other. */
  readonly turn: Affine;
  readonly turns: number;
  /** What is done with the sum of all of them, instead of leaving it in memory. */
  readonly finish: ((row: Affine, column: Affine, sum: Expr) => readonly Stmt[]) | null;
  /** A tile of scratch memory for the sums of a block; null where it is one run. */
  readonly parts: number | null;
}

/** A cell of the tile of registers: a vector of sums. */
interface Cell {
  readonly i: number;
  readonly j: number;
  readonly name: string;
  /** Whether the sum of its runs has a register too: else it is in memory. */
  readonly kept: boolean;
}

const sum = (a: Expr, b: Expr): Expr => ({ op: "add", src: [a, b], dtype: a.dtype });

/** The sum `c` with the products of `a` and `b`. */
function multiplyAdd({ type: dtype, dots }: Block, a: Expr, b: Expr, c: Expr): Expr {
  if (dots) return { op: "dot", src: [b, a, c], dtype };
  if (dtype === "float32") return { op: "fma", src: [a, b, c], dtype };
  return sum({ op: "mul", src: [a, b], dtype }, c);
}

/** How many products of a block of depth are summed by themselves: as many as divide it, if that is not much fewer. */
export function runLength(depth: number): number {
  const least = Math.ceil(depth / mostInRow);
  for (let runs = least; runs <= 1.5 * least; runs++) if (depth % runs === 0) return depth / runs;
  return Math.ceil(depth / least);
}

/** Adds to the sums of a tile, `height` rows from `top` on, the products of a block of depth. */
export function multiply(block: Block, height: number, top: Affine, column: Affine): Stmt[] {
  const { lanes, registers, depth, count, type, parts } = block;
  const zero = literal(0, type);
  const local = (name: string): Expr => ({ op: "local", name, dtype: type });
  const lane: Var = { name: "lane", size: lanes };
  const rowAt = (i: number): Affine => add(top, constant(i));
  const columnAt = (j: number): Affine => add(column, add(constant(j * lanes), variable(lane)));
  // A tile leaves registers for a row of `b` and two elements of `a`.
  const spare = registers - height * wide - wide - 2;
  const cells = Array.from({ length: height * wide }, (_, c): Cell => {
    const [i, j] = [Math.floor(c / wide), c % wide];
    return { i, j, name: `s${i}_${j}`, kept: c < spare };
  });

  const run = (first: Affine, size: number): Stmt[] => {
    const step: Var = { name: "kk", size };
    const k = add(first, variable(step));
    const limit = count.terms.size > 0 ? add(count, scale(first, -1)) : undefined;
    const products = Array.from({ length: block.taps }, (_, tap) => {
      const as = Array.from({ length: height }, (_, i) => block.a(rowAt(i), k, tap));
      const bs = Array.from({ length: wide }, (_, j) => block.b(k, columnAt(j), tap));
      return cells.map(({ i, j, name }): Stmt => {
        return { op: "set", name, value: multiplyAdd(block, as[i], bs[j], local(name)) };
      });
    });
    return [
      ...cells.map(({ name }): Stmt => ({ op: "var", name, dtype: type, init: zero })),
      ...nest([{ v: step, kind: "serial", limit }], products.flat()),
    ];
  };

  const length = parts === null ? depth : block.run;
  const runs: Var = { name: "run", size: Math.floor(depth / length) };
  let body = run(constant(0), depth);
  let part = (cell: Cell): Expr => local(cell.name);
  if (parts !== null) {
    const at = ({ i, j }: Cell): Affine => add(constant((i * wide + j) * lanes), variable(lane));
    const put = (cell: Cell, value: Expr): Stmt => ({
      op: "store",
      buffer: parts,
      index: at(cell),
      to: type,
      value,
    });
    part = (cell) => (cell.kept ? local(`p${cell.name}`) : load(parts, at(cell), type));
    const begin = cells.map(
      (cell): Stmt => (cell.kept ? { op: "var", name: `p${cell.name}`, dtype: type, init: zero } : put(cell, zero)),
    );
    const end = cells.map((cell): Stmt => {
      const value = sum(part(cell), local(cell.name));
      return cell.kept ? { op: "set", name: `p${cell.name}`, value } : put(cell, value);
    });
    const rest = depth % length;
    body = [
      ...begin,
      ...nest([{ v: runs, kind: "serial" }], [...run(scale(variable(runs), length), length), ...end]),
      ...(rest > 0 ? [...run(constant(runs.size * length), rest), ...end] : []),
    ];
  }
  const sumsOf = cells.map((cell): Sums => ({ row: rowAt(cell.i), column: columnAt(cell.j), value: () => part(cell) }));
  return [{ op: "for", kind: "vector", v: lane, body: [...body, ...settle(block, sumsOf)] }];
}

/** A vector of sums of a block of depth: of a row, and where its first column is. */
export interface Sums {
  readonly row: Affine;
  readonly column: Affine;
  /** A fresh expression each time: in another branch it is another one. */
  readonly value: () => Expr;
}

/** Puts the sums of a block of depth with those of the blocks before, or finishes them if it is the last. */
export function settle(block: Block, cells: readonly Sums[]): Stmt[] {
  const { type, sums, turns, finish } = block;
  const each = (make: (row: Affine, column: Affine, index: Affine, part: Expr) => readonly Stmt[]): Stmt[] =>
    cells.flatMap(({ row, column, value }) => [...make(row, column, block.index(row, column), value())]);
  const keep = (index: Affine, value: Expr): Stmt => ({ op: "store", buffer: sums, index, to: type, value });
  const added = (index: Affine, value: Expr): Expr => sum(load(sums, index, type), value);
  /** What is done in turns `lo` to `hi`. */
  const when = (lo: number, hi: number, body: readonly Stmt[]): readonly Stmt[] => {
    if (lo >= hi) return [];
    return hi - lo === turns ? body : [{ op: "if", bounds: [{ of: block.turn, lo, hi }], body }];
  };
  const last = finish ? turns - 1 : turns;
  return [
    ...when(
      0,
      Math.min(1, last),
      each((_row, _column, index, value) => [keep(index, value)]),
    ),
    ...when(
      1,
      last,
      each((_row, _column, index, value) => [keep(index, added(index, value))]),
    ),
    ...(finish
      ? when(
          last,
          turns,
          each((row, column, index, value) => finish(row, column, turns > 1 ? added(index, value) : value)),
        )
      : []),
  ];
}

/** Fills a scratch array with zeros. */
export function clear(array: number, type: DType, size: number): readonly Stmt[] {
  const v: Var = { name: "zeroed", size };
  return nest(
    [{ v, kind: "vector" }],
    [{ op: "store", buffer: array, index: variable(v), to: type, value: literal(0, dtypes[type].compute) }],
  );
}

/** Adds a scratch array to another. */
export function carry(from: number, to: number, type: DType, size: number): readonly Stmt[] {
  const v: Var = { name: "carried", size };
  const at = variable(v);
  const value = sum(load(to, at, type), load(from, at, type));
  return nest([{ v, kind: "vector" }], [{ op: "store", buffer: to, index: at, to: type, value }]);
}
