/** What a model is made of: exact counts of known networks, calls of every kind, and that the model is left alone. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import type { WasmDevice } from "../../src/device/wasm.ts";
import { ValueError } from "../../src/errors.ts";
import { AlexNet, DigitsCnn, LeNet5, MLP } from "../../src/models/index.ts";
import {
  BatchNorm1d,
  Concat,
  Conv2d,
  ConvTranspose2d,
  Dropout,
  Embedding,
  Flatten,
  Identity,
  init,
  Linear,
  MaxPool2d,
  Module,
  printSummary,
  ReLU,
  Residual,
  Sequential,
  summary,
} from "../../src/nn/index.ts";
import { currentDevice } from "../../src/runtime/devices.ts";
import { defaultGenerator, dropout, linear, Parameter, randn, seed, type Tensor, zeros } from "../../src/tensor.ts";
import { use } from "../helpers/devices.ts";

const totals = (...given: Parameters<typeof summary>): number[] => {
  const { parameters, macs } = summary(...given);
  return [parameters, macs];
};

describe("summary", () => {
  before(() => use("wasm"));

  test("counts what is known of known networks", () => {
    const alexnet = summary(new AlexNet({ groups: 2 }), [1, 3, 227, 227]);
    const macs = (kind: string): number =>
      alexnet.rows.filter((row) => row.kind === kind).reduce((sum, row) => sum + row.macs, 0);
    assert.deepEqual([alexnet.parameters, alexnet.macs], [60_965_224, 724_406_816]);
    assert.deepEqual([macs("Conv2d"), macs("Linear")], [665_784_864, 58_621_952]);
    assert.deepEqual(totals(new AlexNet({ groups: 1 }), [1, 3, 227, 227]), [62_378_344, 1_135_256_096]);
    assert.deepEqual(totals(new AlexNet({ variant: "torchvision" }), [1, 3, 224, 224]), [61_100_840, 714_188_480]);
    assert.deepEqual(totals(new LeNet5(), [1, 1, 28, 28]), [61_706, 416_520]);
    assert.equal(totals(new DigitsCnn(), [1, 1, 28, 28])[0], 29_178);
    assert.deepEqual(totals(new MLP([784, 300, 100, 10]), [1, 784]), [266_610, 266_200]);
    assert.deepEqual(totals(new MLP([784, 800, 800, 10]), [1, 784]), [1_276_810, 1_275_200]);
    assert.equal(totals(new MLP([784, 1200, 1200, 10]), [1, 784])[0], 2_395_210);
    const caffe = new Sequential(
      ...[new Conv2d(1, 20, 5), new MaxPool2d(2), new Conv2d(20, 50, 5), new MaxPool2d(2), new Flatten()],
      ...[new Linear(800, 500), new ReLU(), new Linear(500, 10)],
    );
    assert.deepEqual(totals(caffe, [1, 1, 28, 28]), [431_080, 2_293_000]);
  });

  test("has a row for each call, below its caller's, and multiplies with the batch", () => {
    const { rows, activationBytes } = summary(new LeNet5(), [2, 1, 28, 28]);
    assert.deepEqual(
      rows.map(({ name, kind, depth }) => `${depth} ${name} ${kind}`),
      ["0  LeNet5", "1 conv1 Conv2d", "1 pool MaxPool2d", "1 conv2 Conv2d", "1 pool MaxPool2d"].concat(
        [1, 2, 3].map((n) => `1 fc${n} Linear`),
      ),
    );
    const [whole, conv1, pool] = rows;
    assert.deepEqual(whole, { ...whole, outputShapes: [[2, 10]], parameters: 0, macs: 0, activationBytes: 0 });
    assert.deepEqual(conv1.outputShapes, [[2, 6, 28, 28]]);
    assert.deepEqual([conv1.parameters, conv1.macs, conv1.activationBytes], [156, 2 * 117_600, 2 * 6 * 784 * 4]);
    assert.deepEqual([pool.parameters, pool.macs, pool.activationBytes], [0, 0, 2 * 6 * 196 * 4]);
    assert.equal(activationBytes, 2 * 4 * (6 * 784 + 6 * 196 + 16 * 100 + 16 * 25 + 120 + 84 + 10));
  });

  test("knows modules of users' own: functions, calls between calls, unused and shared ones, several inputs and outputs", () => {
    class Pair extends Module<[Tensor, Tensor], { sum: Tensor; parts: Tensor[] }> {
      readonly w: Parameter = new Parameter(zeros([4, 4]));
      readonly shared: Linear = new Linear(4, 4);
      readonly again: Linear = this.shared;
      readonly unused: Linear = new Linear(3, 2);
      readonly list: readonly Module[] = [new Linear(4, 2, { bias: false })];

      override forward(a: Tensor, b: Tensor): { sum: Tensor; parts: Tensor[] } {
        const x = this.shared.forward(a.matmul(this.w).relu()); // the product is this module's, not the layer's
        const y = this.again.forward(linear(b, this.w));
        return { sum: x.add(y), parts: [this.list[0].forward(x), b] };
      }
    }
    const model = new Pair();
    model.w.requiresGrad = false;
    const { rows, ...total } = summary(model, [3, 4], zeros([5, 3, 4]));
    assert.deepEqual(
      rows.map(({ name, macs, parameters }) => [name, macs, parameters]),
      [
        ["", 3 * 16 + 15 * 16, 16],
        ["shared", 3 * 16, 20],
        ["shared", 15 * 16, 0],
        ["list.0", 3 * 8, 8],
        ["unused", 0, 8],
      ],
    );
    assert.deepEqual(rows[0].outputShapes, [
      [5, 3, 4],
      [3, 2],
      [5, 3, 4],
    ]);
    assert.deepEqual(rows[4].outputShapes, []);
    assert.deepEqual([total.parameters, total.trainable, total.parameterBytes], [52, 36, 208]);
    assert.match(
      printSummary({ rows, ...total }),
      /unused +Linear +\(not called\)[\s\S]*208 B of parameters, 16 of them/,
    );
  });

  test("knows containers of branches, embeddings and transposed convolutions", () => {
    const block = new Sequential(
      new Residual(new Conv2d(4, 4, 3, { padding: 1 }), new Conv2d(4, 4, 1)),
      new Concat(new Identity(), new Conv2d(4, 2, 1)),
    );
    const { rows, macs } = summary(block, [1, 4, 5, 5]);
    assert.deepEqual(
      rows.map(({ name }) => name),
      ["", "0", "0.body", "0.shortcut", "1", "1.0", "1.1"],
    );
    assert.equal(macs, 25 * (16 * 9 + 16 + 8));
    const words = summary(new Embedding(10, 6), zeros([2, 3], { dtype: "int32" }));
    assert.deepEqual([words.parameters, words.macs, words.rows[0].outputShapes], [60, 0, [[2, 3, 6]]]);
    // Each of 2 · 3 · 3 elements is multiplied with 4 channels · 2 · 2 taps, as in PyTorch's own count of operations.
    assert.equal(summary(new ConvTranspose2d(2, 4, 2, { stride: 2 }), [1, 2, 3, 3]).macs, 18 * 16);
  });

  test("computes nothing, draws nothing, and leaves the model as it was", async () => {
    seed(4);
    const model = new Sequential(new Linear(4, 3), new BatchNorm1d(3), new Dropout(0.5));
    class Own extends Module {
      override forward = (x: Tensor): Tensor => model.forward(dropout(x)); // draws even in eval mode
      readonly inner: Sequential = model;
    }
    const own = new Own();
    const { forward } = own;
    model.layers[1].eval();
    const device = (await currentDevice()) as WasmDevice;
    const before = [device.allocations, defaultGenerator.state, model.layers.map((layer) => layer.training)];
    summary(own, [5, 4]);
    assert.deepEqual(before, [device.allocations, defaultGenerator.state, model.layers.map((layer) => layer.training)]);
    assert.equal(own.forward, forward);
    assert.ok(own.training && !Object.hasOwn(model.layers[0], "forward"));
    const state = model.state();
    assert.deepEqual(await state.get("1.running_mean")!.toArray(), [0, 0, 0]);
    assert.equal(await state.get("1.num_batches_tracked")!.item(), 0);
    model.train();
    model.forward(randn([5, 4])); // and the running statistics move again
    assert.equal(await state.get("1.num_batches_tracked")!.item(), 1);
  });

  test("does not count how first values are made", () => {
    const layer = new Linear(4, 4, { bias: false });
    layer.weight.assign(init.orthogonal([4, 4]).matmul(init.orthogonal([4, 4])));
    assert.equal(summary(layer, [1, 4]).macs, 16);
  });

  test("uncovers the modules also where forward throws, and says what it takes", () => {
    const model = new Sequential(new Linear(4, 3), new Linear(4, 3));
    assert.throws(() => summary(model, [2, 4]), /Linear "1": got \[2,3\]/);
    assert.ok(model.layers.every((layer) => layer.training && !Object.hasOwn(layer, "forward")));
    assert.throws(() => summary(model, 4 as never), ValueError);
  });

  test("is a table as text", () => {
    const model = new Sequential({ hidden: new Linear(784, 300), act: new ReLU(), out: new Linear(300, 10) });
    assert.equal(
      printSummary(summary(model, [64, 784])),
      `
layer     kind        output     parameters  multiply-adds  activations
───────────────────────────────────────────────────────────────────────
(model)   Sequential  [64, 10]
  hidden  Linear      [64, 300]     235,500     15,052,800     75.0 KiB
  act     ReLU        [64, 300]                                75.0 KiB
  out     Linear      [64, 10]        3,010        192,000      2.5 KiB
───────────────────────────────────────────────────────────────────────
total                               238,510     15,244,800    152.5 KiB
931.7 KiB of parameters`.trim(),
    );
  });

  test("is what the READMEs show", () => {
    const table = printSummary(summary(new LeNet5(), [1, 1, 28, 28]));
    for (const page of ["README.md", "README.ja.md"]) {
      assert.ok(readFileSync(new URL(`../../${page}`, import.meta.url), "utf8").includes(table), `${page}:\n${table}`);
    }
  });
});

describe("AlexNet", () => {
  test("has torchvision's names and shapes", () => {
    const shapes = [...new AlexNet({ variant: "torchvision" }).state()].map(([name, { shape }]) => `${name} ${shape}`);
    assert.deepEqual(
      shapes.filter((s) => s.includes("weight")),
      [
        "features.0.weight 64,3,11,11",
        "features.3.weight 192,64,5,5",
        "features.6.weight 384,192,3,3",
        "features.8.weight 256,384,3,3",
        "features.10.weight 256,256,3,3",
        "classifier.1.weight 4096,9216",
        "classifier.4.weight 4096,4096",
        "classifier.6.weight 1000,4096",
      ],
    );
    assert.equal(shapes.length, 16);
  });

  test("comes in other sizes, widths and counts of classes, and refuses what it cannot be", () => {
    const outputs = (options: ConstructorParameters<typeof AlexNet>[0], ...shape: number[]): unknown =>
      summary(new AlexNet(options), shape).rows[0].outputShapes[0];
    for (const variant of ["2012", "torchvision"] as const) {
      assert.deepEqual(outputs({ variant, size: 32, width: 0.1, classes: 10 }, 4, 3, 32, 32), [4, 10]);
      assert.deepEqual(outputs({ variant, size: 28, width: 0.1, channels: 1 }, 4, 1, 28, 28), [4, 1000]);
      for (const size of [15, 66, 67, 96]) {
        assert.deepEqual(outputs({ variant, size, width: 0.05, classes: 5 }, 1, 3, size, size), [1, 5]);
      }
    }
    const kernels = [3, 3, 5, 1, 7];
    for (const variant of ["2012", "torchvision"] as const) {
      assert.deepEqual(outputs({ variant, size: 32, kernels, width: 0.1, classes: 10 }, 4, 3, 32, 32), [4, 10]);
      const { features } = new AlexNet({ variant, kernels, width: 0.1 });
      const sizes = [...features.state().values()].filter(({ ndim }) => ndim === 4).map(({ shape }) => shape[2]);
      assert.deepEqual(sizes, kernels);
    }
    for (const wrong of [[3, 3, 3], [3, 3, 3, 3, 4], [13, 5, 3, 3, 3], []]) {
      assert.throws(() => new AlexNet({ kernels: wrong } as never), ValueError, print(wrong));
    }
    const refused = [{ groups: 3 }, { size: 14 }, { width: 0 }, { dropout: 2 }, { variant: "2014" }, { channel: 1 }];
    for (const options of refused) assert.throws(() => new AlexNet(options as never), ValueError, print(options));
    assert.throws(() => new AlexNet({ variant: "torchvision", groups: 2 }), ValueError);
  });
  const print = (options: object): string => JSON.stringify(options);
});
