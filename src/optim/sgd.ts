/** Gradient descent, with or without momentum. */
import { ValueError } from "../errors.ts";
import { type Tensor, where } from "../tensor.ts";
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

export interface SGDOptions extends OptimizerOptions {
  /** The learning rate, which has to be given: here, or by each group. */
  lr?: number;
  /** How much of the last update is kept, from 0 to below 1. */
  momentum?: number;
  /** How much less than all of the gradient goes into the momentum. */
  dampening?: number;
  /** Look ahead by the momentum (Nesterov 1983; Sutskever et al. 2013). It takes momentum, and no dampening. */
  nesterov?: boolean;
  /** The L2 penalty: this times the parameter is added to its gradient. */
  weightDecay?: number;
}

interface Rule {
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

function rule({ momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 }: SGDOptions): Rule {
  checkDecay("SGD", momentum, "momentum");
  checkAmount("SGD", dampening, "dampening");
  checkAmount("SGD", weightDecay, "weightDecay");
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    const got = `nesterov with momentum ${momentum} and dampening ${dampening}`;
    throw new ValueError({ in: "SGD", got, want: "momentum above 0 and no dampening", fix: "Set momentum: 0.9" });
  }
  return { momentum, dampening, nesterov, weightDecay };
}

/**
 * Stochastic gradient descent (Robbins & Monro 1951), with momentum (Polyak 1964) as PyTorch defines it: the learning rate
 * scales the whole velocity.
 */
export class SGD extends Optimizer<Rule> {
  readonly #velocity: Slot;

  constructor(parameters: ParameterList<SGDOptions>, options: SGDOptions = {}) {
    super(parameters, options, {
      names: ["momentum", "dampening", "nesterov", "weightDecay"] satisfies (keyof SGDOptions)[],
      rule,
      counts: ({ dampening }) => dampening !== 0,
    });
    this.#velocity = this.slot("momentum", { needs: ({ momentum }) => momentum !== 0 });
  }

  protected override update({ p, g: gradient, i, rate, rule }: Update<Rule>): Tensor {
    const g = penalized(gradient, p, rule.weightDecay);
    const direction = rule.momentum === 0 ? g : this.#withMomentum(g, i, rule);
    return p.sub(direction.mul(rate)); // p ← p − lr · v
  }

  #withMomentum(g: Tensor, i: number, { momentum, dampening, nesterov }: Rule): Tensor {
    const last = this.#velocity[i].mul(momentum);
    const next = last.add(dampening === 0 ? g : this.#dampened(g, i, dampening));
    const v = this.set(this.#velocity[i], next); // v ← μv + (1 − dampening) · g
    return nesterov ? g.add(v.mul(momentum)) : v;
  }

  /** The first gradient goes in whole. */
  #dampened(g: Tensor, i: number, dampening: number): Tensor {
    return where(this.count(i).eq(1), g, g.mul(1 - dampening));
  }
}
