/**
 * Functions of float32 from operations that machines have, within 2 ulp. There is no branch and no fused multiply-add, so
 * that every machine computes the same bits, in vectors as in scalars. Polynomials are minimax (Remez), fitted for this file
 * with one coefficient after another rounded to float32.
 */
import type { Expr } from "../graph/expr.ts";
import {
  add,
  and,
  bitsOf,
  convert,
  div,
  eq,
  f32,
  floatOf,
  floor,
  int,
  lt,
  max,
  min,
  mul,
  negatedBy,
  or,
  polynomial,
  sar,
  shl,
  shr,
  split,
  sub,
  where,
} from "./math-build.ts";

/** 1.5 · 2²³: what is added to it is rounded to an integer, which is then in the low bits. */
const rounder = 12582912;
/** ln 2 in two parts; a small integer times the first is exact (Cody & Waite 1980; the split is that of Cephes). */
const ln2 = [0.693359375, -2.1219444005469057e-4] as const;

/** 2ⁿ for the integer n in the low bits of `t`; the others are shifted out. */
const powerOf2 = (t: Expr): Expr => floatOf(add(shl(bitsOf(t), 23), 0x3f800000));

/** eʳ − 1 − r for |r| ≤ ln 2. */
function bend(r: Expr): Expr {
  const p = polynomial(
    r,
    [
      0.5000003576278687, 0.1666661649942398, 0.04166116937994957, 0.008335908874869347, 0.0014106181915849447,
      0.00019644229905679822,
    ],
  );
  return mul(mul(r, r), p);
}

/** y 4ⁿ, for `t` as in `powerOf2`. A square of 2ⁿ reaches all results, and only the last product rounds. */
function scaled(y: Expr, t: Expr): Expr {
  const scale = powerOf2(t);
  return mul(mul(y, scale), scale);
}

export function exp(x: Expr): Expr {
  const a = min(max(x, -105), 90);
  const t = add(mul(a, Math.LOG2E / 2), rounder);
  const n = sub(t, rounder);
  const r = sub(sub(a, mul(n, 2 * ln2[0])), mul(n, 2 * ln2[1]));
  return scaled(add(add(bend(r), r), 1), t);
}

/** A positive float32 is 2ᵉ (1 + f), where 1 + f is between √½ and √2: `[e, f]`. */
function parts(x: Expr): [Expr, Expr] {
  const bits = where(lt(x, 2 ** -126), sub(bitsOf(mul(x, 2 ** 24)), 24 << 23), bitsOf(x));
  const exponent = sar(sub(bits, 0x3f3504f3), 23);
  return [convert(exponent, "float32"), sub(floatOf(sub(bits, shl(exponent, 23))), 1)];
}

/** log x = e log 2 + f − f²/2 + f³ p(f). */
export function log(x: Expr): Expr {
  const [e, f] = parts(x);
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
  return where(lt(0, x), where(lt(x, Infinity), y, x), where(eq(x, 0), -Infinity, f32(NaN)));
}

/** tanh |x| = (1 − E) / (1 + E), where E = e^(−2|x|) = 2ⁿ (1 + p), and p = eʳ − 1 is accurate near 0. */
export function tanh(x: Expr): Expr {
  const [size, sign] = split(x);
  const a = mul(min(size, 9.1), -2);
  const t = add(mul(a, Math.LOG2E), rounder);
  const r = sub(a, mul(sub(t, rounder), Math.LN2));
  const q = polynomial(
    r,
    [0.4999999701976776, 0.16666539013385773, 0.04166775569319725, 0.008367120288312435, 0.001383577473461628],
  );
  const p = add(mul(mul(r, r), q), r);
  const s = powerOf2(t);
  const sp = mul(s, p);
  return negatedBy(sign, div(sub(sub(1, s), sp), add(add(1, s), sp)));
}

/** Near 0 x + x p(x²); beyond, 1 − erfc |x|, where the fourth root of erfc is close to a polynomial. */
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

