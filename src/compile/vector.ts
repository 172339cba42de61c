/**
 * Loop IR → vector IR. What both kinds of machine code need is done here, once: addresses become pointers that advance
 * with their loops, what does not change in a loop moves out of it, equal values are computed once, and strides decide
 * whether a vector is loaded whole, splat, lane by lane, or not as a vector at all. Statements are lowered in this file,
 * and what they are made of in vector/.
 */
import { range } from "../graph/affine.ts";
import type { Affine, Expr, Var } from "../graph/expr.ts";
import { Legalizer, narrow } from "./legalize.ts";
import { type Fold, type For, itemsOf, type LoopKernel, type Rows, type Stmt, type Tiles } from "./loops.ts";
import { Arguments, memoryOf } from "./vector/arguments.ts";
import { Code } from "./vector/code.ts";
import { Depths } from "./vector/depths.ts";
import { Indices } from "./vector/indices.ts";
import { Lanes, type Part } from "./vector/lanes.ts";
import { Parts, partOf } from "./vector/parts.ts";
import { State } from "./vector/state.ts";
import { Values } from "./vector/values.ts";
import { type Memory, memoryBytes, type Program, type Reg } from "./vector-ir.ts";

export { scratchBytesOf } from "./vector/arguments.ts";

/** A kernel as three-address code. */
export function vectorize(kernel: LoopKernel): Program {
  return new Lowering(kernel).run();
}

/** A loop of so many iterations, in which the variable starts and goes on as given. */
interface Steps {
  readonly count: number | Reg;
  readonly start: number | Reg;
  readonly step: number;
}

class Lowering {
  readonly #kernel: LoopKernel;
  readonly #state: State;
  readonly #code: Code;
  readonly #lanes: Lanes;
  readonly #indices: Indices;
  readonly #values: Values;
  readonly #parts: Parts;
  readonly #legalizer = new Legalizer();

  constructor(kernel: LoopKernel) {
    this.#kernel = kernel;
    const state = new State(kernel.memory.length);
    const code = new Code(state);
    const lanes = new Lanes(kernel.lanes, state, this.#legalizer);
    const depths = new Depths(code, state, this.#legalizer);
    const args = new Arguments(kernel, code);
    const indices = new Indices(code, state, depths, args, (of) => this.#value(of));
    this.#state = state;
    this.#code = code;
    this.#lanes = lanes;
    this.#indices = indices;
    this.#parts = new Parts(lanes, state, this.#legalizer);
    this.#values = new Values({ code, state, lanes, depths, args, indices, parts: this.#parts });
  }

  run(): Program {
    return { name: this.#kernel.name, body: this.#code.kernel(() => this.#block(this.#item())) };
  }

  /** Binds the parallel loops to the number of the item, and returns what is inside of them. */
  #item(): readonly Stmt[] {
    let { body } = this.#kernel;
    let rest = itemsOf(this.#kernel);
    let item = rest > 1 ? this.#code.emit("int", 1, (dst) => ({ op: "item", dst })) : null;
    for (let s = body[0]; s?.op === "for" && s.kind === "parallel"; s = body[0]) {
      rest /= s.v.size;
      const reg: Reg | number = !item || s.v.size === 1 ? 0 : rest === 1 ? item : this.#code.int("div", item, rest);
      if (item && rest > 1) item = this.#code.int("mod", item, rest);
      this.#state.bind(s.v, { depth: 0, start: reg, step: 0, ...(typeof reg === "number" ? {} : { reg }) });
      body = s.body;
    }
    return body;
  }

  // statements

  #block(body: readonly Stmt[]): void {
    for (const s of body) this.#stmt(s);
  }

  #stmt(s: Stmt): void {
    switch (s.op) {
      case "for":
        if (s.kind === "vector" && this.#lanes.count > 1) this.#vectorLoop(s);
        else this.#serialLoop(s);
        return;
      case "if": {
        const cond = this.#indices.areInside(s.bounds);
        if (cond === true) this.#block(s.body);
        else this.#code.push({ op: "if", cond, then: this.#code.branch(() => this.#block(s.body)), else: [] });
        return;
      }
      case "var":
        this.#declare(s);
        return;
      case "set": {
        const local = this.#state.local(s.name);
        const dst = local.tail && !this.#lanes.areOpen ? local.tail : local.reg;
        const a = this.#code.spread(this.#value(s.value), dst.lanes);
        this.#code.push({ op: "copy", dst, a });
        local.depth = this.#code.depth; // in a branch, what is computed from it now must not move out
        local.version++;
        return;
      }
      case "fold":
        this.#fold(s.name, s.by);
        return;
      case "store":
        this.#store(s.buffer, s.index, this.#legalizer.legalize(narrow(s.value, s.to)), memoryOf[s.to]);
        return;
      case "tiles":
        this.#tiles(s);
        return;
      default:
        s satisfies never;
    }
  }

  #tiles({ type, rows, depth, ...places }: Tiles): void {
    const at = ({ buffer, index }: Rows): Reg => {
      const { ptr, offset } = this.#indices.address(buffer, index);
      return offset === 0 ? ptr : this.#code.int("add", ptr, offset);
    };
    const [a, b, to] = [at(places.a), at(places.b), at(places.to)];
    const pitches = { a: 4 * places.a.pitch, b: 4 * places.b.pitch, to: 4 * places.to.pitch };
    this.#state.memory(places.to.buffer).version++;
    this.#code.push({ op: "tiles", type, rows, depth, a, b, to, pitches });
  }

  /** The register that holds `e`, as operations that machines have. */
  #value(e: Expr): Reg {
    return this.#values.value(this.#legalizer.legalize(e));
  }

  #declare({ name, dtype, init, partial = false }: Extract<Stmt, { op: "var" }>): void {
    const lanes = partial || this.#lanes.areOpen ? this.#lanes.count : 1;
    const reg = this.#code.reg(dtype, lanes);
    this.#code.push({ op: "copy", dst: reg, a: this.#code.spread(this.#value(init), lanes) });
    let tail: Reg | null = null;
    if (partial && lanes > 1) {
      tail = this.#code.reg(dtype, 1);
      this.#code.push({ op: "copy", dst: tail, a: this.#value(init) });
    }
    this.#state.declare(name, { reg, tail, depth: this.#code.depth, version: 0, init });
  }

