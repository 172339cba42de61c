/** Losses. Each takes logits or logarithms where it can, and is finite where its limit is. */
import { DTypeError, ShapeError } from "../errors.ts";
import { dtypes, isFloat } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { type Shape, sameShape, show } from "../graph/shape.ts";
import { relu, softplus } from "./activation.ts";
import { broadcastTo, checkNumber, floating } from "./check.ts";
import { abs, add, clamp, div, log1p, maximum, mul, sub, where } from "./elementwise.ts";
import { indexNode } from "./index.ts";
import { cosineSimilarity, logSoftmax, mean, pairwiseDistance, sum } from "./reduce.ts";
import { reshape } from "./shape.ts";

export type Reduction = "mean" | "sum" | "none";
export interface LossOptions {
  /** The mean of the losses, their sum, or each by itself. */
  reduction?: Reduction;
}

const reduced = (loss: Node, { reduction = "mean" }: LossOptions): Node =>
  reduction === "none" ? loss : reduction === "sum" ? sum(loss) : mean(loss);

/** Two tensors of one shape: that one would be broadcast is more often a mistake than meant. */
function pair(op: string, x: Node, target: Node): [Node, Node] {
  if (!sameShape(x.shape, target.shape)) {
    const got = `${show(x.shape)} with a target of ${show(target.shape)}`;
    throw new ShapeError({ in: op, got, want: "equal shapes", fix: "Use reshape() or expand() if that is meant" });
  }
  return [floating(x), g.cast(target, floating(x).dtype)];
}

// Regression.

/** The mean of `(x − target)²`. */
export function mseLoss(x: Node, target: Node, options: LossOptions = {}): Node {
  const [a, b] = pair("mseLoss", x, target);
  const d = g.sub(a, b);
  return reduced(g.mul(d, d), options);
}

/** The mean of `|x − target|`. */
export function l1Loss(x: Node, target: Node, options: LossOptions = {}): Node {
  const [a, b] = pair("l1Loss", x, target);
  return reduced(abs(g.sub(a, b)), options);
}

/** `½d²` where `d = |x − target|` is at most `delta`, `delta · (d − ½delta)` beyond (Huber 1964). */
export function huberLoss(
  x: Node,
  target: Node,
  { delta = 1, ...options }: LossOptions & { delta?: number } = {},
): Node {
  checkNumber("huberLoss", delta, "delta", Number.MIN_VALUE);
  const [a, b] = pair("huberLoss", x, target);
  const d = abs(g.sub(a, b));
  const near = clamp(d, { max: delta }); // so that an infinite distance is not squared
  const loss = g.where(g.lt(d, g.like(d, delta)), mul(g.mul(near, near), 0.5), mul(sub(d, 0.5 * delta), delta));
  return reduced(loss, options);
}

/** `½d²/beta` where `d = |x − target|` is under `beta`, `d − ½beta` beyond. */
export function smoothL1Loss(
  x: Node,
  target: Node,
  { beta = 1, ...options }: LossOptions & { beta?: number } = {},
): Node {
  checkNumber("smoothL1Loss", beta, "beta", 0);
  pair("smoothL1Loss", x, target);
  return beta === 0 ? l1Loss(x, target, options) : div(huberLoss(x, target, { delta: beta, ...options }), beta);
}

// Classification.

export interface NllOptions extends LossOptions {
  /** A weight for each class. */
  weight?: Node | null;
  /** Targets that count as missing. */
  ignoreIndex?: number;
}
export interface CrossEntropyOptions extends NllOptions {
  /** The part of the target that is spread evenly over the classes. */
  labelSmoothing?: number;
}

/** `x: (N, C, …)` with its axis of classes last, and a target of shape `(N, …)` for it. */
function classesLast(op: string, x: Node, target: Node): Node {
  const batched = x.shape.length > 1;
  const others = batched ? x.shape.toSpliced(1, 1) : [];
  if (x.shape.length === 0 || !sameShape(target.shape, others)) {
    const got = `${show(x.shape)} with a target of ${show(target.shape)}`;
    throw new ShapeError({ in: op, got, want: `(N, C, …) and (N, …), here ${show(others)}`, fix: "Check the target" });
  }
  return batched ? toLast(x) : x;
}
const toLast = (x: Node): Node => g.permute(x, [0, ...x.shape.map((_, i) => i).slice(2), 1]);

