/** Losses of tensors, with the checks that take a look at targets in host memory. The mean, unless `reduction` says else. */
import { DTypeError, IndexError, ValueError } from "../errors.ts";
import { dtypes } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as loss from "../ops/loss.ts";
import { hostOf, nodeOf, Tensor } from "./tensor.ts";

export type { Reduction } from "../ops/loss.ts";

type LossOptions = loss.LossOptions;
type Margin = LossOptions & { margin?: number };
type Pair = (x: Node, target: Node, options?: LossOptions) => Node;
const pairwise =
  (f: Pair) =>
  (x: Tensor, target: Tensor, options?: LossOptions): Tensor =>
    new Tensor(f(x.node, target.node, options));
type PairLoss = (x: Tensor, target: Tensor, options?: LossOptions) => Tensor;

/** The mean of `(x − target)²`. */
export const mseLoss: PairLoss = pairwise(loss.mseLoss);
/** The mean of `|x − target|`. */
export const l1Loss: PairLoss = pairwise(loss.l1Loss);
/** `½d²` where `d = |x − target|` is at most `delta`, `delta · (d − ½delta)` beyond. */
export const huberLoss = (x: Tensor, target: Tensor, options?: LossOptions & { delta?: number }): Tensor =>
  new Tensor(loss.huberLoss(x.node, target.node, options));
/** `½d²/beta` where `d = |x − target|` is under `beta`, `d − ½beta` beyond. */
export const smoothL1Loss = (x: Tensor, target: Tensor, options?: LossOptions & { beta?: number }): Tensor =>
  new Tensor(loss.smoothL1Loss(x.node, target.node, options));

export interface NllOptions extends Omit<loss.NllOptions, "weight"> {
  /** A weight for each class. */
  weight?: Tensor | null;
}
export interface CrossEntropyOptions extends NllOptions {
  /** The part of the target that is spread evenly over the classes. */
  labelSmoothing?: number;
}

/** Throws at the first label in host memory that is no class, nor what stands for none. */
function checkLabels(op: string, target: Tensor, classes: number, none: number | null): void {
  const labels = hostOf(target);
  if (!labels) return;
  for (let i = 0; i < labels.length; i++) {
    if ((labels[i] >= 0 && labels[i] < classes) || labels[i] === none) continue;
    const got = `the label ${labels[i]} in row ${i}`;
    const want = `0 … ${classes - 1}${none === null ? "" : `, or ${none} for none`}`;
    throw new IndexError({ in: op, got, want, fix: "Check the labels" });
  }
}

/**
 * The cross-entropy between logits `(N, C, …)` and targets: classes in `(N, …)` as int32, or probabilities in `(N, C, …)`.
 * If no target counts, it is NaN, and its gradient 0.
 */
export function crossEntropy(logits: Tensor, target: Tensor, { weight, ...options }: CrossEntropyOptions = {}): Tensor {
  const out = loss.crossEntropy(logits.node, target.node, { ...options, weight: weight?.node ?? null });
  if (dtypes[target.dtype].kind === "int") {
    checkLabels("crossEntropy", target, logits.shape[logits.ndim > 1 ? 1 : 0], options.ignoreIndex ?? -100);
  }
  return new Tensor(out);
}

/** Minus the logarithm of the target's probability, given logarithms in `(N, C, …)` and classes in `(N, …)`. */
export function nllLoss(logs: Tensor, target: Tensor, { weight, ...options }: NllOptions = {}): Tensor {
  const out = loss.nllLoss(logs.node, target.node, { ...options, weight: weight?.node ?? null });
  checkLabels("nllLoss", target, logs.shape[logs.ndim > 1 ? 1 : 0], options.ignoreIndex ?? -100);
  return new Tensor(out);
}

/** Throws at the first element in host memory that is no probability. */
function checkProbabilities(op: string, x: Tensor, name: string): void {
  const values = hostOf(x);
  if (!values || x.dtype === "float16" || x.dtype === "bfloat16") return;
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] < 0 || values[i] > 1)) continue; // NaN goes on, to be seen in the loss
    const got = `${name} ${values[i]} at position ${i}`;
    throw new ValueError({ in: op, got, want: "probabilities from 0 to 1", fix: "Apply sigmoid(), or use logits" });
  }
}

