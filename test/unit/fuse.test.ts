/** Which nodes have memory, and so what becomes a kernel of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lower } from "../../src/compile/lower.ts";
import type { Node } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";
import { agree, leaf } from "../fuzz/agree.ts";
import { buffer, kernelsOf, machine, unjoined } from "../fuzz/kernels.ts";

const x = buffer([64, 100]);

test("views cost nothing: they change where others read", () => {
  const view = g.flip(g.transpose(g.take(g.reshape(x, [640, 10]), 0, 3, 40, 7)), 1);
  assert.equal(kernelsOf([g.exp(view)]), "map");
  assert.equal(lower([g.exp(view)], machine).values.length, 2, "the leaf and the root");
});

test("a chain of elementwise operations is one kernel with one value in memory besides its inputs", () => {
  let y = g.add(x, buffer([64, 100]));
  for (let i = 0; i < 20; i++) y = g.mul(g.tanh(y), y);
  assert.equal(unjoined(y), "map");
  assert.equal(lower([y], machine).values.length, 3);
});

test("a reduction takes what is reduced with it, and a map of its result where both are one kernel", () => {
  assert.equal(unjoined(g.sum(g.exp(g.mul(x, x)), [1])), "reduce");
  assert.equal(unjoined(g.sqrt(g.sum(g.mul(x, x), [1]))), "reduce map");
  assert.equal(kernelsOf([g.sqrt(g.sum(g.mul(x, x), [1]))]), "rows");
});

test("what two kernels read is computed in both if that is cheap, and stored if it is dear", () => {
  const cheap = g.add(x, x);
  assert.equal(unjoined(g.permute(cheap, [1, 0]), g.sum(cheap, [0])), "map reduce");
  const dear = g.exp(x);
  assert.equal(unjoined(g.permute(dear, [1, 0]), g.sum(dear, [0])), "map map reduce");
});

test("what is read many times is computed once, before it is spread", () => {
  const row = buffer([1, 100]);
  const spread = g.expand(g.tanh(row), [64, 100]);
  assert.equal(unjoined(g.add(x, spread)), "map map");
  assert.equal(unjoined(g.add(x, g.expand(g.neg(row), [64, 100]))), "map", "a negation is not worth a kernel");
});

test("each part of a concatenation is written where it belongs by a kernel of its own", () => {
  assert.equal(kernelsOf([g.concat([x, g.neg(x), g.exp(x)], 1)]), "map map map");
});

test("padding around a convolution is stored, so that its loops need no guards", () => {
  const conv = (padding: number) =>
    g.conv(buffer([8, 3, 16, 16]), buffer([8, 3, 3, 3]), {
      ...{ stride: [1, 1], dilation: [1, 1], inputDilation: [1, 1], groups: 1 },
      padding: [
        [padding, padding],
        [padding, padding],
      ],
    });
  assert.equal(kernelsOf([conv(0)]), "contract");
  assert.equal(kernelsOf([conv(1)]), "map contract");
});

test("a gather is a load at an index that is loaded", () => {
  const rows = g.expand(buffer([7, 1], "int32"), [7, 16]);
  assert.equal(kernelsOf([g.exp(g.gather(buffer([50, 16]), rows, 0))]), "map");
});

test("a long sum of few results is cut in blocks, which threads share, and these are added", () => {
  assert.equal(kernelsOf([g.sum(buffer([1000, 1000]), [0, 1])]), "reduce reduce");
  assert.equal(kernelsOf([g.sum(buffer([1000, 30]), [1])]), "reduce");
});

test("a deep product of few results is cut along its depth, and the parts are added", () => {
  assert.equal(kernelsOf([g.matmul(buffer([10, 4096]), buffer([4096, 10]))]), "contract reduce");
  assert.equal(kernelsOf([g.matmul(buffer([10, 400]), buffer([400, 10]))]), "contract");
});

test("a tensor without elements needs no kernel but for the root that it is", () => {
  assert.equal(kernelsOf([g.sum(g.exp(buffer([0, 5])), [0])]), "map");
});

test("a value that is concatenated with itself is read by two kernels, each with axes of its own", async () => {
  const padded = g.pad(leaf([3, 3], [1, 2, 3, 4, 5]), { lo: [0, 1], hi: [1, 0], interior: [0, 1], value: 7 });
  await agree(g.concat([padded, padded], 1));
});

test("a sum of one element is 0 plus that element, so that −0 becomes 0 in sums of any length", async () => {
  await agree(g.sum(leaf([3, 1], [-0, 0, 1]), [1]), g.sum(leaf([3, 2], [-0, -0, 1]), [1]));
});

test("a product of depth 1 gives the 0 that deeper ones give", async () => {
  await agree(
    g.matmul(leaf([2, 1], [0, 0]), leaf([1, 2], [2, -2])),
    g.matmul(leaf([5, 1], [0, 0]), leaf([1, 5], [2, -2])),
  );
});

test("what the gradient of a filter reads is turned around once, so that its channels are columns side by side", async () => {
  const turned = [1, 0, 2, 3];
  const gradient = (x: Node, of: Node, padding = 0): Node =>
    g.conv(g.permute(x, turned), g.permute(of, turned), {
      stride: [1, 1],
      padding: [
        [padding, padding],
        [padding, padding],
      ],
      dilation: [1, 1],
      inputDilation: [1, 1],
      groups: 1,
    });
  // Whole numbers, of which sums are exact in any order.
  const x = leaf([2, 8, 18, 18], [1, -2, 3, 0, 5, 7, -4]);
  const of = [5, 6].map((channels) => leaf([2, channels, 16, 16], [2, 1, -1, 3, 0]));
  assert.equal(unjoined(gradient(x, of[0])), "map contract");
  assert.equal(unjoined(gradient(x, of[0]), gradient(x, of[1])), "map contract contract", "once for two that read it");
  assert.equal(unjoined(gradient(leaf([2, 3, 18, 18], [1]), of[0])), "contract", "but not for so few channels");
  await agree(gradient(x, of[0]), gradient(x, of[1]));

  // The copy pads by itself, unless another reads what is padded as it is.
  const padded = gradient(x, of[0], 2);
  const padding = g.pad(x, { lo: [0, 0, 2, 2], hi: [0, 0, 2, 2], interior: [0, 0, 0, 0], value: 0 });
  assert.equal(unjoined(padded), "map contract");
  assert.equal(unjoined(padded, padding), "map map contract");
  await agree(padded, gradient(x, of[1], 1));
  await agree(padded, padding);

  // Where parts are padded one by one, each part is in a kernel of its own.
  const part = (y: Node): Node => g.pad(y, { lo: [0, 0, 1, 1], hi: [0, 0, 1, 1], interior: [0, 0, 0, 0], value: 0 });
  const joined = gradient(g.concat([part(x), part(g.neg(x))], 1), of[0]);
  assert.equal(unjoined(joined), "map map map contract");
  await agree(joined);
});

test("a chain of thousands of operations is cut, since what lowers it calls itself for each; a short one is one kernel", async () => {
  const chain = (length: number): Node => {
    let y = leaf([4], [1, -2, 3, 0]);
    for (let k = 0; k < length; k++) y = g.add(y, g.like(y, 1));
    return y;
  };
  assert.equal(kernelsOf([chain(200)]), "map");
  assert.equal(kernelsOf([chain(600)]), "map map map");
  await agree(chain(3000));
});

test("along a chain of values that are each read at two places, some are stored: the last would else read thousands", async () => {
  const size = 5000;
  const shifted = (y: Node, by: number): Node =>
    g.slice(g.pad(y, { lo: [by], hi: [0], interior: [0], value: 0 }), { start: [0], size: [size], step: [1] });
  let y = leaf([size], [1, -2, 3, 0, 2]);
  for (let k = 0; k < 12; k++) y = g.add(y, shifted(y, 2 ** k));
  assert.equal(kernelsOf([y]), "map map map");
  await agree(y);

  const twice = g.exp(x);
  assert.equal(unjoined(g.add(twice, g.flip(twice, 1))), "map", "two places are not too many");
});
