/** What a product copies: blocks of its factors into scratch, and its sums to where they belong. */
import { add, constant, scale, variable } from "../../graph/affine.ts";
import { type DType, dtypes } from "../../graph/dtype.ts";
import type { Affine, Expr, Var } from "../../graph/expr.ts";
import { areOne, asOne, hides, laneAxis, usesOf } from "../axes.ts";
import { type Context, type Level, nest } from "../bind.ts";
import { load } from "../element.ts";
import { type Contract, Rewriter, type Stage, visit } from "../kernel.ts";
import type { Stmt } from "../loops.ts";
import type { Block } from "./products.ts";
import type { Tiled } from "./tiles.ts";

type Store = Extract<Stmt, { op: "store" }>;

/** Copies a block into scratch, with lanes along the axis that suits what is read. */
export function pack(
  into: number,
  to: DType,
  value: Expr,
  outer: readonly Level[],
  inner: readonly Level[],
  index: Affine,
  lanes: number,
): readonly Stmt[] {
  return looped([{ op: "store", buffer: into, index, to, value }], [...outer, ...inner], lanes);
}

/** Stores in loops that are as few as can be, with lanes along the axis that suits what is read and written. */
function looped(stores: readonly Store[], levels: readonly Level[], lanes: number): readonly Stmt[] {
  const joined = merged(
    levels,
    stores.map((s) => s.value),
    stores.map((s) => s.index),
  );
  const { rewriter } = joined;
  const final = stores.map((s): Store => ({ ...s, index: rewriter.affine(s.index), value: rewriter.expr(s.value) }));
  const uses = usesOf(
    final.map((s) => s.value),
    final.map((s) => s.index),
  );
  const along = (v: Var): boolean => final.every((s) => s.index.terms.get(v) === 1);
  // Of two ways that cost the same, the one that reads whole vectors, and so each cache line less often.
  const axes = joined.levels.map((l) => l.v);
  const lane = laneAxis([...axes.filter(along), ...axes.filter((v) => !along(v))], uses, lanes);
  const others = joined.levels.filter((l) => l.v !== lane);
  const vector = joined.levels.filter((l) => l.v === lane).map((l): Level => ({ ...l, kind: "vector" }));
  const last = others.at(-1);
  if (lane && last && !along(lane) && along(last.v)) return turned(final, others, vector[0], lanes);
  return nest([...others, ...vector], final);
}

/** Vectors that are read side by side when a copy turns rows into columns: together they are a cache line of float32. */
const vectors = 4;

/** A copy with lanes along what is read. The innermost loop runs along what is written, which would wait otherwise. */
function turned(stores: readonly Store[], others: readonly Level[], lane: Level, lanes: number): readonly Stmt[] {
  const [outer, last] = [others.slice(0, -1), others.slice(-1)];
  const step = vectors * lanes;
  if (lane.limit || lane.v.size % step > 0) return nest([...outer, lane, ...last], stores);
  const line: Var = { name: "line", size: lane.v.size / step };
  const one: Var = { name: "lane", size: lanes };
  const body = Array.from({ length: vectors }, (_, u) => {
    const value = add(scale(variable(line), step), add(constant(u * lanes), variable(one)));
    const rewriter = new Rewriter((v) => (v === lane.v ? value : undefined));
    return stores.map((s): Store => ({ ...s, index: rewriter.affine(s.index), value: rewriter.expr(s.value) }));
  });
  return nest(
    [...outer, { v: line, kind: "serial" }, ...last],
    [{ op: "for", kind: "vector", v: one, body: body.flat() }],
  );
}

