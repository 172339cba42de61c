/**
 * Functions of float32. The errors at most, in ulp: exp 1.54, log 1.18, sin and cos 1.76, tanh 1.95, erf 1.92, each found
 * by trying every float32, and pow 1.87, in 2 · 10⁹ pairs. Polynomials are minimax (Remez), fitted for this file with one
 * coefficient after another rounded to float32.
 */
import type { Expr } from "../graph/expr.ts";
import {
  add,
  and,
  bitsOf,
  convert,
  eq,
  f32,
  floatOf,
  int,
  lt,
  min,
  mul,
  negatedBy,
  polynomial,
  sar,
  shl,
  shr,
  split,
  sub,
  where,
} from "./math-build.ts";
import { type Angle, type Functions, functionsOf } from "./math-functions.ts";

/**
 * 1.5 · 2²³ + 127: what is added to it is rounded to an integer, which is then in the low bits, with the bias of an
 * exponent already on it.
 */
const rounder = 12583039;

function nearest(x: Expr): [Expr, Expr] {
  const t = add(x, rounder);
  return [sub(t, rounder), floatOf(shl(bitsOf(t), 23))]; // the shift leaves only the exponent
}

function parts(x: Expr): [Expr, Expr] {
  const bits = where(lt(x, 2 ** -126), sub(bitsOf(mul(x, 2 ** 24)), 24 << 23), bitsOf(x));
  const exponent = sar(sub(bits, 0x3f3504f3), 23);
  return [convert(exponent, "float32"), sub(floatOf(sub(bits, shl(exponent, 23))), 1)];
}

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

/**
 * |x| as an angle, after Payne & Hanek (1983). |x| is m · 2^(8j − 23) with an integer m < 2³¹. Of the bits of 2/π, those
 * that give whole turns do not matter, nor do those beyond the next 96, a window that moves with j. The product of both
 * is taken in three parts; the lower two count only where the upper is near 0, and as floats they are exact enough.
 */
function angle(x: Expr): Angle {
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
  const turns = add(add(mul(m, high), mulHigh(m, middle)), 1 << 29); // in steps of 2⁻³⁰, and half a quarter turn too great
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
  return { turns: where(small, 0, turns), rest: where(small, a, where(lt(a, Infinity), r, NaN)) };
}

const shared = functionsOf({
  head: (x) => floatOf(and(bitsOf(x), -1 << 12)),
  nearest,
  parts,
  angle,
  exponents: [-151, 129],
  greatPower: 2 ** 40,
  saturation: 9.1,
  ln2: [0.693359375, -2.1219444005469057e-4], // split as in Cephes
  log2: [0.961669921875, 0.00012677205086220056],
  exp: [
    0.5000003576278687, 0.1666661649942398, 0.04166116937994957, 0.008335908874869347, 0.0014106181915849447,
    0.00019644229905679822,
  ],
  expm1: [0.4999999701976776, 0.16666539013385773, 0.04166775569319725, 0.008367120288312435, 0.001383577473461628],
  artanh: [0.6000022888183594, 0.42820635437965393, 0.35129451751708984],
  sin: [-0.1666666716337204, 0.008333354257047176, -0.00019842384790536016, 2.7262910862191347e-6],
  cos: [0.04166657477617264, -0.001388469710946083, 2.4201613996410742e-5],
});

/** e log 2 + f − f²/2 + f³ p(f). */
function log(x: Expr): Expr {
  const [e, f] = parts(x);
  const z = mul(f, f);
  const p = polynomial(
    f,
    [
      0.333339124917984, -0.2500133216381073, 0.19962981343269348, -0.16577723622322083, 0.14915893971920013,
      -0.14266633987426758, 0.08695708960294724,
    ],
  );
  const tail = add(sub(mul(mul(f, z), p), mul(z, 0.5)), mul(e, -2.1219444005469057e-4));
  const y = add(add(f, tail), mul(e, 0.693359375));
  return where(lt(0, x), where(lt(x, Infinity), y, x), where(eq(x, 0), -Infinity, f32(NaN)));
}

/** Near 0 x + x p(x²); beyond, 1 − erfc |x|, where the fourth root of erfc is close to a polynomial. */
function erf(x: Expr): Expr {
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
    min(size, 4.1),
    [
      1.0045193433761597, -0.3048301041126251, -0.07014136016368866, -0.044273555278778076, 0.0627526342868805,
      -0.021139362826943398, 0.0030481426510959864, -0.0001659902191022411,
    ],
  );
  const square = mul(root, root);
  return where(lt(z, 1.1), add(x, mul(x, near)), negatedBy(sign, sub(1, mul(square, square))));
}

export const float32: Functions = { ...shared, log, erf };
