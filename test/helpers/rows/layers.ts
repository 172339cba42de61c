/** Pooling, normalization, dropout, and losses. */
import * as F from "../../../src/tensor.ts";
import type { Rows } from "./row.ts";

const int = (...x: number[]): F.Tensor => F.tensor(x, { dtype: "int32" });
const mean = (x: number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
const once = { second: false } as const;
const positive = [0.1, 2] as const;
const probability = [0.05, 0.95] as const;

export const layers: Rows = {
  maxPool1d: {
    f: (x) => F.maxPool1d(x, 2),
    on: ["1x2x6"],
    value: (x) => [0, 2, 4, 6, 8, 10].map((i) => Math.max(x[i], x[i + 1])),
    ...once,
  },
  "maxPool1d, overlapping": {
    f: (x) => F.maxPool1d(x, 3, { stride: 1, padding: 1, dilation: 2 }),
    on: ["1x2x7"],
    ...once,
  },
  maxPool2d: { f: (x) => F.maxPool2d(x, 2), on: ["2x2x4x6"], ...once },
  "maxPool2d, everything": {
    f: (x) => F.maxPool2d(x, [3, 2], { stride: [2, 1], padding: [1, 0], ceilMode: true }),
    on: ["1x2x6x5"],
    ...once,
  },
  maxPool3d: { f: (x) => F.maxPool3d(x, 2), on: ["1x1x4x2x4"], ...once },
  avgPool1d: { f: (x) => F.avgPool1d(x, 3, { stride: 2 }), on: ["2x2x7"], ...once },
  avgPool2d: {
    f: (x) => F.avgPool2d(x, 2),
    on: ["1x1x2x4"],
    value: (x) => [0, 2].map((i) => mean([x[i], x[i + 1], x[i + 4], x[i + 5]])),
    ...once,
  },
  "avgPool2d, padding": { f: (x) => F.avgPool2d(x, 3, { stride: 2, padding: 1 }), on: ["1x2x5x4"], ...once },
  "avgPool2d, padding not counted": {
    f: (x) => F.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false, ceilMode: true }),
    on: ["1x2x6x4"],
    ...once,
  },
  "avgPool2d, hanging over": {
    f: (x) => F.avgPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true }),
    on: ["1x1x6x6"],
    ...once,
  },
  "avgPool2d, own divisor": { f: (x) => F.avgPool2d(x, 2, { divisorOverride: 3 }), on: ["1x1x4x4"], ...once },
  avgPool3d: { f: (x) => F.avgPool3d(x, 2), on: ["1x1x2x4x2"], ...once },
  lpPool1d: { f: (x) => F.lpPool1d(x, 3, 2), on: ["1x2x6"], ...once },
  lpPool2d: { f: (x) => F.lpPool2d(x, 2, 2), on: ["1x1x4x4"], ...once },
  lpPool3d: {
    f: (x) => F.lpPool3d(x, 2, 2),
    on: ["1x1x2x2x2"],
    value: (x) => [Math.sqrt(x.reduce((sum, v) => sum + v * v, 0))],
    ...once,
  },
  adaptiveAvgPool1d: { f: (x) => F.adaptiveAvgPool1d(x, 3), on: ["1x2x7"], ...once },
  "adaptiveAvgPool2d, even": { f: (x) => F.adaptiveAvgPool2d(x, [2, 1]), on: ["1x2x4x3"], ...once },
  "adaptiveAvgPool2d, more": { f: (x) => F.adaptiveAvgPool2d(x, [3, 4]), on: ["1x1x2x3"], ...once },
  adaptiveMaxPool1d: { f: (x) => F.adaptiveMaxPool1d(x, 3), on: ["1x2x7"], ...once },
  adaptiveMaxPool2d: { f: (x) => F.adaptiveMaxPool2d(x, [2, 3]), on: ["1x2x4x5"], ...once },
  adaptiveAvgPool3d: { f: (x) => F.adaptiveAvgPool3d(x, [2, 1, 3]), on: ["1x2x3x2x3"], ...once },
  adaptiveMaxPool3d: { f: (x) => F.adaptiveMaxPool3d(x, [2, 1, 3]), on: ["1x2x3x2x3"], ...once },
  globalAvgPool: { f: F.globalAvgPool, on: ["1x2x2x3"], value: (x) => [x.slice(0, 6), x.slice(6)].map(mean), ...once },
  globalMaxPool: {
    f: F.globalMaxPool,
    on: ["1x2x2x3"],
    value: (x) => [x.slice(0, 6), x.slice(6)].map((c) => Math.max(...c)),
    ...once,
  },
  // images
  "interpolate, twice": { f: (x) => F.interpolate(x, { scale: 2 }), on: ["1x2x2x3"], ...once },
  "interpolate, down": { f: (x) => F.interpolate(x, { size: [2, 3] }), on: ["1x1x5x7"], ...once },
  "interpolate, a fraction": { f: (x) => F.interpolate(x, { scale: 1.5 }), on: ["1x2x5"], ...once },
  "interpolate, linear": { f: (x) => F.interpolate(x, { scale: 2, mode: "linear" }), on: ["1x2x2x3"], ...once },
  "interpolate, corners": {
    f: (x) => F.interpolate(x, { size: 5, mode: "linear", alignCorners: true }),
    on: ["1x1x3"],
    value: ([a, b, c]) => [a, (a + b) / 2, b, (b + c) / 2, c],
    ...once,
  },
  unfold: { f: (x) => F.unfold(x, [2, 3], { stride: 2, padding: 1 }), on: ["1x2x4x5"], ...once },
  fold: { f: (x) => F.fold(x, [4, 5], 2), on: ["1x8x12"], ...once },
  "fold undoes unfold of windows side by side": {
    f: (x) => F.fold(F.unfold(x, 2, { stride: 2 }), [4, 6], 2, { stride: 2 }),
    on: ["2x3x4x6"],
    value: (x) => x,
    ...once,
  },
  pixelUnshuffle: { f: (x) => F.pixelUnshuffle(F.pixelShuffle(x, 2), 2), on: ["1x4x2x3"], value: (x) => x, ...once },
  meshgrid: {
    f: (a, b) => F.cat(F.meshgrid(a, b)),
    on: ["2", "3"],
    value: (a, b) => [...a.flatMap((v) => [v, v, v]), ...b, ...b],
    ...once,
  },
  // normalization
  layerNorm: { f: (x, w, b) => F.layerNorm(x, 4, { weight: w, bias: b }), on: ["2x3x4", "4", "4"] },
  "layerNorm, two axes": { f: (x) => F.layerNorm(x, [3, 4]), on: ["2x3x4"], ...once },
  rmsNorm: { f: (x, w) => F.rmsNorm(x, 4, { weight: w }), on: ["2x3x4", "4"], ...once },
  groupNorm: { f: (x, w, b) => F.groupNorm(x, 2, { weight: w, bias: b }), on: ["2x4x3", "4", "4"], ...once },
  instanceNorm: { f: (x, w) => F.instanceNorm(x, { weight: w }), on: ["2x3x2x2", "3"], ...once },
  "batchNorm, training": {
    f: (x, w, b) => F.batchNorm(x, null, null, { training: true, weight: w, bias: b }),
    on: ["4x3x2", "3", "3"],
    ...once,
  },
  "batchNorm, evaluating": { f: (x, m, v) => F.batchNorm(x, m, v), on: ["4x3x2", "3", "3"], in: positive, ...once },
  localResponseNorm: { f: (x) => F.localResponseNorm(x, 3, { alpha: 0.5 }), on: ["2x4x3"], ...once },
  weightNorm: { f: (v, m) => F.weightNorm(v, m), on: ["3x2x2", "3"], ...once },
  dropout: { f: (x) => F.dropout(x, 0.3), on: ["40"] },
  dropoutChannels: { f: (x) => F.dropoutChannels(x, 0.3), on: ["4x5x2"] },
  // losses
  mseLoss: {
    f: (x, t) => F.mseLoss(x, t),
    on: ["3x4", "3x4"],
    value: (x, t) => [mean(x.map((v, i) => (v - t[i]) ** 2))],
  },
  "mseLoss, sum": { f: (x, t) => F.mseLoss(x, t, { reduction: "sum" }), on: ["5", "5"] },
  "mseLoss, none": { f: (x, t) => F.mseLoss(x, t, { reduction: "none" }), on: ["5", "5"], ref: (x, t) => (x - t) ** 2 },
  l1Loss: { f: (x, t) => F.l1Loss(x, t), on: ["5", "5"], value: (x, t) => [mean(x.map((v, i) => Math.abs(v - t[i])))] },
  huberLoss: { f: (x, t) => F.huberLoss(x, t, { delta: 0.7 }), on: ["9", "9"] },
  smoothL1Loss: { f: (x, t) => F.smoothL1Loss(x, t, { beta: 0.7 }), on: ["9", "9"] },
  crossEntropy: {
    f: (x) => F.crossEntropy(x, int(2, 0, 1)),
    on: ["3x4"],
    value: (x) => [
      mean(
        [2, 0, 1].map((t, i) => Math.log([0, 1, 2, 3].reduce((s, c) => s + Math.exp(x[i * 4 + c]), 0)) - x[i * 4 + t]),
      ),
    ],
  },
  "crossEntropy, everything": {
    f: (x, w) => F.crossEntropy(x, int(2, -100, 1, 0, 0, 3).reshape([3, 2]), { weight: w, labelSmoothing: 0.2 }),
    on: ["3x4x2", "4"],
    in: positive,
    ...once,
  },
  "crossEntropy, probabilities": {
    f: (x, t) => F.crossEntropy(x, t, { labelSmoothing: 0.1 }),
    on: ["3x4", "3x4"],
    in: positive,
    ...once,
  },
  "crossEntropy, one row": { f: (x) => F.crossEntropy(x, F.tensor(1, { dtype: "int32" })), on: ["4"] },
  nllLoss: { f: (x) => F.nllLoss(x.logSoftmax(1), int(2, 0, 1), { reduction: "none" }), on: ["3x4"], ...once },
  binaryCrossEntropy: { f: (x, t) => F.binaryCrossEntropy(x, t), on: ["5", "5"], in: probability },
  binaryCrossEntropyWithLogits: {
    f: (x, t) => F.binaryCrossEntropyWithLogits(x, t.abs().clamp({ max: 1 })),
    on: ["5", "5"],
    in: [-0.9, 0.9],
  },
  "binaryCrossEntropyWithLogits, weighted": {
    f: (x, t, w) => F.binaryCrossEntropyWithLogits(x, t, { posWeight: w, weight: w }),
    on: ["5", "5", "5"],
    in: probability,
    ...once,
  },
  klDiv: { f: (x, t) => F.klDiv(x.log(), t, { reduction: "batchmean" }), on: ["2x3", "2x3"], in: probability },
  "klDiv, log target": { f: (x, t) => F.klDiv(x, t, { logTarget: true }), on: ["2x3", "2x3"], ...once },
  gaussianNllLoss: {
    f: (x, t, v) => F.gaussianNllLoss(x, t, v, { full: true }),
    on: ["5", "5", "5"],
    in: positive,
    ...once,
  },
  "poissonNllLoss, full": {
    f: (x, t) => F.poissonNllLoss(x, t, { full: true }),
    on: ["5", "5"],
    in: [1.1, 3],
    ...once,
  },
  poissonNllLoss: { f: (x, t) => F.poissonNllLoss(x, t), on: ["5", "5"], in: positive, ...once },
  hingeEmbeddingLoss: { f: (x) => F.hingeEmbeddingLoss(x, F.tensor([1, -1, -1, 1])), on: ["4"], ...once },
  hingeLoss: {
    f: (x) => F.hingeLoss(x, F.tensor([1, -1, -1, 1]), { reduction: "none", margin: 1.5 }),
    on: ["4"],
    value: (x) => [1, -1, -1, 1].map((t, i) => Math.max(0, 1.5 - t * x[i])),
    ...once,
  },
  softMarginLoss: { f: (x) => F.softMarginLoss(x, F.tensor([1, -1, -1, 1])), on: ["4"], ...once },
  marginRankingLoss: {
    f: (a, b) => F.marginRankingLoss(a, b, F.tensor([1, -1, 1]), { margin: 0.3 }),
    on: ["3", "3"],
    ...once,
  },
  cosineEmbeddingLoss: { f: (a, b) => F.cosineEmbeddingLoss(a, b, F.tensor([1, -1, -1])), on: ["3x4", "3x4"], ...once },
  tripletMarginLoss: {
    f: (a, p, n) => F.tripletMarginLoss(a, p, n, { margin: 2, swap: true }),
    on: ["3x4", "3x4", "3x4"],
    ...once,
  },
  ctcLoss: {
    f: (x) => F.ctcLoss(x, int(1, 2, 2, 2).reshape([2, 2]), [4, 3], [2, 1], { reduction: "none" }),
    on: ["4x2x3"],
    ...once,
  },
  multiMarginLoss: { f: (x) => F.multiMarginLoss(x, int(2, 0, 1), { p: 2 }), on: ["3x4"], ...once },
};
