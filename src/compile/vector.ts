/**
 * Loop IR → vector IR. What both kinds of machine code need is done here, once: addresses become pointers that advance
 * with their loops, what does not change in a loop moves out of it, equal values are computed once, and strides decide
 * whether a vector is loaded whole, splat, lane by lane, or not as a vector at all.
 */
import { add, constant, nameOf, substitute, variable } from "../graph/affine.ts";
import type { DType } from "../graph/dtype.ts";
import type { Affine, Bound, Expr, Var } from "../graph/expr.ts";
import { Legalizer, narrow } from "./legalize.ts";
import {
  affinesOf,
  boundMemory,
  dataOf,
  type Fold,
  type For,
  itemsOf,
  type LoopKernel,
  partsOf,
  type Stmt,
  walk,
} from "./loops.ts";
import { type Ins, type Kind, type Memory, memoryBytes, type Program, type Reg } from "./vector-ir.ts";

/** A place where code is put: the kernel, a loop's body, or a branch. Values of an inner one are invisible outside. */
interface Scope {
  readonly kind: "root" | "loop" | "branch";
  readonly code: Ins[];
  /** What a loop does after each iteration: its pointers advance. */
  readonly post: Ins[];
  readonly known: Map<unknown, Reg>;
}

/** A loop variable that is bound: where, and from which value in which steps it runs. */
interface Binding {
  readonly depth: number;
  readonly start: number | Reg;
  readonly step: number;
  /** Set where the variable is not advanced by a loop but is this register. */
  readonly reg?: Reg;
}

/** Something that changes while a kernel runs: a variable, or memory that the kernel writes. */
interface Mutable {
  /** The innermost scope that changes it while it is open: nothing that reads it may move out of that. */
  depth: number;
  /** Grows with every change, so that what was read before is told from what is read after. */
  version: number;
}

interface Local extends Mutable {
  readonly reg: Reg;
  /** For partial variables: the accumulator of iterations that do not fill a vector. */
  readonly tail: Reg | null;
  readonly init: Expr;
}

/** The variable whose iterations are the lanes, and its twin that stands for the first of them. */
interface Lanes {
  readonly v: Var;
  readonly first: Var;
}

const memoryOf: Record<DType, Memory> = {
  bool: "uint8",
  uint8: "uint8",
  int32: "int32",
  float16: "uint16",
  bfloat16: "uint16",
  float32: "float32",
  float64: "float64",
};

export function vectorize(kernel: LoopKernel): Program {
  return new Lowering(kernel).run();
}

/** What a scratch array takes; each starts on a cache line of its own. */
const scratchBytes = (m: LoopKernel["memory"][number]): number =>
  m.kind === "scratch" ? Math.ceil((m.size * memoryBytes[memoryOf[m.dtype]]) / 64) * 64 : 0;

/** The scratch memory that a thread needs for a kernel. */
export const scratchBytesOf = (k: LoopKernel): number => k.memory.reduce((sum, m) => sum + scratchBytes(m), 0);

class Lowering {
  readonly #kernel: LoopKernel;
  readonly #scopes: Scope[] = [];
  readonly #bindings = new Map<Var, Binding>();
  readonly #locals = new Map<string, Local>();
  /** By memory; what is never written is there too, and stays at version 0. */
  readonly #memories: Mutable[];
  readonly #legalizer = new Legalizer();
  #vector: Lanes | null = null;
  /** Offsets of scratch arrays, in bytes. */
  readonly #scratch: number[] = [];
  #count = 0;

  constructor(kernel: LoopKernel) {
    this.#kernel = kernel;
    this.#memories = kernel.memory.map(() => ({ depth: 0, version: 0 }));
    let offset = 0;
    for (const m of kernel.memory) {
      this.#scratch.push(offset);
      offset += scratchBytes(m);
    }
  }

