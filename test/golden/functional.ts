/** PyTorch's `nn.functional` in our words, for the table of operators. */

import type { Tensor } from "../../src/tensor.ts";
import * as F from "../../src/tensor.ts";
import type { Call, Results, Row } from "./call.ts";
import type { Argument } from "./cases.ts";

const convolution = "input weight bias stride padding dilation groups";
const transposed = "input weight bias stride padding output_padding groups dilation";
type Geometry = { stride: number | number[]; dilation: number | number[]; groups: number };
const geometry = (c: Call): Geometry => ({
  stride: c.ns("stride") ?? 1,
  dilation: c.ns("dilation") ?? 1,
  groups: c.n("groups", 1),
});
function padding(c: Call): number | number[] | "same" | "valid" {
  const given = c.raw("padding");
  return given === "same" || given === "valid" ? given : (c.ns("padding") ?? 0);
}
const conv = (f: typeof F.conv1d): Row => ({
  args: convolution,
  f: (c) => f(c.x, c.t("weight"), c.maybe("bias"), { ...geometry(c), padding: padding(c) }),
});
const convTranspose = (f: typeof F.convTranspose1d): Row => ({
  args: transposed,
  f: (c) => {
    const options = { ...geometry(c), padding: c.ns("padding") ?? 0, outputPadding: c.ns("output_padding") ?? 0 };
    return f(c.x, c.t("weight"), c.maybe("bias"), options);
  },
});

/** The windows' step: none, and an empty list, mean their size. */
function stride(c: Call): { stride?: number | number[] } {
  const given = c.ns("stride");
  return given === undefined || (Array.isArray(given) && given.length === 0) ? {} : { stride: given };
}
const maxPool = (f: typeof F.maxPool1d): Row => ({
  args: "input kernel_size stride padding dilation ceil_mode return_indices",
  f: (c) => {
    const options = { padding: c.ns("padding") ?? 0, dilation: c.ns("dilation") ?? 1, ceilMode: c.flag("ceil_mode") };
    const y = f(c.x, c.ns("kernel_size") ?? 1, { ...stride(c), ...options });
    return c.flag("return_indices") ? [y, null] : y;
  },
});
const avgPool = (f: typeof F.avgPool1d): Row => ({
  args: "input kernel_size stride padding ceil_mode count_include_pad divisor_override",
  f: (c) =>
    f(c.x, c.ns("kernel_size") ?? 1, {
      ...stride(c),
      padding: c.ns("padding") ?? 0,
      ceilMode: c.flag("ceil_mode"),
      countIncludePad: c.flag("count_include_pad", true),
      ...(c.raw("divisor_override") === undefined ? {} : { divisorOverride: c.n("divisor_override") }),
    }),
});
/** PyTorch's None keeps the size of an axis. */
function outputSize(c: Call): number | number[] {
  const given = c.raw("output_size");
  const axis = (size: Argument, i: number, count: number): number =>
    size === null ? c.x.shape.at(i - count)! : Number(size);
  return Array.isArray(given) ? given.map((size: Argument, i) => axis(size, i, given.length)) : c.n("output_size");
}
const adaptive = (f: typeof F.adaptiveAvgPool1d): Row => ({
  args: "input output_size return_indices",
  f: (c) => {
    const y = f(c.x, outputSize(c));
    return c.flag("return_indices") ? [y, null] : y;
  },
});

const resampling: Row = {
  args: "input size scale_factor mode align_corners",
  f: (c) => {
    const target = c.raw("size") === undefined ? { scale: c.ns("scale_factor")! } : { size: c.ns("size")! };
    const mode = c.s("mode", "nearest") === "nearest" ? "nearest" : "linear";
    return F.interpolate(c.x, { ...target, mode, alignCorners: c.flag("align_corners") });
  },
};

