/** Guards: a value inside its bounds and another outside, decided for a whole vector where that can be. */
import { range } from "../../graph/affine.ts";
import type { Bound, Expr } from "../../graph/expr.ts";
import { inDoubt } from "../element.ts";
import type { Ins, Reg } from "../vector-ir.ts";
import type { Code } from "./code.ts";
import type { Indices } from "./indices.ts";
import type { Known } from "./known.ts";
import type { Lanes } from "./lanes.ts";
import type { Parts } from "./parts.ts";

/** An expression that stands for one value inside its bounds and for another outside. */
export type Guard = Extract<Expr, { op: "guard" }>;

/** What guards need of values, which may be guards themselves. */
export interface Evaluator {
  /** The register that holds `e`: one lane if it is the same in all lanes. */
  value(e: Expr): Reg;
  /** As `value`, in every lane. */
  wide(e: Expr, lanes: number): Reg;
}

/** What guards are made with. */
export interface GuardTools {
  readonly code: Code;
  readonly lanes: Lanes;
  readonly indices: Indices;
  readonly known: Known;
  readonly parts: Parts;
  readonly values: Evaluator;
}

/** Makes code of guards. */
export class Guards {
  readonly #code: Code;
  readonly #lanes: Lanes;
  readonly #indices: Indices;
  readonly #known: Known;
  readonly #parts: Parts;
  readonly #values: Evaluator;

  constructor({ code, lanes, indices, known, parts, values }: GuardTools) {
    this.#code = code;
    this.#lanes = lanes;
    this.#indices = indices;
    this.#known = known;
    this.#parts = parts;
    this.#values = values;
  }

  /** The register that holds `e`. */
  value(e: Guard): Reg {
    const lanes = this.#lanes.varies(e) ? this.#lanes.count : 1;
    const bounds = e.bounds.filter(inDoubt);
    const moving = bounds.filter((b) => this.#lanes.moves(b.of));
    const dst = this.#code.reg(e.dtype, lanes);
    const branch = (make: () => Reg): Ins[] =>
      this.#code.branch(() => {
        const a = make();
        this.#code.push({ op: "copy", dst, a });
      });
    const value = (): Reg => this.#values.wide(e.value, lanes);

    if (moving.length === 0) {
      const cond = this.#indices.areInside(bounds);
      // The value may be a variable, which changes; the guard's is what it is here.
      if (cond === true) this.#code.push({ op: "copy", dst, a: value() });
      else {
        const then = branch(value);
        this.#code.push({ op: "if", cond, then, else: branch(() => this.#values.wide(e.other, lanes)) });
      }
    } else if (this.#parts.allowsInGuard(e)) {
      const fixed = bounds.filter((b) => !moving.includes(b));
      const cond = this.#indices.areInside(fixed);
      const chosen = (): Reg => this.#inLanes(e, moving, lanes);
      if (cond === true) return this.#known.remember(e, this.#code.depth, chosen());
      const then = branch(chosen);
      this.#code.push({ op: "if", cond, then, else: branch(() => this.#values.wide(e.other, lanes)) });
    } else {
      // Where all lanes are inside, the value is a vector; at an edge each lane decides for itself.
      const isStraight = moving.every((b) => this.#lanes.stride(b.of) !== null);
      const cond = isStraight ? this.#indices.areInside(bounds.flatMap((b) => this.#ends(b))) : true;
      const edge = branch(() => this.#laneByLane(e, lanes));
      if (cond === true && isStraight) return value();
      if (cond === true) {
        for (const ins of edge) this.#code.push(ins);
      } else {
        const then = branch(value);
        this.#code.push({ op: "if", cond, then, else: edge });
      }
    }
    this.#code.place(dst, this.#code.depth);
    return this.#known.remember(e, this.#code.depth, dst);
  }

  /** The value in those lanes that are inside of the bounds, where only they are loaded, and the other in the rest. */
  #inLanes(e: Guard, bounds: readonly Bound[], lanes: number): Reg {
    const conditions = bounds.flatMap(({ of, lo, hi }): Expr[] => {
      const [least, greatest] = range(of);
      const index: Expr = { op: "index", of, dtype: "int32" };
      const number = (value: number): Expr => ({ op: "const", value, dtype: "int32" });
      const below = (a: Expr, b: Expr): Expr => ({ op: "lt", src: [a, b], dtype: "bool" });
      return [
        ...(least < lo ? [below(number(lo - 1), index)] : []),
        ...(greatest >= hi ? [below(index, number(hi))] : []),
      ];
    });
    const { part } = this.#lanes;
    const wide = (c: Expr): Reg => this.#values.wide(c, lanes);
    const both = (a: Reg, b: Reg): Reg =>
      this.#code.emit("bool", lanes, (dst) => ({ op: "alu", f: "and", dst, src: [a, b] }));
    const inside = conditions.map(wide).reduce(both);
    const mask = part ? both(inside, part.mask) : inside;
    this.#code.place(mask, this.#code.depth);
    const value = this.#lanes.masked(mask, () => this.#values.wide(e.value, lanes));
    // What is not loaded is 0.
    const isZero = e.other.op === "const" && Object.is(e.other.value, 0);
    if (isZero && e.value.op === "load" && this.#lanes.moves(e.value.index)) return value;
    const other = wide(e.other);
    const dst = this.#code.emit(e.dtype, lanes, (d) => ({
      op: "alu",
      f: "where",
      dst: d,
      src: [inside, value, other],
    }));
    this.#code.place(dst, this.#code.depth);
    return dst;
  }

  /** The bound on the first and on the last lane. */
  #ends(b: Bound): Bound[] {
    return [0, this.#lanes.count - 1].map((lane) => ({ ...b, of: this.#lanes.indexInLane(b.of, lane) }));
  }

  /** The guarded value, each lane on its own. */
  #laneByLane(e: Guard, lanes: number): Reg {
    let out = this.#values.wide(e.other, lanes);
    for (let lane = 0; lane < lanes; lane++) {
      const one = this.#lanes.inLane(e, lane) as Guard;
      const dst = this.#code.reg(e.dtype, lanes);
      const a = out;
      this.#lanes.scalar(() => {
        const cond = this.#indices.areInside(one.bounds);
        if (cond === true) throw new Error("vector: a guard without bounds");
        const then = this.#code.branch(() => {
          const b = this.#values.value(one.value);
          this.#code.push({ op: "insert", dst, a, b, lane });
        });
        this.#code.push({ op: "if", cond, then, else: [{ op: "copy", dst, a }] });
      });
      out = dst;
    }
    return out;
  }
}
