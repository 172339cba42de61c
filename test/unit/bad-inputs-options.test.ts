/** What is said of options that there are not, and of values in the place of options. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ArrayDataset, DataLoader, parseCsv } from "../../src/data/index.ts";
import { ValueError } from "../../src/errors.ts";
import { MLP } from "../../src/models/index.ts";
import { BatchNorm2d, Conv2d, LayerNorm, Linear, MaxPool2d } from "../../src/nn/index.ts";
import { AdamW, cosine, Plateau, SGD } from "../../src/optim/index.ts";
import {
  cat,
  conv2d,
  crossEntropy,
  dropout,
  layerNorm,
  mseLoss,
  ones,
  Parameter,
  rand,
  randn,
  scaledDotProductAttention,
  tensor,
  zeros,
} from "../../src/tensor.ts";
import { evaluate, fit } from "../../src/train/index.ts";

// As in a program whose types nobody has checked.
const any = (x: unknown): never => x as never;
const says = (f: () => unknown, message: string): void => assert.throws(f, { name: "ValueError", message });
const refuses = (f: () => unknown, message: RegExp): void => assert.throws(f, { name: "ValueError", message });
const weights = [new Parameter(zeros([2]))];

describe("an option that there is not", () => {
  test("is named, with those that there are and the one that is nearest", () => {
    says(
      () => new DataLoader(any(null), any({ batch_size: 8 })),
      'DataLoader: got the option "batch_size", but it takes batchSize, shuffle, seed, dropLast. Did you mean "batchSize"?',
    );
    says(
      () => tensor([1], any({ requiresGrad: true })),
      'tensor: got the option "requiresGrad", but it takes dtype. Make a Parameter of it, or set requiresGrad on it.',
    );
    says(
      () => new Linear(2, 2, any({ shape: 1 })),
      'Linear: got the option "shape", but it takes bias. Check the option\'s name.',
    );
  });

  test("is found in layers, optimizers, schedules, losses, and where tensors are made", () => {
    refuses(() => new Conv2d(1, 8, 3, any({ pading: 1 })), /^Conv2d: got the option "pading".*"padding"\?$/);
    refuses(() => new MaxPool2d(2, any({ strides: 1 })), /^MaxPool2d: .*"stride"\?$/);
    refuses(() => new BatchNorm2d(2, any({ track_running_stats: false })), /^BatchNorm2d: .*"trackRunningStats"\?$/);
    refuses(() => new LayerNorm(2, any({ elementwise_affine: false })), /"elementwiseAffine"\?$/);
    refuses(() => new AdamW(weights, any({ learningRate: 0.1 })), /^AdamW: .*"lr"\?$/);
    refuses(() => new AdamW(weights, any({ weight_decay: 0.1 })), /^AdamW: .*"weightDecay"\?$/);
    refuses(() => new SGD(weights, any({ lr: 0.1, nestrov: true })), /^SGD: .*"nesterov"\?$/);
    refuses(() => cosine(0.1, any({ step: 5 })), /^cosine: .*"steps"\?$/);
    refuses(() => new Plateau(0.1, any({ patiance: 5 })), /^Plateau: .*"patience"\?$/);
    refuses(() => mseLoss(ones([1]), ones([1]), any({ reduce: "sum" })), /^mseLoss: got the option "reduce"/);
    refuses(() => crossEntropy(ones([1, 2]), zeros([1]), any({ label_smoothing: 1 })), /"labelSmoothing"\?$/);
    refuses(() => conv2d(ones([1, 1, 2, 2]), ones([1, 1, 1, 1]), null, any({ pad: 1 })), /^conv2d: .*"padding"\?$/);
    refuses(() => rand([2], any({ type: "float64" })), /^rand: .*"dtype"\?$/);
  });

  test("is found in reductions and in functions", () => {
    const x = ones([2, 3]);
    refuses(() => x.sum(1, any(true)), /^sum: got true in the place of its options.* Write \{ keepdim: true \}\.$/);
    refuses(() => x.mean(1, any({ keepDims: true })), /^mean: .*"keepdim"\?$/);
    refuses(() => x.max(1, any({ dims: true })), /^max: got the option "dims"/);
    refuses(() => x.var(1, any({ unbiased: false })), /^var: .*\{ correction: 0 \} for the other\.$/);
    refuses(() => x.clamp(any(0)), /^clamp: got 0 in the place of its options.* Write \{ min: 0 \}/);
    refuses(() => layerNorm(x, 3, any(1e-5)), /^layerNorm: got 0\.00001 in the place of its options/);
    refuses(() => dropout(x, 0.5, any(true)), /^dropout: .* Write \{ training: true \}/);
    refuses(() => scaledDotProductAttention(x, x, x, any({ is_causal: true })), /"isCausal"\?$/);
    refuses(() => scaledDotProductAttention(x, x, x, any({ attn_mask: x })), /Did you mean "mask"\?$/);
    refuses(() => new MLP([2, 2], any({ activations: null })), /^MLP: .*"activation"\?$/);
    refuses(() => new MLP(any(2), any({})), /^MLP: got the sizes 2/);
    refuses(() => parseCsv("a", any({ delimiter: ";" })), /Did you mean "separator"\?$/);
    assert.throws(() => cat(any(x), any(x)), /^ShapeError: cat: got .*but it takes an array of tensors/);
  });

  test("is found by training and by measuring", async () => {
    const data = new DataLoader(new ArrayDataset({ x: { data: [1] }, y: { data: [1] } }));
    const model = new Linear(1, 1);
    for (const [wrong, right] of [
      ["earlyStopping", "earlyStop"],
      ["val", "validation"],
      ["scheduler", "schedule"],
      ["clipnorm", "clipNorm"],
    ]) {
      await assert.rejects(fit(model, any({ [wrong]: data })), (error: Error) => {
        assert.match(error.message, new RegExp(`^fit: got the option "${wrong}".*Did you mean "${right}"\\?$`));
        return error instanceof ValueError;
      });
    }
    await assert.rejects(evaluate(model, data, any({ metric: {} })), /^ValueError: evaluate: .*"metrics"\?$/);
  });

  test("may be undefined where it is one", () => {
    assert.equal(tensor([1], any({ dtype: undefined })).dtype, "float32");
    assert.ok(new Linear(1, 1, any(undefined)).bias);
  });
});

describe("a value in the place of options", () => {
  test("is told where it belongs", () => {
    says(
      () => new Conv2d(1, 8, 5, any(2)),
      "Conv2d: got 2 in the place of its options, but it takes an object of options. Write { stride: 2 }, " +
        "or another of stride, padding, dilation, groups, bias, paddingMode.",
    );
    says(
      () => new Linear(3, 3, any(false)),
      "Linear: got false in the place of its options, but it takes an object of options. Write { bias: false }.",
    );
    refuses(() => tensor([0, 1], [2], any("int32")), /Write \{ dtype: "int32" \}\.$/);
    refuses(() => new AdamW(weights, any(0.1)), /Write \{ lr: 0.1 \}/);
    refuses(() => new SGD(weights, any(null)), /^SGD: got null in the place of its options/);
    refuses(() => new MaxPool2d(2, any([2, 2])), /^MaxPool2d: got \[2,2\].*Write \{ stride: \[2,2\] \}/);
    refuses(() => new Linear(2, 2, any(ones([2]))), /^Linear: got Tensor\(float32 \[2\]\) in the place/);
  });

  test("is told as the sizes of a view or the order of axes", () => {
    const x = ones([2, 3]);
    const says = (f: () => unknown, message: string): void => assert.throws(f, { name: "ShapeError", message });
    says(() => x.reshape(any(3)), "reshape: got 3, but it takes an array of sizes. Write reshape([3, …]).");
    says(() => x.view(any(-1)), "view: got -1, but it takes an array of sizes. Write view([-1, …]).");
    says(() => x.permute(any(1)), "permute: got 1, but it takes an array of axes. Write permute([1, …]).");
    says(() => x.expand(any(2)), "expand: got 2, but it takes an array of sizes. Write expand([2, …]).");
  });

  test("is told as a size where sizes were given one by one", () => {
    for (const [f, name] of [[randn, "randn"] as const, [rand, "rand"] as const, [zeros, "zeros"] as const]) {
      assert.throws(
        () => f(any(4), any(5)),
        new RegExp(`^ShapeError: ${name}: got 4, but it takes an array of sizes. Write \\[4, 5\\]\\.$`),
      );
    }
  });
});
