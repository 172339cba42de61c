/** The cases RED: reductions and sorting. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as F from "../../src/tensor.ts";
import { ones, tensor, zeros } from "../../src/tensor.ts";
import { gives, onDevices, refuses, says } from "../helpers/errors.ts";

const wrong = <T>(value: unknown): T => value as T;
const leaf = (data: F.Nested): F.Tensor => {
  const x = tensor(data);
  x.requiresGrad = true;
  return x;
};
const gradientOf = (x: F.Tensor, y: F.Tensor): F.Tensor => {
  y.sum().backward();
  return x.grad!;
};

describe("RED", () => {
  onDevices("RED-01 reductions of nothing", async () => {
    const x = zeros([0, 3]);
    await gives(
      [x.sum(0), [0, 0, 0]],
      [x.prod(0), [1, 1, 1]],
      [x.any(0), [false, false, false]],
      [x.all(0), [true, true, true]],
    );
    await gives([x.sum(), 0], [x.sum(1), []]);
  });
  test("RED-02 extremes of nothing", () => {
    refuses(
      "VALUE",
      () => zeros([0]).max(),
      () => zeros([0]).argmax(),
      () => zeros([0, 3]).argmax(0),
      () => zeros([0, 3]).amax(0),
    );
    refuses(
      "VALUE",
      () => zeros([0, 3]).max(0),
      () => zeros([0]).amin(),
      () => zeros([0]).norm(0, { p: Infinity }),
    );
    assert.deepEqual(zeros([0, 3]).amax(1).shape, [0]);
    says(
      "amax: got the shape [0,3], with an empty axis to reduce, but it takes at least one element. Check the data, or reduce another axis.",
      () => zeros([0, 3]).amax(),
    );
  });
  onDevices("RED-03 statistics of too little", async () => {
    await gives(
      [zeros([0]).mean(), NaN],
      [zeros([0]).std(), NaN],
      [zeros([1]).var(), NaN],
      [zeros([1]).var(0, { correction: 0 }), 0],
    );
  });
  onDevices("RED-04 softmax of nothing", async () => {
    assert.deepEqual(zeros([2, 0]).softmax(1).shape, [2, 0]);
    await gives([zeros([2, 0]).logsumexp(1), [-Infinity, -Infinity]]);
  });
  onDevices("RED-05 NaN", async () => {
    const x = tensor([1, NaN, 3, NaN]);
    await gives(
      [x.max(), NaN],
      [x.min(), NaN],
      [x.argmax(), 1],
      [x.argmin(), 1],
      [x.max(0).values, NaN],
      [x.max(0).indices, 1],
    );
    await gives(
      [x.relu(), [1, NaN, 3, NaN]],
      [x.clamp({ min: 2, max: 2.5 }), [2, NaN, 2.5, NaN]],
      [x.maximum(0), [1, NaN, 3, NaN]],
    );
    await gives([x.sort().values, [1, 3, NaN, NaN]], [x.sort(0, { descending: true }).values, [3, 1, NaN, NaN]]);
    await gives(
      [x.argsort(), [0, 2, 1, 3]],
      [x.cummax(0), [1, NaN, NaN, NaN]],
      [x.any(), true],
      [F.relu6(x), [1, NaN, 3, NaN]],
    );
  });
  onDevices("RED-06 ties", async () => {
    await gives([tensor([2, 2]).argmax(), 0], [tensor([1, 1, 0]).argmin(), 2]);
    const x = leaf([2, 2]);
    await gives([gradientOf(x, x.max()), [0.5, 0.5]]);
    const y = leaf([2, 2]);
    await gives([gradientOf(y, y.max(0).values), [1, 0]]);
    refuses("VALUE", () => ones([3]).topk(4));
  });
  test("RED-07 axes that are none", () => {
    const x = ones([2, 3]);
    refuses(
      "VALUE",
      () => x.sum([0, 0]),
      () => x.sum([1, -1]),
      () => x.sum(5),
      () => x.sum(-3),
      () => x.sum(1.5),
      () => x.mean(wrong("0")),
    );
    refuses(
      "VALUE",
      () => x.softmax(2),
      () => x.cumsum(2),
      () => x.argmax(2),
      () => x.max(-3),
      () => tensor(1).sum(1),
    );
    says("sum: got axis 1 twice in [1,-1], but it takes each axis once. Remove the repetition.", () => x.sum([1, -1]));
    says("sum: got axis 5 of a tensor of 2 axes, but it takes a whole number from -2 to 1. Check the axis.", () =>
      x.sum(5),
    );
  });
  onDevices("RED-09 the variance of numbers far from 0", async () => {
    const x = tensor(Float32Array.from({ length: 100 }, (_, i) => 1e4 + i * 1e-2));
    const exact = Array.from(await x.data());
    const mean = exact.reduce((a, b) => a + b) / 100;
    const variance = exact.reduce((a, b) => a + (b - mean) ** 2, 0) / 99;
    assert.ok(Math.abs((await x.var().item()) / variance - 1) < 1e-3);
    const normal = await F.layerNorm(x, 100, { eps: 0 }).var().item();
    assert.ok(Math.abs(normal * (99 / 100) - 1) < 2e-3);
  });
  onDevices("RED-10 softmax far out", async () => {
    const nothing = tensor([-Infinity, -Infinity]);
    await gives(
      [tensor([1e4, 0]).softmax(0), [1, 0]],
      [nothing.softmax(0), [NaN, NaN]],
      [nothing.logsumexp(), -Infinity],
    );
    assert.ok(Math.abs((await tensor([-1e4, -1e4]).logsumexp().item()) + 9999.307) < 1e-3);
    await gives([tensor([Infinity, 0]).logsumexp(), Infinity], [tensor([1e4, 0]).logSoftmax(0), [0, -1e4]]);
  });
  onDevices("RED-12 sums come out the same every time", async () => {
    const x = tensor(Float32Array.from({ length: 3000 }, (_, i) => [1e30, 1, -1e30][i % 3]));
    const first = await x.sum().item();
    assert.equal(await x.add(0).sum().item(), first);
    assert.equal(await x.sum().item(), first);
  });
  onDevices("RED-13 products with zeros and NaN", async () => {
    for (const [data, expected] of [
      [
        [0, 2, 3],
        [6, 0, 0],
      ],
      [
        [0, 0, 3],
        [0, 0, 0],
      ],
      [
        [1, 2, 3],
        [6, 3, 2],
      ],
    ]) {
      const [x, y] = [leaf(data), leaf(data)];
      await gives([gradientOf(x, x.prod()), expected]);
      await gives([gradientOf(y, y.cumprod(0).select(0, 2)), expected]);
    }
    const x = tensor([2, 0, NaN, 3]);
    await gives([x.cumsum(0), [2, 2, NaN, NaN]], [x.cumprod(0), [2, 0, NaN, NaN]]);
  });
});
