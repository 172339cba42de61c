/**
 * Elementwise operations made of primitives: they broadcast, promote, and differentiate themselves. Where a formula would
 * be imprecise or undefined at some arguments, the comment says how it is kept exact.
 */
import { DTypeError, ValueError } from "../errors.ts";
import { dtypes, isFloat } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import type { Shape } from "../graph/shape.ts";
import { broadcastShapes, broadcastTo, floating, meet, type Operand, resultType, toNode, truth } from "./check.ts";

const not = g.not;
const or = g.max;

// Arithmetic.

/** `a + b`; of bools, or. */
export const add = (a: Operand, b: Operand): Node => join(g.add, meet("add", [a, b]));
/** `a − b`. */
export const sub = (a: Operand, b: Operand): Node => join(g.sub, numbers("sub", [a, b]));
/** `a · b`; of bools, and. */
export const mul = (a: Operand, b: Operand): Node => join(g.mul, meet("mul", [a, b]));
/** `a / b`, in floating point. */
export const div = (a: Operand, b: Operand): Node => join(g.div, floats("div", [a, b]));
/** The greater of the two; NaN wins. */
export const maximum = (a: Operand, b: Operand): Node => join(g.max, meet("maximum", [a, b]));
/** The lesser of the two; NaN wins. */
export const minimum = (a: Operand, b: Operand): Node => join(g.min, meet("minimum", [a, b]));
/** `a + weight · (b − a)`. */
export function lerp(a: Operand, b: Operand, weight: Operand): Node {
  const [x, y, w] = floats("lerp", [a, b, weight]);
  return g.add(x, g.mul(w, g.sub(y, x)));
}

const join = (f: (a: Node, b: Node) => Node, [a, b]: Node[]): Node => f(a, b);

/** Operands in the type they meet in, which must not be bool. */
function numbers(op: string, operands: readonly Operand[]): Node[] {
  const dtype = resultType(op, operands);
  if (dtype === "bool") {
    throw new DTypeError({ in: op, got: "bool", want: "numbers", fix: "Use logicalXor() or logicalNot(), or int()" });
  }
  return meet(op, operands, dtype);
}

/** Operands in the type they meet in, made floating point. */
function floats(op: string, operands: readonly Operand[]): Node[] {
  const dtype = resultType(op, operands);
  return meet(op, operands, isFloat(dtype) ? dtype : "float32");
}

/** A divisor of integers with 1 in place of 0, the rule on every device. */
const divisor = (b: Node): Node => g.where(g.eq(b, g.like(b, 0)), g.like(b, 1), b);

/** `⌊a / b⌋`. An integer divided by 0 is itself. */
export function floorDivide(a: Operand, b: Operand): Node {
  const [x, y] = numbers("floorDivide", [a, b]);
  if (isFloat(x.dtype)) return g.floor(g.div(x, y));
  const by = divisor(y);
  const quotient = g.div(x, by);
  const zero = g.like(x, 0);
  const exact = g.eq(g.mul(quotient, by), x);
  const sameSign = g.eq(g.lt(x, zero), g.lt(by, zero));
  return g.where(or(exact, sameSign), quotient, g.sub(quotient, g.like(x, 1)));
}

/** `a − ⌊a / b⌋ · b`: the remainder with the sign of `b`. Of an integer by 0, 0. */
export function remainder(a: Operand, b: Operand): Node {
  const [x, y] = numbers("remainder", [a, b]);
  const by = isFloat(x.dtype) ? y : divisor(y);
  return g.sub(x, g.mul(floorDivide(x, by), by));
}

/** The remainder with the sign of `a`. Of an integer by 0, 0. */
export function fmod(a: Operand, b: Operand): Node {
  const [x, y] = numbers("fmod", [a, b]);
  const by = isFloat(x.dtype) ? y : divisor(y);
  return g.sub(x, g.mul(trunc(g.div(x, by)), by));
}

/** `aᵇ`. Integers wrap, and take no negative number as an exponent. */
export function pow(a: Operand, b: Operand): Node {
  const [x, y] = numbers("pow", [a, b]);
  if (typeof b !== "number") return g.pow(x, y);
  if (!isFloat(x.dtype)) return integerPow(x, b);
  if (b === 1) return x;
  if (b === 2) return g.mul(x, x);
  if (b === 3) return g.mul(g.mul(x, x), x);
  if (b === 0.5) return g.sqrt(x);
  if (b === -0.5) return rsqrt(x);
  return b === -1 ? reciprocal(x) : g.pow(x, y);
}

function integerPow(x: Node, exponent: number): Node {
  if (exponent < 0) {
    const fix = "Convert the tensor with float()";
    throw new ValueError({ in: "pow", got: `the exponent ${exponent} of integers`, want: "at least 0", fix });
  }
  let [power, square] = [g.like(x, 1), x];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = power.op === "const" ? square : g.mul(power, square);
    if (rest > 1) square = g.mul(square, square);
  }
  return power;
}

