/**
 * Functions and conversions that machines lack, as arithmetic that they have. Every target computes the same bits from
 * it: there is no fused multiply-add here, and no operation whose result is left open.
 */
import { type DType, dtypes } from "../graph/dtype.ts";
import type { Compute, Expr, ScalarOp } from "../graph/expr.ts";
import { parity, rotations } from "../graph/threefry.ts";

// Builders.

const literals = new Map<string, Expr>();

/** The constant of this value; it is one object, so that it is held in one register. */
function literal(value: number, dtype: Compute): Expr {
  const key = `${dtype}${Object.is(value, -0) ? "-0" : value}`;
  let e = literals.get(key);
  if (!e) {
    e = { op: "const", value, dtype };
    literals.set(key, e);
  }
  return e;
}

const f32 = (value: number): Expr => literal(Math.fround(value), "float32");
const int = (value: number): Expr => literal(value | 0, "int32");
const bool = (value: boolean): Expr => literal(Number(value), "bool");

type Operand = Expr | number;

const operand = (x: Operand, dtype: Compute): Expr =>
  typeof x !== "number" ? x : dtype === "int32" ? int(x) : dtype === "float32" ? f32(x) : literal(x, dtype);

/** An operation on the type of the first source that is not a number; numbers are constants of that type. */
function apply(op: ScalarOp, sources: readonly Operand[], result?: Compute): Expr {
  const { dtype } = sources.find((s) => typeof s !== "number") as Expr;
  return { op, src: sources.map((s) => operand(s, dtype)), dtype: result ?? dtype };
}

const add = (a: Operand, b: Operand): Expr => apply("add", [a, b]);
const sub = (a: Operand, b: Operand): Expr => apply("sub", [a, b]);
const mul = (a: Operand, b: Operand): Expr => apply("mul", [a, b]);
const div = (a: Operand, b: Operand): Expr => apply("div", [a, b]);
const max = (a: Operand, b: Operand): Expr => apply("max", [a, b]);
const min = (a: Operand, b: Operand): Expr => apply("min", [a, b]);
const and = (a: Operand, b: Operand): Expr => apply("and", [a, b]);
const or = (a: Operand, b: Operand): Expr => apply("or", [a, b]);
const xor = (a: Operand, b: Operand): Expr => apply("xor", [a, b]);
const shl = (a: Operand, b: number): Expr => apply("shl", [a, b]);
const shr = (a: Operand, b: number): Expr => apply("shr", [a, b]);
const sar = (a: Operand, b: number): Expr => apply("sar", [a, b]);
const neg = (a: Expr): Expr => apply("neg", [a]);
const floor = (a: Expr): Expr => apply("floor", [a]);
const lt = (a: Operand, b: Operand): Expr => apply("lt", [a, b], "bool");
const eq = (a: Operand, b: Operand): Expr => apply("eq", [a, b], "bool");
const bitsOf = (x: Expr): Expr => apply("bitcast", [x], "int32");
const floatOf = (bits: Expr): Expr => apply("bitcast", [bits], "float32");
const convert = (x: Expr, to: Compute): Expr => (x.dtype === to ? x : apply("convert", [x], to));

function where(cond: Expr, a: Operand, b: Operand): Expr {
  const { dtype } = typeof a !== "number" ? a : (b as Expr);
  return { op: "where", src: [cond, operand(a, dtype), operand(b, dtype)], dtype };
}

/** `c[0] + c[1]·x + c[2]·x² …` */
function polynomial(x: Expr, c: readonly number[]): Expr {
  return c.slice(0, -1).reduceRight((sum: Expr | number, k) => add(mul(x, sum), k), c.at(-1) as number) as Expr;
}

// The walk.

/** `e` with the operations that machines lack replaced by those they have. What was one expression stays one. */
export function expand(e: Expr, memo: Map<Expr, Expr> = new Map()): Expr {
  const known = memo.get(e);
  if (known) return known;
  let out: Expr = e;
  if (e.op === "guard") {
    const [value, other] = [expand(e.value, memo), expand(e.other, memo)];
    if (value !== e.value || other !== e.other) out = { ...e, value, other };
  } else if ("src" in e) {
    const src = e.src.map((s) => expand(s, memo));
    const rule = e.dtype === "float32" ? rules[e.op] : undefined;
    if (rule) out = rule(src[0], src[1]);
    else if (src.some((s, i) => s !== e.src[i])) out = { ...e, src };
  }
  memo.set(e, out);
  memo.set(out, out);
  return out;
}

