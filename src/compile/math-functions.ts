/**
 * The functions of float32 and float64 that both make in one way, without a branch. What differs is given by a `Float`.
 * Every machine computes the same bits, in vectors as in scalars, so that random normal numbers are the same everywhere;
 * only exp and tanh, of which networks compute millions, take fused multiply-adds where a machine has them.
 */
import type { Expr } from "../graph/expr.ts";
import {
  add,
  and,
  div,
  eq,
  floor,
  fma,
  lt,
  max,
  min,
  mul,
  negatedBy,
  or,
  polynomial,
  split,
  sub,
  where,
} from "./math-build.ts";

/** What the functions must know of a type, and how they take its numbers apart. */
export interface Float {
  /** The first half of the digits of `x`, or less. Products of two such are exact (Dekker 1971), and so is x − head x. */
  head(x: Expr): Expr;
  /** The integer n nearest to `x`, and 2ⁿ. */
  nearest(x: Expr): readonly [n: Expr, power: Expr];
  /** For a positive x = 2ᵉ (1 + f), where 1 + f is between √½ and √2. */
  parts(x: Expr): readonly [e: Expr, f: Expr];
  angle(x: Expr): Angle;
  /** 2ⁿ is 0 from the first n down, and infinite from the second up. */
  readonly exponents: readonly [number, number];
  /** What is to a positive power at least as great is so great, or so small, as if the power were infinite. */
  readonly greatPower: number;
  /** From where on tanh is 1. */
  readonly saturation: number;
  /** log 2 and 2 / (3 log 2) in two parts: the first times an exponent or a head is exact (Cody & Waite 1980). */
  readonly ln2: readonly [number, number];
  readonly log2: readonly [number, number];
  /** Coefficients of (eʳ − 1 − r) / r² for |r| ≤ log 2 and ≤ ½ log 2; the latter with an error small beside eʳ − 1. */
  readonly exp: readonly number[];
  readonly expm1: readonly number[];
  /** In z = s², of (3 artanh s / s − 3 − z) / z² for s of √2; (sin s / s − 1) / z and (cos s − 1 + z/2) / z² for a quarter turn. */
  readonly artanh: readonly number[];
  readonly sin: readonly number[];
  readonly cos: readonly number[];
}

/** A number of quarter turns, in the two upper bits of a word, and a rest of about half of one at most, in radians. */
export interface Angle {
  readonly turns: Expr;
  readonly rest: Expr;
}

/** What machines lack. */
export type Functions = { readonly [F in "exp" | "log" | "sin" | "cos" | "tanh" | "erf"]: (x: Expr) => Expr } & {
  readonly pow: (x: Expr, y: Expr) => Expr;
};

