/**
 * Activation functions. Each is written so that neither it nor its derivative overflows or becomes undefined on the way:
 * exponentials are taken of negative numbers only, and the branches meet at 0 with the right slope.
 */
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { checkNumber, floating } from "./check.ts";
import { add, clamp, div, expm1, log1p, mul, sub } from "./elementwise.ts";

const isPositive = (x: Node): Node => g.lt(g.like(x, 0), x);

/** `−|x|`, with derivative 1 at 0: the slope that the functions below need there. */
const negativeAbs = (x: Node): Node => g.where(isPositive(x), g.neg(x), x);

/** 0 below 0 and 1 above it, and `atZero` at 0, as relu's derivative has it. Its own derivative is 0; NaN stays NaN. */
export function step(value: Node, { atZero = 0 }: { atZero?: number } = {}): Node {
  const x = floating(value);
  const zero = g.like(x, 0);
  const rest = g.where(g.eq(x, zero), g.like(x, checkNumber("step", atZero, "atZero")), x); // x is NaN there
  return g.where(isPositive(x), g.like(x, 1), g.where(g.lt(x, zero), zero, rest));
}

/** `max(x, 0)`, with derivative 0 at 0; NaN stays NaN. */
export function relu(x: Node): Node {
  const zero = g.like(x, 0);
  return g.where(g.max(g.lt(x, zero), g.eq(x, zero)), zero, x);
}

/** `min(max(x, 0), 6)`. */
export const relu6 = (x: Node): Node => clamp(relu(x), { max: 6 });

/** `x`, or `slope · x` below 0. */
export function leakyRelu(value: Node, { negativeSlope = 0.01 }: { negativeSlope?: number } = {}): Node {
  const x = floating(value);
  return g.where(isPositive(x), x, mul(x, negativeSlope));
}

/** `x`, or `alpha · (eˣ − 1)` below 0. */
export function elu(value: Node, { alpha = 1 }: { alpha?: number } = {}): Node {
  const x = floating(value);
  const below = g.where(isPositive(x), g.like(x, 0), x);
  return g.where(isPositive(x), x, mul(expm1(below), alpha));
}

/** The self-normalizing unit (Klambauer et al. 2017). */
export const selu = (x: Node): Node => mul(elu(x, { alpha: 1.6732632423543772 }), 1.0507009873554805);

/** `1 / (1 + e⁻ˣ)`. */
export function sigmoid(value: Node): Node {
  const x = floating(value);
  const e = g.exp(negativeAbs(x));
  return g.div(g.where(isPositive(x), g.like(x, 1), e), add(e, 1));
}

/** `log(1 + eˣ)`, and `1/beta` of that of `beta · x`. */
export function softplus(value: Node, { beta = 1 }: { beta?: number } = {}): Node {
  const x = beta === 1 ? floating(value) : mul(floating(value), beta);
  const y = g.add(relu(x), log1p(g.exp(negativeAbs(x))));
  return beta === 1 ? y : div(y, beta);
}

/** `log(sigmoid(x))`, precise where sigmoid is near 0. */
export const logSigmoid = (x: Node): Node => g.neg(softplus(g.neg(floating(x))));

/** `x · sigmoid(x)`, also called swish. */
export const silu = (x: Node): Node => mul(notFarBelow(floating(x), -120), sigmoid(x));

/** `x · tanh(softplus(x))`. */
export const mish = (x: Node): Node => mul(notFarBelow(floating(x), -120), g.tanh(softplus(x)));

/**
 * `x · Φ(x)`, the Gaussian error linear unit; `approximate: "tanh"` takes `½x · (1 + tanh(√(2/π) · (x + 0.044715x³)))`
 * (Hendrycks & Gimpel 2016).
 */
export function gelu(value: Node, { approximate = "none" }: { approximate?: "none" | "tanh" } = {}): Node {
  const x = floating(value);
  const half = mul(notFarBelow(x, -40), 0.5);
  if (approximate === "none") return mul(half, add(g.erf(mul(x, Math.SQRT1_2)), 1));
  const inner = mul(add(x, mul(g.mul(g.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(half, add(g.tanh(inner), 1));
}

/** `x`, or 0 below `limit`, where the factor that goes with it is 0 or next to it: at −∞ the product would be NaN. */
const notFarBelow = (x: Node, limit: number): Node => g.where(g.lt(x, g.like(x, limit)), g.like(x, 0), x);

/** `x / (1 + |x|)`. */
export function softsign(value: Node): Node {
  const x = floating(value);
  return g.div(x, add(g.max(x, g.neg(x)), 1));
}

/** `x / 6 + ½` within 0 and 1. */
export const hardsigmoid = (x: Node): Node => clamp(add(div(x, 6), 0.5), { min: 0, max: 1 });

/** `x · hardsigmoid(x)`. */
export const hardswish = (x: Node): Node => mul(floating(x), hardsigmoid(x));

/** `x` within `min` and `max`. */
export function hardtanh(x: Node, { min = -1, max = 1 }: { min?: number; max?: number } = {}): Node {
  return clamp(x, { min, max });
}

/** `x − tanh(x)`. */
export const tanhshrink = (x: Node): Node => sub(x, g.tanh(floating(x)));

/** `max(x, 0) + min(0, alpha · (e^(x / alpha) − 1))`. */
export function celu(x: Node, { alpha = 1 }: { alpha?: number } = {}): Node {
  return mul(elu(div(x, alpha)), alpha);
}

/** `x` above `threshold`, else `value`. */
export function threshold(x: Node, limit: number, value: number): Node {
  return g.where(g.lt(g.like(x, limit), x), x, g.like(x, value));
}

/** `x` without `lambda`, towards 0; 0 within. */
export function softshrink(value: Node, { lambda = 0.5 }: { lambda?: number } = {}): Node {
  const x = floating(value);
  const [limit, zero] = [g.like(x, lambda), g.like(x, 0)];
  const low = g.where(g.lt(x, g.neg(limit)), add(x, lambda), zero);
  return g.where(g.lt(limit, x), sub(x, lambda), low);
}

/** `x`, or 0 within −`lambda` and `lambda`. */
export function hardshrink(value: Node, { lambda = 0.5 }: { lambda?: number } = {}): Node {
  const x = floating(value);
  const inside = g.not(g.max(g.lt(x, g.like(x, -lambda)), g.lt(g.like(x, lambda), x)));
  return g.where(inside, g.like(x, 0), x);
}
