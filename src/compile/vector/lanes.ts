/** Lanes: the vector loop that is being lowered, what differs between its iterations, and what one of them sees. */
import { add, constant, substitute, variable } from "../../graph/affine.ts";
import type { Affine, Expr, Var } from "../../graph/expr.ts";
import type { Legalizer } from "../legalize.ts";
import { affinesOf, partsOf } from "../loops.ts";
import type { Reg } from "../vector-ir.ts";
import type { State } from "./state.ts";

/** The variable whose iterations are the lanes, and its twin that stands for the first of them. */
export interface VectorLoop {
  readonly v: Var;
  readonly first: Var;
  /** Set where not all lanes are iterations. */
  readonly part?: Part;
}

/** The lanes that are there: a bool for each, and their number where it is known and they are the first. */
export interface Part {
  readonly mask: Reg;
  readonly count: number | null;
}

/** Questions about lanes, all of them answered for the vector loop that is open. */
export class Lanes {
  /** The lanes of a vector. */
  readonly count: number;
  readonly #state: State;
  readonly #legalizer: Legalizer;
  readonly #varies = new Map<Expr, boolean>();
  /** Which lane is meant of a variable that has one value per lane. */
  readonly #laneOfLocal = new Map<Expr, number>();
  #loop: VectorLoop | null = null;

  constructor(count: number, state: State, legalizer: Legalizer) {
    this.count = count;
    this.#state = state;
    this.#legalizer = legalizer;
  }

  /** Whether iterations are lanes now. */
  get areOpen(): boolean {
    return this.#loop !== null;
  }

  /** Lowers with iterations of `loop` as lanes. */
  open(loop: VectorLoop, lower: () => void): void {
    this.#varies.clear();
    this.#within(loop, lower);
  }

  /** Lowers with only those lanes that are in `mask`, and there before. */
  masked<T>(mask: Reg, lower: () => T): T {
    return this.#within({ ...(this.#loop as VectorLoop), part: { mask, count: null } }, lower);
  }

  /** The lanes that are there; null where all are. */
  get part(): Part | null {
    return this.#loop?.part ?? null;
  }

  /** Lowers as if there were no lanes. */
  scalar<T>(lower: () => T): T {
    return this.#within(null, lower);
  }

  #within<T>(loop: VectorLoop | null, lower: () => T): T {
    const before = this.#loop;
    this.#loop = loop;
    const result = lower();
    this.#loop = before;
    return result;
  }

  // what differs between lanes

  /** Whether the value differs between lanes. */
  varies(e: Expr): boolean {
    if (!this.#loop) return false;
    const known = this.#varies.get(e);
    if (known !== undefined) return known;
    const varies =
      e.op === "local"
        ? this.#state.local(e.name).reg.lanes > 1
        : affinesOf(e).some((a) => this.moves(a)) || partsOf(e).some((s) => this.varies(s));
    this.#varies.set(e, varies);
    return varies;
  }

  /** Whether an index differs between lanes, directly or through what it is computed from. */
  moves(a: Affine): boolean {
    return this.#loop !== null && [...a.terms.keys()].some((t) => this.#moves(t));
  }

  #moves(t: Var): boolean {
    if (t === this.#loop?.v) return true;
    if (!t.def) return false;
    return t.def.op === "data" ? this.varies(this.#legalizer.legalize(t.def.of)) : this.moves(t.def.of);
  }

  /** How many elements apart the lanes of an index are: null where that differs from lane to lane. */
  stride(a: Affine): number | null {
    if (!this.#loop) return 0;
    const { v } = this.#loop;
    for (const t of a.terms.keys()) if (t !== v && this.#moves(t)) return null;
    return a.terms.get(v) ?? 0;
  }

  /**
   * Whether an index grows from lane to lane only by quotients that most neighbours have in common, so that where it is the
   * same in the first and the last lane, it is so in all.
   */
  isStepwise(a: Affine, by = 1): boolean {
    return [...a.terms].every(([t, coef]) => {
      if (!this.#moves(t)) return true;
      if (coef < 0) return false;
      if (!t.def) return by >= 2 * this.count * coef;
      return t.def.op === "div" && this.isStepwise(t.def.of, Math.floor((by * t.def.by) / coef));
    });
  }

  // what one lane sees

  /** `e` as lane `lane` sees it: the vector variable is the first lane's plus `lane`. */
  inLane(e: Expr, lane: number, memo: Map<Expr, Expr> = new Map()): Expr {
    const known = memo.get(e);
    if (known) return known;
    let out: Expr = e;
    if (e.op === "load") out = { ...e, index: this.indexInLane(e.index, lane) };
    else if (e.op === "local" && this.varies(e)) {
      out = { ...e };
      this.#laneOfLocal.set(out, lane);
    } else if (e.op === "index") out = { ...e, of: this.indexInLane(e.of, lane) };
    else if (e.op === "guard")
      out = {
        ...e,
        bounds: e.bounds.map((b) => ({ ...b, of: this.indexInLane(b.of, lane) })),
        value: this.inLane(e.value, lane, memo),
        other: this.inLane(e.other, lane, memo),
      };
    else if ("src" in e) {
      const src = e.src.map((s) => this.inLane(s, lane, memo));
      if (src.some((s, i) => s !== e.src[i])) out = { ...e, src };
    }
    memo.set(e, out);
    return out;
  }

  /** The lane that is meant of a variable; undefined where all of it is. */
  laneOf(local: Expr): number | undefined {
    return this.#laneOfLocal.get(local);
  }

  /** An index as lane `lane` sees it. */
  indexInLane(a: Affine, lane: number): Affine {
    const { v, first } = this.#loop as VectorLoop;
    return substitute(a, (t) => (t === v ? add(variable(first), constant(lane)) : this.#dataInLane(t, lane)));
  }

  /** A variable read from memory. */
  #dataInLane(t: Var, lane: number): Affine | undefined {
    if (t.def?.op !== "data") return undefined;
    const of = this.inLane(t.def.of, lane);
    return of === t.def.of ? undefined : variable({ ...t, def: { op: "data", of } });
  }
}
