/** Long sums and deep products of equal numbers, whose roundings all go one way, stay within what is promised. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { conv2d, full, type Tensor } from "../../src/tensor.ts";
import { devices, use } from "../helpers/devices.ts";

const unit = 2 ** -24;
/** `|y − exact| ≤ 16 · u · S`, where all terms of the sum have one sign, so that `S` is the sum. */
async function assertBound(y: Tensor, exact: number, what: string): Promise<void> {
  for (const value of await y.reshape([-1]).narrow(0, 0, 1).data()) {
    const error = Math.abs(Number(value) - exact) / (unit * Math.abs(exact));
    assert.ok(error <= 16, `${what}: ${error.toFixed(1)} units`);
  }
}

for (const device of devices.filter((name) => name !== "reference")) {
  describe(`on ${device}`, () => {
    before(() => use(device));
    for (const depth of [64, 500, 1024, 4096, 10_000]) {
      test(`over ${depth} equal terms`, async () => {
        for (const number of [0.1, 0.3, 0.7, 1.1]) {
          const v = Math.fround(number);
          await assertBound(full([8, depth], v).matmul(full([depth, 8], v)), depth * v * v, `product of ${v}`);
          await assertBound(full([4, depth], v).sum(1), depth * v, `sum of ${v}`);
          const [x, w] = [full([1, depth, 1, 4], v), full([2, depth, 1, 1], v)];
          await assertBound(conv2d(x, w), depth * v * v, `convolution of ${v}`);
        }
      });
    }
  });
}
