/** Indices: addresses become pointers that advance with their loops, and definitions of variables become arithmetic. */
import { nameOf } from "../../graph/affine.ts";
import type { Affine, Bound, Expr, Var } from "../../graph/expr.ts";
import type { Ins, Reg } from "../vector-ir.ts";
import type { Arguments } from "./arguments.ts";
import type { Code } from "./code.ts";
import type { Depths } from "./depths.ts";
import type { Binding, State } from "./state.ts";

/** What indices need of values, which need indices themselves: the register that holds an integer found in memory. */
export type ReadIndex = (of: Expr) => Reg;

/** Makes registers of indices. */
export class Indices {
  readonly #code: Code;
  readonly #state: State;
  readonly #depths: Depths;
  readonly #args: Arguments;
  readonly #read: ReadIndex;

  constructor(code: Code, state: State, depths: Depths, args: Arguments, read: ReadIndex) {
    this.#code = code;
    this.#state = state;
    this.#depths = depths;
    this.#args = args;
    this.#read = read;
  }

  /** The value of an index. */
  value(a: Affine): Reg {
    const only = a.base === 0 && a.terms.size === 1 ? [...a.terms][0] : null;
    if (only && only[1] === 1) {
      const binding = this.#state.bindingOf(only[0]);
      if (!binding) return this.#defined(only[0]);
      if (binding.reg) return binding.reg;
    }
    return this.#advance(this.#code.constant("int", 1, a.base), a, 1);
  }

  /** The pointer and the constant distance from it of element `index` of memory `m`. */
  address(m: number, index: Affine): { ptr: Reg; offset: number } {
    const bytes = this.#args.elementBytes(m);
    let base = this.#args.pointer(m);
    let offset = index.base * bytes;
    if (offset < 0) {
      base = this.#code.int("add", base, offset, 0);
      offset = 0;
    }
    return { ptr: this.#advance(base, index, bytes), offset };
  }

  /** A bool that holds where all bounds do; `true` where there are none. */
  areInside(bounds: readonly Bound[]): Reg | true {
    let all: Reg | true = true;
    for (const b of bounds) {
      const at = this.value(b.of);
      // Both sides in one comparison would need unsigned arithmetic; two are as cheap where one of them is known.
      for (const [f, limit] of [
        ["ge", b.lo],
        ["lt", b.hi],
      ] as const) {
        const one = this.#code.emit("bool", 1, (dst) => ({ op: "compare", f, dst, a: at, b: limit }));
        const sofar: Reg | true = all;
        all =
          sofar === true ? one : this.#code.emit("bool", 1, (dst) => ({ op: "alu", f: "and", dst, src: [sofar, one] }));
      }
    }
    return all;
  }

  /** `start + Σ coef · v · unit`, built from the outermost loop inwards, so that each loop only advances a pointer. */
  #advance(start: Reg, { terms: given }: Affine, unit: number): Reg {
    const terms = [...given].map(([v, coef]) => {
      const binding = this.#state.bindingOf(v);
      return {
        v,
        binding,
        by: coef * unit,
        depth: this.#depths.ofVariable(v),
        advances: binding !== undefined && binding.step !== 0,
      };
    });
    // A pointer that advances with a loop starts outside of it, so it goes before what is computed in that loop.
    terms.sort((p, q) => p.depth - q.depth || Number(q.advances) - Number(p.advances));
    let at = start;
    for (const { v, binding, by, depth } of terms) {
      if (binding && binding.step !== 0) at = this.#induction(at, binding, by);
      else at = this.#plus(at, binding ? (binding.reg ?? binding.start) : this.#defined(v), by, depth);
    }
    return at;
  }

  /** A register that is `at + v · by` in the loop of `v`, and advances with it. */
  #induction(at: Reg, { depth, start, step }: Binding, by: number): Reg {
    return this.#code.once(`advance:${at.id}:${by}`, depth, () => {
      const from = this.#plus(at, start, by, depth - 1);
      const reg = this.#code.reg("int", 1);
      this.#code.push({ op: "copy", dst: reg, a: from }, depth - 1);
      this.#code.pushAfter({ op: "int", f: "add", dst: reg, a: reg, b: step * by }, depth);
      return reg;
    });
  }

  /** `at + value · by`. */
  #plus(at: Reg, value: Reg | number, by: number, depth: number): Reg {
    if (typeof value === "number") return value === 0 ? at : this.#code.int("add", at, value * by, depth);
    return this.#code.int("add", at, by === 1 ? value : this.#code.int("mul", value, by, depth), depth);
  }

  /** The value of a variable that stands for a quotient, a remainder, or an integer in memory. */
  #defined(v: Var): Reg {
    const { def } = v;
    if (!def) throw new Error(`vector: ${v.name} has no definition`);
    const depth = this.#depths.ofVariable(v);
    return this.#code.once(`def:${nameOf(v)}`, depth, () => {
      if (def.op !== "data") return this.#code.int(def.op, this.value(def.of), def.by, depth);
      const a = this.#read(def.of);
      const raw = this.#code.emit("int", 1, (dst) => ({ op: "toInt", dst, a }), depth);
      this.#report(a, raw, v.size, depth);
      return this.#code.int("min", this.#code.int("max", raw, 0, depth), v.size - 1, depth);
    });
  }

  /** Says where the host looks that an index is not below `size`. Which of several is told is of no importance. */
  #report(index: Reg, raw: Reg, size: number, depth: number): void {
    const ptr = this.#args.report();
    const values = [this.#code.constant("int32", 1, 1), index, this.#code.constant("int32", 1, size)];
    const then = values.map((src, i): Ins => ({ op: "store", src, ptr, offset: 4 * i, stride: 0, to: "int32" }));
    for (const [f, b] of [
      ["lt", 0],
      ["ge", size],
    ] as const) {
      const cond = this.#code.emit("bool", 1, (dst) => ({ op: "compare", f, dst, a: raw, b }), depth);
      this.#code.push({ op: "if", cond, then, else: [] }, depth);
    }
  }
}