/** The weights of the classes, or ones, in the shape of `x: (…, C)`. */
function classWeights(op: string, x: Node, weight: Node | null | undefined): Node | null {
  if (!weight) return null;
  const classes = x.shape.slice(-1);
  if (sameShape(weight.shape, classes)) return broadcastTo(g.cast(weight, x.dtype), x.shape);
  const got = `a weight of ${show(weight.shape)}`;
  throw new ShapeError({ in: op, got, want: `a number for each class, ${show(classes)}`, fix: "Check the weight" });
}

/** Minus the logarithm of the target's probability, given logarithms of probabilities in `(N, C, …)` and targets `(N, …)`. */
export function nllLoss(logProbabilities: Node, target: Node, options: NllOptions = {}): Node {
  return nll("nllLoss", classesLast("nllLoss", floating(logProbabilities), target), target, options);
}

function nll(
  op: string,
  logs: Node,
  labels: Node,
  { weight, ignoreIndex = -100, ...options }: CrossEntropyOptions,
): Node {
  const smoothing = options.labelSmoothing ?? 0;
  const target = indexNode(op, labels);
  const classes = logs.shape[logs.shape.length - 1];
  const last = logs.shape.length - 1;
  // One pass over the classes that picks the target's, rather than a gather, whose derivative would have to scatter.
  const place = g.reshape(target, [...target.shape, 1]);
  const hit = g.eq(g.iota(last, logs.shape), g.expand(place, logs.shape));
  const over = (x: Node): Node => g.reshape(g.sum(x, [last]), target.shape);
  const weights = classWeights(op, logs, weight);
  const weighted = weights ? g.mul(logs, weights) : logs;
  const one = g.fill(1, target.shape, logs.dtype);
  const own = weights ? over(g.where(hit, weights, g.like(weights, 0))) : one;
  let loss = g.neg(over(g.where(hit, weighted, g.like(logs, 0))));
  if (smoothing > 0) loss = add(mul(loss, 1 - smoothing), mul(over(weighted), -smoothing / classes));
  // A label that is no class cannot be told from a loss of 0, so it is made NaN.
  const valid = g.mul(g.lt(g.like(target, -1), target), g.lt(target, g.like(target, classes)));
  const ignored = g.eq(target, g.like(target, ignoreIndex));
  const zero = g.like(one, 0);
  loss = g.where(ignored, zero, g.where(valid, loss, g.like(loss, NaN)));
  if (options.reduction === "none") return loss;
  return options.reduction === "sum" ? sum(loss) : g.div(sum(loss), sum(g.where(ignored, zero, own)));
}

/**
 * The cross-entropy between logits in `(N, C, …)` and targets: classes in `(N, …)`, or probabilities in `(N, C, …)`, which
 * are taken as they are. A mean over classes is weighted by their weights; if no target counts, it is NaN, with gradient 0.
 */
export function crossEntropy(logits: Node, target: Node, options: CrossEntropyOptions = {}): Node {
  const op = "crossEntropy";
  const smoothing = checkNumber(op, options.labelSmoothing ?? 0, "labelSmoothing", 0, 1);
  const x = floating(logits);
  if (dtypes[target.dtype].kind === "int") {
    return nll(op, logSoftmax(classesLast(op, x, target), -1), target, { ...options, labelSmoothing: smoothing });
  }
  if (!isFloat(target.dtype)) {
    const want = "classes as int32, or probabilities";
    throw new DTypeError({ in: op, got: `a target of ${target.dtype}`, want, fix: "Convert it with int() or float()" });
  }
  if (!sameShape(x.shape, target.shape)) {
    const got = `${show(x.shape)} with a target of ${show(target.shape)} in ${target.dtype}`;
    throw new ShapeError({
      in: op,
      got,
      want: "probabilities of the same shape, or classes as int32",
      fix: "Use int()",
    });
  }
  const [logs, p] = [x, g.cast(target, x.dtype)].map((t) => (t.shape.length > 1 ? toLast(t) : t));
  const classes = logs.shape[logs.shape.length - 1];
  const smooth = smoothing > 0 ? add(mul(p, 1 - smoothing), smoothing / classes) : p;
  const weights = classWeights(op, logs, options.weight);
  const terms = g.mul(smooth, logSoftmax(logs, -1));
  return reduced(g.neg(sum(weights ? g.mul(terms, weights) : terms, -1)), options);
}

