import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import type { Device } from "../../src/device/device.ts";
import { ShapeError } from "../../src/errors.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { executorOf } from "../../src/runtime/executor.ts";
import { jit, Parameter, rand, seed, type Tensor, tensor } from "../../src/tensor.ts";

describe("a compiled function", () => {
  beforeEach(() => setDevice("wasm"));

  const item = async (t: Tensor): Promise<number> => t.item();

  test("a compiled function runs without planning, for each signature", async () => {
    let calls = 0;
    const f = jit((x: Tensor) => {
      calls++;
      return x.mul(3).sum();
    });
    for (let i = 0; i < 5; i++) assert.equal(await item(await f(tensor([i, 1]))), 3 * i + 3);
    assert.equal(calls, 1);
    const { planCount } = executorOf((await currentDevice()) as Device);
    assert.equal(await item(await f(tensor([1, 2, 3]))), 18);
    assert.equal(await item(await f(tensor([1, 2, 4]))), 21);
    assert.equal(calls, 2);
    assert.equal(executorOf((await currentDevice()) as Device).planCount, planCount + 1);
  });

  test("the oracle has no plans to run again, and computes every call anew", async () => {
    await setDevice("reference");
    const f = jit((x: Tensor) => x.mul(3).sum());
    for (let i = 0; i < 3; i++) assert.equal(await item(await f(tensor([i, 1]))), 3 * i + 3);
  });

  test("assignments outside of a compiled function are seen in it, and its own outside", async () => {
    const p = new Parameter(tensor(1), { requiresGrad: false });
    const f = jit((x: Tensor) => x.mul(p).sum());
    for (let i = 1; i < 5; i++) {
      p.assign(tensor(i));
      assert.equal(await item(await f(tensor([10]))), 10 * i);
    }
    const count = jit(() => {
      p.assign(p.add(1));
      return p.mul(1);
    });
    for (let i = 5; i < 8; i++) assert.equal(await item(await count()), i);
    assert.equal(await item(p), 7);
  });

  test("a value that is made on the host is updated by every call from the first on", async () => {
    const p = new Parameter(tensor([1]), { requiresGrad: false });
    const double = jit(() => {
      p.assign(p.mul(2));
      return p.add(0);
    });
    for (let i = 1; i < 6; i++) assert.equal(await item(await double()), 2 ** i);
    assert.equal(await item(p), 32);
  });

  test("random numbers are new in every call, and the same for the same seed", async () => {
    const f = jit((x: Tensor) => x.add(rand([1])).sum());
    const draw = async (): Promise<number[]> => {
      seed(5);
      const all: number[] = [];
      for (let i = 0; i < 3; i++) all.push(await item(await f(tensor([0]))));
      return all;
    };
    const first = await draw();
    assert.equal(new Set(first).size, 3);
    assert.deepEqual(await draw(), first);
  });

  test("reading a value while recording is an error, after which all is as before", async () => {
    const f = jit(async (x: Tensor) => x.mul(await x.item()));
    await assert.rejects(f(tensor([2])), { code: "TRACE" });
    assert.equal(await item(tensor([2]).mul(2)), 4);
    const g = jit((x: Tensor) => x.mul(2));
    assert.equal(await item(await g(tensor([2]))), 4);
  });

  test("what a function assigned before it threw is as it was", async () => {
    const p = new Parameter(tensor([1, 2]), { requiresGrad: false });
    const f = jit((x: Tensor) => {
      p.assign(p.add(1));
      return x.matmul(p);
    });
    await assert.rejects(f(tensor([1, 2, 3])), ShapeError);
    assert.deepEqual(await p.toArray(), [1, 2]);
    assert.equal(await item(await f(tensor([1, 1]))), 5);
  });

  test("results may be disposed of, and compiled functions may call each other", async () => {
    const inner = jit((x: Tensor) => x.mul(2));
    const outer = jit(async (x: Tensor) => (await inner(x)).add(1));
    for (let i = 0; i < 3; i++) {
      const y = await outer(tensor([i]));
      assert.equal(await item(y), 2 * i + 1);
      y.dispose();
    }
  });

  test("what others compute meanwhile is in no recording", async () => {
    const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
    const [mine, other] = [1, 1].map(() => new Parameter(tensor([1]), { requiresGrad: false }));
    for (const p of [mine, other]) await p.assign(tensor([1])).realize();
    const f = jit(async () => {
      mine.assign(mine.add(1));
      await wait();
      return mine.mul(1);
    });
    const first = f();
    await new Promise((resolve) => setTimeout(resolve, 5));
    other.assign(other.add(1));
    await other.realize();
    assert.equal(await item(other), 2); // reading is refused only inside
    for (const [i, y] of [await first, await f(), await f()].entries()) assert.equal(await item(y), i + 2);
    assert.equal(await item(other), 2);
  });
});