// Functions of one tensor.

export function neg(x: Node): Node {
  return g.neg(numbers("neg", [x])[0]);
}
/** `|x|`, with derivative 0 at 0. The least int32 stays what it is. */
export const abs = (x: Node): Node => (x.dtype === "bool" || x.dtype === "uint8" ? x : g.max(x, g.neg(x)));
/** −1, 0 or 1; 0 where `x` is NaN. No gradient flows. */
export function sign(x: Node): Node {
  if (x.dtype === "bool") return x;
  const zero = g.like(x, 0);
  return g.sub(g.cast(g.lt(zero, x), x.dtype), g.cast(g.lt(x, zero), x.dtype));
}
export const exp = (x: Node): Node => g.exp(floating(x));
export const log = (x: Node): Node => g.log(floating(x));
export const sqrt = (x: Node): Node => g.sqrt(floating(x));
export const sin = (x: Node): Node => g.sin(floating(x));
export const cos = (x: Node): Node => g.cos(floating(x));
export const tan = (x: Node): Node => g.div(sin(x), cos(x));
export const tanh = (x: Node): Node => g.tanh(floating(x));
export const erf = (x: Node): Node => g.erf(floating(x));
export const square = (x: Node): Node => g.mul(x, x);
export const reciprocal = (x: Node): Node => div(1, x);
/** `1 / √x`. */
export const rsqrt = (x: Node): Node => div(1, sqrt(x));
/** `2ˣ`. */
export const exp2 = (x: Node): Node => g.exp(mul(floating(x), Math.LN2));
/** `a · log b`, 0 where `a` is 0 and `b` a number. */
export function xlogy(a: Operand, b: Operand): Node {
  const [x, y] = floats("xlogy", [a, b]);
  const [zero, isZero] = [g.like(x, 0), g.mul(g.eq(x, g.like(x, 0)), g.eq(y, y))];
  return g.where(isZero, zero, g.mul(x, g.log(g.where(isZero, g.like(y, 1), y))));
}
/** `log(eᵃ + eᵇ)`. */
export function logaddexp(a: Operand, b: Operand): Node {
  const [x, y] = floats("logaddexp", [a, b]);
  const [d, zero] = [g.sub(x, y), g.like(x, 0)];
  const distance = g.where(g.lt(d, zero), d, g.neg(d)); // from x where they are equal, as below
  const tail = log1p(g.exp(g.where(isnan(d), g.where(g.eq(x, y), zero, d), distance))); // ∞ − ∞ is none
  return g.add(g.where(g.lt(x, y), y, x), tail);
}
/** `log(x / (1 − x))`; with `eps`, `x` counts as at least that far from 0 and 1. */
export function logit(value: Node, { eps }: { eps?: number } = {}): Node {
  const x = eps === undefined ? floating(value) : clamp(floating(value), { min: eps, max: 1 - eps });
  return g.log(g.div(x, sub(1, x)));
}
/** `√(a² + b²)`. */
export function hypot(a: Operand, b: Operand): Node {
  const [x, y] = floats("hypot", [a, b]);
  return g.sqrt(g.add(g.mul(x, x), g.mul(y, y)));
}
/** With numbers in place of NaN (0 unless given) and of the infinities (the greatest finite ones unless given). */
export function nanToNum(
  x: Node,
  { nan = 0, posinf, neginf }: { nan?: number; posinf?: number; neginf?: number } = {},
): Node {
  if (!isFloat(x.dtype)) return x;
  const [least, greatest] = dtypes[x.dtype].range;
  const y = g.where(isnan(x), g.like(x, nan), x);
  const z = g.where(g.eq(y, g.like(x, Infinity)), g.like(x, posinf ?? greatest), y);
  return g.where(g.eq(z, g.like(x, -Infinity)), g.like(x, neginf ?? least), z);
}
export const log2 = (x: Node): Node => div(log(x), Math.LN2);
export const log10 = (x: Node): Node => div(log(x), Math.LN10);

/**
 * `log(1 + x)`, precise near 0: what the rounding of `u = 1 + x` takes from the logarithm, the factor `x / (u − 1)` gives
 * back (Kahan; Higham 2002, §1.14.1). The factor is only a correction: the gradient is that of `log u`, which is precise.
 */
export function log1p(value: Node): Node {
  const x = floating(value);
  const [one, u] = [g.like(x, 1), add(x, 1)];
  const unseen = g.eq(u, one);
  const factor = g.where(g.mul(isfinite(u), not(unseen)), g.div(x, g.sub(u, one)), one);
  const log = g.log(u);
  return g.surrogate(g.where(unseen, x, g.mul(log, factor)), log);
}

