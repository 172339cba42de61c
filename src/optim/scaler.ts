/** Training in 16 bits: losses are scaled, so that small gradients are not lost (Micikevicius et al. 2018, sect. 3.2). */
import { CheckpointError, DTypeError, ValueError } from "../errors.ts";
import { isFloat } from "../graph/dtype.ts";
import { checkCount, checkNumber, checkOptions, keepThroughUpdate, print } from "../tensor/arguments.ts";
import { full, Parameter, realize, Tensor, where } from "../tensor.ts";
import { gradientsAreFinite } from "./clip.ts";
import type { Optimizer, OptimizerStateValue } from "./optimizer.ts";

export interface GradScalerOptions {
  /** The first scale: 65,536 unless given. */
  scale?: number;
  /** What the scale is multiplied with after `interval` good steps in a row: 2 unless given. */
  growth?: number;
  /** What it is multiplied with after a gradient that is not finite: ½ unless given. */
  backoff?: number;
  /** 2,000 unless given. */
  interval?: number;
  /** The least scale, 2⁻²⁴ unless given. PyTorch's may become 0. */
  min?: number;
  /** The greatest scale, 2²⁴ unless given. PyTorch's may become infinite. */
  max?: number;
}

/**
 * Scales losses before backward(), gradients back after it, and finds the greatest scale that the gradients' type bears: a
 * step with a gradient that is not finite is left out, and the next has a smaller scale. Everything is recorded and
 * computed with the step.
 *
 * ```ts
 * scaler.scale(loss).backward();
 * await scaler.step(optimizer);
 * ```
 */
export class GradScaler {
  readonly #growth: number;
  readonly #backoff: number;
  readonly #interval: number;
  readonly #min: number;
  readonly #max: number;
  readonly #scale: Parameter;
  /** Good steps since the scale last changed. */
  readonly #good: Parameter;
  readonly #skipped: Parameter;
  /** Whether gradients have been scaled back since the last step. */
  #unscaled = false;

  constructor(options: GradScalerOptions = {}) {
    checkOptions("GradScaler", options, ["scale", "growth", "backoff", "interval", "min", "max"]);
    const { scale = 2 ** 16, growth = 2, backoff = 0.5, interval = 2000, min = 2 ** -24, max = 2 ** 24 } = options;
    this.#min = checkNumber("GradScaler", min, "min", 2 ** -126, 2 ** 126);
    this.#max = checkNumber("GradScaler", max, "max", this.#min, 2 ** 126);
    checkNumber("GradScaler", scale, "scale", this.#min, this.#max);
    this.#growth = checkNumber("GradScaler", growth, "growth", 1, 2 ** 24);
    this.#backoff = checkNumber("GradScaler", backoff, "backoff", 2 ** -24, 1);
    this.#interval = checkCount("GradScaler", interval, "interval", 1, 2 ** 24);
    const counter = (value: number, label: string): Parameter =>
      new Parameter(full([], value), { label: `GradScaler.${label}`, requiresGrad: false });
    this.#scale = counter(scale, "scale");
    this.#good = counter(0, "good");
    this.#skipped = counter(0, "skipped");
  }

  /** The loss times the scale, in float32. The loss itself can be read after step() too. */
  scale(loss: Tensor): Tensor {
    if (!(loss instanceof Tensor) || !isFloat(loss.dtype)) {
      const got = loss instanceof Tensor ? `a loss of ${loss.dtype}` : print(loss);
      throw new DTypeError({ in: "GradScaler.scale", got, want: "a loss in floating point", fix: "Pass the loss" });
    }
    return keepThroughUpdate(loss).float().mul(this.#scale);
  }

  /** Scales the gradients back, so that they can be looked at or clipped before step(), which otherwise does it. */
  unscale(parameters: readonly Tensor[]): void {
    const by = "GradScaler.unscale";
    if (this.#unscaled) {
      throw new ValueError({ in: by, got: "a second call", want: "one before each step()", fix: "Leave one out" });
    }
    for (const p of parameters) {
      if (p.dtype !== "float16" && p.dtype !== "bfloat16") continue;
      const got = `the parameter ${print(p.label)} in ${p.dtype}`;
      const fix = "Keep parameters in float32, and convert them in forward()";
      throw new DTypeError({ in: by, got, want: "gradients that bear to be scaled back", fix });
    }
    const inverse = this.#scale.reciprocal();
    for (const p of parameters) if (p.grad) p.grad = p.grad.mul(inverse.to(p.dtype));
    this.#unscaled = true;
  }

  /** Updates the parameters of `optimizer`, if all of their gradients are finite, and then the scale. */
  async step(optimizer: Optimizer): Promise<void> {
    await optimizer.step({ when: this.update(optimizer.parameters) });
  }

  /**
   * Records the next scale, by whether the gradients of `parameters` are finite, and returns that: for loops that pass it on
   * to `optimizer.step({ when })` themselves.
   */
  update(parameters: readonly Tensor[]): Tensor {
    if (!this.#unscaled) this.unscale(parameters);
    this.#unscaled = false;
    const finite = gradientsAreFinite(parameters);
    const good = this.#good.add(1);
    const isLong = good.ge(this.#interval);
    const [greater, less] = [
      this.#scale.mul(this.#growth).clamp({ max: this.#max }),
      this.#scale.mul(this.#backoff).clamp({ min: this.#min }),
    ];
    this.#skipped.assign(where(finite, this.#skipped, this.#skipped.add(1)));
    this.#scale.assign(where(finite, where(isLong, greater, this.#scale), less));
    this.#good.assign(where(finite.logicalAnd(isLong.logicalNot()), good, 0));
    return finite;
  }

  /** The present scale, a scalar. */
  get current(): Tensor {
    return this.#scale.detach();
  }
  /** How many steps have been left out, a scalar. */
  get skipped(): Tensor {
    return this.#skipped.detach();
  }

  /** All that it remembers, for a checkpoint. */
  state(): Map<string, Tensor> {
    return new Map([this.#scale, this.#good, this.#skipped].map((p) => [p.label, p]));
  }

  /** Takes over what state() gave. If anything does not fit, nothing is loaded. */
  async load(state: ReadonlyMap<string, OptimizerStateValue>): Promise<void> {
    const by = "GradScaler.load";
    const own = this.state();
    const missing = [...own.keys()].filter((name) => state.get(name)?.shape.length !== 0);
    const unexpected = [...state.keys()].filter((name) => !own.has(name));
    if (missing.length + unexpected.length > 0) {
      const got = [
        ...missing.map((name) => `no number ${name}`),
        ...unexpected.map((name) => `the unexpected ${name}`),
      ];
      const fix = "Load what GradScaler.state() gave";
      throw new CheckpointError({ in: by, got: got.join(", "), want: "what its own state() gives", fix });
    }
    const values = new Map<string, number>();
    for (const name of own.keys()) values.set(name, await numberOf(state.get(name) as OptimizerStateValue));
    checkNumber(by, values.get("GradScaler.scale"), "the scale", this.#min, this.#max);
    for (const name of ["good", "skipped"]) checkCount(by, values.get(`GradScaler.${name}`), name);
    for (const [name, value] of values) own.get(name)?.assign(value);
    await realize();
  }
}

const numberOf = async (value: OptimizerStateValue): Promise<number> =>
  value instanceof Tensor ? await value.item() : Number(value.data[0]);
