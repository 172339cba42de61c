/**
 * What optimizers share. A step records the update of every parameter that has a gradient, and computes it as one plan with
 * the forward and the backward pass. The learning rate and the counts of steps are tensors, so that a step that is compiled
 * once reads their present values.
 */
import { CheckpointError, DTypeError, ValueError } from "../errors.ts";
import { type DType, dtypes, type HostArray } from "../graph/dtype.ts";
import { type Shape, sameShape, show } from "../graph/shape.ts";
import { checkNumber, print } from "../tensor/arguments.ts";
import { full, fullLike, Parameter, realize, Tensor, tensor, where } from "../tensor.ts";

export interface OptimizerOptions {
  /** The learning rate. */
  lr?: number;
  /** Go up the gradient instead of down. */
  maximize?: boolean;
}

export interface StepOptions {
  /** A bool of one element: where it does not hold, nothing is changed, not even the counts of steps. */
  when?: Tensor;
}

/** A tensor to be loaded: of an optimizer, or of a file. */
export type OptimizerStateValue = Tensor | { readonly dtype: DType; readonly shape: Shape; readonly data: HostArray };

/** State that an optimizer keeps for each parameter, in its shape. */
type Slot = readonly Parameter[];

/** The updates that all parameters have had whose first gradient came at the same time. */
interface Cohort {
  readonly t: Parameter;
  /** `t` after the present step; null between steps. */
  now: Tensor | null;
}

export abstract class Optimizer {
  readonly parameters: readonly Tensor[];
  readonly #kind: string;
  readonly #names: readonly string[];
  readonly #maximize: boolean;
  #lr: number;
  /** The learning rate as kernels read it: a scalar. */
  readonly #rate: Parameter;
  readonly #slots = new Map<string, Slot>();
  /** Of each parameter; undefined before its first gradient. PyTorch counts for each parameter by itself. */
  readonly #cohorts: (Cohort | undefined)[];
  readonly #counts: boolean;
  #when: Tensor | null = null;

