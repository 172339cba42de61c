/**
 * Vector IR: the last form before machine code, shared by WebAssembly and x64. Three-address instructions on virtual
 * registers, which may be written more than once, in structured loops.
 */
import type { Compute, GraphScalar, KernelScalar } from "../graph/expr.ts";

/** What a register holds: `int` is an address or an index, as wide as a pointer; the others are data. */
export type Kind = "int" | Compute;

/**
 * A virtual register. With `lanes` 1 a bool is 0 or 1; with more it is a mask, all ones or all zeros in each lane.
 * `int` has one lane, and so has `float64`.
 */
export interface Reg {
  readonly id: number;
  readonly kind: Kind;
  readonly lanes: number;
}

/** How an element lies in memory. Loads of the narrow ones give int32, stores of them take it. */
export type Memory = "uint8" | "uint16" | "int32" | "float32" | "float64";
export const memoryBytes: Record<Memory, number> = { uint8: 1, uint16: 2, int32: 4, float32: 4, float64: 8 };

/**
 * What an `alu` instruction does, lane by lane, on the kind of its sources. On bool, `mul`, `min` and `and` are and;
 * `add`, `max` and `or` are or. `lt` and `eq` give bool. `div` on int32 truncates, with divisor 1 where it is 0 or
 * where INT_MIN is divided by −1. `max` and `min` are IEEE 754-2019's: a NaN wins, and −0 < +0; `pmax` is the second source where it is greater, else the first, and `pmin` likewise. `fma` may round once
 * or twice. Shifts take their count modulo 32. `bitcast` is between int32 and float32. `convert` is between int32,
 * float32 and float64: to int32 it truncates and saturates, and NaN gives 0.
 */
export type Alu =
  | Exclude<GraphScalar, "exp" | "log" | "sin" | "cos" | "tanh" | "erf" | "pow">
  | Exclude<KernelScalar, "dot">;

/** Types of which a machine may have an instruction that adds up products; it takes as many as fill 4 bytes at once. */
export type Dot = "bfloat16" | "int8";
export const dotSize: Record<Dot, number> = { bfloat16: 2, int8: 4 };

/** What a `tiles` instruction takes: two tiles of 16 words beside and below each other, and words of depth in each. */
export const tileColumns = 32;
export const mostTileRows = 32;
export const tileDepth = 16;

export type Ins =
  | { readonly op: "const"; readonly dst: Reg; readonly value: number }
  /** The value in 8-byte slot `slot` of the argument block: a pointer (`int`) or a number, in every lane. */
  | { readonly op: "param"; readonly dst: Reg; readonly slot: number }
  /** The number of the work item, and the address of the scratch memory of the thread. */
  | { readonly op: "item" | "scratch"; readonly dst: Reg }
  | { readonly op: "copy"; readonly dst: Reg; readonly a: Reg }
  /** One lane into every lane. */
  | { readonly op: "splat"; readonly dst: Reg; readonly a: Reg }
  | { readonly op: "extract"; readonly dst: Reg; readonly a: Reg; readonly lane: number }
  /** `a` with lane `lane` replaced by `b`. */
  | { readonly op: "insert"; readonly dst: Reg; readonly a: Reg; readonly b: Reg; readonly lane: number }
  /** Index arithmetic. `div` and `mod` have a ≥ 0 and a constant b > 0. */
  | {
      readonly op: "int";
      readonly f: "add" | "sub" | "mul" | "div" | "mod" | "min" | "max";
      readonly dst: Reg;
      readonly a: Reg;
      readonly b: Reg | number;
    }
  /** Comparison of indices: a bool of one lane. */
  | {
      readonly op: "compare";
      readonly f: "lt" | "ge" | "eq";
      readonly dst: Reg;
      readonly a: Reg;
      readonly b: Reg | number;
    }
  /** The int32 vector `a, a + step, a + 2·step, …` of an index. */
  | { readonly op: "lanes"; readonly dst: Reg; readonly a: Reg; readonly step: number }
  /** An int32 as an index. */
  | { readonly op: "toInt"; readonly dst: Reg; readonly a: Reg }
  /** Lane `l` is at `ptr + offset + l · stride` bytes; stride 0 reads one element into every lane. No alignment is promised. */
  | {
      readonly op: "load";
      readonly dst: Reg;
      readonly ptr: Reg;
      readonly offset: number;
      readonly stride: number;
      readonly from: Memory;
      /** Lanes outside of it are not loaded, and are 0. It takes elements side by side, of 4 bytes; of fewer with 16 lanes only. */
      readonly mask?: Reg;
      /** Lanes from this on are not loaded, and may be anything. It takes elements of 4 bytes that are not side by side. */
      readonly count?: number;
    }
  | {
      readonly op: "store";
      readonly src: Reg;
      readonly ptr: Reg;
      readonly offset: number;
      readonly stride: number;
      readonly to: Memory;
      /** Only these lanes are stored, or only this many: as with loads. */
      readonly mask?: Reg;
      readonly count?: number;
    }
  | { readonly op: "alu"; readonly f: Alu; readonly dst: Reg; readonly src: readonly Reg[] }
  /**
   * `c` + Σ `a`·`b` over the narrow numbers that lie in an int32, the lowest first: into float32, two `bfloat16`, the
   * second product added first, each sum rounded to nearest and what is subnormal taken as 0; into int32, four of `uint8`
   * in `a` with `int8` in `b`, wrapping. Only for machines whose target says that they have it.
   */
  | { readonly op: "dot"; readonly dst: Reg; readonly a: Reg; readonly b: Reg; readonly c: Reg }
  /**
   * `to[i, j] = Σ a[i, k] · b[k, j]` over `rows` rows of at most `mostTileRows`, `tileColumns` columns and `depth` words,
   * rows `pitches` bytes apart. Words are as in `dot`, but int32 takes `int8` in `a` and `uint8` in `b`, and float32 sums
   * runs of `tileDepth` words: first products of the low halves, and those of the high ones, one after the other in one
   * rounding each, then both together, then that with the runs before. Only for machines with tiles.
   */
  | {
      readonly op: "tiles";
      readonly type: "float32" | "int32";
      readonly rows: number;
      readonly depth: number;
      readonly a: Reg;
      readonly b: Reg;
      readonly to: Reg;
      readonly pitches: { readonly a: number; readonly b: number; readonly to: number };
    }
  /** Runs `body` `count` times; not at all if a count in a register is ≤ 0. */
  | { readonly op: "loop"; readonly count: number | Reg; readonly body: readonly Ins[] }
  | { readonly op: "if"; readonly cond: Reg; readonly then: readonly Ins[]; readonly else: readonly Ins[] };

/** One kernel: a function of its argument block, a work item, and the thread's scratch memory. */
export interface Program {
  readonly name: string;
  readonly body: readonly Ins[];
}

/** Shows `see` every register that an instruction reads itself, not in its body or branches. */
export function eachSource(ins: Ins, see: (r: Reg) => void): void {
  if ("a" in ins) see(ins.a);
  if ("b" in ins && typeof ins.b !== "number") see(ins.b);
  if ("c" in ins) see(ins.c);
  if (ins.op === "alu") for (const r of ins.src) see(r);
  else if (ins.op === "store") see(ins.src);
  else if (ins.op === "tiles") see(ins.to);
  if ("ptr" in ins) see(ins.ptr);
  if ("mask" in ins && ins.mask) see(ins.mask);
  if (ins.op === "loop" && typeof ins.count !== "number") see(ins.count);
  if (ins.op === "if") see(ins.cond);
}