/** The cross-entropy between probabilities `x` and `target`; logarithms count as at least −100. */
export function binaryCrossEntropy(
  x: Tensor,
  target: Tensor,
  { weight, ...options }: LossOptions & { weight?: Tensor | null } = {},
): Tensor {
  checkProbabilities("binaryCrossEntropy", x, "the input");
  checkProbabilities("binaryCrossEntropy", target, "the target");
  return new Tensor(loss.binaryCrossEntropy(x.node, target.node, { ...options, weight: weight?.node ?? null }));
}

/** The cross-entropy between `sigmoid(x)` and `target`. `posWeight` weighs the targets that are 1. */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  { weight, posWeight, ...options }: LossOptions & { weight?: Tensor | null; posWeight?: Tensor | number | null } = {},
): Tensor {
  const op = "binaryCrossEntropyWithLogits";
  checkProbabilities(op, target, "the target");
  const factor = posWeight === undefined || posWeight === null ? null : nodeOf(op, posWeight);
  if (typeof factor === "boolean") throw new DTypeError({ in: op, got: "a bool", want: "a number", fix: "Use 1" });
  const all = { ...options, weight: weight?.node ?? null, posWeight: factor };
  return new Tensor(loss.binaryCrossEntropyWithLogits(x.node, target.node, all));
}

/** `target · (log target − x)`, where `x` holds logarithms of probabilities. `"batchmean"` is the divergence itself. */
export const klDiv = (
  x: Tensor,
  target: Tensor,
  options?: { reduction?: loss.Reduction | "batchmean"; logTarget?: boolean },
): Tensor => new Tensor(loss.klDiv(x.node, target.node, options));
/** Half of `log variance + (x − target)² / variance`. */
export const gaussianNllLoss = (
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  options?: LossOptions & { eps?: number; full?: boolean },
): Tensor => new Tensor(loss.gaussianNllLoss(x.node, target.node, variance.node, options));
/** `eˣ − target · x`, or `x − target · log x` unless `logInput`. */
export const poissonNllLoss = (
  x: Tensor,
  target: Tensor,
  options?: LossOptions & { logInput?: boolean; eps?: number },
): Tensor => new Tensor(loss.poissonNllLoss(x.node, target.node, options));

/** `x` where the target is 1, `max(0, margin − x)` where it is −1. */
export const hingeEmbeddingLoss = (x: Tensor, target: Tensor, options?: Margin): Tensor =>
  new Tensor(loss.hingeEmbeddingLoss(x.node, target.node, options));
/** `max(0, margin − target · x)`, for targets of −1 and 1. */
export const hingeLoss = (x: Tensor, target: Tensor, options?: Margin): Tensor =>
  new Tensor(loss.hingeLoss(x.node, target.node, options));
/** `log(1 + e^(−target · x))`, for targets of −1 and 1. */
export const softMarginLoss: PairLoss = pairwise(loss.softMarginLoss);
/** `max(0, −target · (a − b) + margin)`. */
export const marginRankingLoss = (a: Tensor, b: Tensor, target: Tensor, options?: Margin): Tensor =>
  new Tensor(loss.marginRankingLoss(a.node, b.node, target.node, options));
/** `1 − cos(a, b)` where the target is 1, `max(0, cos(a, b) − margin)` where it is −1. */
export const cosineEmbeddingLoss = (a: Tensor, b: Tensor, target: Tensor, options?: Margin): Tensor =>
  new Tensor(loss.cosineEmbeddingLoss(a.node, b.node, target.node, options));
/** `max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + margin)`. */
export const tripletMarginLoss = (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: Margin & { p?: number; eps?: number; swap?: boolean },
): Tensor => new Tensor(loss.tripletMarginLoss(anchor.node, positive.node, negative.node, options));
/** The mean over classes of `max(0, margin − x[target] + x[i])ᵖ`, for `i` other than the target. */
export function multiMarginLoss(x: Tensor, target: Tensor, options?: Margin & { p?: 1 | 2 }): Tensor {
  const out = loss.multiMarginLoss(x.node, target.node, options);
  checkLabels("multiMarginLoss", target, x.shape[x.ndim - 1], null);
  return new Tensor(out);
}
