/** How much the gradients of minibatches differ from that of all examples, and what parts of a batch add up to. */
import { crossEntropy, type Tensor } from "../../index.ts";
import type { Module } from "../../nn/index.ts";
import type { Examples } from "./digits-task.ts";

/** The gradient of the mean loss of examples by a model's parameters, as one vector. */
async function gradientOf(model: Module, { x, y }: Examples): Promise<Float32Array> {
  model.zeroGrad();
  crossEntropy(model.forward(x), y).backward();
  const parts: Tensor[] = model.parameters().flatMap(({ grad }) => (grad ? [grad.reshape([-1])] : []));
  const arrays = await Promise.all(parts.map((part) => part.data()));
  model.zeroGrad();
  return Float32Array.from(arrays.flatMap((part) => Array.from(part as Float32Array)));
}

const lengthOf = (v: Float32Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
const distance = (a: Float32Array, b: Float32Array): number => lengthOf(a.map((v, i) => v - b[i]));

/** The mean distance of minibatches' gradients from the whole gradient, as a part of its length; for each size. */
export async function noiseOf(model: Module, all: Examples, sizes: readonly number[], draws = 4): Promise<number[]> {
  const whole = await gradientOf(model, all);
  const count = all.x.shape[0];
  const noise: number[] = [];
  for (const size of sizes) {
    let sum = 0;
    for (let k = 0; k < draws; k++) {
      const from = (k * 997 + size) % Math.max(count - size, 1);
      const part = { x: all.x.narrow(0, from, size), y: all.y.narrow(0, from, size) };
      sum += distance(await gradientOf(model, part), whole) / lengthOf(whole);
    }
    noise.push(sum / draws);
  }
  return noise;
}

/** The gradient of a batch against the mean of those of `shards` equal parts: the largest difference, as a part. */
export async function shardDifference(model: Module, { x, y }: Examples, shards: number): Promise<number> {
  const size = x.shape[0] / shards;
  const whole = await gradientOf(model, { x, y });
  const sum = new Float32Array(whole.length);
  for (let k = 0; k < shards; k++) {
    const part = await gradientOf(model, { x: x.narrow(0, k * size, size), y: y.narrow(0, k * size, size) });
    for (let i = 0; i < sum.length; i++) sum[i] += part[i] / shards;
  }
  return distance(sum, whole) / lengthOf(whole);
}
