/**
 * Plans: in which order kernels run, and where every value lies. Values inside a plan share one arena; an updated
 * parameter takes the place of its old value where nothing can notice.
 */

import { flatten, variable } from "../graph/affine.ts";
import { dtypes } from "../graph/dtype.ts";
import type { Expr, Var } from "../graph/expr.ts";
import type { LoopArg, Node } from "../graph/node.ts";
import { sizeOf } from "../graph/shape.ts";
import type { Window } from "./body.ts";
import { load } from "./element.ts";
import {
  type Contract,
  type Kernel,
  type Loops,
  type Repeat,
  readsOf,
  type Stage,
  sameIndex,
  visit,
  writesOf,
} from "./kernel.ts";
import type { LoopKernel } from "./loops.ts";
import { type Lowered, type LoweredBody, lower, type Machine, scheduleAlone } from "./lower.ts";
import { type Life, planted } from "./planted.ts";

/** Where a root's result goes: to the host, to new memory of its own, or over the leaf that it replaces. */
export type Target = "host" | "new" | { readonly replaces: object };

/** Where a value lies: at an offset of the arena, in the memory of a leaf, or in new memory of a root. */
export type Place =
  | { readonly kind: "arena"; readonly offset: number }
  | { readonly kind: "leaf"; readonly leaf: object }
  | { readonly kind: "root"; readonly root: number }
  /** Within another value, in a loop: `stride` bytes on with each turn. */
  | { readonly kind: "within"; readonly value: number; readonly at: number; readonly stride: number };

/** Kernels that run again and again, from one up to another. */
export interface Turns {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface Plan {
  readonly lowered: Lowered;
  /** Kernels in the order in which they run; those of a loop's body once. */
  readonly kernels: readonly LoopKernel[];
  readonly turns: readonly Turns[];
  /** By value. */
  readonly places: readonly Place[];
  /** Leaves in host memory, and where in the arena they are copied before the kernels run. */
  readonly staged: readonly { readonly leaf: object; readonly offset: number }[];
  readonly roots: readonly Place[];
  readonly arenaBytes: number;
}

/** Plans the computation of `roots`. `onHost` tells which leaves lie in host memory. */
export function plan(
  roots: readonly Node[],
  targets: readonly Target[],
  onHost: (leaf: object) => boolean,
  machine: Machine,
): Plan {
  const lowered = lower(roots, machine);
  const { values } = lowered;
  const kernels = [...lowered.kernels];
  const loops = loopsOf(lowered);
  const rootValues = [...lowered.roots];

  const leafValue = new Map<object, number>();
  for (const v of values) if (v.leaf) leafValue.set(v.leaf, v.id);
  const kept = new Set([...rootValues, ...kernels.flatMap((k) => [...readsOf(k)])]);
  const updates = new Map<Kernel, number[]>();
  /** The kernels that write a value: several for a concatenation. */
  const writersOf = (value: number): Kernel[] => kernels.filter((k) => writesOf(k).includes(value));
  const final = rootValues.map((value, i) => {
    const target = targets[i];
    if (typeof target === "string") return null;
    const old = leafValue.get(target.replaces);
    if (old === undefined) return target.replaces;
    const writers = writersOf(value);
    if (!writers.every((k) => replacesInPlace(k, value, old, kept))) return null;
    for (const k of writers) updates.set(k, [...(updates.get(k) ?? []), old]);
    return target.replaces;
  });
  const order = arrange(kernels, updates);
  const position = new Map(order.map((k, i) => [k, i]));

  // An update that some kernel after it, or in it, would notice is made at the end, from a copy.
  final.forEach((leaf, i) => {
    const target = targets[i];
    if (typeof target === "string") return;
    const old = leafValue.get(target.replaces);
    const writers = writersOf(rootValues[i]);
    const first = Math.min(...writers.map((k) => position.get(k) as number));
    const late =
      old !== undefined &&
      order.some((k) => !writers.includes(k) && (position.get(k) as number) > first && readsOf(k).has(old));
    if (leaf && !late) return;
    const copy = copyOf(values, rootValues[i]);
    order.push(copy);
    loops.set(copy, scheduleAlone(copy, lowered, machine));
    rootValues[i] = values.length - 1;
  });

  const places: (Place | undefined)[] = values.map((v) =>
    v.leaf && !onHost(v.leaf) ? { kind: "leaf", leaf: v.leaf } : undefined,
  );
  rootValues.forEach((value, root) => {
    const target = targets[root];
    if (target === "new") places[value] = { kind: "root", root };
    else if (typeof target !== "string") places[value] = { kind: "leaf", leaf: target.replaces };
  });
  const sequence = new Sequence(values, lowered.numbers.length);
  for (const k of order) {
    if (k.kind === "repeat") sequence.addBody(k, lowered.bodies.get(k) as LoweredBody);
    else sequence.add(loops.get(k) as LoopKernel);
  }
  for (const [v, place] of sequence.within) places[v] = place;
  const { offsets, bytes } = layOut(values, sequence.touched, rootValues, (v) => places[v] === undefined);
  const staged = values.flatMap((v) =>
    v.leaf && onHost(v.leaf) && offsets.has(v.id) ? [{ leaf: v.leaf, offset: offsets.get(v.id) as number }] : [],
  );
  const placed = values.map(({ id }): Place => places[id] ?? { kind: "arena", offset: offsets.get(id) ?? 0 });
  return {
    lowered: { ...lowered, numbers: [...lowered.numbers, ...sequence.numbers] },
    kernels: sequence.kernels,
    turns: sequence.turns,
    places: placed,
    staged,
    roots: rootValues.map((v) => placed[v]),
    arenaBytes: bytes,
  };
}

/** What each kernel but a loop has become. */
function loopsOf({ kernels, loops }: Lowered): Map<Kernel, LoopKernel> {
  const plain = kernels.filter((k) => k.kind !== "repeat");
  return new Map(plain.map((k, i) => [k, loops[i]]));
}

/** Kernels as they run, with the bodies of loops among them, and which values each takes memory for. */
class Sequence {
  readonly kernels: LoopKernel[] = [];
  readonly turns: Turns[] = [];
  readonly touched: (readonly number[])[] = [];
  readonly within = new Map<number, Place>();
  readonly numbers: Lowered["numbers"][number][] = [];
  readonly #values: Lowered["values"];
  readonly #ownNumbers: number;

