/**
 * Parts of vectors: what does not fill a vector is still computed as one, if the machine can load and store some lanes
 * and leave the others alone. What is in the others does not matter then.
 */
import type { Expr } from "../../graph/expr.ts";
import type { Legalizer } from "../legalize.ts";
import { dataOf, partsOf, type Stmt } from "../loops.ts";
import { type Memory, memoryBytes, type Reg } from "../vector-ir.ts";
import { memoryOf } from "./arguments.ts";
import type { Lanes, Part } from "./lanes.ts";
import type { State } from "./state.ts";

/** Whether a machine with so many lanes can load and store some of them: all can but WebAssembly, which has 4. */
export const hasParts = (lanes: number): boolean => lanes > 4;

/** What to say of the lanes that are there, to a load or store of elements that far apart. */
export function partOf(part: Part | null, stride: number): { mask?: Reg; count?: number } | null {
  if (!part) return null;
  if (stride === 1) return { mask: part.mask };
  if (part.count === null) throw new Error("vector: only the first lanes may be apart");
  return { count: part.count };
}

/** Tells what can be computed with some of the lanes. */
export class Parts {
  readonly #lanes: Lanes;
  readonly #state: State;
  readonly #legalizer: Legalizer;

  constructor(lanes: Lanes, state: State, legalizer: Legalizer) {
    this.#lanes = lanes;
    this.#state = state;
    this.#legalizer = legalizer;
  }

  /** Whether the statements of the vector loop that is open can be. `apart`: elements need not lie side by side. */
  allow(body: readonly Stmt[], apart: boolean): boolean {
    if (!hasParts(this.#lanes.count)) return false;
    const own = new Set<string>();
    const seen = new Set<Expr>();
    const all = (some: readonly Stmt[]): boolean =>
      some.every((s): boolean => {
        switch (s.op) {
          case "for":
            return !(s.limit && this.#lanes.moves(s.limit)) && all(s.body);
          case "if":
            return s.bounds.every((b) => !this.#lanes.moves(b.of)) && all(s.body);
          case "var":
            own.add(s.name);
            return this.#allows(this.#legalizer.legalize(s.init), apart, seen);
          case "set":
            // What is gathered over lanes must not take in those that are not there.
            return (
              (own.has(s.name) || this.#state.local(s.name).tail === null) &&
              this.#allows(this.#legalizer.legalize(s.value), apart, seen)
            );
          case "fold":
          case "tiles":
            return false;
          case "store": {
            if (dataOf(s.index).length > 0) return false;
            const stride = this.#lanes.stride(s.index);
            if (!this.#hasPartsOf(memoryOf[s.to], stride)) return false;
            if (stride === null || stride === 0 || (stride !== 1 && !apart)) return false;
            return this.#allows(this.#legalizer.legalize(s.value), apart, seen);
          }
          default:
            return s satisfies never;
        }
      });
    return all(body);
  }

  /** Whether a value can be computed in lanes that are at the edge of a guard. */
  allowsInGuard(e: Expr): boolean {
    return hasParts(this.#lanes.count) && this.#allows(e, false, new Set());
  }

  /** Whether elements of a type that far apart can be loaded and stored in part: narrow ones only by AVX-512, side by side. */
  #hasPartsOf(memory: Memory, stride: number | null): boolean {
    const bytes = memoryBytes[memory];
    return bytes === 4 || (bytes < 4 && stride === 1 && this.#lanes.count === 16);
  }

  #allows(e: Expr, apart: boolean, seen: Set<Expr>): boolean {
    if (seen.has(e)) return true;
    if (e.op === "load") {
      if (dataOf(e.index).length > 0) return false;
      const stride = this.#lanes.stride(e.index);
      if (stride === null) return false;
      if (stride !== 0 && (!this.#hasPartsOf(memoryOf[e.from], stride) || (stride !== 1 && !apart))) return false;
    } else if (e.op === "index") {
      if (dataOf(e.of).length > 0 || this.#lanes.stride(e.of) === null) return false;
    } else if (e.op === "guard") {
      if (e.bounds.some((b) => dataOf(b.of).length > 0 || this.#lanes.stride(b.of) === null)) return false;
      // At its edge the lanes that are there need not be the first.
      if (e.bounds.some((b) => this.#lanes.moves(b.of)))
        return this.#allows(e.value, false, new Set()) && this.#allows(e.other, apart, seen);
    }
    if (!partsOf(e).every((s) => this.#allows(s, apart, seen))) return false;
    seen.add(e);
    return true;
  }
}
