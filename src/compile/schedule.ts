/**
 * Loops kernels → loop IR: which axis becomes lanes, what is an item, and which loops run over what. All of it depends
 * on shapes and on the target only, never on threads or time.
 */
import { add, constant, scale, variable } from "../graph/affine.ts";
import { dtypes } from "../graph/dtype.ts";
import type { Affine, Expr, Var } from "../graph/expr.ts";
import { blocks, intoItems, laneAxis, usesOf } from "./axes.ts";
import { bind, type Context, type Level, nest, Scratches } from "./bind.ts";
import { collapse, untangle } from "./collapse.ts";
import { type Group, Groups } from "./groups.ts";
import { type Local, type Loops, Rewriter, visit } from "./kernel.ts";
import { narrow } from "./legalize.ts";
import type { LoopKernel, Stmt } from "./loops.ts";
import { or, shl } from "./math-build.ts";
import { mostInRow, runsAlongRows } from "./order.ts";
import { cutOf, type Gathered, inRuns } from "./runs.ts";
import { accumulator, type Reduction, Stages } from "./stages.ts";
import { type Filling, filled } from "./templates/margins.ts";
import { turned, turns } from "./turned.ts";
import { hasParts } from "./vector/parts.ts";

/** Vectors side by side when lanes are columns: together they are a cache line of float32. */
const columns = 4;
/** Vectors side by side when lanes run along a long row: so many sums are under way at once. A power of 2. */
const vectors = 4;

export function scheduleLoops(kernel: Loops, context: Context): LoopKernel {
  const k = collapse(untangle(kernel));
  const { lanes } = context;
  const uses = usesOf(
    k.stages.map((s) => s.expr),
    k.stages.filter((s) => s.kind === "map" && context.isKept(s.value)).map((s) => s.index),
  );
  const lane = lanes === 1 ? null : laneAxis(laneCandidates(k), uses, lanes);
  return new Schedule(k, lane, lane ? lanes : 1, context).run();
}

/** Axes that may become lanes: the order of a reduction leaves only its row or the results. */
function laneCandidates(k: Loops): readonly Var[] {
  const { local } = k;
  if (local) return laneCandidates({ ...k, local: undefined }).filter((v) => !local.common.includes(v));
  if (k.inner.size === 0) return k.axes;
  if (runsAlongRows(k)) return k.axes.slice(-1);
  // All lanes go through a loop equally often, so no limit may differ between them.
  const limits = [...k.limits.values()];
  return k.axes.filter((v) => !k.inner.has(v) && !limits.some((l) => l.terms.has(v)));
}

/** Iterations of all loops together. */
const countOf = (levels: readonly Level[]): number => levels.reduce((n, { v }) => n * v.size, 1);

/** The variables of reductions, in copies with these suffixes. */
function gather(reductions: readonly Reduction[], suffixes: readonly string[], lanes: number): Gathered {
  const names = suffixes.flatMap((suffix) =>
    reductions.map(({ value, op, dtype }) => ({ name: `r${value}${suffix}`, op, dtype })),
  );
  return { names, lanes };
}

class Schedule {
  readonly #k: Loops;
  readonly #lane: Var | null;
  readonly #lanes: number;
  readonly #context: Context;
  readonly #groups: readonly Group[];
  readonly #stages: Stages;
  /** The block that the kernel makes for itself. */
  readonly #local: (Filling & Pick<Local, "common">) | null = null;

