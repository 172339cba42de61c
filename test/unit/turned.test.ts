/** Copies that turn rows into columns, at sizes where what is written side by side shares sets of the cache, and at others. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Tensor, tensor } from "../../src/tensor.ts";
import { devices, use } from "../helpers/devices.ts";

/** `(columns, rows)` of numbers that are exact in every type. */
function numbers(columns: number, rows: number): Tensor {
  return tensor(
    Float32Array.from({ length: columns * rows }, (_, i) => ((i * 7919) % 509) - 250),
    [columns, rows],
  );
}

for (const device of devices)
  describe(`rows that become columns on ${device}`, () => {
    for (const [columns, rows] of [
      [1024, 64],
      [512, 32],
      [2048, 96],
      [1040, 64],
      [1032, 64],
      [1000, 64],
    ])
      for (const dtype of ["float32", "float16", "int32"] as const)
        test(`${dtype}[${columns},${rows}] and what is computed of it are where they belong`, async () => {
          await use(device);
          const x = await numbers(columns, rows).to(dtype).realize();
          const [plain, twice] = [x.transpose(0, 1).mul(1), x.transpose(0, 1).add(x.transpose(0, 1))];
          const from = await x.float().data();
          const [one, two] = [await plain.float().data(), await twice.float().data()];
          for (let r = 0; r < rows; r++)
            for (let c = 0; c < columns; c++) {
              const want = Number(from[c * rows + r]);
              const at = r * columns + c;
              if (one[at] !== want || two[at] !== 2 * want) assert.fail(`${one[at]}, ${two[at]} at ${r},${c}: ${want}`);
            }
        });
  });
