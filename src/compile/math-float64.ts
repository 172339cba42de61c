/**
 * Functions of float64, made like those of float32, but nothing here sees the bits of a float64. Powers of 2 are made from
 * those of float32, and exponents are found in what a number, or a root of it, is as a float32. The errors at most, in ulp,
 * in some millions of numbers of all sizes: exp 1.4, log 0.9, sin and cos 2.4, tanh 2.2, erf 1.3, pow 1.3.
 */
import type { Expr } from "../graph/expr.ts";
import {
  add,
  and,
  bitsOf,
  convert,
  div,
  eq,
  floatOf,
  floor,
  literal,
  lt,
  min,
  mul,
  neg,
  negatedBy,
  polynomial,
  sar,
  shl,
  shr,
  split,
  sqrt,
  sub,
  where,
} from "./math-build.ts";
import { type Angle, type Functions, functionsOf } from "./math-functions.ts";

const single = (x: Expr): Expr => convert(x, "float32");
const double = (x: Expr): Expr => convert(x, "float64");

/** 2ⁿ as a float64, for |n| ≤ 126. */
const smallPower = (n: Expr): Expr => double(floatOf(shl(add(n, 127), 23)));
const eighthPower = (x: Expr): Expr => {
  const fourth = mul(mul(x, x), mul(x, x));
  return mul(fourth, fourth);
};

/** 1.5 · 2⁵²: what is added to it is rounded to an integer. */
const rounder = 6755399441055744;

function nearest(x: Expr): [Expr, Expr] {
  const n = sub(add(x, rounder), rounder);
  const i = convert(n, "int32");
  return [n, mul(eighthPower(smallPower(sar(i, 3))), smallPower(and(i, 7)))];
}

function parts(x: Expr): [Expr, Expr] {
  const root = sqrt(sqrt(sqrt(sqrt(x))));
  const k = sub(shr(bitsOf(single(root)), 23), 127); // so x is about 16ᵏ
  const scale = eighthPower(smallPower(sub(0, k)));
  const near = mul(mul(x, scale), scale);
  const e = sar(sub(bitsOf(single(near)), 0x3f3504f3), 23);
  return [double(add(shl(k, 4), e)), sub(mul(near, smallPower(sub(0, e))), 1)];
}

/** The first 1,280 bits of 2/π after the point. */
const twoOverPi =
  0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fe5163abdebbc561b7246e3a424dd2e006492eea09d1921cfe1deb1cb129a73ee88235f52ebb4484e99c7026b45f7e413991d639835339f49c845f8bbdf9283b1ff897ffde05980fef2f118b5a0a6d1f6d367ecf27cb09b74f463f669e5fea2d7527bac7ebe5f17b3d0739f78a5292ea6bfb5fb11f8d5d0856033046fc7b6babf0cfbc209af4361dn;
/** 24 bits of them, the k-th such; before the first they are 0. */
const chunk = (k: number): Expr =>
  literal(k < 0 ? 0 : Number(BigInt.asUintN(24, twoOverPi >> BigInt(1280 - 24 * (k + 1)))), "float64");

/** The rounded sum, and exactly what it lacks (Knuth). */
function twoSum(a: Expr, b: Expr): [Expr, Expr] {
  const s = add(a, b);
  const c = sub(s, a);
  return [s, add(sub(a, sub(s, c)), sub(b, c))];
}

/** `x` less a multiple of 4, for x ≥ 0. */
const mod4 = (x: Expr): Expr => sub(x, mul(floor(mul(x, 0.25)), 4));

/**
 * |x| as an angle, after Payne & Hanek (1983), in chunks of 24 bits, whose products float64 adds up exactly. |x| is
 * X · 2^(24j − 5) with X < 2²⁸, and X is three integers. Chunks of 2/π that give whole turns do not matter, nor do those
 * beyond the next nine, a window that moves with j.
 */
function angle(x: Expr): Angle {
  const [a] = split(x);
  let window = Array.from({ length: 9 + 63 }, (_, k) => chunk(k - 3));
  let whole = a;
  for (const by of [32, 16, 8, 4, 2, 1]) {
    const unit = by === 32 ? 2 ** 5 : 1; // times which the greatest would be infinite
    const still = lt(whole, 2 ** (24 * by + 4) / unit);
    whole = where(still, mul(whole, unit), mul(whole, unit * 2 ** (-24 * by)));
    const before = window;
    window = before.slice(0, -by).map((w, k) => where(still, w, before[k + by]));
  }
  const x0 = floor(whole);
  const rest0 = mul(sub(whole, x0), 2 ** 24);
  const x1 = floor(rest0);
  const x2 = mul(sub(rest0, x1), 2 ** 24);
  const product = (n: number): Expr =>
    mul(add(add(mul(x0, window[n + 2]), mul(x1, window[n + 1])), mul(x2, window[n])), 2 ** (-24 * n - 5));
  const first = add(mod4(product(0)), mod4(product(1)));
  const second = product(2);
  const turns = floor(add(add(first, second), 0.5));
  const [sum3, left3] = twoSum(add(sub(first, turns), second), product(3));
  const [sum4, left4] = twoSum(sum3, product(4));
  const left = add(add(left3, left4), add(product(5), product(6)));
  const r = add(mul(sum4, Math.PI / 2), add(mul(sum4, 6.123233995736766e-17), mul(left, Math.PI / 2)));
  const small = lt(a, Math.PI / 4);
  return {
    turns: where(small, 0, shl(convert(turns, "int32"), 30)),
    rest: where(small, a, where(lt(a, Infinity), r, NaN)),
  };
}

