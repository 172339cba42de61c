/**
 * Joins kernels that share their axes. (3) Maps over the result of a reduction or a product join it as its epilogue.
 * (4) Reductions over the same axes, and the maps between them, become one kernel, in which a row stays in cache
 * (softmax, layer norm, batch norm). (5) Maps over the same axes become one kernel with several stores.
 */
import { variable } from "../graph/affine.ts";
import { dtypes } from "../graph/dtype.ts";
import type { Affine, Var } from "../graph/expr.ts";
import {
  type Contract,
  hasFloat64,
  type Kernel,
  type Loops,
  Rewriter,
  readsOf,
  type Stage,
  sameIndex,
  type Value,
  visit,
  writesOf,
} from "./kernel.ts";
import { isCut, isWalkedInOrder } from "./order.ts";

/** Below this many rows, rows are too few to share among threads: a reduction had better be cut in blocks. */
const fewRows = 8;
/** Elements that may as well be computed by one thread. */
const littleWork = 32768;
/** The longest row that is worth keeping in cache, in elements. */
const longestRow = 1 << 18;

export interface JoinOptions {
  /** Buffers that a kernel may have. */
  readonly maxBuffers: number;
  /** Whether maps that read the same become one kernel also where neither reads the other: a body runs often. */
  readonly siblings?: boolean;
}

export interface JoinedValues {
  /** Those that stay in memory. */
  readonly kept: ReadonlySet<number>;
  /** Those at which chains of kernels are cut. */
  readonly apart: ReadonlySet<number>;
}

export function join(
  kernels: readonly Kernel[],
  values: readonly Value[],
  { kept, apart }: JoinedValues,
  { maxBuffers, siblings = false }: JoinOptions,
): Kernel[] {
  const graph = new KernelGraph(kernels);
  /** `k`, joined with one of those whose values it reads; null if it fits none. */
  const withProducer = (k: Loops): Loops | Contract | null => {
    for (const p of graph.producers(k)) {
      if ((p.kind !== "loops" && p.kind !== "contract") || graph.reaches(p, k)) continue;
      if (writesOf(p).some((v) => apart.has(v))) continue;
      const joined = tryJoin(p, k, values);
      const both = joined && { ...joined, needs: needsOf(p, k) };
      if (!both || waitsForItself(both) || buffersOf(both, kept, graph) > maxBuffers) continue;
      graph.replace(p, k, both);
      return both;
    }
    return null;
  };
  const withSiblings = (first: Loops): void => {
    let k = first;
    for (const p of graph.readingLike(k)) {
      if (!isMaps(p) || graph.reaches(p, k) || graph.reaches(k, p) || graph.readsFrom(p, k) || graph.readsFrom(k, p))
        continue;
      const joined = tryJoin(p, k, values);
      if (joined?.kind !== "loops") continue;
      const both = { ...joined, needs: needsOf(p, k) };
      if (waitsForItself(both) || buffersOf(both, kept, graph) > maxBuffers) continue;
      graph.replace(p, k, both);
      k = both;
    }
  };
  for (const first of kernels) {
    let k: Kernel | null | undefined = graph.current(first);
    while (k?.kind === "loops") k = withProducer(k);
  }
  if (siblings) {
    for (const first of kernels) {
      const k = graph.current(first);
      if (k && isMaps(k)) withSiblings(k);
    }
  }
  return graph.ordered();
}

const isMaps = (k: Kernel): k is Loops => k.kind === "loops" && k.inner.size === 0;

/** Whether a kernel writes what has to be there before it runs. */
function waitsForItself(k: Loops | Contract): boolean {
  const made = writesOf(k);
  return (k.needs ?? []).some((v) => made.includes(v));
}

function needsOf(p: Kernel, k: Kernel): readonly number[] | undefined {
  return p.needs || k.needs ? [...(p.needs ?? []), ...(k.needs ?? [])] : undefined;
}

function buffersOf(k: Kernel, kept: ReadonlySet<number>, graph: KernelGraph): number {
  return readsOf(k).size + writesOf(k).filter((v) => kept.has(v) || graph.isRead(v, k)).length;
}

/** Kernels and who reads what, while they are being joined. */
class KernelGraph {
  readonly #alive = new Set<Kernel>();
  readonly #now = new Map<Kernel, Kernel>();
  readonly #writers = new Map<number, Set<Kernel>>();
  readonly #readers = new Map<number, Set<Kernel>>();
  readonly #reads = new Map<Kernel, Set<number>>();

  constructor(kernels: readonly Kernel[]) {
    for (const k of kernels) this.#insert(k);
  }

