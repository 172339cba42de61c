/** Groups of parameters: each has options of its own, and a learning rate that follows the optimizer's. */
import { ValueError } from "../errors.ts";
import { checkNumber, print } from "../tensor/arguments.ts";
import { Parameter, Tensor, tensor } from "../tensor.ts";

/** Parameters, with options that go before those of the optimizer: `{ params: biases, weightDecay: 0 }`. */
export type ParameterGroup<O> = { readonly params: readonly Tensor[] } & Partial<O>;
/** What an optimizer takes: parameters, or groups of them. */
export type ParameterList<O> = readonly Tensor[] | readonly ParameterGroup<O>[];

/** A group as its optimizer keeps it. */
export class Group<Rule extends object = object> {
  readonly parameters: readonly Tensor[];
  /** Its options, complete and checked. */
  readonly rule: Rule;
  /** The learning rate as kernels read it: a scalar. */
  readonly rate: Parameter;
  readonly #kind: string;
  /** The rate that it was given, and the optimizer's at that time: the proportion of the two stays. */
  #given: number;
  #beside: number;
  #pace: number;

  constructor(
    parameters: readonly Tensor[],
    { kind, label, rule, lr, beside }: { kind: string; label: string; rule: Rule; lr: number; beside: number },
  ) {
    this.parameters = parameters;
    this.rule = rule;
    this.#kind = kind;
    this.#given = lr;
    this.#beside = this.#pace = beside;
    this.#checkProportion(lr, beside);
    this.rate = new Parameter(tensor(lr), { label, requiresGrad: false });
  }

  /** The learning rate. What it is set to keeps its proportion to the optimizer's, also when a schedule sets that. */
  get lr(): number {
    if (this.#given === this.#beside) return this.#pace;
    return this.#pace === this.#beside ? this.#given : this.#given * (this.#pace / this.#beside);
  }
  set lr(value: number) {
    this.#change(checkRate(this.#kind, value), this.#pace, this.#pace);
  }

  /** What a checkpoint keeps: its rate and the optimizer's when it was given. */
  get proportion(): readonly [given: number, beside: number] {
    return [this.#given, this.#beside];
  }

  /** Goes along with the learning rate of the optimizer. */
  follow(pace: number, [given, beside]: readonly [given: number, beside: number] = this.proportion): void {
    this.#change(given, beside, pace);
  }

  #change(given: number, beside: number, pace: number): void {
    this.#checkProportion(given, beside);
    const before = this.lr;
    [this.#given, this.#beside, this.#pace] = [given, beside, pace];
    if (this.lr !== before) this.rate.assign(tensor(this.lr)); // data, not a number: one plan serves all values
  }

  #checkProportion(given: number, beside: number): void {
    if (beside > 0 || given === 0) return;
    const got = `lr ${given} for a group of an optimizer of lr 0`;
    const fix = "Give the optimizer the rate of its first group, and freeze parameters by groups of lr 0";
    throw new ValueError({ in: this.#kind, got, want: "rates in proportion to the optimizer's", fix });
  }
}

export function checkRate(kind: string, lr: unknown): number {
  return checkNumber(kind, lr, "lr", 0, Number.MAX_VALUE);
}

/** What was given, as groups, whose parameters are each there once and have a value of their own that wants a gradient. */
export function groupsOf<O>(kind: string, given: ParameterList<O>): ParameterGroup<O>[] {
  const list = listed(kind, given, "the parameters");
  const inGroups = list.some((x) => !(x instanceof Tensor) && typeof x === "object" && x !== null && "params" in x);
  if (!inGroups) return [{ params: checked(kind, list, new Set()) } as unknown as ParameterGroup<O>];
  const seen = new Set<Tensor>();
  return list.map((x, i) => {
    if (x instanceof Tensor || typeof x !== "object" || x === null || !("params" in x)) {
      const got = `${print(x)} beside groups of parameters`;
      throw new ValueError({ in: kind, got, want: "groups { params, … } only", fix: "Write { params: [p] }" });
    }
    const params = checked(kind, listed(kind, x.params, `the parameters of group ${i}`), seen, ` of group ${i}`);
    return { ...(x as ParameterGroup<O>), params };
  });
}

/** The elements of something that can be gone through, but is no tensor. */
function listed(kind: string, given: unknown, name: string): unknown[] {
  const isTensor = given instanceof Tensor;
  if (!isTensor && typeof given === "object" && given !== null && Symbol.iterator in given) {
    return [...(given as Iterable<unknown>)];
  }
  const call = typeof given === "function" ? "Call it: model.parameters()" : "Pass model.parameters()";
  const got = `${print(given)} in the place of ${name}`;
  throw new ValueError({ in: kind, got, want: "an array of them", fix: isTensor ? "Write [p]" : call });
}

function checked(kind: string, list: readonly unknown[], seen: Set<Tensor>, where = ""): Tensor[] {
  const fail = (got: string, want: string, fix: string): never => {
    throw new ValueError({ in: kind, got, want, fix });
  };
  if (list.length === 0) {
    fail(`no parameters${where}`, "at least one", where === "" ? "Pass model.parameters()" : "Leave the group out");
  }
  return list.map((p, i) => {
    const name = p instanceof Tensor && p.label !== "" ? p.label : `parameter ${i}${where}`;
    if (!(p instanceof Tensor)) return fail(`${print(p)} as ${name}`, "tensors", "Pass model.parameters()");
    if (seen.has(p)) fail(`${name} twice`, "each parameter once", "Remove the repetition");
    seen.add(p);
    if (!p.requiresGrad) {
      fail(`${name} without requiresGrad`, "parameters that get gradients", "Set it, or leave it out");
    }
    try {
      p.requiresGrad = true; // refused by results, which have no value of their own to update
    } catch {
      fail(`${name}, which is a result`, "parameters, which have values of their own", "Pass what it is computed from");
    }
    return p;
  });
}