  /** Lanes are combined pairwise, halves first, and then with what did not fill a vector: a fixed order. */
  #fold(name: string, by: Fold): void {
    const local = this.#state.local(name);
    if (!local.tail) return;
    const { kind, lanes } = local.reg;
    const combine = (a: Reg, b: Reg): Reg =>
      this.#code.emit(kind, 1, (dst) => ({ op: "alu", f: by, dst, src: [a, b] }));
    let parts = Array.from({ length: lanes }, (_, lane) => this.#code.lane(local.reg, lane));
    for (let half = lanes / 2; half >= 1; half /= 2)
      parts = parts.slice(0, half).map((a, i) => combine(a, parts[i + half]));
    const reg = combine(parts[0], local.tail);
    this.#state.declare(name, { ...local, reg, tail: null, depth: this.#code.depth, version: 0 });
  }

  #store(m: number, index: Affine, value: Expr, to: Memory): void {
    const lanes = this.#lanes.moves(index) ? this.#lanes.count : 1;
    const src = this.#values.wide(value, lanes);
    this.#state.memory(m).version++;
    const stride = lanes === 1 ? 0 : this.#lanes.stride(index);
    if (stride !== null) {
      const { ptr, offset } = this.#indices.address(m, index);
      const part = lanes > 1 ? partOf(this.#lanes.part, stride) : null;
      this.#code.push({ op: "store", src, ptr, offset, stride: stride * memoryBytes[to], to, ...part });
      return;
    }
    for (let lane = 0; lane < lanes; lane++) {
      const at = this.#lanes.indexInLane(index, lane);
      const one = this.#code.lane(src, lane);
      const { ptr, offset } = this.#lanes.scalar(() => this.#indices.address(m, at));
      this.#code.push({ op: "store", src: one, ptr, offset, stride: 0, to });
    }
  }

  // loops

