/** Memory stays flat: on the device from the third step on, and on the host over ten thousand. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openWasm, type WasmDevice } from "../../src/device/wasm.ts";
import { Linear, Sequential, Tanh } from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { executorOf } from "../../src/runtime/executor.ts";
import { crossEntropy, seed, type Tensor, tensor } from "../../src/tensor.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

let device: WasmDevice;
before(async () => {
  device = await openWasm({ threads: 1 });
  await setDevice(device);
});
after(() => device[Symbol.asyncDispose]());

/** Bytes of the heap that are reachable: the least of several counts, since collectors are lazy. */
async function heap(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

function training(): { step: (size?: number) => Promise<Tensor> } {
  seed(1);
  const model = new Sequential(new Linear(4, 8), new Tanh(), new Linear(8, 3));
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  let count = 0;
  const step = async (size = 8): Promise<Tensor> => {
    count++;
    const x = tensor(
      Float32Array.from({ length: size * 4 }, (_, i) => Math.sin(i * count)),
      [size, 4],
    );
    const y = tensor(Int32Array.from({ length: size }, (_, i) => (i + count) % 3));
    const loss = crossEntropy(model.forward(x), y);
    loss.backward();
    await optimizer.step();
    return loss;
  };
  return { step };
}

test("10,000 steps take no device memory after the third, and at most 20 bytes of heap each", async () => {
  const { step } = training();
  for (let i = 0; i < 3; i++) await step();
  const { allocations, bytesInUse } = device;
  const plans = executorOf(device).planCount;
  for (let i = 0; i < 4000; i++) await step(); // what the engine compiles on the way belongs to no step
  // The engine compiles and caches at times of its own; what steps leave behind shows in every stretch.
  const slopes: number[] = [];
  for (let stretch = 0; stretch < 3; stretch++) {
    const start = await heap();
    for (let i = 0; i < 2000; i++) {
      const loss = await step();
      if (i % 100 === 0) assert.ok(Number.isFinite(await loss.item()));
    }
    slopes.push(((await heap()) - start) / 2000);
  }
  assert.equal(device.allocations, allocations);
  assert.equal(device.bytesInUse, bytesInUse);
  assert.equal(executorOf(device).planCount, plans);
  assert.ok(Math.min(...slopes) <= 20, `${slopes.map((s) => s.toFixed(1))} bytes a step`);
});

test("steps that fail, and batches of many sizes, leave nothing behind", async () => {
  const { step } = training();
  for (let size = 1; size <= 50; size++) await step(size);
  const { bytesInUse } = device;
  for (let i = 0; i < 300; i++) {
    if (i % 3 === 2) assert.throws(() => tensor([1, 2]).add(tensor([1, 2, 3])), { code: "SHAPE" });
    else await step(1 + (i % 50));
  }
  assert.equal(device.bytesInUse, bytesInUse);
});
