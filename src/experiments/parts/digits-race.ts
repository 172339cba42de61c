/** The digits as the course's notebook on optimizers has them: sigmoids from small weights, and one of five optimizers. */
import type { Module } from "../../nn/index.ts";
import type { Context, Values } from "../experiment.ts";
import type { Probe } from "../probe.ts";
import { say } from "../text.ts";
import { digitNetwork } from "./digit-network.ts";
import { digitsTask } from "./digits-task.ts";
import { forDigits, type Method, type MethodSettings, optimizerOf } from "./methods.ts";
import { hiddenParam, networkProbes, stdParam, weightsParam, widthsOf } from "./network-settings.ts";
import { type OnOff, onOff } from "./params.ts";
import { scalar } from "./probes.ts";
import { accuracyOf, learner } from "./supervised.ts";

type RaceParams = {
  readonly hidden: ReturnType<typeof hiddenParam>;
  readonly weights: typeof weightsParam;
  readonly std: typeof stdParam;
  readonly norm: OnOff;
};
/** The network's settings: the notebook's 784-40-20-10 by default. */
export const raceParams: RaceParams = {
  hidden: hiddenParam([40, 20]),
  weights: weightsParam,
  std: stdParam,
  norm: onOff("off", say("バッチ正規化", "batch normalization")),
};
export const raceProbes: Readonly<Record<"loss" | "accuracy", Probe<"scalar">>> = {
  loss: scalar("magnitude", say("数字の学習の損失", "loss on the digits")),
  accuracy: networkProbes.accuracy,
};

export interface RaceOptions extends Values<RaceParams> {
  readonly method: Method;
  /** Go before those of the notebook. */
  readonly settings: Omit<MethodSettings, "lr">;
}

export interface Race {
  readonly model: Module;
  /** A step at `pace` times the notebook's learning rate. Every hundredth is followed by a test. */
  step(step: number, pace: number): Promise<{ readonly loss: number; readonly accuracy?: number }>;
  test(): Promise<number>;
}

/** A lane of experiment `id`. */
export async function digitsRace(id: string, options: RaceOptions, context: Context): Promise<Race> {
  const { method, settings, weights, std } = options;
  const digits = await digitsTask(context, { batchSize: 100 });
  const hidden = widthsOf(id, options.hidden);
  const norm = (): number | null => (options.norm === "on" ? 0.1 : null);
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
