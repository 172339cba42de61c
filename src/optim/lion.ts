/** Lion. */
import type { Tensor } from "../tensor.ts";
import type { ParameterList } from "./group.ts";
import { checkAmount, checkDecay, Optimizer, type OptimizerOptions, type Slot, type Update } from "./optimizer.ts";

export interface LionOptions extends OptimizerOptions {
  /** The learning rate, 1e-4 unless given: each element moves by it, so it is to be 3 to 10 times less than Adam's. */
  lr?: number;
  /** How much of the momentum goes into the step, and how much of it is kept, each from 0 to below 1. */
  betas?: readonly [number, number];
  /** Apart from the gradient, as AdamW's; it is to be as many times more as the rate is less. */
  weightDecay?: number;
}

interface Rule {
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
}

const rule = ({ betas = [0.9, 0.99], weightDecay = 0 }: LionOptions): Rule => ({
  betas: [checkDecay("Lion", betas[0], "betas[0]"), checkDecay("Lion", betas[1], "betas[1]")],
  weightDecay: checkAmount("Lion", weightDecay, "weightDecay"),
});

/** Steps of one size in every element, by the sign of the momentum (Chen et al. 2023, algorithm 2). */
export class Lion extends Optimizer<Rule> {
  readonly #m: Slot;

  constructor(parameters: ParameterList<LionOptions>, options: LionOptions = {}) {
    super(parameters, options, { names: ["betas", "weightDecay"] satisfies (keyof LionOptions)[], lr: 1e-4, rule });
    this.#m = this.slot("m");
  }

  protected override update({ p, g, i, rate, rule: { betas, weightDecay } }: Update<Rule>): Tensor {
    const mix = (beta: number): Tensor => this.#m[i].mul(beta).add(g.mul(1 - beta));
    const c = mix(betas[0]); // c ← β₁m + (1 − β₁)g
    const step = weightDecay === 0 ? c.sign() : c.sign().add(p.mul(weightDecay));
    const updated = p.sub(step.mul(rate)); // θ ← θ − η (sign c + λθ)
    this.set(this.#m[i], mix(betas[1])); // m ← β₂m + (1 − β₂)g
    return updated;
  }
}