  constructor(values: Lowered["values"], ownNumbers: number) {
    this.#values = values;
    this.#ownNumbers = ownNumbers;
  }

  add(k: LoopKernel): void {
    this.kernels.push(k);
    this.touched.push(valuesOf(k));
  }

  /** The kernels of a body, whose values become values here: those of a row, of a source, and of memory between them. */
  addBody({ value, arg, inputs }: Repeat, { lowered, read, written }: LoweredBody): void {
    const loops = loopsOf(lowered);
    const kernels = arrange(lowered.kernels, new Map()).map((k) => loops.get(k) as LoopKernel);
    const roots = new Map(lowered.roots.map((v, i) => [v, written[i]]));
    const isBetween = (v: number): boolean => !lowered.values[v].leaf && !roots.has(v);
    const { offsets, bytes } = layOut(lowered.values, kernels.map(valuesOf), [], isBetween);
    const between = this.#values.push({ id: this.#values.length, shape: [bytes], dtype: "uint8", leaf: null }) - 1;

    const first = this.#values.length;
    for (const { id, shape, dtype, leaf } of lowered.values) {
      const moved = this.#values.push({ id: first + id, shape, dtype, leaf: null }) - 1;
      const window = leaf ? read.get(leaf) : roots.get(id);
      const place: Place = window
        ? inTurns(window, arg, dtypes[dtype].bytes, window.of === "rows" ? value : inputs[window.of])
        : { kind: "within", value: between, at: offsets.get(id) ?? 0, stride: 0 };
      this.within.set(moved, place);
    }
    const firstNumber = this.#ownNumbers + this.numbers.length;
    this.numbers.push(...lowered.numbers);
    this.turns.push({ from: this.kernels.length, to: this.kernels.length + kernels.length, count: arg.steps });
    for (const k of kernels) {
      const memory = k.memory.map((m) => (m.kind === "buffer" ? { ...m, value: first + m.value } : m));
      const numbers = k.numbers.map((n) => ({ ...n, number: firstNumber + n.number }));
      this.kernels.push({ ...k, memory, numbers });
      this.touched.push([value, ...inputs, between]);
    }
  }
}

/** The place of a window in the first turn, and how it goes on: a loop that runs back begins with its last step. */
function inTurns({ at, stride }: Window, { steps, reverse }: LoopArg, bytes: number, value: number): Place {
  const start = reverse ? at + (steps - 1) * stride : at;
  return { kind: "within", value, at: start * bytes, stride: (reverse ? -stride : stride) * bytes };
}

const valuesOf = (k: LoopKernel): number[] => k.memory.flatMap((m) => (m.kind === "buffer" ? [m.value] : []));

/** Whether `k` may write `value` over `old`, because nobody reads an element of `old` after it is written. */
function replacesInPlace(k: Kernel, value: number, old: number, kept: ReadonlySet<number>): boolean {
  const found =
    !readsOf(k).has(old) || ((k.kind === "loops" || k.kind === "contract") && readsInTime(k, value, old, kept));
  return planted.inPlace?.(found) ?? found;
}

/** Whether all reads of `old` are of the element that is computed, and come before it is written. */
function readsInTime(k: Loops | Contract, value: number, old: number, kept: ReadonlySet<number>): boolean {
  const at = k.stages.findIndex((s) => s.value === value);
  const writer = k.stages[at];
  if (!writer) return false;
  const elsewhere = (e: Expr): boolean => e.op === "load" && e.buffer === old && !sameIndex(e.index, writer.index);
  if (k.stages.some((s) => someExpr([s.expr], elsewhere))) return false;
  const first = k.kind === "contract" ? [k.a, k.b] : k.local ? [k.local.expr] : [];
  if (someExpr(first, (e) => readsAny(e, new Set([old])))) return false;
  // A map is computed anew wherever another stage reads it, so its reader reads `old` too.
  const readers = readersOf(old, k.stages, () => true);
  if (k.kind === "loops" && k.inner.size > 0) {
    // Rows are walked several times. A map of the outer axes follows the walks whose reductions it reads, and no others.
    if (writer.kind !== "map" || writer.level !== "outer") return false;
    const needed = dependencies(k.stages, writer);
    return readers.every((s) => s === writer || (s.kind === "reduce" && needed.has(s)));
  }
  // What has been computed before, to be stored, is in a register; but at the edge of a guard each lane computes it anew.
  const done = new Set(k.stages.slice(0, at + 1).filter((s) => kept.has(s.value)));
  const late = readersOf(old, k.stages, (s) => !done.has(s));
  const isGuarded = (s: Stage): boolean => someExpr([s.expr], (e) => e.op === "guard");
  return k.stages.slice(at + 1).every((s) => !late.includes(s) && !(readers.includes(s) && isGuarded(s)));
}

/** The stages that read `value`, also by way of maps that are `through`. */
function readersOf(value: number, stages: readonly Stage[], through: (s: Stage) => boolean): Stage[] {
  const tainted = new Set([value]);
  return stages.filter((s) => {
    const reads = someExpr([s.expr], (e) => readsAny(e, tainted));
    if (reads && s.kind === "map" && through(s)) tainted.add(s.value);
    return reads;
  });
}

const readsAny = (e: Expr, values: ReadonlySet<number>): boolean => e.op === "load" && values.has(e.buffer);

function someExpr(roots: readonly Expr[], holds: (e: Expr) => boolean): boolean {
  let found = false;
  visit(roots, (e) => {
    found ||= holds(e);
  });
  return found;
}

/** The stages that one of them depends on. */
function dependencies(stages: readonly Stage[], of: Stage): Set<Stage> {
  const needed = new Set([of]);
  for (const s of stages.toReversed())
    if ([...needed].some((n) => someExpr([n.expr], (e) => readsAny(e, new Set([s.value]))))) needed.add(s);
  return needed;
}

/** The kernels in an order in which they can run; those that update a leaf come as late as they can. */
function arrange(kernels: readonly Kernel[], updates: ReadonlyMap<Kernel, readonly number[]>): Kernel[] {
  const writers = new Map<number, Kernel[]>();
  for (const k of kernels) for (const v of writesOf(k)) writers.set(v, [...(writers.get(v) ?? []), k]);
  const missing = new Map<Kernel, number>();
  const users = new Map<Kernel, Set<Kernel>>();
  for (const k of kernels) {
    const needs = new Set([...readsOf(k)].flatMap((v) => writers.get(v) ?? []));
    needs.delete(k);
    missing.set(k, needs.size);
    for (const p of needs) users.set(p, (users.get(p) ?? new Set()).add(k));
  }
  const out: Kernel[] = [];
  const ready = kernels.filter((k) => missing.get(k) === 0);
  while (ready.length > 0) {
    const next = ready.findIndex((k) => !updates.has(k));
    const [k] = ready.splice(Math.max(next, 0), 1);
    out.push(k);
    for (const u of users.get(k) ?? []) {
      const left = (missing.get(u) as number) - 1;
      missing.set(u, left);
      if (left === 0) ready.push(u);
    }
  }
  if (out.length < kernels.length) throw new Error("plan: kernels depend on each other");
  return out;
}

/** A kernel that copies a value to a new one. */
function copyOf(values: Lowered["values"], from: number): Loops {
  const { shape, dtype } = values[from];
  const axes = shape.map((size, axis): Var => ({ name: `i${axis}`, size }));
  const index = flatten(axes.map(variable), shape);
  values.push({ id: values.length, shape, dtype, leaf: null });
  const expr = load(from, index, dtype);
  return {
    kind: "loops",
    axes: axes.filter((v) => v.size > 1),
    inner: new Set(),
    stages: [{ kind: "map", value: values.length - 1, level: "outer", index, expr }],
    limits: new Map(),
  };
}

const alignment = 64;

/**
 * Offsets in the arena: values whose lives overlap do not share bytes. Large ones are placed first, each at the lowest
 * offset that is free throughout its life.
 */
function layOut(
  values: Lowered["values"],
  order: readonly (readonly number[])[],
  roots: readonly number[],
  inArena: (value: number) => boolean,
): { offsets: Map<number, number>; bytes: number } {
  const lives = new Map<number, Life>();
  const touch = (value: number, time: number): void => {
    if (!inArena(value)) return;
    const life = lives.get(value);
    if (!life) lives.set(value, { from: values[value].leaf ? -1 : time, to: time });
    else lives.set(value, { ...life, to: Math.max(life.to, time) });
  };
  order.forEach((touched, time) => {
    for (const v of touched) touch(v, time);
  });
  for (const r of roots) touch(r, order.length);
  const sized = [...lives].map(([value, found]) => {
    const life = planted.life?.(found) ?? found;
    const { shape, dtype } = values[value];
    const bytes = Math.ceil((Math.max(sizeOf(shape), 1) * dtypes[dtype].bytes) / alignment) * alignment;
    return { value, ...life, bytes, offset: 0 };
  });
  sized.sort((a, b) => b.bytes - a.bytes || a.from - b.from || a.value - b.value);
  const placed: typeof sized = [];
  let total = 0;
  for (const v of sized) {
    const rivals = placed.filter((p) => p.from <= v.to && v.from <= p.to).sort((a, b) => a.offset - b.offset);
    for (const r of rivals) {
      if (v.offset + v.bytes <= r.offset) break;
      v.offset = Math.max(v.offset, r.offset + r.bytes);
    }
    placed.push(v);
    total = Math.max(total, v.offset + v.bytes);
  }
  return { offsets: new Map(sized.map((v) => [v.value, v.offset])), bytes: total };
}
