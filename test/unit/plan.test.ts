/** In which order kernels run, and where values lie. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Place, type Plan, plan, type Target } from "../../src/compile/plan.ts";
import { evaluate } from "../../src/device/reference.ts";
import { StaleError } from "../../src/errors.ts";
import { dtypes, read as element, type HostArray } from "../../src/graph/dtype.ts";
import type { Node } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";
import { sizeOf } from "../../src/graph/shape.ts";
import { executorOf } from "../../src/runtime/executor.ts";
import { assign, type Handle, read, realize } from "../../src/runtime/realize.ts";
import { fromHost, type Storage } from "../../src/runtime/storage.ts";
import { leaf, useChecked, useFresh } from "../fuzz/agree.ts";
import { generate } from "../fuzz/generate.ts";
import { buffer, kernelsOfUpdate, machine } from "../fuzz/kernels.ts";
import { type Leaf, nodesOf } from "../fuzz/program.ts";
import { use } from "../helpers/devices.ts";

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

test("an update by the parts of a concatenation waits for the part that reads other elements of the old value", async () => {
  const first = leaf([1, 8], [9]);
  for (const parts of [(x: Node) => [first, x], (x: Node) => [x, first]])
    await updates(leaf([4, 8], [1, 2, 3, 4, 5, 6, 7]), (old) => {
      const index = g.expand(leaf([3, 1], [3, 1, 2], "int32"), [3, 8]);
      return { next: g.concat(parts(g.gather(old, index, 0)), 0), others: [] };
    });
});

describe("the arena", () => {
  /** A plan of a random program, with its leaves in host memory, or on the device if they are there. */
  function planned(seed: number): { plan: Plan; wanted: readonly Target[] } {
    const p = generate(seed);
    const nodes = nodesOf(p);
    const isFull = (v: number): boolean => sizeOf(nodes[v].shape) > 0;
    const asked = p.roots.filter(isFull);
    const updated = p.updates.filter((u) => p.leaves[u.leaf].onDevice && isFull(u.value));
    const wanted: Target[] = [
      ...asked.map((_, i) => (i % 2 === 0 ? ("new" as const) : ("host" as const))),
      ...updated.map((u) => ({ replaces: p.leaves[u.leaf] })),
    ];
    const roots = [...asked, ...updated.map((u) => u.value)].map((v) => nodes[v]);
    const made = plan(roots, wanted, (l) => !(l as Leaf).onDevice, machine);
    return { plan: made, wanted };
  }
  interface Span {
    readonly value: number;
    readonly from: number;
    readonly to: number;
    readonly start: number;
    readonly end: number;
  }
  /** When and where the values of a plan live in its arena: written first, or copied there, and read last. */
  function spansOf({ plan: p }: ReturnType<typeof planned>): Span[] {
    const spans = new Map<number, Span>();
    const live = (value: number, time: number): void => {
      const place = p.places[value];
      if (place.kind !== "arena") return;
      const { shape, dtype, leaf: l } = p.lowered.values[value];
      const { from, to } = spans.get(value) ?? { from: l ? -1 : time, to: time };
      const end = place.offset + sizeOf(shape) * dtypes[dtype].bytes;
      spans.set(value, { value, from: Math.min(from, time), to: Math.max(to, time), start: place.offset, end });
    };
    p.kernels.forEach((k, time) => {
      for (const m of k.memory) if (m.kind === "buffer") live(m.value, time);
    });
    p.roots.forEach((place) => {
      const value = p.places.indexOf(place);
      if (place.kind === "arena") live(value, p.kernels.length);
    });
    return [...spans.values()];
  }

  test("values of 1000 random programs that are alive at one time share no byte, and none lies outside", () => {
    let shared = 0;
    for (let seed = 5_000_000; seed < 5_001_000; seed++) {
      const made = planned(seed);
      const spans = spansOf(made);
      for (const [i, a] of spans.entries()) {
        assert.ok(a.start >= 0 && a.end <= made.plan.arenaBytes && a.start % 64 === 0, `seed ${seed}`);
        for (const b of spans.slice(i + 1)) {
          const apart = a.end <= b.start || b.end <= a.start;
          if (a.to < b.from || b.to < a.from) shared += Number(!apart);
          else assert.ok(apart, `seed ${seed}: values ${a.value} and ${b.value} share bytes while both live`);
        }
      }
    }
    assert.ok(shared > 100, `memory is used again: ${shared}`);
  });

  test("what is asked for goes to where it was asked to go", () => {
    for (let seed = 5_001_000; seed < 5_001_500; seed++) {
      const { plan: made, wanted } = planned(seed);
      wanted.forEach((t, i) => {
        const place = made.roots[i];
        if (t === "new") assert.deepEqual(place, { kind: "root", root: i });
        else if (t === "host") assert.equal(place.kind, "arena");
        else assert.deepEqual(place, { kind: "leaf", leaf: t.replaces });
      });
    }
  });

  test("a chain of many values needs the memory of two", () => {
    let y: Node = buffer([1000]);
    for (let i = 0; i < 50; i++) y = g.scan(g.reshape(y, i % 2 === 0 ? [10, 100] : [1000]), "add", 0);
    const { arenaBytes, kernels } = plan([y], ["new"], () => false, machine);
    assert.equal(kernels.length, 50);
    assert.equal(arenaBytes, 2 * 4032);
  });
});

