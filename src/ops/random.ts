/**
 * Random tensors. Each `random` node has a key of its own, and element `i` is a function of the key and `i`: the same bits
 * come out on every device, in every recomputation and for every number of threads.
 */
import { ValueError } from "../errors.ts";
import type { DType } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import type { Shape } from "../graph/shape.ts";
import { threefry2x32 } from "../graph/threefry.ts";
import { checkCount, checkDim, checkFloat, checkNumber, checkShape, floating, print } from "./check.ts";
import { add, mul, sub } from "./elementwise.ts";
import { checkDraw } from "./index.ts";

export type Key = readonly [number, number];

/** Gives keys: key `n` is a function of the seed and `n`, so its whole state is two numbers. */
export class Generator {
  #seed: number;
  #count = 0;

  /** Seeds are whole numbers from 0 to 2⁵³ − 1; without one, it is taken from the system's randomness. */
  constructor(seed: number = freshSeed()) {
    this.#seed = checkSeed(seed);
  }

  /** A key that was not given before. */
  next(): Key {
    const n = this.#count++;
    return threefry2x32([this.#seed >>> 0, Math.floor(this.#seed / 2 ** 32)], [n >>> 0, Math.floor(n / 2 ** 32)]);
  }

  /** Starts anew from `seed`. */
  seed(seed: number): void {
    this.#seed = checkSeed(seed);
    this.#count = 0;
  }

  /** What a checkpoint has to keep. */
  get state(): { seed: number; count: number } {
    return { seed: this.#seed, count: this.#count };
  }
  set state({ seed, count }: { seed: number; count: number }) {
    this.#seed = checkSeed(seed);
    this.#count = checkCount("generator", count, "count", 0, Number.MAX_SAFE_INTEGER);
  }
}

function checkSeed(seed: unknown): number {
  if (typeof seed === "number" && Number.isSafeInteger(seed) && seed >= 0) return seed;
  const fix = "Choose a small whole number";
  throw new ValueError({ in: "seed", got: print(seed), want: "a whole number from 0 to 2^53 − 1", fix });
}

function freshSeed(): number {
  const [a, b] = crypto.getRandomValues(new Uint32Array(2));
  return a + (b >>> 11) * 2 ** 32;
}

/** The generator that is used where none is given. */
export const defaultGenerator: Generator = new Generator();

/** Makes everything random from here on a function of `n`. */
export function seed(n: number): void {
  defaultGenerator.seed(n);
}

export interface RandomOptions {
  /** float32 unless asked otherwise. */
  dtype?: DType;
  /** Where keys come from; by default the one that `seed()` sets. */
  generator?: Generator;
}

/** Uniform numbers in [0, 1), of 24 bits. */
export function rand(shape: Shape, { dtype = "float32", generator = defaultGenerator }: RandomOptions = {}): Node {
  const bits = g.node("random", [], { key: generator.next(), shape: checkShape("rand", shape) });
  return checkFloat("rand", g.cast(bits, dtype));
}

/** Uniform numbers in [`low`, `high`). */
export function uniform(shape: Shape, low: number, high: number, options: RandomOptions = {}): Node {
  checkNumber("uniform", low, "low");
  checkNumber("uniform", high, "high", low);
  return add(mul(rand(shape, options), high - low), low);
}

/** Normal numbers of mean 0 and standard deviation 1, by the method of Box & Muller (1958). */
export function randn(shape: Shape, options: RandomOptions = {}): Node {
  const [u, v] = [rand(shape, options), rand(shape, options)];
  const radius = g.sqrt(mul(g.log(sub(1, u)), -2)); // 1 − u is never 0
  return g.mul(radius, g.cos(mul(v, 2 * Math.PI)));
}

/** Normal numbers of mean `mean` and standard deviation `std`. */
export function normal(shape: Shape, mean: number, std: number, options: RandomOptions = {}): Node {
  checkNumber("normal", mean, "mean");
  checkNumber("normal", std, "std", 0);
  return add(mul(randn(shape, options), std), mean);
}

/** Whole numbers from `low` to before `high`, as int32 unless asked otherwise. Ranges over 2²⁴ are computed in float64. */
export function randint(low: number, high: number, shape: Shape, options: RandomOptions = {}): Node {
  const { dtype = "int32", generator = defaultGenerator } = options;
  checkCount("randint", low, "low", -(2 ** 31), 2 ** 31 - 1);
  const range = checkCount("randint", high, "high", low + 1, 2 ** 31) - low;
  if (range <= 2 ** 24)
    return g.cast(add(g.cast(g.floor(mul(rand(shape, { generator }), range)), "int32"), low), dtype);
  const [u, v] = [rand(shape, { dtype: "float64", generator }), rand(shape, { dtype: "float64", generator })];
  return g.cast(add(g.floor(mul(add(u, mul(v, 2 ** -24)), range)), low), dtype);
}

/** The whole numbers from 0 to `n` − 1 in random order, as int32. */
export function randperm(n: number, options: Omit<RandomOptions, "dtype"> = {}): Node {
  const order = rand([checkDim("randperm", n, 0)], options);
  return g.node("sort", [order], { axis: 0, descending: false });
}

/** 1 with the probabilities that `p` holds, else 0, in its dtype. */
export function bernoulli(p: Node, { generator = defaultGenerator }: { generator?: Generator } = {}): Node {
  const x = floating(p);
  return g.cast(g.lt(rand(x.shape, { dtype: x.dtype, generator }), x), x.dtype);
}

/** 0 in place of each element with probability `p`; the others are divided by `1 − p` (Srivastava et al. 2014). */
export function dropout(x: Node, p: number, { generator = defaultGenerator }: { generator?: Generator } = {}): Node {
  checkNumber("dropout", p, "the probability", 0, 1);
  const y = floating(x);
  if (p === 0) return y;
  const dropped = g.lt(rand(y.shape, { generator }), g.fill(p, y.shape, "float32"));
  return g.where(dropped, g.like(y, 0), p === 1 ? y : mul(y, 1 / (1 - p)));
}

/**
 * As dropout, but with the least value of SELU in the place of what is left out, and then scaled and shifted so that mean 0
 * and variance 1 stay what they are (Klambauer et al. 2017). With `p` 1, all is 0.
 */
export function alphaDropout(
  x: Node,
  p: number,
  { generator = defaultGenerator }: { generator?: Generator } = {},
): Node {
  checkNumber("alphaDropout", p, "the probability", 0, 1);
  const y = floating(x);
  if (p === 0) return y;
  const least = -1.7580993408473766; // −λα
  const scale = p === 1 ? 0 : 1 / Math.sqrt((1 - p) * (1 + p * least * least));
  const dropped = g.lt(rand(y.shape, { generator }), g.fill(p, y.shape, "float32"));
  return add(mul(g.where(dropped, g.like(y, least), y), scale), -scale * p * least);
}

/** As dropout, of whole channels: `(N, C, …)`. */
export function dropoutChannels(x: Node, p: number, options: { generator?: Generator } = {}): Node {
  const ones = g.fill(1, [...x.shape.slice(0, 2), ...x.shape.slice(2).map(() => 1)], floating(x).dtype);
  return mul(x, dropout(ones, p, options));
}

/** Throws unless `count` indices can be drawn from weights of shape `shape`. */
export function checkWeights(weights: ArrayLike<number>, shape: Shape, count: number, replacement: boolean): void {
  const classes = shape[shape.length - 1];
  checkDraw("multinomial", count, classes, replacement);
  for (let start = 0; start < weights.length; start += classes) {
    let [total, positive] = [0, 0];
    for (let i = start; i < start + classes; i++) {
      checkNumber("multinomial", weights[i], "a weight of", 0, Number.MAX_VALUE);
      total += weights[i];
      positive += Number(weights[i] > 0);
    }
    if (total > 0 && (replacement || count <= positive)) continue;
    const got = `${positive} weights above 0 in row ${start / classes}`;
    const want = `at least ${replacement ? 1 : count}`;
    throw new ValueError({ in: "multinomial", got, want, fix: "Check the weights" });
  }
}

export interface MultinomialOptions {
  /** Whether an index may be drawn twice. */
  replacement?: boolean;
  generator?: Generator;
}

/** `count` indices of the last axis of `(…, C)`, drawn with probabilities proportional to its elements: `(…, count)`. */
export function multinomial(
  weights: Node,
  count: number,
  { replacement = false, generator = defaultGenerator }: MultinomialOptions = {},
): Node {
  const last = weights.shape.length - 1;
  const w = floating(weights);
  const classes = checkDim("multinomial", w.shape[last] ?? -1, 0);
  checkDraw("multinomial", count, classes, replacement);
  const rest = w.shape.slice(0, -1);
  if (!replacement) {
    // The first of exponential clocks to ring, whose rates are the weights; one of rate 0 never rings.
    const clocks = g.div(g.neg(g.log(sub(1, rand(w.shape, { dtype: w.dtype, generator })))), w);
    const never = g.where(g.eq(w, g.like(w, 0)), g.like(w, Infinity), clocks);
    return g.take(g.node("sort", [never], { axis: last, descending: false }), last, 0, count);
  }
  const running = g.scan(w, "add", last);
  const total = g.take(running, last, classes - 1, 1);
  const u = mul(rand([...rest, count], { dtype: w.dtype, generator }), total);
  // How many classes end at or before u.
  const wide = checkShape("multinomial", [...rest, count, classes]);
  const ends = g.expand(g.reshape(running, [...rest, 1, classes]), wide);
  const below = g.not(g.lt(g.expand(g.reshape(u, [...rest, count, 1]), wide), ends));
  const index = g.reshape(g.sum(g.cast(below, "int32"), [last + 1]), [...rest, count]);
  return g.min(index, g.like(index, classes - 1)); // where rounding has made u the whole
}
