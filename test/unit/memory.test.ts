/** Memory stays flat: on the device, in the heap, and in the caches; through errors, and whatever sizes come along. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openWasm, type WasmDevice } from "../../src/device/wasm.ts";
import { ShapeError } from "../../src/errors.ts";
import { Linear, ReLU, Sequential } from "../../src/nn/index.ts";
import { AdamW, type Optimizer } from "../../src/optim/index.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { executorOf } from "../../src/runtime/executor.ts";
import { crossEntropy, randn, seed, type Tensor, tensor } from "../../src/tensor.ts";
import { collectGarbage, heapBytes } from "../fuzz/garbage.ts";

let device: WasmDevice;
let previous: Awaited<ReturnType<typeof currentDevice>>;
before(async () => {
  previous = await currentDevice();
  device = await openWasm({ threads: 1 });
  await setDevice(device);
});
after(async () => {
  await setDevice(previous);
  await device[Symbol.asyncDispose]();
});

/** What must not grow. */
const usage = (): Record<string, number> => {
  const { planCount, kernelCount } = executorOf(device);
  return { bytes: device.bytesInUse, allocations: device.allocations, plans: planCount, kernels: kernelCount };
};

interface Net {
  readonly model: Sequential;
  readonly optimizer: Optimizer;
}

function net(): Net {
  seed(1);
  const model = new Sequential(new Linear(8, 16), new ReLU(), new Linear(16, 4));
  return { model, optimizer: new AdamW(model.parameters(), { lr: 1e-3 }) };
}

/** One step on a batch from the host, as a loader gives them. */
async function step({ model, optimizer }: Net, size = 5): Promise<number> {
  const x = tensor(
    Float32Array.from({ length: size * 8 }, (_, i) => Math.sin(i)),
    [size, 8],
  );
  const y = tensor(Int32Array.from({ length: size }, (_, i) => i % 4));
  const loss = crossEntropy(model.forward(x), y);
  loss.backward();
  await optimizer.step();
  return loss.item();
}

/** Bytes per step by which the heap grows between samples, by least squares. */
function slope(samples: readonly (readonly [step: number, bytes: number])[]): number {
  const mean = (f: (s: readonly [number, number]) => number): number =>
    samples.reduce((sum, s) => sum + f(s), 0) / samples.length;
  const [at, bytes] = [mean(([i]) => i), mean(([, b]) => b)];
  return mean(([i, b]) => (i - at) * (b - bytes)) / mean(([i]) => (i - at) ** 2);
}

test("10,000 steps of training allocate nothing after the third, and leave nothing in the heap", async () => {
  const training = net();
  for (let i = 0; i < 3; i++) await step(training);
  const flat = usage();
  const first = await step(training);
  let last = first;
  const heap: [number, number][] = [];
  const resident: number[] = [];
  for (let i = 4; i <= 10_000; i++) {
    last = await step(training);
    if (i % 1000 === 0) {
      assert.deepEqual(usage(), flat, `after ${i} steps`);
      // Compiled code and caches of the engine settle in the first steps.
      if (i >= 3000) heap.push([i, await heapBytes()]);
      if (i >= 6000) resident.push(process.memoryUsage().rss);
    }
  }
  assert.ok(last < first / 100, `it learns: from ${first} to ${last}`);
  const growth = slope(heap);
  assert.ok(growth <= 20, `the heap grows by ${growth.toFixed(1)} bytes a step: ${heap.map(([, b]) => b)}`);
  const more = (resident.at(-1) as number) - resident[0];
  assert.ok(more <= 4e6, `the process takes ${more} bytes more after 10,000 steps than after 6,000`);
});

test("50 sizes of batches in turn take memory for the largest once, and one plan each", async () => {
  const training = net();
  const round = async (): Promise<void> => {
    for (let size = 1; size <= 50; size++) await step(training, size);
  };
  await round();
  const flat = usage();
  for (let i = 0; i < 5; i++) await round();
  assert.deepEqual(usage(), flat);
});

describe("where every third step throws", () => {
  const failures: Record<string, (training: Net) => Promise<void>> = {
    "while it is recorded": async ({ model }) => {
      assert.throws(() => model.forward(randn([5, 7])), ShapeError);
    },
    "between backward() and step(), so that gradients add up": async ({ model }) => {
      const loss = model
        .forward(randn([5, 8]))
        .square()
        .mean();
      loss.backward();
    },
    "for an index that only the device can see": async ({ model, optimizer }) => {
      const labels = tensor([0, 1, 2, 3, 8]).add(1).int();
      const picked = model.forward(randn([5, 8])).gather(1, labels.unsqueeze(1));
      picked.sum().backward();
      await assert.rejects(optimizer.step(), /got the index [49] in a tensor of indices/);
    },
    "for a recipe that is stale": async ({ model, optimizer }) => {
      const recipe = model.forward(randn([5, 8]));
      model
        .forward(randn([5, 8]))
        .sum()
        .backward();
      await optimizer.step();
      await assert.rejects(recipe.data(), /updated/);
    },
  };
  for (const [name, fail] of Object.entries(failures))
    test(name, async () => {
      const training = net();
      const round = async (): Promise<void> => {
        await step(training);
        await step(training);
        await fail(training);
      };
      for (let i = 0; i < 3; i++) await round();
      const flat = usage();
      for (let i = 0; i < 300; i++) await round();
      assert.deepEqual(usage(), flat);
    });
});

test("inference leaves nothing on the device", async () => {
  const { model } = net();
  const run = async (i: number): Promise<void> => void (await model.forward(tensor([[i, 1, 2, 3, 4, 5, 6, 7]])).data());
  for (let i = 0; i < 3; i++) await run(i);
  const flat = usage();
  for (let i = 0; i < 1000; i++) await run(i);
  assert.deepEqual(usage(), flat);
});

test("what is disposed of gives its memory back at once", async () => {
  await heapBytes(); // what earlier tests have forgotten is gone then
  const results: Tensor[] = [await randn([100, 100]).realize()];
  const { bytesInUse } = device;
  for (let i = 0; i < 20; i++) results.push(await randn([100, 100]).realize());
  assert.equal(device.bytesInUse, bytesInUse + 20 * 40_000);
  for (const r of results) r.dispose();
  assert.equal(device.bytesInUse, bytesInUse - 40_000);
});

test("what is forgotten gives its memory back when it is collected", async () => {
  await (await randn([50, 50]).realize()).data();
  await collectGarbage();
  const { bytesInUse } = device;
  const forget = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await randn([50, 50]).realize();
  };
  await forget();
  assert.ok(device.bytesInUse > bytesInUse);
  for (let i = 0; i < 50 && device.bytesInUse > bytesInUse + 10_000; i++) await collectGarbage();
  assert.ok(device.bytesInUse <= bytesInUse + 10_000, `${device.bytesInUse - bytesInUse} bytes are left`);
});

test("plans that have not been used for long are given up", async () => {
  const executor = executorOf(device);
  for (let i = 0; i < 300; i++)
    await tensor(new Float32Array(i + 1))
      .exp()
      .data();
  assert.ok(executor.planCount <= 256, `${executor.planCount} plans`);
});
