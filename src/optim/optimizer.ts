/**
 * What optimizers share. A step records the update of every parameter that has a gradient, and computes it as one plan with
 * the forward and the backward pass. Learning rates and counts of steps are tensors, so that a step that is compiled once
 * reads their present values.
 */
import { CheckpointError, DTypeError, StaleError, ValueError } from "../errors.ts";
import { type DType, dtypes, type HostArray } from "../graph/dtype.ts";
import { type Shape, sameShape, show } from "../graph/shape.ts";
import { checkNumber, checkOptions, print } from "../tensor/arguments.ts";
import { full, fullLike, Parameter, realize, Tensor, tensor, where } from "../tensor.ts";
import { limitNorms, softThreshold } from "./constraint.ts";
import { checkRate, Group, groupsOf, type ParameterList } from "./group.ts";

/** What every optimizer takes, as a whole and for each group. */
export interface OptimizerOptions {
  /** The learning rate. */
  lr?: number;
  /** Go up the gradient instead of down. */
  maximize?: boolean;
  /**
   * An L1 penalty that makes parameters exactly 0: after its update each element moves towards 0 by `lr · l1`, and stays 0
   * within it. With SGD this is ISTA (Daubechies et al. 2004; Beck & Teboulle 2009, eq. 1.4).
   */
  l1?: number;
  /** The greatest norm of each unit's incoming weights (Srivastava et al. 2014, sect. 5.1); vectors are left as they are. */
  maxNorm?: number;
}

/** The options that all groups have, complete and checked. */
export interface CommonRule {
  readonly maximize: boolean;
  readonly l1: number;
  readonly maxNorm: number;
}

export interface StepOptions {
  /** A bool of one element: where it does not hold, nothing is changed, not even the counts of steps. */
  when?: Tensor;
}

/** What tells one optimizer from another, beside its update. */
export interface OptimizerKind<Options, Rule> {
  /** Its options, beside those that all have. */
  readonly names: readonly (keyof Options)[];
  /** The learning rate where none is given; without, one has to be given. */
  readonly lr?: number;
  /** The options of a group, complete and checked. */
  readonly rule: (options: Options) => Rule;
  /** Whether the update asks for counts of steps. */
  readonly counts?: (rule: Rule) => boolean;
}

/** A parameter in a step: its gradient, the learning rate, and the options of its group. */
export interface Update<Rule> {
  readonly p: Tensor;
  readonly g: Tensor;
  /** Its place among all parameters. */
  readonly i: number;
  readonly rate: Tensor;
  readonly rule: Rule;
}

/** A tensor to be loaded: of an optimizer, or of a file. */
export type OptimizerStateValue = Tensor | { readonly dtype: DType; readonly shape: Shape; readonly data: HostArray };

/** State that an optimizer keeps for each parameter, by its place; there is none for those that do not need it. */
export type Slot = readonly Parameter[];

/** The updates that all parameters of a group have had whose first gradient came at the same time. */
interface Cohort {
  readonly t: Parameter;
  /** `t` after the present step, and what was computed from it; null between steps. */
  now: Tensor | null;
  shared: unknown;
}

export abstract class Optimizer<Rule extends object = object> {
  readonly parameters: readonly Tensor[];
  /** The groups of parameters, of which there is one unless more were given. */
  readonly groups: readonly Group<Rule & CommonRule>[];
  readonly #kind: string;
  readonly #names: readonly string[];
  /** Whether groups were given, so that each has a learning rate of its own to save. */
  readonly #grouped: boolean;
  #lr: number;
  readonly #groupOf: readonly Group<Rule & CommonRule>[];
  readonly #slots = new Map<string, Slot>();
  /** Of each parameter; undefined before its first gradient. PyTorch counts for each parameter by itself. */
  readonly #cohorts: (Cohort | undefined)[];
  readonly #counts: (i: number) => boolean;
  #when: Tensor | null = null;

