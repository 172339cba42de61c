/** The tape of the lesson on backpropagation counts the passes that it really does, and its gradients are right. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { differenceAt, tapeOf, weightsOf } from "../../src/experiments/parts/tape.ts";
import { seed, setDevice } from "../../src/index.ts";

describe("the tape of backpropagation", () => {
  before(() => setDevice("wasm", { threads: 1 }));

  test("gives the gradient of every value by one pass forward and one backward, whatever its size", async () => {
    for (const hidden of [1, 3, 40]) {
      const tape = tapeOf(hidden);
      const nodes = await tape.nodes();
      assert.deepEqual(tape.passes, { backpropagation: 2, differences: 0 });
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
    const weights = weightsOf(tape, nodes);
    assert.equal(
      weights.length,
      tape.parameters.reduce((sum, p) => sum + p.numel(), 0),
    );
    const before = await Promise.all(tape.parameters.map((p) => p.data()));
    for (const weight of weights) {
      assert.ok(Math.abs((await differenceAt(tape, weight, 0.02)) - weight.gradient) < 1e-4, weight.name);
    }
    assert.deepEqual(await Promise.all(tape.parameters.map((p) => p.data())), before);
    assert.deepEqual(tape.passes, { backpropagation: 2, differences: 2 * weights.length });
  });
});