/** `eˣ − 1`, precise near 0 in the way of log1p. */
export function expm1(value: Node): Node {
  const x = floating(value);
  const [one, u] = [g.like(x, 1), g.exp(x)];
  const unseen = g.eq(u, one);
  const regular = g.mul(g.mul(isfinite(u), g.lt(g.like(x, 0), u)), not(unseen));
  const factor = g.where(regular, g.div(x, g.log(u)), one);
  return g.surrogate(g.where(unseen, x, g.mul(g.sub(u, one), factor)), u);
}

// Rounding: integers stay as they are.

/** Down. No gradient flows, as with the other roundings. */
export const floor = (x: Node): Node => (isFloat(x.dtype) ? g.floor(x) : x);
/** Up. */
export const ceil = (x: Node): Node => (isFloat(x.dtype) ? g.neg(g.floor(g.neg(x))) : x);
/** Towards 0. */
export const trunc = (x: Node): Node => (isFloat(x.dtype) ? g.where(g.lt(x, g.like(x, 0)), ceil(x), floor(x)) : x);
/** To the nearest, halves to even; a negative number that becomes 0 becomes −0. */
export function round(x: Node): Node {
  if (!isFloat(x.dtype)) return x;
  const down = g.floor(x);
  const [rest, half] = [g.sub(x, down), g.like(x, 0.5)];
  const isEven = g.eq(g.mul(g.floor(g.mul(down, half)), g.like(x, 2)), down);
  const stays = or(g.lt(rest, half), g.mul(g.eq(rest, half), isEven));
  const rounded = g.where(stays, down, add(down, 1));
  return g.where(g.eq(rounded, g.like(x, 0)), g.mul(x, g.like(x, 0)), rounded);
}
/** Within `min` and `max`. The gradient flows where `x` is within them, ends included; NaN stays NaN. */
export function clamp(value: Node, { min, max }: { min?: Operand; max?: Operand }): Node {
  if (min === undefined && max === undefined) {
    throw new ValueError({ in: "clamp", got: "no limits", want: "min or max", fix: "Give at least one" });
  }
  let x = value;
  if (min !== undefined) {
    const [y, lo] = meet("clamp", [x, min]);
    x = g.where(g.lt(y, lo), lo, y);
  }
  if (max !== undefined) {
    const [y, hi] = meet("clamp", [x, max]);
    x = g.where(g.lt(hi, y), hi, y);
  }
  return x;
}

// Comparisons and logic give bools. Comparing with NaN gives false, except that `ne` gives true.

export const eq = (a: Operand, b: Operand): Node => join(g.eq, meet("eq", [a, b]));
export const ne = (a: Operand, b: Operand): Node => not(join(g.eq, meet("ne", [a, b])));
export const lt = (a: Operand, b: Operand): Node => join(g.lt, meet("lt", [a, b]));
export const gt = (a: Operand, b: Operand): Node => join((x, y) => g.lt(y, x), meet("gt", [a, b]));
export const le = (a: Operand, b: Operand): Node => join(notGreater, meet("le", [a, b]));
export const ge = (a: Operand, b: Operand): Node => join((x, y) => notGreater(y, x), meet("ge", [a, b]));
const notGreater = (a: Node, b: Node): Node => or(g.lt(a, b), g.eq(a, b));

const truths = (op: string, operands: readonly Operand[]): Node[] => meet(op, operands).map(truth);
export const logicalAnd = (a: Operand, b: Operand): Node => join(g.mul, truths("logicalAnd", [a, b]));
export const logicalOr = (a: Operand, b: Operand): Node => join(or, truths("logicalOr", [a, b]));
export const logicalXor = (a: Operand, b: Operand): Node => not(join(g.eq, truths("logicalXor", [a, b])));
export const logicalNot = (x: Node): Node => not(truth(x));
export const isnan = (x: Node): Node => not(g.eq(x, x));
export const isinf = (x: Node): Node => (isFloat(x.dtype) ? g.eq(abs(x), g.like(x, Infinity)) : isnan(x));
export const isfinite = (x: Node): Node => (isFloat(x.dtype) ? g.lt(abs(x), g.like(x, Infinity)) : g.eq(x, x));

/** `a` where `condition` holds, `b` elsewhere. */
export function where(condition: Node, a: Operand, b: Operand): Node {
  if (condition.dtype !== "bool") {
    const fix = "Compare it with something, or convert it with bool()";
    throw new DTypeError({ in: "where", got: `a condition of ${condition.dtype}`, want: "bool", fix });
  }
  const dtype = resultType("where", [a, b]);
  const shape = broadcastShapes("where", [condition.shape, shapeOf(a), shapeOf(b)]);
  const [c, x, y] = [condition, toNode(a, dtype), toNode(b, dtype)].map((n) => broadcastTo(n, shape));
  return g.where(c, x, y);
}

const shapeOf = (x: Operand): Shape => (typeof x === "object" ? x.shape : []);
