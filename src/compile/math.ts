/**
 * Functions and conversions that machines lack, as arithmetic that they have. Every target computes the same bits from
 * it: there is no fused multiply-add here, and no operation whose result is left open.
 */
import { type DType, dtypes } from "../graph/dtype.ts";
import type { Compute, Expr, ScalarOp } from "../graph/expr.ts";
import { parity, rotations } from "../graph/threefry.ts";
import {
  add,
  and,
  bitsOf,
  bool,
  convert,
  eq,
  floatOf,
  int,
  literal,
  lt,
  max,
  min,
  mul,
  negatedBy,
  or,
  sar,
  shl,
  shr,
  sub,
  where,
  xor,
} from "./math-build.ts";
import { float32 } from "./math-float32.ts";
import { float64 } from "./math-float64.ts";

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
    const rule = rules[e.dtype]?.[e.op];
    if (rule) out = rule(src[0], src[1]);
    else if (src.some((s, i) => s !== e.src[i])) out = { ...e, src };
  }
  memo.set(e, out);
  memo.set(out, out);
  return out;
}

type Rules = { readonly [K in ScalarOp]?: (x: Expr, y: Expr) => Expr };
const rules: { readonly [D in Compute]?: Rules } = { float32, float64, int32: { pow: integerPow } };

/** xʸ by squaring, one bit of y after another. It wraps; what a negative power leaves of a fraction is 0. */
function integerPow(x: Expr, y: Expr): Expr {
  let [power, square]: [Expr, Expr] = [int(1), x];
  for (let bit = 0; bit < 31; bit++) {
    power = mul(power, where(eq(and(y, 1 << bit), 0), 1, square));
    square = mul(square, square);
  }
  return where(lt(y, 0), where(or(eq(x, 1), eq(x, -1)), power, 0), power);
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
  return negatedBy(shl(and(bits, 0x8000), 16), where(lt(size, 0x400), small, normal));
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
  const before = roundedOf(x);
  if (before) return before;
  const bits = bitsOf(x);
  const high = shr(bits, 16);
  const number = shr(add(add(bits, and(high, 1)), 0x7fff), 16);
  return where(eq(x, x), number, or(high, 0x40));
}

/** The bits of which `x` was made, if they come from `narrowBfloat16`: rounding again changes nothing. */
function roundedOf(x: Expr): Expr | null {
  const isNumber = (e: Expr, value: number): boolean => e.op === "const" && e.value === value;
  const shifted = x.op === "bitcast" ? x.src[0] : x;
  if (shifted.op !== "shl" || !isNumber(shifted.src[1], 16)) return null;
  const [bits] = shifted.src;
  if (bits.op !== "where" || bits.src[2].op !== "or") return null;
  return isNumber(bits.src[2].src[1], 0x40) ? bits : null;
}

/** The number in the lowest byte, with its sign. */
export function signedByte(x: Expr): Expr {
  return sar(shl(x, 24), 24);
}

/** `x` as a value of type `to`. Floats saturate on their way to integers, and NaN becomes 0; integers wrap. */
export function convertTo(x: Expr, to: DType): Expr {
  const { compute } = dtypes[to];
  if (to === "bool") return x.dtype === "bool" ? x : where(eq(x, 0), bool(false), bool(true));
  const value = x.dtype === "bool" ? where(x, literal(1, compute), literal(0, compute)) : convert(x, compute);
  switch (to) {
    case "uint8":
      return x.dtype === "int32" ? and(value, 255) : x.dtype === "bool" ? value : min(max(value, 0), 255);
    case "int8":
      return x.dtype === "int32" ? signedByte(value) : x.dtype === "bool" ? value : min(max(value, -128), 127);
    case "float16":
      return x.dtype === "bool" ? value : widenFloat16(narrowFloat16(value));
    case "bfloat16":
      return x.dtype === "bool" ? value : widenBfloat16(narrowBfloat16(value));
    default:
      return value;
  }
}
