/** Makes a failing program smaller for as long as it fails. */
import { evaluate } from "../../src/device/reference.ts";
import type { HostArray } from "../../src/graph/dtype.ts";
import type { Node } from "../../src/graph/node.ts";
import { sizeOf } from "../../src/graph/shape.ts";
import { hostOf, type Leaf, nodesOf, type Program, type Step, withoutUnused } from "./program.ts";

/** The smallest program that still `fails`, of those that were found in a few seconds. */
export async function shrink(
  program: Program,
  fails: (p: Program) => Promise<boolean>,
  seconds = 10,
): Promise<Program> {
  let best = program;
  const end = performance.now() + 1000 * seconds;
  for (let better = true; better && performance.now() < end; ) {
    better = false;
    for (const smaller of candidates(best)) {
      if (performance.now() >= end) break;
      let p: Program;
      try {
        p = withoutUnused(smaller);
        if (weight(p) >= weight(best) || !(await fails(p))) continue;
      } catch {
        continue; // shapes that no longer fit
      }
      best = p;
      better = true;
      break;
    }
  }
  return best;
}

/** What there is to read of a program: it only ever shrinks. */
function weight(p: Program): number {
  const values = p.leaves.reduce((n, l) => n + l.values.filter((x) => x !== 0).length + 0.5 * l.values.length, 0);
  const extras =
    2 * p.cuts.length +
    p.roots.length +
    3 * p.updates.length +
    (p.asked === "device" ? 0 : 1) +
    p.leaves.filter((l) => l.onDevice).length;
  return 1000 * p.steps.length + 100 * p.leaves.length + 20 * extras + values;
}

function* candidates(p: Program): Generator<Program> {
  const first = p.leaves.length;
  for (const u of p.updates) yield { ...p, updates: p.updates.filter((x) => x !== u) };
  for (const r of p.roots) if (p.roots.length > 1) yield { ...p, roots: p.roots.filter((x) => x !== r) };
  for (const u of p.updates) yield { ...p, roots: [...p.roots, u.value], updates: p.updates.filter((x) => x !== u) };
  if (p.asked !== "device") yield { ...p, asked: "device" };
  for (const c of p.cuts) yield { ...p, cuts: p.cuts.filter((x) => x !== c) };
  for (let i = p.steps.length - 1; i >= 0; i--) {
    const { src } = p.steps[i];
    for (const s of src)
      if (p.roots.includes(first + i)) yield { ...p, roots: p.roots.map((r) => (r === first + i ? s : r)) };
  }
  const { nodes, values } = evaluated(p);
  for (let i = p.steps.length - 1; i >= 0; i--) yield asLeaf(p, first + i, nodes, values);
  for (let i = p.steps.length - 1; i >= 0; i--) {
    for (const s of p.steps[i].src)
      if (nodes[s].dtype === nodes[first + i].dtype && nodes[s].shape.join() === nodes[first + i].shape.join())
        yield instead(p, first + i, s);
  }
  for (const [i, l] of p.leaves.entries()) {
    if (l.onDevice) yield withLeaf(p, i, { ...l, onDevice: false });
    if (l.values.length > 1 && l.values.length < 400) {
      for (let size = l.values.length; size >= 1; size = Math.floor(size / 4))
        for (let from = 0; from < l.values.length; from += size)
          if (l.values.slice(from, from + size).some((x) => x !== 0))
            yield withLeaf(p, i, { ...l, values: l.values.map((x, j) => (j >= from && j < from + size ? 0 : x)) });
    }
    for (let axis = 0; axis < l.shape.length; axis++) if (l.shape[axis] > 1) yield shorter(p, l.shape[axis]);
  }
}

const withLeaf = (p: Program, i: number, leaf: Leaf): Program => ({
  ...p,
  leaves: p.leaves.map((l, j) => (j === i ? leaf : l)),
});

function evaluated(p: Program): { nodes: Node[]; values: Float64Array[] } {
  const nodes = nodesOf(p);
  return { nodes, values: evaluate(nodes, (leaf): HostArray => hostOf(leaf as Leaf)) };
}

/** The program with one value given instead of computed. */
function asLeaf(p: Program, value: number, nodes: readonly Node[], values: readonly Float64Array[]): Program {
  const first = p.leaves.length;
  const { shape, dtype } = nodes[value];
  const leaf: Leaf = { shape, dtype, values: [...values[value]], onDevice: false };
  const to = (i: number): number => (i === value ? first : i < first ? i : i + 1);
  return {
    leaves: [...p.leaves, leaf],
    steps: p.steps.map((s) => ({ ...s, src: s.src.map(to) })),
    cuts: p.cuts.filter((c) => c !== value).map(to),
    roots: p.roots.map(to),
    asked: p.asked,
    updates: p.updates.map((u) => ({ leaf: u.leaf, value: to(u.value) })),
    certainty: [...p.certainty.slice(0, first), p.certainty[value], ...p.certainty.slice(first)],
  };
}

/** The program with `other` in the place of `value`. */
function instead(p: Program, value: number, other: number): Program {
  const to = (i: number): number => (i === value ? other : i);
  return {
    ...p,
    steps: p.steps.map((s): Step => ({ ...s, src: s.src.map(to) })),
    roots: p.roots.map(to),
    asked: p.asked,
    updates: p.updates.map((u) => ({ ...u, value: to(u.value) })),
  };
}

/** The program with one element less on every axis of this size. */
function shorter(p: Program, size: number): Program {
  const less = (x: unknown): unknown => (Array.isArray(x) ? x.map(less) : x === size ? size - 1 : x);
  return {
    ...p,
    leaves: p.leaves.map((l) => {
      const shape = less(l.shape) as number[];
      return { ...l, shape, values: l.values.slice(0, sizeOf(shape)) };
    }),
    steps: p.steps.map((s): Step => {
      if (s.arg === null) return s;
      const arg = Object.fromEntries(
        Object.entries(s.arg).map(([k, v]) => [k, k === "shape" || k === "size" ? less(v) : v]),
      );
      return { ...s, arg: arg as unknown as Step["arg"] };
    }),
  };
}
