/** Sums of weighted features, to be found again. */
import { ValueError } from "../../errors.ts";
import { checkCount, checkOptions } from "../../tensor/arguments.ts";
import { checkLeast, drawing, type Sample, type SampleOptions, sampleOptions } from "./sample.ts";

export interface SparseOptions extends SampleOptions {
  /** How many features there are; 60 unless given. */
  features?: number;
  /** How many of them matter; 5 unless given. */
  useful?: number;
  /** The standard deviation of what is added to y. */
  noise?: number;
}

export interface SparseRegression extends Sample {
  /** `(features)`: the true weights, all but `useful` of them 0. They depend on the seed, and not on the sample. */
  readonly weights: Float32Array;
}

/**
 * Fewer examples than features, few of which matter: a world in which L1 wins (Tibshirani 1996). Features are standard
 * normal, the useful weights from 1 to 2 or −2 to −1; 50 examples, noise 0.5.
 */
export function sparseRegression(options: SparseOptions = {}, seed = 0): SparseRegression {
  const op = "sparseRegression";
  checkOptions(op, options, [...sampleOptions, "features", "useful", "noise"]);
  const { features = 60, useful = 5, noise = 0.5 } = options;
  const { count, randomOf, world } = drawing(op, { count: 50, ...options }, seed);
  checkCount(op, features, "features", 1, 2 ** 20);
  checkCount(op, useful, "useful", 0, features);
  checkLeast(op, noise, "noise", 0);
  const weights = new Float32Array(features);
  for (let left = useful; left > 0; ) {
    const at = world.below(features);
    if (weights[at] !== 0) continue;
    weights[at] = world.uniform(1, 2) * (world.next() < 0.5 ? -1 : 1);
    left--;
  }
  const x = new Float32Array(count * features);
  const y = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const random = randomOf(i);
    let sum = 0;
    for (let k = 0; k < features; k++) {
      x[i * features + k] = random.normal();
      sum += x[i * features + k] * weights[k];
    }
    y[i] = sum + noise * random.normal();
  }
  return { x, y, count, shape: [features], weights };
}

export interface Linear2dOptions extends SampleOptions {
  /** From where to where both features are drawn; from 0 to 1 unless given. */
  range?: readonly [number, number];
  noise?: number;
  /** By how much the first weight grows, and the second shrinks, within 1,000 examples; 0 unless given. */
  drift?: number;
}

export interface Linear2d extends Sample {
  /** `(count, 2)`: the weights by which each example was made. */
  readonly weights: Float32Array;
}

/** A stream of examples of `y = 3x₀ + 2x₁`, whose weights may drift as it goes on; 1,000 examples without noise. */
export function linear2d(options: Linear2dOptions = {}, seed = 0): Linear2d {
  checkOptions("linear2d", options, [...sampleOptions, "range", "noise", "drift"]);
  const { range = [0, 1], noise = 0, drift = 0 } = options;
  const { count, randomOf } = drawing("linear2d", { count: 1000, ...options }, seed);
  if (!Array.isArray(range) || range.length !== 2) {
    const fix = "Write { range: [-5, 5] }";
    throw new ValueError({ in: "linear2d", got: "a range that is no pair", want: "two numbers", fix });
  }
  const low = checkLeast("linear2d", range[0], "the low end");
  const high = checkLeast("linear2d", range[1], "the high end", low);
  checkLeast("linear2d", noise, "noise", 0);
  checkLeast("linear2d", drift, "drift");
  const [x, weights] = [new Float32Array(2 * count), new Float32Array(2 * count)];
  const y = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const random = randomOf(i);
    const moved = (drift * i) / 1000;
    weights.set([3 + moved, 2 - moved], 2 * i);
    x.set([random.uniform(low, high), random.uniform(low, high)], 2 * i);
    y[i] = weights[2 * i] * x[2 * i] + weights[2 * i + 1] * x[2 * i + 1] + noise * random.normal();
  }
  return { x, y, count, shape: [2], weights };
}
