/** Small nets that must learn: seeded, in seconds, with a bound on what they reach. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ArrayDataset, DataLoader } from "../../src/data/index.ts";
import type { WasmDevice } from "../../src/device/wasm.ts";
import { DigitsCnn, LeNet5, MLP } from "../../src/models/index.ts";
import { BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, Tanh } from "../../src/nn/index.ts";
import { Adam, AdamW, oneCycle, SGD } from "../../src/optim/index.ts";
import { currentDevice } from "../../src/runtime/devices.ts";
import { binaryCrossEntropyWithLogits, crossEntropy, randn, seed, tensor, zeros } from "../../src/tensor.ts";
import { accuracy, evaluate, fit } from "../../src/train/index.ts";
import { use } from "../helpers/devices.ts";
import { numbers } from "../helpers/numbers.ts";

describe("learning", () => {
  before(() => use("wasm"));

  test("XOR, by a perceptron of two layers and gradient descent with momentum", async () => {
    seed(0);
    const model = new MLP([2, 8, 1], { activation: () => new Tanh() });
    const x = tensor([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    const y = tensor([[0], [1], [1], [0]]);
    const optimizer = new SGD(model.parameters(), { lr: 0.5, momentum: 0.9 });
    let last = Infinity;
    for (let i = 0; i < 200; i++) {
      const loss = binaryCrossEntropyWithLogits(model.forward(x), y);
      loss.backward();
      await optimizer.step();
      last = await loss.item();
    }
    assert.ok(last < 0.02, `${last}`);
    const said = await model.forward(x).gt(0).int().data();
    assert.deepEqual([...said], [0, 1, 1, 0]);
  });

  test("three spirals, in batches, by fit()", async () => {
    seed(1);
    const spirals = (stream: number): ArrayDataset => {
      const noise = numbers(600, [-0.15, 0.15], stream);
      const data = new Float32Array(600);
      const labels = Uint8Array.from({ length: 300 }, (_, i) => i % 3);
      labels.forEach((label, i) => {
        const r = (i / 300) * 0.95 + 0.05;
        const angle = r * 4 + (label * 2 * Math.PI) / 3 + noise[2 * i];
        data[2 * i] = r * Math.cos(angle);
        data[2 * i + 1] = r * Math.sin(angle);
      });
      return new ArrayDataset({ x: { data, shape: [2] }, y: { data: labels, dtype: "int32" } });
    };
    const model = new MLP([2, 32, 32, 3], { activation: () => new Tanh() });
    const { history } = await fit(model, {
      train: new DataLoader(spirals(0), { batchSize: 60, shuffle: true, seed: 0 }),
      validation: new DataLoader(spirals(1), { batchSize: 60 }),
      loss: crossEntropy,
      optimizer: new AdamW(model.parameters()),
      schedule: oneCycle(0.03),
      epochs: 60,
      metrics: { accuracy },
    });
    const { validation, train } = history[history.length - 1];
    assert.ok(train.loss < 0.1 && validation!.accuracy > 0.95, JSON.stringify(history.at(-1)));
  });

  test("bars that stand or lie, by a convolutional network with batch norm", async () => {
    seed(2);
    const count = 256;
    const images = Float32Array.from(numbers(count * 64, [-0.5, 0.5], 3));
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
    const places = numbers(count, [0, 7.99], 4).map(Math.floor);
    labels.forEach((label, i) => {
      for (let k = 0; k < 8; k++) images[i * 64 + (label === 0 ? places[i] * 8 + k : k * 8 + places[i])] += 1;
    });
    const data = new ArrayDataset({ x: { data: images, shape: [1, 8, 8] }, y: { data: labels, dtype: "int32" } });
    const model = new Sequential(
      new Conv2d(1, 8, 3, { padding: 1, bias: false }),
      new BatchNorm2d(8),
      new ReLU(),
      new MaxPool2d(2),
      new Conv2d(8, 8, 3),
      new ReLU(),
      new Flatten(),
      new Linear(32, 2),
    );
    const train = new DataLoader(data, { batchSize: 32, shuffle: true, seed: 0 });
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    const { history } = await fit(model, { train, loss: crossEntropy, optimizer, epochs: 8, metrics: { accuracy } });
    assert.ok(history[7].train.loss < 0.1, `${history[7].train.loss}`);
    const measured = await evaluate(model, new DataLoader(data), { metrics: { accuracy } });
    assert.ok(measured.accuracy > 0.98, `${measured.accuracy}`);
  });

  test("the same seed gives the same weights, to the bit", async () => {
    const run = async (): Promise<number[]> => {
      seed(5);
      const model = new MLP([4, 8, 2], { dropout: 0.2 });
      const optimizer = new Adam(model.parameters());
      for (let i = 0; i < 5; i++) {
        model
          .forward(randn([16, 4]))
          .square()
          .mean()
          .backward();
        await optimizer.step();
      }
      return [...(await model.parameters()[0].data())];
    };
    assert.deepEqual(await run(), await run());
  });
});

describe("memory", () => {
  before(() => use("wasm"));

  test("no device memory is taken after the third step", async () => {
    seed(3);
    const device = (await currentDevice()) as WasmDevice;
    const model = new LeNet5();
    const optimizer = new Adam(model.parameters());
    const [x, y] = [randn([4, 1, 28, 28]), zeros([4], { dtype: "int32" })];
    await Promise.all([x.realize(), y.realize()]);
    let [bytes, allocations] = [0, 0];
    for (let i = 0; i < 12; i++) {
      const loss = crossEntropy(model.forward(x), y);
      loss.backward();
      optimizer.lr = 1e-3 / (i + 1);
      await optimizer.step();
      await loss.item();
      if (i === 2) [bytes, allocations] = [device.bytesInUse, device.allocations];
    }
    assert.deepEqual([device.bytesInUse, device.allocations], [bytes, allocations]);
  });

  test("nor in an epoch of fit(), whose batches come from the host", async () => {
    seed(4);
    const device = (await currentDevice()) as WasmDevice;
    const data = Float32Array.from(numbers(512 * 8, [-1, 1], 5));
    const set = new ArrayDataset({
      x: { data, shape: [8] },
      y: { data: Uint8Array.from({ length: 512 }, (_, i) => Number(data[8 * i] > 0)), dtype: "int32" },
    });
    const model = new MLP([8, 16, 2]);
    const seen: number[] = [];
    await fit(model, {
      train: new DataLoader(set, { batchSize: 16, shuffle: true, seed: 0 }),
      loss: crossEntropy,
      optimizer: new Adam(model.parameters()),
      epochs: 3,
      metrics: { accuracy },
      clipNorm: 1,
      onProgress: () => seen.push(device.bytesInUse),
    });
    assert.equal(seen[90], seen[10]);
    assert.equal(new Set(seen.slice(5)).size, 1, `${[...new Set(seen)]}`);
  });
});

describe("models", () => {
  before(() => use("wasm"));

  const count = (model: { parameters(): { numel(): number }[] }): number =>
    model.parameters().reduce((n, p) => n + p.numel(), 0);

  test("have the parameters that they should", () => {
    assert.equal(count(new LeNet5()), 61_706);
    assert.equal(count(new DigitsCnn()), 29_178);
    assert.equal(count(new MLP([784, 300, 100, 10])), 266_610);
    assert.equal(count(new MLP([784, 800, 800, 10])), 1_276_810);
    assert.throws(() => new MLP([3]), /at least two|Give at least two/);
  });

  test("give a score for each class, whatever the batch", async () => {
    for (const model of [new LeNet5(), new DigitsCnn()]) {
      model.eval();
      const y = model.forward(randn([3, 1, 28, 28]));
      assert.deepEqual(y.shape, [3, 10]);
      assert.ok((await y.data()).every(Number.isFinite));
    }
  });
});
