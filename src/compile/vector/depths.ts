/** How far out a value may be computed: the depth of the innermost scope that it depends on. */
import type { Affine, Expr, Var } from "../../graph/expr.ts";
import type { Legalizer } from "../legalize.ts";
import type { Code } from "./code.ts";
import type { State } from "./state.ts";

/** Depths as they are now: they grow where something changes in the loop that is open. */
export class Depths {
  readonly #code: Code;
  readonly #state: State;
  readonly #legalizer: Legalizer;

  constructor(code: Code, state: State, legalizer: Legalizer) {
    this.#code = code;
    this.#state = state;
    this.#legalizer = legalizer;
  }

  ofVariable(v: Var): number {
    if (!v.def) {
      const binding = this.#state.bindingOf(v);
      if (!binding) throw new Error(`vector: ${v.name} is not bound`);
      return binding.depth;
    }
    const depth = v.def.op === "data" ? this.ofValue(this.#legalizer.legalize(v.def.of)) : this.ofIndex(v.def.of);
    return Math.max(depth, this.#code.rareDepth);
  }

  ofIndex(a: Affine): number {
    let depth = 0;
    for (const v of a.terms.keys()) depth = Math.max(depth, this.ofVariable(v));
    return depth;
  }

  ofValue(e: Expr, seen: Set<Expr> = new Set()): number {
    if (seen.has(e) || e.op === "const" || e.op === "arg") return 0;
    seen.add(e);
    if (e.op === "local") return this.#state.local(e.name).depth;
    if (e.op === "index") return this.ofIndex(e.of);
    if (e.op === "load") {
      // A load in a branch, or in a loop that may have no iteration, may be outside of memory anywhere else.
      return Math.max(this.ofIndex(e.index), this.#state.memory(e.buffer).depth, this.#code.branchDepth);
    }
    if (e.op === "guard") return this.#code.depth;
    let depth = 0;
    for (const s of e.src) depth = Math.max(depth, this.ofValue(s, seen));
    return depth;
  }
}
