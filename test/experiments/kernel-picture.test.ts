/** A kernel over a drawing: convolution, im2col and col2im say the same. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { kernelPicture } from "../../src/experiments/parts/kernel-picture.ts";
import { setDevice } from "../../src/index.ts";

const side = 28;
const drawing = Array.from({ length: side * side }, (_, i) => (i % 7) / 7);
const kernel = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe("the picture of a kernel", () => {
  before(() => setDevice("wasm", { threads: 1 }));

  test("has what lies under each window as a column, whose product with the kernel is the output", async () => {
    const { columns, output, difference } = await kernelPicture(drawing, kernel, {
      ...{ stride: 2, padding: 0, channels: 1 },
    });
    assert.equal(output.rows, 13);
    assert.deepEqual([columns.rows, columns.cols], [9, 169]);
    const at = 15; // second row of windows, third column
    assert.equal(columns.colNames?.[at], "(2, 3)");
    let sum = 0;
    for (let i = 0; i < 9; i++) {
      const pixel = drawing[(2 + Math.floor(i / 3)) * side + 4 + (i % 3)];
      assert.ok(Math.abs(columns.values[i * columns.cols + at] - pixel) < 1e-6);
      sum += kernel[i] * pixel;
    }
    assert.ok(Math.abs(output.images[0].pixels[at] - sum) < 1e-4);
    assert.ok(difference < 1e-4);
  });

  test("adds the channels up, each with its own kernel where one is given", async () => {
    const of = (numbers: readonly number[], channels: number) =>
      kernelPicture(drawing, numbers, { stride: 1, padding: 1, channels });
    const none = new Array<number>(9).fill(0);
    const [grey, red, three] = [await of(kernel, 1), await of([...kernel, ...none], 2), await of(kernel, 3)];
    assert.deepEqual(grey.output.images[0].pixels, red.output.images[0].pixels);
    assert.equal(three.input.images.length, 3);
    // In the lower right part there is red only; in the upper left part all three colours.
    const [inside, outside] = [8 * side + 8, 22 * side + 22];
    const value = (p: typeof grey, i: number): number => p.output.images[0].pixels[i];
    assert.ok(Math.abs(value(three, inside) - 3 * value(grey, inside)) < 1e-4);
    assert.ok(Math.abs(value(three, outside) - value(grey, outside)) < 1e-4);
    assert.deepEqual(three.columns.rowNames?.[9], { ja: "緑 (1, 1)", en: "green (1, 1)" });
  });

  test("col2im gives an image back whose windows do not overlap, and adds up what they share", async () => {
    const apart = await kernelPicture(drawing, kernel, { stride: 3, padding: 1, channels: 1 });
    assert.deepEqual(Array.from(apart.folded.images[0].pixels), Array.from(apart.input.images[0].pixels));
    assert.equal(apart.overlap, 1);
    const close = await kernelPicture(drawing, kernel, { stride: 1, padding: 1, channels: 1 });
    assert.equal(close.overlap, 9);
    const at = 10 * side + 10;
    assert.ok(Math.abs(close.folded.images[0].pixels[at] - 9 * drawing[at]) < 1e-5);
  });
});
