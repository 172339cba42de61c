/** What changes while a kernel is lowered: which variables are bound, and how often locals and memory were written. */
import type { Expr, Var } from "../../graph/expr.ts";
import { type Stmt, walk } from "../loops.ts";
import type { Reg } from "../vector-ir.ts";

/** A loop variable that is bound: where, and from which value in which steps it runs. */
export interface Binding {
  readonly depth: number;
  readonly start: number | Reg;
  readonly step: number;
  /** Set where the variable is not advanced by a loop but is this register. */
  readonly reg?: Reg;
}

/** Something that changes while a kernel runs: a variable, or memory that the kernel writes. */
export interface Mutable {
  /** The innermost scope that changes it while it is open: nothing that reads it may move out of that. */
  depth: number;
  /** Grows with every change, so that what was read before is told from what is read after. */
  version: number;
}

/** A variable of a kernel. */
export interface Local extends Mutable {
  readonly reg: Reg;
  /** For partial variables: the accumulator of iterations that do not fill a vector. */
  readonly tail: Reg | null;
  readonly init: Expr;
}

/** The bindings, locals and memories of a kernel at the statement that is being lowered. */
export class State {
  readonly #bindings = new Map<Var, Binding>();
  readonly #locals = new Map<string, Local>();
  /** By memory; what is never written is there too, and stays at version 0. */
  readonly #memories: readonly Mutable[];

  constructor(memories: number) {
    this.#memories = Array.from({ length: memories }, () => ({ depth: 0, version: 0 }));
  }

  bind(v: Var, binding: Binding): void {
    this.#bindings.set(v, binding);
  }

  /** Undefined for variables that have a definition instead. */
  bindingOf(v: Var): Binding | undefined {
    return this.#bindings.get(v);
  }

  /** Takes the place of an earlier variable of that name. */
  declare(name: string, local: Local): void {
    this.#locals.set(name, local);
  }

  local(name: string): Local {
    return this.#locals.get(name) as Local;
  }

  memory(m: number): Mutable {
    return this.#memories[m];
  }

  /** What a loop changes has another value in each iteration, even where it is read before it is set. */
  enterLoop(body: readonly Stmt[], depth: number): void {
    walk(body, (s) => {
      const changed =
        s.op === "set"
          ? this.#locals.get(s.name)
          : s.op === "store"
            ? this.#memories[s.buffer]
            : s.op === "tiles"
              ? this.#memories[s.to.buffer]
              : undefined;
      if (!changed) return;
      changed.depth = depth;
      changed.version++;
    });
  }

  /** What a scope has changed is the same from now on as far as the scope around it, at `depth`, is concerned. */
  leaveScope(depth: number): void {
    for (const m of [...this.#locals.values(), ...this.#memories]) m.depth = Math.min(m.depth, depth);
  }
}
