/** Layers that are products with a matrix. */
import { checkCount, checkOptions } from "../tensor/arguments.ts";
import { einsum, linear, Parameter, type Tensor, uniform } from "../tensor.ts";
import { checkInput, checkTensor, Module } from "./module.ts";

export interface LinearOptions {
  /** Whether to add a learned bias; true unless given. */
  bias?: boolean;
}

/** `y = x Wᵀ + b`, over the last axis: `(…, inputs) → (…, outputs)`. */
export class Linear extends Module {
  /** `(outputs, inputs)` */
  readonly weight: Parameter;
  /** `(outputs)` */
  readonly bias: Parameter | null;

  constructor(inputs: number, outputs: number, options: LinearOptions = {}) {
    super();
    checkOptions("Linear", options, ["bias"]);
    const { bias = true } = options;
    checkCount("Linear", inputs, "inputs", 1);
    checkCount("Linear", outputs, "outputs", 1);
    const bound = 1 / Math.sqrt(inputs); // PyTorch's default: Kaiming uniform with a = √5
    this.weight = new Parameter(uniform([outputs, inputs], -bound, bound));
    this.bias = bias ? new Parameter(uniform([outputs], -bound, bound)) : null;
  }

  override forward(x: Tensor): Tensor {
    checkTensor(this, x);
    const [, inputs] = this.weight.shape;
    checkInput(this, x, x.shape.at(-1) === inputs, `(…, ${inputs})`);
    return linear(x, this.weight, this.bias);
  }
}

/** `y = x₁ᵀ W x₂ + b` for each output: `(…, inputs1)` and `(…, inputs2)` → `(…, outputs)`. */
export class Bilinear extends Module<[Tensor, Tensor]> {
  /** `(outputs, inputs1, inputs2)` */
  readonly weight: Parameter;
  /** `(outputs)` */
  readonly bias: Parameter | null;

  constructor(inputs1: number, inputs2: number, outputs: number, options: LinearOptions = {}) {
    super();
    checkOptions("Bilinear", options, ["bias"]);
    const { bias = true } = options;
    checkCount("Bilinear", inputs1, "inputs1", 1);
    checkCount("Bilinear", inputs2, "inputs2", 1);
    checkCount("Bilinear", outputs, "outputs", 1);
    const bound = 1 / Math.sqrt(inputs1); // PyTorch's default
    this.weight = new Parameter(uniform([outputs, inputs1, inputs2], -bound, bound));
    this.bias = bias ? new Parameter(uniform([outputs], -bound, bound)) : null;
  }

  override forward(a: Tensor, b: Tensor): Tensor {
    checkTensor(this, a);
    checkTensor(this, b);
    const [, inputs1, inputs2] = this.weight.shape;
    checkInput(this, a, a.shape.at(-1) === inputs1, `(…, ${inputs1}) first`);
    checkInput(this, b, b.shape.at(-1) === inputs2, `(…, ${inputs2}) second`);
    const y = einsum("...i,kij,...j->...k", a, this.weight, b);
    return this.bias ? y.add(this.bias) : y;
  }
}