  #insert(k: Kernel): void {
    this.#alive.add(k);
    const reads = readsOf(k);
    this.#reads.set(k, reads);
    const note = (map: Map<number, Set<Kernel>>, value: number): void => {
      const set = map.get(value) ?? new Set();
      map.set(value, set.add(k));
    };
    for (const v of writesOf(k)) note(this.#writers, v);
    for (const v of reads) note(this.#readers, v);
  }
  #remove(k: Kernel): void {
    this.#alive.delete(k);
    for (const v of writesOf(k)) this.#writers.get(v)?.delete(k);
    for (const v of this.#reads.get(k) ?? []) this.#readers.get(v)?.delete(k);
  }

  /** The kernel that `k` has become a part of. */
  current(k: Kernel): Kernel | undefined {
    let at: Kernel = k;
    for (let next = this.#now.get(at); next; next = this.#now.get(at)) at = next;
    return this.#alive.has(at) ? at : undefined;
  }

  producers(k: Kernel): Set<Kernel> {
    const found = new Set<Kernel>();
    for (const v of this.#reads.get(k) ?? []) {
      const writers = this.#writers.get(v);
      if (writers?.size === 1) for (const w of writers) found.add(w);
    }
    return found;
  }

  /** Other kernels that read one of the values that `k` reads. */
  readingLike(k: Kernel): Set<Kernel> {
    const found = new Set([...(this.#reads.get(k) ?? [])].flatMap((v) => [...(this.#readers.get(v) ?? [])]));
    found.delete(k);
    return found;
  }

  /** Whether `k` reads what `p` writes. */
  readsFrom(k: Kernel, p: Kernel): boolean {
    return writesOf(p).some((v) => this.#reads.get(k)?.has(v));
  }

  isRead(value: number, by: Kernel): boolean {
    const parts = new Set(writesOf(by));
    for (const r of this.#readers.get(value) ?? []) if (!writesOf(r).some((w) => parts.has(w))) return true;
    return false;
  }

  /** Whether `k` also depends on `p` through a third kernel, so that joining them would make a circle. */
  reaches(p: Kernel, k: Kernel): boolean {
    const seen = new Set<Kernel>();
    const stack: Kernel[] = [p];
    for (let at = stack.pop(); at; at = stack.pop()) {
      for (const v of writesOf(at)) {
        for (const r of this.#readers.get(v) ?? []) {
          if (r === k) {
            if (at !== p) return true;
          } else if (!seen.has(r)) {
            seen.add(r);
            stack.push(r);
          }
        }
      }
    }
    return false;
  }

  replace(p: Kernel, k: Kernel, both: Kernel): void {
    this.#remove(p);
    this.#remove(k);
    this.#now.set(p, both);
    this.#now.set(k, both);
    this.#insert(both);
  }

  /** The kernels, each after those whose values it reads, otherwise as they came. */
  ordered(): Kernel[] {
    const out: Kernel[] = [];
    const done = new Set<Kernel>();
    const state = new Set<Kernel>();
    const stack: Kernel[] = [...this.#alive].reverse();
    for (let k = stack.pop(); k; k = stack.pop()) {
      if (done.has(k)) continue;
      const waiting = [...(this.#reads.get(k) ?? [])]
        .flatMap((v) => [...(this.#writers.get(v) ?? [])])
        .filter((w) => !done.has(w) && w !== k);
      if (waiting.length === 0) {
        out.push(k);
        done.add(k);
      } else {
        if (state.has(k)) throw new Error("fuse: kernels depend on each other");
        state.add(k);
        stack.push(k, ...waiting);
      }
    }
    return out;
  }
}

const sizes = (vars: readonly Var[]): string => vars.map((v) => v.size).join();
const outerOf = (k: Loops): Var[] => k.axes.filter((v) => !k.inner.has(v));
const product = (vars: readonly Var[]): number => vars.reduce((n, v) => n * v.size, 1);

/** `k` with the values of `p` computed in it; null where the two do not fit. */
function tryJoin(p: Loops | Contract, k: Loops, values: readonly Value[]): Loops | Contract | null {
  const made = writesOf(p);
  if (writesOf(k).some((v) => made.includes(v))) return null; // parts of one concatenation: a kernel knows its values apart
  if (p.kind === "contract") return epilogue(p, k, values);
  if (k.limits.size > 0 || p.limits.size > 0) return null;
  if (sizes(p.axes) === sizes(k.axes)) {
    const renamed = rename(k, p.axes);
    if (p.inner.size > 0 && renamed.inner.size > 0 && ![...p.inner].every((v) => renamed.inner.has(v))) return null;
    if (p.inner.size > 0 && renamed.inner.size > 0 && p.inner.size !== renamed.inner.size) return null;
    const inner = p.inner.size > 0 ? p.inner : renamed.inner;
    const deepen = (from: Loops): Stage[] =>
      from.stages.map((s) =>
        s.kind === "map" && from.inner.size === 0 && inner.size > 0 ? { ...s, level: "inner" } : s,
      );
    return fits({ ...p, inner, stages: [...deepen(p), ...deepen(renamed)] }, p, values);
  }
  if (p.inner.size > 0 && k.inner.size === 0 && sizes(k.axes) === sizes(outerOf(p))) {
    const renamed = rename(k, outerOf(p));
    return fits({ ...p, stages: [...p.stages, ...renamed.stages] }, p, values);
  }
  if (k.inner.size > 0 && p.inner.size === 0 && sizes(p.axes) === sizes(outerOf(k))) {
    const renamed = rename(p, outerOf(k));
    return fits({ ...k, stages: [...renamed.stages, ...k.stages] }, renamed, values);
  }
  return null;
}

/** Whether the later stages read the earlier ones' values where they are computed, and the rows are of a good size. */
function fits(both: Loops, p: Loops, values: readonly Value[]): Loops | null {
  const made = new Map<number, Affine>();
  for (const s of both.stages) if (p.stages.some((q) => q.value === s.value)) made.set(s.value, s.index);
  const levels = new Map(both.stages.map((s) => [s.value, s.kind === "reduce" ? "outer" : s.level]));
  for (const s of both.stages) if (!readsInPlace(s, made)) return null;
  // A value of the inner axes cannot be read by a stage that has none.
  for (const s of both.stages) {
    if (s.kind === "reduce" || s.level === "inner") continue;
    let deep = false;
    visit([s.expr], (e) => {
      if (e.op === "load" && made.has(e.buffer) && levels.get(e.buffer) === "inner") deep = true;
    });
    if (deep) return null;
  }
  if (both.inner.size === 0) return both;
  const rows = product(outerOf(both));
  const length = product([...both.inner]);
  const onlyRows = both.stages.every((s) => s.kind === "reduce" || s.level === "outer");
  const reductions = both.stages.filter((s) => s.kind === "reduce").length;
  if (reductions > 1 && new Set(both.stages.flatMap((s) => (s.kind === "reduce" ? [s.serial === true] : []))).size > 1)
    return null;
  if (!isWalkedInOrder(both) || (isCut(both) && !areIndependent(both))) return null;
  if (onlyRows && reductions === 1) return both;
  if (rows < fewRows && rows * length > littleWork) return null;
  const bytes = Math.max(...both.stages.map((s) => dtypes[values[s.value].dtype].bytes));
  return length * bytes > longestRow * 4 ? null : both;
}

/** Whether reductions could be cut in blocks: nothing else is computed along the rows, nor read by a reduction. */
function areIndependent({ stages }: Loops): boolean {
  const made = new Set(stages.map((s) => s.value));
  return stages.every((s) => {
    if (s.kind === "map") return s.level === "outer";
    let depends = false;
    visit([s.expr], (e) => {
      if (e.op === "load" && made.has(e.buffer)) depends = true;
    });
    return !depends;
  });
}

/** Whether a stage reads each of the values of `made` only at the element that is being computed. */
function readsInPlace(s: Stage, made: ReadonlyMap<number, Affine>): boolean {
  let ok = true;
  visit([s.expr], (e) => {
    const index = e.op === "load" ? made.get(e.buffer) : undefined;
    if (e.op === "load" && index && !sameIndex(e.index, index)) ok = false;
  });
  return ok && !readsInIndex(s, made);
}

/** Whether a value of `made` serves as an index, or is guarded: its element is then needed before it is known where. */
function readsInIndex(s: Stage, made: ReadonlyMap<number, Affine>): boolean {
  let found = false;
  visit([s.expr], (e) => {
    if (e.op !== "load" && e.op !== "index") return;
    for (const v of (e.op === "load" ? e.index : e.of).terms.keys())
      if (v.def?.op === "data")
        visit([v.def.of], (x) => {
          if (x.op === "load" && made.has(x.buffer)) found = true;
        });
  });
  return found;
}

/** `k` over the axes `axes`, which have the sizes of its own. */
function rename(k: Loops, axes: readonly Var[]): Loops {
  const to = new Map(k.axes.map((v, i) => [v, axes[i]]));
  const rewriter = new Rewriter((v) => {
    const other = to.get(v);
    return other && variable(other);
  });
  return {
    kind: "loops",
    axes,
    inner: new Set([...k.inner].map((v) => to.get(v) as Var)),
    stages: k.stages.map((s) => ({ ...s, index: rewriter.affine(s.index), expr: rewriter.expr(s.expr) })),
    limits: k.limits,
  };
}

/** Maps over the result of a product, computed when its tile is done. */
function epilogue(p: Contract, k: Loops, values: readonly Value[]): Contract | null {
  if (k.inner.size > 0) return null;
  const shape = p.shape.filter((d) => d > 1);
  if (sizes(k.axes) !== shape.join()) return null;
  if (k.stages.some((s) => values[s.value].dtype === "float64" || hasFloat64(s.expr))) return null; // it has no lanes
  const coordinates = p.at.filter((_, i) => p.shape[i] > 1);
  const to = new Map(k.axes.map((v, i) => [v, coordinates[i]]));
  const rewriter = new Rewriter((v) => to.get(v));
  const stages = k.stages.map((s) => ({ ...s, index: rewriter.affine(s.index), expr: rewriter.expr(s.expr) }));
  const made = new Map<number, Affine>([[p.value, p.index], ...p.stages.map((s) => [s.value, s.index] as const)]);
  if (!stages.every((s) => readsInPlace(s, made))) return null;
  return { ...p, stages: [...p.stages, ...stages] };
}
