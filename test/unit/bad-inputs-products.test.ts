/** The cases RED and GEO: reductions and sorting, and the geometry of products, convolutions and pooling. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as F from "../../src/tensor.ts";
import { einsum, ones, tensor, zeros } from "../../src/tensor.ts";
import { gives, onDevices, refuses, says } from "../helpers/errors.ts";
import { numbers } from "../helpers/numbers.ts";

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

describe("GEO", () => {
  test("GEO-01 matrices that do not fit", () => {
    refuses(
      "SHAPE",
      () => ones([2, 3]).matmul(ones([2, 3])),
      () => tensor(1).matmul(tensor(2)),
      () => ones([2, 3, 4]).matmul(ones([5, 4, 3])),
    );
    says("matmul: got [2,3] × [2,1], but it takes 3 rows on the right. Transpose one side.", () =>
      ones([2, 3]).matmul(ones([2, 1])),
    );
    refuses(
      "SHAPE",
      () => ones([2]).bmm(ones([2])),
      () => ones([2, 2]).dot(ones([2])),
      () => ones([2, 1, 1]).bmm(ones([1, 1, 1])),
    );
    refuses(
      "SHAPE",
      () => F.linear(ones([2, 3]), ones([4, 2])),
      () => F.linear(ones([2, 3]), ones([4, 3]), ones([3])),
    );
  });
  onDevices("GEO-02 products with sizes of 0", async () => {
    const [a, b] = [leaf([[], []]), tensor(new Float32Array(0), [0, 3])];
    b.requiresGrad = true;
    const y = a.matmul(b);
    await gives([
      y,
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
    ]);
    y.sum().backward();
    assert.deepEqual(
      [a.grad!.shape, b.grad!.shape],
      [
        [2, 0],
        [0, 3],
      ],
    );
    await gives([a.grad!, [[], []]]);
    await gives([zeros([0, 2]).matmul(ones([2, 3])), []], [ones([3, 2]).matmul(zeros([2, 0])), [[], [], []]]);
  });
  test("GEO-04 convolutions over too little", () => {
    const w = ones([4, 3, 3, 3]);
    refuses(
      "SHAPE",
      () => F.conv2d(ones([1, 3, 2, 2]), w),
      () => F.conv2d(ones([1, 3, 0, 5]), w, null, { padding: 3 }),
    );
    refuses(
      "SHAPE",
      () => F.conv2d(ones([1, 0, 5, 5]), zeros([4, 0, 3, 3])),
      () => F.conv2d(ones([1, 3, 5, 5]), zeros([4, 3, 0, 3])),
    );
    refuses(
      "SHAPE",
      () => F.conv2d(ones([1, 2, 5, 5]), w),
      () => F.conv2d(ones([5, 5]), w),
      () => F.conv2d(ones([1, 3, 5, 5]), w, ones([3])),
    );
    assert.deepEqual(F.conv2d(zeros([0, 3, 5, 5]), w).shape, [0, 4, 3, 3]);
  });
  test("GEO-05 strides, dilations and paddings that are none", () => {
    const conv =
      (options: F.ConvOptions): (() => unknown) =>
      () =>
        F.conv2d(ones([1, 1, 5, 5]), ones([1, 1, 3, 3]), null, options);
    for (const stride of [0, -1, 1.5, NaN, [1, 2, 3]]) refuses("VALUE", conv({ stride }));
    refuses(
      "VALUE",
      conv({ dilation: 0 }),
      conv({ padding: -1 }),
      conv({ padding: wrong("full") }),
      conv({ padding: "same", stride: 2 }),
    );
    says("conv2d: got stride 0, but it takes a whole number of at least 1. Check stride.", conv({ stride: 0 }));
  });
  test("GEO-06 groups", () => {
    const conv =
      (groups: number, x = 4, w = [4, 2]): (() => unknown) =>
      () =>
        F.conv2d(ones([1, x, 3, 3]), ones([...w, 1, 1]), null, { groups });
    refuses("VALUE", conv(0), conv(-1), conv(3), conv(2, 4, [3, 2]));
    refuses("SHAPE", conv(2, 4, [4, 1]));
  });
  test("GEO-07 transposed convolutions", () => {
    const conv =
      (options: F.ConvTransposeOptions, size = 3): (() => unknown) =>
      () =>
        F.convTranspose1d(ones([1, 1, 2]), ones([1, 1, size]), null, options);
    refuses(
      "VALUE",
      conv({ stride: 2, outputPadding: 2 }),
      conv({ outputPadding: 1 }),
      conv({ stride: 0 }),
      conv({ padding: -1 }),
    );
    refuses("SHAPE", conv({ padding: 2 }));
  });
  onDevices("GEO-08 windows that make no sense", async () => {
    const pool =
      (size: F.PerAxis, options: F.MaxPoolOptions = {}): (() => unknown) =>
      () =>
        F.maxPool1d(ones([1, 1, 5]), size, options);
    refuses(
      "VALUE",
      pool(0),
      pool(2, { stride: 0 }),
      pool(2, { padding: 2 }),
      pool(3, { padding: 2 }),
      pool(2, { padding: -1 }),
    );
    refuses("VALUE", pool(6), pool(2, { dilation: 0 }), pool([1, 2]), pool(2.5), pool(3, { dilation: 3 }));
    // A last window that would start in the padding is left out.
    const y = F.maxPool1d(tensor([[[1, 2, 3, 4]]]), 2, { stride: 3, padding: 1, ceilMode: true });
    await gives([y, [[[1, 4]]]]);
  });
  onDevices("GEO-09 means at corners", async () => {
    const x = ones([1, 2, 2]);
    refuses("VALUE", () => F.avgPool2d(x, 2, { divisorOverride: 0 }));
    const corner = (options: F.AvgPoolOptions): F.Tensor =>
      F.avgPool2d(x, 2, { stride: 2, padding: 1, ...options }).at(0, 0, 0);
    await gives([corner({}), 0.25], [corner({ countIncludePad: false }), 1], [corner({ divisorOverride: 2 }), 0.5]);
  });
  onDevices("GEO-10 windows of −∞ and NaN, and ties", async () => {
    await gives([F.maxPool1d(tensor([[-Infinity, -Infinity, NaN, NaN, NaN, 1]]), 2), [[-Infinity, NaN, NaN]]]);
    const x = leaf([[1, 1, 0, 2, 2, 2]]);
    await gives([gradientOf(x, F.maxPool1d(x, 3)), [[1, 0, 0, 1, 0, 0]]]);
    const square = leaf([
      [
        [3, 3],
        [3, 3],
      ],
    ]);
    await gives([
      gradientOf(square, F.adaptiveMaxPool2d(square, 1)),
      [
        [
          [1, 0],
          [0, 0],
        ],
      ],
    ]);
  });
  onDevices("GEO-11 adaptive pooling to nothing, and to more", async () => {
    const x = tensor([[1, 2]]);
    await gives(
      [F.adaptiveAvgPool1d(x, 0), [[]]],
      [F.adaptiveAvgPool1d(x, 4), [[1, 1, 2, 2]]],
      [F.adaptiveMaxPool1d(x, 3), [[1, 2, 2]]],
    );
  });
  test("GEO-12 windows that do not fit", () => {
    refuses(
      "SHAPE",
      () => ones([3]).unfold(0, { size: 4 }),
      () => ones([3]).unfold(0, { size: 2, dilation: 3 }),
    );
    refuses(
      "VALUE",
      () => ones([3]).unfold(0, { size: 0 }),
      () => ones([3]).unfold(0, { size: 1, step: 0 }),
    );
  });
  onDevices("GEO-13 batch normalization", async () => {
    refuses(
      "VALUE",
      () => F.batchNorm(ones([1, 3]), null, null, { training: true }),
      () => F.batchNorm(ones([2, 3]), null, null),
    );
    refuses("VALUE", () => F.batchNorm(ones([2, 3]), null, null, { training: true, momentum: 2 }));
    refuses("SHAPE", () => F.batchNorm(ones([2, 3]), zeros([2]), ones([2])));
    await gives(
      [F.batchNorm(ones([1, 1]), zeros([1]), tensor([-1]), { eps: 0 }), [[NaN]]],
      [F.batchNorm(ones([1, 1]), zeros([1]), ones([1]), { eps: 0 }), [[1]]],
    );
    const [mean, variance] = [zeros([1]), ones([1])];
    await gives([F.batchNorm(tensor([[1], [3]]), mean, variance, { training: true, eps: 0 }), [[-1], [1]]]);
    assert.ok(Math.abs((await mean.item()) - 0.2) < 1e-7 && Math.abs((await variance.item()) - 1.1) < 1e-6);
  });
  test("GEO-14 normalizations of other shapes", () => {
    const x = ones([2, 2, 3]);
    refuses(
      "SHAPE",
      () => F.groupNorm(ones([1, 4, 2]), 3),
      () => F.layerNorm(x, []),
      () => F.layerNorm(x, [2, 2]),
      () => F.layerNorm(x, [1, 2, 2, 3]),
    );
    refuses(
      "SHAPE",
      () => F.layerNorm(x, 3, { weight: ones([2]) }),
      () => F.groupNorm(ones([1, 4, 2]), 2, { bias: ones([2]) }),
    );
    refuses(
      "VALUE",
      () => F.groupNorm(ones([1, 4, 2]), 0),
      () => F.instanceNorm(ones([1, 2, 1])),
      () => F.layerNorm(x, 3, { eps: -1 }),
    );
  });
  onDevices("GEO-17 attention", async () => {
    const [q, k] = [ones([2, 3]), ones([2, 3])];
    const attend = F.scaledDotProductAttention;
    refuses(
      "SHAPE",
      () => attend(q, ones([2, 4]), k),
      () => attend(q, k, ones([3, 3])),
      () => attend(q, zeros([0, 3]), zeros([0, 3])),
    );
    refuses(
      "SHAPE",
      () => attend(q, k, k, { mask: ones([3, 2]) }),
      () => attend(ones([3]), k, k),
    );
    refuses("VALUE", () => attend(q, k, k, { mask: ones([2, 2]), isCausal: true }));
    refuses("DTYPE", () => attend(q, k, k, { mask: ones([2, 2], { dtype: "int32" }) }));
    const [x, v] = [
      leaf([
        [1, 2],
        [3, 4],
      ]),
      tensor([
        [1, 1],
        [2, 2],
      ]),
    ];
    const y = attend(x, v, v, {
      mask: tensor([
        [true, false],
        [false, false],
      ]),
    });
    await gives(
      [
        y,
        [
          [1, 1],
          [0, 0],
        ],
      ],
      [
        gradientOf(x, y),
        [
          [0, 0],
          [0, 0],
        ],
      ],
    );
    await gives([attend(ones([1, 2]), ones([1, 2]), tensor([[5]])), [[5]]]);
  });
  test("GEO-18 einsum", () => {
    const [a, b] = [ones([2, 3]), ones([3, 4])];
    const bad: [string, ...F.Tensor[]][] = [
      ["ij,jk->ix", a, b],
      ["ij,jk->ii", a, b],
      ["ij->...ij", a],
      ["ij,jk->ik", a, a],
      ["", a],
    ];
    for (const [equation, ...xs] of bad) refuses("VALUE", () => einsum(equation, ...xs));
    refuses(
      "VALUE",
      () => einsum("iあ", a),
      () => einsum("ijk", a),
      () => einsum("ij,jk", a),
      () => einsum("ij"),
      () => einsum("......", a),
      () => einsum("i-j", a),
    );
    refuses("DTYPE", () => einsum("ij,jk", a, b.int()));
    says(
      'einsum: got the sizes 3 and 4 for "j" at position 1 of "ij,kj->ik", but it takes one size for each label. Check the equation.',
      () => einsum("ij,kj->ik", a, b),
    );
    assert.deepEqual(einsum("ij->", a).shape, []);
  });
  test("GEO-19 pixelShuffle", () => {
    refuses(
      "VALUE",
      () => F.pixelShuffle(ones([1, 3, 2, 2]), 2),
      () => F.pixelShuffle(ones([1, 4, 2, 2]), 0),
      () => F.pixelShuffle(ones([4]), 2),
    );
  });
  onDevices("NUM-13 sums and products of halves", async () => {
    const x = ones([4096]).half();
    await gives([x.sum(), 4096], [x.mean(), 1], [x.dot(x), 4096], [x.mul(60000).mean(), 60000]);
    assert.equal(
      (await tensor(numbers(9, [0, 1], 1))
        .half()
        .softmax(0)
        .sum()
        .item()) > 0.99,
      true,
    );
  });
});
