/**
 * The innermost part of a product on a machine with tiles. A block of depth is summed in tiles, by runs of as many words as
 * a tile is deep; what comes out of them lies in scratch, and goes on from there as the sums of registers do.
 */
import { add, constant, scale, variable } from "../../graph/affine.ts";
import type { Affine, Expr, Var } from "../../graph/expr.ts";
import { nest } from "../bind.ts";
import { load } from "../element.ts";
import type { Rows, Stmt } from "../loops.ts";
import { mostTileRows, tileColumns } from "../vector-ir.ts";
import { type Block, type Sums, settle, wide } from "./products.ts";

/** The same as `multiply` of products.ts. */
export function multiplyTiles(block: Block, height: number, top: Affine, column: Affine): Stmt[] {
  const { lanes, type, parts, depth, count } = block;
  if (parts === null) throw new Error("tiles have no place for their sums");
  const none = constant(0);
  const a = rowsOf(block.a(top, none, 0), block.a(add(top, constant(1)), none, 0));
  const b = rowsOf(block.b(none, column, 0), block.b(constant(1), column, 0));
  const to: Rows = { buffer: parts, index: none, pitch: tileColumns };
  const product = (words: number): Stmt => ({ op: "tiles", type, rows: height, depth: words, a, b, to });

  const row: Var = { name: "row", size: height };
  const lane: Var = { name: "lane", size: lanes };
  const cells = Array.from({ length: wide }, (_, j): Sums => {
    const at = add(constant(j * lanes), variable(lane));
    const value = (): Expr => load(parts, add(scale(variable(row), tileColumns), at), type);
    return { row: add(top, variable(row)), column: add(column, at), value };
  });
  return [
    ...ofDepth(count, depth, product),
    ...nest([{ v: row, kind: "serial" }], [{ op: "for", kind: "vector", v: lane, body: settle(block, cells) }]),
  ];
}

/** Tiles are as deep as it is known that they are: the last block of depth may be another than those before. */
function ofDepth(count: Affine, depth: number, product: (words: number) => Stmt): Stmt[] {
  const [term] = count.terms;
  if (!term) return [product(depth)];
  const [v, by] = term;
  const of = variable(v);
  const last = v.size - 1;
  return [
    { op: "if", bounds: [{ of, lo: 0, hi: last }], body: [product(depth)] },
    { op: "if", bounds: [{ of, lo: last, hi: v.size }], body: [product(count.base + by * last)] },
  ];
}

/** Rows in memory, by the first elements of the first and the second. */
function rowsOf(first: Expr, second: Expr): Rows {
  if (first.op !== "load" || second.op !== "load") throw new Error("tiles are loaded");
  const { buffer, index } = first;
  return { buffer, index, pitch: second.index.base - index.base };
}

/** Whether the words of a row lie side by side, and rows so near that instructions can say how far apart they are. */
export function liesInRows(a: Expr, depth: Var, row: Var): boolean {
  if (a.op !== "load") return false;
  const { terms } = a.index;
  return (depth.size === 1 || terms.get(depth) === 1) && Math.abs(terms.get(row) ?? 0) * 4 * mostTileRows < 2 ** 31;
}
