/** The same seed gives the same bits: for any number of threads, in every run, whether kernels are compiled or found. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { openWasm } from "../../src/device/wasm.ts";
import {
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
  Tanh,
} from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { crossEntropy, rand, randint, seed } from "../../src/tensor.ts";

const steps = 200;

const perceptron = (): Module =>
  new Sequential(new Flatten(), new Linear(144, 64), new Tanh(), new Dropout(0.2), new Linear(64, 10));
const convolutional = (): Module =>
  new Sequential(
    new Conv2d(1, 6, 3),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(6, 8, 3, { padding: 1 }),
    new ReLU(),
    new Flatten(),
    new Linear(200, 10),
  );

/** SHA-256 of all weights after training on random images, every batch drawn anew. */
async function weights(make: () => Module, threads: number): Promise<string> {
  const device = await openWasm({ threads });
  await setDevice(device);
  seed(7);
  const model = make();
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
  for (let step = 0; step < steps; step++) {
    const loss = crossEntropy(model.forward(rand([40, 1, 12, 12])), randint(0, 10, [40]));
    loss.backward();
    await optimizer.step();
  }
  const hash = createHash("sha256");
  for (const p of model.parameters()) hash.update(new Uint8Array((await p.data()).buffer));
  await device[Symbol.asyncDispose]();
  return hash.digest("hex");
}

for (const [name, make] of Object.entries({ perceptron, convolutional })) {
  test(`a ${name} network has the same weights after ${steps} steps on 1, 2 and 4 threads, and twice`, async () => {
    const once = await weights(make, 1);
    for (const threads of [1, 2, 4]) assert.equal(await weights(make, threads), once, `${threads} threads`);
  });
}