  #serialLoop(s: For): void {
    const limit = s.limit && this.#atMost(s.limit, s.v.size);
    if (s.v.size === 1 && limit === undefined) {
      this.#state.bind(s.v, { depth: this.#code.depth, start: 0, step: 0 });
      this.#block(s.body);
      return;
    }
    this.#loop(s, { count: limit ?? s.v.size, start: 0, step: 1 });
  }

  /** min(size, limit), as a register, and 0 where the limit is below: what is left over vectors of it would be more. */
  #atMost(limit: Affine, size: number): Reg {
    const least = this.#code.int("min", this.#indices.value(limit), size);
    return range(limit)[0] < 0 ? this.#code.int("max", least, 0) : least;
  }

  /** Whole vectors first, then what is left: as a part of a vector, or else one iteration at a time. */
  #vectorLoop(s: For): void {
    const lanes = this.#lanes.count;
    const { size } = s.v;
    const first: Var = { name: `${s.v.name}v`, size };
    if (s.limit) {
      const n = this.#atMost(s.limit, size);
      const vectors = this.#code.int("div", n, lanes);
      const done = this.#code.int("mul", vectors, lanes);
      const left = this.#code.int("sub", n, done);
      this.#loop(s, { count: vectors, start: 0, step: lanes }, first);
      if (!this.#canBePart(s, first, false)) this.#loop(s, { count: left, start: done, step: 1 });
      else this.#part(s, first, done, { mask: this.#firstLanes(left), count: null }, this.#code.int("min", left, 1));
      return;
    }
    const vectors = Math.floor(size / lanes);
    if (vectors === 1) {
      for (const v of [s.v, first]) this.#state.bind(v, { depth: this.#code.depth, start: 0, step: 0 });
      this.#lanes.open({ v: s.v, first }, () => this.#block(s.body));
    } else if (vectors > 1) this.#loop(s, { count: vectors, start: 0, step: lanes }, first);
    const [left, done] = [size % lanes, vectors * lanes];
    if (left > 1 && this.#canBePart(s, first, true))
      this.#part(s, first, done, { mask: this.#firstLanes(left), count: left }, 1);
    else if (left > 0) this.#loop(s, { count: left, start: done, step: 1 });
  }

  #canBePart({ v, body }: For, first: Var, apart: boolean): boolean {
    let can = false;
    this.#lanes.open({ v, first }, () => {
      can = this.#parts.allow(body, apart);
    });
    return can;
  }

  /** A bool in every lane: whether it is among the first `count`. */
  #firstLanes(count: number | Reg): Reg {
    const depth = typeof count === "number" ? 0 : this.#code.depth;
    const lanes = this.#lanes.count;
    const numbers = (a: Reg, step: number, at: number): Reg =>
      this.#code.once(`lanes:${a.id}:${lanes}:${step}`, at, () =>
        this.#code.emit("int32", lanes, (dst) => ({ op: "lanes", dst, a, step }), at),
      );
    const each = numbers(this.#code.constant("int", 1, 0), 1, 0);
    const end = numbers(typeof count === "number" ? this.#code.constant("int", 1, count) : count, 0, depth);
    const mask = this.#code.once(`first:${end.id}`, depth, () =>
      this.#code.emit("bool", lanes, (dst) => ({ op: "alu", f: "lt", dst, src: [each, end] }), depth),
    );
    this.#code.place(mask, depth);
    return mask;
  }

  /** Some lanes from iteration `start` on, `times` 1 or, where there are none, 0. */
  #part({ v, body }: For, first: Var, start: number | Reg, part: Part, times: number | Reg): void {
    this.#code.loop(times, () => {
      const binding = { depth: this.#code.depth, start, step: 0 };
      for (const each of [v, first]) this.#state.bind(each, binding);
      this.#state.enterLoop(body, this.#code.depth);
      this.#lanes.open({ v, first, part }, () => this.#block(body));
    });
  }

  /** With `first`, iterations are lanes, and that is the variable of the first of them. */
  #loop({ v, limit, body }: For, { count, start, step }: Steps, first?: Var): void {
    const lower = (): void => {
      const binding = { depth: this.#code.depth, start, step };
      this.#state.bind(v, binding);
      this.#state.enterLoop(body, this.#code.depth);
      if (first) {
        this.#state.bind(first, binding);
        this.#lanes.open({ v, first }, () => this.#block(body));
      } else this.#block(body);
    };
    this.#code.loop(count, lower, limit && range(limit)[0] < 1 ? "maybe" : "loop");
  }
}
