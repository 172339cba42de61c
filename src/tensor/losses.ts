/** Losses of tensors, with the checks that take a look at targets in host memory. The mean, unless `reduction` says else. */
import { DTypeError, IndexError, ShapeError, ValueError } from "../errors.ts";
import { dtypes } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import { show } from "../graph/shape.ts";
import { checkOptions } from "../ops/check.ts";
import { type CtcOptions, ctcLoss as ctc } from "../ops/ctc.ts";
import { indexNode } from "../ops/index.ts";
import * as loss from "../ops/loss.ts";
import { tensor } from "./create.ts";
import { checkLengths, type Lengths } from "./lengths.ts";
import { hostOf, nodeOf, Tensor, tensorNode } from "./tensor.ts";

export type { CtcOptions } from "../ops/ctc.ts";
export type { Reduction } from "../ops/loss.ts";

type LossOptions = loss.LossOptions;

let isTold = false;
/** A mean over no targets is 0/0. That it is NaN is as in PyTorch; what it comes from is said the first time. */
function warnOfNone(op: string, options: { readonly reduction?: string } | undefined): void {
  if (isTold || (options?.reduction ?? "mean") !== "mean") return;
  isTold = true;
  const why = "a mean over no targets, which is NaN; its gradients are 0";
  console.warn(`${op}: got ${why}. Leave such batches out, or use reduction "sum". This is said only once.`);
}

type Margin = LossOptions & { margin?: number };
type Pair = (x: Node, target: Node, options?: LossOptions) => Node;
const pairwise =
  (op: string, f: Pair) =>
  (x: Tensor, target: Tensor, options?: LossOptions): Tensor =>
    recorded(op, [x, target], options, [], (nodes) => f(...nodes, options));

type Nodes<T extends readonly Tensor[]> = { [K in keyof T]: Node };
/** The nodes of the tensors that a loss takes, and last its target. Every loss has a reduction. */
function checked<const T extends readonly Tensor[]>(
  op: string,
  tensors: T,
  options: unknown,
  names: readonly string[],
): Nodes<T> {
  checkOptions(op, options, ["reduction", ...names]);
  const nodes = tensors.map((x, i) => tensorNode(op, x, i === tensors.length - 1 ? "the target" : `argument ${i}`));
  return nodes as Nodes<T>;
}

/** A loss of these tensors, as `record` gives it. Only what nothing is wrong with is warned of as a mean over none. */
function recorded<const T extends readonly Tensor[]>(
  op: string,
  tensors: T,
  options: LossOptions | { readonly reduction?: string } | undefined,
  names: readonly string[],
  record: (nodes: Nodes<T>) => Node,
): Tensor {
  const nodes = checked(op, tensors, options, names);
  const out = record(nodes);
  if (nodes.some(({ shape }) => shape.includes(0))) warnOfNone(op, options);
  return new Tensor(out);
}
type PairLoss = (x: Tensor, target: Tensor, options?: LossOptions) => Tensor;

/** The mean of `(x − target)²`. */
export const mseLoss: PairLoss = pairwise("mseLoss", loss.mseLoss);
/** The mean of `|x − target|`. */
export const l1Loss: PairLoss = pairwise("l1Loss", loss.l1Loss);
/** `½d²` where `d = |x − target|` is at most `delta`, `delta · (d − ½delta)` beyond. */
export const huberLoss = (x: Tensor, target: Tensor, options?: LossOptions & { delta?: number }): Tensor =>
  recorded("huberLoss", [x, target], options, ["delta"], (nodes) => loss.huberLoss(...nodes, options));
/** `½d²/beta` where `d = |x − target|` is under `beta`, `d − ½beta` beyond. */
export const smoothL1Loss = (x: Tensor, target: Tensor, options?: LossOptions & { beta?: number }): Tensor =>
  recorded("smoothL1Loss", [x, target], options, ["beta"], (nodes) => loss.smoothL1Loss(...nodes, options));

export interface NllOptions extends Omit<loss.NllOptions, "weight"> {
  /** A weight for each class. */
  weight?: Tensor | null;
}
export interface CrossEntropyOptions extends NllOptions {
  /** The part of the target that is spread evenly over the classes. */
  labelSmoothing?: number;
}

/** Throws at the first label in host memory that is no class, nor what stands for none. Gives how many count, if known. */
function checkLabels(op: string, target: Tensor, classes: number, none: number | null): number | null {
  const labels = hostOf(target);
  if (!labels) return null;
  let count = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== none) count++;
    if ((labels[i] >= 0 && labels[i] < classes) || labels[i] === none) continue;
    const got = `the label ${labels[i]} in row ${i}`;
    const want = `0 … ${classes - 1}${none === null ? "" : `, or ${none} for none`}`;
    throw new IndexError({ in: op, got, want, fix: "Check the labels" });
  }
  return count;
}

/**
 * The cross-entropy between logits `(N, C, …)` and targets: classes in `(N, …)` as int32, or probabilities in `(N, C, …)`.
 * If no target counts, it is NaN, which is warned of once, and its gradient 0; with weights of 0 alone it is NaN too.
 */
