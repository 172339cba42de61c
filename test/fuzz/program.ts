/** Programs as data: what the fuzzer generates, runs, shrinks, and prints when the compiler is wrong. */
import { type DType, dtypes, type HostArray, write } from "../../src/graph/dtype.ts";
import type { Args, Node, OpName } from "../../src/graph/node.ts";
import { node } from "../../src/graph/ops.ts";
import { type Shape, show } from "../../src/graph/shape.ts";

/** How far the result of a value can be foretold. */
export type Certainty =
  /** Every sum of such values is exact: multiples of a number with few bits. */
  | "exact"
  /** Each element is the result of operations that round in one way. */
  | "determined"
  /** The order of a sum, or a transcendental function, has a say. */
  | "bounded";

export interface Leaf {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly values: readonly number[];
  /** Whether it lies in device memory before the program runs. */
  readonly onDevice: boolean;
}

/** Values are numbered: leaves first, then steps. */
export interface Step<K extends OpName = OpName> {
  readonly op: K;
  readonly src: readonly number[];
  readonly arg: Args[K];
}

export interface Update {
  readonly leaf: number;
  readonly value: number;
}

export interface Program {
  readonly leaves: readonly Leaf[];
  readonly steps: readonly Step[];
  /** Values that are computed in a plan of their own before the steps that follow. */
  readonly cuts: readonly number[];
  readonly roots: readonly number[];
  /** How: in device memory of their own, in host memory, or there because they are kept while others are computed. */
  readonly asked: "device" | "host" | "kept";
  /** Leaves that are assigned values, in the plan of the roots. Steps after the value read the leaf instead. */
  readonly updates: readonly Update[];
  /** By value. */
  readonly certainty: readonly Certainty[];
}

export function apply(s: Step, nodes: readonly Node[]): Node {
  return node(
    s.op,
    s.src.map((i) => nodes[i]),
    s.arg,
  );
}

/** The nodes of all values; each leaf stands for itself. */
export function nodesOf(p: Program): Node[] {
  const nodes: Node[] = p.leaves.map((leaf) => node("buffer", [], { leaf, shape: leaf.shape, dtype: leaf.dtype }));
  for (const s of p.steps) nodes.push(apply(s, nodes));
  return nodes;
}

export function hostOf({ dtype, values }: Leaf): HostArray {
  const host = new dtypes[dtype].array(values.length);
  values.forEach((x, i) => {
    write(host, i, x, dtype);
  });
  return host;
}

const number = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

/** The program as a reader can follow it, and as a test can hold it. */
export function print(p: Program): string {
  const lines: string[] = [];
  const nodes = nodesOf(p);
  p.leaves.forEach((l, i) => {
    const values =
      l.values.length > 64 ? [...l.values.slice(0, 64).map(number), `… ${l.values.length}`] : l.values.map(number);
    lines.push(`v${i} = ${l.onDevice ? "device" : "host"} ${l.dtype}${show(l.shape)} {${values.join(" ")}}`);
  });
  p.steps.forEach((s, i) => {
    const at = p.leaves.length + i;
    const arg =
      s.arg === null
        ? []
        : [
            JSON.stringify(s.arg, (_, x: unknown) =>
              typeof x === "number" && !(Number.isFinite(x) && !Object.is(x, -0)) ? number(x) : x,
            ),
          ];
    lines.push(
      `v${at} = ${s.op}(${[...s.src.map((x) => `v${x}`), ...arg].join(", ")})  // ${nodes[at].dtype}${show(nodes[at].shape)} ${p.certainty[at]}`,
    );
    if (p.cuts.includes(at)) lines.push(`realize v${at}`);
  });
  for (const u of p.updates) lines.push(`assign v${u.leaf} := v${u.value}`);
  lines.push(`roots ${p.asked === "device" ? "" : `(${p.asked}) `}${p.roots.map((r) => `v${r}`).join(" ")}`);
  return lines.join("\n");
}

/** Without what nothing asks for. */
export function withoutUnused(program: Program): Program {
  // What an updated leaf was is gone, and nobody can read it.
  const p = { ...program, roots: program.roots.filter((r) => !program.updates.some((u) => u.leaf === r)) };
  const used = new Set<number>([...p.roots, ...p.updates.flatMap((u) => [u.leaf, u.value])]);
  const first = p.leaves.length;
  for (let i = p.steps.length - 1; i >= 0; i--) if (used.has(first + i)) for (const s of p.steps[i].src) used.add(s);
  const kept = [...p.leaves, ...p.steps].flatMap((_, i) => (used.has(i) ? [i] : []));
  const to = new Map(kept.map((old, i) => [old, i]));
  const at = (i: number): number => to.get(i) as number;
  return {
    leaves: p.leaves.filter((_, i) => used.has(i)),
    steps: p.steps.filter((_, i) => used.has(first + i)).map((s) => ({ ...s, src: s.src.map(at) })),
    cuts: p.cuts.filter((c) => used.has(c)).map(at),
    roots: p.roots.map(at),
    asked: p.asked,
    updates: p.updates.map((u) => ({ leaf: at(u.leaf), value: at(u.value) })),
    certainty: kept.map((i) => p.certainty[i]),
  };
}
