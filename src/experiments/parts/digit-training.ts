/** Networks on the digits as most experiments train them: SGD in minibatches, and how large each layer's gradient is. */
import type { Linear, Module } from "../../nn/index.ts";
import { SGD } from "../../optim/index.ts";
import type { Context } from "../experiment.ts";
import type { Forms } from "../probe.ts";
import { layerNames } from "./digit-network.ts";
import { digitsTask, type Minibatches } from "./digits-task.ts";
import { imagesOf } from "./images.ts";
import { accuracyOf, learner, meanGradient } from "./supervised.ts";

export interface DigitTraining {
  readonly digits: Minibatches;
  /** Step `step`, from 1, at the learning rate `lr`: the loss, and the mean absolute gradient of each layer's weights. */
  step(step: number, lr: number): Promise<{ readonly loss: number; readonly gradient: Forms["bars"] }>;
  /** The accuracy on the 2,000 digits of the test. */
  test(): Promise<number>;
}

/** Training of a model whose layers with weights are `linears`, in minibatches of 100 unless given. */
export async function digitTraining(
  { model, linears }: { readonly model: Module; readonly linears: readonly Linear[] },
  context: Context,
  { batchSize = 100 }: { readonly batchSize?: number } = {},
): Promise<DigitTraining> {
  const digits = await digitsTask(context, { batchSize });
  const optimizer = new SGD(model.parameters(), { lr: 0 });
  const learn = learner(model, optimizer, { probe: () => linears.map(({ weight }) => meanGradient(weight)) });
  const names = layerNames(linears.length);
  return {
    digits,
    async step(step, lr) {
      optimizer.lr = lr;
      const { loss, probed } = await learn(digits.batch(step));
      return { loss, gradient: { names, values: probed } };
    },
    test: () => accuracyOf(model, digits.test.all()),
  };
}

/** The weights of the first units of a layer that sees the digits, as pictures: eight of them at most. */
export async function firstFilters({ weight }: Linear): Promise<Forms["images"]> {
  const [units, size] = weight.shape;
  return imagesOf((await weight.data()) as Float32Array, Math.min(units, 8), [28, size / 28]);
}