/** The cross-entropy between probabilities `x` and `target`; logarithms count as at least −100. */
export function binaryCrossEntropy(x: Node, target: Node, options: LossOptions & { weight?: Node | null } = {}): Node {
  const [p, t] = pair("binaryCrossEntropy", x, target);
  const log = (y: Node): Node => maximum(g.log(y), -100);
  const one = g.like(p, 1);
  const loss = g.neg(g.add(g.mul(t, log(p)), g.mul(g.sub(one, t), log(g.sub(one, p)))));
  return reduced(options.weight ? mul(loss, options.weight) : loss, options);
}

/** The cross-entropy between `sigmoid(x)` and `target`. `posWeight` weighs the targets that are 1. */
export function binaryCrossEntropyWithLogits(
  logits: Node,
  target: Node,
  options: LossOptions & { weight?: Node | null; posWeight?: Node | number | null } = {},
): Node {
  const [x, t] = pair("binaryCrossEntropyWithLogits", logits, target);
  const { weight = null, posWeight = null } = options;
  const positive = g.lt(g.like(x, 0), x);
  const tail = log1p(g.exp(g.where(positive, g.neg(x), x))); // log(1 + e^−|x|)
  let loss = g.add(g.sub(relu(x), g.mul(x, t)), tail);
  if (posWeight !== null) {
    const factor = add(mul(sub(posWeight, 1), t), 1);
    loss = g.add(g.mul(sub(1, t), x), mul(factor, softplus(g.neg(x))));
  }
  return reduced(weight ? mul(loss, weight) : loss, options);
}

// Distributions.

/**
 * The pointwise `target · (log target − x)`, where `x` holds logarithms of probabilities; a target of 0 contributes 0.
 * `"batchmean"` divides the sum by the size of the first axis: this is the divergence of Kullback & Leibler.
 */
export function klDiv(
  x: Node,
  target: Node,
  { reduction = "mean", logTarget = false }: { reduction?: Reduction | "batchmean"; logTarget?: boolean } = {},
): Node {
  const [a, b] = pair("klDiv", x, target);
  let loss: Node;
  if (logTarget) loss = g.mul(g.exp(b), g.sub(b, a));
  else {
    const isZero = g.eq(b, g.like(b, 0));
    const log = g.log(g.where(isZero, g.like(b, 1), b));
    loss = g.where(isZero, g.like(b, 0), g.mul(b, g.sub(log, a)));
  }
  if (reduction === "batchmean") return div(sum(loss), x.shape[0] ?? 1);
  return reduced(loss, { reduction });
}

/**
 * Half of `log variance + (x − target)² / variance`; the variance, one for each element or row, counts as at least `eps`.
 * As in PyTorch, its gradient is then that at `eps`, so that it can grow again.
 */
export function gaussianNllLoss(
  x: Node,
  target: Node,
  variance: Node,
  { eps = 1e-6, full = false, ...options }: LossOptions & { eps?: number; full?: boolean } = {},
): Node {
  const [a, b] = pair("gaussianNllLoss", x, target);
  const perRow = sameShape(variance.shape, a.shape.slice(0, -1)) && a.shape.length > 0;
  const given = floating(perRow ? g.reshape(variance, [...variance.shape, 1]) : variance);
  const v = g.surrogate(maximum(given, eps), given);
  const d = g.sub(a, b);
  const loss = mul(add(g.log(v), div(g.mul(d, d), v)), 0.5);
  return reduced(full ? add(loss, 0.9189385332046727) : loss, options); // ½ log 2π
}

/**
 * `eˣ − target · x`, the rate of a Poisson distribution being `eˣ`; or `x − target · log(x + eps)`. `full` adds Stirling's
 * approximation of the logarithm of the target's factorial, where the target is above 1.
 */
export function poissonNllLoss(
  x: Node,
  target: Node,
  {
    logInput = true,
    full = false,
    eps = 1e-8,
    ...options
  }: LossOptions & { logInput?: boolean; full?: boolean; eps?: number } = {},
): Node {
  const [a, b] = pair("poissonNllLoss", x, target);
  const loss = logInput ? g.sub(g.exp(a), g.mul(b, a)) : g.sub(a, g.mul(b, g.log(add(a, eps))));
  if (!full) return reduced(loss, options);
  const one = g.like(b, 1);
  const isMany = g.lt(one, b);
  const many = g.where(isMany, b, one); // whose logarithm is finite
  const log = g.log(many);
  const stirling = add(g.add(g.sub(g.mul(many, log), many), mul(log, 0.5)), 0.9189385332046727); // ½ log 2π
  return reduced(g.add(loss, g.where(isMany, stirling, g.like(b, 0))), options);
}

