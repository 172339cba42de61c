/** Adam and the optimizers that keep its moments: AdamW, Adamax, NAdam, RAdam. */
import { checkOptions } from "../tensor/arguments.ts";
import { type Tensor, where } from "../tensor.ts";
import { checkAmount, checkDecay, Optimizer, type OptimizerOptions, unbias } from "./optimizer.ts";

export interface AdamOptions extends OptimizerOptions {
  /** The learning rate, 1e-3 unless given. */
  lr?: number;
  /** How much of the running means of the gradient and of its square is kept, each from 0 to below 1. */
  betas?: readonly [number, number];
  /** What is added to the root of the second; 0 is allowed, and divides by 0 where a gradient never came. */
  eps?: number;
  weightDecay?: number;
  /** Divide by the greatest second moment so far (Reddi et al. 2018). */
  amsgrad?: boolean;
}

/** Moments, and the step that they give. */
abstract class AdamLike extends Optimizer {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly amsgrad: boolean;
  readonly #m: readonly Tensor[];
  readonly #v: readonly Tensor[];
  readonly #most: readonly Tensor[];
  /** Scalars of the present step, for each count of steps: the same for all parameters that share it. */
  #scales = new WeakMap<Tensor, { size: Tensor; root: Tensor }>();

  constructor(parameters: readonly Tensor[], options: AdamOptions, weightDecay: number) {
    checkOptions(new.target.name, options, ["lr", "betas", "eps", "weightDecay", "amsgrad", "maximize"]);
    const { betas = [0.9, 0.999], eps = 1e-8, amsgrad = false } = options;
    super(parameters, options, { fallback: 1e-3, counts: true });
    const kind = this.constructor.name;
    this.betas = [checkDecay(kind, betas[0], "betas[0]"), checkDecay(kind, betas[1], "betas[1]")];
    this.eps = checkAmount(kind, eps, "eps");
    this.weightDecay = checkAmount(kind, options.weightDecay ?? weightDecay, "weightDecay");
    this.amsgrad = amsgrad;
    this.#m = this.slot("m");
    this.#v = this.slot("v");
    this.#most = amsgrad ? this.slot("vMax") : [];
  }

  override async step(options: { when?: Tensor } = {}): Promise<void> {
    this.#scales = new WeakMap();
    await super.step(options);
  }

