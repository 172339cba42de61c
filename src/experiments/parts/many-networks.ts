/** Many small networks that learn at the same time, each a task of its own, as one tensor program. */
import { Module } from "../../nn/index.ts";
import { normal, Parameter, type Tensor, zeros } from "../../tensor.ts";

export interface ManyLinearOptions {
  /** The standard deviation of the first weights; √(1 / inputs) unless given (LeCun et al. 1998). */
  readonly std?: number;
  /** Whether all networks start from the same weights. */
  readonly alike?: boolean;
}

/** A linear layer in each of `count` networks: `(…, N, inputs) → (count, N, outputs)`, where `…` is `count` or nothing. */
export class ManyLinear extends Module {
  /** `(count, inputs, outputs)` */
  readonly weight: Parameter;
  /** `(count, 1, outputs)` */
  readonly bias: Parameter;

  constructor(count: number, inputs: number, outputs: number, options: ManyLinearOptions = {}) {
    super();
    const { std = Math.sqrt(1 / inputs), alike = false } = options;
    const first = normal([alike ? 1 : count, inputs, outputs], 0, std);
    this.weight = new Parameter(first.expand([count, inputs, outputs]));
    this.bias = new Parameter(zeros([count, 1, outputs]));
  }

  override forward(x: Tensor): Tensor {
    return x.matmul(this.weight).add(this.bias);
  }
}