// Margins.

/** `x` where the target is 1, `max(0, margin − x)` where it is −1. */
export function hingeEmbeddingLoss(x: Node, target: Node, options: LossOptions & { margin?: number } = {}): Node {
  const [a, t] = pair("hingeEmbeddingLoss", x, target);
  return reduced(where(g.eq(t, g.like(t, 1)), a, relu(sub(options.margin ?? 1, a))), options);
}

/** `max(0, 1 − target · x)`, for targets of −1 and 1. */
export function hingeLoss(x: Node, target: Node, options: LossOptions & { margin?: number } = {}): Node {
  const [a, t] = pair("hingeLoss", x, target);
  return reduced(relu(sub(options.margin ?? 1, g.mul(a, t))), options);
}

/** `log(1 + e^(−target · x))`, for targets of −1 and 1. */
export function softMarginLoss(x: Node, target: Node, options: LossOptions = {}): Node {
  const [a, t] = pair("softMarginLoss", x, target);
  return reduced(softplus(g.neg(g.mul(a, t))), options);
}

/** `max(0, −target · (a − b) + margin)`: `a` should rank above `b` where the target is 1. */
export function marginRankingLoss(
  a: Node,
  b: Node,
  target: Node,
  options: LossOptions & { margin?: number } = {},
): Node {
  const [x, y] = pair("marginRankingLoss", a, b);
  const [d, t] = pair("marginRankingLoss", g.sub(x, y), target);
  return reduced(relu(sub(options.margin ?? 0, g.mul(t, d))), options);
}

/** `1 − cos(a, b)` where the target is 1, `max(0, cos(a, b) − margin)` where it is −1. `(N, D)`, `(N, D)`, `(N)`. */
export function cosineEmbeddingLoss(
  a: Node,
  b: Node,
  target: Node,
  options: LossOptions & { margin?: number } = {},
): Node {
  const [x, y] = pair("cosineEmbeddingLoss", a, b);
  const [c, t] = pair("cosineEmbeddingLoss", cosineSimilarity(x, y, { axis: -1 }), target);
  return reduced(where(g.eq(t, g.like(t, 1)), sub(1, c), relu(sub(c, options.margin ?? 0))), options);
}

/** `max(0, ‖anchor − positive‖ − ‖anchor − negative‖ + margin)` over the last axis. */
export function tripletMarginLoss(
  anchor: Node,
  positive: Node,
  negative: Node,
  {
    margin = 1,
    p = 2,
    eps = 1e-6,
    swap = false,
    ...options
  }: LossOptions & {
    margin?: number;
    p?: number;
    eps?: number;
    /** Use the distance from the positive to the negative where it is the smaller one. */
    swap?: boolean;
  } = {},
): Node {
  const [a, x] = pair("tripletMarginLoss", anchor, positive);
  const [, y] = pair("tripletMarginLoss", anchor, negative);
  const far = pairwiseDistance(a, y, { p, eps });
  const distance = swap ? g.min(far, pairwiseDistance(x, y, { p, eps })) : far;
  return reduced(relu(add(sub(pairwiseDistance(a, x, { p, eps }), distance), margin)), options);
}

/** The mean over classes of `max(0, margin − x[target] + x[i])ᵖ`, for `i` other than the target. `(N, C)` and `(N)`. */
export function multiMarginLoss(
  x: Node,
  target: Node,
  { margin = 1, p = 1, ...options }: LossOptions & { margin?: number; p?: 1 | 2 } = {},
): Node {
  const scores = classesLast("multiMarginLoss", floating(x), target);
  const last = scores.shape.length - 1;
  const t = reshape(indexNode("multiMarginLoss", target), [...target.shape, 1]);
  const hit = g.eq(g.iota(last, scores.shape), broadcastTo(t, scores.shape));
  const own = g.sum(g.where(hit, scores, g.like(scores, 0)), [last]);
  const gap = relu(add(g.sub(scores, broadcastTo(own, scores.shape)), margin));
  const terms = g.where(hit, g.like(gap, 0), p === 2 ? g.mul(gap, gap) : gap);
  const shape: Shape = target.shape;
  return reduced(g.reshape(div(g.sum(terms, [last]), scores.shape[last]), shape), options);
}
