/**
 * Functions of float32 from operations that machines have. There is no branch and no fused multiply-add, so that every
 * machine computes the same bits, in vectors as in scalars.
 */
import type { Expr } from "../graph/expr.ts";
import {
  add,
  and,
  bitsOf,
  bool,
  convert,
  div,
  eq,
  f32,
  floatOf,
  floor,
  lt,
  max,
  min,
  mul,
  negatedBy,
  or,
  polynomial,
  sar,
  shl,
  split,
  sub,
  where,
} from "./math-build.ts";

/** 1.5 · 2²³: what is added to it is rounded to an integer, which is then in the low bits. */
const rounder = 12582912;
/** ln 2 in two parts; a small integer times the first is exact (Cody & Waite 1980; the split is that of Cephes). */
const ln2 = [0.693359375, -2.1219444005469057e-4] as const;

/** 2ⁿ for the integer n in the low bits of `t`; the others are shifted out. */
const powerOf2 = (t: Expr, c = 1): Expr => floatOf(add(shl(bitsOf(t), 23), 0x3f800000 + (c - 1) * 2 ** 23));

/** eˣ = 4ⁿ · eʳ with |r| ≤ ln 2: a square of 2ⁿ reaches beyond the exponents of float32, and the last product rounds once. */
export function exp(x: Expr): Expr {
  const a = min(max(x, -105), 90);
  const t = add(mul(a, Math.LOG2E / 2), rounder);
  const n = sub(t, rounder);
  const r = sub(sub(a, mul(n, 2 * ln2[0])), mul(n, 2 * ln2[1]));
  const p = polynomial(
    r,
    [
      0.5000003576278687, 0.1666661649942398, 0.04166116937994957, 0.008335908874869347, 0.0014106181915849447,
      0.00019644229905679822,
    ],
  );
  const y = add(add(mul(mul(r, r), p), r), 1);
  const scale = powerOf2(t);
  return mul(mul(y, scale), scale);
}

/** log x = e · log 2 + log(1 + f), where 1 + f is between √½ and √2. */
export function log(x: Expr): Expr {
  const bits = where(lt(x, 2 ** -126), sub(bitsOf(mul(x, 2 ** 24)), 24 << 23), bitsOf(x));
  const exponent = sar(sub(bits, 0x3f3504f3), 23);
  const f = sub(floatOf(sub(bits, shl(exponent, 23))), 1);
  const e = convert(exponent, "float32");
  const z = mul(f, f);
  const p = polynomial(
    f,
    [
      0.333339124917984, -0.2500133216381073, 0.19962981343269348, -0.16577723622322083, 0.14915893971920013,
      -0.14266633987426758, 0.08695708960294724,
    ],
  );
  const tail = add(sub(mul(mul(f, z), p), mul(z, 0.5)), mul(e, ln2[1]));
  const y = add(add(f, tail), mul(e, ln2[0]));
  return where(lt(0, x), where(lt(x, Infinity), y, x), where(eq(x, 0), f32(-Infinity), f32(NaN)));
}

/** tanh |x| = (1 − e) / (1 + e), where e = 2ⁿ (1 + p) is the exponential of −2 |x|, and p, accurate near 0, is that of r less 1. */
export function tanh(x: Expr): Expr {
  const [size, sign] = split(x);
  const a = mul(min(size, 9.1), -2);
  const t = add(mul(a, Math.LOG2E), rounder);
  const r = sub(a, mul(sub(t, rounder), Math.LN2));
  const c = [0.4999999701976776, 0.16666539013385773, 0.04166775569319725, 0.008367120288312435, 0.001383577473461628];
  const p = add(mul(mul(r, r), polynomial(r, c)), r);
  const s = powerOf2(t);
  const sp = mul(s, p);
  return negatedBy(sign, div(sub(sub(1, s), sp), add(add(1, s), sp)));
}

// Sine and cosine.

/** The first 192 bits of 2/π. */
const twoOverPi = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041n;
/** Bits 8k − 24 … 8k + 7 after the point; before it all are 0. */
const word = (k: number): Expr => int(Number(BigInt.asIntN(32, twoOverPi >> BigInt(185 - 8 * k))));

/** The upper half of the product of two words without sign, the first less than 2³¹. */
function mulHigh(a: Expr, b: Expr): Expr {
  const [a0, a1, b0, b1] = [and(a, 0xffff), shr(a, 16), and(b, 0xffff), shr(b, 16)];
  const middle = add(mul(a1, b0), shr(mul(a0, b0), 16));
  const other = add(mul(a0, b1), and(middle, 0xffff));
  return add(add(mul(a1, b1), shr(middle, 16)), shr(other, 16));
}

/** An angle as a number of quarter turns, in the two upper bits of a word, and a rest of at most half of one, in radians. */
interface Angle {
  readonly turns: Expr;
  readonly rest: Expr;
}
const angles = new WeakMap<Expr, Angle>();