// Sine and cosine.

/** The first 192 bits of 2/π after the point. */
const twoOverPi = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041n;
/** Bits 8k − 24 … 8k + 7 after the point; those before it are 0. */
const word = (k: number): Expr => int(Number(BigInt.asIntN(32, twoOverPi >> BigInt(185 - 8 * k))));

/** The upper word of the product of two words without sign, of which the first is less than 2³¹. */
function mulHigh(a: Expr, b: Expr): Expr {
  const [a0, a1, b0, b1] = [and(a, 0xffff), shr(a, 16), and(b, 0xffff), shr(b, 16)];
  const middle = add(mul(a1, b0), shr(mul(a0, b0), 16));
  const other = add(mul(a0, b1), and(middle, 0xffff));
  return add(add(mul(a1, b1), shr(middle, 16)), shr(other, 16));
}

/** A number of quarter turns, in the two upper bits of a word, and a rest of at most half of one, in radians. */
interface Angle {
  readonly turns: Expr;
  readonly rest: Expr;
}
const angles = new WeakMap<Expr, Angle>();

/**
 * |x| as an angle, after Payne & Hanek (1983). |x| is m · 2^(8j − 23) with an integer m < 2³¹. Of the bits of 2/π, those
 * that give whole turns do not matter, nor do those beyond the next 96, a window that moves with j. The product of both
 * is taken in three parts; the lower two count only where the upper is near 0, and as floats they are exact enough.
 */
function angleOf(x: Expr): Angle {
  const known = angles.get(x);
  if (known) return known;
  const [a] = split(x);
  const bits = sub(bitsOf(a), 127 << 23);
  const scaled = floatOf(add(and(bits, (8 << 23) - 1), 150 << 23));
  const m = convert(scaled, "int32");
  let window = Array.from({ length: 24 }, (_, k) => word(k));
  for (const bit of [0, 1, 2, 3]) {
    const still = bit === 3 ? lt(bits, 64 << 23) : eq(and(bits, 1 << (26 + bit)), 0); // whether bit `bit` of j is 0
    const by = 1 << bit;
    const used = (k: number): boolean => k % Math.min(2 * by, 4) === 0;
    window = window.slice(0, -by).map((w, k) => (used(k) ? where(still, w, window[k + by]) : w));
  }
  const [high, middle, low] = [window[0], window[4], window[8]];
  const turns = add(add(mul(m, high), mulHigh(m, middle)), 1 << 29); // in steps of 2⁻³⁰, with half a step of `turns` added
  const fraction = sub(and(turns, (1 << 30) - 1), 1 << 29);
  const upper = and(add(fraction, 1 << 17), -1 << 18);
  const lower = add(
    mul(convert(shr(mul(m, middle), 1), "float32"), 2 ** -31),
    mul(mul(convert(shr(low, 1), "float32"), scaled), 2 ** -63),
  );
  const f1 = convert(upper, "float32"); // has 12 digits, so its product with the first part of π/2 is exact
  const f2 = add(convert(sub(fraction, upper), "float32"), lower);
  const [p, p1, p2] = [Math.PI / 2, 1.5703125, 4.838267923332751e-4].map((part) => part * 2 ** -30);
  const r = add(mul(f1, p1), add(mul(f1, p2), mul(f2, p)));
  const small = lt(a, 1);
  const angle = { turns: where(small, 0, turns), rest: where(small, a, where(lt(a, Infinity), r, NaN)) };
  angles.set(x, angle);
  return angle;
}

function sine({ turns, rest }: Angle): Expr {
  const z = mul(rest, rest);
  const s = polynomial(z, [-0.1666666716337204, 0.008333354257047176, -0.00019842384790536016, 2.7262910862191347e-6]);
  const c = polynomial(z, [0.04166657477617264, -0.001388469710946083, 2.4201613996410742e-5]);
  const even = add(rest, mul(rest, mul(z, s)));
  const odd = add(sub(mul(mul(z, z), c), mul(z, 0.5)), 1);
  return negatedBy(and(turns, 1 << 31), where(eq(and(turns, 1 << 30), 0), even, odd));
}

