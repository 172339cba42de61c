/** What a compiled function gives is what it would give if it were run again: random functions, called with other data. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "../../src/graph/dtype.ts";
import type { Node } from "../../src/graph/node.ts";
import { read as readNode } from "../../src/runtime/realize.ts";
import { fromHost } from "../../src/runtime/storage.ts";
import { jit, Tensor } from "../../src/tensor.ts";
import { useChecked } from "./agree.ts";
import { generate } from "./generate.ts";
import { apply, hostOf, type Leaf, type Program, print } from "./program.ts";
import { check, type Results, resultsOf } from "./run.ts";

/** A leaf with its values moved round by so many places. */
const turned = (l: Leaf, by: number): Leaf => ({
  ...l,
  values: l.values.map((_, i) => l.values[(i + by) % l.values.length]),
});

async function tensorOf(l: Leaf): Promise<Tensor> {
  const t = new Tensor(fromHost(hostOf(l), l.shape, l.dtype));
  return l.onDevice ? t.realize() : t;
}

const arrays = async (tensors: readonly Tensor[]): Promise<Results> =>
  Promise.all(tensors.map(async (t) => (await readNode(t.node)).slice()));

/** The first call of three whose results are not the oracle's. Leaves that are updated are closed over, the others given. */
async function problemOf(p: Program): Promise<string | null> {
  const updated = new Map(p.updates.map((u) => [u.leaf, u.value]));
  const state = new Map<number, Tensor>();
  for (const leaf of updated.keys()) state.set(leaf, await tensorOf(p.leaves[leaf]));
  const given = p.leaves.flatMap((_, i) => (updated.has(i) ? [] : [i]));

  const f = jit((...args: Tensor[]) => {
    const nodes: Node[] = p.leaves.map((_, i) => (state.get(i) ?? args[given.indexOf(i)]).node);
    for (const s of p.steps) nodes.push(apply(s, nodes));
    const results = p.roots.map((r) => new Tensor(nodes[r]));
    for (const [leaf, value] of updated) state.get(leaf)?.assign(new Tensor(nodes[value]));
    return results;
  });

  let leaves = p.leaves;
  for (let call = 0; call < 3; call++) {
    leaves = leaves.map((l, i) => (updated.has(i) ? l : turned(l, call)));
    const args = await Promise.all(given.map((i) => tensorOf(leaves[i])));
    const results = [...(await arrays(await f(...args))), ...(await arrays([...state.values()]))];
    const now = { ...p, leaves };
    const wrong = check(now, results);
    if (wrong) return `call ${call}: ${JSON.stringify(wrong)}\n${print(now)}`;
    leaves = leaves.map((l, i) => {
      const value = updated.get(i);
      if (value === undefined) return l;
      const host = results[resultsOf(p).lastIndexOf(value)];
      return { ...l, values: Array.from(host, (_, j) => read(host, j, l.dtype)) };
    });
  }
  return null;
}

test("1000 random functions give the same compiled, three times, with updates of what they close over", async () => {
  await useChecked();
  for (let seed = 6_000_000; seed < 6_001_000; seed++) {
    const p = { ...generate(seed, Number.POSITIVE_INFINITY), cuts: [] };
    // Indices must stay in range, and random numbers are new in every call.
    if (p.steps.some((s) => ["random", "gather", "scatter"].includes(s.op)) || p.roots.some((r) => r < p.leaves.length))
      continue;
    const problem = await problemOf(p);
    assert.equal(problem && `seed ${seed}: ${problem}`, null);
  }
});
