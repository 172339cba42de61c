/** How much the gradients of minibatches differ from that of all examples, and what parts of a batch add up to. */
import { crossEntropy, type Tensor } from "../../index.ts";
import type { Module } from "../../nn/index.ts";
import { hostMath } from "../../tensor/arguments.ts";
import type { Line } from "../probe.ts";
import { say, type Text } from "../text.ts";
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

export interface Noise {
  /** The mean distance of minibatches' gradients from the whole gradient, as a part of its length; for each size. */
  readonly sizes: number[];
  /** The same gradients, seen along the whole one and across it, with the ellipse of twice their deviation for each size. */
  readonly cloud: Line[];
}

export async function noiseOf(model: Module, all: Examples, sizes: readonly number[], draws = 8): Promise<Noise> {
  const whole = await gradientOf(model, all);
  const count = all.x.shape[0];
  const [length, along] = [lengthOf(whole), unit(whole)];
  let across: Float32Array | null = null;
  const noise: Noise = { sizes: [], cloud: [] };
  for (const size of sizes) {
    let sum = 0;
    const places: [number, number][] = [];
    for (let k = 0; k < draws; k++) {
      const from = (k * 997 + size) % Math.max(count - size, 1);
      const part = { x: all.x.narrow(0, from, size), y: all.y.narrow(0, from, size) };
      const g = await gradientOf(model, part);
      sum += distance(g, whole) / length;
      const onward = dot(g, along);
      // Across: what the first of the smallest batches has beside the whole gradient.
      across ??= unit(g.map((v, i) => v - onward * along[i]));
      places.push([onward / length, dot(g, across) / length]);
    }
    noise.sizes.push(sum / draws);
    noise.cloud.push(...ellipse(say(`${size} 枚`, `${size} digits`), places));
  }
  return noise;
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, i) => sum + v * b[i], 0);
const unit = (v: Float32Array): Float32Array => {
  const length = Math.max(lengthOf(v), 1e-30);
  return v.map((x) => x / length);
};

/** Places as dots, and the ellipse of twice their standard deviation. */
function ellipse(name: Text, places: readonly (readonly [number, number])[]): Line[] {
  const n = places.length;
  const mean = [0, 1].map((axis) => places.reduce((sum, p) => sum + p[axis], 0) / n);
  const spread = (a: number, b: number): number =>
    places.reduce((sum, p) => sum + (p[a] - mean[a]) * (p[b] - mean[b]), 0) / Math.max(n - 1, 1);
  // The root of the covariance (Cholesky's) takes a circle to the ellipse.
  const l11 = Math.sqrt(Math.max(spread(0, 0), 1e-12));
  const l21 = spread(0, 1) / l11;
  const l22 = Math.sqrt(Math.max(spread(1, 1) - l21 * l21, 0));
  const turn = Array.from({ length: 41 }, (_, i) => (i * Math.PI) / 20);
  const [c, s] = [turn.map(hostMath.cos), turn.map(hostMath.sin)];
  return [
    { name, x: places.map(([x]) => x), y: places.map(([, y]) => y), dots: true },
    { name, x: c.map((v) => mean[0] + 2 * l11 * v), y: c.map((v, i) => mean[1] + 2 * (l21 * v + l22 * s[i])) },
  ];
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
