/** Plans and kernels that nobody needs any more are given up; those that somebody needs stay. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CheckedDevice } from "../../src/device/checked.ts";
import type { Device } from "../../src/device/device.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { openX64, type X64Device } from "../../src/device/x64.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { executorOf } from "../../src/runtime/executor.ts";
import { explain } from "../../src/runtime/explain.ts";
import { jit, ones, type Tensor } from "../../src/tensor.ts";
import { command, floats, put, step } from "../helpers/device-programs.ts";
import { devices, use } from "../helpers/devices.ts";

const skip = devices.includes("x64") ? false : "x64 does not open here";

/** Plans of as many kinds. */
async function plans(from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n++) {
    const y = await ones([n]).mul(2).sum().item();
    assert.equal(y, 2 * n);
  }
}

/** A device of a test's own, chosen while `work` runs. */
async function on<D extends Device>(device: D, work: (device: D) => Promise<void>): Promise<void> {
  await setDevice(device);
  try {
    await work(device);
  } finally {
    await use("wasm");
    await device[Symbol.asyncDispose]();
  }
}

test("pages of machine code stay as many as they are while shapes vary", { skip }, () =>
  openX64({ threads: 1 }).then((device) =>
    on(device, async () => {
      await plans(1, 260);
      const { codeBytes } = device;
      const { kernelCount, planCount } = executorOf(device);
      await plans(261, 300);
      assert.equal(device.codeBytes, codeBytes);
      assert.equal(executorOf(device).planCount, planCount);
      assert.equal(executorOf(device).kernelCount, kernelCount);
    }),
  ),
);

test("kernels of WebAssembly are given up with their plans", async () =>
  on(await openWasm({ threads: 1 }), async (device) => {
    await plans(1, 260);
    const { kernelCount } = executorOf(device);
    await plans(261, 100);
    assert.equal(executorOf(device).kernelCount, kernelCount);
  }));

test("a compiled function keeps its plan while hundreds of others come and go", async () =>
  on(await openWasm({ threads: 1 }), async () => {
    const f = jit((x: Tensor) => x.exp().sum(0));
    const x = await ones([7]).realize();
    const first = await (await f(x)).item();
    await plans(1, 300);
    assert.equal(await (await f(x)).item(), first);
  }));

test("a compiled function gives up the shapes that it has not seen for long", { skip }, async () =>
  on(await openX64({ threads: 1 }), async (device) => {
    const f = jit((x: Tensor) => x.exp().sum(0));
    const call = async (n: number): Promise<void> => {
      const x = await ones([n]).realize();
      assert.ok(Math.abs((await (await f(x)).item()) - n * Math.E) < 1e-3 * n);
      x.dispose();
    };
    for (let n = 1; n <= 400; n++) await call(n);
    const { codeBytes } = device;
    for (let n = 401; n <= 500; n++) await call(n);
    assert.equal(device.codeBytes, codeBytes);
    await call(1);
  }),
);

test("what is released leaves its pages to others, and its place in the table", { skip }, async () => {
  await using device: X64Device = await openX64({ threads: 1 });
  const before = device.codeBytes;
  const [a, b] = await device.compile([step("a", 0), step("b", 0)]);
  const pair = [device.alloc(4), device.alloc(4)] as const;
  put(device, pair[0], Float32Array.of(8));
  device.release([a]);
  assert.throws(() => device.prepare([command(a, 1, pair)], 0), /a is not compiled/);
  assert.throws(() => device.release([a]), /a is not compiled/);
  device.prepare([command(b, 1, pair)], 0).run();
  assert.deepEqual(await floats(device, pair[1]), Float32Array.of(5));
  device.release([b]);
  assert.equal(device.codeBytes, before);
  const [c] = await device.compile([step("c", 0)]);
  assert.ok(c.id <= b.id, "places are used again");
});

test("explain gives up the kernels that it has timed", { skip }, () =>
  openX64({ threads: 1 }).then((device) =>
    on(device, async () => {
      const { codeBytes } = device;
      await explain(ones([9]).exp());
      assert.equal(device.codeBytes, codeBytes);
    }),
  ),
);

test("explain times kernels within the memory of their results, also beside a result without elements", async () =>
  on(new CheckedDevice(await openWasm({ threads: 1 })), async (device) => {
    assert.equal((await explain(ones([0, 3]).exp(), ones([1000]).exp())).kernels.length, 1);
    await device.check();
  }));