export function crossEntropy(logits: Tensor, target: Tensor, given: CrossEntropyOptions = {}): Tensor {
  const op = "crossEntropy";
  return recorded(op, [logits, target], given, ["weight", "ignoreIndex", "labelSmoothing"], (nodes) => {
    const { weight, ...options } = given;
    const out = loss.crossEntropy(...nodes, { ...options, weight: weight?.node ?? null });
    if (dtypes[target.dtype].kind === "int") {
      const classes = logits.shape[logits.ndim > 1 ? 1 : 0];
      const count = checkLabels(op, target, classes, options.ignoreIndex ?? -100);
      if (count === 0) warnOfNone(op, options);
    }
    return out;
  });
}

/** Minus the logarithm of the target's probability, given logarithms in `(N, C, …)` and classes in `(N, …)`. */
export function nllLoss(logs: Tensor, target: Tensor, given: NllOptions = {}): Tensor {
  return recorded("nllLoss", [logs, target], given, ["weight", "ignoreIndex"], (nodes) => {
    const { weight, ...options } = given;
    const out = loss.nllLoss(...nodes, { ...options, weight: weight?.node ?? null });
    const count = checkLabels("nllLoss", target, logs.shape[logs.ndim > 1 ? 1 : 0], options.ignoreIndex ?? -100);
    if (count === 0) warnOfNone("nllLoss", options);
    return out;
  });
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
  return recorded("binaryCrossEntropy", [x, target], given, ["weight"], (nodes) => {
    const { weight, ...options } = given;
    checkProbabilities("binaryCrossEntropy", x, "the input");
    checkProbabilities("binaryCrossEntropy", target, "the target");
    return loss.binaryCrossEntropy(...nodes, { ...options, weight: weight?.node ?? null });
  });
}

/** The cross-entropy between `sigmoid(x)` and `target`. `posWeight` weighs the targets that are 1. */
export function binaryCrossEntropyWithLogits(
  x: Tensor,
  target: Tensor,
  given: LossOptions & { weight?: Tensor | null; posWeight?: Tensor | number | null } = {},
): Tensor {
  const op = "binaryCrossEntropyWithLogits";
  return recorded(op, [x, target], given, ["weight", "posWeight"], (nodes) => {
    const { weight, posWeight, ...options } = given;
    checkProbabilities(op, target, "the target");
    const factor = posWeight === undefined || posWeight === null ? null : nodeOf(op, posWeight);
    if (typeof factor === "boolean") throw new DTypeError({ in: op, got: "a bool", want: "a number", fix: "Use 1" });
    const all = { ...options, weight: weight?.node ?? null, posWeight: factor };
    return loss.binaryCrossEntropyWithLogits(...nodes, all);
  });
}

/** `target · (log target − x)`, where `x` holds logarithms of probabilities. `"batchmean"` is the divergence itself. */
export const klDiv = (
  x: Tensor,
  target: Tensor,
  options?: { reduction?: loss.Reduction | "batchmean"; logTarget?: boolean },
): Tensor => recorded("klDiv", [x, target], options, ["logTarget"], (nodes) => loss.klDiv(...nodes, options));
/** Half of `log variance + (x − target)² / variance`. */
export const gaussianNllLoss = (
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  options?: LossOptions & { eps?: number; full?: boolean },
): Tensor =>
  recorded("gaussianNllLoss", [x, target, variance], options, ["eps", "full"], (nodes) =>
    loss.gaussianNllLoss(...nodes, options),
  );
/** `eˣ − target · x`, or `x − target · log x` unless `logInput`; `full` adds the logarithm of the target's factorial. */
export const poissonNllLoss = (
  x: Tensor,
  target: Tensor,
  options?: LossOptions & { logInput?: boolean; full?: boolean; eps?: number },
): Tensor =>
  recorded("poissonNllLoss", [x, target], options, ["logInput", "full", "eps"], (nodes) =>
    loss.poissonNllLoss(...nodes, options),
  );

/** `x` where the target is 1, `max(0, margin − x)` where it is −1. */
export const hingeEmbeddingLoss = (x: Tensor, target: Tensor, options?: Margin): Tensor =>
  recorded("hingeEmbeddingLoss", [x, target], options, ["margin"], (nodes) =>
    loss.hingeEmbeddingLoss(...nodes, options),
  );
/** `max(0, margin − target · x)`, for targets of −1 and 1. */
export const hingeLoss = (x: Tensor, target: Tensor, options?: Margin): Tensor =>
  recorded("hingeLoss", [x, target], options, ["margin"], (nodes) => loss.hingeLoss(...nodes, options));
/** `log(1 + e^(−target · x))`, for targets of −1 and 1. */
export const softMarginLoss: PairLoss = pairwise("softMarginLoss", loss.softMarginLoss);
/** `max(0, −target · (a − b) + margin)`. */
export const marginRankingLoss = (a: Tensor, b: Tensor, target: Tensor, options?: Margin): Tensor =>
  recorded("marginRankingLoss", [a, b, target], options, ["margin"], (nodes) =>
    loss.marginRankingLoss(...nodes, options),
  );
