/** The running means of the gradient and of its square, which Adam and its kin keep, and the correction of their bias. */
import { hostMath } from "../tensor/arguments.ts";
import type { Tensor } from "../tensor.ts";
import type { ParameterList } from "./group.ts";
import {
  checkAmount,
  checkDecay,
  Optimizer,
  type OptimizerKind,
  type OptimizerOptions,
  type Slot,
  type Update,
} from "./optimizer.ts";

export interface MomentOptions extends OptimizerOptions {
  /** How much of the running means of the gradient and of its square is kept, each from 0 to below 1. */
  betas?: readonly [number, number];
  /** What is added to the root of the second; 0 is allowed, and divides by 0 where a gradient never came. */
  eps?: number;
  weightDecay?: number;
}

export interface MomentRule {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
}

/** The options of a group of `kind`, complete and checked. */
export function momentRule(
  kind: string,
  { betas = [0.9, 0.999], eps = 1e-8, weightDecay }: MomentOptions,
  usualDecay = 0,
): MomentRule {
  return {
    betas: [checkDecay(kind, betas[0], "betas[0]"), checkDecay(kind, betas[1], "betas[1]")],
    eps: checkAmount(kind, eps, "eps"),
    weightDecay: checkAmount(kind, weightDecay ?? usualDecay, "weightDecay"),
  };
}

export abstract class WithMoments<Rule extends MomentRule> extends Optimizer<Rule> {
  readonly #m: Slot;
  readonly #v: Slot;

  protected constructor(
    parameters: ParameterList<MomentOptions>,
    options: MomentOptions,
    kind: OptimizerKind<never, Rule>,
  ) {
    super(parameters, options, { ...kind, counts: () => true });
    this.#m = this.slot("m");
    this.#v = this.slot("v");
  }

  /** Takes `g` into both moments, and gives them (Kingma & Ba 2015, algorithm 1). */
  protected moments(g: Tensor, { i, rule }: Update<Rule>): { m: Tensor; v: Tensor } {
    const [beta1, beta2] = rule.betas;
    const m = this.set(this.#m[i], this.#m[i].mul(beta1).add(g.mul(1 - beta1))); // m ← β₁m + (1 − β₁)g
    const v = this.set(this.#v[i], this.#v[i].mul(beta2).add(g.mul(g).mul(1 - beta2))); // v ← β₂v + (1 − β₂)g²
    return { m, v };
  }
}

/** `1 − βᵗ` for a scalar `t`, precise also where βᵗ is next to 1: with `h = tanh(½t ln β)` it is `−2h / (1 − h)`. */
export function unbias(beta: number, t: Tensor): Tensor {
  const h = t.mul(hostMath.log(beta) / 2).tanh();
  return h.mul(-2).div(h.neg().add(1));
}
