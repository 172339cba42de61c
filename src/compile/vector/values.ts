/** Values: each is computed once, as far out as it may be, and in one lane where it is the same in all. */
import type { Affine, Expr } from "../../graph/expr.ts";
import { type Ins, memoryBytes, type Reg } from "../vector-ir.ts";
import { type Arguments, memoryOf } from "./arguments.ts";
import type { Code } from "./code.ts";
import type { Depths } from "./depths.ts";
import { type Evaluator, Guards } from "./guards.ts";
import type { Indices } from "./indices.ts";
import { Known } from "./known.ts";
import type { Lanes } from "./lanes.ts";
import { type Parts, partOf } from "./parts.ts";
import type { State } from "./state.ts";

/** What values are made with. */
export interface Tools {
  readonly code: Code;
  readonly state: State;
  readonly lanes: Lanes;
  readonly depths: Depths;
  readonly args: Arguments;
  readonly indices: Indices;
  readonly parts: Parts;
}

/** Makes registers of expressions of operations that machines have. */
export class Values implements Evaluator {
  readonly #code: Code;
  readonly #state: State;
  readonly #lanes: Lanes;
  readonly #depths: Depths;
  readonly #args: Arguments;
  readonly #indices: Indices;
  readonly #known: Known;
  readonly #guards: Guards;

  constructor({ code, state, lanes, depths, args, indices, parts }: Tools) {
    this.#code = code;
    this.#state = state;
    this.#lanes = lanes;
    this.#depths = depths;
    this.#args = args;
    this.#indices = indices;
    this.#known = new Known(code, state, lanes);
    this.#guards = new Guards({ code, lanes, indices, parts, known: this.#known, values: this });
  }

  /** The register that holds `e`: one lane if it is the same in all lanes. */
  value(e: Expr): Reg {
    if (e.op === "local") {
      const { reg, tail, depth, version } = this.#state.local(e.name);
      const lane = this.#lanes.laneOf(e);
      if (lane !== undefined)
        return this.#code.once(`lane:${reg.id}:${version}:${lane}`, depth, () => this.#code.lane(reg, lane, depth));
      return tail && !this.#lanes.areOpen ? tail : reg;
    }
    if (e.op === "const") return this.#code.constant(e.dtype, 1, e.value);
    if (e.op === "arg") return this.#args.number(e.slot, e.dtype, 1);
    return this.#known.find(e) ?? this.#compute(e);
  }

  /** As `value`, in every lane. */
  wide(e: Expr, lanes: number): Reg {
    if (lanes === 1) return this.value(e);
    if (e.op === "const") return this.#code.constant(e.dtype, lanes, e.value);
    if (e.op === "arg") return this.#args.number(e.slot, e.dtype, lanes);
    if (e.op === "load" && !this.#lanes.varies(e) && !this.#known.find(e)) return this.#load(e, lanes);
    const r = this.value(e);
    if (r.lanes === lanes) return r;
    const depth = this.#depthOf(e, r);
    const splat = this.#code.once(`splat:${r.id}:${this.#known.key(e)}`, depth, () =>
      this.#code.emit(r.kind, lanes, (dst) => ({ op: "splat", dst, a: r }), depth),
    );
    this.#code.place(splat, depth);
    return splat;
  }