const shared = functionsOf({
  head: (x) => double(single(x)),
  nearest,
  parts,
  angle,
  exponents: [-1076, 1025],
  greatPower: 2 ** 70,
  saturation: 20,
  ln2: [0.6931471787393093, 1.8206359985041462e-9],
  log2: [0.9617966413497925, 5.2576183124437864e-8],
  exp: [
    0.4999999999999993, 0.16666666666666935, 0.04166666666670209, 0.008333333333270247, 0.001388888888357871,
    0.0001984126989255857, 2.480159082876101e-5, 2.7557300718507257e-6, 2.7556158336406756e-7, 2.5055023769620706e-8,
    2.1062306726490876e-9, 1.5936099905563844e-10,
  ],
  expm1: [
    0.5000000000000006, 0.166666666666666, 0.04166666666657361, 0.008333333333390038, 0.0013888888932375907,
    0.00019841269699283852, 2.480150441123638e-5, 2.7557442193518775e-6, 2.762636448652023e-7, 2.503758490788239e-8,
  ],
  artanh: [
    0.5999999999999996, 0.428571428571688, 0.3333333332602943, 0.27272728339211016, 0.23076833007278122,
    0.20004564486425933, 0.17510436182011732, 0.17998423538034417,
  ],
  sin: [
    -0.1666666666666663, 0.00833333333332184, -0.00019841269829373671, 2.755731354975176e-6, -2.5050737041708808e-8,
    1.5895635264363655e-10,
  ],
  cos: [
    0.041666666666666595, -0.001388888888887334, 2.480158728899989e-5, -2.7557314216240373e-7, 2.0875705270636608e-9,
    -1.1358742058326763e-11,
  ],
});

/** e log 2 + log(1 + f), where log(1 + f) = f − f²/2 + s (f²/2 + s² p(s²)) for s = f / (2 + f). */
function log(x: Expr): Expr {
  const [e, f] = parts(x);
  const s = div(f, add(f, 2));
  const z = mul(s, s);
  const p = polynomial(
    z,
    [
      0.6666666666666734, 0.3999999999941642, 0.2857142874211116, 0.2222219859386538, 0.18183563548941903,
      0.15314064393921442, 0.1479586134513918,
    ],
  );
  const half = mul(mul(f, f), 0.5);
  const tail = sub(half, add(mul(s, add(half, mul(z, p))), mul(e, 1.8206359985041462e-9)));
  const y = add(sub(f, tail), mul(e, 0.6931471787393093));
  return where(lt(0, x), where(lt(x, Infinity), y, x), where(eq(x, 0), -Infinity, literal(NaN, "float64")));
}

/** Near 0 x + x p(x²); beyond, 1 − erfc |x|, where (1 + 2a) e^(a²) erfc a is close to a polynomial in (a − 4) / (a + 4). */
function erf(x: Expr): Expr {
  const z = mul(x, x);
  const near = polynomial(
    z,
    [
      0.12837916709551256, -0.37612638903183454, 0.11283791670942432, -0.026866170642896595, 0.005223977604660518,
      -0.000854832586902266, 0.00012055291978359917, -1.4924684554152386e-5, 1.6446817829662127e-6,
      -1.6204087919776414e-7, 1.3701984442836063e-8, -7.763667900784066e-10,
    ],
  );
  const [size, sign] = split(x);
  const a = min(size, 6);
  const p = polynomial(
    div(sub(a, 4), add(a, 4)),
    [
      1.2329951185331647, -0.13962112115443714, 0.015379565242922366, 0.06809604266788177, -0.10104673375981621,
      0.09369266035392944, -0.06648059772247501, 0.03676089023025497, -0.016993590464360865, 0.003925590369582984,
      -0.0018026492392100451, -0.000802999978902595,
    ],
  );
  const far = sub(1, div(mul(shared.exp(mul(a, neg(a))), p), add(mul(a, 2), 1)));
  return where(lt(z, 1), add(x, mul(x, near)), negatedBy(sign, far));
}

export const float64: Functions = { ...shared, log, erf };