type Reduction = "mean" | "sum" | "none";
const reduction = (c: Call): { reduction: Reduction } => ({ reduction: c.s<Reduction>("reduction", "mean") });
const plainLoss = (f: typeof F.mseLoss): Row => ({
  args: "input target reduction",
  f: (c) => f(c.x, c.t("target"), reduction(c)),
});
const weight = (c: Call): { weight: Tensor | null } => ({ weight: c.maybe("weight") });
const affine = (c: Call): { weight: Tensor | null; bias: Tensor | null; eps: number } => ({
  weight: c.maybe("weight"),
  bias: c.maybe("bias"),
  eps: c.n("eps", 1e-5),
});

/** The running statistics are left alone; layers test how they move. */
function batchNorm(c: Call): Tensor {
  const [mean, variance] = [c.maybe("running_mean"), c.maybe("running_var")];
  const training = c.flag("training") || !mean || !variance;
  return training
    ? F.batchNorm(c.x, null, null, { ...affine(c), training })
    : F.batchNorm(c.x, mean, variance, affine(c));
}

/** PyTorch gives the weights too. */
function attention(c: Call): Results {
  const [key, value, isCausal] = [c.t("key"), c.t("value"), c.flag("is_causal")];
  const scores = c.x.matmul(key.mT).div(Math.sqrt(c.x.shape.at(-1)!));
  const masked = isCausal ? scores.maskedFill(F.ones(scores.shape).tril().eq(0), -Infinity) : scores;
  return [F.scaledDotProductAttention(c.x, key, value, { isCausal }), masked.softmax(-1)];
}

const activation = (f: (x: Tensor) => Tensor): Row => ({ args: "input", f: (c) => f(c.x) });

