/** A reduction's bits are a function of its shape and its elements: not of what is fused around it, nor of memory. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { realize, type Tensor, tensor } from "../../src/tensor.ts";
import { devices, use } from "../helpers/devices.ts";

for (const device of devices.filter((name) => name !== "reference"))
  describe(`the order of a reduction on ${device}`, () => {
    before(() => use(device));

    const shapes = [
      [3, 4, 50],
      [32, 120],
      [120, 32],
      [2, 3, 7, 9],
      [40, 3, 16],
      [9, 70000],
      [70000, 9],
      [5, 100, 200],
      [2, 64, 33],
      [300, 3, 5],
      [90, 2, 9, 7],
    ];

    const numbers = (shape: readonly number[]): Tensor => {
      const count = shape.reduce((a, b) => a * b, 1);
      return tensor(
        Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7) * 10 ** (i % 4)),
        shape,
      );
    };

    for (const shape of shapes) {
      for (let set = 1; set < 2 ** shape.length; set++) {
        const axes = shape.map((_, i) => i).filter((i) => set & (1 << i));
        test(`the sum of [${shape}] over [${axes}] has the same bits however it is computed`, async () => {
          const x = await numbers(shape).realize();
          const order = shape.map((_, i) => i).reverse();
          const turned = await x.permute(order).mul(1).realize();
          const greater = await x.pad(shape.flatMap(() => [1, 2])).realize();
          const part = shape.reduce((t, size, axis) => t.narrow(axis, 1, size), greater);
          const alone = x.sum(axes, { keepdim: true });
          await realize(alone);
          const want = await alone.data();
          const variants: Record<string, Tensor> = {
            "with an epilogue": x.sum(axes, { keepdim: true }).mul(0.5).mul(2),
            "with a prologue": x.mul(0.5).mul(2).sum(axes, { keepdim: true }),
            "from memory the other way round": turned.permute(order).sum(axes, { keepdim: true }),
            "from a part of something greater": part.sum(axes, { keepdim: true }),
            "beside what needs the whole row": x
              .sub(x.sum(axes, { keepdim: true }))
              .mul(0)
              .sum(axes, { keepdim: true })
              .add(x.sum(axes, { keepdim: true })),
          };
          await realize(...Object.values(variants));
          for (const [how, y] of Object.entries(variants)) assert.deepEqual(await y.data(), want, how);
        });
      }
    }

    test("a sum of ones is their number, of whatever length the last block and the last run are", async () => {
      const most = 520_000;
      const x = await tensor(new Float32Array(most).fill(1)).realize();
      const lengths = [70_001, 100_000, 250_000, 262_145, 499_999, 500_000];
      for (let n = 65_537; n < most; n = Math.floor(n * 1.083) + 7) lengths.push(n);
      for (const n of lengths) {
        const along = x.narrow(0, 0, n).sum();
        const [rows, columns] = [Math.floor(n / 5), 5];
        const down = x
          .narrow(0, 0, rows * columns)
          .reshape([rows, columns])
          .sum(0);
        await realize(along, down);
        assert.equal(await along.item(), n);
        assert.deepEqual([...(await down.data())], Array(columns).fill(rows), `${rows} rows`);
      }
    });
  });