/**
 * |x| less quarter turns, as Payne & Hanek (1983): |x| = m · 2⁸ʲ⁻²³, m < 2³¹, and of 2/π only 96 bits matter: those before
 * give whole turns, those after give too little. Their product with m, less whole turns, is 96 bits, of which the lowest are
 * needed where the others are near 0, and 24 digits suffice of each.
 */
function angleOf(x: Expr): Angle {
  const known = angles.get(x);
  if (known) return known;
  const [a] = split(x);
  const bits = sub(bitsOf(a), 127 << 23);
  const scaled = floatOf(add(and(bits, (8 << 23) - 1), 150 << 23));
  const m = convert(scaled, "int32");
  // The window moves by j bytes, one bit of j after the other.
  let words = Array.from({ length: 24 }, (_, k) => word(k));
  for (const bit of [0, 1, 2, 3]) {
    const still = bit === 3 ? lt(bits, 64 << 23) : eq(and(bits, 1 << (26 + bit)), 0);
    const by = 1 << bit;
    words = words.slice(0, -by).map((w, k) => (k % (2 * by) > 0 && k % 4 !== 0 ? w : where(still, w, words[k + by])));
  }
  const [high, middle, low] = [words[0], words[4], words[8]];
  const first = add(mul(m, high), mulHigh(m, middle));
  const rounded = add(first, 1 << 29);
  const fraction = sub(and(rounded, (1 << 30) - 1), 1 << 29); // in 2⁻³⁰ of a quarter turn
  const lower = and(fraction, (1 << 18) - 1);
  const tail = add(
    mul(convert(shr(mul(m, middle), 1), "float32"), 2 ** -31),
    mul(mul(scaled, convert(shr(low, 1), "float32")), 2 ** -63),
  );
  // π/2 in two parts: the first times 12 bits is exact.
  const [p1, p2] = [1.5703125, 4.83826792333275e-4].map((p) => p * 2 ** -30);
  const f1 = convert(sub(fraction, lower), "float32");
  const f2 = add(convert(lower, "float32"), tail);
  const r = add(mul(f1, p1), add(mul(f1, p2), mul(f2, (Math.PI / 2) * 2 ** -30)));
  const small = lt(a, 1);
  const angle = { turns: where(small, int(0), rounded), rest: where(small, a, where(lt(a, Infinity), r, NaN)) };
  angles.set(x, angle);
  return angle;
}

/** The sine of an angle. */
function sine({ turns, rest }: Angle): Expr {
  const z = mul(rest, rest);
  const s = polynomial(z, [-0.1666666716337204, 0.008333354257047176, -0.00019842384790536016, 2.7262910862191347e-6]);
  const c = polynomial(z, [0.04166657477617264, -0.001388469710946083, 2.4201613996410742e-5]);
  const even = add(rest, mul(rest, mul(z, s)));
  const odd = add(sub(mul(mul(z, z), c), mul(z, 0.5)), 1);
  return negatedBy(and(turns, -0x80000000), where(eq(and(turns, 1 << 30), 0), even, odd));
}

export function sin(x: Expr): Expr {
  return negatedBy(split(x)[1], sine(angleOf(x)));
}
export function cos(x: Expr): Expr {
  const { turns, rest } = angleOf(x);
  return sine({ turns: add(turns, 1 << 30), rest });
}

/** Near 0 a series; beyond, 1 − erfc |x|, where the fourth root of erfc is close to a polynomial. */
export function erf(x: Expr): Expr {
  const z = mul(x, x);
  const near = polynomial(
    z,
    [
      0.12837916612625122, -0.3761261999607086, 0.11283491551876068, -0.026849230751395226, 0.005178723484277725,
      -0.0007919697090983391, 7.538760837633163e-5,
    ],
  );
  const [size, sign] = split(x);
  const root = polynomial(
    min(size, 3.95),
    [
      1.0045193433761597, -0.3048301041126251, -0.07014136016368866, -0.044273555278778076, 0.0627526342868805,
      -0.021139362826943398, 0.0030481426510959864, -0.0001659902191022411,
    ],
  );
  const square = mul(root, root);
  return where(lt(z, 1.1), add(x, mul(x, near)), negatedBy(sign, sub(1, mul(square, square))));
}

export function pow(x: Expr, y: Expr): Expr {
  const [a, s] = split(x);
  const whole = eq(floor(y), y);
  const half = mul(y, 0.5);
  const odd = and(whole, where(eq(floor(half), half), bool(false), bool(true)));
  const size = exp(mul(y, log(a)));
  const power = where(
    odd,
    negatedBy(s, size),
    where(and(lt(x, 0), where(whole, bool(false), bool(true))), f32(NaN), size),
  );
  return where(or(eq(x, 1), eq(y, 0)), f32(1), power);
}
