/** The gradient of a part of a batch, of a network that is told in numbers: what can be asked of a worker, and its answer. */
import { cat, crossEntropy, defaultGenerator, jit, type Tensor, tensor } from "../../index.ts";
import { MLP } from "../../models/index.ts";
import type { Module } from "../../nn/index.ts";

export interface PartTask {
  /** The widths of the network. */
  readonly sizes: readonly number[];
  /** Its parameters, one behind the other. */
  readonly parameters: Float32Array;
  /** `(N, sizes[0])`, and the class of each. */
  readonly x: Float32Array;
  readonly y: Int32Array;
}
export interface PartGradient {
  /** The mean over the part, and its gradient by all parameters. */
  readonly loss: number;
  readonly gradient: Float32Array;
}

/** The mean loss of examples and its gradient by all parameters of a model, as one vector, the loss first. Compiled once. */
export const lossAndGradient = (model: Module): ((x: Tensor, y: Tensor) => Promise<Tensor>) =>
  jit(async (x: Tensor, y: Tensor) => {
    model.zeroGrad();
    const loss = crossEntropy(model.forward(x), y);
    loss.backward();
    const all = cat([
      loss.reshape([1]),
      ...model.parameters().flatMap(({ grad }) => (grad ? [grad.reshape([-1])] : [])),
    ]);
    model.zeroGrad();
    return all;
  });

/** All parameters of a model, one behind the other. */
export const flatParameters = async (model: Module): Promise<Float32Array> =>
  (await cat(model.parameters().map((p) => p.detach().reshape([-1]))).data()) as Float32Array;

/** Cuts a vector as the parameters of a model are, each in its shape. */
export function shaped(model: Module, flat: Float32Array): Tensor[] {
  let at = 0;
  return model.parameters().map((p) => {
    const from = at;
    at += p.numel();
    return tensor(flat.slice(from, at), p.shape);
  });
}

/** Computes parts, one after the other, on this thread's engine. */
export class PartSolver {
  readonly #models = new Map<string, { model: MLP; solve: ReturnType<typeof lossAndGradient> }>();

  async solve({ sizes, parameters, x, y }: PartTask): Promise<PartGradient> {
    const { model, solve } = this.#modelOf(sizes);
    const values = shaped(model, parameters);
    model.parameters().forEach((p, i) => {
      p.assign(values[i]);
    });
    await model.parameters()[0].realize(); // and with it all that was assigned
    const all = (await (await solve(tensor(x, [y.length, sizes[0]]), tensor(y))).data()) as Float32Array;
    return { loss: all[0], gradient: all.slice(1) };
  }

  #modelOf(sizes: readonly number[]): { model: MLP; solve: ReturnType<typeof lossAndGradient> } {
    const key = sizes.join();
    let found = this.#models.get(key);
    if (!found) {
      // Its first weights are not used: drawn or not, what a run draws later has to stay the same.
      const { state } = defaultGenerator;
      const model = new MLP([...sizes]);
      defaultGenerator.state = state;
      found = { model, solve: lossAndGradient(model) };
      this.#models.set(key, found);
    }
    return found;
  }
}
