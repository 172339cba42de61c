/**
 * Loops kernels → loop IR: which axis becomes lanes, what is an item, and which stages share a loop. All of it depends
 * on shapes and on the target only, never on threads or time.
 */
import { add, constant, scale, variable } from "../graph/affine.ts";
import type { DType } from "../graph/dtype.ts";
import type { Affine, Expr, Var } from "../graph/expr.ts";
import { areOne, asOne, blocks, intoItems, laneAxis, usesOf } from "./axes.ts";
import { bind, type Context, type Level, nest, Scratches } from "./bind.ts";
import { identityOf, load } from "./element.ts";
import { type Loops, Rewriter, type Stage, visit } from "./kernel.ts";
import { fit } from "./legalize.ts";
import type { LoopKernel, Stmt } from "./loops.ts";

/** Vectors side by side when lanes are columns: together they are a cache line of float32. */
const columns = 4;
/** Vectors side by side when lanes run along a long row: so many sums are under way at once. A power of 2. */
const vectors = 4;

type Reduction = Extract<Stage, { kind: "reduce" }>;

/** The variable in which a reduction is gathered. */
const accumulator = ({ value, op, dtype }: Reduction, suffix: string, partial: boolean): Stmt => ({
  op: "var",
  name: `r${value}${suffix}`,
  dtype,
  init: identityOf(op, dtype),
  partial,
});

export function scheduleLoops(kernel: Loops, context: Context): LoopKernel {
  const k = collapse(untangle(kernel));
  const { lanes } = context;
  const uses = usesOf(
    k.stages.map((s) => s.expr),
    k.stages.filter((s) => s.kind === "map" && context.isKept(s.value)).map((s) => s.index),
  );
  const lane = lanes === 1 ? null : laneAxis(k.axes, uses, lanes);
  return new Schedule(k, lane, lane ? lanes : 1, context).run();
}

/**
 * Cuts axes that indices divide (by the stride of a pooling, say) into quotient and remainder, so that no index has to
 * be divided, and strides can be told.
 */
function untangle(k: Loops): Loops {
  let now = k;
  for (const v of k.axes) {
    const by = divisorOf(now, v);
    if (!by || v.size % by !== 0 || v.size === by || now.limits.size > 0) continue;
    const [quotient, remainder]: Var[] = [
      { name: `${v.name}q`, size: v.size / by },
      { name: `${v.name}r`, size: by },
    ];
    const value = add(scale(variable(quotient), by), variable(remainder));
    now = replaceAxes(now, [v], [quotient, remainder], new Map([[v, value]]));
  }
  return now;
}

/** The least number by which indices divide `v`; null where they do not. */
function divisorOf(k: Loops, v: Var): number | null {
  let least: number | null = null;
  const look = (a: Affine): void => {
    for (const { def } of a.terms.keys()) {
      if (!def || def.op === "data") continue;
      if (def.of.terms.size === 1 && def.of.terms.get(v) === 1) least = Math.min(least ?? def.by, def.by);
      else look(def.of);
    }
  };
  const { memory, other } = usesOf(
    k.stages.map((s) => s.expr),
    k.stages.map((s) => s.index),
  );
  [...memory, ...other].forEach(look);
  return least;
}

/** `k` with neighbouring axes `old` replaced by `fresh`. */
function replaceAxes(k: Loops, old: readonly Var[], fresh: readonly Var[], to: ReadonlyMap<Var, Affine>): Loops {
  const rewriter = new Rewriter((v) => to.get(v));
  const at = k.axes.indexOf(old[0]);
  return {
    ...k,
    axes: [...k.axes.slice(0, at), ...fresh, ...k.axes.slice(at + old.length)],
    inner: new Set([...k.inner].filter((v) => !old.includes(v)).concat(k.inner.has(old[0]) ? fresh : [])),
    stages: k.stages.map((s) => ({ ...s, index: rewriter.affine(s.index), expr: rewriter.expr(s.expr) })),
  };
}

/** Joins neighbouring axes that every index walks as one. */
function collapse(k: Loops): Loops {
  let now = k;
  for (let i = k.axes.length - 2; i >= 0; i--) {
    const [a, b] = [now.axes[i], now.axes[i + 1]];
    if (now.inner.has(a) !== now.inner.has(b) || now.limits.size > 0) continue;
    if (
      !areOne(
        a,
        b,
        usesOf(
          now.stages.map((s) => s.expr),
          now.stages.map((s) => s.index),
        ),
      )
    )
      continue;
    const both: Var = { name: `${a.name}_`, size: a.size * b.size };
    now = replaceAxes(now, [a, b], [both], asOne(a, b, both));
  }
  return now;
}

