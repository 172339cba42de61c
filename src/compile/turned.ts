/** Maps that turn rows into columns: what lies side by side where they read is far apart where they write. */
import { add, constant, scale, variable } from "../graph/affine.ts";
import { dtypes } from "../graph/dtype.ts";
import type { Affine, Var } from "../graph/expr.ts";
import { blocks, hides, intoItems, usesOf } from "./axes.ts";
import { type Context, nest } from "./bind.ts";
import { load } from "./element.ts";
import type { Group } from "./groups.ts";
import { type Loops, Rewriter, type Stage } from "./kernel.ts";
import type { Stmt } from "./loops.ts";
import type { Stages } from "./stages.ts";

/** Vectors of rows that become columns side by side. */
const side = 2;

export interface Turn {
  readonly outer: readonly Var[];
  /** The axis that is written side by side. */
  readonly along: Var;
  /** The axis that is read side by side. */
  readonly across: Var;
  readonly lanes: number;
  /** Of one element, roughly. */
  readonly cost: number;
}

/** The axis that is read side by side, if that is not the one that is written so. */
export function turns(k: Loops, outer: readonly Var[], along: Var, lanes: number): Var | null {
  const exprs = k.stages.map((s) => s.expr);
  const { memory, other } = usesOf(exprs, []);
  const written = k.stages.every((s) => s.index.terms.get(along) === 1);
  if (!written || other.length > 0) return null;
  const strides = (v: Var): number[] => memory.map((a) => (hides(a, v) ? Number.NaN : (a.terms.get(v) ?? 0)));
  const far = strides(along).some((stride) => stride >= 4 * lanes);
  const fits = (v: Var): boolean =>
    v !== along &&
    v.size % (side * lanes) === 0 &&
    strides(v).every((s) => s === 0 || s === 1) &&
    strides(v).includes(1);
  return (far && outer.find(fits)) || null;
}

/** Lanes along what is read, and the innermost loop along what is written, so that both are walked a line at a time. */
export function turned(turn: Turn, context: Context, stages: Stages, group: Group): readonly Stmt[] {
  const { outer, along, across, lanes, cost } = turn;
  const step = side * lanes;
  const line: Var = { name: "line", size: across.size / step };
  const one: Var = { name: "lane", size: lanes };
  const rows = Array.from({ length: side }, (_, u) => add(constant(u * lanes), variable(one)));
  const others = [...outer.filter((v) => v !== along && v !== across), line];
  /** What happens at a row of the lines and, if it is not that of the loops, at a place along it. */
  const stored = (to: ReadonlyMap<Var, Affine>, row: Affine, place?: Affine): Store[] => {
    const axes = new Map(to).set(across, add(scale(to.get(line) ?? variable(line), step), row));
    if (place) axes.set(along, place);
    return stages.inside(group, stages.rewriter(0, axes, "")) as Store[]; // nothing but maps
  };
  const run = group.inside.some((s) => collides(s, across, step, context))
    ? runs.find((n) => along.size % n === 0)
    : undefined;
  if (run === undefined) {
    const { levels, to } = intoItems([...others, along], cost * step, 1);
    return nest(levels, [{ op: "for", kind: "vector", v: one, body: rows.flatMap((row) => stored(to, row)) }]);
  }

  // Rows of columns are first put together in scratch, whose rows do not collide, and then written whole.
  const { block, within, value } = blocks(along, run);
  const { levels, to } = intoItems([...others, block], cost * step * run, 1);
  const place = new Rewriter((v) => to.get(v)).affine(value);
  const pitch = run + 16;
  const scratches = stored(to, rows[0], place).map((s) => stages.scratches.add(s.to, step * pitch));
  const read = rows.flatMap((row) =>
    stored(to, row, place).map(
      (s, i): Store => ({ ...s, buffer: scratches[i], index: add(scale(row, pitch), variable(within)) }),
    ),
  );
  const row: Var = { name: "row", size: step };
  const written = stored(to, variable(row), place).map((s, i): Store => {
    const index = add(scale(variable(row), pitch), variable(within));
    return { ...s, value: load(scratches[i], index, s.to) };
  });
  return nest(levels, [
    ...nest([{ v: within, kind: "serial" }], [{ op: "for", kind: "vector", v: one, body: read }]),
    ...nest([{ v: row, kind: "serial" }], [{ op: "for", kind: "vector", v: within, body: written }]),
  ]);
}

type Store = Extract<Stmt, { op: "store" }>;

/** How many elements of a row are put together in scratch: the first that divides it. */
const runs = [64, 32, 16];

/** Sets of a first-level cache, lines of a set that it surely has, and bytes of a line. */
const [sets, ways, lineBytes] = [64, 8, 64];

/** Whether `count` neighbours on an axis are written so far apart that more of them share a set than it has lines. */
function collides({ value, index }: Stage, axis: Var, count: number, { values, isKept }: Context): boolean {
  const lines = ((index.terms.get(axis) ?? 0) * dtypes[values[value].dtype].bytes) / lineBytes;
  if (!isKept(value) || !Number.isInteger(lines) || lines === 0) return false;
  let distinct = sets;
  for (let rest = lines; distinct > 1 && rest % 2 === 0; rest /= 2) distinct /= 2;
  return count / distinct > ways;
}
