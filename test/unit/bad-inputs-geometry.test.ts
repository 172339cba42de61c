/** The cases GEO: the geometry of products, convolutions and pooling. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AdaptiveAvgPool2d,
  AvgPool1d,
  CircularPad2d,
  Concat,
  ConstantPad3d,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  Fold,
  GRU,
  GroupNorm,
  LayerNorm,
  Linear,
  LPPool2d,
  LSTM,
  LSTMCell,
  MaxPool2d,
  MaxPool3d,
  PixelUnshuffle,
  ReflectionPad1d,
  Residual,
  RNN,
  RNNCell,
  Unfold,
  ZeroPad2d,
} from "../../src/nn/index.ts";
import * as F from "../../src/tensor.ts";
import { einsum, ones, tensor, zeros } from "../../src/tensor.ts";
import { gives, onDevices, refuses, says } from "../helpers/errors.ts";
import { numbers } from "../helpers/numbers.ts";

const wrong = <T>(value: unknown): T => value as T;
const int = (...x: number[]): F.Tensor => tensor(x, { dtype: "int32" });
const leaf = (data: F.Nested): F.Tensor => {
  const x = tensor(data);
  x.requiresGrad = true;
  return x;
};
const gradientOf = (x: F.Tensor, y: F.Tensor): F.Tensor => {
  y.sum().backward();
  return x.grad!;
};

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
    const w = leaf([
      [1, 2],
      [3, 4],
    ]);
    await gives([
      gradientOf(w, zeros([0, 2]).matmul(w)),
      [
        [0, 0],
        [0, 0],
      ],
    ]);
    w.grad = null;
    assert.deepEqual(zeros([0, 3, 2]).matmul(w).shape, [0, 3, 2]);
    await gives([
      gradientOf(w, zeros([0, 3, 2]).matmul(w)),
      [
        [0, 0],
        [0, 0],
      ],
    ]);
  });
  test("GEO-04 convolutions over too little", () => {
    const w = ones([4, 3, 3, 3]);
    refuses(
      "SHAPE",
      () => F.conv2d(ones([1, 3, 2, 2]), w),
      () => F.conv2d(ones([1, 3, 0, 5]), w, null, { padding: 3 }),
    );
    says(
      "conv2d: got an input of [1,3,6,6] with a weight of [4,3,0,3], but it takes at least one channel and one weight. Check the layer's channels and groups.",
      () => F.conv2d(ones([1, 3, 6, 6]), zeros([4, 3, 0, 3])),
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
    for (const bad of [{ stride: 0 }, { stride: [1, 2, 3] }, { dilation: -1 }, { padding: 0.5 }, { padding: "full" }]) {
      refuses("VALUE", () => new Conv2d(1, 1, 3, wrong(bad))); // when they are made, not when they are first used
      refuses("VALUE", () => new ConvTranspose2d(1, 1, 3, wrong(bad)));
    }
    refuses(
      "VALUE",
      () => new Conv1d(1, 1, [3, 3]),
      () => new Conv2d(1, 1, 0),
      () => new Conv2d(1, 1, 3, { paddingMode: wrong("mirror") }),
      () => new ConvTranspose2d(1, 1, 3, { outputPadding: -1 }),
    );
    says("Conv2d: got stride 0, but it takes a whole number of at least 1. Check stride.", () => {
      return new Conv2d(1, 1, 3, { stride: 0 });
    });
  });
  test("GEO-06 groups", () => {
    const conv =
      (groups: number, x = 4, w = [4, 2]): (() => unknown) =>
      () =>
        F.conv2d(ones([1, x, 3, 3]), ones([...w, 1, 1]), null, { groups });
    refuses("VALUE", conv(0), conv(-1), conv(3), conv(2, 4, [3, 2]), conv(2, 4, [4, 1]), conv(2, 4, [4, 4]));
    says(
      "conv2d: got 2 groups of [1,4,3,3] with a weight of [4,1,1,1], but it takes a weight of 2 input channels, those of a group. Check groups.",
      conv(2, 4, [4, 1]),
    );
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
    refuses(
      "VALUE",
      () => new MaxPool2d(0),
      () => new MaxPool2d(2, { stride: 0 }),
      () => new AvgPool1d(2, { padding: -1 }),
      () => new MaxPool3d(2, { dilation: 0 }),
      () => new LPPool2d(0, 2),
      () => F.lpPool1d(ones([1, 1, 5]), NaN, 2),
    );
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
    assert.deepEqual(F.adaptiveMaxPool3d(ones([2, 3, 4, 5]), [2, 0, 7]).shape, [2, 2, 0, 7]);
    refuses(
      "VALUE",
      () => F.adaptiveAvgPool3d(ones([1, 1, 2, 2, 2]), [1, 1]),
      () => F.adaptiveAvgPool2d(ones([1, 1, 2, 2]), -1),
      () => new AdaptiveAvgPool2d([1, 2, 3]),
    );
    refuses(
      "SHAPE",
      () => F.globalAvgPool(ones([2, 3])),
      () => F.globalMaxPool(zeros([2, 3, 0])),
    );
  });
  test("GEO-12 windows that do not fit, and images without size", () => {
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
    refuses(
      "SHAPE",
      () => F.unfold(ones([1, 2, 2]), 3),
      () => F.fold(ones([1, 4, 3]), 3, 2),
      () => F.fold(ones([1, 5, 4]), 3, 2),
    );
    const x = ones([1, 1, 2, 2]);
    refuses(
      "VALUE",
      () => F.interpolate(x, { size: 0 }),
      () => F.interpolate(x, { scale: 0 }),
      () => F.interpolate(x, {}),
    );
    refuses(
      "VALUE",
      () => F.interpolate(x, { scale: NaN }),
      () => F.interpolate(x, { scale: [2] }),
      () => F.interpolate(x, { scale: 0.1 }),
    );
    refuses(
      "LIMIT",
      () => F.interpolate(x, { scale: 1e10 }),
      () => F.interpolate(x, { scale: 1e9 }),
    );
    refuses(
      "SHAPE",
      () => F.interpolate(ones([1, 2]), { scale: 2 }),
      () => F.interpolate(zeros([1, 1, 0]), { scale: 2 }),
    );
    refuses(
      "VALUE",
      () => F.interpolate(x, { scale: 2, mode: wrong("bicubic") }),
      () => F.interpolate(x, wrong({ scaleFactor: 2 })),
      () => F.unfold(x, 2, wrong({ step: 1 })),
      () => new Unfold([1, 2, 3]),
      () => new Fold(0, 2),
      () => new Unfold(2, { stride: 0 }),
    );
  });
  test("GEO-12 padding", () => {
    refuses(
      "VALUE",
      () => new ZeroPad2d([1, 2, 3]),
      () => new ReflectionPad1d(-1),
      () => new ConstantPad3d(1, NaN),
      () => ones([3]).pad([1, 1], { mode: wrong("mirror") }),
      () => ones([3]).pad([1, 1], wrong({ fill: 2 })),
    );
    refuses(
      "SHAPE",
      () => new ReflectionPad1d(3).forward(ones([1, 3])),
      () => new CircularPad2d(4).forward(ones([1, 3, 3])),
      () => new ZeroPad2d(-2).forward(ones([1, 3, 3])),
      () => new ZeroPad2d(1).forward(ones([3])),
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
      () => new LayerNorm([]),
    );
    says(
      "GroupNorm: got 3 groups of 4 channels, but it takes groups of equal size. Choose a divisor of the channels.",
      () => new GroupNorm(3, 4),
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
  test("GEO-16 recurrent layers", () => {
    const lstm = new LSTM(3, 4, { numLayers: 2 });
    const x = ones([5, 2, 3]);
    const h = zeros([2, 2, 4]);
    says(
      "LSTM: got [0,2,3], a sequence of no steps, but it takes (T, N, C) or (T, C), with C = 3. Leave out sequences without elements.",
      () => lstm.forward(zeros([0, 2, 3])),
    );
    says("LSTM: got [5,2,4], but it takes (T, N, C) or (T, C), with C = 3. Check what comes before the layer.", () =>
      lstm.forward(ones([5, 2, 4])),
    );
    says(
      "LSTM: got a first state of [1,2,4], but it takes [2,2,4]: layers, batch, size. Pass the last state of a batch of that size, or none.",
      () => lstm.forward(x, [zeros([1, 2, 4]), h]),
    );
    says("LSTM: got hidden 0, but it takes a whole number of at least 1. Check hidden.", () => new LSTM(3, 0));
    const lengths = "but it takes a whole number from 1 to 5 for each of 2 sequences.";
    for (const [got, fix, given] of [
      ["lengths[1] 6", "Pad longer", [1, 6]],
      ["lengths[1] 6", "Pad longer", int(5, 6)],
      ["lengths[0] 0", "Leave out empty sequences", new Int32Array([0, 5])],
      ["lengths[0] -1", "Check lengths", [-1, 5]],
      ["lengths[0] 1.5", "Check lengths", [1.5, 5]],
      ["lengths[0] NaN", "Check lengths", [Number.NaN, 5]],
      ['lengths[1] "5"', "Check lengths", [5, "5"]],
      ["lengths of [1]", "Give one for each sequence", [5]],
      ["lengths of [3]", "Give one for each sequence", new Int32Array(3)],
      ["lengths of [1,2]", "Give one for each sequence", int(5, 5).reshape([1, 2])],
      ["5 as lengths", "Put them in an array", 5],
      ["a Float32Array as lengths", "Put them in an array", new Float32Array([5, 5])],
      ["lengths in float32", 'Convert them with to("int32")', ones([2])],
    ] as const) {
      const message = `LSTM: got ${got}, ${lengths} ${fix}.`;
      says(message, () => lstm.forward(x, undefined, { lengths: wrong(given) }));
      refuses("SHAPE", () => lstm.forward(x, undefined, { lengths: wrong(given) }));
    }
    refuses(
      "SHAPE",
      () => new RNN(0, 4),
      () => new GRU(3, 0),
      () => new LSTMCell(0, 4),
      () => new RNNCell(3, 0),
      () => new LSTM(3, -1),
      () => new LSTM(3, 1.5),
      () => lstm.forward(x, [h, zeros([2, 3, 4])]),
      () => lstm.forward(ones([5])),
      () => lstm.forward(ones([5, 3]), [h, h]),
      () => new GRU(3, 4).forward(x, zeros([2, 2, 4])),
      () => new LSTMCell(3, 4).forward(ones([2, 3]), [zeros([2, 4]), zeros([1, 4])]),
      () => new RNNCell(3, 4).forward(ones([2, 2])),
    );
    refuses(
      "VALUE",
      () => lstm.forward(x, undefined, wrong({ length: [5, 5] })),
      () => new RNN(3, 4, { nonlinearity: wrong("sigmoid") }),
      () => new GRU(3, 4, { numLayers: 0 }),
      () => new LSTM(3, 4, { dropout: 1.5 }),
      () => new LSTM(3, 4, { projSize: 4 }),
      () => new LSTM(3, 4, { bias: false, forgetBias: 1 }),
      () => new LSTM(3, 4, wrong({ layers: 2 })),
      () => lstm.forward(x, wrong(h)),
    );
    refuses(
      "DTYPE",
      () => lstm.forward(x.to("float64")),
      () => new GRU(3, 4).forward(x, zeros([1, 2, 4], { dtype: "int32" })),
    );
    assert.deepEqual(lstm.forward(zeros([5, 0, 3]))[0].shape, [5, 0, 4]);
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
    const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    assert.deepEqual(einsum(`${letters}->`, ones(Array(52).fill(1))).shape, []);
    const many = ones(Array(53).fill(1));
    const places: [string, RegExp, ...F.Tensor[]][] = [
      [`${letters}0->`, /got "0" at position 52 of /, many],
      [`${letters}->`, /got 52 labels for \[1,.* at position 0 of /, many],
      ["ij,jk->ix", /the output label "x" at position 8/, a, b],
      ["ij,jk->kk", /the output label "k" twice at position 7/, a, b],
      ["ij->...ij", /an ellipsis in the output only at position 4/, a],
      ["...i", /got 0 labels|label/, ones([])],
      ["", /got 0 labels for \[2,3\] at position 0 of ""/, a],
      ["ié", /got "é" at position 1 of "ié"/, a],
    ];
    for (const [equation, message, ...xs] of places) {
      assert.throws(
        () => einsum(equation, ...xs),
        (error: Error & { code?: string }) => error.code === "VALUE" && message.test(error.message),
        equation,
      );
    }
    refuses("DTYPE", () => einsum("ij,jk", a, b.int()));
    says(
      'einsum: got the sizes 3 and 4 for "j" at position 1 of "ij,kj->ik", but it takes one size for each label. Check the equation.',
      () => einsum("ij,kj->ik", a, b),
    );
    assert.deepEqual(einsum("ij->", a).shape, []);
    // In the inputs only it is summed over: PyTorch's own tests do that.
    assert.deepEqual(einsum("...ij->ij", ones([2, 2, 3])).shape, [2, 3]);
  });
  test("GEO-19 pixelShuffle", () => {
    refuses(
      "VALUE",
      () => F.pixelShuffle(ones([1, 3, 2, 2]), 2),
      () => F.pixelShuffle(ones([1, 4, 2, 2]), 0),
      () => F.pixelShuffle(ones([4]), 2),
      () => F.pixelUnshuffle(ones([1, 1, 3, 2]), 2),
      () => F.pixelUnshuffle(ones([1, 1, 2, 2]), 0),
      () => new PixelUnshuffle(1.5),
    );
  });
  test("branches that do not meet", () => {
    refuses("VALUE", () => new Concat());
    refuses("SHAPE", () => new Concat(new Conv2d(1, 2, 3), new Conv2d(1, 2, 1)).forward(ones([1, 1, 4, 4])));
    says(
      "Residual: got [2,4] of the body and [2,3] of the shortcut, but it takes one shape. Give a shortcut that changes the shape as the body does.",
      () => new Residual(new Linear(3, 4)).forward(ones([2, 3])),
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