export function functionsOf(float: Float): Omit<Functions, "log" | "erf"> {
  const { head, nearest, exponents, ln2 } = float;

  /** r + r² (c[0] + c[1] r …) */
  const bend = (r: Expr, c: readonly number[]): Expr => fma(mul(r, r), polynomial(r, c, fma), r);

  /** eˣ = 4ⁿ eʳ with |r| ≤ log 2. A square of 2ⁿ reaches all results, and only its last product rounds. */
  function exp(x: Expr): Expr {
    const a = min(max(x, exponents[0] * Math.LN2), exponents[1] * Math.LN2);
    const [n, power] = nearest(mul(a, Math.LOG2E / 2));
    const r = fma(n, -2 * ln2[1], fma(n, -2 * ln2[0], a));
    return mul(fma(bend(r, float.exp), power, power), power);
  }

  /** tanh |x| = (1 − E) / (1 + E), where E = e^(−2|x|) = 2ⁿ (1 + p), and p = eʳ − 1 is accurate near 0. */
  function tanh(x: Expr): Expr {
    const [size, sign] = split(x);
    const a = mul(min(size, float.saturation), -2);
    const [n, s] = nearest(mul(a, Math.LOG2E));
    const r = fma(n, -Math.LN2, a);
    const sp = mul(s, bend(r, float.expm1));
    return negatedBy(sign, div(sub(sub(1, s), sp), add(add(1, s), sp)));
  }

  function sine({ turns, rest }: Angle): Expr {
    const z = mul(rest, rest);
    const even = add(rest, mul(rest, mul(z, polynomial(z, float.sin))));
    const odd = add(sub(mul(mul(z, z), polynomial(z, float.cos)), mul(z, 0.5)), 1);
    return negatedBy(and(turns, 1 << 31), where(eq(and(turns, 1 << 30), 0), even, odd));
  }

  const angles = new WeakMap<Expr, Angle>();
  function angleOf(x: Expr): Angle {
    let angle = angles.get(x);
    if (!angle) {
      angle = float.angle(x);
      angles.set(x, angle);
    }
    return angle;
  }

  function sin(x: Expr): Expr {
    return negatedBy(split(x)[1], sine(angleOf(x)));
  }

  function cos(x: Expr): Expr {
    const { turns, rest } = angleOf(x);
    return sine({ turns: add(turns, 1 << 30), rest });
  }

  /**
   * log₂ of a positive number as the sum of a head and a rest, half as many digits again as one number has. As in Sun's
   * fdlibm, it is e + 2 / (3 log 2) · s · (3 + s² + …), where s = f / (2 + f), and each factor is split in two.
   */
  function log2(x: Expr): [Expr, Expr] {
    const [e, f] = float.parts(x);
    const d = add(f, 2);
    const inverse = div(1, d);
    const dh = head(d);
    const sh = head(mul(f, inverse));
    const sl = mul(sub(sub(f, mul(sh, dh)), mul(sh, sub(f, sub(dh, 2)))), inverse);
    const s = add(sh, sl);
    const z = mul(s, s);
    const zh = mul(sh, sh);
    const zl = add(mul(sl, add(sh, s)), mul(mul(z, z), polynomial(z, float.artanh)));
    const th = head(add(add(zh, 3), zl));
    const tl = sub(zl, sub(sub(th, 3), zh));
    const u = mul(sh, th);
    const v = add(mul(sl, th), mul(s, tl));
    const h = head(add(u, v));
    const l = sub(v, sub(h, u));
    const [ch, cl] = float.log2;
    const lh = mul(h, ch);
    const ll = add(mul(h, cl), mul(l, ch + cl));
    const high = head(add(add(lh, e), ll));
    return [high, sub(ll, sub(sub(high, e), lh))];
  }

  /** |x|ʸ = 2^(y log₂ |x|), and negative if x is and y is odd. Special cases are those of IEEE 754-2019, 9.2.1. */
  function pow(x: Expr, y: Expr): Expr {
    const [a, sign] = split(x);
    const proper = and(lt(0, a), lt(a, Infinity));
    const [lh, ll] = log2(where(proper, a, 1));
    const b = min(max(y, -float.greatPower), float.greatPower); // 0 times it is 0, unlike 0 times infinity
    const bh = head(b);
    const main = mul(bh, lh);
    const rest = add(mul(sub(b, bh), lh), mul(b, ll));
    const sum = add(main, rest);
    const tail = min(max(sub(rest, sub(sum, main)), -0.001), 0.001);
    const whole = eq(floor(y), y);
    const real = where(whole, sum, where(lt(x, 0), NaN, sum));
    const p = where(proper, real, mul(y, sub(a, div(1, a)))); // of 0 and ∞: ∓∞, or NaN with y
    const q = min(max(p, exponents[0]), exponents[1]);
    const [n, power] = nearest(mul(q, 0.5));
    const r = sub(q, add(n, n));
    const rh = head(r);
    const r1 = mul(rh, ln2[0]);
    const r2 = add(mul(add(sub(r, rh), tail), Math.LN2), mul(rh, ln2[1]));
    const small = add(r1, r2);
    const bent = mul(mul(small, small), polynomial(small, float.exp));
    const size = mul(mul(add(add(add(bent, r2), r1), 1), power), power);
    const half = mul(y, 0.5);
    const odd = where(eq(floor(half), half), 0, where(whole, sign, 0));
    return where(or(eq(x, 1), eq(y, 0)), 1, negatedBy(odd, size));
  }

  return { exp, tanh, sin, cos, pow };
}