  /** `fallback`: the learning rate that is taken where none is given; `counts`: whether the update needs step counts. */
  constructor(
    parameters: readonly Tensor[],
    options: OptimizerOptions,
    { fallback, counts = false }: { fallback?: number; counts?: boolean } = {},
  ) {
    this.#kind = this.constructor.name;
    this.parameters = checkParameters(this.#kind, parameters);
    const labels = this.parameters.map((p) => p.label);
    const named = labels.every((label) => label !== "") && new Set(labels).size === labels.length;
    this.#names = named ? labels : labels.map((_, i) => String(i));
    this.#maximize = options.maximize ?? false;
    this.#lr = checkRate(this.#kind, "lr" in options ? options.lr : fallback);
    this.#rate = new Parameter(tensor(this.#lr), { label: `${this.#kind}.lr`, requiresGrad: false });
    this.#cohorts = this.parameters.map(() => undefined);
    this.#counts = counts;
  }

  /** The learning rate. Setting it changes the steps from now on, and compiles nothing anew. */
  get lr(): number {
    return this.#lr;
  }
  set lr(value: number) {
    if (value === this.#lr) return;
    this.#lr = checkRate(this.#kind, value);
    this.#rate.assign(tensor(value)); // data, not a number: one plan serves all values
  }

  /**
   * Updates every parameter that has a gradient, and computes the whole step, with all that was assigned since the last, as
   * one plan. Gradients are used up, so that nobody has to call zeroGrad(); a parameter without one stays as it is.
   */
  async step({ when }: StepOptions = {}): Promise<void> {
    const found = this.parameters.flatMap((p, i) => (p.grad ? [{ p, i, g: p.grad }] : []));
    for (const { p, i, g } of found) {
      if (g.dtype === p.dtype) continue;
      const got = `a gradient in ${g.dtype} for ${this.#names[i]}`;
      throw new DTypeError({ in: `${this.#kind}.step`, got, want: p.dtype, fix: `Convert it with to("${p.dtype}")` });
    }
    this.#when = when ?? null;
    const starting: Cohort = { t: this.#newCount(), now: null };
    for (const { i } of found) this.#cohorts[i] ??= starting;
    for (const { p, i, g } of found) this.update(p, this.#maximize ? g.neg() : g, i);
    for (const { p } of found) p.zeroGrad();
    for (const cohort of this.#cohorts) if (cohort) cohort.now = null;
    this.#when = null;
    await realize();
  }

  /** Forgets all gradients. After step() there are none. */
  zeroGrad(): void {
    for (const p of this.parameters) p.zeroGrad();
  }

  /** Records the new values of parameter `i` and its state, given its gradient; with `set`, so that `when` is heeded. */
  protected abstract update(p: Tensor, g: Tensor, i: number): void;

  /** The learning rate: a scalar. */
  protected get rate(): Tensor {
    return this.#rate;
  }

  /** State of each parameter, in its shape or a scalar, which starts as `value`. It has no memory before its first use. */
  protected slot(name: string, value = 0, { scalar = false }: { scalar?: boolean } = {}): Slot {
    const slot = this.parameters.map((p, i) => {
      const label = `${this.#kind}.${this.#names[i]}.${name}`;
      return new Parameter(scalar ? full([], value) : fullLike(p, value), { label, requiresGrad: false });
    });
    this.#slots.set(name, slot);
    return slot;
  }

  /** The number of updates that parameter `i` has had, the present one included: a scalar. */
  protected count(i: number): Tensor {
    const cohort = this.#cohorts[i];
    if (!cohort) throw new Error("optimizer: counting a parameter without a gradient");
    cohort.now ??= this.set(cohort.t, cohort.t.add(1));
    return cohort.now;
  }

  /** Gives a parameter or its state a new value, and returns it. */
  protected set(to: Tensor, value: Tensor): Tensor {
    return to.assign(this.#when ? where(this.#when, value, to) : value);
  }

  #newCount(): Parameter {
    return new Parameter(full([], 0), { label: `${this.#kind}.step`, requiresGrad: false });
  }

  /** All that it remembers, by names such as `"AdamW.fc1.weight.m"`, for a checkpoint. */
  state(): Map<string, Tensor> {
    const state = new Map<string, Tensor>([[`${this.#kind}.lr`, this.#rate]]);
    this.#names.forEach((name, i) => {
      if (this.#counts) state.set(`${this.#kind}.${name}.step`, this.#cohorts[i]?.t ?? full([], 0));
      for (const [slot, values] of this.#slots) state.set(`${this.#kind}.${name}.${slot}`, values[i]);
    });
    return state;
  }

  /**
   * Takes over what state() gave, of an optimizer of the same kind over the same parameters. If anything does not fit,
   * nothing is loaded, and the error lists all of it.
   */
  async load(state: ReadonlyMap<string, OptimizerStateValue>): Promise<void> {
    const own = this.state();
    refuse(this.#kind, own, state);
    const at = (name: string): Tensor => tensorOf(state.get(name) as OptimizerStateValue);
    const prefix = (i: number): string => `${this.#kind}.${this.#names[i]}`;
    const lr = checkRate(`${this.#kind}.load`, await at(`${this.#kind}.lr`).item());
    const counts: number[] = [];
    if (this.#counts) {
      for (const i of this.parameters.keys()) counts.push(await at(`${prefix(i)}.step`).item());
    }
    this.lr = lr;
    const cohorts = new Map<number, Cohort>();
    for (const i of this.parameters.keys()) {
      const count = counts[i] ?? 0;
      let cohort = cohorts.get(count);
      if (count > 0 && !cohort) {
        cohort = { t: this.#newCount(), now: null };
        cohort.t.assign(count);
        cohorts.set(count, cohort);
      }
      this.#cohorts[i] = cohort;
      for (const [slot, values] of this.#slots) values[i].assign(at(`${prefix(i)}.${slot}`));
    }
    await realize();
  }
}

/** Parameters that can be optimized: each once, and each a value of its own that wants a gradient. */
function checkParameters(kind: string, parameters: readonly Tensor[]): readonly Tensor[] {
  const fail = (got: string, want: string, fix: string): never => {
    throw new ValueError({ in: kind, got, want, fix });
  };
  const given = parameters as unknown;
  if (typeof given !== "object" || given === null || !(Symbol.iterator in given)) {
    const call = typeof given === "function" ? "Call it: model.parameters()" : "Pass model.parameters()";
    const fix = given instanceof Tensor ? "Write [p]" : call;
    fail(`${print(given)} in the place of the parameters`, "an array of them", fix);
  }
  const list = [...parameters];
  if (list.length === 0) fail("no parameters", "at least one", "Pass model.parameters()");
  list.forEach((p, i) => {
    const name = p instanceof Tensor && p.label !== "" ? p.label : `parameter ${i}`;
    if (!(p instanceof Tensor)) fail(`${print(p)} as ${name}`, "tensors", "Pass model.parameters()");
    if (list.indexOf(p) !== i) fail(`${name} twice`, "each parameter once", "Remove the repetition");
    if (!p.requiresGrad)
      fail(`${name} without requiresGrad`, "parameters that get gradients", "Set it, or leave it out");
    try {
      p.requiresGrad = true; // refused by results, which have no value of their own to update
    } catch {
      fail(`${name}, which is a result`, "parameters, which have values of their own", "Pass what it is computed from");
    }
  });
  return list;
}

function checkRate(kind: string, lr: unknown): number {
  return checkNumber(kind, lr, "lr", 0, Number.MAX_VALUE);
}

/** A number from 0 to below 1, such as Adam's betas. */
export function checkDecay(kind: string, value: number, name: string): number {
  if (typeof value === "number" && value >= 0 && value < 1) return value;
  const got = `${name} ${print(value)}`;
  throw new ValueError({ in: kind, got, want: "a number from 0 to below 1", fix: `Check ${name}` });
}

/** A finite number of at least 0. */
export const checkAmount = (kind: string, value: number, name: string): number =>
  checkNumber(kind, value, name, 0, Number.MAX_VALUE);

function refuse(kind: string, own: ReadonlyMap<string, Tensor>, state: ReadonlyMap<string, OptimizerStateValue>): void {
  const missing = [...own.keys()].filter((name) => !state.has(name));
  const unexpected = [...state.keys()].filter((name) => !own.has(name));
  const misfits = [...own].flatMap(([name, tensor]) => {
    const value = state.get(name);
    if (!value) return [];
    if (!sameShape(value.shape, tensor.shape)) return [`${name} of ${show(value.shape)} for ${show(tensor.shape)}`];
    return dtypes[value.dtype].kind === "float" ? [] : [`${name} in ${value.dtype} for ${tensor.dtype}`];
  });
  const parts = [
    ...(missing.length > 0 ? [`a state without ${missing.join(", ")}`] : []),
    ...(unexpected.length > 0 ? [`the unexpected ${unexpected.join(", ")}`] : []),
    ...misfits,
  ];
  if (parts.length === 0) return;
  throw new CheckpointError({
    in: `${kind}.load`,
    got: parts.join("; "),
    want: "what its own state() gives",
    fix: "Load it into the optimizer it was saved from, over the same parameters",
  });
}

const tensorOf = (value: OptimizerStateValue): Tensor =>
  value instanceof Tensor ? value : tensor(value.data as Float32Array, value.shape, { dtype: value.dtype });

/** `1 − βᵗ` for a scalar `t`, precise also where βᵗ is next to 1: with `h = tanh(½t ln β)` it is `−2h / (1 − h)`. */
export function unbias(beta: number, t: Tensor): Tensor {
  const h = t.mul(Math.log(beta) / 2).tanh();
  return h.mul(-2).div(h.neg().add(1));
}
