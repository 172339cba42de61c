/** From values and numbers of a plan to the memory and arguments of one kernel. */

import { type DType, dtypes } from "../graph/dtype.ts";
import type { Affine, Compute, Expr } from "../graph/expr.ts";
import { Rewriter, type Value } from "./kernel.ts";
import type { For, LoopKernel, Memory, Rows, Stmt } from "./loops.ts";
import type { Dot } from "./vector-ir.ts";

/** What scheduling needs to know besides the kernel. */
export interface Context {
  readonly values: readonly Value[];
  /** Types of the numbers that are given at launch. */
  readonly numbers: readonly Compute[];
  /** Whether a value is read outside of the kernel that computes it. */
  isKept(value: number): boolean;
  /** Lanes of a vector of float32, and vector registers. */
  readonly lanes: number;
  readonly registers: number;
  /** Narrow types of which the machine adds up products by itself. */
  readonly dots: readonly Dot[];
  /** Those of them that it multiplies as tiles. */
  readonly tiles: readonly Dot[];
}

/** Loads and stores of a kernel under construction number values, and its scratch arrays from −1 downwards. */
export class Scratches {
  readonly arrays: { readonly dtype: DType; readonly size: number }[] = [];

  add(dtype: DType, size: number): number {
    return -this.arrays.push({ dtype, size });
  }
}

/** Numbers the memory and the arguments that `body` uses, in the order of first use. */
export function bind(
  name: string,
  body: readonly Stmt[],
  lanes: number,
  scratches: Scratches,
  { values, numbers }: Context,
): LoopKernel {
  const written = new Set<number>();
  collectStores(body, written);
  const memory: Memory[] = [];
  const places = new Map<string, number>();
  /** `as`: what is loaded or stored at once, which may be several elements side by side. */
  const place = (value: number, as?: DType): number => {
    const array = value < 0 ? scratches.arrays[-value - 1] : null;
    const own = array ? array.dtype : values[value].dtype;
    const dtype = as && dtypes[as].bytes > dtypes[own].bytes ? as : own;
    const key = `${value}:${dtype}`;
    let at = places.get(key);
    if (at === undefined) {
      at =
        memory.push(
          array ? { kind: "scratch", ...array } : { kind: "buffer", value, dtype, written: written.has(value) },
        ) - 1;
      places.set(key, at);
    }
    return at;
  };
  const used: { number: number; dtype: Compute }[] = [];
  const slots = new Map<number, number>();
  let readsIndices = false;
  const rewriter: Rewriter = new Rewriter(
    (v) => {
      readsIndices ||= v.def?.op === "data";
      return undefined;
    },
    (e): Expr | undefined => {
      if (e.op === "load") return { ...e, buffer: place(e.buffer, e.from), index: rewriter.affine(e.index) };
      if (e.op !== "arg") return undefined;
      let slot = slots.get(e.slot);
      if (slot === undefined) {
        slot = used.push({ number: e.slot, dtype: numbers[e.slot] }) - 1;
        slots.set(e.slot, slot);
      }
      return { ...e, slot };
    },
  );
  const bound = (s: Stmt): Stmt => {
    switch (s.op) {
      case "for":
        return { ...s, body: s.body.map(bound) };
      case "if":
        return { ...s, bounds: s.bounds.map((b) => ({ ...b, of: rewriter.affine(b.of) })), body: s.body.map(bound) };
      case "var":
        return { ...s, init: rewriter.expr(s.init) };
      case "set":
        return { ...s, value: rewriter.expr(s.value) };
      case "fold":
        return s;
      case "store": {
        const value = rewriter.expr(s.value);
        return { ...s, value, index: rewriter.affine(s.index), buffer: place(s.buffer, s.to) };
      }
      case "tiles": {
        const at = ({ buffer, index, pitch }: Rows): Rows => {
          return { buffer: place(buffer, "int32"), index: rewriter.affine(index), pitch };
        };
        return { ...s, a: at(s.a), b: at(s.b), to: at(s.to) };
      }
      default:
        return s satisfies never;
    }
  };
  const statements = body.map(bound);
  if (readsIndices) memory.push({ kind: "report", dtype: "int32" });
  return { name, memory, numbers: used, lanes, body: statements };
}

function collectStores(body: readonly Stmt[], written: Set<number>): void {
  for (const s of body) {
    if (s.op === "store") written.add(s.buffer);
    else if (s.op === "tiles") written.add(s.to.buffer);
    else if (s.op === "for" || s.op === "if") collectStores(s.body, written);
  }
}

/** A loop over `v`, of a kind. */
export interface Level {
  readonly v: For["v"];
  readonly kind: For["kind"];
  readonly limit?: Affine | undefined;
}

/** `body` in loops, the first outermost. */
export function nest(levels: readonly Level[], body: readonly Stmt[]): readonly Stmt[] {
  return levels.reduceRight<readonly Stmt[]>(
    (inner, { v, kind, limit }) =>
      v.size === 1 && !limit ? inner : [{ op: "for", v, kind, body: inner, ...(limit ? { limit } : {}) }],
    body,
  );
}
