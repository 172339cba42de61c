/** Integers wrap, divisions by 0 do not trap, casts saturate: the same on every device, in whole vectors and in tails. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { devices, use } from "../helpers/devices.ts";

const min = -(2 ** 31);
const max = 2 ** 31 - 1;
const numbers = [min, min + 1, -65536, -7, -2, -1, 0, 1, 2, 3, 7, 46341, 65536, max - 1, max];
const pairs = numbers.flatMap((a) => numbers.map((b) => [a, b] as const));

/** What is stated: the quotient is cut off, by 1 in place of 0, and wraps. */
const divisor = (b: number): number => (b === 0 ? 1 : b);
const floored = (a: number, b: number): number => Math.floor(a / divisor(b)) | 0;

/** Operations with what they give, and that in plain JavaScript. */
const binary: Record<string, { f: (a: Tensor, b: Tensor) => Tensor; gives: (a: number, b: number) => number }> = {
  add: { f: (a, b) => a.add(b), gives: (a, b) => (a + b) | 0 },
  sub: { f: (a, b) => a.sub(b), gives: (a, b) => (a - b) | 0 },
  mul: { f: (a, b) => a.mul(b), gives: Math.imul },
  floorDivide: { f: (a, b) => a.floorDivide(b), gives: floored },
  remainder: {
    f: (a, b) => a.remainder(b),
    gives: (a, b) => (a - Math.imul(floored(a, b), divisor(b))) | 0,
  },
  fmod: {
    f: (a, b) => a.fmod(b),
    gives: (a, b) => (b === 0 || (a === min && b === -1) ? 0 : (a % b) | 0),
  },
  maximum: { f: (a, b) => a.maximum(b), gives: Math.max },
  "the comparison": { f: (a, b) => a.lt(b).to("int32"), gives: (a, b) => Number(a < b) },
};
const unary: Record<string, { f: (a: Tensor) => Tensor; gives: (a: number) => number }> = {
  neg: { f: (a) => a.neg(), gives: (a) => -a | 0 },
  abs: { f: (a) => a.abs(), gives: (a) => Math.abs(a) | 0 },
  square: { f: (a) => a.square(), gives: (a) => Math.imul(a, a) },
  "division by −1": { f: (a) => a.floorDivide(-1), gives: (a) => -a | 0 },
  "division by 0": { f: (a) => a.floorDivide(0), gives: (a) => a },
  "the way to uint8": { f: (a) => a.to("uint8"), gives: (a) => a & 255 },
};
const int32 = (values: readonly number[]): Tensor => tensor(values, [values.length], { dtype: "int32" });

/** Plain numbers, with +0 for −0. */
const list = async (x: Tensor): Promise<number[]> => Array.from(await x.data(), (v) => Number(v) + 0);

for (const device of devices)
  describe(`integers on ${device}`, () => {
    for (const [name, { f, gives }] of Object.entries(binary))
      test(`${name} of all pairs, together and alone`, async () => {
        await use(device);
        const [a, b] = [int32(pairs.map(([x]) => x)), int32(pairs.map(([, y]) => y))];
        const wanted = pairs.map(([x, y]) => gives(x, y) + 0);
        assert.deepEqual(await list(f(a, b)), wanted);
        for (const [x, y] of [
          [min, -1],
          [min, 0],
          [max, 2],
          [-7, 2],
        ] as const)
          assert.deepEqual(await list(f(int32([x]), int32([y]))), [gives(x, y) + 0], `${x}, ${y}`);
      });

    for (const [name, { f, gives }] of Object.entries(unary))
      test(`${name} of each`, async () => {
        await use(device);
        const many = [...numbers, ...numbers, ...numbers];
        assert.deepEqual(
          await list(f(int32(many))),
          many.map((x) => gives(x) + 0),
        );
      });

    test("sums and products along an axis wrap", async () => {
      await use(device);
      const rows = Array.from({ length: 37 }, (_, i) => (i % 3 === 0 ? max : min + i));
      const sum = rows.reduce((s, x) => (s + x) | 0, 0);
      const product = rows.reduce((s, x) => Math.imul(s, x | 1), 1);
      assert.deepEqual(await list(int32(rows).sum()), [sum]);
      assert.deepEqual(await list(int32(rows.map((x) => x | 1)).prod()), [product]);
      assert.deepEqual(
        await list(int32(rows).cumsum(0)),
        rows.map((_, i) => rows.slice(0, i + 1).reduce((s, x) => (s + x) | 0, 0)),
      );
    });

    test("floats saturate on their way to integers, and NaN is 0", async () => {
      await use(device);
      const floats = [NaN, Infinity, -Infinity, 3e9, -3e9, 2 ** 31, -(2 ** 31), 2147483520, -0.9, 0.9, 1e38, -1e38];
      const wanted = floats.map((x) => (Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, min), max)) + 0));
      const many = (xs: readonly number[]): number[] => [...xs, ...xs, ...xs];
      assert.deepEqual(await list(tensor(many(floats)).to("int32")), many(wanted));
      assert.deepEqual(await list(tensor(floats, [floats.length], { dtype: "float64" }).to("int32")), wanted);
    });
  });
