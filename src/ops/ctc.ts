/** The loss of a sequence whose alignment is unknown: connectionist temporal classification (Graves et al. 2006). */
import { ShapeError } from "../errors.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { sameShape, show } from "../graph/shape.ts";
import { broadcastTo, checkCount, floating } from "./check.ts";
import type { LossOptions } from "./loss.ts";
import { mean, sum } from "./reduce.ts";

export interface CtcOptions extends LossOptions {
  /** The class that stands for no label. */
  blank?: number;
  /** Whether a target that no alignment reaches counts as 0 instead of ∞. */
  zeroInfinity?: boolean;
}

/**
 * Minus the logarithm of the sum of the probabilities of all alignments. `logProbabilities: (T, N, C)`, targets in `(N, S)`,
 * and for each example how many of its steps and labels count, in `(N)`. The gradient is that of the logarithms as they
 * are: PyTorch adds what only vanishes in the derivative of logSoftmax().
 */
export function ctcLoss(
  logProbabilities: Node,
  targets: Node,
  inputLengths: Node,
  targetLengths: Node,
  { blank = 0, reduction = "mean", zeroInfinity = false }: CtcOptions = {},
): Node {
  const x = g.cast(floating(logProbabilities), logProbabilities.dtype === "float64" ? "float64" : "float32");
  const [steps, batch, classes] = x.shape;
  checkCount("ctcLoss", blank, "blank", 0, classes - 1);
  for (const [name, lengths] of [
    ["the input lengths", inputLengths],
    ["the target lengths", targetLengths],
  ] as const) {
    if (sameShape(lengths.shape, [batch])) continue;
    const got = `${name} of ${show(lengths.shape)} for logarithms of ${show(x.shape)}`;
    throw new ShapeError({
      in: "ctcLoss",
      got,
      want: `a number for each example, [${batch}]`,
      fix: "Check the lengths",
    });
  }
  const labels = between(targets, targetLengths, blank);
  const width = labels.shape[1];
  const index = g.expand(g.reshape(labels, [1, batch, width]), [steps, batch, width]);
  const emitted = g.gather(x, index, 2);

  const shape = [batch, width];
  const never = g.fill(-Infinity, shape, x.dtype);
  const place = g.iota(1, shape);
  const opened = opens(labels);
  const closed = g.fill(-Infinity, opened.shape, x.dtype);
  const ends = broadcastTo(g.reshape(inputLengths, [batch, 1]), shape);
  // Before the first step all stand on the first blank; then eq. 6. Past its end a row stays as it is.
  let alpha = g.where(g.eq(place, g.like(place, 0)), g.like(never, 0), never);
  for (let t = 0; t < steps; t++) {
    const from = g.unfold(g.padAxis(alpha, 1, 2, 0, 0, -Infinity), { axis: 1, size: 3, stride: 1, dilation: 1 });
    const reached = g.reshape(logSum(g.where(opened, from, closed), 2), shape);
    const now = g.reshape(g.take(emitted, 0, t, 1), shape);
    alpha = g.where(g.lt(g.like(ends, t), ends), g.add(reached, now), alpha);
  }
  const last = broadcastTo(g.reshape(g.mul(targetLengths, g.like(targetLengths, 2)), [batch, 1]), shape);
  const isLast = g.max(g.eq(place, last), g.eq(g.add(place, g.like(place, 1)), last));
  const loss = g.neg(g.reshape(logSum(g.where(isLast, alpha, never), 1), [batch]));
  const counted = zeroInfinity ? g.where(g.eq(loss, g.like(loss, Infinity)), g.like(loss, 0), loss) : loss;
  const out = g.cast(counted, floating(logProbabilities).dtype);
  if (reduction !== "mean") return reduction === "sum" ? sum(out) : out;
  const lengths = g.cast(g.max(targetLengths, g.like(targetLengths, 1)), out.dtype);
  return mean(g.div(out, lengths));
}

/** Labels with a blank before, between and after them: `(N, S) → (N, 2S + 1)`. What is beyond a length is blank too. */
function between(targets: Node, lengths: Node, blank: number): Node {
  const [batch, count] = targets.shape;
  if (count === 0) return g.fill(blank, [batch, 1], "int32");
  const counts = g.lt(g.iota(1, targets.shape), broadcastTo(g.reshape(lengths, [batch, 1]), targets.shape));
  return g.padAxis(g.where(counts, targets, g.like(targets, blank)), 1, 1, 1, 1, blank);
}

/**
 * From which of the two places before a place, and from itself, it is reached: `(N, W) → (N, W, 3)`. From one label to the
 * next the blank may be left out, but not between equal ones; and what stands two before a blank is one.
 */
function opens(labels: Node): Node {
  const [batch, width] = labels.shape;
  const before = g.take(g.padAxis(labels, 1, 2, 0, 0, -1), 1, 0, width);
  const leaps = g.reshape(g.not(g.eq(labels, before)), [batch, width, 1]);
  return g.concat([leaps, g.fill(1, [batch, width, 2], "bool")], 2);
}

/** `log Σ eˣ` over an axis, which is kept. Of −∞ alone it is −∞, through which no gradient flows. */
function logSum(x: Node, axis: number): Node {
  const most = g.detach(g.reduce(x, "max", [axis]));
  const none = g.eq(most, g.like(most, -Infinity));
  const by = g.where(none, g.like(most, 0), most);
  const total = g.sum(g.exp(g.sub(x, broadcastTo(by, x.shape))), [axis]);
  return g.where(none, most, g.add(g.log(g.where(none, g.like(total, 1), total)), by));
}
