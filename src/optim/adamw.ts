/** AdamW. */
import type { Tensor } from "../tensor.ts";
import { AdamLike, type AdamOptions } from "./adam.ts";
import type { ParameterList } from "./group.ts";
import type { Update } from "./optimizer.ts";

/** AdamW (Loshchilov & Hutter 2019, algorithm 2): Adam with the weight decay apart from the gradient, 0.01 unless given. */
export class AdamW extends AdamLike {
  constructor(parameters: ParameterList<AdamOptions>, options: AdamOptions = {}) {
    super(parameters, options, 0.01);
  }

  protected override update(update: Update<AdamLike["groups"][number]["rule"]>): Tensor {
    const { p, g, rate, rule } = update;
    const decayed = rule.weightDecay === 0 ? p : p.mul(rate.mul(-rule.weightDecay).add(1)); // line 12, its λ
    return decayed.sub(this.change(g, update));
  }
}
