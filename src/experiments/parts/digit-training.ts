/** Networks on the digits as most experiments train them: SGD in minibatches, and how large each layer's gradient is. */
import type { Linear, Module } from "../../nn/index.ts";
import { SGD } from "../../optim/index.ts";
import type { Context } from "../experiment.ts";
import type { Forms } from "../probe.ts";
import { layerNames } from "./digit-network.ts";
import { digitsTask, type Examples, type Minibatches } from "./digits-task.ts";
import { imagesOf } from "./images.ts";
import { accuracyOf, learner, meanGradient } from "./supervised.ts";

interface DigitStep {
  readonly loss: number;
  readonly gradient: Forms["bars"];
}
export interface DigitTraining {
  readonly digits: Minibatches;
  /** Step `step`, from 1, at the learning rate `lr`: the loss, and the mean absolute gradient of each layer's weights. */
  step(step: number, lr: number): Promise<DigitStep>;
  /** The same with the next `size` digits, where the size of minibatches may change. */
  next(size: number, lr: number): Promise<DigitStep>;
  /** The accuracy on the 2,000 digits of the test. */
  test(): Promise<number>;
}

/** Training of a model whose layers with weights are `linears`, in minibatches of 100. */
export async function digitTraining(
  { model, linears }: { readonly model: Module; readonly linears: readonly Linear[] },
  context: Context,
): Promise<DigitTraining> {
  const digits = await digitsTask(context, { batchSize: 100 });
  const optimizer = new SGD(model.parameters(), { lr: 0 });
  const learn = learner(model, optimizer, { probe: () => linears.map(({ weight }) => meanGradient(weight)) });
  const names = layerNames(linears.length);
  const train = async (examples: Examples, lr: number): Promise<DigitStep> => {
    optimizer.lr = lr;
    const { loss, probed } = await learn(examples);
    return { loss, gradient: { names, values: probed } };
  };
  return {
    digits,
    step: (step, lr) => train(digits.batch(step), lr),
    next: (size, lr) => train(digits.next(size), lr),
    test: () => accuracyOf(model, digits.test.all()),
  };
}

/** The weights of the first units of a layer that sees the digits, as pictures: eight of them at most. */
export async function firstFilters({ weight }: Linear): Promise<Forms["images"]> {
  const [units, size] = weight.shape;
  return imagesOf((await weight.data()) as Float32Array, Math.min(units, 8), [28, size / 28]);
}
