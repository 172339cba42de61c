/** RMSprop. */
import type { Tensor } from "../tensor.ts";
import type { ParameterList } from "./group.ts";
import {
  checkAmount,
  checkDecay,
  Optimizer,
  type OptimizerOptions,
  penalized,
  type Slot,
  type Update,
} from "./optimizer.ts";

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

interface Rule {
  readonly alpha: number;
  readonly eps: number;
  readonly momentum: number;
  readonly centered: boolean;
  readonly weightDecay: number;
}

const rule = (options: RMSpropOptions): Rule => {
  const { alpha = 0.99, eps = 1e-8, momentum = 0, centered = false, weightDecay = 0 } = options;
  return {
    alpha: checkDecay("RMSprop", alpha, "alpha"),
    eps: checkAmount("RMSprop", eps, "eps"),
    momentum: checkDecay("RMSprop", momentum, "momentum"),
    centered,
    weightDecay: checkAmount("RMSprop", weightDecay, "weightDecay"),
  };
};

/** The gradient over the root of the running mean of its square (Tieleman & Hinton 2012, lecture 6.5). */
export class RMSprop extends Optimizer<Rule> {
  readonly #square: Slot;
  readonly #mean: Slot;
  readonly #velocity: Slot;

  constructor(parameters: ParameterList<RMSpropOptions>, options: RMSpropOptions = {}) {
    const names = ["alpha", "eps", "momentum", "centered", "weightDecay"] satisfies (keyof RMSpropOptions)[];
    super(parameters, options, { names, lr: 0.01, rule });
    this.#square = this.slot("square");
    this.#mean = this.slot("mean", { needs: ({ centered }) => centered });
    this.#velocity = this.slot("momentum", { needs: ({ momentum }) => momentum !== 0 });
  }

  protected override update({ p, g: gradient, i, rate, rule }: Update<Rule>): Tensor {
    const { alpha, eps, momentum, centered, weightDecay } = rule;
    const g = penalized(gradient, p, weightDecay);
    const kept = (mean: Tensor, x: Tensor): Tensor => this.set(mean, mean.mul(alpha).add(x.mul(1 - alpha)));
    const square = kept(this.#square[i], g.mul(g)); // αv + (1 − α)g²
    const spread = centered ? square.sub(kept(this.#mean[i], g).square()) : square;
    const scaled = g.div(spread.sqrt().add(eps));
    if (momentum === 0) return p.sub(scaled.mul(rate));
    const v = this.set(this.#velocity[i], this.#velocity[i].mul(momentum).add(scaled));
    return p.sub(v.mul(rate));
  }
}
