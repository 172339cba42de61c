/**
 * Makes expressions of what machines have: types that registers can hold, and operations that are instructions.
 * Sharing is kept: what was one expression stays one, so that it is computed once.
 */
import type { DType } from "../graph/dtype.ts";
import type { Expr } from "../graph/expr.ts";
import { expand, narrowBfloat16, narrowFloat16, signedByte, widenBfloat16, widenFloat16 } from "./math.ts";

const int = (value: number): Expr => ({ op: "const", value, dtype: "int32" });

export class Legalizer {
  readonly #widened = new Map<Expr, Expr>();
  readonly #expanded = new Map<Expr, Expr>();

  legalize(e: Expr): Expr {
    return expand(this.#widen(e), this.#expanded);
  }

  /** Replaces loads of types that exist only in memory by loads of their bits, and what the bits mean. */
  #widen(e: Expr): Expr {
    const known = this.#widened.get(e);
    if (known) return known;
    let out: Expr = e;
    if (e.op === "load") out = widenLoad(e);
    else if (e.op === "guard") out = { ...e, value: this.#widen(e.value), other: this.#widen(e.other) };
    else if ("src" in e) {
      const src = e.src.map((s) => this.#widen(s));
      if (src.some((s, i) => s !== e.src[i])) out = { ...e, src };
    }
    this.#widened.set(e, out);
    this.#widened.set(out, out);
    return out;
  }
}

function widenLoad(e: Extract<Expr, { op: "load" }>): Expr {
  if (e.from === "int8") return signedByte({ ...e, from: "uint8" });
  if (e.dtype === "int32" && e.from !== "bool") return e; // the bits themselves are meant
  const bits: Expr = { ...e, dtype: "int32" };
  switch (e.from) {
    case "bool":
      return { op: "lt", src: [int(0), { ...bits, from: "uint8" }], dtype: "bool" };
    case "float16":
      return widenFloat16(bits);
    case "bfloat16":
      return widenBfloat16(bits);
    default:
      return e;
  }
}

/** `value` as it is stored in memory of type `to`. */
export function narrow(value: Expr, to: DType): Expr {
  switch (to) {
    case "bool":
      return { op: "where", src: [value, int(1), int(0)], dtype: "int32" };
    case "float16":
      return narrowFloat16(value);
    case "bfloat16":
      return narrowBfloat16(value);
    default:
      return value;
  }
}

/** `value`, the result of an operation on type `dtype`, rounded or wrapped to what that type can hold. */
export function fit(value: Expr, dtype: DType): Expr {
  switch (dtype) {
    case "uint8":
      return { op: "and", src: [value, int(255)], dtype: "int32" };
    case "int8":
      return signedByte(value);
    case "float16":
      return widenFloat16(narrowFloat16(value));
    case "bfloat16":
      return widenBfloat16(narrowBfloat16(value));
    default:
      return value;
  }
}
