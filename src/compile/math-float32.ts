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

/** Sine and cosine of |x| reduced by quarter turns; to be made right for great arguments. */
function quarter(x: Expr, turn: number): Expr {
  const n = floor(add(mul(x, 2 / Math.PI), 0.5));
  const r = sub(sub(sub(x, mul(n, 1.5703125)), mul(n, 4.837512969970703e-4)), mul(n, 7.54978995489188e-8));
  const z = mul(r, r);
  const sine = add(mul(mul(polynomial(z, [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4]), z), r), r);
  const c = polynomial(z, [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5]);
  const cosine = add(sub(mul(mul(c, z), z), mul(z, 0.5)), 1);
  const q = add(convert(n, "int32"), turn);
  return negatedBy(shl(and(q, 2), 30), where(eq(and(q, 1), 0), sine, cosine));
}
export function sin(x: Expr): Expr {
  return quarter(x, 0);
}
export function cos(x: Expr): Expr {
  return quarter(x, 1);
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
