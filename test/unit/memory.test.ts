/** Memory stays flat: on the device, in the heap, and in the caches; through errors, and whatever sizes come along. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { openWasm, type WasmDevice } from "../../src/device/wasm.ts";
import { ShapeError } from "../../src/errors.ts";
import { add, fill } from "../../src/graph/ops.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { executorOf } from "../../src/runtime/executor.ts";
import { assign, type Handle, read, realize } from "../../src/runtime/realize.ts";
import { fromHost, storageOf } from "../../src/runtime/storage.ts";
import { randn, type Tensor, tensor } from "../../src/tensor.ts";
import { collectGarbage, heapBytes } from "../fuzz/garbage.ts";
import type { Sample } from "../fuzz/soak.ts";
import { type Net, net, step } from "../fuzz/training.ts";

let device: WasmDevice;
let previous: Awaited<ReturnType<typeof currentDevice>>;
/** What must not grow. */
const usage = (): Record<string, number> => {
  const { planCount, kernelCount } = executorOf(device);
  return { bytes: device.bytesInUse, allocations: device.allocations, plans: planCount, kernels: kernelCount };
};

/** Bytes per step by which the heap grows between samples, by least squares. */
function slope(samples: readonly (readonly [step: number, bytes: number])[]): number {
  const mean = (f: (s: readonly [number, number]) => number): number =>
    samples.reduce((sum, s) => sum + f(s), 0) / samples.length;
  const [at, bytes] = [mean(([i]) => i), mean(([, b]) => b)];
  return mean(([i, b]) => (i - at) * (b - bytes)) / mean(([i]) => (i - at) ** 2);
}

describe("memory stays flat", () => {
  before(async () => {
    previous = await currentDevice();
    device = await openWasm({ threads: 1 });
  });
  beforeEach(() => setDevice(device));
  after(async () => {
    await setDevice(previous);
    await device[Symbol.asyncDispose]();
  });

  test("10,000 steps of training allocate nothing after the third, and leave nothing in the heap", () => {
    const file = join(import.meta.dirname, "../fuzz/soak.ts");
    const output = execFileSync(process.execPath, [file, "10000"], { encoding: "utf8" });
    const samples = JSON.parse(output) as Sample[];
    assert.equal(samples.length, 11);
    const [third] = samples;
    for (const s of samples) assert.deepEqual(s.device, third.device, `after ${s.steps} steps`);
    const last = samples[10];
    assert.ok(last.loss < third.loss / 100, `it learns: from ${third.loss} to ${last.loss}`);
    // Compiled code and caches of the engine settle first.
    const growth = slope(samples.slice(3).map(({ steps, heap }) => [steps, heap]));
    assert.ok(growth <= 20, `the heap grows by ${growth.toFixed(1)} bytes a step`);
    const more = last.resident - samples[6].resident;
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
    const run = async (i: number): Promise<void> =>
      void (await model.forward(tensor([[i, 1, 2, 3, 4, 5, 6, 7]])).data());
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

  test("an update leaves the memory of a value on another device to that device", async () => {
    await using other = await openWasm({ threads: 1 });
    const p: Handle = { node: fromHost(new Float32Array(1000), [1000], "float32") };
    await realize([p]);
    const { bytesInUse } = device;
    await setDevice(other);
    try {
      assign(p, fill(7, [1000], "float32"));
      await realize([]);
      assert.deepEqual([...(await read(p.node)).slice(0, 2)], [7, 7]);
      assert.equal(device.bytesInUse, bytesInUse - 4000);
      storageOf(p.node)?.release("disposed");
    } finally {
      await setDevice(device);
    }
  });

  test("a plan, which is kept, keeps nothing of the data that it was made for", async () => {
    const first = async (): Promise<WeakRef<object>[]> => {
      const onHost: Handle = { node: fromHost(new Float32Array(1000), [1000], "float32") };
      const onDevice: Handle = { node: fromHost(new Float32Array(1000), [1000], "float32") };
      await realize([onDevice]);
      const leaves = [onHost, onDevice].map(({ node }) => storageOf(node) as object);
      await read(add(onHost.node, onDevice.node));
      return leaves.map((x) => new WeakRef(x));
    };
    const data = await first();
    for (let i = 0; i < 20 && data.some((d) => d.deref()); i++) await collectGarbage();
    assert.deepEqual(
      data.map((d) => d.deref() !== undefined),
      [false, false],
    );
  });

  test("plans that have not been used for long are given up", async () => {
    const executor = executorOf(device);
    for (let i = 0; i < 300; i++)
      await tensor(new Float32Array(i + 1))
        .exp()
        .data();
    assert.ok(executor.planCount <= 256, `${executor.planCount} plans`);
  });
});