const rules: { readonly [K in ScalarOp]?: (x: Expr, y: Expr) => Expr } = { exp, log, sin, cos, tanh, erf, pow };

// Functions of float32.

/** 1.5 · 2²³: what is added to it is rounded to an integer, which is then in the low bits. */
const rounder = 12582912;
const log2e = Math.LOG2E;
/** ln 2 in two parts; a small integer times the first is exact (Cody & Waite 1980; the split is that of Cephes). */
const ln2 = [0.693359375, -2.1219444005469057e-4] as const;

/** eˣ = 4ⁿ · eʳ with |r| ≤ ln 2: the square of 2ⁿ reaches beyond the exponents of float32, and rounds once. */
function exp(x: Expr): Expr {
  const clamped = min(max(x, -105), 90);
  const t = add(mul(clamped, log2e / 2), rounder);
  const n = sub(t, rounder);
  const r = sub(sub(clamped, mul(n, 2 * ln2[0])), mul(n, 2 * ln2[1]));
  const y = polynomial(r, [1, 1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320]);
  const scale = floatOf(add(shl(bitsOf(t), 23), 0x3f800000));
  return mul(mul(y, scale), scale);
}

function log(x: Expr): Expr {
  const tiny = lt(x, 2 ** -126);
  const bits = bitsOf(where(tiny, mul(x, 2 ** 24), x));
  const shift = sar(sub(bits, 0x3f3504f3), 23);
  const e = convert(sub(shift, where(tiny, int(24), int(0))), "float32");
  const f = sub(floatOf(sub(bits, shl(shift, 23))), 1);
  const z = mul(f, f);
  const p = polynomial(
    f,
    [
      3.3333331174e-1, -2.4999993993e-1, 2.0000714765e-1, -1.6668057665e-1, 1.4249322787e-1, -1.2420140846e-1,
      1.167699874e-1, -1.151461031e-1, 7.0376836292e-2,
    ],
  );
  const y = add(sub(add(mul(mul(f, z), p), mul(e, ln2[1])), mul(z, 0.5)), f);
  const finite = add(y, mul(e, ln2[0]));
  const ends = where(eq(x, 0), f32(-Infinity), where(lt(x, 0), f32(NaN), x));
  return where(and(lt(0, x), lt(x, Infinity)), finite, ends);
}

const sign = -0x80000000;

/** |x| and the bit of its sign. */
function split(x: Expr): [Expr, Expr] {
  const bits = bitsOf(x);
  const s = and(bits, sign);
  return [floatOf(xor(bits, s)), s];
}
const withSign = (x: Expr, s: Expr): Expr => floatOf(xor(bitsOf(x), s));

function tanh(x: Expr): Expr {
  const [a, s] = split(x);
  const z = mul(a, a);
  const near = add(
    mul(
      mul(
        polynomial(z, [-3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3]),
        z,
      ),
      a,
    ),
    a,
  );
  const far = sub(1, div(2, add(exp(add(a, a)), 1)));
  return withSign(where(lt(a, 0.625), near, far), s);
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
  return withSign(where(eq(and(q, 1), 0), sine, cosine), shl(and(q, 2), 30));
}
function sin(x: Expr): Expr {
  return quarter(x, 0);
}
function cos(x: Expr): Expr {
  return quarter(x, 1);
}

/** Abramowitz & Stegun 7.1.26, with the series near 0. */
function erf(x: Expr): Expr {
  const [a, s] = split(x);
  const z = mul(a, a);
  const near = mul(
    a,
    polynomial(
      z,
      [1, -1 / 3, 1 / 10, -1 / 42, 1 / 216, -1 / 1320, 1 / 9360].map((c) => (c * 2) / Math.sqrt(Math.PI)),
    ),
  );
  const t = div(1, add(mul(a, 0.3275911), 1));
  const p = polynomial(t, [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429]);
  const far = sub(1, mul(mul(t, p), exp(neg(z))));
  return withSign(where(lt(a, 1), near, far), s);
}

