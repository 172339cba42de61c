/** The tape of the lesson on backpropagation counts the passes that it really does, and its gradients are right. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { differenceAt, tapeOf } from "../../src/experiments/parts/tape.ts";
import { seed, setDevice } from "../../src/index.ts";

describe("the tape of backpropagation", () => {
  before(() => setDevice("wasm", { threads: 1 }));

  test("gives the gradient of every value by one pass forward and one backward, whatever its size", async () => {
    for (const hidden of [1, 3, 40]) {
      const tape = tapeOf(hidden);
      const nodes = await tape.nodes();
      assert.deepEqual(tape.passes, { forward: 1, backward: 1 });
      assert.deepEqual(
        nodes.map(({ name }) => name),
        ["E", "y₂", "u₂", "W₂", "b₂", "y₁", "u₁", "W₁", "b₁"],
      );
      for (const { name, value, gradient } of nodes) assert.equal(gradient.length, value.length, name);
      assert.deepEqual(nodes[0].gradient, [1]);
    }
  });

  test("agrees with central differences, which take two passes each and leave parameters as they were", async () => {
    seed(4);
    const tape = tapeOf(3);
    const nodes = await tape.nodes();
    for (const p of tape.parameters) {
      const node = nodes.find(({ name }) => name === p.label);
      const before = await p.data();
      for (const [index, exact] of node?.gradient.entries() ?? []) {
        assert.ok(Math.abs((await differenceAt(tape, p, index, 0.02)) - exact) < 1e-4, `${p.label}[${index}]`);
      }
      assert.deepEqual(await p.data(), before);
    }
    const count = tape.parameters.reduce((sum, p) => sum + p.numel(), 0);
    assert.equal(tape.passes.forward, 1 + 2 * count);
  });
});