describe("an update in place", () => {
  const p = buffer([64]);
  const twice = (x: Node): Node => g.add(x, x);

  test("needs no kernel besides the one that computes it", () => {
    assert.equal(kernelsOfUpdate([{ leaf: p, value: twice(p) }]), 1);
  });
  test("is made from a copy where it reads other elements of the old value than its own", () => {
    assert.equal(kernelsOfUpdate([{ leaf: p, value: g.flip(p, 0) }]), 2);
    assert.equal(kernelsOfUpdate([{ leaf: p, value: g.scan(p, "add", 0) }]), 2);
  });
  test("comes after every kernel that reads the old value, where the order is free", () => {
    const made = plan([twice(p), g.flip(p, 0)], [{ replaces: p.arg.leaf }, "new"], () => false, machine);
    assert.equal(made.kernels.length, 2);
    const writes = (k: (typeof made.kernels)[number]): Place[] =>
      k.memory.flatMap((m) => (m.kind === "buffer" && m.written ? [made.places[m.value]] : []));
    assert.deepEqual(writes(made.kernels[1]), [{ kind: "leaf", leaf: p.arg.leaf }]);
  });
  test("two parameters change places by way of copies", async () => {
    await useChecked();
    const [a, b] = [leaf([5], [1, 2, 3]), leaf([5], [7, 8, 9, 10])].map((node): Handle => ({ node }));
    await realize([a, b]);
    const [oldA, oldB] = [a.node, b.node];
    assign(a, oldB);
    assign(b, oldA);
    await realize([]);
    assert.deepEqual(await values(a), [7, 8, 9, 10, 7]);
    assert.deepEqual(await values(b), [1, 2, 3, 1, 2]);
  });
  test("of an update sees the new value, and of several the last counts", async () => {
    const p = await parameter(leaf([3], [1, 2, 3]));
    assign(p, twice(p.node));
    assign(p, g.add(p.node, ones(p.node)));
    assign(p, twice(p.node));
    await realize([]);
    assert.deepEqual(await values(p), [6, 10, 14]);
  });
});

test("a recipe whose leaf was updated, and which was not kept, is an error with a remedy", async () => {
  await useChecked();
  const w: Handle = { node: fromHost(new Float32Array([1, 2, 3]), [3], "float32", "fc1.weight") };
  await realize([w]);
  const later: Handle = { node: g.exp(w.node) };
  assign(w, g.neg(w.node));
  await realize([]);
  await assert.rejects(
    realize([later], "loss2"),
    (e: Error) =>
      e instanceof StaleError &&
      e.message ===
        "loss2: got a recipe recorded before fc1.weight was updated, and not kept, but it takes values that still exist. " +
          "Read or realize it before optimizer.step(), or record it again afterwards.",
  );
  assert.deepEqual(await values(w), [-1, -2, -3], "and nothing else is harmed");
});

