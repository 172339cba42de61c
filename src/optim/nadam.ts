/** NAdam. */
import { hostMath } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor.ts";
import type { ParameterList } from "./group.ts";
import { type MomentOptions, type MomentRule, momentRule, unbias, WithMoments } from "./moments.ts";
import { checkAmount, penalized, type Slot, type Update } from "./optimizer.ts";

export interface NAdamOptions extends MomentOptions {
  /** The learning rate, 2e-3 unless given. */
  lr?: number;
  /** How fast the momentum comes up to its full size. */
  momentumDecay?: number;
}

interface Rule extends MomentRule {
  readonly momentumDecay: number;
}

/** Adam with Nesterov's momentum, whose size grows (Dozat 2016, algorithm 2). */
export class NAdam extends WithMoments<Rule> {
  /** The product of all momenta so far. */
  readonly #product: Slot;

  constructor(parameters: ParameterList<NAdamOptions>, options: NAdamOptions = {}) {
    super(parameters, options, {
      names: ["betas", "eps", "weightDecay", "momentumDecay"] satisfies (keyof NAdamOptions)[],
      lr: 2e-3,
      rule: (given: NAdamOptions) => ({
        ...momentRule("NAdam", given),
        momentumDecay: checkAmount("NAdam", given.momentumDecay ?? 4e-3, "momentumDecay"),
      }),
    });
    this.#product = this.slot("product", { value: () => 1, scalar: true });
  }

  protected override update(update: Update<Rule>): Tensor {
    const { p, i, rate, rule } = update;
    const [beta1, beta2] = rule.betas;
    const g = penalized(update.g, p, rule.weightDecay);
    const t = this.count(i);
    // μ = β₁ · (1 − ½ · 0.96^(t · decay)), of this step and the next
    const momentum = (at: Tensor): Tensor =>
      at
        .mul(rule.momentumDecay * hostMath.log(0.96))
        .exp()
        .mul(-0.5)
        .add(1)
        .mul(beta1);
    const [mu, next] = [momentum(t), momentum(t.add(1))];
    const product = this.set(this.#product[i], this.#product[i].mul(mu));
    const { m, v } = this.moments(g, update);
    const ofGradient = mu.neg().add(1).div(product.neg().add(1)); // (1 − μ) / (1 − Πμ)
    const ofMoment = next.div(product.mul(next).neg().add(1)); // μ′ / (1 − Πμ · μ′)
    const ahead = g.mul(ofGradient.mul(rate)).add(m.mul(ofMoment.mul(rate)));
    return p.sub(ahead.div(v.sqrt().div(unbias(beta2, t).sqrt()).add(rule.eps)));
  }
}
