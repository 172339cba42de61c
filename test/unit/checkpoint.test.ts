import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setDevice } from "../../src/runtime/devices.ts";
import { record } from "../../src/runtime/record.ts";
import { checkpoint, dropout, Parameter, randn, realize, seed, type Tensor } from "../../src/tensor.ts";

describe("checkpoint", () => {
  before(() => setDevice("wasm"));

  type Layer = (h: Tensor) => Tensor;

  /** Gradients of a chain of layers, and the arena that their plan takes. */
  async function chain(wrap: (layer: Layer) => Layer, p: number): Promise<{ grads: unknown[]; bytes: number }> {
    seed(3);
    const weights = Array.from({ length: 8 }, () => new Parameter(randn([32, 32]).mul(0.1)));
    const x = randn([500, 32]);
    await realize(x, ...weights);
    const { result, steps } = await record(async () => {
      let h = x;
      for (const w of weights) h = wrap((h) => dropout(h.matmul(w).tanh(), p).matmul(w).sigmoid())(h);
      h.sum().backward();
      const grads = weights.map((w) => w.grad as Tensor);
      await realize(...grads);
      return grads;
    });
    const bytes = steps.at(-1)?.prepared.plan.arenaBytes ?? 0;
    return { grads: await Promise.all(result.map((g) => g.toArray())), bytes };
  }

  test("checkpoint computes again what it does not keep, with the same gradients in less memory", async () => {
    const kept = await chain((layer) => layer, 0);
    const again = await chain(checkpoint, 0);
    assert.deepEqual(again.grads, kept.grads);
    assert.ok(again.bytes < kept.bytes / 2, `${again.bytes} bytes of ${kept.bytes}`);
  });

  test("checkpoint draws the same random numbers again", async () => {
    const kept = await chain((layer) => layer, 0.5);
    const again = await chain(checkpoint, 0.5);
    assert.deepEqual(again.grads, kept.grads);
  });

  test("a parameter that several checkpoints close over gets the gradient of all of them", async () => {
    seed(1);
    const [w, x] = [new Parameter(randn([4, 4])), randn([3, 4])];
    const layer: Layer = (h) => h.matmul(w).tanh();
    layer(layer(x)).sum().backward();
    const want = await w.grad?.toArray();
    w.grad = null;
    checkpoint(layer)(checkpoint(layer)(x)).sum().backward();
    const gradient: Tensor | null = w.grad as Tensor | null; // which backward() has set
    assert.deepEqual(await gradient?.toArray(), want);
  });
});
