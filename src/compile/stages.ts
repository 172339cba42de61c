/** What stands in the loops of a schedule: the statements of its stages, and how they pass on values to each other. */
import { add, constant, scale, variable } from "../graph/affine.ts";
import type { Affine, Expr, Var } from "../graph/expr.ts";
import type { Context, Scratches } from "./bind.ts";
import { identityOf, load } from "./element.ts";
import type { Group, Groups } from "./groups.ts";
import { type Loops, Rewriter, type Stage } from "./kernel.ts";
import { fit } from "./legalize.ts";
import type { Stmt } from "./loops.ts";

/** A stage that reduces the inner axes. */
export type Reduction = Extract<Stage, { kind: "reduce" }>;

/** The variable in which a reduction is gathered. */
export const accumulator = ({ value, op, dtype }: Reduction, suffix: string, partial: boolean): Stmt => ({
  op: "var",
  name: `r${value}${suffix}`,
  dtype,
  init: identityOf(op, dtype),
  partial,
});

/** Where the lanes of a schedule are. */
export interface Lanes {
  /** The axis whose iterations are lanes, if there is one. */
  readonly axis: Var | null;
  readonly count: number;
  /** Copies that are computed side by side, where lanes are columns, and the columns of each; else 1. */
  readonly copies: number;
  readonly columns: number;
}

/** Makes statements of the stages of a kernel; the schedule decides in which loops they stand. */
export class Stages {
  /** What they need of scratch memory. */
  readonly scratches: Scratches;
  readonly #k: Loops;
  readonly #groups: Groups;
  readonly #lanes: Lanes;
  readonly #context: Context;
  /** The scratch arrays of values that are kept for a later loop. */
  readonly #rows = new Map<number, number>();
  readonly #hosts = new Map<number, Stage | null>();

  constructor(k: Loops, groups: Groups, lanes: Lanes, context: Context, scratches: Scratches) {
    this.scratches = scratches;
    this.#k = k;
    this.#groups = groups;
    this.#lanes = lanes;
    this.#context = context;
  }

  /** What a group does in each iteration. `suffix` and `u` say which of several copies side by side this is. */
  inside(group: Group, rewriter: Rewriter, suffix = "", u = 0): Stmt[] {
    return group.inside.flatMap((s): Stmt[] => {
      const value = rewriter.expr(s.expr);
      if (s.kind === "reduce") {
        const acc: Expr = { op: "local", name: `r${s.value}${suffix}`, dtype: s.dtype };
        return [{ op: "set", name: acc.name, value: { op: s.op, src: [acc, value], dtype: s.dtype } }];
      }
      const to = this.#context.values[s.value].dtype;
      if (this.#context.isKept(s.value))
        return [{ op: "store", buffer: s.value, index: rewriter.affine(s.index), to, value }];
      if (!this.#groups.isReadLater(s.value)) return [];
      const { buffer, index } = this.#row(s.value, rewriter, u);
      return [{ op: "store", buffer, index, to, value }];
    });
  }

  /** Results of reductions and maps of the outer axes: stored where somebody else reads them. */
  after(group: Group, g: number, to: ReadonlyMap<Var, Affine>, suffix: string): Stmt[] {
    const rewriter = this.rewriter(g + 1, to, suffix);
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
  #result(s: Reduction, suffix: string): Expr {
    const { dtype } = this.#context.values[s.value];
    return fit({ op: "local", name: `r${s.value}${suffix}`, dtype: s.dtype }, dtype);
  }

  /** Where an element of a row of a value is kept until a later loop reads it. */
  #row(value: number, rewriter: Rewriter, u: number): { buffer: number; index: Affine } {
    const host = this.#hostOf(value);
    if (host) return { buffer: host.value, index: rewriter.affine(host.index) };
    let row = this.#rows.get(value);
    if (row === undefined) {
      const { copies, columns } = this.#lanes;
      const size = [...this.#k.inner].reduce((n, v) => n * v.size, 1) * copies * columns;
      row = this.scratches.add(this.#context.values[value].dtype, size);
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
    const last = this.#groups.lastReading(value);
    const taken = new Set(this.#hosts.values());
    const host = this.#k.stages.find(
      (s) =>
        s.kind === "map" &&
        s.level === "inner" &&
        this.#context.isKept(s.value) &&
        values[s.value].dtype === values[value].dtype &&
        this.#groups.of(s.value) >= last &&
        !this.#groups.isReadAfter(value, s) &&
        !taken.has(s),
    );
    this.#hosts.set(value, host ?? null);
    return host ?? null;
  }

  #rowIndex(rewriter: Rewriter, u: number): Affine {
    let flat = constant(0);
    for (const v of this.#k.axes) if (this.#k.inner.has(v)) flat = add(scale(flat, v.size), variable(v));
    flat = rewriter.affine(flat);
    const { copies, columns } = this.#lanes;
    if (copies * columns === 1) return flat;
    // Columns of the block lie side by side; the lane is what is left of its index within the block.
    const lane = rewriter.affine(variable(this.#lanes.axis as Var));
    const within: Affine = {
      base: u * columns,
      terms: new Map([...lane.terms].filter(([v]) => v.name === "lane")),
    };
    return add(scale(flat, copies * columns), within);
  }

  /** Puts in place of values of this kernel what they are in loop `g`: a variable, an expression, or a row in scratch. */
  rewriter(g: number, to: ReadonlyMap<Var, Affine>, suffix: string, u = 0): Rewriter {
    const rewriter: Rewriter = new Rewriter(
      (v) => to.get(v),
      (e) => {
        const s = e.op === "load" ? this.#groups.stageOf(e.buffer) : undefined;
        if (!s || e.op !== "load") return undefined;
        if (s.kind === "reduce") return this.#result(s, suffix);
        const { dtype } = this.#context.values[s.value];
        const here = this.#groups.of(s.value) === g || s.level === "outer";
        if (here) return rewriter.expr(s.expr);
        if (this.#context.isKept(s.value)) return load(s.value, rewriter.affine(s.index), dtype);
        const { buffer, index } = this.#row(s.value, rewriter, u);
        return load(buffer, index, dtype);
      },
    );
    return rewriter;
  }
}