  constructor(given: Loops, lane: Var | null, lanes: number, context: Context) {
    const scratches = new Scratches();
    let k = given;
    if (given.local) {
      const { value, common, axes, expr } = given.local;
      const { dtype } = context.values[value];
      const size = axes.reduce((n, v) => n * v.size, 1);
      const array = scratches.add(dtype, size);
      const rewriter: Rewriter = new Rewriter(
        () => undefined,
        (e) => (e.op === "load" && e.buffer === value ? { ...e, buffer: array } : undefined),
      );
      k = { ...given, stages: given.stages.map((s) => ({ ...s, expr: rewriter.expr(s.expr) })) };
      this.#local = {
        common,
        ...filled(
          { array, dtype, size },
          axes.map((v) => ({ v })),
          expr,
        ),
      };
    }
    this.#k = k;
    this.#lane = lane;
    this.#lanes = lanes;
    this.#context = context;
    const groups = new Groups(k, (value) => context.isKept(value));
    this.#groups = groups.list;
    const across = lane && !k.inner.has(lane) ? this.#across(lane) : { copies: 1, columns: 1 };
    this.#stages = new Stages(k, groups, { axis: lane, count: lanes, ...across }, context, scratches);
  }

  run(): LoopKernel {
    const { axes, inner } = this.#k;
    const outer = axes.filter((v) => !inner.has(v));
    const lane = this.#lane;
    const work = [...inner].reduce((n, v) => n * v.size, 1) * Math.max(1, this.#k.stages.length);
    const name = inner.size > 0 ? (this.#k.stages.length > 1 ? "rows" : "reduce") : "map";
    let body: readonly Stmt[];
    if (inner.size === 0) body = this.#maps(outer);
    else if (lane && !inner.has(lane)) body = this.#byColumns(outer, lane, work);
    else body = this.#items(outer, work, (to) => this.#rowBody(to));
    return bind(name, body, this.#lanes, this.#stages.scratches, this.#context);
  }

  /** Items, and loops within them: first over the axes that each have a block of the kernel's own, if it has any. */
  #items(
    outer: readonly Var[],
    work: number,
    body: (to: ReadonlyMap<Var, Affine>) => readonly Stmt[],
  ): readonly Stmt[] {
    const local = this.#local;
    if (!local) {
      const { levels, to } = intoItems(outer, work, 1);
      return nest(levels, body(to));
    }
    const [common, rest] = [local.common, outer.filter((v) => !local.common.includes(v))];
    const { levels, to } = intoItems(
      common,
      rest.reduce((n, v) => n * v.size, work),
      1,
    );
    const [items, serial] = (["parallel", "serial"] as const).map((kind) => levels.filter((l) => l.kind === kind));
    const inner = nest(
      rest.map((v) => ({ v, kind: "serial" })),
      body(to),
    );
    const [first, each] = common.some((v) => local.moves.has(v)) ? [[], local.clear] : [local.clear, []];
    return nest(items, [...first, ...nest(serial, [...each, ...replaced(local.copy, to), ...inner])]);
  }

  /** Elements that depend on nothing but each other. */
  #maps(outer: readonly Var[]): readonly Stmt[] {
    const lane = this.#lane;
    const across = lane && turns(this.#k, outer, lane, this.#lanes);
    if (across)
      return turned(
        { outer, along: lane, across, lanes: this.#lanes, cost: this.#cost() },
        this.#context,
        this.#stages,
        this.#groups[0],
      );
    const order = lane ? [...outer.filter((v) => v !== lane), lane] : outer;
    const { levels, to } = intoItems(order, this.#cost(), lane === order.at(-1) ? 16 * this.#lanes : 1);
    const last = levels.at(-1);
    const lanes: Level[] = lane && last ? [...levels.slice(0, -1), { ...last, kind: "vector" }] : levels;
    const two = lane && this.#alternating(outer, lane);
    if (two)
      return nest(
        lanes.filter((l) => l.v !== two),
        this.#pairs(two, to),
      );
    return nest(lanes, this.#stages.inside(this.#groups[0], this.#stages.rewriter(0, to, "")));
  }

  /** An axis of two that lies between the elements of lanes wherever something is stored. */
  #alternating(outer: readonly Var[], lane: Var): Var | undefined {
    if (!hasParts(this.#lanes)) return undefined; // WebAssembly would store lane by lane all the same
    const indices = this.#k.stages.filter((s) => this.#context.isKept(s.value)).map((s) => s.index.terms);
    return outer.find((v) => v.size === 2 && indices.every((terms) => terms.get(lane) === 2 && terms.get(v) === 1));
  }

  /** Both elements are computed before they are stored beside each other, so that they can be stored as whole vectors. */
  #pairs(two: Var, to: ReadonlyMap<Var, Affine>): readonly Stmt[] {
    const both = [0, 1].map((u) =>
      this.#stages.inside(this.#groups[0], this.#stages.rewriter(0, new Map([...to, [two, constant(u)]]), "")),
    );
    const values: Stmt[] = [];
    const stores = both[0].map((_, i) => {
      const pair = both.map((body) => body[i] as Store);
      return wordOf(pair).map((store, u): Stmt => {
        const { dtype } = store.value;
        values.push({ op: "var", name: `v${i}_${u}`, dtype, init: store.value });
        return { ...store, value: { op: "local", name: `v${i}_${u}`, dtype } };
      });
    });
    return [...values, ...stores.flat()];
  }

  /** A rough count of operations of one element. */
  #cost(): number {
    let count = 0;
    visit(
      this.#k.stages.map((s) => s.expr),
      (e) => {
        if ("src" in e || e.op === "load") count++;
      },
    );
    return Math.max(1, Math.min(count / 4, 8));
  }

  /** Lanes run along a row (or there are none): a reduction keeps one partial result per lane, folded at the end. */
  #rowBody(to: ReadonlyMap<Var, Affine>): Stmt[] {
    return this.#groups.flatMap((group, g) => {
      const reductions = group.inside.filter((s) => s.kind === "reduce");
      if (reductions.length > 0 && this.#isLong()) return this.#longRow(group, g, reductions, to);
      const partial = this.#lane !== null;
      const before = reductions.map((s) => accumulator(s, "", partial));
      const loops = this.#rowLoops(group, g, reductions, to);
      const folds = reductions.map((s): Stmt => ({ op: "fold", name: `r${s.value}`, by: s.op }));
      return [...before, ...loops, ...(partial ? folds : []), ...this.#stages.after(group, g, to, "")];
    });
  }

  #rowLoops(group: Group, g: number, reductions: readonly Reduction[], to: ReadonlyMap<Var, Affine>): readonly Stmt[] {
    if (group.inside.length === 0) return [];
    const body = (now: ReadonlyMap<Var, Affine>): Stmt[] =>
      this.#stages.inside(group, this.#stages.rewriter(g, new Map([...to, ...now]), ""));
    const levels = this.#innerLevels(to);
    if (reductions.length === 0) return nest(levels, body(new Map()));
    const lanes = this.#lanes;
    const gathered = gather(reductions, [""], this.#lane ? lanes : 0);
    const row = levels.at(-1);
    if (!this.#lane || !row) return inRuns(levels, cutOf(countOf(levels), 1), gathered, "_", body);
    const inRow = cutOf(Math.ceil(row.v.size / lanes), 1);
    const cut = { ...inRow, run: inRow.run * lanes };
    const each = inRow.levels > 0 ? mostInRow : Math.floor(row.v.size / lanes) + (row.v.size % lanes);
    const others = levels.slice(0, -1);
    return inRuns(others, cutOf(countOf(others), each), gathered, "__", (rows) =>
      inRuns([row], cut, gathered, "_", (now) => body(new Map([...rows, ...now]))),
    );
  }

  /** Whether a row is long enough for several vectors side by side. */
  #isLong(): boolean {
    const lane = this.#lane;
    return lane !== null && lane.size >= 8 * vectors * this.#lanes && this.#k.limits.size === 0;
  }

  /**
   * A loop along a row with several partial results for each reduction, since one alone would wait for itself in every
   * step. They are combined pairwise: a fixed order.
   */
  #longRow(group: Group, g: number, reductions: readonly Reduction[], to: ReadonlyMap<Var, Affine>): Stmt[] {
    const lanes = this.#lanes;
    const lane = this.#lane as Var;
    const step = vectors * lanes;
    const whole: Var = { name: "whole", size: Math.floor(lane.size / step) };
    const one: Var = { name: "lane", size: lanes };
    const rest: Var = { name: "rest", size: lane.size % step };
    const copies = Array.from({ length: vectors }, (_, u) => `_${u}`);
    const copy = (suffix: string, value: Affine, now: ReadonlyMap<Var, Affine>): Stmt[] =>
      this.#stages.inside(group, this.#stages.rewriter(g, new Map([...to, ...now, [lane, value]]), ""), suffix);
    const gathered = gather(reductions, copies, lanes);
    const inRow = cutOf(whole.size, 1);
    const left = Math.floor(rest.size / lanes) + (rest.size % lanes);
    const others = this.#innerLevels(to).filter((l) => l.v !== lane);
    const rows = cutOf(countOf(others), inRow.levels > 0 ? mostInRow : whole.size + left);
    const loops = inRuns(others, rows, gathered, "__", (now) => {
      const main = inRuns([{ v: whole, kind: "serial" }], inRow, gathered, "_", (at) => {
        const start = scale(at.get(whole) ?? variable(whole), step);
        const body = copies.flatMap((suffix, u) =>
          copy(suffix, add(start, add(constant(u * lanes), variable(one))), now),
        );
        return [{ op: "for", kind: "vector", v: one, body }];
      });
      if (rest.size === 0) return main;
      const last = copy(copies[0], add(constant(whole.size * step), variable(rest)), now);
      return [...main, { op: "for", kind: "vector", v: rest, body: last }];
    });
    return [
      ...reductions.flatMap((s) => copies.map((suffix) => accumulator(s, suffix, true))),
      ...loops,
      ...reductions.flatMap((s) =>
        copies.map((suffix): Stmt => ({ op: "fold", name: `r${s.value}${suffix}`, by: s.op })),
      ),
      ...reductions.map((s): Stmt => {
        let parts = copies.map((suffix): Expr => ({ op: "local", name: `r${s.value}${suffix}`, dtype: s.dtype }));
        for (; parts.length > 1; )
          parts = Array.from({ length: parts.length / 2 }, (_, i) => ({
            op: s.op,
            src: [parts[2 * i], parts[2 * i + 1]],
            dtype: s.dtype,
          }));
        return { op: "var", name: `r${s.value}`, dtype: s.dtype, init: parts[0] };
      }),
      ...this.#stages.after(group, g, to, ""),
    ];
  }

  #innerLevels(to: ReadonlyMap<Var, Affine>): Level[] {
    const limit = (v: Var): Affine | undefined => {
      const l = this.#k.limits.get(v);
      return l && new Rewriter((t) => to.get(t)).affine(l);
    };
    const inner = this.#k.axes.filter((v) => this.#k.inner.has(v));
    const order = inner.filter((v) => v !== this.#lane);
    const levels = order.map((v): Level => ({ v, kind: "serial", limit: limit(v) }));
    const lane = this.#lane;
    return lane && this.#k.inner.has(lane) ? [...levels, { v: lane, kind: "vector", limit: limit(lane) }] : levels;
  }

  /** How many copies of columns walk down together, and the columns of each: vectors, or rows if they are short. */
  #across(lane: Var): { copies: number; columns: number } {
    if (lane.size >= columns * this.#lanes) return { copies: columns, columns: this.#lanes };
    const last = this.#lastApart(lane);
    // All go through a loop together, so no limit may differ between them.
    const differ = last !== undefined && [...this.#k.limits.values()].some((l) => l.terms.has(last));
    const copies = last && !differ ? ([4, 3, 2].find((n) => last.size % n === 0) ?? 1) : 1;
    return { copies, columns: lane.size };
  }

  /** The last axis of results that is neither lanes nor one of those that have a block of the kernel's own. */
  #lastApart(lane: Var): Var | undefined {
    const { axes, inner, local } = this.#k;
    return axes.findLast((v) => v !== lane && !inner.has(v) && !local?.common.includes(v));
  }

  /** Lanes are columns: each has its own results, and several vectors of columns walk down together. */
  #byColumns(outer: readonly Var[], lane: Var, work: number): readonly Stmt[] {
    const lanes = this.#lanes;
    if (lane.size < columns * lanes) return this.#byFewColumns(outer, lane, work);
    const { block, within, limit, value } = blocks(lane, columns * lanes);
    const others = outer.filter((v) => v !== lane);
    return this.#items([...others, block], work * within.size, (to) => {
      const first = to.get(block) ?? variable(block);
      const start = new Rewriter((v) => (v === block ? first : v === within ? constant(0) : undefined)).affine(value);
      const at = (value: Affine): Map<Var, Affine> => new Map([...to, [lane, value]]);
      const one: Var = { name: "lane", size: lanes };
      const whole: Stmt[] = [
        {
          op: "for",
          kind: "vector",
          v: one,
          body: this.#columnBody(
            Array.from({ length: columns }, (_, u) => at(add(start, add(constant(u * lanes), variable(one))))),
          ),
        },
      ];
      const rest = (most: number, end: Affine | undefined): Stmt[] => {
        const v: Var = { name: "lane", size: most };
        return [...nest([{ v, kind: "vector", limit: end }], this.#columnBody([at(add(start, variable(v)))]))];
      };
      if (!limit) return whole;
      const end = add(constant(lane.size), scale(start, -1));
      const full: Stmt = { op: "if", bounds: [{ of: start, lo: 0, hi: lane.size - columns * lanes + 1 }], body: whole };
      const part: Stmt = {
        op: "if",
        bounds: [{ of: start, lo: lane.size - columns * lanes + 1, hi: lane.size }],
        body: rest(columns * lanes - 1, end),
      };
      return [full, part];
    });
  }

  /** The lanes are all the columns of a row, and what walks down together are columns of several rows. */
  #byFewColumns(outer: readonly Var[], lane: Var, work: number): readonly Stmt[] {
    const others = outer.filter((v) => v !== lane);
    const last = this.#lastApart(lane);
    const { copies: rows } = this.#across(lane);
    const block: Var = { name: "rows", size: last ? last.size / rows : 1 };
    const v: Var = { name: "lane", size: lane.size };
    return this.#items([...others.filter((o) => o !== last), block], work * lane.size * rows, (to) => {
      const copies = Array.from({ length: rows }, (_, u) => {
        const row = add(scale(to.get(block) ?? variable(block), rows), constant(u));
        return new Map([...to, [lane, variable(v)], ...(last ? [[last, row] as const] : [])]);
      });
      return nest([{ v, kind: "vector" }], this.#columnBody(copies));
    });
  }

  /** `at`: what the axes are in each of the copies that stand side by side. */
  #columnBody(at: readonly ReadonlyMap<Var, Affine>[]): Stmt[] {
    const [to] = at;
    return this.#groups.flatMap((group, g) => {
      const copies = at.map((axes, u) => ({ to: axes, suffix: at.length > 1 ? `_${u}` : "" }));
      const before = copies.flatMap(({ suffix }) =>
        group.inside.flatMap((s) => (s.kind === "reduce" ? [accumulator(s, suffix, false)] : [])),
      );
      const body = (now: ReadonlyMap<Var, Affine>): Stmt[] =>
        copies.flatMap((c, u) =>
          this.#stages.inside(group, this.#stages.rewriter(g, new Map([...c.to, ...now]), c.suffix, u), c.suffix, u),
        );
      const levels = this.#innerLevels(to);
      const reductions = group.inside.filter((s) => s.kind === "reduce");
      const gathered = gather(
        reductions,
        copies.map((c) => c.suffix),
        0,
      );
      const cut = reductions.length > 0 ? cutOf(countOf(levels), 1) : { run: 0, levels: 0 };
      const loops = group.inside.length === 0 ? [] : inRuns(levels, cut, gathered, "_", body);
      return [...before, ...loops, ...copies.flatMap((c) => this.#stages.after(group, g, c.to, c.suffix))];
    });
  }
}