  protected constructor(
    parameters: ParameterList<OptimizerOptions>,
    options: OptimizerOptions,
    { names, lr: fallback, rule, counts }: OptimizerKind<never, Rule>,
  ) {
    const kind = this.constructor.name;
    this.#kind = kind;
    const known = [...["lr", ...(names as string[]), "maximize", "l1", "maxNorm"]];
    checkOptions(kind, options, known);
    const given = groupsOf(kind, parameters);
    for (const group of given) checkOptions(kind, group, ["params", ...known]);
    this.#grouped = given.some((group) => Object.keys(group).length > 1) || given.length > 1;

    const first = given.every((group) => "lr" in group) ? given[0].lr : fallback;
    this.#lr = checkRate(kind, "lr" in options ? options.lr : first);
    this.groups = given.map(({ params, ...own }, k) => {
      const all = { ...options, ...own };
      const { maximize = false, l1 = 0, maxNorm = Infinity } = all;
      checkAmount(kind, l1, "l1");
      checkNumber(kind, maxNorm, "maxNorm", Number.MIN_VALUE, Infinity);
      return new Group(params, {
        kind,
        label: this.#grouped ? `${kind}.groups.${k}.lr` : `${kind}.lr`,
        rule: { ...rule(all as never), maximize, l1, maxNorm },
        lr: checkRate(kind, "lr" in own ? own.lr : this.#lr),
        beside: this.#lr,
      });
    });
    this.parameters = this.groups.flatMap((group) => group.parameters);
    this.#groupOf = this.groups.flatMap((group) => group.parameters.map(() => group));
    const labels = this.parameters.map((p) => p.label);
    const named = labels.every((label) => label !== "") && new Set(labels).size === labels.length;
    this.#names = named ? labels : labels.map((_, i) => String(i));
    this.#cohorts = this.parameters.map(() => undefined);
    this.#counts = (i) => counts?.(this.#groupOf[i].rule) ?? false;
  }

  /**
   * The learning rate. Setting it changes the steps from now on, and compiles nothing anew. The rates of groups keep their
   * proportion to it: where groups have their own and the optimizer was given none, it is that of the first.
   */
  get lr(): number {
    return this.#lr;
  }
  set lr(value: number) {
    this.#lr = checkRate(this.#kind, value);
    for (const group of this.groups) group.follow(value);
  }

  /**
   * Updates every parameter that has a gradient, and computes the whole step, with all that was assigned since the last, as
   * one plan. Gradients are used up, so that nobody has to call zeroGrad(); a parameter without one stays as it is.
   *
   * @throws StaleError if a gradient, or another update, was recorded before a value it needs was updated; nothing is changed.
   */
  async step({ when }: StepOptions = {}): Promise<void> {
    const found = this.parameters.flatMap((p, i) => (p.grad ? [{ p, i, g: p.grad }] : []));
    for (const { p, i, g } of found) {
      if (g.dtype === p.dtype) continue;
      const got = `a gradient in ${g.dtype} for ${this.#names[i]}`;
      throw new DTypeError({ in: `${this.#kind}.step`, got, want: p.dtype, fix: `Convert it with to("${p.dtype}")` });
    }
    this.#when = when ?? null;
    const starting = new Map(this.groups.map((group) => [group, this.#newCohort()]));
    for (const { i } of found) this.#cohorts[i] ??= starting.get(this.#groupOf[i]);
    for (const { p, i, g } of found) {
      const { rate, rule } = this.#groupOf[i];
      const updated = this.update({ p, g: rule.maximize ? g.neg() : g, i, rate, rule });
      const sparse = rule.l1 === 0 ? updated : softThreshold(updated, rate.mul(rule.l1));
      this.set(p, rule.maxNorm === Infinity ? sparse : limitNorms(sparse, rule.maxNorm));
    }
    for (const { p } of found) p.zeroGrad();
    for (const cohort of this.#cohorts) if (cohort) cohort.now = cohort.shared = null;
    this.#when = null;
    try {
      await realize();
    } catch (error) {
      throw error instanceof StaleError ? this.#stale(error) : error;
    }
  }

  #stale({ problem: { got, want } }: StaleError): StaleError {
    return new StaleError({
      ...{ in: `${this.#kind}.step`, got, want },
      fix: "Call zeroGrad() before backward() where the loss of another model leaves gradients here too, as a generator's does in its discriminator; otherwise record the loss again after the update",
    });
  }

  /** Forgets all gradients. After step() there are none. */
  zeroGrad(): void {
    for (const p of this.parameters) p.zeroGrad();
  }

  /** The new value of a parameter, given its gradient. State is changed with `set`, so that `when` is heeded. */
  protected abstract update(update: Update<Rule>): Tensor;

  /**
   * State of each parameter, in its shape or a scalar, which starts as `value`, for those whose group needs it. It has no
   * memory before its first use.
   */
  protected slot(
    name: string,
    {
      value = () => 0,
      needs = () => true,
      scalar = false,
    }: { value?: (rule: Rule) => number; needs?: (rule: Rule) => boolean; scalar?: boolean } = {},
  ): Slot {
    const slot: Parameter[] = [];
    for (const [i, p] of this.parameters.entries()) {
      const { rule } = this.#groupOf[i];
      if (!needs(rule)) continue;
      const label = `${this.#kind}.${this.#names[i]}.${name}`;
      const start = scalar ? full([], value(rule)) : fullLike(p, value(rule));
      slot[i] = new Parameter(start, { label, requiresGrad: false });
    }
    this.#slots.set(name, slot);
    return slot;
  }

  /** The number of updates that parameter `i` has had, the present one included: a scalar. */
  protected count(i: number): Tensor {
    const cohort = this.#cohortOf(i);
    cohort.now ??= this.set(cohort.t, cohort.t.add(1));
    return cohort.now;
  }

  /** What `make` computes from the count, computed once a step for all parameters of a group that share it. */
  protected shared<T>(i: number, make: (t: Tensor) => T): T {
    const t = this.count(i);
    const cohort = this.#cohortOf(i);
    cohort.shared ??= make(t);
    return cohort.shared as T;
  }

  /** Gives a parameter or its state a new value, and returns it. */
  protected set(to: Tensor, value: Tensor): Tensor {
    return to.assign(this.#when ? where(this.#when, value, to) : value);
  }

  #cohortOf(i: number): Cohort {
    const cohort = this.#cohorts[i];
    if (!cohort) throw new Error("optimizer: counting a parameter without a gradient");
    return cohort;
  }

  #newCohort(): Cohort {
    const t = new Parameter(full([], 0), { label: `${this.#kind}.step`, requiresGrad: false });
    return { t, now: null, shared: null };
  }

  /** All that it remembers, by names such as `"AdamW.fc1.weight.m"`, for a checkpoint. */
  state(): Map<string, Tensor> {
    const state = new Map<string, Tensor>([[`${this.#kind}.lr`, full([], this.#lr, { dtype: "float64" })]]);
    if (this.#grouped) {
      for (const [k, { proportion }] of this.groups.entries()) {
        state.set(`${this.#kind}.groups.${k}.lr`, tensor(proportion, { dtype: "float64" }));
      }
    }
    this.#names.forEach((name, i) => {
      if (this.#counts(i)) state.set(`${this.#kind}.${name}.step`, this.#cohorts[i]?.t ?? full([], 0));
      for (const [slot, values] of this.#slots) {
        if (values[i]) state.set(`${this.#kind}.${name}.${slot}`, values[i]);
      }
    });
    return state;
  }

  /**
   * Takes over what state() gave, of an optimizer of the same kind over the same parameters. If anything does not fit,
   * nothing is loaded, and the error lists all of it.
   */
  async load(state: ReadonlyMap<string, OptimizerStateValue>): Promise<void> {
    const own = this.state();
    const [by, kind] = [`${this.#kind}.load`, this.#kind];
    refuse(kind, own, state);
    const at = (name: string): Tensor => tensorOf(state.get(`${kind}.${name}`) as OptimizerStateValue);
    const lr = checkRate(by, await at("lr").item());
    const rates: [number, number][] = [];
    if (this.#grouped) {
      for (const k of this.groups.keys()) {
        const [given, beside] = await at(`groups.${k}.lr`).data();
        rates.push([checkRate(by, given), checkRate(by, beside)]);
      }
    }
    const counts: number[] = [];
    for (const i of this.parameters.keys()) {
      counts.push(this.#counts(i) ? await at(`${this.#names[i]}.step`).item() : 0);
    }
    this.#lr = lr;
    for (const [k, group] of this.groups.entries()) group.follow(lr, rates[k] ?? [lr, lr]);
    const cohorts = new Map(this.groups.map((group) => [group, new Map<number, Cohort>()]));
    for (const [i, count] of counts.entries()) {
      const ofGroup = cohorts.get(this.#groupOf[i]);
      let cohort = ofGroup?.get(count);
      if (count > 0 && !cohort) {
        cohort = this.#newCohort();
        cohort.t.assign(count);
        ofGroup?.set(count, cohort);
      }
      this.#cohorts[i] = cohort;
      for (const [slot, values] of this.#slots) values[i]?.assign(at(`${this.#names[i]}.${slot}`));
    }
    await realize();
  }
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

/** The gradient with that of the L2 penalty `½ · weightDecay · Σp²`, if there is one. */
export const penalized = (g: Tensor, p: Tensor, weightDecay: number): Tensor =>
  weightDecay === 0 ? g : g.add(p.mul(weightDecay));
