/** In which order kernels run, and where values lie. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "../../src/device/reference.ts";
import { read as element, type HostArray } from "../../src/graph/dtype.ts";
import type { Node } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";
import { assign, type Handle, read, realize } from "../../src/runtime/realize.ts";
import type { Storage } from "../../src/runtime/storage.ts";
import { leaf, useChecked } from "../fuzz/agree.ts";

/** A parameter on the device. */
async function parameter(node: Node): Promise<Handle> {
  await useChecked();
  const handle = { node };
  await realize([handle]);
  return handle;
}

const values = async ({ node }: Handle): Promise<number[]> => {
  const host = await read(node);
  return Array.from(host, (_, i) => element(host, i, node.dtype));
};

/** Updates a parameter that holds `given`, and asserts that it and the other results are those of the oracle. */
async function updates(given: Node, step: (old: Node) => { next: Node; others: readonly Node[] }): Promise<void> {
  const oracle = step(given);
  const wanted = evaluate([oracle.next, ...oracle.others], (x) => (x as Storage).host as HostArray);
  const p = await parameter(given);
  const { next, others } = step(p.node);
  const handles = others.map((node): Handle => ({ node }));
  assign(p, next);
  await realize(handles);
  for (const [i, h] of [p, ...handles].entries()) assert.deepEqual(await values(h), [...wanted[i]], `result ${i}`);
}

const ones = (x: Node): Node => g.like(x, 1);

test("an update waits for a loop over rows that reads the old value, though it needs no more than the first", async () => {
  const x = leaf([1, 2], [0, 9], "uint8");
  await updates(leaf([1, 1], [5], "uint8"), (old) => {
    const sum = g.sum(x, [0, 1]);
    return { next: sum, others: [g.mul(g.expand(sum, [1, 2]), g.expand(old, [1, 2])), sum] };
  });
});

test("an update waits where the edge of a padding is computed lane by lane after it", async () => {
  await updates(leaf([10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), (old) => {
    const next = g.add(old, ones(old));
    const padded = g.padAxis(g.take(next, 0, 0, 7), 0, 0, 3);
    return { next, others: [g.mul(padded, next)] };
  });
});

test("what is computed from an update in the same kernel sees the old value once", async () => {
  await updates(leaf([10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), (old) => {
    const next = g.add(old, ones(old));
    return { next, others: [g.mul(next, old), g.mul(next, next)] };
  });
});

test("an update may follow the reduction of rows that it depends on, in one kernel", async () => {
  const x = leaf([40, 10], [1, -2, 3]);
  await updates(leaf([10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), (old) => {
    const rows = g.expand(g.reshape(old, [1, 10]), [40, 10]);
    const sum = g.reshape(g.sum(g.max(g.add(x, rows), g.like(x, 0)), [0]), [10]);
    return { next: g.add(old, sum), others: [sum] };
  });
});

test("an update waits for a later stage that reads the old value by way of one that is not stored", async () => {
  await updates(leaf([4], [0, 7, 1, 136], "uint8"), (old) => {
    const next = g.fill(0, [4], "uint8");
    const rows = g.reshape(g.sum(g.reshape(old, [4, 1]), [1]), [4]);
    return { next, others: [g.max(rows, next)] };
  });
});
