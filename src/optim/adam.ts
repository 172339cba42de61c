/** Adam, and AMSGrad as its option. */
import type { Tensor } from "../tensor.ts";
import type { ParameterList } from "./group.ts";
import { type MomentOptions, type MomentRule, momentRule, unbias, WithMoments } from "./moments.ts";
import { penalized, type Slot, type Update } from "./optimizer.ts";

export interface AdamOptions extends MomentOptions {
  /** The learning rate, 1e-3 unless given. */
  lr?: number;
  /** Divide by the greatest second moment so far (Reddi et al. 2018, algorithm 2). */
  amsgrad?: boolean;
  /** Correct the moments' bias towards the 0 that they start with; PyTorch always does. */
  correctBias?: boolean;
}

interface Rule extends MomentRule {
  readonly amsgrad: boolean;
  readonly correctBias: boolean;
}

/** The step of Adam, which AdamW takes too. */
export abstract class AdamLike extends WithMoments<Rule> {
  readonly #most: Slot;

  constructor(parameters: ParameterList<AdamOptions>, options: AdamOptions, weightDecay: number) {
    const kind = new.target.name;
    super(parameters, options, {
      names: ["betas", "eps", "weightDecay", "amsgrad", "correctBias"] satisfies (keyof AdamOptions)[],
      lr: 1e-3,
      rule: (given: AdamOptions) => {
        const { amsgrad = false, correctBias = true } = given;
        return { ...momentRule(kind, given, weightDecay), amsgrad, correctBias };
      },
    });
    this.#most = this.slot("vMax", { needs: ({ amsgrad }) => amsgrad });
  }

  /** The change that the moments ask for, after they have taken `g` in (Kingma & Ba 2015, algorithm 1). */
  protected change(g: Tensor, update: Update<Rule>): Tensor {
    const { i, rate, rule } = update;
    const { m, v } = this.moments(g, update);
    const most = rule.amsgrad ? this.set(this.#most[i], this.#most[i].maximum(v)) : v;
    if (!rule.correctBias) return m.mul(rate).div(most.sqrt().add(rule.eps));
    const [beta1, beta2] = rule.betas;
    // The corrections of the bias towards 0, as in the paper's section 2: α / (1 − β₁ᵗ) and √(1 − β₂ᵗ)
    const { size, root } = this.shared(i, (t) => ({
      size: rate.div(unbias(beta1, t)),
      root: unbias(beta2, t).sqrt(),
    }));
    return m.mul(size).div(most.sqrt().div(root).add(rule.eps)); // α · m̂ / (√v̂ + ε)
  }
}

/** Adam (Kingma & Ba 2015, algorithm 1). Its weight decay is an L2 penalty on the gradient; AdamW's is not. */
export class Adam extends AdamLike {
  constructor(parameters: ParameterList<AdamOptions>, options: AdamOptions = {}) {
    super(parameters, options, 0);
  }

  protected override update(update: Update<Rule>): Tensor {
    const { p, g, rule } = update;
    return p.sub(this.change(penalized(g, p, rule.weightDecay), update));
  }
}