  /** The innermost scope that the value of `e`, which is in `r`, depends on. */
  #depthOf(e: Expr, r: Reg): number {
    return e.op === "local" ? this.#state.local(e.name).depth : this.#code.placeOf(r);
  }

  #compute(e: Expr): Reg {
    const lanes = this.#lanes.varies(e) ? this.#lanes.count : 1;
    if (e.op === "load") return this.#load(e, lanes);
    if (e.op === "index") return this.#index(e.of);
    if (e.op === "guard") return this.#guards.value(e);
    if (!("src" in e)) throw new Error(`vector: ${e.op} is no computation`);
    const src = e.src.map((s) => this.wide(s, lanes));
    const depth = e.src.reduce((most, s, i) => Math.max(most, this.#depthOf(s, src[i])), 0);
    const ins = (dst: Reg): Ins => {
      if (e.op !== "dot") return { op: "alu", f: e.op as "add", dst, src };
      const [a, b, c] = src;
      return { op: "dot", dst, a, b, c };
    };
    const reg = this.#code.emit(e.dtype, lanes, ins, depth);
    this.#code.place(reg, depth);
    return this.#known.remember(e, depth, reg);
  }

  #load(e: Extract<Expr, { op: "load" }>, lanes: number): Reg {
    const { dtype, buffer, index } = e;
    const from = memoryOf[e.from];
    const apart = this.#lanes.stride(index);
    if (lanes > 1 && apart === null) return this.#lanes.isStepwise(index) ? this.#stepwise(e) : this.#byLane(e);
    const part = lanes > 1 && apart !== 0 ? partOf(this.#lanes.part, apart as number) : null;
    const depth = Math.max(this.#depths.ofValue(e), part?.mask ? this.#code.placeOf(part.mask) : 0);
    const { ptr, offset } = this.#indices.address(buffer, index);
    const stride = lanes > 1 ? (apart as number) * memoryBytes[from] : 0;
    const which = part ? `${part.mask?.id}:${part.count}` : "";
    const key = `load:${ptr.id}:${offset}:${stride}:${lanes}:${from}:${which}:${this.#state.memory(buffer).version}`;
    const reg = this.#code.once(key, depth, () =>
      this.#code.emit(dtype, lanes, (dst) => ({ op: "load", dst, ptr, offset, stride, from, ...part }), depth),
    );
    this.#code.place(reg, depth);
    if (lanes > 1 === this.#lanes.varies(e)) this.#known.remember(e, depth, reg);
    return reg;
  }

  #index(a: Affine): Reg {
    const moves = this.#lanes.moves(a);
    const step = moves ? this.#lanes.stride(a) : 0;
    if (step === null) return this.#byLane({ op: "index", of: a, dtype: "int32" });
    const lanes = moves ? this.#lanes.count : 1;
    const depth = this.#depths.ofIndex(a);
    const at = this.#indices.value(moves ? this.#lanes.indexInLane(a, 0) : a);
    const reg = this.#code.once(`lanes:${at.id}:${lanes}:${step}`, depth, () =>
      this.#code.emit("int32", lanes, (dst) => ({ op: "lanes", dst, a: at, step }), depth),
    );
    this.#code.place(reg, depth);
    return reg;
  }

  /** One element in every lane where the index is the same in all; else lane after lane. */
  #stepwise(e: Extract<Expr, { op: "load" }>): Reg {
    const { count } = this.#lanes;
    const [a, b] = [0, count - 1].map((lane) => this.#indices.value(this.#lanes.indexInLane(e.index, lane)));
    const cond = this.#code.emit("bool", 1, (to) => ({ op: "compare", f: "eq", dst: to, a, b }));
    const dst = this.#code.reg(e.dtype, count);
    const put = (a: Reg): void => this.#code.push({ op: "copy", dst, a });
    const then = this.#code.branch(() => put(this.wide(this.#lanes.inLane(e, 0), count)));
    this.#code.push({ op: "if", cond, then, else: this.#code.rareBranch(() => put(this.#byLane(e))) });
    this.#code.place(dst, this.#code.depth);
    return this.#known.remember(e, this.#code.depth, dst);
  }

  /** Computes lane after lane, and puts the lanes together. */
  #byLane(e: Expr): Reg {
    const { count } = this.#lanes;
    let out = this.#code.constant(e.dtype, count, 0);
    for (let lane = 0; lane < count; lane++) {
      const one = this.#lanes.inLane(e, lane);
      const b = this.#lanes.scalar(() => this.value(one));
      const a = out;
      out = this.#code.emit(e.dtype, count, (dst) => ({ op: "insert", dst, a, b, lane }));
    }
    this.#code.place(out, this.#code.depth);
    return out;
  }
}
