/** Losses of tensors, with the checks that take a look at targets in host memory. The mean, unless `reduction` says else. */
import { DTypeError, IndexError, ValueError } from "../errors.ts";
import { dtypes } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import { checkOptions } from "../ops/check.ts";
import * as loss from "../ops/loss.ts";
import { hostOf, nodeOf, Tensor, tensorNode } from "./tensor.ts";

export type { Reduction } from "../ops/loss.ts";

type LossOptions = loss.LossOptions;
type Margin = LossOptions & { margin?: number };
type Pair = (x: Node, target: Node, options?: LossOptions) => Node;
const pairwise =
  (op: string, f: Pair) =>
  (x: Tensor, target: Tensor, options?: LossOptions): Tensor =>
    new Tensor(f(...checked(op, [x, target], options, []), options));

/** The nodes of the tensors that a loss takes, and last its target. Every loss has a reduction. */
function checked<const T extends readonly Tensor[]>(
  op: string,
  tensors: T,
  options: unknown,
  names: readonly string[],
): { [K in keyof T]: Node } {
  checkOptions(op, options, ["reduction", ...names]);
  const nodes = tensors.map((x, i) => tensorNode(op, x, i === tensors.length - 1 ? "the target" : `argument ${i}`));
  return nodes as { [K in keyof T]: Node };
}
type PairLoss = (x: Tensor, target: Tensor, options?: LossOptions) => Tensor;

/** The mean of `(x − target)²`. */
export const mseLoss: PairLoss = pairwise("mseLoss", loss.mseLoss);
/** The mean of `|x − target|`. */
export const l1Loss: PairLoss = pairwise("l1Loss", loss.l1Loss);
/** `½d²` where `d = |x − target|` is at most `delta`, `delta · (d − ½delta)` beyond. */
export const huberLoss = (x: Tensor, target: Tensor, options?: LossOptions & { delta?: number }): Tensor =>
  new Tensor(loss.huberLoss(...checked("huberLoss", [x, target], options, ["delta"]), options));
/** `½d²/beta` where `d = |x − target|` is under `beta`, `d − ½beta` beyond. */
export const smoothL1Loss = (x: Tensor, target: Tensor, options?: LossOptions & { beta?: number }): Tensor =>
  new Tensor(loss.smoothL1Loss(...checked("smoothL1Loss", [x, target], options, ["beta"]), options));

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
export function crossEntropy(logits: Tensor, target: Tensor, given: CrossEntropyOptions = {}): Tensor {
  const nodes = checked("crossEntropy", [logits, target], given, ["weight", "ignoreIndex", "labelSmoothing"]);
  const { weight, ...options } = given;
  const out = loss.crossEntropy(...nodes, { ...options, weight: weight?.node ?? null });
  if (dtypes[target.dtype].kind === "int") {
    checkLabels("crossEntropy", target, logits.shape[logits.ndim > 1 ? 1 : 0], options.ignoreIndex ?? -100);
  }
  return new Tensor(out);
}

/** Minus the logarithm of the target's probability, given logarithms in `(N, C, …)` and classes in `(N, …)`. */
export function nllLoss(logs: Tensor, target: Tensor, given: NllOptions = {}): Tensor {
  const nodes = checked("nllLoss", [logs, target], given, ["weight", "ignoreIndex"]);
  const { weight, ...options } = given;
  const out = loss.nllLoss(...nodes, { ...options, weight: weight?.node ?? null });
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
  given: LossOptions & { weight?: Tensor | null } = {},
): Tensor {
  const nodes = checked("binaryCrossEntropy", [x, target], given, ["weight"]);
  const { weight, ...options } = given;
  checkProbabilities("binaryCrossEntropy", x, "the input");
  checkProbabilities("binaryCrossEntropy", target, "the target");
  return new Tensor(loss.binaryCrossEntropy(...nodes, { ...options, weight: weight?.node ?? null }));
}

