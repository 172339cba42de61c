/** Gradient descent, with or without momentum. */

import { ValueError } from "../errors.ts";
import { checkOptions } from "../tensor/arguments.ts";
import { type Tensor, where } from "../tensor.ts";
import { checkAmount, checkDecay, Optimizer, type OptimizerOptions } from "./optimizer.ts";

export interface SGDOptions extends OptimizerOptions {
  lr: number;
  /** How much of the last update is kept, from 0 to below 1. */
  momentum?: number;
  /** How much less than all of the gradient goes into the momentum. */
  dampening?: number;
  /** Look ahead by the momentum (Sutskever et al. 2013). It takes momentum, and no dampening. */
  nesterov?: boolean;
  /** The L2 penalty: this times the parameter is added to its gradient. */
  weightDecay?: number;
}

/** Stochastic gradient descent with momentum, as PyTorch defines it: the learning rate scales the whole velocity. */
export class SGD extends Optimizer {
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  readonly #velocity: readonly Tensor[];

  constructor(parameters: readonly Tensor[], options: SGDOptions = {} as SGDOptions) {
    checkOptions("SGD", options, ["lr", "momentum", "dampening", "nesterov", "weightDecay", "maximize"]);
    const { momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options;
    super(parameters, options, { counts: dampening !== 0 });
    this.momentum = checkDecay("SGD", momentum, "momentum");
    this.dampening = checkAmount("SGD", dampening, "dampening");
    this.weightDecay = checkAmount("SGD", weightDecay, "weightDecay");
    this.nesterov = nesterov;
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      const got = `nesterov with momentum ${momentum} and dampening ${dampening}`;
      throw new ValueError({ in: "SGD", got, want: "momentum above 0 and no dampening", fix: "Set momentum: 0.9" });
    }
    this.#velocity = momentum === 0 ? [] : this.slot("momentum");
  }

  protected override update(p: Tensor, gradient: Tensor, i: number): void {
    const g = this.weightDecay === 0 ? gradient : gradient.add(p.mul(this.weightDecay));
    const direction = this.momentum === 0 ? g : this.#withMomentum(g, i);
    this.set(p, p.sub(direction.mul(this.rate)));
  }

  #withMomentum(g: Tensor, i: number): Tensor {
    const last = this.#velocity[i].mul(this.momentum);
    const next = last.add(this.dampening === 0 ? g : this.#dampened(g, i));
    const v = this.set(this.#velocity[i], next);
    return this.nesterov ? g.add(v.mul(this.momentum)) : v;
  }

  /** The first gradient goes in whole. */
  #dampened(g: Tensor, i: number): Tensor {
    return where(this.count(i).eq(1), g, g.mul(1 - this.dampening));
  }
}
