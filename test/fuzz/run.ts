/** Runs programs on a device and on the oracle, many in one plan, and says where they differ. */

import { evaluate } from "../../src/device/reference.ts";
import { errorBound } from "../../src/device/reference-bound.ts";
import { read as element, type HostArray } from "../../src/graph/dtype.ts";
import type { Node } from "../../src/graph/node.ts";
import { assign, type Handle, keep, read, realize } from "../../src/runtime/realize.ts";
import { fromHost, storageOf } from "../../src/runtime/storage.ts";
import { apply, hostOf, nodesOf, type Program } from "./program.ts";

/** What a device made of a program: of each root, and of each leaf that was updated. */
export type Results = readonly HostArray[];

/** Runs the programs together: their leaves, then their cuts, then their roots, each in one plan. */
export async function runAll(programs: readonly Program[]): Promise<Results[]> {
  const runs = programs.map((p) => new Run(p));
  await realize(runs.flatMap((r) => r.onDevice()));
  for (let cuts = runs.flatMap((r) => r.nextCut()); cuts.length > 0; cuts = runs.flatMap((r) => r.nextCut()))
    await realize(cuts);
  await realize(runs.flatMap((r) => r.roots()));
  const results: HostArray[][] = [];
  for (const r of runs) {
    const values: HostArray[] = [];
    for (const h of r.results) values.push((await read(h.node)).slice());
    results.push(values);
  }
  for (const r of runs) r.dispose();
  return results;
}

class Run {
  readonly #program: Program;
  readonly #leaves: Handle[];
  readonly #handles = new Map<number, Handle>();
  readonly #nodes: Node[];
  readonly results: Handle[] = [];
  #cuts = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#leaves = program.leaves.map((l) => ({ node: fromHost(hostOf(l), l.shape, l.dtype) }));
    this.#nodes = [];
  }

  onDevice(): Handle[] {
    return this.#leaves.filter((_, i) => this.#program.leaves[i].onDevice);
  }

  /** Records the steps up to the next value that is to be realized. */
  nextCut(): Handle[] {
    const { cuts } = this.#program;
    this.#refresh();
    if (this.#cuts === cuts.length) return [];
    const at = cuts[this.#cuts++];
    this.#record(at);
    return [this.#handle(at)];
  }

  /** Records the rest, and what is assigned as soon as it is recorded: what follows reads it from its leaf. */
  roots(): Handle[] {
    const { leaves, steps, roots, updates, asked } = this.#program;
    for (const { leaf, value } of updates.toSorted((a, b) => a.value - b.value)) {
      this.#record(value);
      const handle = this.#leaves[leaf];
      assign(handle, this.#nodes[value]);
      if (!this.#handles.has(value)) this.#nodes[value] = handle.node;
    }
    this.#record(leaves.length + steps.length - 1);
    const handles = roots.map((r) => this.#handle(r));
    this.results.push(...handles, ...updates.map((u) => this.#leaves[u.leaf]));
    if (asked === "kept") handles.forEach(keep);
    return asked === "device" ? handles : [];
  }

  #handle(value: number): Handle {
    const known = this.#handles.get(value) ?? { node: this.#nodes[value] };
    this.#handles.set(value, known);
    return known;
  }
  #refresh(): void {
    this.#leaves.forEach((h, i) => {
      this.#nodes[i] = h.node;
    });
    for (const [value, h] of this.#handles) this.#nodes[value] = h.node;
  }
  #record(last: number): void {
    const { leaves, steps } = this.#program;
    for (let i = this.#nodes.length; i <= last; i++) this.#nodes.push(apply(steps[i - leaves.length], this.#nodes));
  }

  dispose(): void {
    for (const h of [...this.#leaves, ...this.#handles.values()]) storageOf(h.node)?.release("disposed");
  }
}

/** The values whose results are compared: roots, and what leaves are assigned. */
export const resultsOf = (p: Program): number[] => [...p.roots, ...p.updates.map((u) => u.value)];

/** Where a result is wrong. */
export interface Difference {
  /** Among the results: roots, then updated leaves. */
  readonly result: number;
  readonly element: number;
  readonly got: number;
  readonly want: number;
  /** Null where the bits must be equal. */
  readonly bound: number | null;
}

/** The first difference between what a device gave and what the oracle says, if there is one. */
export function check(p: Program, results: Results): Difference | null {
  const nodes = nodesOf(p);
  const hosts = new Map<object, HostArray>(p.leaves.map((l) => [l, hostOf(l)]));
  const leafValue = (leaf: object): HostArray => hosts.get(leaf) as HostArray;
  const values = resultsOf(p);
  const roots = values.map((v) => nodes[v]);
  const wanted = evaluate(roots, leafValue);
  let bounds: ReturnType<typeof errorBound> | null = null;
  for (const [result, v] of values.entries()) {
    const { dtype } = nodes[v];
    const exact = p.certainty[v] !== "bounded";
    const want = wanted[result];
    if (results[result].length !== want.length)
      return { result, element: -1, got: results[result].length, want: want.length, bound: null };
    for (let i = 0; i < want.length; i++) {
      const got = element(results[result], i, dtype);
      if (Object.is(got, want[i])) continue;
      if (exact) return { result, element: i, got, want: want[i], bound: null };
      bounds ??= errorBound(roots, leafValue);
      const { value, error } = bounds[result];
      const off = got === value[i] ? 0 : Math.abs(got - value[i]);
      if (off <= error[i] || error[i] === Number.POSITIVE_INFINITY) continue;
      return { result, element: i, got, want: value[i], bound: error[i] };
    }
  }
  return null;
}
