/**
 * Kernels as text. A change of what the compiler makes shows here as a difference of some lines; to take it over, run
 * `node --test --test-update-snapshots test/unit/loops.test.ts`.
 */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { snapshot, type TestContext, test } from "node:test";
import { checkLoops, type LoopKernel, print } from "../../src/compile/loops.ts";
import { lower } from "../../src/compile/lower.ts";
import type { Node } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";
import { relu } from "../../src/ops/activation.ts";
import { linear } from "../../src/ops/linalg.ts";
import { softmax } from "../../src/ops/reduce.ts";
import { buffer, machine } from "../fuzz/kernels.ts";

snapshot.setResolveSnapshotPath((file) =>
  join(import.meta.dirname, "../snapshots", `${basename(file ?? "")}.snapshot`),
);
snapshot.setDefaultSnapshotSerializers([String]);

/** Holds the kernels of a graph against the text of before. */
function compare(t: TestContext, ...roots: readonly Node[]): void {
  const { loops } = lower(roots, machine);
  loops.forEach(checkLoops);
  t.assert.snapshot(loops.map((k) => `${k.name}\n${print(k)}`).join("\n\n"));
}

const x = buffer([6, 10]);

test("a map of a broadcast: one vector loop, and numbers as arguments", (t) => {
  compare(t, g.add(g.mul(x, g.like(x, 0.1)), g.expand(buffer([1, 10]), [6, 10])));
});

test("padding guards the value, and a slice that runs backwards is a negative stride", (t) => {
  const backwards = g.flip(g.exp(x), 1);
  compare(t, g.pad(backwards, { lo: [0, 2], hi: [0, 1], interior: [0, 1], value: -1 }));
});

test("a gather: an index that is loaded, clamped and reported", (t) => {
  compare(t, g.gather(buffer([50, 8]), g.expand(buffer([5, 1], "int32"), [5, 8]), 0));
});

test("a sum along rows: partial sums in lanes, folded", (t) => {
  compare(t, g.sum(g.mul(buffer([6, 100]), buffer([6, 100])), [1]));
});

test("a greatest value along columns: lanes are columns, NaN is looked for beside", (t) => {
  compare(t, g.reduce(buffer([30, 20]), "max", [0]));
});

test("softmax: three walks over a row", (t) => {
  compare(t, softmax(buffer([8, 40]), -1));
});

test("a product of matrices with bias and activation: packed columns, a tile of sums, an epilogue", (t) => {
  compare(t, relu(linear(buffer([6, 20]), buffer([9, 20]), buffer([9]))));
});

test("a convolution: padding first, then a product over what is under the filter", (t) => {
  compare(
    t,
    g.conv(buffer([2, 3, 8, 8]), buffer([4, 3, 3, 3]), {
      ...{ stride: [2, 2], dilation: [1, 1], inputDilation: [1, 1], groups: 1 },
      padding: [
        [1, 1],
        [1, 1],
      ],
    }),
  );
});

test("a scatter: the base, then one element after the other", (t) => {
  const index = g.expand(buffer([7, 1], "int32"), [7, 8]);
  compare(t, g.scatter(g.fill(0, [5, 8], "float32"), index, buffer([7, 8]), { axis: 0, op: "add" }));
});

test("a sort of four: a network of exchanges", (t) => {
  compare(t, g.node("sort", [buffer([3, 4])], { axis: 1, descending: false }));
});

test("half floats are widened where they are read, and rounded where they are written", (t) => {
  const half = buffer([12], "float16");
  compare(t, g.mul(half, half));
});

test("the same graph gives the same text, whatever was compiled before", () => {
  const text = (): string =>
    lower([softmax(g.mul(x, x), -1)], machine)
      .loops.map(print)
      .join("\n");
  const first = text();
  lower([g.exp(x), g.sum(x, [0])], machine);
  assert.equal(text(), first);
});

test("a kernel that is not well formed is refused, with its text", () => {
  const [kernel] = lower([g.exp(x)], machine).loops;
  const unbound: LoopKernel = { ...kernel, body: kernel.body.flatMap((s) => (s.op === "for" ? s.body : [s])) };
  assert.throws(() => checkLoops(unbound), /^Error: loops: i\S* is not bound in .*\nin m0: float32\n/);
  const readOnly: LoopKernel = {
    ...kernel,
    memory: kernel.memory.map((m) => (m.kind === "buffer" ? { ...m, written: false } : m)),
  };
  assert.throws(() => checkLoops(readOnly), /loops: m1 is not written to/);
});
