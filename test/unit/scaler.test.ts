/** Losses scaled for training in 16 bits. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { CheckpointError, DTypeError, ValueError } from "../../src/errors.ts";
import { Linear, Module } from "../../src/nn/index.ts";
import { Adam, clipGradNorm, GradScaler, type GradScalerOptions, SGD } from "../../src/optim/index.ts";
import { jit, mseLoss, Parameter, seed, type Tensor, tensor } from "../../src/tensor.ts";
import { fit, loadTraining, saveTraining } from "../../src/train/index.ts";
import { use } from "../helpers/devices.ts";

const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];

describe("GradScaler", () => {
  before(() => use("wasm"));

  test("keeps gradients that float16 would lose, and takes the step that float32 takes", async () => {
    const step = async (scaled: boolean): Promise<number> => {
      const p = new Parameter(tensor([1]));
      const [scaler, optimizer] = [new GradScaler({ scale: 1024 }), new SGD([p], { lr: 2 ** 20 })];
      const loss = p
        .half()
        .mul(2 ** -13)
        .mul(2 ** -13)
        .sum()
        .float(); // its gradient, 2⁻²⁶, is 0 in float16
      if (scaled) {
        scaler.scale(loss).backward();
        await scaler.step(optimizer);
      } else {
        loss.backward();
        await optimizer.step();
      }
      return await p.item();
    };
    assert.deepEqual([await step(false), await step(true)], [1, 1 - 2 ** -6]);
  });

  test("OPT-06: 50 infinite gradients in a row bring the scale to its floor, 10,000 good ones to its ceiling", async () => {
    const p = new Parameter(tensor([1, 2]), { label: "p" });
    const [scaler, optimizer] = [new GradScaler({ interval: 200 }), new Adam([p], { lr: 1e-6 })];
    const step = jit(async (factor: Tensor) => {
      scaler.scale(p.mul(factor).sum()).backward();
      await scaler.step(optimizer);
    });
    for (let i = 0; i < 50; i++) {
      await step(tensor(i % 2 === 0 ? Infinity : NaN));
      const scale = await scaler.current.item();
      assert.equal(scale, Math.max(2 ** (15 - i), 2 ** -24));
    }
    assert.deepEqual([await list(p), await scaler.skipped.item()], [[1, 2], 50]);
    assert.ok([...(await optimizer.state().values().next().value!.data())].every(Number.isFinite));
    const one = tensor(1);
    for (let i = 0; i < 10_000; i++) {
      await step(one);
      if (i % 200 !== 199) continue;
      const scale = await scaler.current.item();
      assert.equal(scale, Math.min(2 ** (-24 + (i + 1) / 200), 2 ** 24));
    }
    assert.equal(await scaler.skipped.item(), 50);
    assert.ok((await list(p)).every((x, i) => x < i + 1 && x > i));
  });

  test("OPT-06: an infinite gradient halves the scale, starts counting anew and changes nothing else", async () => {
    const p = new Parameter(tensor([1]));
    const [scaler, optimizer] = [new GradScaler({ scale: 8, interval: 2 }), new SGD([p], { lr: 1, momentum: 0.5 })];
    const scales: number[] = [];
    for (const g of [1, NaN, 1, 1, 1, Infinity, 1]) {
      scaler.scale(p.mul(g).sum()).backward();
      await scaler.step(optimizer);
      scales.push(await scaler.current.item());
    }
    assert.deepEqual(scales, [8, 4, 4, 8, 8, 4, 4]);
    const plain = new Parameter(tensor([1]));
    const other = new SGD([plain], { lr: 1, momentum: 0.5 });
    for (let i = 0; i < 5; i++) {
      plain.sum().backward();
      await other.step();
    }
    assert.deepEqual(await list(p), await list(plain));
  });

  test("gradients can be clipped once they are scaled back", async () => {
    const p = new Parameter(tensor([0, 0]));
    const [scaler, optimizer] = [new GradScaler(), new SGD([p], { lr: 1 })];
    scaler.scale(p.mul(tensor([3, 4])).sum()).backward();
    scaler.unscale(optimizer.parameters);
    assert.throws(() => scaler.unscale(optimizer.parameters), ValueError);
    const norm = clipGradNorm(optimizer.parameters, 1);
    await scaler.step(optimizer);
    assert.equal(await norm.item(), 5);
    assert.ok((await list(p)).every((x, i) => Math.abs(x + [0.6, 0.8][i]) < 1e-6));
  });

  test("numbers that are none, losses of integers and parameters in 16 bits are refused", () => {
    const options: GradScalerOptions[] = [
      { scale: 0 },
      { scale: Number.NaN },
      { scale: Infinity },
      { growth: 0.5 },
      { backoff: 0 },
      { backoff: 2 },
      { interval: 0 },
      { min: 0 },
      { min: 4, max: 2, scale: 3 },
      { factor: 2 } as GradScalerOptions,
    ];
    for (const bad of options) assert.throws(() => new GradScaler(bad), ValueError, JSON.stringify(bad));
    const scaler = new GradScaler();
    assert.throws(() => scaler.scale(tensor([1], { dtype: "int32" })), DTypeError);
    assert.throws(() => scaler.unscale([new Parameter(tensor([1]).half(), { label: "w" })]), {
      message:
        'GradScaler.unscale: got the parameter "w" in float16, but it takes gradients that bear to be scaled back. ' +
        "Keep parameters in float32, and convert them in forward().",
    });
  });

  /** A line whose product is computed in float16. */
  class Half extends Module {
    readonly line: Linear = new Linear(2, 1);
    forward(x: Tensor): Tensor {
      const { weight, bias } = this.line;
      return x.half().matmul(weight.half().T).float().add(bias!);
    }
  }

  test("OPT-06: fit() takes one, counts what it leaves out, and a checkpoint keeps it", async () => {
    seed(3);
    const model = new Half();
    const optimizer = new Adam(model.parameters(), { lr: 0.05 });
    const scaler = new GradScaler({ scale: 2 ** 24, interval: 50 }); // too large for float16, as 65,504 is its greatest
    const x = Array.from({ length: 32 }, (_, i) => [(i % 8) / 4 - 1, Math.floor(i / 8) / 2 - 1]);
    const train = [{ x: tensor(x), y: tensor(x.map(([a, b]) => [2 * a - b + 0.5])) }];
    const result = await fit(model, { train, loss: mseLoss, optimizer, epochs: 300, scaler });
    assert.ok(result.skipped >= 8 && result.skipped < 40, `${result.skipped} left out`);
    assert.equal(await scaler.skipped.item(), result.skipped);
    assert.ok(result.history.at(-1)!.train.loss < 1e-3, `${result.history.at(-1)!.train.loss}`);
    await assert.rejects(
      fit(model, { train, loss: mseLoss, optimizer, epochs: 1, scaler: {} as GradScaler }),
      ValueError,
    );

    const path = join(tmpdir(), `tsumiki-scaler-${process.pid}.safetensors`);
    try {
      await saveTraining(path, { model, optimizer, scaler });
      const fresh = new GradScaler();
      await loadTraining(path, { model, optimizer, scaler: fresh });
      for (const [name, value] of scaler.state())
        assert.deepEqual(await list(fresh.state().get(name)!), await list(value));
      await assert.rejects(loadTraining(path, { model, optimizer }), CheckpointError);
      await saveTraining(path, { model, optimizer });
      await assert.rejects(loadTraining(path, { model, optimizer, scaler: fresh }), CheckpointError);
    } finally {
      await rm(path, { force: true });
    }
    const before = await scaler.current.item();
    await assert.rejects(scaler.load(new Map([["GradScaler.scale", tensor(1)]])), CheckpointError);
    const bad = new Map([...scaler.state()].map(([name, value]) => [name, name.endsWith("scale") ? tensor(0) : value]));
    await assert.rejects(scaler.load(bad), ValueError);
    assert.equal(await scaler.current.item(), before);
  });
});
