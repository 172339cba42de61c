/** Supervised learning as experiments do it: a step that is compiled once, and a measurement that changes nothing. */
import { crossEntropy, jit, stack, type Tensor, zeros } from "../../index.ts";
import type { Module } from "../../nn/index.ts";
import type { Optimizer } from "../../optim/index.ts";
import { keepThroughUpdate } from "../../tensor/arguments.ts";
import { inEvalMode } from "../../train/index.ts";
import type { Examples } from "./digits-task.ts";

export type Loss = (output: Tensor, target: Tensor) => Tensor;

export interface LearnerOptions {
  /** Cross-entropy unless given. */
  readonly loss?: Loss;
  /** Scalars that are measured in the step, after the backward pass and before the update. */
  readonly probe?: (output: Tensor, target: Tensor) => readonly Tensor[];
}

/**
 * One step: its loss, and what `probe` measures. Later calls run what the first compiled. Plain numbers in it, such as the
 * probability of a dropout, are as they were then: where one may change it is given as `number`, and another compiles anew.
 */
export type Learn = (examples: Examples, number?: number) => Promise<{ loss: number; probed: readonly number[] }>;

/** A step of training: forward, backward, update. */
export function learner(
  model: Module,
  optimizer: Optimizer,
  { loss = crossEntropy, probe }: LearnerOptions = {},
): Learn {
  const train = async (x: Tensor, y: Tensor): Promise<Tensor> => {
    const output = model.forward(x);
    const value = loss(output, y);
    value.backward();
    const probed = keepThroughUpdate(stack([value, ...(probe?.(output, y) ?? [])]));
    await optimizer.step();
    return probed;
  };
  let [step, compiledWith] = [jit(train), undefined as number | undefined];
  return async ({ x, y }, number) => {
    if (number !== compiledWith) step = jit(train); // the plan is found again: only what is recorded is new
    compiledWith = number;
    const [value, ...probed] = await (await step(x, y)).data();
    return { loss: value, probed };
  };
}

/** The mean absolute gradient of a parameter after the backward pass; 0 where none came. */
export const meanGradient = (p: Tensor): Tensor => p.grad?.abs().mean() ?? zeros([]);

/** The part of examples whose class gets the greatest output, in inference mode; `size` at a time. */
export async function accuracyOf(model: Module, { x, y }: Examples, size = 1000): Promise<number> {
  const count = x.shape[0];
  return inEvalMode(model, async () => {
    let right = 0;
    for (let from = 0; from < count; from += size) {
      const to = Math.min(from + size, count);
      const guess = model.forward(x.narrow(0, from, to - from)).argmax(1);
      right += await guess
        .eq(y.narrow(0, from, to - from))
        .int()
        .sum()
        .item();
    }
    return right / count;
  });
}
