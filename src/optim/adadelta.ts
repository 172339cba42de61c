/** AdaDelta. */
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

export interface AdadeltaOptions extends OptimizerOptions {
  /** What the change is multiplied by, 1 unless given: the method sets its own pace. */
  lr?: number;
  /** How much of the running means of squares is kept, from 0 to below 1. */
  rho?: number;
  eps?: number;
  weightDecay?: number;
}

interface Rule {
  readonly rho: number;
  readonly eps: number;
  readonly weightDecay: number;
}

const rule = ({ rho = 0.9, eps = 1e-6, weightDecay = 0 }: AdadeltaOptions): Rule => ({
  rho: checkDecay("Adadelta", rho, "rho"),
  eps: checkAmount("Adadelta", eps, "eps"),
  weightDecay: checkAmount("Adadelta", weightDecay, "weightDecay"),
});

/** Steps of the size of past steps, over the size of past gradients (Zeiler 2012, algorithm 1). */
export class Adadelta extends Optimizer<Rule> {
  readonly #square: Slot;
  readonly #change: Slot;

  constructor(parameters: ParameterList<AdadeltaOptions>, options: AdadeltaOptions = {}) {
    const names = ["rho", "eps", "weightDecay"] satisfies (keyof AdadeltaOptions)[];
    super(parameters, options, { names, lr: 1, rule });
    this.#square = this.slot("square");
    this.#change = this.slot("change");
  }

  protected override update({ p, g: gradient, i, rate, rule: { rho, eps, weightDecay } }: Update<Rule>): Tensor {
    const g = penalized(gradient, p, weightDecay); // line 3
    const kept = (mean: Tensor, x: Tensor): Tensor => this.set(mean, mean.mul(rho).add(x.mul(1 - rho)));
    const past = this.#change[i].add(eps).sqrt(); // of the changes before this one
    const square = kept(this.#square[i], g.mul(g)); // line 4
    const change = past.div(square.add(eps).sqrt()).mul(g); // line 5
    kept(this.#change[i], change.mul(change)); // line 6
    return p.sub(change.mul(rate)); // line 7
  }
}
