/**
 * What a kernel computes: indices that are affine in its loop variables, and expressions over loads at such indices.
 * Only the shapes of the data are here; arithmetic on indices is in affine.ts.
 */
import type { DType } from "./dtype.ts";

/** A loop variable, or a value computed from others: it runs over 0 … size − 1. */
export interface Var {
  readonly name: string;
  readonly size: number;
  /** Set when the variable stands for `floor(of / by)`, for `of mod by`, or for an integer that is read from memory. */
  readonly def?: DivMod | Data;
}
export interface DivMod {
  readonly op: "div" | "mod";
  readonly of: Affine;
  readonly by: number;
}
/** An index found in memory: clamped to 0 … size − 1, and an error is flagged where it had to be. */
export interface Data {
  readonly op: "data";
  readonly of: Expr;
}

/** `base + Σ coef · v`. */
export interface Affine {
  readonly base: number;
  readonly terms: ReadonlyMap<Var, number>;
}

/** `lo ≤ of < hi`. */
export interface Bound {
  readonly of: Affine;
  readonly lo: number;
  readonly hi: number;
}

/** The types a register can have; narrower ones exist only in memory. */
export type Compute = "bool" | "int32" | "float32" | "float64";

/** Elementwise operations of the graph: each has a meaning, a derivative and a row in the table of tests. */
export type GraphScalar = Exclude<Unary, "cast"> | Binary | "where";
export type Unary = "cast" | "neg" | "sqrt" | "exp" | "log" | "sin" | "cos" | "tanh" | "erf" | "floor";
export type Binary = "add" | "mul" | "div" | "pow" | "max" | "min" | "lt" | "eq";

/**
 * Operations that only kernels have. `fma` is fused where the target can (only in matmul cores); `sub` saves a
 * negation; `dot` adds to its third source the products of the narrow numbers that lie in the int32s of the others (see
 * compile/vector-ir.ts); `pmax(a, b)` is b where a < b, else a, and `pmin` likewise: an instruction, where `max` is eight. The rest serve conversions, the random generator, and functions made of polynomials (compile/math.ts).
 */
export type KernelScalar =
  | "fma"
  | "sub"
  | "pmax"
  | "pmin"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shr"
  | "sar"
  | "bitcast"
  | "convert"
  | "dot";

export type ScalarOp = GraphScalar | KernelScalar;

export type Expr =
  | { readonly op: "const"; readonly value: number; readonly dtype: Compute }
  /** A number given at launch, in slot `slot` of the kernel's arguments. */
  | { readonly op: "arg"; readonly slot: number; readonly dtype: Compute }
  /** The value of an index. */
  | { readonly op: "index"; readonly of: Affine; readonly dtype: "int32" }
  /** An element of a buffer; `from` is its type in memory, and `dtype` the one it is widened to. */
  | {
      readonly op: "load";
      readonly buffer: number;
      readonly index: Affine;
      readonly from: DType;
      readonly dtype: Compute;
    }
  /** A mutable variable of the kernel, such as an accumulator. */
  | { readonly op: "local"; readonly name: string; readonly dtype: Compute }
  /** The value inside the bounds, `other` outside. It guards the value, not the loads: `pad(exp(x))` is not `exp(pad(x))`. */
  | {
      readonly op: "guard";
      readonly bounds: readonly Bound[];
      readonly value: Expr;
      readonly other: Expr;
      readonly dtype: Compute;
    }
  | { readonly op: ScalarOp; readonly src: readonly Expr[]; readonly dtype: Compute };
