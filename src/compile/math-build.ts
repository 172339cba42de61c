/** Short names for building expressions; a number among the operands is a constant of the others' type. */
import type { Compute, Expr, ScalarOp } from "../graph/expr.ts";

const literals = new Map<string, Expr>();

/** The constant of this value; it is one object, so that it is held in one register. */
export function literal(value: number, dtype: Compute): Expr {
  const key = `${dtype}${Object.is(value, -0) ? "-0" : value}`;
  let e = literals.get(key);
  if (!e) {
    e = { op: "const", value, dtype };
    literals.set(key, e);
  }
  return e;
}

export const f32 = (value: number): Expr => literal(Math.fround(value), "float32");
export const int = (value: number): Expr => literal(value | 0, "int32");
export const bool = (value: boolean): Expr => literal(Number(value), "bool");

export type Operand = Expr | number;

const operand = (x: Operand, dtype: Compute): Expr =>
  typeof x !== "number" ? x : dtype === "int32" ? int(x) : dtype === "float32" ? f32(x) : literal(x, dtype);

/** An operation on the type of the first source that is not a number; numbers are constants of that type. */
function apply(op: ScalarOp, sources: readonly Operand[], result?: Compute): Expr {
  const { dtype } = sources.find((s) => typeof s !== "number") as Expr;
  return { op, src: sources.map((s) => operand(s, dtype)), dtype: result ?? dtype };
}

export const add = (a: Operand, b: Operand): Expr => apply("add", [a, b]);
export const sub = (a: Operand, b: Operand): Expr => apply("sub", [a, b]);
export const mul = (a: Operand, b: Operand): Expr => apply("mul", [a, b]);
/** a · b + c, rounded once or twice: for sums that are good enough either way. */
export const fma = (a: Operand, b: Operand, c: Operand): Expr => apply("fma", [a, b, c]);
export const div = (a: Operand, b: Operand): Expr => apply("div", [a, b]);
export const max = (a: Operand, b: Operand): Expr => apply("max", [a, b]);
export const min = (a: Operand, b: Operand): Expr => apply("min", [a, b]);
export const and = (a: Operand, b: Operand): Expr => apply("and", [a, b]);
export const or = (a: Operand, b: Operand): Expr => apply("or", [a, b]);
export const xor = (a: Operand, b: Operand): Expr => apply("xor", [a, b]);
export const shl = (a: Operand, b: number): Expr => apply("shl", [a, b]);
export const shr = (a: Operand, b: number): Expr => apply("shr", [a, b]);
export const sar = (a: Operand, b: number): Expr => apply("sar", [a, b]);
export const neg = (a: Expr): Expr => apply("neg", [a]);
export const sqrt = (a: Expr): Expr => apply("sqrt", [a]);
export const floor = (a: Expr): Expr => apply("floor", [a]);
export const lt = (a: Operand, b: Operand): Expr => apply("lt", [a, b], "bool");
export const eq = (a: Operand, b: Operand): Expr => apply("eq", [a, b], "bool");
export const bitsOf = (x: Expr): Expr => apply("bitcast", [x], "int32");
export const floatOf = (bits: Expr): Expr => apply("bitcast", [bits], "float32");
export const convert = (x: Expr, to: Compute): Expr => (x.dtype === to ? x : apply("convert", [x], to));

export function where(cond: Expr, a: Operand, b: Operand): Expr {
  const { dtype } = typeof a !== "number" ? a : (b as Expr);
  return { op: "where", src: [cond, operand(a, dtype), operand(b, dtype)], dtype };
}

type MultiplyAdd = (a: Operand, b: Operand, c: Operand) => Expr;
const twice: MultiplyAdd = (a, b, c) => add(mul(a, b), c);

/** `c[0] + c[1]·x + c[2]·x² …`, by Horner's rule. */
export function polynomial(x: Expr, c: readonly number[], step: MultiplyAdd = twice): Expr {
  return c.slice(0, -1).reduceRight((sum: Operand, k) => step(x, sum, k), c.at(-1) as number) as Expr;
}

/** |x| of a float, and the bit of its sign, which a float64 has in common with the nearest float32. */
export function split(x: Expr): [Expr, Expr] {
  const bits = bitsOf(convert(x, "float32"));
  const sign = and(bits, 1 << 31);
  return [x.dtype === "float32" ? floatOf(xor(bits, sign)) : max(x, neg(x)), sign];
}

/** The float `x`, negated where the bit is set. */
export function negatedBy(sign: Expr, x: Expr): Expr {
  return x.dtype === "float32" ? floatOf(xor(bitsOf(x), sign)) : where(eq(sign, 0), x, neg(x));
}
