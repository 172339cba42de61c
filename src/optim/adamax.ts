/** Adamax. */
import type { Tensor } from "../tensor.ts";
import type { ParameterList } from "./group.ts";
import { type MomentOptions, type MomentRule, momentRule, unbias } from "./moments.ts";
import { Optimizer, penalized, type Slot, type Update } from "./optimizer.ts";

export interface AdamaxOptions extends MomentOptions {
  /** The learning rate, 2e-3 unless given. */
  lr?: number;
}

/** Adam with the greatest gradient, which decays, in the place of the second moment (Kingma & Ba 2015, algorithm 2). */
export class Adamax extends Optimizer<MomentRule> {
  readonly #m: Slot;
  readonly #u: Slot;

  constructor(parameters: ParameterList<AdamaxOptions>, options: AdamaxOptions = {}) {
    super(parameters, options, {
      names: ["betas", "eps", "weightDecay"] satisfies (keyof AdamaxOptions)[],
      lr: 2e-3,
      rule: (given: AdamaxOptions) => momentRule("Adamax", given),
      counts: () => true,
    });
    this.#m = this.slot("m");
    this.#u = this.slot("u");
  }

  protected override update({ p, g: gradient, i, rate, rule }: Update<MomentRule>): Tensor {
    const [beta1, beta2] = rule.betas;
    const g = penalized(gradient, p, rule.weightDecay);
    const size = this.shared(i, (t) => rate.div(unbias(beta1, t)));
    const m = this.set(this.#m[i], this.#m[i].mul(beta1).add(g.mul(1 - beta1))); // m ← β₁m + (1 − β₁)g
    const u = this.set(this.#u[i], this.#u[i].mul(beta2).maximum(g.abs().add(rule.eps))); // u ← max(β₂u, |g| + ε)
    return p.sub(m.div(u).mul(size)); // α / (1 − β₁ᵗ) · m / u
  }
}