/** The cross-entropy between `sigmoid(x)` and `target`. `posWeight` weighs the targets that are 1. */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  given: LossOptions & { weight?: Tensor | null; posWeight?: Tensor | number | null } = {},
): Tensor {
  const op = "binaryCrossEntropyWithLogits";
  const nodes = checked(op, [x, target], given, ["weight", "posWeight"]);
  const { weight, posWeight, ...options } = given;
  checkProbabilities(op, target, "the target");
  const factor = posWeight === undefined || posWeight === null ? null : nodeOf(op, posWeight);
  if (typeof factor === "boolean") throw new DTypeError({ in: op, got: "a bool", want: "a number", fix: "Use 1" });
  const all = { ...options, weight: weight?.node ?? null, posWeight: factor };
  return new Tensor(loss.binaryCrossEntropyWithLogits(...nodes, all));
}

/** `target · (log target − x)`, where `x` holds logarithms of probabilities. `"batchmean"` is the divergence itself. */
export const klDiv = (
  x: Tensor,
  target: Tensor,
  options?: { reduction?: loss.Reduction | "batchmean"; logTarget?: boolean },
): Tensor => new Tensor(loss.klDiv(...checked("klDiv", [x, target], options, ["logTarget"]), options));
/** Half of `log variance + (x − target)² / variance`. */
export const gaussianNllLoss = (
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  options?: LossOptions & { eps?: number; full?: boolean },
): Tensor =>
  new Tensor(
    loss.gaussianNllLoss(...checked("gaussianNllLoss", [x, target, variance], options, ["eps", "full"]), options),
  );
/** `eˣ − target · x`, or `x − target · log x` unless `logInput`. */
export const poissonNllLoss = (
  x: Tensor,
  target: Tensor,
  options?: LossOptions & { logInput?: boolean; eps?: number },
): Tensor =>
  new Tensor(loss.poissonNllLoss(...checked("poissonNllLoss", [x, target], options, ["logInput", "eps"]), options));

/** `x` where the target is 1, `max(0, margin − x)` where it is −1. */
export const hingeEmbeddingLoss = (x: Tensor, target: Tensor, options?: Margin): Tensor =>
  new Tensor(loss.hingeEmbeddingLoss(...checked("hingeEmbeddingLoss", [x, target], options, ["margin"]), options));
/** `max(0, margin − target · x)`, for targets of −1 and 1. */
export const hingeLoss = (x: Tensor, target: Tensor, options?: Margin): Tensor =>
  new Tensor(loss.hingeLoss(...checked("hingeLoss", [x, target], options, ["margin"]), options));
/** `log(1 + e^(−target · x))`, for targets of −1 and 1. */
export const softMarginLoss: PairLoss = pairwise("softMarginLoss", loss.softMarginLoss);
/** `max(0, −target · (a − b) + margin)`. */
export const marginRankingLoss = (a: Tensor, b: Tensor, target: Tensor, options?: Margin): Tensor =>
  new Tensor(loss.marginRankingLoss(...checked("marginRankingLoss", [a, b, target], options, ["margin"]), options));
/** `1 − cos(a, b)` where the target is 1, `max(0, cos(a, b) − margin)` where it is −1. */
export const cosineEmbeddingLoss = (a: Tensor, b: Tensor, target: Tensor, options?: Margin): Tensor =>
  new Tensor(loss.cosineEmbeddingLoss(...checked("cosineEmbeddingLoss", [a, b, target], options, ["margin"]), options));
/** `max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + margin)`. */
export const tripletMarginLoss = (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: Margin & { p?: number; eps?: number; swap?: boolean },
): Tensor =>
  new Tensor(
    loss.tripletMarginLoss(
      ...checked("tripletMarginLoss", [anchor, positive, negative], options, ["margin", "p", "eps", "swap"]),
      options,
    ),
  );
/** The mean over classes of `max(0, margin − x[target] + x[i])ᵖ`, for `i` other than the target. */
export function multiMarginLoss(x: Tensor, target: Tensor, options?: Margin & { p?: 1 | 2 }): Tensor {
  const out = loss.multiMarginLoss(...checked("multiMarginLoss", [x, target], options, ["margin", "p"]), options);
  checkLabels("multiMarginLoss", target, x.shape[x.ndim - 1], null);
  return new Tensor(out);
}
