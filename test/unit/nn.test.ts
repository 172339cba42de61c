/** Layers, in what PyTorch's recorded values (test/golden) do not show: first values, chance, state, and options of ours. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ShapeError, ValueError } from "../../src/errors.ts";
import {
  AdaptiveAvgPool3d,
  AlphaDropout,
  BatchNorm1d,
  BatchNorm3d,
  Conv2d,
  ConvTranspose2d,
  ConvTranspose3d,
  Dropout,
  Dropout1d,
  Dropout2d,
  Embedding,
  GroupNorm,
  InstanceNorm3d,
  init,
  LayerNorm,
  Linear,
  PReLU,
  RMSNorm,
  Softplus,
  Upsample,
} from "../../src/nn/index.ts";
import {
  dropout,
  eye,
  Generator,
  ones,
  randn,
  realize,
  seed,
  type Tensor,
  tensor,
  vjp,
  zeros,
} from "../../src/tensor.ts";
import { use } from "../helpers/devices.ts";

async function moments(x: Tensor): Promise<{ mean: number; std: number; min: number; max: number }> {
  const data = [...(await x.data())];
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const square = data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length;
  return { mean, std: Math.sqrt(square), min: Math.min(...data), max: Math.max(...data) };
}
const near = (got: number, want: number, tolerance: number, name = ""): void =>
  assert.ok(Math.abs(got - want) <= tolerance, `${name} ${got} for ${want}`);
const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];

describe("first values", () => {
  before(() => use("wasm"));

  before(() => seed(0));

  test("weights and biases are uniform within 1/√inputs, as in PyTorch", async () => {
    const cases: [Tensor, Tensor | null, number][] = [
      [...pair(new Linear(400, 50)), 400],
      [...pair(new Conv2d(8, 32, 5, { groups: 2 })), 4 * 25],
      [...pair(new ConvTranspose2d(8, 32, 3)), 32 * 9],
    ];
    for (const [weight, bias, inputs] of cases) {
      const bound = 1 / Math.sqrt(inputs);
      const { min, max, std } = await moments(weight);
      assert.ok(min >= -bound && max <= bound && max > 0.98 * bound && min < -0.98 * bound);
      near(std, bound / Math.sqrt(3), 0.02 * bound);
      const b = await moments(bias!);
      assert.ok(b.min >= -bound && b.max <= bound && b.std > 0.4 * bound);
    }
  });
  const pair = (layer: { weight: Tensor; bias: Tensor | null }): [Tensor, Tensor | null] => [layer.weight, layer.bias];

  test("embeddings are normal, and the one of the padding is 0 and gets no gradient", async () => {
    const layer = new Embedding(500, 20, { paddingIndex: 3 });
    const { mean, std } = await moments(layer.weight);
    near(mean, 0, 0.03);
    near(std, 1, 0.03);
    assert.deepEqual(await list(layer.weight.select(0, 3)), Array(20).fill(0));
    layer
      .forward(tensor([3, 4, 4], { dtype: "int32" }))
      .sum()
      .backward();
    const grad = layer.weight.grad!;
    await realize(grad);
    assert.equal(await grad.select(0, 3).sum().item(), 0);
    assert.equal(await grad.select(0, 4).sum().item(), 40);
  });

  test("init: scales follow the fans, the mode and the nonlinearity", async () => {
    const shape = [64, 32, 3, 3];
    assert.deepEqual(init.fans(shape), { fanIn: 288, fanOut: 576 });
    near((await moments(init.kaimingNormal(shape))).std, Math.sqrt(2 / 288), 0.001);
    near((await moments(init.kaimingNormal(shape, { mode: "fanOut", nonlinearity: "tanh" }))).std, 5 / 3 / 24, 0.001);
    near((await moments(init.kaimingUniform(shape, { slope: Math.sqrt(5) }))).max, 1 / Math.sqrt(288), 0.001);
    near((await moments(init.xavierUniform(shape))).max, Math.sqrt(6 / (288 + 576)), 0.001);
    near((await moments(init.xavierNormal(shape, { gain: 2 }))).std, 2 * Math.sqrt(2 / (288 + 576)), 0.002);
    near((await moments(init.lecunNormal(shape))).std, Math.sqrt(1 / 288), 0.001);
    near((await moments(init.lecunUniform(shape))).max, Math.sqrt(3 / 288), 0.001);
    assert.throws(() => init.kaimingNormal([5]), ValueError);
    assert.throws(() => init.gain("swish" as "relu"), ValueError);
  });

  test("init: truncated normal numbers have the moments of their distribution, and keep within the limits", async () => {
    const { mean, std, min, max } = await moments(init.truncatedNormal([40_000]));
    near(mean, 0, 0.015);
    near(std, 0.8796, 0.01); // √(1 − 2·2φ(2) / (2Φ(2) − 1))
    assert.ok(min >= -2 && max <= 2 && min < -1.99 && max > 1.99);
    const tail = await moments(init.truncatedNormal([20_000], { mean: 1, std: 0.5, low: 2, high: 9 }));
    near(tail.mean, 1 + 0.5 * 2.3732, 0.01); // of a normal number beyond two deviations: φ(2) / (1 − Φ(2))
    assert.ok(tail.min >= 2);
  });

  test("init: orthogonal rows or columns, times the gain", async () => {
    for (const shape of [
      [6, 20],
      [20, 6],
      [8, 3, 2, 2],
    ]) {
      const w = init.orthogonal(shape, { gain: 2 }).reshape([shape[0], -1]);
      const [rows, columns] = w.shape;
      const product = rows <= columns ? w.matmul(w.T) : w.T.matmul(w);
      const off = product
        .sub(eye(Math.min(rows, columns)).mul(4))
        .abs()
        .amax();
      near(await off.item(), 0, 1e-5);
    }
  });

  test("init: a generator of its own leaves the default one alone", async () => {
    const take = (): Promise<number[]> => list(init.normal([4], 0, 1, { generator: new Generator(5) }));
    assert.deepEqual(await take(), await take());
  });
});

describe("dropout", () => {
  before(() => use("wasm"));

  test("drops in training only, and keeps the mean", async () => {
    seed(1);
    const layer = new Dropout(0.25);
    const y = await list(layer.forward(ones([20_000])));
    near(y.reduce((a, b) => a + b) / y.length, 1, 0.02);
    assert.deepEqual([...new Set(y)].sort(), [0, Math.fround(1 / 0.75)]);
    layer.eval();
    assert.deepEqual(await list(layer.forward(ones([3]))), [1, 1, 1]);
  });

  test("OPT-08: with p = 1 everything is 0, and so is the gradient", async () => {
    const { value, pullback } = vjp((x) => new Dropout(1).forward(x), ones([4]));
    assert.deepEqual(await list(value), [0, 0, 0, 0]);
    assert.deepEqual(await list(pullback(ones([4]))[0]), [0, 0, 0, 0]);
  });

  test("of SELU keeps mean and variance, and has two values for what is left out and what is not", async () => {
    seed(3);
    for (const p of [0.1, 0.5, 0.9]) {
      const y = await list(new AlphaDropout(p).forward(randn([50_000])));
      const mean = y.reduce((a, b) => a + b) / y.length;
      near(mean, 0, 0.03);
      near(y.reduce((a, b) => a + (b - mean) ** 2, 0) / y.length, 1, 0.05);
    }
    const layer = new AlphaDropout(0.2);
    // a = (q + α′² q (1 − q))^−½, b = −a (1 − q) α′ with q = 0.8: what is left out becomes aα′ + b, the rest ax + b.
    const least = -1.7580993408473766;
    const a = (0.8 + least ** 2 * 0.8 * 0.2) ** -0.5;
    const b = -a * 0.2 * least;
    const values = new Set(await list(layer.forward(ones([100]))));
    assert.deepEqual(values.size, 2);
    near(Math.min(...values), a * least + b, 1e-6);
    near(Math.max(...values), a + b, 1e-6);
    assert.deepEqual(await list(layer.eval().forward(ones([2]))), [1, 1]);
    for (const p of [1.5, -0.1, Number.NaN]) {
      const functional = (): unknown => dropout(ones([2]), p);
      for (const make of [() => new AlphaDropout(p), () => new Dropout(p), () => new Dropout2d(p), functional]) {
        assert.throws(make, ValueError); // OPT-08
      }
    }
    const { value, pullback } = vjp((x) => new AlphaDropout(1).forward(x), ones([2]));
    assert.deepEqual(
      [await list(value), await list(pullback(ones([2]))[0])],
      [
        [0, 0],
        [0, 0],
      ],
    );
  });

  test("of channels drops them whole", async () => {
    seed(2);
    const y = await list(new Dropout1d(0.5).forward(ones([8, 16, 4])));
    for (let i = 0; i < y.length; i += 4) assert.equal(new Set(y.slice(i, i + 4)).size, 1);
    assert.equal(new Set(y).size, 2);
  });
});

describe("normalization", () => {
  before(() => use("wasm"));

  test("batch norm moves its statistics with the next computation, and counts batches", async () => {
    const layer = new BatchNorm1d(2);
    const x = tensor([
      [1, 10],
      [3, 30],
      [5, 50],
    ]);
    const y = layer.forward(x);
    near((await list(y))[0], -2 / Math.sqrt(8 / 3 + 1e-5), 1e-6);
    for (const [i, v] of [0.3, 3].entries()) near((await list(layer.runningMean!))[i], v, 1e-6);
    for (const [i, v] of [0.9 + 0.4, 0.9 + 40].entries()) near((await list(layer.runningVar!))[i], v, 1e-5);
    assert.equal(await layer.numBatchesTracked!.item(), 1);
    layer.eval();
    near((await list(layer.forward(x)))[0], (1 - 0.3) / Math.sqrt(1.3 + 1e-5), 1e-6);
    assert.equal(await layer.numBatchesTracked!.item(), 1);
  });

  test("batch norm with momentum null keeps the mean of all batches", async () => {
    const layer = new BatchNorm1d(1, { momentum: null });
    for (const batch of [
      [[1], [3]],
      [[5], [9]],
      [[0], [0]],
    ]) {
      layer.forward(tensor(batch));
      await realize();
    }
    near((await list(layer.runningMean!))[0], (2 + 7 + 0) / 3, 1e-6);
    near((await list(layer.runningVar!))[0], (2 + 8 + 0) / 3, 1e-6);
  });

  test("several batches before one computation are all counted", async () => {
    const layer = new BatchNorm1d(1);
    layer.forward(tensor([[1], [3]]));
    layer.forward(tensor([[5], [9]]));
    await realize();
    near((await list(layer.runningMean!))[0], 0.2 * 0.9 + 0.7, 1e-6);
    assert.equal(await layer.numBatchesTracked!.item(), 2);
  });

  test("of three dimensions, groups and roots of mean squares: mean 0 and deviation 1 where they should be", async () => {
    seed(4);
    const x = randn([3, 4, 2, 3, 2]).mul(3).add(2);
    const spread = async (y: Tensor, axes: number[]): Promise<void> => {
      near(await y.mean(axes).abs().amax().item(), 0, 1e-5);
      near(await y.square().mean(axes).sub(1).abs().amax().item(), 0, 1e-4);
    };
    await spread(new BatchNorm3d(4).forward(x), [0, 2, 3, 4]);
    await spread(new InstanceNorm3d(4).forward(x), [2, 3, 4]);
    await spread(new GroupNorm(2, 4).forward(x).reshape([3, 2, -1]), [2]);
    await spread(new LayerNorm([3, 2]).forward(x), [3, 4]);
    near(await new RMSNorm(2).forward(x).square().mean([4]).sub(1).abs().amax().item(), 0, 1e-4);
    assert.throws(() => new GroupNorm(3, 4), ShapeError);
    assert.throws(() => new LayerNorm([]), ShapeError);
  });
});

describe("other layers", () => {
  before(() => use("wasm"));

  test("a transposed convolution of three dimensions is the gradient of a convolution", async () => {
    const layer = new ConvTranspose3d(2, 1, 2, { stride: 2, bias: false });
    const y = layer.forward(ones([1, 2, 2, 2, 2]));
    assert.deepEqual(y.shape, [1, 1, 4, 4, 4]);
    near(await y.sum().item(), 8 * (await layer.weight.sum().item()), 1e-5);
  });

  test("adaptive pooling of three dimensions takes a size for each axis, and no batch", async () => {
    const x = tensor(
      Float32Array.from({ length: 48 }, (_, i) => i),
      [1, 4, 3, 4],
    );
    const y = new AdaptiveAvgPool3d([2, 1, 2]).forward(x);
    assert.deepEqual(y.shape, [1, 2, 1, 2]);
    assert.deepEqual(await list(y), [10.5, 12.5, 34.5, 36.5]);
    assert.throws(() => new AdaptiveAvgPool3d([2, 1]), ValueError);
  });

  test("options in the constructor reach the function", async () => {
    const x = tensor([-2, 0, 3]);
    assert.deepEqual(await list(new PReLU(1, { init: 0.5 }).forward(x)), [-1, 0, 3]);
    assert.deepEqual((await list(new Softplus(1, 2).forward(x)))[2], 3);
  });

  test("upsampling to a size, with the corners kept", async () => {
    const x = tensor([[[0, 10]]]);
    const linear = new Upsample({ size: 5, mode: "linear", alignCorners: true });
    assert.deepEqual(await list(linear.forward(x)), [0, 2.5, 5, 7.5, 10]);
    assert.deepEqual(await list(new Upsample({ size: 3 }).forward(x)), [0, 0, 10]);
    assert.throws(() => new Upsample({}), ValueError);
    assert.throws(() => new Upsample({ size: 2, scaleFactor: 2 }), ValueError);
  });

  test("layers without parameters have an empty state", () => {
    assert.equal(new Dropout().state().size + new Softplus().state().size, 0);
    assert.equal(zeros([1]).numel(), 1);
  });
});
