/** Which values are in registers already, so that equal ones are computed once. */
import type { Expr } from "../../graph/expr.ts";
import { affinesOf, dataOf, partsOf } from "../loops.ts";
import type { Reg } from "../vector-ir.ts";
import type { Code } from "./code.ts";
import type { Lanes } from "./lanes.ts";
import type { Mutable, State } from "./state.ts";

/** Registers by the values that they hold. */
export class Known {
  readonly #code: Code;
  readonly #state: State;
  readonly #lanes: Lanes;
  readonly #ids = new Map<Expr, number>();
  readonly #reads = new Map<Expr, ReadonlyMap<string, Mutable | null>>();

  constructor(code: Code, state: State, lanes: Lanes) {
    this.#code = code;
    this.#state = state;
    this.#lanes = lanes;
  }

  /** The register that holds `e`, if there is one. */
  find(e: Expr): Reg | undefined {
    return this.#code.find(this.key(e));
  }

  /** Notes that `reg` holds `e` while the scope at `depth` is open. */
  remember(e: Expr, depth: number, reg: Reg): Reg {
    this.#code.remember(this.key(e), depth, reg);
    return reg;
  }

  /** Equal keys, equal values: the expression, by identity, and the versions of the variables that it reads. */
  key(e: Expr): string {
    let id = this.#ids.get(e);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(e, id);
    }
    const { areOpen, part } = this.#lanes;
    let key = `value:${part ? `part ${part.mask.id}` : areOpen ? "v" : "s"}:${id}`;
    for (const [name, m] of this.#changing(e)) {
      const { version } = m ?? this.#state.local(name);
      if (version > 0) key += `:${name}.${version}`;
    }
    return key;
  }

  /** What a value depends on that may change, by name; null for locals, which may be declared anew. */
  #changing(e: Expr): ReadonlyMap<string, Mutable | null> {
    let found = this.#reads.get(e);
    if (!found) {
      const all = new Map<string, Mutable | null>();
      if (e.op === "local") all.set(e.name, null);
      if (e.op === "load") all.set(`m${e.buffer}`, this.#state.memory(e.buffer));
      for (const part of [...partsOf(e), ...affinesOf(e).flatMap(dataOf)])
        for (const [name, m] of this.#changing(part)) all.set(name, m);
      found = all;
      this.#reads.set(e, found);
    }
    return found;
  }
}