type Store = Extract<Stmt, { op: "store" }>;

/** Statements of a copy, over other variables. */
function replaced(body: readonly Stmt[], to: ReadonlyMap<Var, Affine>): readonly Stmt[] {
  const rewriter = new Rewriter((v) => to.get(v));
  const statement = (s: Stmt): Stmt => {
    if (s.op === "for") return { ...s, body: s.body.map(statement) };
    if (s.op === "if")
      return { ...s, bounds: s.bounds.map((b) => ({ ...b, of: rewriter.affine(b.of) })), body: s.body.map(statement) };
    return s.op === "store" ? { ...s, index: rewriter.affine(s.index), value: rewriter.expr(s.value) } : s;
  };
  return body.map(statement);
}

/** Two elements of 2 bytes that make a word, as the store of that; any others as they are. */
function wordOf(pair: readonly Store[]): readonly Store[] {
  const [{ to, index, value }, second] = pair;
  if (dtypes[to].bytes !== 2 || [index.base, ...index.terms.values()].some((n) => n % 2 !== 0)) return pair;
  const halves = { base: index.base / 2, terms: new Map([...index.terms].map(([v, by]) => [v, by / 2])) };
  const word = or(narrow(value, to), shl(narrow(second.value, to), 16));
  return [{ ...pair[0], index: halves, to: "int32", value: word }];
}
