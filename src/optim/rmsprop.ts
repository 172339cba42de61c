/** RMSprop. */
import { checkOptions } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor.ts";
import { checkAmount, checkDecay, Optimizer, type OptimizerOptions } from "./optimizer.ts";

export interface RMSpropOptions extends OptimizerOptions {
  /** The learning rate, 0.01 unless given. */
  lr?: number;
  /** How much of the running mean of squares is kept, from 0 to below 1. */
  alpha?: number;
  eps?: number;
  momentum?: number;
  /** Divide by the deviation of the gradient instead of its size (Graves 2013, eq. 38). */
  centered?: boolean;
  weightDecay?: number;
}

/** The gradient over the root of the running mean of its square (Tieleman & Hinton 2012, lecture 6.5). */
export class RMSprop extends Optimizer {
  readonly alpha: number;
  readonly eps: number;
  readonly momentum: number;
  readonly centered: boolean;
  readonly weightDecay: number;
  readonly #square: readonly Tensor[];
  readonly #mean: readonly Tensor[];
  readonly #velocity: readonly Tensor[];

  constructor(parameters: readonly Tensor[], options: RMSpropOptions = {}) {
    checkOptions("RMSprop", options, ["lr", "alpha", "eps", "momentum", "centered", "weightDecay", "maximize"]);
    super(parameters, options, { fallback: 0.01 });
    const { alpha = 0.99, eps = 1e-8, momentum = 0, centered = false, weightDecay = 0 } = options;
    this.alpha = checkDecay("RMSprop", alpha, "alpha");
    this.eps = checkAmount("RMSprop", eps, "eps");
    this.momentum = checkDecay("RMSprop", momentum, "momentum");
    this.weightDecay = checkAmount("RMSprop", weightDecay, "weightDecay");
    this.centered = centered;
    this.#square = this.slot("square");
    this.#mean = centered ? this.slot("mean") : [];
    this.#velocity = momentum === 0 ? [] : this.slot("momentum");
  }

  protected override update(p: Tensor, gradient: Tensor, i: number): void {
    const g = this.weightDecay === 0 ? gradient : gradient.add(p.mul(this.weightDecay));
    const kept = (mean: Tensor, x: Tensor): Tensor => this.set(mean, mean.mul(this.alpha).add(x.mul(1 - this.alpha)));
    const square = kept(this.#square[i], g.mul(g));
    const spread = this.centered ? square.sub(kept(this.#mean[i], g).square()) : square;
    const scaled = g.div(spread.sqrt().add(this.eps));
    if (this.momentum === 0) {
      this.set(p, p.sub(scaled.mul(this.rate)));
      return;
    }
    const v = this.set(this.#velocity[i], this.#velocity[i].mul(this.momentum).add(scaled));
    this.set(p, p.sub(v.mul(this.rate)));
  }
}
