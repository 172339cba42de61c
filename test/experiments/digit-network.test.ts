/** The networks of Day 2: what a look at their layers sees is what they compute, and it changes nothing. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { accuracyByBatch, batchNormPictures, unitMeansOf } from "../../src/experiments/parts/batch-norm.ts";
import { type DigitNetwork, digitNetwork, traceOf } from "../../src/experiments/parts/digit-network.ts";
import { histogramOf } from "../../src/experiments/parts/histogram.ts";
import { activationAt, isAll, isNormed } from "../../src/experiments/parts/layer-lists.ts";
import { widthsOf } from "../../src/experiments/parts/network-settings.ts";
import { sparsityOf } from "../../src/experiments/parts/sparsity.ts";
import { rand, realize, seed, tensor } from "../../src/index.ts";
import { use } from "../helpers/devices.ts";

const network = (norm: number | null): DigitNetwork =>
  digitNetwork({ hidden: [12, 7], activation: () => "tanh", weights: "xavier", std: 0, norm: () => norm });

describe("networks on the digits", () => {
  before(async () => {
    await use("wasm");
    seed(1);
  });

  test("give to their last layer what a trace sees", async () => {
    const built = network(0.1);
    built.model.eval();
    const x = rand([5, 784]);
    const top = traceOf(built, x)[1].output;
    const [got, want] = [await built.linears[2].forward(top).data(), await built.model.forward(x).data()];
    assert.deepEqual([...got], [...want]);
  });

  test("are normalized by the batch in a trace, and keep their running means", async () => {
    const built = network(0.1);
    const x = rand([50, 784]);
    for (const { input } of traceOf(built, x, { byBatch: true })) {
      const [means, deviations] = [await input.mean(0).data(), await input.std(0, { correction: 0 }).data()];
      assert.ok(means.every((mean) => Math.abs(mean) < 1e-5));
      assert.ok(deviations.every((deviation) => Math.abs(deviation - 1) < 1e-2));
    }
    await batchNormPictures(built, x);
    assert.ok((await built.hidden[0].norm?.runningMean?.data())?.every((mean) => mean === 0));
  });

  test("show a batch's mean by how far it moves the running one", async () => {
    const built = network(0.25);
    const unitMeans = unitMeansOf(built, 0.25);
    for (let step = 0; step < 2; step++) {
      const x = rand([50, 784]);
      const [want] = await built.linears[0].forward(x).mean(0).data();
      built.model.forward(x);
      await realize();
      const [batch] = Array.from((await unitMeans()).unitMeans?.values ?? []);
      assert.ok(Math.abs(batch - want) < 1e-5, `${batch} for ${want}`);
    }
    assert.deepEqual(await unitMeansOf(network(null), 0.1)(), {});
  });

  test("are tested batch by batch on whole batches only", async () => {
    const built = network(0.1);
    const x = rand([50, 784]);
    const top = traceOf(built, x, { byBatch: true })[1].output;
    const y = tensor(Int32Array.from(await built.linears[2].forward(top).argmax(1).data()));
    assert.equal(await accuracyByBatch(built, { x, y }, 50), 1);
    assert.ok((await accuracyByBatch(built, { x, y }, 4)) < 1);
  });

  test("count every number in a histogram, those beyond its ends too, but what is none", () => {
    const { counts } = histogramOf("", [-9, 0, 0.49, 0.5, 1, 9, Number.NaN], { from: 0, to: 1, bins: 2 });
    assert.deepEqual(counts, [3, 3]);
  });

  test("take the last entry of a list for further layers", () => {
    assert.deepEqual(
      [0, 1, 2, 5].map((layer) => activationAt([0, 2, 1], layer)),
      ["sigmoid", "tanh", "relu", "relu"],
    );
    assert.deepEqual([isAll([1, 1], "relu"), isAll([1, 0], "relu")], [true, false]);
    assert.deepEqual([isNormed([1, 0], 0), isNormed([1, 0], 3), isNormed([], 0)], [true, false, false]);
  });

  test("have units at 0 where their input is negative", async () => {
    const built = digitNetwork({ hidden: [12, 7], activation: () => "relu", weights: "he", std: 0 });
    const x = rand([60, 784]);
    const { zeros, units } = await sparsityOf(built, x, 9);
    assert.deepEqual([units?.rows, units?.cols], [7, 50]);
    const inputs = await traceOf(built, x)[1].input.data();
    const off = Array.from(inputs, (input) => (input <= 0 ? 1 : 0) as number);
    assert.ok(Math.abs((zeros?.values[1] ?? 0) - off.reduce((a, b) => a + b) / off.length) < 1e-6);
    assert.deepEqual(
      Array.from(units?.values ?? []).slice(0, 50),
      off.filter((_, i) => i % 7 === 0 && i < 350).map((x) => 1 - x),
    );
  });

  test("have 1 to 10 hidden layers", () => {
    assert.deepEqual(widthsOf("xavier", [3.4, 5]), [3, 5]);
    assert.throws(() => widthsOf("xavier", []), {
      message: "xavier: got 0 hidden layers, but it takes 1 to 10. Give the width of each.",
    });
  });
});