/** A loop over the inner axes that several stages share; `after` are the maps of the outer axes that follow it. */
interface Group {
  readonly inside: Stage[];
  readonly after: Stage[];
}

class Schedule {
  readonly #k: Loops;
  readonly #lane: Var | null;
  readonly #lanes: number;
  readonly #context: Context;
  readonly #scratches = new Scratches();
  /** From which group on a value can be read. */
  readonly #group = new Map<number, number>();
  readonly #stages: Map<number, Stage>;
  readonly #rows = new Map<number, number>();
  readonly #hosts = new Map<number, Stage | null>();

  constructor(k: Loops, lane: Var | null, lanes: number, context: Context) {
    this.#k = k;
    this.#lane = lane;
    this.#lanes = lanes;
    this.#context = context;
    this.#stages = new Map(k.stages.map((s) => [s.value, s]));
  }

  run(): LoopKernel {
    const groups = this.#grouped();
    const { axes, inner } = this.#k;
    const outer = axes.filter((v) => !inner.has(v));
    const lane = this.#lane;
    const work = [...inner].reduce((n, v) => n * v.size, 1) * Math.max(1, this.#k.stages.length);
    const name = inner.size > 0 ? (this.#k.stages.length > 1 ? "rows" : "reduce") : "map";
    let body: readonly Stmt[];
    if (inner.size === 0) body = this.#maps(outer, groups);
    else if (lane && !inner.has(lane)) body = this.#byColumns(outer, lane, groups, work);
    else {
      const { levels, to } = intoItems(outer, work, 1);
      body = nest(levels, this.#rowBody(groups, to));
    }
    return bind(name, body, this.#lanes, this.#scratches, this.#context);
  }

  // which stages share a loop

  #grouped(): Group[] {
    const { stages } = this.#k;
    const readers = new Map<number, Stage[]>();
    const readyAt = new Map<number, number>();
    const at = new Map<Stage, number>();
    for (const s of stages) {
      let group = 0;
      for (const value of this.#made(s.expr)) {
        group = Math.max(group, readyAt.get(value) ?? 0);
        readers.set(value, [...(readers.get(value) ?? []), s]);
      }
      at.set(s, group);
      readyAt.set(s.value, s.kind === "reduce" ? group + 1 : group);
    }
    // What only later loops read is computed there, and need not be kept.
    for (const s of stages.toReversed()) {
      const users = readers.get(s.value) ?? [];
      if (s.kind === "reduce" || this.#context.isKept(s.value) || users.length === 0) continue;
      const first = Math.min(...users.map((u) => at.get(u) as number));
      if (first > (at.get(s) as number)) at.set(s, first);
    }
    const groups: Group[] = [];
    for (const s of stages) {
      const g = at.get(s) as number;
      while (groups.length <= g) groups.push({ inside: [], after: [] });
      this.#group.set(s.value, g);
      const deep = s.kind === "reduce" || s.level === "inner" || this.#k.inner.size === 0;
      // A map of the outer axes stands after the loop before the first that could read it.
      if (deep) groups[g].inside.push(s);
      else groups[Math.max(g - 1, 0)].after.push(s);
    }
    return groups;
  }

  /** Values of this kernel that an expression reads. */
  #made(e: Expr): Set<number> {
    const found = new Set<number>();
    visit([e], (x) => {
      if (x.op === "load" && this.#stages.has(x.buffer)) found.add(x.buffer);
    });
    return found;
  }

  // one kind of body each

  /** Elements that depend on nothing but each other. */
  #maps(outer: readonly Var[], groups: readonly Group[]): readonly Stmt[] {
    const lane = this.#lane;
    const order = lane ? [...outer.filter((v) => v !== lane), lane] : outer;
    const { levels, to } = intoItems(order, this.#cost(), lane === order.at(-1) ? 16 * this.#lanes : 1);
    const last = levels.at(-1);
    const lanes: Level[] = lane && last ? [...levels.slice(0, -1), { ...last, kind: "vector" }] : levels;
    return nest(lanes, this.#inside(groups[0], this.#rewriter(0, to, "")));
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
  #rowBody(groups: readonly Group[], to: ReadonlyMap<Var, Affine>): Stmt[] {
    return groups.flatMap((group, g) => {
      const reductions = group.inside.filter((s) => s.kind === "reduce");
      if (reductions.length > 0 && this.#isLong()) return this.#longRow(group, g, reductions, to);
      const partial = this.#lane !== null;
      const before = reductions.map((s) => accumulator(s, "", partial));
      const body = this.#inside(group, this.#rewriter(g, to, ""));
      const loops = group.inside.length === 0 ? [] : nest(this.#innerLevels(to), body);
      const folds = reductions.map((s): Stmt => ({ op: "fold", name: `r${s.value}`, by: s.op }));
      return [...before, ...loops, ...(partial ? folds : []), ...this.#after(group, g, to, "")];
    });
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
    const copy = (u: number, value: Affine): Stmt[] =>
      this.#inside(group, this.#rewriter(g, new Map([...to, [lane, value]]), ""), `_${u}`);
    const start = scale(variable(whole), step);
    const body = Array.from({ length: vectors }, (_, u) =>
      copy(u, add(start, add(constant(u * lanes), variable(one)))),
    );
    const main = nest([{ v: whole, kind: "serial" }], [{ op: "for", kind: "vector", v: one, body: body.flat() }]);
    const end = rest.size === 0 ? [] : copy(0, add(constant(whole.size * step), variable(rest)));
    const tail: readonly Stmt[] = rest.size === 0 ? [] : [{ op: "for", kind: "vector", v: rest, body: end }];
    const others = this.#innerLevels(to).filter((l) => l.v !== lane);
    const copies = Array.from({ length: vectors }, (_, u) => `_${u}`);
    return [
      ...reductions.flatMap((s) => copies.map((suffix) => accumulator(s, suffix, true))),
      ...nest(others, [...main, ...tail]),
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
      ...this.#after(group, g, to, ""),
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

  /** Lanes are columns: each has its own results, and several vectors of columns walk down together. */
  #byColumns(outer: readonly Var[], lane: Var, groups: readonly Group[], work: number): readonly Stmt[] {
    const lanes = this.#lanes;
    const { block, within, limit, value } = blocks(lane, columns * lanes);
    const others = outer.filter((v) => v !== lane);
    const { levels, to } = intoItems([...others, block], work * within.size, 1);
    const first = to.get(block) ?? variable(block);
    const start = new Rewriter((v) => (v === block ? first : v === within ? constant(0) : undefined)).affine(value);

    const one: Var = { name: "lane", size: lanes };
    const whole: Stmt[] = [
      {
        op: "for",
        kind: "vector",
        v: one,
        body: this.#columnBody(
          groups,
          to,
          lane,
          Array.from({ length: columns }, (_, u) => add(start, add(constant(u * lanes), variable(one)))),
        ),
      },
    ];
    const rest = (most: number, end: Affine | undefined): Stmt[] => {
      const v: Var = { name: "lane", size: most };
      return [
        ...nest([{ v, kind: "vector", limit: end }], this.#columnBody(groups, to, lane, [add(start, variable(v))])),
      ];
    };
    if (lane.size < columns * lanes) return nest(levels, rest(lane.size, undefined));
    if (!limit) return nest(levels, whole);
    const end = add(constant(lane.size), scale(start, -1));
    const full: Stmt = { op: "if", bounds: [{ of: start, lo: 0, hi: lane.size - columns * lanes + 1 }], body: whole };
    const part: Stmt = {
      op: "if",
      bounds: [{ of: start, lo: lane.size - columns * lanes + 1, hi: lane.size }],
      body: rest(columns * lanes - 1, end),
    };
    return nest(levels, [full, part]);
  }

  #columnBody(groups: readonly Group[], to: ReadonlyMap<Var, Affine>, lane: Var, at: readonly Affine[]): Stmt[] {
    return groups.flatMap((group, g) => {
      const copies = at.map((value, u) => ({
        to: new Map([...to, [lane, value]]),
        suffix: at.length > 1 ? `_${u}` : "",
      }));
      const before = copies.flatMap(({ suffix }) =>
        group.inside.flatMap((s) => (s.kind === "reduce" ? [accumulator(s, suffix, false)] : [])),
      );
      const body = copies.flatMap((c, u) => this.#inside(group, this.#rewriter(g, c.to, c.suffix, u), c.suffix, u));
      const loops = group.inside.length === 0 ? [] : nest(this.#innerLevels(to), body);
      return [...before, ...loops, ...copies.flatMap((c) => this.#after(group, g, c.to, c.suffix))];
    });
  }

  // statements

  #inside(group: Group, rewriter: Rewriter, suffix = "", u = 0): Stmt[] {
    return group.inside.flatMap((s): Stmt[] => {
      const value = rewriter.expr(s.expr);
      if (s.kind === "reduce") {
        const acc: Expr = { op: "local", name: `r${s.value}${suffix}`, dtype: s.dtype };
        return [{ op: "set", name: acc.name, value: { op: s.op, src: [acc, value], dtype: s.dtype } }];
      }
      const to = this.#context.values[s.value].dtype;
      if (this.#context.isKept(s.value))
        return [{ op: "store", buffer: s.value, index: rewriter.affine(s.index), to, value }];
      if (!this.#isReadLater(s.value)) return [];
      const { buffer, index } = this.#row(s.value, rewriter, u);
      return [{ op: "store", buffer, index, to, value }];
    });
  }

  /** Results of reductions and maps of the outer axes: stored where somebody else reads them. */
  #after(group: Group, g: number, to: ReadonlyMap<Var, Affine>, suffix: string): Stmt[] {
    const rewriter = this.#rewriter(g + 1, to, suffix);
    return [...group.inside.filter((s) => s.kind === "reduce"), ...group.after].flatMap((s): Stmt[] => {
      if (!this.#context.isKept(s.value)) return [];
      const value = s.kind === "reduce" ? this.#result(s, suffix) : rewriter.expr(s.expr);
      return [
        {
          op: "store",
          buffer: s.value,
          index: rewriter.affine(s.index),
          to: this.#context.values[s.value].dtype,
          value,
        },
      ];
    });
  }

  /** What a reduction comes to, once its loop is done: as its type can hold it, just as if it had been stored. */
  #result(s: Extract<Stage, { kind: "reduce" }>, suffix: string): Expr {
    const { dtype } = this.#context.values[s.value];
    return fit({ op: "local", name: `r${s.value}${suffix}`, dtype: s.dtype }, dtype);
  }

  /** Whether a loop after its own reads a value. */
  #isReadLater(value: number): boolean {
    return this.#k.stages.some(
      (s) => (this.#group.get(s.value) as number) > (this.#group.get(value) as number) && this.#made(s.expr).has(value),
    );
  }

  /** Where an element of a row of a value is kept until a later loop reads it. */
  #row(value: number, rewriter: Rewriter, u: number): { buffer: number; index: Affine } {
    const host = this.#hostOf(value);
    if (host) return { buffer: host.value, index: rewriter.affine(host.index) };
    let row = this.#rows.get(value);
    if (row === undefined) {
      const size = [...this.#k.inner].reduce((n, v) => n * v.size, 1) * this.#width();
      row = this.#scratches.add(this.#context.values[value].dtype, size);
      this.#rows.set(value, row);
    }
    return { buffer: row, index: this.#rowIndex(rewriter, u) };
  }

  /**
   * A result whose memory can keep the row meanwhile, because it is written only when the row is read for the last time:
   * its cache lines then arrive while there is something to compute.
   */
  #hostOf(value: number): Stage | null {
    const known = this.#hosts.get(value);
    if (known !== undefined) return known;
    const { values } = this.#context;
    const groupOf = (s: Stage): number => this.#group.get(s.value) as number;
    const last = Math.max(...this.#k.stages.filter((s) => this.#made(s.expr).has(value)).map(groupOf));
    const taken = new Set(this.#hosts.values());
    const host = this.#k.stages.find(
      (s) =>
        s.kind === "map" &&
        s.level === "inner" &&
        this.#context.isKept(s.value) &&
        values[s.value].dtype === values[value].dtype &&
        groupOf(s) >= last &&
        !taken.has(s),
    );
    this.#hosts.set(value, host ?? null);
    return host ?? null;
  }

  #width(): number {
    return this.#lane && !this.#k.inner.has(this.#lane) ? columns * this.#lanes : 1;
  }
  #rowIndex(rewriter: Rewriter, u: number): Affine {
    let flat = constant(0);
    for (const v of this.#k.axes) if (this.#k.inner.has(v)) flat = add(scale(flat, v.size), variable(v));
    flat = rewriter.affine(flat);
    if (this.#width() === 1) return flat;
    // Columns of the block lie side by side; the lane is what is left of its index within the block.
    const lane = rewriter.affine(variable(this.#lane as Var));
    const within: Affine = {
      base: u * this.#lanes,
      terms: new Map([...lane.terms].filter(([v]) => v.name === "lane")),
    };
    return add(scale(flat, this.#width()), within);
  }

  /** Puts in place of values of this kernel what they are in loop `g`: a variable, an expression, or a row in scratch. */
  #rewriter(g: number, to: ReadonlyMap<Var, Affine>, suffix: string, u = 0): Rewriter {
    const rewriter: Rewriter = new Rewriter(
      (v) => to.get(v),
      (e) => {
        const s = e.op === "load" ? this.#stages.get(e.buffer) : undefined;
        if (!s || e.op !== "load") return undefined;
        if (s.kind === "reduce") return this.#result(s, suffix);
        const { dtype } = this.#context.values[s.value];
        const here = (this.#group.get(s.value) as number) === g || s.level === "outer";
        if (here) return rewriter.expr(s.expr);
        if (this.#context.isKept(s.value)) return load(s.value, rewriter.affine(s.index), dtype);
        const { buffer, index } = this.#row(s.value, rewriter, u);
        return load(buffer, index, dtype);
      },
    );
    return rewriter;
  }
}

/** Blocks into which a long reduction is cut, and the least work of one. */
const mostBlocks = 64;
const leastBlock = 4096;

/**
 * A reduction of many elements to few is cut in two: blocks are reduced independently, and then their results. The cut
 * depends on the shape only, so that bits do not depend on threads.
 */
export function splitReduction(k: Loops, addValue: (shape: readonly number[], dtype: DType) => number): Loops[] {
  if (k.inner.size === 0 || k.limits.size > 0) return [k];
  const reductions = k.stages.filter((s) => s.kind === "reduce");
  const maps = k.stages.filter((s) => s.kind === "map");
  if (maps.some((s) => s.level === "inner")) return [k];
  const made = new Set(k.stages.map((s) => s.value));
  for (const s of reductions) {
    let depends = false;
    visit([s.expr], (e) => {
      if (e.op === "load" && made.has(e.buffer)) depends = true;
    });
    if (depends) return [k];
  }
  const outer = k.axes.filter((v) => !k.inner.has(v));
  const rows = outer.reduce((n, v) => n * v.size, 1);
  const length = [...k.inner].reduce((n, v) => n * v.size, 1);
  if (rows >= 128 || rows * length < 16 * leastBlock || length < 512) return [k];
  const c = collapse(k);
  const along = [...c.inner].reduce((a, b) => (b.size > a.size ? b : a));
  const wanted = Math.min(mostBlocks, along.size, Math.floor((rows * length) / leastBlock));
  if (wanted < 2) return [k];
  const { block, within, limit, value } = blocks(along, Math.ceil(along.size / wanted));
  const to = new Map([[along, value]]);
  const rewriter = new Rewriter((v) => to.get(v));
  const outerNow = c.axes.filter((v) => !c.inner.has(v));
  const flatOuter = outerNow.reduce((flat, v) => add(scale(flat, v.size), variable(v)), constant(0));
  const rowsNow = outerNow.reduce((n, v) => n * v.size, 1);
  const index = add(scale(variable(block), rowsNow), flatOuter);

  const parts = c.stages.flatMap((s): { stage: Extract<Stage, { kind: "reduce" }>; temporary: number }[] =>
    s.kind === "reduce" ? [{ stage: s, temporary: addValue([block.size, rowsNow], s.dtype) }] : [],
  );
  const first: Loops = {
    kind: "loops",
    axes: [block, ...c.axes.map((v) => (v === along ? within : v))],
    inner: new Set([...c.inner].map((v) => (v === along ? within : v))),
    stages: parts.map(({ stage, temporary }) => ({
      ...stage,
      value: temporary,
      index,
      expr: rewriter.expr(stage.expr),
    })),
    limits: new Map(limit ? [[within, limit]] : []),
  };
  const second: Loops = {
    kind: "loops",
    axes: [block, ...outerNow],
    inner: new Set([block]),
    stages: [
      ...parts.map(({ stage, temporary }): Stage => ({ ...stage, expr: load(temporary, index, stage.dtype) })),
      ...c.stages.filter((s) => s.kind === "map"),
    ],
    limits: new Map(),
  };
  return [first, second];
}
