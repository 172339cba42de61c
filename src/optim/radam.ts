/** RAdam. */
import { hostMath } from "../tensor/arguments.ts";
import { type Tensor, where } from "../tensor.ts";
import type { ParameterList } from "./group.ts";
import { type MomentOptions, type MomentRule, momentRule, unbias, WithMoments } from "./moments.ts";
import { penalized, type Update } from "./optimizer.ts";

export interface RAdamOptions extends MomentOptions {
  /** The learning rate, 1e-3 unless given. */
  lr?: number;
}

/** Adam whose step is rectified while the second moment knows too little (Liu et al. 2020, algorithm 2). */
export class RAdam extends WithMoments<MomentRule> {
  constructor(parameters: ParameterList<RAdamOptions>, options: RAdamOptions = {}) {
    super(parameters, options, {
      names: ["betas", "eps", "weightDecay"] satisfies (keyof RAdamOptions)[],
      lr: 1e-3,
      rule: (given: RAdamOptions) => momentRule("RAdam", given),
    });
  }

  protected override update(update: Update<MomentRule>): Tensor {
    const { p, i, rate, rule } = update;
    const [beta1, beta2] = rule.betas;
    const g = penalized(update.g, p, rule.weightDecay);
    const { m, v } = this.moments(g, update); // lines 8 and 7
    const t = this.count(i);
    const size = rate.div(unbias(beta1, t));
    const root = unbias(beta2, t).sqrt();
    const most = 2 / (1 - beta2) - 1; // line 2
    const length = averaged(beta2, t); // line 10
    const known = length.gt(5); // as PyTorch; the paper has 4
    const l = where(known, length, 6);
    const rectified = l
      .sub(4)
      .mul(l.sub(2))
      .mul(most)
      .div(l.mul((most - 4) * (most - 2)))
      .sqrt(); // line 12
    const scaled = m.mul(size.mul(root).mul(rectified)).div(v.sqrt().add(rule.eps)); // line 13
    return p.sub(where(known, scaled, m.mul(size))); // or line 15
  }
}

/**
 * `ρ∞ − 2tβᵗ / (1 − βᵗ)`, of which both terms are nearly the same at first. With `s = −t ln β` the second is
 * `2/λ · s / (eˢ − 1)` where `λ = −ln β`, so that the difference is `2/λ · (1 − s / (eˢ − 1))` and a small constant.
 */
function averaged(beta: number, t: Tensor): Tensor {
  const lambda = -hostMath.log(beta);
  const s = t.mul(lambda);
  const [square, e] = [s.mul(s), s.exp().sub(1)];
  const series = square.div(40).neg().add(1).mul(square).div(42).neg().add(1).mul(square).div(60).neg().add(1);
  const small = s.div(2).sub(square.div(12).mul(series)); // Bernoulli's numbers: s/2 − s²/12 + s⁴/720 − …
  const difference = where(s.lt(0.5), small, s.div(e).neg().add(1));
  return difference.mul(2 / lambda).add(2 / (1 - beta) - 1 - 2 / lambda);
}
