/** Activations as layers: functions of each element, or along an axis. All keep the shape but GLU, which halves an axis. */
import { checkCount, checkNumber, checkOptions } from "../tensor/arguments.ts";
import * as F from "../tensor.ts";
import { full, Parameter, type Tensor, where } from "../tensor.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

/** 0 below 0 and 1 above it, and `atZero` at 0. Its gradient is 0 everywhere, so that nothing before it learns. */
export class Step extends Module {
  readonly atZero: number;
  constructor(options: { atZero?: number } = {}) {
    super();
    checkOptions("Step", options, ["atZero"]);
    this.atZero = checkNumber("Step", options.atZero ?? 0, "atZero");
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.step(x, { atZero: this.atZero });
  }
}
/** `max(x, 0)`. */
export class ReLU extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return x.relu();
  }
}
/** `min(max(x, 0), 6)`. */
export class ReLU6 extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.relu6(x);
  }
}
/** `x`, or `negativeSlope · x` below 0. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;
  constructor(negativeSlope = 0.01) {
    super();
    this.negativeSlope = checkNumber("LeakyReLU", negativeSlope, "the slope");
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.leakyRelu(x, { negativeSlope: this.negativeSlope });
  }
}
/** `x`, or `weight · x` below 0, with one learned weight, or one for each channel of `(N, C, …)` (He et al. 2015). */
export class PReLU extends Module {
  /** `(count)` */
  readonly weight: Parameter;
  constructor(count = 1, options: { init?: number } = {}) {
    super();
    checkOptions("PReLU", options, ["init"]);
    const { init = 0.25 } = options;
    checkCount("PReLU", count, "the number of weights", 1);
    this.weight = new Parameter(full([count], checkNumber("PReLU", init, "init")));
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const [count] = this.weight.shape;
    checkInput(this, x, count === 1 || x.shape[1] === count, `(N, ${count}, …)`);
    return F.prelu(x, this.weight);
  }
}
/** `x`, or `alpha · (eˣ − 1)` below 0. */
export class ELU extends Module {
  readonly alpha: number;
  constructor(alpha = 1) {
    super();
    this.alpha = checkNumber("ELU", alpha, "alpha");
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.elu(x, { alpha: this.alpha });
  }
}
/** `x`, or `alpha · (e^(x/alpha) − 1)` below 0. */
export class CELU extends Module {
  readonly alpha: number;
  constructor(alpha = 1) {
    super();
    this.alpha = checkNumber("CELU", alpha, "alpha");
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.elu(x.div(this.alpha)).mul(this.alpha);
  }
}
/** The self-normalizing unit (Klambauer et al. 2017). */
export class SELU extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.selu(x);
  }
}
/** `x · Φ(x)`; `approximate: "tanh"` is the approximation of GPT-2. */
export class GELU extends Module {
  readonly approximate: "none" | "tanh";
  constructor(options: { approximate?: "none" | "tanh" } = {}) {
    super();
    checkOptions("GELU", options, ["approximate"]);
    this.approximate = options.approximate ?? "none";
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.gelu(x, { approximate: this.approximate });
  }
}
/** `x · sigmoid(x)`, also called swish. */
export class SiLU extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.silu(x);
  }
}
/** `x · tanh(softplus(x))`. */
export class Mish extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.mish(x);
  }
}
/** `1 / (1 + e⁻ˣ)`. */
export class Sigmoid extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return x.sigmoid();
  }
}
/** `log(sigmoid(x))`. */
export class LogSigmoid extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.logSigmoid(x);
  }
}
/** The hyperbolic tangent. */
export class Tanh extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return x.tanh();
  }
}
/** `x − tanh(x)`. */
export class Tanhshrink extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.tanhshrink(x);
  }
}
/** `log(1 + e^(beta · x)) / beta`, or `x` where `beta · x` is over `threshold`. */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;
  constructor(beta = 1, threshold = 20) {
    super();
    this.beta = checkNumber("Softplus", beta, "beta");
    this.threshold = checkNumber("Softplus", threshold, "the threshold");
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const y = F.softplus(x, { beta: this.beta });
    // Beyond 20 the two branches round to the same, so the default needs no choice.
    return this.threshold >= 20 ? y : where(x.mul(this.beta).gt(this.threshold), x, y);
  }
}
/** `x / (1 + |x|)`. */
export class Softsign extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.softsign(x);
  }
}
/** `x` moved towards 0 by `lambda`, and 0 within it. */
export class Softshrink extends Module {
  readonly lambda: number;
  constructor(lambda = 0.5) {
    super();
    this.lambda = checkNumber("Softshrink", lambda, "lambda", 0);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const below = where(x.lt(-this.lambda), x.add(this.lambda), 0);
    return where(x.gt(this.lambda), x.sub(this.lambda), below);
  }
}
/** `x`, or 0 where `|x|` is at most `lambda`. */
export class Hardshrink extends Module {
  readonly lambda: number;
  constructor(lambda = 0.5) {
    super();
    this.lambda = checkNumber("Hardshrink", lambda, "lambda", 0);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return where(x.abs().gt(this.lambda), x, 0);
  }
}
/** `x` within `min` and `max`. */
export class Hardtanh extends Module {
  readonly min: number;
  readonly max: number;
  constructor(min = -1, max = 1) {
    super();
    this.min = checkNumber("Hardtanh", min, "min");
    this.max = checkNumber("Hardtanh", max, "max", min);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.hardtanh(x, { min: this.min, max: this.max });
  }
}
/** `x / 6 + ½` within 0 and 1. */
export class Hardsigmoid extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.hardsigmoid(x);
  }
}
/** `x · hardsigmoid(x)`. */
export class Hardswish extends Module {
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.hardswish(x);
  }
}
/** Half of an axis times the sigmoid of the other half (Dauphin et al. 2017); the last axis unless given. */
export class GLU extends Module {
  readonly axis: number;
  constructor(axis = -1) {
    super();
    this.axis = checkCount("GLU", axis, "the axis", -64, 63);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const size = x.shape.at(this.axis) ?? 1;
    checkInput(this, x, size % 2 === 0, `an axis ${this.axis} of even size`);
    const [a, b] = x.split(size / 2, this.axis);
    return a.mul(b.sigmoid());
  }
}
/** `x` above `limit`, else `value`. */
export class Threshold extends Module {
  readonly limit: number;
  readonly value: number;
  constructor(limit: number, value: number) {
    super();
    this.limit = checkNumber("Threshold", limit, "the limit");
    this.value = checkNumber("Threshold", value, "the value");
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return F.threshold(x, this.limit, this.value);
  }
}
/** Exponentials of `−x` along an axis that add up to 1. */
export class Softmin extends Module {
  readonly axis: number;
  constructor(axis: number) {
    super();
    this.axis = checkCount("Softmin", axis, "the axis", -64, 63);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return x.neg().softmax(this.axis);
  }
}
/** Exponentials along an axis that add up to 1 (PyTorch guesses the axis where it is not given). */
export class Softmax extends Module {
  readonly axis: number;
  constructor(axis: number) {
    super();
    this.axis = checkCount("Softmax", axis, "the axis", -64, 63);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return x.softmax(this.axis);
  }
}
/** The logarithm of softmax along an axis. */
export class LogSoftmax extends Module {
  readonly axis: number;
  constructor(axis: number) {
    super();
    this.axis = checkCount("LogSoftmax", axis, "the axis", -64, 63);
  }
  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    return x.logSoftmax(this.axis);
  }
}