/** `1 − cos(a, b)` where the target is 1, `max(0, cos(a, b) − margin)` where it is −1. */
export const cosineEmbeddingLoss = (a: Tensor, b: Tensor, target: Tensor, options?: Margin): Tensor =>
  recorded("cosineEmbeddingLoss", [a, b, target], options, ["margin"], (nodes) =>
    loss.cosineEmbeddingLoss(...nodes, options),
  );
/** `max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + margin)`. */
export const tripletMarginLoss = (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options?: Margin & { p?: number; eps?: number; swap?: boolean },
): Tensor =>
  recorded("tripletMarginLoss", [anchor, positive, negative], options, ["margin", "p", "eps", "swap"], (nodes) =>
    loss.tripletMarginLoss(...nodes, options),
  );
/** The mean over classes of `max(0, margin − x[target] + x[i])ᵖ`, for `i` other than the target. */
export function multiMarginLoss(x: Tensor, target: Tensor, options?: Margin & { p?: 1 | 2 }): Tensor {
  return recorded("multiMarginLoss", [x, target], options, ["margin", "p"], (nodes) => {
    const out = loss.multiMarginLoss(...nodes, options);
    checkLabels("multiMarginLoss", target, x.shape[x.ndim - 1], null);
    return out;
  });
}

/**
 * The loss of labels whose places in a longer sequence are unknown (Graves et al. 2006). `logProbabilities: (T, N, C)` holds
 * logarithms, as of logSoftmax(); targets are `(N, S)`, of which the first `targetLengths` count, or all of them one after
 * another in one vector. Of one example alone: `(T, C)`, `(S)`, and one number of each. The mean is over losses that are
 * divided by the number of their labels. A target that no alignment reaches gives ∞, with gradient 0.
 */
export function ctcLoss(
  logProbabilities: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options: CtcOptions = {},
): Tensor {
  const op = "ctcLoss";
  const [x, labels] = checked(op, [logProbabilities, targets], options, ["blank", "zeroInfinity"]);
  indexNode(op, labels);
  const single = x.shape.length === 2;
  if (!single && x.shape.length !== 3) {
    const want = "(T, N, C), or (T, C) of one example";
    throw new ShapeError({ in: op, got: `logarithms of ${show(x.shape)}`, want, fix: "Put the steps first" });
  }
  const all = single ? logProbabilities.reshape([x.shape[0], 1, x.shape[1]]) : logProbabilities;
  const [steps, batch, classes] = all.shape;
  const { tensor: inputs } = checkLengths(op, inputLengths, { name: "inputLengths", count: batch, most: steps });
  const flat = labels.shape.length === 1;
  const most = labels.shape.at(-1) ?? 0;
  const { tensor: counts, host: ends } = checkLengths(op, targetLengths, { name: "targetLengths", count: batch, most });
  const alone = flat && single;
  const rows = alone ? targets.reshape([1, most]) : flat ? apart(op, targets, ends) : targets;
  if (rows.shape.length !== 2 || rows.shape[0] !== batch) {
    const got = `targets of ${show(labels.shape)} for logarithms of ${show(all.shape)}`;
    throw new ShapeError({ in: op, got, want: `(N, S), here [${batch}, S], or one vector`, fix: "Check the targets" });
  }
  const known = hostOf(alone ? targets : rows);
  for (let n = 0; known && ends && n < batch; n++) {
    for (let k = 0; k < ends[n]; k++) {
      const label = known[n * rows.shape[1] + k];
      if (label >= 0 && label < classes) continue;
      const got = `the label ${label} at place ${k} of target ${n}`;
      throw new IndexError({ in: op, got, want: `0 … ${classes - 1}`, fix: "Check the labels" });
    }
  }
  const out = new Tensor(
    ctc(all.node, indexNode(op, rows.node), indexNode(op, inputs.node), indexNode(op, counts.node), options),
  );
  return single && options.reduction === "none" ? out.reshape([]) : out;
}

/** Targets that stand one after another, as rows of the longest's length. */
function apart(op: string, targets: Tensor, counts: readonly number[] | null): Tensor {
  const sum = counts?.reduce((a, b) => a + b, 0);
  if (!counts || sum !== targets.numel()) {
    const sums = `${targets.numel()} labels for lengths that add up to ${sum}`;
    const got = counts ? sums : "lengths that are not in host memory";
    throw new ShapeError({ in: op, got, want: "as many labels as the lengths say", fix: "Pass targets as (N, S)" });
  }
  const width = Math.max(0, ...counts);
  const index = new Int32Array(counts.length * width);
  for (let n = 0, start = 0; n < counts.length; start += counts[n++]) {
    for (let k = 0; k < counts[n]; k++) index[n * width + k] = start + k;
  }
  const known = hostOf(targets);
  const shape = [counts.length, width];
  return known
    ? tensor(
        index.map((i) => known[i]),
        shape,
      )
    : targets.take(tensor(index, shape));
}
