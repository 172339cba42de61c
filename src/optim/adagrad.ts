/** AdaGrad, and AdaDelta, which grew out of it. */
import { checkOptions } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor.ts";
import { checkAmount, checkDecay, Optimizer, type OptimizerOptions } from "./optimizer.ts";

export interface AdagradOptions extends OptimizerOptions {
  /** The learning rate, 0.01 unless given. */
  lr?: number;
  /** The rate of step t is `lr / (1 + (t − 1) · lrDecay)`. */
  lrDecay?: number;
  weightDecay?: number;
  /** What the sum of squares starts with. */
  initialAccumulatorValue?: number;
  eps?: number;
}

/** The gradient over the root of the sum of all its squares so far (Duchi et al. 2011). */
export class Adagrad extends Optimizer {
  readonly lrDecay: number;
  readonly weightDecay: number;
  readonly eps: number;
  readonly #sum: readonly Tensor[];

  constructor(parameters: readonly Tensor[], options: AdagradOptions = {}) {
    checkOptions("Adagrad", options, ["lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps", "maximize"]);
    const { lrDecay = 0, weightDecay = 0, initialAccumulatorValue = 0, eps = 1e-10 } = options;
    super(parameters, options, { fallback: 0.01, counts: lrDecay !== 0 });
    this.lrDecay = checkAmount("Adagrad", lrDecay, "lrDecay");
    this.weightDecay = checkAmount("Adagrad", weightDecay, "weightDecay");
    this.eps = checkAmount("Adagrad", eps, "eps");
    this.#sum = this.slot("sum", checkAmount("Adagrad", initialAccumulatorValue, "initialAccumulatorValue"));
  }

  protected override update(p: Tensor, gradient: Tensor, i: number): void {
    const g = this.weightDecay === 0 ? gradient : gradient.add(p.mul(this.weightDecay));
    const sum = this.set(this.#sum[i], this.#sum[i].add(g.mul(g)));
    const rate = this.lrDecay === 0 ? this.rate : this.rate.div(this.count(i).sub(1).mul(this.lrDecay).add(1));
    this.set(p, p.sub(g.div(sum.sqrt().add(this.eps)).mul(rate)));
  }
}

export interface AdadeltaOptions extends OptimizerOptions {
  /** What the change is multiplied by, 1 unless given: the method sets its own pace. */
  lr?: number;
  /** How much of the running means of squares is kept, from 0 to below 1. */
  rho?: number;
  eps?: number;
  weightDecay?: number;
}

/** Steps of the size of past steps, over the size of past gradients (Zeiler 2012, algorithm 1). */
export class Adadelta extends Optimizer {
  readonly rho: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly #square: readonly Tensor[];
  readonly #change: readonly Tensor[];

  constructor(parameters: readonly Tensor[], options: AdadeltaOptions = {}) {
    checkOptions("Adadelta", options, ["lr", "rho", "eps", "weightDecay", "maximize"]);
    super(parameters, options, { fallback: 1 });
    const { rho = 0.9, eps = 1e-6, weightDecay = 0 } = options;
    this.rho = checkDecay("Adadelta", rho, "rho");
    this.eps = checkAmount("Adadelta", eps, "eps");
    this.weightDecay = checkAmount("Adadelta", weightDecay, "weightDecay");
    this.#square = this.slot("square");
    this.#change = this.slot("change");
  }

  protected override update(p: Tensor, gradient: Tensor, i: number): void {
    const g = this.weightDecay === 0 ? gradient : gradient.add(p.mul(this.weightDecay));
    const kept = (mean: Tensor, x: Tensor): Tensor => this.set(mean, mean.mul(this.rho).add(x.mul(1 - this.rho)));
    const past = this.#change[i].add(this.eps).sqrt(); // of the changes before this one
    const square = kept(this.#square[i], g.mul(g)); // line 4
    const change = past.div(square.add(this.eps).sqrt()).mul(g); // line 5
    kept(this.#change[i], change.mul(change)); // line 6
    this.set(p, p.sub(change.mul(this.rate))); // line 7
  }
}