export function sin(x: Expr): Expr {
  return negatedBy(split(x)[1], sine(angleOf(x)));
}

export function cos(x: Expr): Expr {
  const { turns, rest } = angleOf(x);
  return sine({ turns: add(turns, 1 << 30), rest });
}

// Powers.

/** The first 12 digits of `x`. Products of two such are exact (Dekker 1971), and so is what is left of x. */
const head = (x: Expr): Expr => floatOf(and(bitsOf(x), -1 << 12));

/**
 * log₂ of a positive float32 as the sum of 12 digits and a rest, together some 35 digits. As in Sun's fdlibm, it is
 * e + 2 / (3 log 2) · s · (3 + s² + …), where s = f / (2 + f), and each factor is split in two.
 */
function log2(x: Expr): [Expr, Expr] {
  const [e, f] = parts(x);
  const d = add(f, 2);
  const inverse = div(1, d);
  const dh = head(d);
  const sh = head(mul(f, inverse));
  const sl = mul(sub(sub(f, mul(sh, dh)), mul(sh, sub(f, sub(dh, 2)))), inverse);
  const s = add(sh, sl);
  const zh = mul(sh, sh);
  const z = mul(s, s);
  const p = polynomial(z, [0.6000022888183594, 0.42820635437965393, 0.35129451751708984]);
  const zl = add(mul(sl, add(sh, s)), mul(mul(z, z), p));
  const th = head(add(add(zh, 3), zl));
  const tl = sub(zl, sub(sub(th, 3), zh));
  const u = mul(sh, th);
  const v = add(mul(sl, th), mul(s, tl));
  const h = head(add(u, v));
  const l = sub(v, sub(h, u));
  const [ch, cl] = [0.961669921875, 0.00012677205086220056];
  const lh = mul(h, ch);
  const ll = add(mul(h, cl), mul(l, ch + cl));
  const high = head(add(add(lh, e), ll));
  return [high, sub(ll, sub(sub(high, e), lh))];
}

/** |x|ʸ = 2^(y log₂ |x|), and negative if x is and y is odd. Special cases are those of IEEE 754-2019, 9.2.1. */
export function pow(x: Expr, y: Expr): Expr {
  const [a, sign] = split(x);
  const [lh, ll] = log2(a);
  const b = min(max(y, -(2 ** 40)), 2 ** 40); // has the effect of ±∞, but 0 times it is 0
  const bh = head(b);
  const main = mul(bh, lh);
  const rest = add(mul(sub(b, bh), lh), mul(b, ll));
  const sum = add(main, rest);
  const tail = min(max(sub(rest, sub(sum, main)), -0.001), 0.001);
  const whole = eq(floor(y), y);
  const finite = where(whole, sum, where(lt(x, 0), NaN, sum));
  const p = where(and(lt(0, a), lt(a, Infinity)), finite, mul(y, sub(a, div(1, a)))); // of 0 and ∞: ∓∞, or NaN with y
  const q = min(max(p, -151), 129);
  const t = add(mul(q, 0.5), rounder);
  const n = sub(t, rounder);
  const r = sub(q, add(n, n));
  const rh = head(r);
  const r1 = mul(rh, ln2[0]);
  const r2 = add(mul(add(sub(r, rh), tail), Math.LN2), mul(rh, ln2[1]));
  const size = scaled(add(add(add(bend(add(r1, r2)), r2), r1), 1), t);
  const half = mul(y, 0.5);
  const odd = where(eq(floor(half), half), 0, where(whole, sign, 0));
  return where(or(eq(x, 1), eq(y, 0)), 1, negatedBy(odd, size));
}
