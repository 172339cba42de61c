/**
 * Long reductions in runs, so that rounding errors do not grow with their length: what a run came to is combined with
 * what others did, and so on up. Where a run ends depends on the place in the order of the elements only (order.ts).
 */
import { add, constant, scale, variable } from "../graph/affine.ts";
import type { Affine, Compute, Expr, Var } from "../graph/expr.ts";
import { type Level, nest } from "./bind.ts";
import { identityOf } from "./element.ts";
import type { Fold, Stmt } from "./loops.ts";
import { mostInRow, mostRuns, mostWhole } from "./order.ts";

/** Variables in which the iterations of some loops are combined, each by its operation. */
export interface Gathered {
  readonly names: readonly { readonly name: string; readonly op: Fold; readonly dtype: Compute }[];
  /** The lanes that each has; 0 where it stands in a loop over lanes, or there are none. */
  readonly lanes: number;
}

/** How the iterations of loops are cut into runs. */
export interface Cut {
  /** Iterations of a run. */
  readonly run: number;
  /** How many levels of sums there are above that of a run; 0 where one run is all. */
  readonly levels: number;
}

/** How to cut `count` iterations, each of which combines `each` elements one after the other. */
export function cutOf(count: number, each: number): Cut {
  if (count === 1 || count * each <= mostWhole) return { run: count, levels: 0 };
  const run = Math.max(1, Math.floor(mostInRow / each));
  let levels = 1;
  for (let runs = Math.ceil(count / run); runs > mostRuns; runs = Math.ceil(runs / mostRuns)) levels++;
  return { run, levels };
}

/**
 * Loops around `body`, which is given what their variables are. What it combines in `gathered` is in the same variables
 * in the end. `key` tells the variables of one cut from those of another around it.
 */
export function inRuns(
  levels: readonly Level[],
  { run, levels: above }: Cut,
  gathered: Gathered,
  key: string,
  body: (to: ReadonlyMap<Var, Affine>) => readonly Stmt[],
): readonly Stmt[] {
  if (above === 0) return nest(levels, body(new Map()));
  const sums = new Sums(gathered, key, above);
  const loops =
    levels.length === 1 ? nested(levels[0], run, above, sums, body) : counted(levels, run, above, sums, body);
  return [...sums.begin(), ...loops, ...sums.end()];
}

/** Loops in loops: each run is one, and so is what holds some of them. */
function nested(
  { v, kind, limit }: Level,
  run: number,
  above: number,
  sums: Sums,
  body: (to: ReadonlyMap<Var, Affine>) => readonly Stmt[],
): readonly Stmt[] {
  const within: Var = { name: `${v.name}r`, size: run };
  // With a limit of its own, a run at the end that is shorter stands by itself: no run goes beyond `v`.
  const runs = limit ? Math.floor(v.size / run) : Math.ceil(v.size / run);
  const outer: { v: Var; limit: Affine | undefined }[] = [];
  let number = constant(0);
  const sizes = [runs];
  while (sizes.length < above) sizes.push(Math.ceil(sizes[sizes.length - 1] / mostRuns));
  for (let level = above - 1; level >= 0; level--) {
    const size = level === above - 1 ? sizes[level] : mostRuns;
    const start = scale(number, mostRuns);
    const short = level < above - 1 && sizes[level] % mostRuns > 0;
    const w: Var = { name: `${v.name}r${level + 1}`, size };
    outer.unshift({ v: w, limit: short ? add(constant(sizes[level]), scale(start, -1)) : undefined });
    number = add(start, variable(w));
  }
  const start = scale(number, run);
  const short = !limit && v.size % run > 0 ? add(constant(v.size), scale(start, -1)) : undefined;
  const end = limit ? add(limit, scale(start, -1)) : short;
  let loops = nest([{ v: within, kind, limit: end }], body(new Map([[v, add(start, variable(within))]])));
  for (const [level, o] of outer.entries()) loops = nest([{ ...o, kind: "serial" }], [...loops, ...sums.carry(level)]);
  const rest: Var = { name: `${v.name}s`, size: v.size - runs * run };
  if (!limit || rest.size === 0) return loops;
  const from = constant(runs * run);
  const last = body(new Map([[v, add(from, variable(rest))]]));
  return [...loops, ...nest([{ v: rest, kind, limit: add(limit, scale(from, -1)) }], last)];
}

/** Several loops that are not one: a run ends where the count of iterations says so. */
function counted(
  levels: readonly Level[],
  run: number,
  above: number,
  sums: Sums,
  body: (to: ReadonlyMap<Var, Affine>) => readonly Stmt[],
): readonly Stmt[] {
  const done = levels.reduce((flat, { v }) => add(scale(flat, v.size), variable(v)), constant(0));
  let carries: readonly Stmt[] = [];
  for (let level = above - 1; level >= 0; level--) {
    const by = run * mostRuns ** level;
    const left: Var = { name: "left", size: by, def: { op: "mod", of: add(done, constant(1)), by } };
    const bounds = [{ of: variable(left), lo: 0, hi: 1 }];
    carries = [{ op: "if", bounds, body: [...sums.carry(level), ...carries] }];
  }
  return nest(levels, [...body(new Map()), ...carries]);
}

/** The variables of a run, and those above it. */
class Sums {
  readonly #gathered: Gathered;
  readonly #key: string;
  readonly #above: number;

  constructor(gathered: Gathered, key: string, above: number) {
    this.#gathered = gathered;
    this.#key = key;
    this.#above = above;
  }

  #name(name: string, level: number): string {
    return level === 0 ? name : `${name}${this.#key}${level}`;
  }

  begin(): Stmt[] {
    const { names, lanes } = this.#gathered;
    return names.flatMap(({ name, op, dtype }) =>
      Array.from({ length: this.#above }, (_, i): Stmt => {
        return { op: "var", name: this.#name(name, i + 1), dtype, init: identityOf(op, dtype), partial: lanes > 0 };
      }),
    );
  }

  /** Combines what a level came to with what is in the next, and begins it anew. */
  carry(level: number): Stmt[] {
    return this.#each(({ name, op, dtype }) => {
      const [from, to] = [this.#name(name, level), this.#name(name, level + 1)];
      const src = [to, from].map((local): Expr => ({ op: "local", name: local, dtype }));
      return [
        { op: "set", name: to, value: { op, src, dtype } },
        { op: "set", name: from, value: identityOf(op, dtype) },
      ];
    });
  }

  /** What is left on each level goes up, and what comes of it to where it is expected. */
  end(): Stmt[] {
    const up = Array.from({ length: this.#above }, (_, level) => this.carry(level));
    const down = this.#each(({ name, dtype }) => [
      { op: "set", name, value: { op: "local", name: this.#name(name, this.#above), dtype } },
    ]);
    return [...up.flat(), ...down];
  }

  /** Partial variables are set in two steps: their lanes, and what did not fill a vector. */
  #each(make: (one: Gathered["names"][number]) => Stmt[]): Stmt[] {
    const { names, lanes } = this.#gathered;
    const all = names.flatMap(make);
    return lanes > 0 ? [{ op: "for", kind: "vector", v: { name: "lane", size: lanes }, body: all }, ...all] : all;
  }
}
