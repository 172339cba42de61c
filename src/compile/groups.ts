/**
 * Which stages of a kernel share a loop over its inner axes. A stage that needs the result of a reduction has to wait for
 * a loop after that of the reduction; all others are computed together.
 */
import type { Expr } from "../graph/expr.ts";
import { type Loops, type Stage, visit } from "./kernel.ts";

/** A loop over the inner axes that several stages share; `after` are the maps of the outer axes that follow it. */
export interface Group {
  readonly inside: Stage[];
  readonly after: Stage[];
}

/** The groups of a kernel, and which of its values is computed where. */
export class Groups {
  /** In the order in which they run. */
  readonly list: readonly Group[];
  readonly #k: Loops;
  readonly #stages: ReadonlyMap<number, Stage>;
  /** From which group on a value can be read. */
  readonly #group = new Map<number, number>();

  constructor(k: Loops, isKept: (value: number) => boolean) {
    this.#k = k;
    this.#stages = new Map(k.stages.map((s) => [s.value, s]));
    this.list = this.#grouped(isKept);
  }

  /** The stage that computes a value; undefined where another kernel does. */
  stageOf(value: number): Stage | undefined {
    return this.#stages.get(value);
  }

  /** The group in which a value of this kernel is computed. */
  of(value: number): number {
    return this.#group.get(value) as number;
  }

  /** Whether a loop after its own reads a value. */
  isReadLater(value: number): boolean {
    return this.#k.stages.some((s) => this.of(s.value) > this.of(value) && this.#made(s.expr).has(value));
  }

  /** The last group that reads a value. */
  lastReading(value: number): number {
    return Math.max(...this.#k.stages.filter((s) => this.#made(s.expr).has(value)).map((s) => this.of(s.value)));
  }

  /** Whether a stage that follows `host` in its loop reads a value, itself or by way of another that is computed there. */
  isReadAfter(value: number, host: Stage): boolean {
    const { stages } = this.#k;
    const read = new Set([value]);
    return stages.some((s, at) => {
      if (this.of(s.value) !== this.of(host.value) || ![...this.#made(s.expr)].some((v) => read.has(v))) return false;
      read.add(s.value);
      return at > stages.indexOf(host);
    });
  }

  #grouped(isKept: (value: number) => boolean): Group[] {
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
      if (s.kind === "reduce" || isKept(s.value) || users.length === 0) continue;
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
}