export const functional: Readonly<Record<string, Row>> = {
  // activations
  "nn.functional.relu": activation((x) => x.relu()),
  "nn.functional.relu6": activation(F.relu6),
  "nn.functional.leaky_relu": activation((x) => F.leakyRelu(x)),
  "nn.functional.elu": activation((x) => F.elu(x)),
  "nn.functional.selu": activation(F.selu),
  "nn.functional.silu": activation(F.silu),
  "nn.functional.mish": activation(F.mish),
  "nn.functional.softsign": activation(F.softsign),
  "nn.functional.logsigmoid": activation(F.logSigmoid),
  heaviside: { args: "input values", f: (c) => F.step(c.x, { atZero: c.n("values", 0) }) },
  "nn.functional.hardsigmoid": activation(F.hardsigmoid),
  "nn.functional.hardswish": activation(F.hardswish),
  "nn.functional.tanhshrink": activation(F.tanhshrink),
  "nn.functional.prelu": { args: "input weight", f: (c) => F.prelu(c.x, c.t("weight")) },
  "nn.functional.celu": { args: "input alpha", f: (c) => F.celu(c.x, { alpha: c.n("alpha", 1) }) },
  "nn.functional.threshold": {
    args: "input threshold value",
    f: (c) => F.threshold(c.x, c.n("threshold"), c.n("value")),
  },
  "nn.functional.softshrink": { args: "input lambd", f: (c) => F.softshrink(c.x, { lambda: c.n("lambd", 0.5) }) },
  "nn.functional.hardshrink": { args: "input lambd", f: (c) => F.hardshrink(c.x, { lambda: c.n("lambd", 0.5) }) },
  "nn.functional.softplus": { args: "input beta threshold", f: (c) => F.softplus(c.x, { beta: c.n("beta", 1) }) },
  "nn.functional.hardtanh": {
    args: "input min_val max_val",
    f: (c) => F.hardtanh(c.x, { min: c.n("min_val", -1), max: c.n("max_val", 1) }),
  },
  "nn.functional.gelu": {
    args: "input approximate",
    f: (c) => F.gelu(c.x, { approximate: c.s("approximate", "none") }),
  },
  "nn.functional.glu": {
    args: "input dim",
    f: (c) => {
      const [a, b] = c.x.chunk(2, c.n("dim", -1));
      return a.mul(b.sigmoid());
    },
  },

  // windows
  "nn.functional.conv1d": conv(F.conv1d),
  "nn.functional.conv2d": conv(F.conv2d),
  "nn.functional.conv3d": conv(F.conv3d),
  "nn.functional.conv_transpose1d": convTranspose(F.convTranspose1d),
  "nn.functional.conv_transpose2d": convTranspose(F.convTranspose2d),
  "nn.functional.conv_transpose3d": convTranspose(F.convTranspose3d),
  "nn.functional.max_pool1d": maxPool(F.maxPool1d),
  "nn.functional.max_pool2d": maxPool(F.maxPool2d),
  "nn.functional.max_pool3d": maxPool(F.maxPool3d),
  "nn.functional.avg_pool1d": avgPool(F.avgPool1d),
  "nn.functional.avg_pool2d": avgPool(F.avgPool2d),
  "nn.functional.avg_pool3d": avgPool(F.avgPool3d),
  "nn.functional.adaptive_avg_pool1d": adaptive(F.adaptiveAvgPool1d),
  "nn.functional.adaptive_avg_pool2d": adaptive(F.adaptiveAvgPool2d),
  "nn.functional.adaptive_avg_pool3d": adaptive(F.adaptiveAvgPool3d),
  "nn.functional.adaptive_max_pool1d": adaptive(F.adaptiveMaxPool1d),
  "nn.functional.adaptive_max_pool2d": adaptive(F.adaptiveMaxPool2d),
  "nn.functional.adaptive_max_pool3d": adaptive(F.adaptiveMaxPool3d),
  "nn.functional.unfold": {
    args: "input kernel_size dilation padding stride",
    f: (c) => {
      const [dilation, padding, stride] = [c.ns("dilation") ?? 1, c.ns("padding") ?? 0, c.ns("stride") ?? 1];
      return F.unfold(c.x, c.ns("kernel_size") ?? 1, { dilation, padding, stride });
    },
  },
  "nn.functional.interpolate.nearest": resampling,
  "nn.functional.interpolate.linear": resampling,
  "nn.functional.interpolate.bilinear": resampling,
  "nn.functional.pixel_unshuffle": {
    args: "input downscale_factor",
    f: (c) => F.pixelUnshuffle(c.x, c.n("downscale_factor")),
  },

  // normalizations
  "nn.functional.layer_norm": {
    args: "input normalized_shape weight bias eps",
    f: (c) => F.layerNorm(c.x, c.list("normalized_shape"), affine(c)),
  },
  "nn.functional.group_norm": {
    args: "input num_groups weight bias eps",
    f: (c) => F.groupNorm(c.x, c.n("num_groups"), affine(c)),
  },
  "nn.functional.instance_norm": {
    args: "input running_mean running_var weight bias use_input_stats momentum eps",
    f: (c) => (c.flag("use_input_stats", true) ? F.instanceNorm(c.x, affine(c)) : batchNorm(c)),
  },
  "nn.functional.batch_norm": {
    args: "input running_mean running_var weight bias training momentum eps",
    f: batchNorm,
  },
  "nn.functional.local_response_norm": {
    args: "input size alpha beta k",
    f: (c) =>
      F.localResponseNorm(c.x, c.n("size"), { alpha: c.n("alpha", 1e-4), beta: c.n("beta", 0.75), k: c.n("k", 1) }),
  },

  // losses
  "nn.functional.mse_loss": plainLoss(F.mseLoss),
  "nn.functional.l1_loss": plainLoss(F.l1Loss),
  "nn.functional.soft_margin_loss": plainLoss(F.softMarginLoss),
  "nn.functional.huber_loss": {
    args: "input target reduction delta",
    f: (c) => F.huberLoss(c.x, c.t("target"), { ...reduction(c), delta: c.n("delta", 1) }),
  },
  "nn.functional.smooth_l1_loss": {
    args: "input target reduction beta",
    f: (c) => F.smoothL1Loss(c.x, c.t("target"), { ...reduction(c), beta: c.n("beta", 1) }),
  },
  "nn.functional.cross_entropy": {
    args: "input target weight ignore_index reduction label_smoothing",
    f: (c) => {
      const options = { ignoreIndex: c.n("ignore_index", -100), labelSmoothing: c.n("label_smoothing", 0) };
      return F.crossEntropy(c.x, c.t("target"), { ...weight(c), ...reduction(c), ...options });
    },
  },
  "nn.functional.nll_loss": {
    args: "input target weight ignore_index reduction",
    f: (c) => F.nllLoss(c.x, c.t("target"), { ...weight(c), ...reduction(c), ignoreIndex: c.n("ignore_index", -100) }),
  },
  "nn.functional.binary_cross_entropy": {
    args: "input target weight reduction",
    f: (c) => F.binaryCrossEntropy(c.x, c.t("target"), { ...weight(c), ...reduction(c) }),
  },
  "nn.functional.binary_cross_entropy_with_logits": {
    args: "input target weight reduction pos_weight",
    f: (c) => {
      const options = { ...weight(c), ...reduction(c), posWeight: c.maybe("pos_weight") };
      return F.binaryCrossEntropyWithLogits(c.x, c.t("target"), options);
    },
  },
  "nn.functional.kl_div": {
    args: "input target reduction log_target",
    f: (c) => {
      const options = { reduction: c.s<Reduction | "batchmean">("reduction", "mean"), logTarget: c.flag("log_target") };
      return F.klDiv(c.x, c.t("target"), options);
    },
  },
  "nn.functional.gaussian_nll_loss": {
    args: "input target var full eps reduction",
    f: (c) => {
      const options = { ...reduction(c), full: c.flag("full"), eps: c.n("eps", 1e-6) };
      return F.gaussianNllLoss(c.x, c.t("target"), c.t("var"), options);
    },
  },
  "nn.functional.poisson_nll_loss": {
    args: "input target log_input full eps reduction",
    f: (c) => {
      const options = { logInput: c.flag("log_input", true), full: c.flag("full"), eps: c.n("eps", 1e-8) };
      return F.poissonNllLoss(c.x, c.t("target"), { ...reduction(c), ...options });
    },
  },
  "nn.functional.hinge_embedding_loss": {
    args: "input target margin reduction",
    f: (c) => F.hingeEmbeddingLoss(c.x, c.t("target"), { ...reduction(c), margin: c.n("margin", 1) }),
  },
  "nn.functional.margin_ranking_loss": {
    args: "input other target margin reduction",
    f: (c) => F.marginRankingLoss(c.x, c.t("other"), c.t("target"), { ...reduction(c), margin: c.n("margin", 0) }),
  },
  "nn.functional.cosine_embedding_loss": {
    args: "input other target margin reduction",
    f: (c) => F.cosineEmbeddingLoss(c.x, c.t("other"), c.t("target"), { ...reduction(c), margin: c.n("margin", 0) }),
  },
  "nn.functional.triplet_margin_loss": {
    args: "input positive negative margin p eps swap reduction",
    f: (c) => {
      const options = { margin: c.n("margin", 1), p: c.n("p", 2), eps: c.n("eps", 1e-6), swap: c.flag("swap") };
      return F.tripletMarginLoss(c.x, c.t("positive"), c.t("negative"), { ...reduction(c), ...options });
    },
  },
  "nn.functional.multi_margin_loss": {
    args: "input target p margin reduction",
    f: (c) => {
      const options = { ...reduction(c), p: c.n("p", 1) as 1 | 2, margin: c.n("margin", 1) };
      return F.multiMarginLoss(c.x, c.t("target"), options);
    },
  },

  "nn.functional.ctc_loss": {
    args: "input target input_lengths target_lengths blank reduction zero_infinity",
    rough: true,
    f: (c) => {
      const options = { ...reduction(c), blank: c.n("blank", 0), zeroInfinity: c.flag("zero_infinity") };
      const logs = c.x.logSoftmax(-1); // behind which PyTorch's gradient is right
      return F.ctcLoss(logs, c.t("target"), c.t("input_lengths"), c.t("target_lengths"), options);
    },
  },

  // attention
  "nn.functional._scaled_dot_product_attention": {
    args: "input key value attn_mask dropout_p need_attn_weights is_causal",
    f: attention,
  },
};