  /** The change that the moments ask for, after they have taken `g` in (Kingma & Ba 2015, algorithm 1). */
  protected change(g: Tensor, i: number): Tensor {
    const [beta1, beta2] = this.betas;
    const { size, root } = this.#scalesOf(this.count(i));
    const m = this.set(this.#m[i], this.#m[i].mul(beta1).add(g.mul(1 - beta1))); // m ← β₁m + (1 − β₁)g
    const v = this.set(this.#v[i], this.#v[i].mul(beta2).add(g.mul(g).mul(1 - beta2))); // v ← β₂v + (1 − β₂)g²
    const most = this.amsgrad ? this.set(this.#most[i], this.#most[i].maximum(v)) : v;
    return m.mul(size).div(most.sqrt().div(root).add(this.eps)); // α · m̂ / (√v̂ + ε)
  }

  /** `α / (1 − β₁ᵗ)` and `√(1 − β₂ᵗ)`: the corrections of the bias towards 0. */
  #scalesOf(t: Tensor): { size: Tensor; root: Tensor } {
    let scales = this.#scales.get(t);
    if (!scales) {
      const [beta1, beta2] = this.betas;
      scales = { size: this.rate.div(unbias(beta1, t)), root: unbias(beta2, t).sqrt() };
      this.#scales.set(t, scales);
    }
    return scales;
  }
}

/** Adam (Kingma & Ba 2015, algorithm 1). Its weight decay is an L2 penalty on the gradient; AdamW's is not. */
export class Adam extends AdamLike {
  constructor(parameters: readonly Tensor[], options: AdamOptions = {}) {
    super(parameters, options, 0);
  }

  protected override update(p: Tensor, gradient: Tensor, i: number): void {
    const g = this.weightDecay === 0 ? gradient : gradient.add(p.mul(this.weightDecay));
    this.set(p, p.sub(this.change(g, i)));
  }
}

/** AdamW (Loshchilov & Hutter 2019, algorithm 2): Adam with the weight decay apart from the gradient, 0.01 unless given. */
export class AdamW extends AdamLike {
  constructor(parameters: readonly Tensor[], options: AdamOptions = {}) {
    super(parameters, options, 0.01);
  }

  protected override update(p: Tensor, g: Tensor, i: number): void {
    const decayed = this.weightDecay === 0 ? p : p.mul(this.rate.mul(-this.weightDecay).add(1)); // line 12, its λ
    this.set(p, decayed.sub(this.change(g, i)));
  }
}

export interface AdamaxOptions extends OptimizerOptions {
  /** The learning rate, 2e-3 unless given. */
  lr?: number;
  betas?: readonly [number, number];
  eps?: number;
  weightDecay?: number;
}

/** Adam with the greatest gradient, which decays, in the place of the second moment (Kingma & Ba 2015, algorithm 2). */
export class Adamax extends Optimizer {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly #m: readonly Tensor[];
  readonly #u: readonly Tensor[];

  constructor(parameters: readonly Tensor[], options: AdamaxOptions = {}) {
    checkOptions("Adamax", options, ["lr", "betas", "eps", "weightDecay", "maximize"]);
    super(parameters, options, { fallback: 2e-3, counts: true });
    const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
    this.betas = [checkDecay("Adamax", betas[0], "betas[0]"), checkDecay("Adamax", betas[1], "betas[1]")];
    this.eps = checkAmount("Adamax", eps, "eps");
    this.weightDecay = checkAmount("Adamax", weightDecay, "weightDecay");
    this.#m = this.slot("m");
    this.#u = this.slot("u");
  }

  protected override update(p: Tensor, gradient: Tensor, i: number): void {
    const [beta1, beta2] = this.betas;
    const g = this.weightDecay === 0 ? gradient : gradient.add(p.mul(this.weightDecay));
    const m = this.set(this.#m[i], this.#m[i].mul(beta1).add(g.mul(1 - beta1)));
    const u = this.set(this.#u[i], this.#u[i].mul(beta2).maximum(g.abs().add(this.eps)));
    this.set(p, p.sub(m.div(u).mul(this.rate.div(unbias(beta1, this.count(i))))));
  }
}

export interface NAdamOptions extends AdamaxOptions {
  /** How fast the momentum comes up to its full size. */
  momentumDecay?: number;
}

/** Adam with Nesterov's momentum, whose size grows (Dozat 2016). */
export class NAdam extends Optimizer {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentumDecay: number;
  readonly #m: readonly Tensor[];
  readonly #v: readonly Tensor[];
  /** The product of all momenta so far. */
  readonly #product: readonly Tensor[];

  constructor(parameters: readonly Tensor[], options: NAdamOptions = {}) {
    checkOptions("NAdam", options, ["lr", "betas", "eps", "weightDecay", "momentumDecay", "maximize"]);
    super(parameters, options, { fallback: 2e-3, counts: true });
    const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, momentumDecay = 4e-3 } = options;
    this.betas = [checkDecay("NAdam", betas[0], "betas[0]"), checkDecay("NAdam", betas[1], "betas[1]")];
    this.eps = checkAmount("NAdam", eps, "eps");
    this.weightDecay = checkAmount("NAdam", weightDecay, "weightDecay");
    this.momentumDecay = checkAmount("NAdam", momentumDecay, "momentumDecay");
    this.#m = this.slot("m");
    this.#v = this.slot("v");
    this.#product = this.slot("product", 1, { scalar: true });
  }

  protected override update(p: Tensor, gradient: Tensor, i: number): void {
    const [beta1, beta2] = this.betas;
    const g = this.weightDecay === 0 ? gradient : gradient.add(p.mul(this.weightDecay));
    const t = this.count(i);
    // μ = β₁ · (1 − ½ · 0.96^(t · decay)), of this step and the next
    const momentum = (at: Tensor): Tensor =>
      at
        .mul(this.momentumDecay * Math.log(0.96))
        .exp()
        .mul(-0.5)
        .add(1)
        .mul(beta1);
    const [mu, next] = [momentum(t), momentum(t.add(1))];
    const product = this.set(this.#product[i], this.#product[i].mul(mu));
    const m = this.set(this.#m[i], this.#m[i].mul(beta1).add(g.mul(1 - beta1)));
    const v = this.set(this.#v[i], this.#v[i].mul(beta2).add(g.mul(g).mul(1 - beta2)));
    const ofGradient = mu.neg().add(1).div(product.neg().add(1));
    const ofMoment = next.div(product.mul(next).neg().add(1));
    const ahead = g.mul(ofGradient.mul(this.rate)).add(m.mul(ofMoment.mul(this.rate)));
    this.set(p, p.sub(ahead.div(v.sqrt().div(unbias(beta2, t).sqrt()).add(this.eps))));
  }
}

/** Adam whose step is rectified while the second moment knows too little (Liu et al. 2020, algorithm 2). */
export class RAdam extends Optimizer {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly #m: readonly Tensor[];
  readonly #v: readonly Tensor[];

  constructor(parameters: readonly Tensor[], options: AdamaxOptions = {}) {
    checkOptions("RAdam", options, ["lr", "betas", "eps", "weightDecay", "maximize"]);
    super(parameters, options, { fallback: 1e-3, counts: true });
    const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
    this.betas = [checkDecay("RAdam", betas[0], "betas[0]"), checkDecay("RAdam", betas[1], "betas[1]")];
    this.eps = checkAmount("RAdam", eps, "eps");
    this.weightDecay = checkAmount("RAdam", weightDecay, "weightDecay");
    this.#m = this.slot("m");
    this.#v = this.slot("v");
  }

  protected override update(p: Tensor, gradient: Tensor, i: number): void {
    const [beta1, beta2] = this.betas;
    const g = this.weightDecay === 0 ? gradient : gradient.add(p.mul(this.weightDecay));
    const t = this.count(i);
    const m = this.set(this.#m[i], this.#m[i].mul(beta1).add(g.mul(1 - beta1))); // line 8
    const v = this.set(this.#v[i], this.#v[i].mul(beta2).add(g.mul(g).mul(1 - beta2))); // line 7
    const size = this.rate.div(unbias(beta1, t));
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
    const scaled = m.mul(size.mul(root).mul(rectified)).div(v.sqrt().add(this.eps)); // line 13
    this.set(p, p.sub(where(known, scaled, m.mul(size)))); // or line 15
  }
}

/**
 * `ρ∞ − 2tβᵗ / (1 − βᵗ)`, of which both terms are nearly the same at first. With `s = −t ln β` the second is
 * `2/λ · s / (eˢ − 1)` where `λ = −ln β`, so that the difference is `2/λ · (1 − s / (eˢ − 1))` and a small constant.
 */
function averaged(beta: number, t: Tensor): Tensor {
  const lambda = -Math.log(beta);
  const s = t.mul(lambda);
  const [square, e] = [s.mul(s), s.exp().sub(1)];
  const series = square.div(40).neg().add(1).mul(square).div(42).neg().add(1).mul(square).div(60).neg().add(1);
  const small = s.div(2).sub(square.div(12).mul(series)); // Bernoulli's numbers: s/2 − s²/12 + s⁴/720 − …
  const difference = where(s.lt(0.5), small, s.div(e).neg().add(1));
  return difference.mul(2 / lambda).add(2 / (1 - beta) - 1 - 2 / lambda);
}
