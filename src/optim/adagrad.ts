/** AdaGrad. */
import type { Tensor } from "../tensor.ts";
import type { ParameterList } from "./group.ts";
import { checkAmount, Optimizer, type OptimizerOptions, penalized, type Slot, type Update } from "./optimizer.ts";

export interface AdagradOptions extends OptimizerOptions {
  /** The learning rate, 0.01 unless given. */
  lr?: number;
  /** The rate of step t is `lr / (1 + (t − 1) · lrDecay)`. */
  lrDecay?: number;
  weightDecay?: number;
  /** What the sum of squares starts with. */
  initialAccumulatorValue?: number;
  eps?: number;
}

interface Rule {
  readonly lrDecay: number;
  readonly weightDecay: number;
  readonly initialAccumulatorValue: number;
  readonly eps: number;
}

const rule = (options: AdagradOptions): Rule => {
  const { lrDecay = 0, weightDecay = 0, initialAccumulatorValue = 0, eps = 1e-10 } = options;
  return {
    lrDecay: checkAmount("Adagrad", lrDecay, "lrDecay"),
    weightDecay: checkAmount("Adagrad", weightDecay, "weightDecay"),
    initialAccumulatorValue: checkAmount("Adagrad", initialAccumulatorValue, "initialAccumulatorValue"),
    eps: checkAmount("Adagrad", eps, "eps"),
  };
};

/** The gradient over the root of the sum of all its squares so far (Duchi et al. 2011, fig. 1, with a diagonal matrix). */
export class Adagrad extends Optimizer<Rule> {
  readonly #sum: Slot;

  constructor(parameters: ParameterList<AdagradOptions>, options: AdagradOptions = {}) {
    super(parameters, options, {
      names: ["lrDecay", "weightDecay", "initialAccumulatorValue", "eps"] satisfies (keyof AdagradOptions)[],
      lr: 0.01,
      rule,
      counts: ({ lrDecay }) => lrDecay !== 0,
    });
    this.#sum = this.slot("sum", { value: (rule) => rule.initialAccumulatorValue });
  }

  protected override update({ p, g: gradient, i, rate, rule }: Update<Rule>): Tensor {
    const g = penalized(gradient, p, rule.weightDecay);
    const sum = this.set(this.#sum[i], this.#sum[i].add(g.mul(g))); // Σ g²
    const lr = rule.lrDecay === 0 ? rate : rate.div(this.count(i).sub(1).mul(rule.lrDecay).add(1));
    return p.sub(g.div(sum.sqrt().add(rule.eps)).mul(lr));
  }
}