  run(): Program {
    this.#open("root");
    let body = this.#kernel.body;
    let rest = itemsOf(this.#kernel);
    let item = rest > 1 ? this.#emit("int", 1, (dst) => ({ op: "item", dst })) : null;
    for (let s = body[0]; s?.op === "for" && s.kind === "parallel"; s = body[0]) {
      rest /= s.v.size;
      const reg: Reg | number = !item || s.v.size === 1 ? 0 : rest === 1 ? item : this.#int("div", item, rest);
      if (item && rest > 1) item = this.#int("mod", item, rest);
      this.#bindings.set(s.v, { depth: 0, start: reg, step: 0, ...(typeof reg === "number" ? {} : { reg }) });
      body = s.body;
    }
    this.#block(body);
    return { name: this.#kernel.name, body: this.#close().code };
  }

  // scopes and registers

  get #depth(): number {
    return this.#scopes.length - 1;
  }
  get #here(): Scope {
    return this.#scopes[this.#scopes.length - 1];
  }
  #open(kind: Scope["kind"]): void {
    this.#scopes.push({ kind, code: [], post: [], known: new Map() });
  }
  #close(): Scope {
    const scope = this.#scopes.pop() as Scope;
    for (const m of [...this.#locals.values(), ...this.#memories]) m.depth = Math.min(m.depth, this.#depth);
    return { ...scope, code: [...scope.code, ...scope.post] };
  }
  #reg(kind: Kind, lanes: number): Reg {
    return { id: this.#count++, kind, lanes };
  }
  #emit(kind: Kind, lanes: number, make: (dst: Reg) => Ins, depth: number = this.#depth): Reg {
    const dst = this.#reg(kind, lanes);
    this.#scopes[depth].code.push(make(dst));
    return dst;
  }
  /** The register that holds what `key` names in scope `depth`, made the first time. */
  #once(key: unknown, depth: number, make: () => Reg): Reg {
    const { known } = this.#scopes[depth];
    let reg = known.get(key);
    if (!reg) {
      reg = make();
      known.set(key, reg);
    }
    return reg;
  }
  #int(
    f: "add" | "sub" | "mul" | "div" | "mod" | "min" | "max",
    a: Reg,
    b: Reg | number,
    depth: number = this.#depth,
  ): Reg {
    const key = `${f}:${a.id}:${typeof b === "number" ? b : `r${b.id}`}`;
    return this.#once(key, depth, () => this.#emit("int", 1, (dst) => ({ op: "int", f, dst, a, b }), depth));
  }

  // statements

  #block(body: readonly Stmt[]): void {
    for (const s of body) this.#stmt(s);
  }

  #stmt(s: Stmt): void {
    switch (s.op) {
      case "for":
        if (s.kind === "vector") this.#vectorLoop(s);
        else this.#serialLoop(s);
        return;
      case "if": {
        const cond = this.#all(s.bounds);
        if (cond === true) {
          this.#block(s.body);
          return;
        }
        this.#open("branch");
        this.#block(s.body);
        const { code } = this.#close();
        this.#here.code.push({ op: "if", cond, then: code, else: [] });
        return;
      }
      case "var": {
        const lanes = s.partial || this.#vector ? this.#kernel.lanes : 1;
        const reg = this.#reg(s.dtype, lanes);
        const init = this.#lanes(this.#value(this.#legalize(s.init)), lanes);
        this.#here.code.push({ op: "copy", dst: reg, a: init });
        let tail: Reg | null = null;
        if (s.partial && lanes > 1) {
          tail = this.#reg(s.dtype, 1);
          this.#here.code.push({ op: "copy", dst: tail, a: this.#value(this.#legalize(s.init)) });
        }
        this.#locals.set(s.name, { reg, tail, depth: this.#depth, version: 0, init: s.init });
        return;
      }
      case "set": {
        const local = this.#locals.get(s.name) as Local;
        const dst = local.tail && !this.#vector ? local.tail : local.reg;
        const value = this.#lanes(this.#value(this.#legalize(s.value)), dst.lanes);
        this.#here.code.push({ op: "copy", dst, a: value });
        local.version++;
        return;
      }
      case "fold":
        this.#fold(s.name, s.by);
        return;
      case "store":
        this.#store(s.buffer, s.index, this.#legalize(narrow(s.value, s.to)), memoryOf[s.to]);
        return;
      default:
        s satisfies never;
    }
  }

  #serialLoop(s: For): void {
    const limit = s.limit && this.#atMost(s.limit, s.v.size);
    if (s.v.size === 1 && limit === undefined) {
      this.#bindings.set(s.v, { depth: this.#depth, start: 0, step: 0 });
      this.#block(s.body);
      return;
    }
    this.#loop(s, limit ?? s.v.size, 0, 1);
  }

  /** min(size, limit), as a register. */
  #atMost(limit: Affine, size: number): Reg {
    return this.#int("min", this.#affine(limit), size);
  }

  #loop({ v, body }: For, count: number | Reg, start: number | Reg, step: number, first?: Var): void {
    this.#open("loop");
    const binding = { depth: this.#depth, start, step };
    this.#bindings.set(v, binding);
    // What the loop changes has another value in each iteration, even where it is read before it is set.
    walk(body, (s) => {
      const changed =
        s.op === "set" ? this.#locals.get(s.name) : s.op === "store" ? this.#memories[s.buffer] : undefined;
      if (!changed) return;
      changed.depth = this.#depth;
      changed.version++;
    });
    if (first) this.#bindings.set(first, binding);
    this.#lanewise(first ? { v, first } : null, () => this.#block(body));
    const { code } = this.#close();
    this.#here.code.push({ op: "loop", count, body: code });
  }

  /** Whole vectors first, then what is left, one iteration at a time. */
  #vectorLoop(s: For): void {
    const { lanes } = this.#kernel;
    if (lanes === 1) {
      this.#serialLoop(s);
      return;
    }
    const first: Var = { name: `${s.v.name}v`, size: s.v.size };
    if (s.limit) {
      const n = this.#atMost(s.limit, s.v.size);
      const vectors = this.#int("div", n, lanes);
      const done = this.#int("mul", vectors, lanes);
      this.#loop(s, vectors, 0, lanes, first);
      this.#loop(s, this.#int("sub", n, done), done, 1);
      return;
    }
    const vectors = Math.floor(s.v.size / lanes);
    if (vectors === 1) {
      for (const v of [s.v, first]) this.#bindings.set(v, { depth: this.#depth, start: 0, step: 0 });
      this.#lanewise({ v: s.v, first }, () => this.#block(s.body));
    } else if (vectors > 1) this.#loop(s, vectors, 0, lanes, first);
    if (s.v.size % lanes > 0) this.#loop(s, s.v.size % lanes, vectors * lanes, 1);
  }

  /** Lowers with `vector` as the loop whose iterations are lanes. */
  #lanewise<T>(vector: Lanes | null, lower: () => T): T {
    const before = this.#vector;
    this.#vector = vector ?? before;
    if (vector) this.#variesMemo.clear();
    const result = lower();
    this.#vector = before;
    return result;
  }

  /** Lowers as if there were no lanes. */
  #scalar<T>(lower: () => T): T {
    const before = this.#vector;
    this.#vector = null;
    const result = lower();
    this.#vector = before;
    return result;
  }

  /** Lanes are combined pairwise, halves first, and then with what did not fill a vector: a fixed order. */
  #fold(name: string, by: Fold): void {
    const local = this.#locals.get(name) as Local;
    if (!local.tail) return;
    const { kind, lanes } = local.reg;
    const combine = (a: Reg, b: Reg): Reg => this.#emit(kind, 1, (dst) => ({ op: "alu", f: by, dst, src: [a, b] }));
    let parts = Array.from({ length: lanes }, (_, lane) =>
      this.#emit(kind, 1, (dst) => ({ op: "extract", dst, a: local.reg, lane })),
    );
    for (let half = lanes / 2; half >= 1; half /= 2)
      parts = parts.slice(0, half).map((a, i) => combine(a, parts[i + half]));
    this.#locals.set(name, {
      ...local,
      reg: combine(parts[0], local.tail),
      tail: null,
      depth: this.#depth,
      version: 0,
    });
  }

  // addresses

  /** The deepest scope that a variable's value depends on. */
  #varDepth(v: Var): number {
    if (!v.def) {
      const binding = this.#bindings.get(v);
      if (!binding) throw new Error(`vector: ${v.name} is not bound`);
      return binding.depth;
    }
    if (v.def.op === "data") return this.#valueDepth(this.#legalize(v.def.of));
    return this.#affineDepth(v.def.of);
  }
  #affineDepth(a: Affine): number {
    let depth = 0;
    for (const v of a.terms.keys()) depth = Math.max(depth, this.#varDepth(v));
    return depth;
  }

  /** `start + Σ coef · v · unit`, built from the outermost loop inwards, so that each loop only advances a pointer. */
  #advance(start: Reg, a: Affine, unit: number): Reg {
    const terms = [...a.terms].map(([v, coef]) => {
      const binding = this.#bindings.get(v);
      return {
        v,
        binding,
        by: coef * unit,
        depth: this.#varDepth(v),
        advances: binding !== undefined && binding.step !== 0,
      };
    });
    // A pointer that advances with a loop starts outside of it, so it goes before what is computed in that loop.
    terms.sort((p, q) => p.depth - q.depth || Number(q.advances) - Number(p.advances));
    let at = start;
    for (const { v, binding, by, depth } of terms) {
      if (!binding || binding.step === 0) {
        const value = binding ? (binding.reg ?? binding.start) : this.#defined(v);
        if (typeof value === "number") {
          if (value !== 0) at = this.#int("add", at, value * by, depth);
        } else at = this.#int("add", at, by === 1 ? value : this.#int("mul", value, by, depth), depth);
      } else at = this.#induction(at, binding, by);
    }
    return at;
  }

  /** A register that is `at + v · by` in the loop of `v`, and advances with it. */
  #induction(at: Reg, { depth, start, step }: Binding, by: number): Reg {
    return this.#once(`advance:${at.id}:${by}`, depth, () => {
      const outside = depth - 1;
      const from =
        typeof start === "number"
          ? start === 0
            ? at
            : this.#int("add", at, start * by, outside)
          : this.#int("add", at, by === 1 ? start : this.#int("mul", start, by, outside), outside);
      const reg = this.#reg("int", 1);
      this.#scopes[outside].code.push({ op: "copy", dst: reg, a: from });
      this.#scopes[depth].post.push({ op: "int", f: "add", dst: reg, a: reg, b: step * by });
      return reg;
    });
  }

  /** The value of a variable that stands for a quotient, a remainder, or an integer in memory. */
  #defined(v: Var): Reg {
    const { def } = v;
    if (!def) throw new Error(`vector: ${v.name} has no definition`);
    const depth = this.#varDepth(v);
    return this.#once(`def:${nameOf(v)}`, depth, () => {
      if (def.op !== "data") return this.#int(def.op, this.#affine(def.of), def.by, depth);
      const a = this.#value(this.#legalize(def.of));
      const raw = this.#emit("int", 1, (dst) => ({ op: "toInt", dst, a }), depth);
      this.#report(a, raw, v.size, depth);
      return this.#int("min", this.#int("max", raw, 0, depth), v.size - 1, depth);
    });
  }

  /** Says where the host looks that an index is not below `size`. Which of several is told is of no importance. */
  #report(index: Reg, raw: Reg, size: number, depth: number): void {
    const m = this.#kernel.memory.findIndex((x) => x.kind === "report");
    const ptr = this.#pointer(m);
    const values = [this.#constant("int32", 1, 1), index, this.#constant("int32", 1, size)];
    const then = values.map((src, i): Ins => ({ op: "store", src, ptr, offset: 4 * i, stride: 0, to: "int32" }));
    for (const [f, b] of [
      ["lt", 0],
      ["ge", size],
    ] as const) {
      const cond = this.#emit("bool", 1, (dst) => ({ op: "compare", f, dst, a: raw, b }), depth);
      this.#scopes[depth].code.push({ op: "if", cond, then, else: [] });
    }
  }

  /** Where memory `m` begins. */
  #pointer(m: number): Reg {
    return this.#once(`memory:${m}`, 0, () => {
      if (this.#kernel.memory[m].kind !== "scratch")
        return this.#emit("int", 1, (dst) => ({ op: "param", dst, slot: this.#slot(m) }), 0);
      const scratch = this.#once("scratch", 0, () => this.#emit("int", 1, (dst) => ({ op: "scratch", dst }), 0));
      return this.#int("add", scratch, this.#scratch[m], 0);
    });
  }

  /** The value of an index. */
  #affine(a: Affine): Reg {
    const only = a.base === 0 && a.terms.size === 1 ? [...a.terms][0] : null;
    if (only && only[1] === 1) {
      const binding = this.#bindings.get(only[0]);
      if (!binding) return this.#defined(only[0]);
      if (binding.reg) return binding.reg;
    }
    return this.#advance(this.#constant("int", 1, a.base), { base: 0, terms: a.terms }, 1);
  }

  /** The pointer and the constant distance from it of element `index` of memory `m`. */
  #address(m: number, index: Affine): { ptr: Reg; offset: number } {
    const memory = this.#kernel.memory[m];
    const bytes = memoryBytes[memoryOf[memory.dtype]];
    let base = this.#pointer(m);
    let offset = index.base * bytes;
    if (offset < 0) {
      base = this.#int("add", base, offset, 0);
      offset = 0;
    }
    return { ptr: this.#advance(base, { base: 0, terms: index.terms }, bytes), offset };
  }

  /** Buffers take the first slots of the argument block, numbers the next. */
  #slot(m: number): number {
    let slot = 0;
    for (let i = 0; i < m; i++) if (this.#kernel.memory[i].kind !== "scratch") slot++;
    return slot;
  }

  // values

  /** An expression of operations that machines have, on types that registers have. */
  #legalize(e: Expr): Expr {
    return this.#legalizer.legalize(e);
  }

  #constant(kind: Kind, lanes: number, value: number): Reg {
    const key = `const:${kind}:${lanes}:${Object.is(value, -0) ? "-0" : value}`;
    return this.#once(key, 0, () => {
      // Constants come first, so that every scope finds them defined.
      const dst = this.#reg(kind, lanes);
      this.#scopes[0].code.unshift({ op: "const", dst, value });
      return dst;
    });
  }

  #lanes(r: Reg, lanes: number): Reg {
    if (r.lanes === lanes) return r;
    if (lanes === 1) throw new Error("vector: a vector stands where one value is needed");
    const depth = this.#depth;
    return this.#once(`splat:${r.id}`, depth, () =>
      this.#emit(r.kind, lanes, (dst) => ({ op: "splat", dst, a: r }), depth),
    );
  }

  /** Whether the value differs between lanes. */
  #varies(e: Expr): boolean {
    const v = this.#vector?.v;
    if (!v) return false;
    const known = this.#variesMemo.get(e);
    if (known !== undefined) return known;
    const varies =
      e.op === "local"
        ? (this.#locals.get(e.name) as Local).reg.lanes > 1
        : affinesOf(e).some((a) => this.#touches(a, v)) || partsOf(e).some((s) => this.#varies(s));
    this.#variesMemo.set(e, varies);
    return varies;
  }
  #variesMemo = new Map<Expr, boolean>();

  /** Whether an index depends on `v`, directly or through what it is computed from. */
  #touches(a: Affine, v: Var): boolean {
    for (const t of a.terms.keys()) {
      if (t === v) return true;
      if (t.def?.op === "data" ? this.#varies(this.#legalize(t.def.of)) : t.def && this.#touches(t.def.of, v))
        return true;
    }
    return false;
  }

  /** The innermost scope that the value of `e` depends on, and where it has to be computed. */
  #valueDepth(e: Expr, seen = new Set<Expr>()): number {
    if (seen.has(e) || e.op === "const" || e.op === "arg") return 0;
    seen.add(e);
    if (e.op === "local") return (this.#locals.get(e.name) as Local).depth;
    if (e.op === "index") return this.#affineDepth(e.of);
    if (e.op === "load") {
      // A load in a branch may be outside of memory anywhere else.
      return Math.max(this.#affineDepth(e.index), this.#memories[e.buffer].depth, this.#branch());
    }
    if (e.op === "guard") return this.#depth;
    let depth = 0;
    for (const s of e.src) depth = Math.max(depth, this.#valueDepth(s, seen));
    return depth;
  }

  #branch(): number {
    for (let d = this.#depth; d > 0; d--) if (this.#scopes[d].kind === "branch") return d;
    return 0;
  }

  /** What a value depends on that may change, by name. */
  #changing(e: Expr): ReadonlyMap<string, Mutable | null> {
    let found = this.#reads.get(e);
    if (!found) {
      const all = new Map<string, Mutable | null>();
      if (e.op === "local") all.set(e.name, null);
      if (e.op === "load") all.set(`m${e.buffer}`, this.#memories[e.buffer]);
      for (const part of [...partsOf(e), ...affinesOf(e).flatMap(dataOf)])
        for (const [name, m] of this.#changing(part)) all.set(name, m);
      found = all;
      this.#reads.set(e, found);
    }
    return found;
  }
  readonly #reads = new Map<Expr, ReadonlyMap<string, Mutable | null>>();

  /** The register that holds `e`: one lane if it is the same in all lanes. */
  #value(e: Expr): Reg {
    if (e.op === "local") {
      const local = this.#locals.get(e.name) as Local;
      const lane = this.#laneOfLocal.get(e);
      if (lane !== undefined)
        return this.#once(`lane:${local.reg.id}:${local.version}:${lane}`, local.depth, () =>
          this.#emit(e.dtype, 1, (dst) => ({ op: "extract", dst, a: local.reg, lane }), local.depth),
        );
      return local.tail && !this.#vector ? local.tail : local.reg;
    }
    if (e.op === "const") return this.#constant(e.dtype, 1, e.value);
    if (e.op === "arg") return this.#param(e.slot, e.dtype, 1);
    return this.#find(e) ?? this.#compute(e);
  }

  #find(e: Expr): Reg | undefined {
    const stamp = this.#key(e);
    for (let d = this.#depth; d >= 0; d--) {
      const reg = this.#scopes[d].known.get(stamp);
      if (reg) return reg;
    }
    return undefined;
  }

  readonly #ids = new Map<Expr, number>();

  /** Equal keys, equal values: the expression, by identity, and the versions of the variables that it reads. */
  #key(e: Expr): string {
    let id = this.#ids.get(e);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(e, id);
    }
    let key = `value:${this.#vector ? "v" : "s"}:${id}`;
    for (const [name, m] of this.#changing(e)) {
      const { version } = m ?? (this.#locals.get(name) as Local);
      if (version > 0) key += `:${name}.${version}`;
    }
    return key;
  }

  #remember(e: Expr, depth: number, reg: Reg): Reg {
    this.#scopes[depth].known.set(this.#key(e), reg);
    return reg;
  }

  #param(slot: number, dtype: Kind, lanes: number): Reg {
    const buffers = boundMemory(this.#kernel).length;
    return this.#once(`arg:${slot}:${lanes}`, 0, () =>
      this.#emit(dtype, lanes, (dst) => ({ op: "param", dst, slot: buffers + slot }), 0),
    );
  }

  /** As `value`, in every lane. */
  #wide(e: Expr, lanes: number): Reg {
    if (lanes > 1) {
      if (e.op === "const") return this.#constant(e.dtype, lanes, e.value);
      if (e.op === "arg") return this.#param(e.slot, e.dtype, lanes);
      if (e.op === "load" && !this.#varies(e) && !this.#find(e)) return this.#load(e, lanes);
      const r = this.#value(e);
      if (r.lanes === lanes) return r;
      const depth = this.#depthOf(e, r);
      const splat = this.#once(`splat:${r.id}:${this.#key(e)}`, depth, () =>
        this.#emit(r.kind, lanes, (dst) => ({ op: "splat", dst, a: r }), depth),
      );
      this.#placed.set(splat.id, depth);
      return splat;
    }
    return this.#value(e);
  }

  /** The scope in which a register was made; those that are not in it stand in the outermost. */
  readonly #placed = new Map<number, number>();

  /** The innermost scope that the value of `e`, which is in `r`, depends on. */
  #depthOf(e: Expr, r: Reg): number {
    if (e.op === "local") return (this.#locals.get(e.name) as Local).depth;
    return Math.min(this.#placed.get(r.id) ?? 0, this.#depth);
  }

  #compute(e: Expr): Reg {
    if (e.op === "load") return this.#load(e, this.#varies(e) ? this.#kernel.lanes : 1);
    if (e.op === "index") return this.#index(e.of);
    if (e.op === "guard") return this.#guard(e);
    if (!("src" in e)) throw new Error(`vector: ${e.op} is no computation`);
    const lanes = this.#varies(e) ? this.#kernel.lanes : 1;
    const src = e.src.map((s) => this.#wide(s, lanes));
    const depth = e.src.reduce((most, s, i) => Math.max(most, this.#depthOf(s, src[i])), 0);
    const reg = this.#emit(e.dtype, lanes, (dst) => ({ op: "alu", f: e.op as "add", dst, src }), depth);
    this.#placed.set(reg.id, depth);
    return this.#remember(e, depth, reg);
  }

  #load(e: Extract<Expr, { op: "load" }>, lanes: number): Reg {
    const { dtype, buffer, index } = e;
    const from = memoryOf[e.from];
    const shape = this.#vector ? this.#stride(index) : 0;
    if (lanes > 1 && shape === null) return this.#byLane(e);
    const depth = this.#valueDepth(e);
    const { ptr, offset } = this.#address(buffer, index);
    const stride = lanes > 1 ? (shape as number) * memoryBytes[from] : 0;
    const key = `load:${ptr.id}:${offset}:${stride}:${lanes}:${from}:${this.#memories[buffer].version}`;
    const reg = this.#once(key, depth, () =>
      this.#emit(dtype, lanes, (dst) => ({ op: "load", dst, ptr, offset, stride, from }), depth),
    );
    this.#placed.set(reg.id, depth);
    if (lanes > 1 === this.#varies(e)) this.#remember(e, depth, reg);
    return reg;
  }

  /** How many elements apart the lanes of an index are: null where that differs from lane to lane. */
  #stride(a: Affine): number | null {
    const { v } = this.#vector as { v: Var };
    for (const t of a.terms.keys())
      if (t !== v && t.def && this.#touches({ base: 0, terms: new Map([[t, 1]]) }, v)) return null;
    return a.terms.get(v) ?? 0;
  }

  #index(a: Affine): Reg {
    const moves = this.#vector !== null && this.#touches(a, this.#vector.v);
    const step = moves ? this.#stride(a) : 0;
    if (step === null) return this.#byLane({ op: "index", of: a, dtype: "int32" });
    const lanes = moves ? this.#kernel.lanes : 1;
    const depth = this.#affineDepth(a);
    const at = this.#affine(moves ? this.#inLaneIndex(a, 0) : a);
    const reg = this.#once(`lanes:${at.id}:${lanes}:${step}`, depth, () =>
      this.#emit("int32", lanes, (dst) => ({ op: "lanes", dst, a: at, step }), depth),
    );
    this.#placed.set(reg.id, depth);
    return reg;
  }

  /** `a` in lane `lane`. */
  #inLaneIndex(a: Affine, lane: number): Affine {
    const { v, first } = this.#vector as { v: Var; first: Var };
    return substitute(a, (t) => (t === v ? add(variable(first), constant(lane)) : this.#laneOf(t, lane)));
  }
  /** A variable read from memory, in lane `lane`. */
  #laneOf(t: Var, lane: number): Affine | undefined {
    if (t.def?.op !== "data") return undefined;
    const of = this.#inLane(t.def.of, lane);
    return of === t.def.of ? undefined : variable({ ...t, def: { op: "data", of } });
  }

  /** `e` as lane `lane` sees it: the vector variable is the first lane's plus `lane`. */
  #inLane(e: Expr, lane: number, memo = new Map<Expr, Expr>()): Expr {
    const known = memo.get(e);
    if (known) return known;
    let out: Expr = e;
    if (e.op === "load") out = { ...e, index: this.#inLaneIndex(e.index, lane) };
    else if (e.op === "local" && this.#varies(e)) {
      out = { ...e };
      this.#laneOfLocal.set(out, lane);
    } else if (e.op === "index") out = { ...e, of: this.#inLaneIndex(e.of, lane) };
    else if (e.op === "guard")
      out = {
        ...e,
        bounds: e.bounds.map((b) => ({ ...b, of: this.#inLaneIndex(b.of, lane) })),
        value: this.#inLane(e.value, lane, memo),
        other: this.#inLane(e.other, lane, memo),
      };
    else if ("src" in e) {
      const src = e.src.map((s) => this.#inLane(s, lane, memo));
      if (src.some((s, i) => s !== e.src[i])) out = { ...e, src };
    }
    memo.set(e, out);
    return out;
  }

  /** Which lane is meant of a variable that has one value per lane. */
  readonly #laneOfLocal = new Map<Expr, number>();

  /** Computes lane after lane, and puts the lanes together. */
  #byLane(e: Expr): Reg {
    const { lanes } = this.#kernel;
    let out = this.#constant(e.dtype, lanes, 0);
    for (let lane = 0; lane < lanes; lane++) {
      const one = this.#inLane(e, lane);
      const b = this.#scalar(() => this.#value(one));
      const a = out;
      out = this.#emit(e.dtype, lanes, (dst) => ({ op: "insert", dst, a, b, lane }));
    }
    this.#placed.set(out.id, this.#depth);
    return out;
  }

  // guards

  /** A bool that holds where all bounds do; `true` where there are none. */
  #all(bounds: readonly Bound[]): Reg | true {
    let all: Reg | true = true;
    for (const b of bounds) {
      const at = this.#affine(b.of);
      // Both sides in one comparison would need unsigned arithmetic; two are as cheap where one of them is known.
      for (const [f, limit] of [
        ["ge", b.lo],
        ["lt", b.hi],
      ] as const) {
        const one = this.#emit("bool", 1, (dst) => ({ op: "compare", f, dst, a: at, b: limit }));
        const sofar: Reg | true = all;
        all = sofar === true ? one : this.#emit("bool", 1, (dst) => ({ op: "alu", f: "and", dst, src: [sofar, one] }));
      }
    }
    return all;
  }

  #guard(e: Extract<Expr, { op: "guard" }>): Reg {
    const { lanes } = this.#kernel;
    const v = this.#vector?.v;
    const moving = v ? e.bounds.filter((b) => this.#touches(b.of, v)) : [];
    const wide = this.#varies(e) ? lanes : 1;
    const dst = this.#reg(e.dtype, wide);
    const branch = (make: () => Reg): Ins[] => {
      this.#open("branch");
      const a = make();
      this.#here.code.push({ op: "copy", dst, a });
      return this.#close().code;
    };
    const other = (): Reg => this.#wide(e.other, wide);

    if (moving.length === 0) {
      const cond = this.#all(e.bounds);
      if (cond === true) return this.#wide(e.value, wide);
      const then = branch(() => this.#wide(e.value, wide));
      this.#here.code.push({ op: "if", cond, then, else: branch(other) });
    } else {
      // Where all lanes are inside, the value is a vector; at an edge each lane decides for itself.
      const straight = moving.every((b) => this.#stride(b.of) !== null);
      const inside = straight ? this.#all(e.bounds.flatMap((b) => this.#ends(b))) : true;
      const edge = branch(() => this.#lanesInside(e, wide));
      if (inside === true && !straight) this.#here.code.push(...edge);
      else if (inside === true) return this.#wide(e.value, wide);
      else {
        const then = branch(() => this.#wide(e.value, wide));
        this.#here.code.push({ op: "if", cond: inside, then, else: edge });
      }
    }
    this.#placed.set(dst.id, this.#depth);
    return this.#remember(e, this.#depth, dst);
  }

  /** The bound on the first and on the last lane. */
  #ends(b: Bound): Bound[] {
    return [0, this.#kernel.lanes - 1].map((lane) => ({ ...b, of: this.#inLaneIndex(b.of, lane) }));
  }

  /** The guarded value, each lane on its own. */
  #lanesInside(e: Extract<Expr, { op: "guard" }>, lanes: number): Reg {
    let out = this.#wide(e.other, lanes);
    for (let lane = 0; lane < lanes; lane++) {
      const one = this.#inLane(e, lane) as typeof e;
      const dst = this.#reg(e.dtype, lanes);
      const a = out;
      this.#scalar(() => {
        const cond = this.#all(one.bounds);
        if (cond === true) throw new Error("vector: a guard without bounds");
        this.#open("branch");
        const b = this.#value(one.value);
        this.#here.code.push({ op: "insert", dst, a, b, lane });
        const { code } = this.#close();
        this.#here.code.push({ op: "if", cond, then: code, else: [{ op: "copy", dst, a }] });
      });
      out = dst;
    }
    return out;
  }

  // stores

  #store(m: number, index: Affine, value: Expr, to: Memory): void {
    const whole = this.#vector;
    const lanes = whole && this.#touches(index, whole.v) ? this.#kernel.lanes : 1;
    const src = this.#wide(value, lanes);
    this.#memories[m].version++;
    if (lanes === 1) {
      const { ptr, offset } = this.#address(m, index);
      this.#here.code.push({ op: "store", src, ptr, offset, stride: 0, to });
      return;
    }
    const stride = this.#stride(index);
    if (stride !== null) {
      const { ptr, offset } = this.#address(m, index);
      this.#here.code.push({ op: "store", src, ptr, offset, stride: stride * memoryBytes[to], to });
      return;
    }
    for (let lane = 0; lane < lanes; lane++) {
      const at = this.#inLaneIndex(index, lane);
      const one = this.#emit(src.kind, 1, (dst) => ({ op: "extract", dst, a: src, lane }));
      const { ptr, offset } = this.#scalar(() => this.#address(m, at));
      this.#here.code.push({ op: "store", src: one, ptr, offset, stride: 0, to });
    }
  }
}
