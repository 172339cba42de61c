/** How a recorded call of PyTorch becomes one of ours. */
import type { Operand, Tensor } from "../../src/tensor.ts";
import type { Argument } from "./cases.ts";

/** The results that PyTorch gives; null for one that we do not give. */
export type Results = Tensor | (Tensor | null)[];

/** A function of PyTorch in our words. */
export interface Row {
  /** PyTorch's names of the arguments, in order. */
  readonly args: string;
  readonly f: (c: Call) => Results;
  /** Whether intermediates are larger than results, so that errors are bounded for the tensor, not for each element. */
  readonly rough?: boolean;
}

/** Says that the library does not cover a case. */
export function missing(what: string): never {
  throw new Error(`golden: there is no ${what}`);
}

/** The arguments of a recorded call, by PyTorch's names for them, with tensors in their places. */
export class Call {
  readonly #given = new Map<string, Argument>();
  readonly #tensors: readonly Tensor[];

  /** `names`: PyTorch's, in order, separated by spaces. */
  constructor(
    names: string,
    args: readonly Argument[],
    kwargs: Readonly<Record<string, Argument>>,
    tensors: readonly Tensor[],
  ) {
    const order = names.split(" ");
    if (args.length > order.length) throw new Error(`golden: ${args.length} arguments for "${names}"`);
    args.forEach((arg, i) => {
      this.#given.set(order[i], arg);
    });
    for (const [name, arg] of Object.entries(kwargs)) {
      if (!order.includes(name)) throw new Error(`golden: no argument "${name}" among "${names}"`);
      this.#given.set(name, arg);
    }
    this.#tensors = tensors;
  }

  /** The argument as it is; `undefined` where it is missing or None. */
  raw(name: string): Exclude<Argument, null> | undefined {
    return this.#given.get(name) ?? undefined;
  }

  #tensor(arg: Argument | undefined): Tensor | undefined {
    return isReference(arg) ? this.#tensors[arg.$] : undefined;
  }
  /** The first argument. */
  get x(): Tensor {
    return this.t("input");
  }
  t(name: string): Tensor {
    return this.#tensor(this.raw(name)) ?? fail(`a tensor "${name}"`);
  }
  /** A tensor, or null. */
  maybe(name: string): Tensor | null {
    return this.#tensor(this.raw(name)) ?? null;
  }
  /** The tensors of a list. */
  ts(name: string): Tensor[] {
    const list = this.raw(name);
    return Array.isArray(list) ? list.map((arg) => this.#tensor(arg) ?? fail("a list of tensors")) : fail("a list");
  }
  /** A tensor or a number. */
  operand(name: string): Operand {
    return this.#tensor(this.raw(name)) ?? this.n(name);
  }
  /** A number, or what stands for a missing one. */
  n(name: string, otherwise?: number): number {
    const arg = this.raw(name);
    if (typeof arg === "number" || typeof arg === "boolean") return Number(arg);
    if (typeof arg === "object" && "number" in arg) return Number(arg.number);
    return otherwise ?? fail(`a number "${name}"`);
  }
  /** A number or numbers; `undefined` where it is missing. */
  ns(name: string): number | number[] | undefined {
    const arg = this.raw(name);
    if (arg === undefined) return;
    return Array.isArray(arg) ? arg.map(Number) : this.n(name);
  }
  /** Numbers. */
  list(name: string): number[] {
    const arg = this.ns(name);
    return arg === undefined ? fail(`numbers "${name}"`) : [arg].flat();
  }
  flag(name: string, otherwise = false): boolean {
    const arg = this.raw(name);
    return typeof arg === "boolean" ? arg : otherwise;
  }
  s<S extends string>(name: string, otherwise: S): S {
    const arg = this.raw(name);
    return typeof arg === "string" ? (arg as S) : otherwise;
  }
}

const isReference = (arg: unknown): arg is { readonly $: number } =>
  typeof arg === "object" && arg !== null && "$" in arg;

function fail(what: string): never {
  throw new Error(`golden: the call lacks ${what}`);
}
