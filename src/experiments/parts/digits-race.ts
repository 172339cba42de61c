/** The digits as the course's notebook on optimizers has them: sigmoids from small weights, and one of five optimizers. */
import type { Module } from "../../nn/index.ts";
import type { Context } from "../experiment.ts";
import { digitNetwork, type Weights } from "./digit-network.ts";
import { digitsTask } from "./digits-task.ts";
import { forDigits, type Method, type MethodSettings, optimizerOf } from "./methods.ts";
import { accuracyOf, learner } from "./supervised.ts";

export interface RaceOptions {
  readonly method: Method;
  /** Go before those of the notebook. */
  readonly settings: Omit<MethodSettings, "lr">;
  readonly hidden: readonly number[];
  readonly weights: Weights;
  readonly std: number;
  readonly isNormed: boolean;
}

export interface Race {
  readonly model: Module;
  /** A step at `pace` times the notebook's learning rate. Every hundredth is followed by a test. */
  step(step: number, pace: number): Promise<{ readonly loss: number; readonly accuracy?: number }>;
  test(): Promise<number>;
}

export async function digitsRace(
  context: Context,
  { method, settings, hidden, weights, std, isNormed }: RaceOptions,
): Promise<Race> {
  const digits = await digitsTask(context, { batchSize: 100 });
  const norm = (): number | null => (isNormed ? 0.1 : null);
  const { model } = digitNetwork({ hidden, activation: () => "sigmoid", weights, std, norm });
  const usual = forDigits[method];
  const optimizer = optimizerOf(method, model.parameters(), { ...usual, ...settings });
  const learn = learner(model, optimizer);
  const test = (): Promise<number> => accuracyOf(model, digits.test.all());
  return {
    model,
    test,
    async step(step, pace) {
      optimizer.lr = usual.lr * pace;
      const { loss } = await learn(digits.batch(step));
      return step % 100 === 0 ? { loss, accuracy: await test() } : { loss };
    },
  };
}
