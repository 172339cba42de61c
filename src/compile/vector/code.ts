/** The instructions of a kernel while they are put down, in scopes, and the registers that hold what was computed. */
import type { Ins, Kind, Reg } from "../vector-ir.ts";
import type { State } from "./state.ts";

/** A place where code is put: the kernel, a loop's body (of maybe no iteration), or a branch. Values of an inner one are invisible outside. */
interface Scope {
  readonly kind: "root" | "loop" | "maybe" | "branch" | "rare";
  readonly code: Ins[];
  /** What a loop does after each iteration: its pointers advance. */
  readonly post: Ins[];
  readonly known: Map<string, Reg>;
}

/** Instructions and registers of one kernel. Scopes are told apart by their depth: the kernel itself is at depth 0. */
export class Code {
  readonly #scopes: Scope[] = [];
  /** The scope in which a register was made; those that are not in it stand in the outermost. */
  readonly #placed = new Map<number, number>();
  readonly #state: State;
  #count = 0;

  constructor(state: State) {
    this.#state = state;
  }

  // scopes

  /** The depth of the innermost scope. */
  get depth(): number {
    return this.#scopes.length - 1;
  }

  /** The depth of the innermost branch, or loop that may have no iteration; 0 outside of those. */
  get branchDepth(): number {
    for (let d = this.depth; d > 0; d--) if (this.#scopes[d].kind !== "loop") return d;
    return 0;
  }

  /** The depth of the innermost branch that is rarely taken; 0 outside of those. */
  get rareDepth(): number {
    for (let d = this.depth; d > 0; d--) if (this.#scopes[d].kind === "rare") return d;
    return 0;
  }

  /** What `lower` puts down, as a whole kernel. */
  kernel(lower: () => void): Ins[] {
    return this.#scope("root", lower);
  }

  /** What `lower` puts down, as a branch that is yet to stand somewhere. */
  branch(lower: () => void): Ins[] {
    return this.#scope("branch", lower);
  }

  /** The same of a branch that is rarely taken: what only it needs is not computed outside of it. */
  rareBranch(lower: () => void): Ins[] {
    return this.#scope("rare", lower);
  }

  /** Puts down a loop whose body is what `lower` puts down. `kind`: whether it may have no iteration. */
  loop(count: number | Reg, lower: () => void, kind: "loop" | "maybe" = "loop"): void {
    const body = this.#scope(kind, lower);
    this.push({ op: "loop", count, body });
  }

  #scope(kind: Scope["kind"], lower: () => void): Ins[] {
    this.#scopes.push({ kind, code: [], post: [], known: new Map() });
    lower();
    const { code, post } = this.#scopes.pop() as Scope;
    this.#state.leaveScope(this.depth);
    return [...code, ...post];
  }

  // instructions

  /** Puts down an instruction. */
  push(ins: Ins, depth: number = this.depth): void {
    this.#scopes[depth].code.push(ins);
  }

  /** Puts `ins` where the loop at `depth` has done an iteration. */
  pushAfter(ins: Ins, depth: number): void {
    this.#scopes[depth].post.push(ins);
  }

  /** A fresh register. */
  reg(kind: Kind, lanes: number): Reg {
    return { id: this.#count++, kind, lanes };
  }

  /** Puts down an instruction that has a result, and returns that. */
  emit(kind: Kind, lanes: number, make: (dst: Reg) => Ins, depth: number = this.depth): Reg {
    const dst = this.reg(kind, lanes);
    this.push(make(dst), depth);
    return dst;
  }

  /** Arithmetic on indices. */
  int(
    f: "add" | "sub" | "mul" | "div" | "mod" | "min" | "max",
    a: Reg,
    b: Reg | number,
    depth: number = this.depth,
  ): Reg {
    const key = `${f}:${a.id}:${typeof b === "number" ? b : `r${b.id}`}`;
    return this.once(key, depth, () => this.emit("int", 1, (dst) => ({ op: "int", f, dst, a, b }), depth));
  }

  /** The register that holds a number. */
  constant(kind: Kind, lanes: number, value: number): Reg {
    const key = `const:${kind}:${lanes}:${Object.is(value, -0) ? "-0" : value}`;
    return this.once(key, 0, () => {
      // Constants come first, so that every scope finds them defined.
      const dst = this.reg(kind, lanes);
      this.#scopes[0].code.unshift({ op: "const", dst, value });
      return dst;
    });
  }

  /** One lane of `a`. */
  lane(a: Reg, lane: number, depth: number = this.depth): Reg {
    return this.emit(a.kind, 1, (dst) => ({ op: "extract", dst, a, lane }), depth);
  }

  /** `r` in that many lanes. */
  spread(r: Reg, lanes: number): Reg {
    if (r.lanes === lanes) return r;
    if (lanes === 1) throw new Error("vector: a vector stands where one value is needed");
    return this.once(`splat:${r.id}`, this.depth, () =>
      this.emit(r.kind, lanes, (dst) => ({ op: "splat", dst, a: r })),
    );
  }

  // what registers hold

  /** The register that holds what `key` names in scope `depth`, made the first time. */
  once(key: string, depth: number, make: () => Reg): Reg {
    const { known } = this.#scopes[depth];
    let reg = known.get(key);
    if (!reg) {
      reg = make();
      known.set(key, reg);
    }
    return reg;
  }

  /** The register that holds what `key` names in any scope that is open. */
  find(key: string): Reg | undefined {
    for (let d = this.depth; d >= 0; d--) {
      const reg = this.#scopes[d].known.get(key);
      if (reg) return reg;
    }
    return undefined;
  }

  /** From now on, and as long as the scope at `depth` is open, `reg` holds what `key` names. */
  remember(key: string, depth: number, reg: Reg): void {
    this.#scopes[depth].known.set(key, reg);
  }

  /** Notes that what `reg` holds depends on the scope at `depth`, and on none inside. */
  place(reg: Reg, depth: number): void {
    this.#placed.set(reg.id, depth);
  }

  /** The innermost scope that is open and that what `reg` holds depends on. */
  placeOf(reg: Reg): number {
    return Math.min(this.#placed.get(reg.id) ?? 0, this.depth);
  }
}
