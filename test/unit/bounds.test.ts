/**
 * Long sums and deep products of equal numbers, whose roundings all go one way, stay within what is promised:
 * `|y − exact| ≤ 16 · u · S`, where `S` is the sum of the absolute terms, here that of the terms.
 */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { conv2d, full, type Tensor, tensor } from "../../src/tensor.ts";
import { devices, use } from "../helpers/devices.ts";

const unit = 2 ** -24;
/** The last two are the worst of some thousands in products. */
const numbers = [0.1, 0.3, 0.7, 1.1, 0.8003749847412109, 0.6675000190734863].map(Math.fround);

/** `exact`: what every element of `y` is, or those along its last axis. */
async function assertBound(y: Tensor, exact: number | readonly number[], what: string): Promise<void> {
  let worst = 0;
  for (const [i, value] of (await y.data()).entries()) {
    const want = typeof exact === "number" ? exact : exact[i % exact.length];
    worst = Math.max(worst, Math.abs(Number(value) - want) / (unit * want));
  }
  assert.ok(worst <= 16, `${what}: ${worst.toFixed(1)} units`);
}

/** A column of each of the numbers. */
const columns = (depth: number): Tensor =>
  tensor(
    Float32Array.from({ length: depth * numbers.length }, (_, i) => numbers[i % numbers.length]),
    [depth, numbers.length],
  );

/** A tensor of equal numbers that takes a gradient. */
function parameter(shape: readonly number[], value: number): Tensor {
  const x = full(shape, value);
  x.requiresGrad = true;
  return x;
}

for (const device of devices.filter((name) => name !== "reference")) {
  describe(`on ${device}`, () => {
    before(() => use(device));

    for (const depth of [64, 100, 500, 1024, 4096, 10_000]) {
      const sums = numbers.map((v) => depth * v);

      test(`a product of depth ${depth}`, async () => {
        const x = columns(depth);
        await assertBound(
          x
            .transpose(0, 1)
            .matmul(full([depth, 8], 1))
            .transpose(0, 1),
          sums,
          "matrices",
        );
        await assertBound(full([1, depth], 1).matmul(x), sums, "a vector and a matrix");
        for (const v of numbers)
          await assertBound(full([8, depth], v).matmul(full([depth, 8], v)), depth * v * v, `squares of ${v}`);
      });

      test(`a sum of ${depth}`, async () => {
        const x = columns(depth);
        await assertBound(x.sum(0), sums, "down columns");
        await assertBound(x.transpose(0, 1).sum(1), sums, "along rows");
        const wide = x.reshape([depth, 1, 6]).mul(full([1, 40, 1], 1));
        await assertBound(wide.sum(0), sums, "down many columns");
        for (const v of numbers) {
          await assertBound(full([depth, 3, 5], v).sum([0, 2]), 5 * depth * v, `of ${v} over axes that are apart`);
          await assertBound(full([20, depth], v).mean(1), v, `the mean of ${v}`);
        }
      });

      test(`the derivatives of a linear layer with a batch of ${depth}`, async () => {
        for (const v of numbers) {
          const [w, b] = [parameter([5, 7], v), parameter([7], v)];
          full([depth, 5], v).matmul(w).add(b).mul(v).sum().backward();
          await assertBound(w.grad as Tensor, depth * v * v, `weights, ${v}`);
          await assertBound(b.grad as Tensor, depth * v, `bias, ${v}`);
        }
      });
    }

    for (const channels of [8, 60, 250, 1100])
      test(`a convolution of ${channels} channels, and its derivatives`, async () => {
        for (const v of numbers) {
          const [x, w] = [parameter([1, channels, 3, 6], v), parameter([4, channels, 3, 3], v)];
          await assertBound(conv2d(x, w), 9 * channels * v * v, `3 by 3, ${v}`);
          const [many, one] = [parameter([1, 3, 4, 4], v), parameter([channels, 3, 1, 1], v)];
          conv2d(many, one).mul(v).sum().backward();
          await assertBound(many.grad as Tensor, channels * v * v, `pixels, ${v}`);
          const images = parameter([Math.ceil(channels / 8), 3, 12, 12], v);
          const filters = parameter([4, 3, 3, 3], v);
          conv2d(images, filters).mul(v).sum().backward();
          await assertBound(filters.grad as Tensor, images.shape[0] * 100 * v * v, `filters, ${v}`);
        }
      });
  });
}