test("an update that is stale leaves what was there, and what is stale beside it keeps no update from being made", async () => {
  for (const device of ["checked", "reference"] as const) {
    await (device === "checked" ? useChecked() : use(device));
    const [a, b] = [leaf([2], [1, 2]), leaf([2], [3, 4])].map((node): Handle => ({ node }));
    await realize([a, b]);
    const [stale, wanted] = [g.add(a.node, b.node), { node: g.exp(a.node) }];
    assign(a, g.neg(a.node));
    await realize([]);
    assign(b, g.mul(b.node, b.node));
    assign(b, stale);
    await assert.rejects(realize([]), StaleError);
    assert.deepEqual(
      [await values(a), await values(b)],
      [
        [-1, -2],
        [3, 4],
      ],
    );
    assign(b, g.neg(b.node));
    await assert.rejects(realize([wanted]), StaleError);
    assert.deepEqual(await values(b), [-3, -4]);
  }
});

describe("a plan is made once for a structure", () => {
  const step = async (lr: number, x: readonly number[]): Promise<number[]> => {
    const p = { node: g.sub(leaf([4], x), g.mul(g.exp(leaf([4], x)), g.fill(lr, [4], "float32"))) };
    await realize([p]);
    return values(p);
  };
  test("another learning rate and other data are no reason to compile", async () => {
    const executor = executorOf(await useFresh());
    const first = await step(0.1, [1, 2]);
    const counts = [executor.planCount, executor.kernelCount];
    const second = await step(0.05, [1, 2]);
    await step(0.3, [5, 6, 7]);
    assert.deepEqual([executor.planCount, executor.kernelCount], counts);
    assert.notDeepEqual(first, second);
    const expected = Math.fround(1 - Math.fround(Math.fround(Math.E) * Math.fround(0.05)));
    assert.ok(Math.abs(second[0] - expected) < 1e-6, "the number that was given at launch is used");
  });
  test("numbers that kernels could use to spare work belong to the structure: 0, 1, −1, 2 and what is not finite", async () => {
    const executor = executorOf(await useFresh());
    const counts: number[] = [];
    for (const lr of [0.7, 0, 1, -1, 2, Number.POSITIVE_INFINITY, 0.25]) {
      await step(lr, [1, 2]);
      counts.push(executor.planCount);
    }
    assert.deepEqual(
      counts.map((c) => c - counts[0]),
      [0, 1, 2, 3, 4, 5, 5],
    );
  });
  test("equal kernels of different plans are compiled once", async () => {
    const executor = executorOf(await useFresh());
    const one = { node: g.cos(g.cos(leaf([77], [1]))) };
    await realize([one]);
    const [plans, kernels] = [executor.planCount, executor.kernelCount];
    const two = [{ node: g.cos(g.cos(leaf([77], [3]))) }, { node: g.cos(g.cos(leaf([77], [4]))) }];
    await realize(two);
    assert.deepEqual([executor.planCount, executor.kernelCount], [plans + 1, kernels]);
  });
  test("leaves are told apart by where they lie, and by whether two are one", async () => {
    const executor = executorOf(await useFresh());
    const before = executor.planCount;
    const [a, b] = [leaf([3], [1]), leaf([3], [2])];
    await realize([{ node: g.add(a, b) }]);
    await realize([{ node: g.add(a, a) }]);
    assert.equal(executor.planCount, before + 2);
    const onDevice = await parameter(leaf([3], [1]));
    await realize([{ node: g.add(onDevice.node, b) }]);
    assert.equal(executor.planCount, before + 3);
  });
});
