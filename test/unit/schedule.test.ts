/** Which loops a kernel gets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { round } from "../../src/graph/dtype.ts";
import * as g from "../../src/graph/ops.ts";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { agree, leaf } from "../fuzz/agree.ts";
import { devices, use } from "../helpers/devices.ts";

test("a sum of bytes wraps before another stage of its kernel reads it", async () => {
  const rows = g.sum(leaf([5, 6], [250, 9, 13], "uint8"), [1]);
  await agree(g.lt(rows, leaf([5, 1], [20, 250], "uint8")));
});

test("a sum of half floats is rounded before another stage of its kernel reads it", async () => {
  const rows = g.sum(leaf([5, 6], [1, 2048], "float16"), [1]);
  await agree(g.cast(rows, "float32"));
});

test("a kernel that computes in float64 anywhere has no lanes, for there are no vectors of float64", async () => {
  const x = g.cast(leaf([9, 8], [1, 300.7, -2.5], "float64"), "int32");
  const index = leaf([9, 8], [3, 1, 2, 0], "int32");
  await agree(g.scan(x, "add", 0), g.scatter(x, index, x, { axis: 0, op: "add" }));
  const y = g.cast(leaf([8, 8], [1, 3, -2], "float64"), "float32");
  await agree(g.matmul(y, g.transpose(y)));
});

test("a row is not kept in the memory of a result that is written before the row is read for the last time", async () => {
  const x = leaf([4, 5], [1, -4, 2, 3, 0, 5, 5]);
  const moved = g.add(x, g.expand(g.reduce(x, "max", [1]), x.shape));
  const spread = g.expand(g.sum(moved, [1]), x.shape);
  await agree(g.div(moved, spread), spread);
  const share = g.div(moved, spread);
  await agree(g.add(share, share), share, g.mul(share, moved));
});

test("a map whose lanes are every second element, with others between them, agrees", async () => {
  for (const [h, w] of [
    [3, 12],
    [2, 5],
    [1, 40],
  ]) {
    const image = leaf([2, h, w], [1, -4, 2, 3, 0.5, 5, -7]);
    const wide = g.reshape(g.expand(g.reshape(image, [2, h, 1, w, 1]), [2, h, 2, w, 2]), [2, 2 * h, 2 * w]);
    const other = leaf([2, 2 * h, 2 * w], [3, 1, 2, -5]);
    await agree(g.mul(wide, other), g.lt(other, wide));
  }
});

for (const device of devices)
  test(`of such elements of 2 bytes, two are stored as a word on ${device}`, async () => {
    await use(device);
    for (const dtype of ["bfloat16", "float16"] as const)
      for (const w of [12, 5, 16, 33]) {
        const [x, other] = [
          Float32Array.from({ length: 4 * w }, (_, i) => [1, Number.NaN, 1 / 3, -2.7, 1e-41, 60000][i % 6]),
          Float32Array.from({ length: 8 * w }, (_, i) => [1, 3, -1.2, 257, 1 / 7][i % 5]),
        ];
        const wide = tensor(x, [4, w, 1])
          .expand([4, w, 2])
          .reshape([4, 2 * w]);
        const product = await wide
          .mul(tensor(other, [4, 2 * w]))
          .to(dtype)
          .realize();
        const got = Array.from(await product.float().data());
        const want = Array.from(other, (o, i) => round(Math.fround(x[i >> 1] * o), dtype));
        assert.deepEqual(got, want, `${dtype}, ${w} wide`);
      }
  });

test("columns of several rows that walk down together keep what a later loop reads apart", async () => {
  // Too few columns for vectors side by side on any machine, and a row of sums that a second loop reads.
  for (const shape of [
    [3, 4, 7, 5],
    [2, 6, 5, 14],
    [8, 9, 3, 2],
  ]) {
    const x = leaf(shape, [1, -4, 2, 3, 0.5, 5, -7, 9, 11, 0, 1, 13]);
    const moved = g.mul(g.add(x, g.expand(g.reduce(x, "max", [2]), shape)), x);
    await agree(g.div(moved, g.expand(g.sum(moved, [2]), shape)), moved);
  }
});

for (const device of devices.filter((device) => device !== "reference"))
  test(`sums of a product that are stored from registers are the bits that come by way of memory on ${device}`, async () => {
    await use(device);
    const numbers = ([rows, columns]: readonly [number, number]): Tensor =>
      tensor(
        Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(0.7 * i + rows)),
        [rows, columns],
      );
    const maps: readonly ((y: Tensor, row: Tensor, all: Tensor) => Tensor)[] = [
      (y, row) => y.add(row).relu(),
      (y, _row, all) => y.mul(y).sub(all),
      (y, _row, all) => y.add(all.flip(1)),
      (y, _row, all) => y.div(all), // too much for a tile of registers: these sums go by way of memory
    ];
    // One block of depth, several, so many that their sums are carried on, and rows that are 8 KiB apart.
    for (const [rows, depth, columns] of [
      [7, 40, 64],
      [257, 40, 64],
      [257, 600, 128],
      [7, 5000, 64],
      [7, 300, 2048],
    ]) {
      const [a, b] = [numbers([rows, depth]), numbers([depth, columns])];
      const [row, all] = [numbers([1, columns]), numbers([rows, columns])];
      const stored = await a.matmul(b).realize();
      for (const [k, map] of maps.entries()) {
        const both = [await map(a.matmul(b), row, all).data(), await map(stored, row, all).data()];
        const [got, want] = both.map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength));
        assert.ok(got.equals(want), `map ${k} of ${rows}×${depth} · ${depth}×${columns}`);
      }
    }
  });