function pow(x: Expr, y: Expr): Expr {
  const [a, s] = split(x);
  const whole = eq(floor(y), y);
  const half = mul(y, 0.5);
  const odd = and(whole, where(eq(floor(half), half), bool(false), bool(true)));
  const size = exp(mul(y, log(a)));
  const power = where(
    odd,
    withSign(size, s),
    where(and(lt(x, 0), where(whole, bool(false), bool(true))), f32(NaN), size),
  );
  return where(or(eq(x, 1), eq(y, 0)), f32(1), power);
}

// The random generator.

/** A word turned left by `by` bits. */
const turn = (x: Expr, by: number): Expr => or(shl(x, by), shr(x, 32 - by));

/** The first word of Threefry-2×32-20 at counter (index, 0), as in graph/threefry.ts, as a number in [0, 1). */
export function random01(key0: Expr, key1: Expr, index: Expr): Expr {
  return mul(convert(shr(threefry(key0, key1, index, int(0))[0], 8), "float32"), 2 ** -24);
}

/** Both words. */
export function threefry(key0: Expr, key1: Expr, counter0: Expr, counter1: Expr): [Expr, Expr] {
  const keys = [key0, key1, xor(xor(key0, key1), parity)];
  let [x, y] = [add(counter0, keys[0]), add(counter1, keys[1])];
  for (let round = 0; round < 20; round++) {
    x = add(x, y);
    y = xor(turn(y, rotations[round % 8]), x);
    if (round % 4 === 3) {
      const group = (round + 1) / 4;
      x = add(x, keys[group % 3]);
      y = add(add(y, keys[(group + 1) % 3]), group);
    }
  }
  return [x, y];
}

// Types that exist only in memory, and casts.

/** The float32 whose `float16` bits are given. */
export function widenFloat16(bits: Expr): Expr {
  const size = and(bits, 0x7fff);
  const moved = add(shl(size, 13), 112 << 23);
  const normal = floatOf(where(lt(0x7bff, size), or(moved, 0x7f800000), moved));
  const small = sub(floatOf(add(moved, 1 << 23)), 2 ** -14); // 2⁻¹⁴ stands for the bit that subnormals do not have
  return withSign(where(lt(size, 0x400), small, normal), shl(and(bits, 0x8000), 16));
}

/** The bits of the `float16` nearest to `x`, ties to even. */
export function narrowFloat16(x: Expr): Expr {
  const bits = bitsOf(x);
  const size = and(bits, 0x7fffffff);
  const even = and(shr(size, 13), 1);
  const normal = min(shr(add(add(size, even), 0xfff - (112 << 23)), 13), 0x7c00);
  const small = sub(bitsOf(add(floatOf(size), 0.5)), 0x3f000000); // the last place of 0.5 is that of subnormals: 2⁻²⁴
  const number = where(lt(size, 113 << 23), small, normal);
  return or(and(shr(bits, 16), 0x8000), where(lt(0x7f800000, size), int(0x7e00), number));
}

/** The float32 whose `bfloat16` bits are given. */
export function widenBfloat16(bits: Expr): Expr {
  return floatOf(shl(bits, 16));
}

/** The bits of the `bfloat16` nearest to `x`, ties to even. */
export function narrowBfloat16(x: Expr): Expr {
  const bits = bitsOf(x);
  const high = shr(bits, 16);
  const number = shr(add(add(bits, and(high, 1)), 0x7fff), 16);
  return where(eq(x, x), number, or(high, 0x40));
}

/** `x` as a value of type `to`. Floats saturate on their way to integers, and NaN becomes 0; integers wrap. */
export function convertTo(x: Expr, to: DType): Expr {
  const { compute } = dtypes[to];
  if (to === "bool") return x.dtype === "bool" ? x : where(eq(x, 0), bool(false), bool(true));
  const value = x.dtype === "bool" ? where(x, literal(1, compute), literal(0, compute)) : convert(x, compute);
  switch (to) {
    case "uint8":
      return x.dtype === "int32" ? and(value, 255) : x.dtype === "bool" ? value : min(max(value, 0), 255);
    case "float16":
      return x.dtype === "bool" ? value : widenFloat16(narrowFloat16(value));
    case "bfloat16":
      return x.dtype === "bool" ? value : widenBfloat16(narrowBfloat16(value));
    default:
      return value;
  }
}