/** Joins neighbouring loops that all indices walk as one. */
function merged(
  levels: readonly Level[],
  exprs: readonly Expr[],
  stores: readonly Affine[],
): { levels: Level[]; rewriter: Rewriter } {
  const to = new Map<Var, Affine>();
  const rewriter = (): Rewriter => {
    const resolve = (v: Var): Affine | undefined => {
      const a = to.get(v);
      return a && new Rewriter(resolve).affine(a);
    };
    return new Rewriter(resolve);
  };
  const now = [...levels];
  for (let i = now.length - 2; i >= 0; i--) {
    const [a, b] = [now[i], now[i + 1]];
    if (b.limit) continue;
    const r = rewriter();
    const uses = usesOf(
      exprs.map((e) => r.expr(e)),
      stores.map((s) => r.affine(s)),
    );
    if (!areOne(a.v, b.v, uses)) continue;
    const both: Var = { name: `${a.v.name}_`, size: a.v.size * b.v.size };
    for (const [v, value] of asOne(a.v, b.v, both)) to.set(v, value);
    now.splice(i, 2, { v: both, kind: "serial", limit: a.limit && scale(a.limit, b.v.size) });
  }
  return { levels: now, rewriter: rewriter() };
}

/** What the maps that joined a product make of a sum, and where that is stored. */
function results(kernel: Contract, context: Context, rewriter: Rewriter, sum: Expr): Store[] {
  const made = new Map<number, Stage>(kernel.stages.map((s) => [s.value, s]));
  const forward: Rewriter = new Rewriter(
    () => undefined,
    (e) => {
      if (e.op !== "load") return undefined;
      if (e.buffer === kernel.value) return sum;
      const s = made.get(e.buffer);
      return s && forward.expr(rewriter.expr(s.expr));
    },
  );
  const store = (value: number, index: Affine, expr: Expr): Store[] =>
    context.isKept(value)
      ? [{ op: "store", buffer: value, index: rewriter.affine(index), to: context.values[value].dtype, value: expr }]
      : [];
  return [
    ...store(kernel.value, kernel.index, sum),
    ...kernel.stages.flatMap((s) => store(s.value, s.index, forward.expr(rewriter.expr(s.expr)))),
  ];
}

/** Carries the sums to memory, through the maps that joined the product. */
export function epilogue(
  kernel: Contract,
  context: Context,
  rewriter: Rewriter,
  sums: number,
  pitch: number,
  rows: Level,
  n: Tiled,
): readonly Stmt[] {
  const sum = load(sums, add(scale(variable(rows.v), pitch), n.flat), kernel.sums);
  return looped(results(kernel, context, rewriter, sum), [rows, ...n.inner], context.lanes);
}

/** Operations that a tile of registers can do with its sums and still have room for them. */
const light: ReadonlySet<string> = new Set(["load", "local", "const", "arg", "add", "sub", "mul", "max", "min"]);

/** Rows of a tile that lie a multiple of so many bytes apart push each other, and sums of earlier turns, out of caches. */
const farApart = 8192;

/**
 * The same for a vector of sums in registers; null where they go to memory first: where a block of columns is not whole
 * tiles, where lanes do not lie side by side or rows lie badly, and where the maps take registers.
 */
export function finisher(
  kernel: Contract,
  context: Context,
  rewriter: Rewriter,
  row: Var,
  n: Tiled,
  { tileWidth, turns }: { readonly tileWidth: number; readonly turns: number },
): Block["finish"] {
  const [columns, more] = n.inner;
  if (!columns || more || columns.limit || n.size % tileWidth !== 0) return null;
  const { v } = columns;
  const sum: Expr = { op: "local", name: "sum", dtype: kernel.sums };
  const stores = results(kernel, context, rewriter, sum);
  const isBeside = (index: Affine, least: 0 | 1): boolean => {
    const step = index.terms.get(v) ?? 0;
    return step >= least && step <= 1 && !hides(index, v);
  };
  let isLight = stores.every(({ index, to }) => {
    const step = (index.terms.get(row) ?? 0) * dtypes[to].bytes;
    return isBeside(index, 1) && (turns === 1 || step % farApart !== 0);
  });
  const exprs = stores.map((s) => s.value);
  visit(exprs, (e) => {
    if (!light.has(e.op) || (e.op === "load" && !isBeside(e.index, 0))) isLight = false;
  });
  if (!isLight) return null;
  return (r, column, value) => {
    const at = new Rewriter(
      (x) => (x === row ? r : x === v ? column : undefined),
      (e) => (e === sum ? value : undefined),
    );
    return stores.map((s): Store => ({ ...s, index: at.affine(s.index), value: at.expr(s.value) }));
  };
}
