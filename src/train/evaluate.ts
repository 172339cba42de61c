/** A model, measured without being changed. */

import { Turns } from "../data/index.ts";
import { ValueError } from "../errors.ts";
import type { AnyModule, Module } from "../nn/index.ts";
import { checkOptions } from "../tensor/arguments.ts";
import { stack, type Tensor } from "../tensor.ts";
import type { Metric } from "./metrics.ts";

/** A batch as training takes it. */
export interface Example {
  readonly x: Tensor;
  readonly y: Tensor;
}
/** Batches that can be gone through again and again: a DataLoader, or an array of batches. */
export type Batches<B extends Example = Example> = (AsyncIterable<B> | Iterable<B>) & { readonly length?: number };

export type Loss = (output: Tensor, target: Tensor) => Tensor;

export interface EvaluateOptions {
  loss?: Loss;
  metrics?: Readonly<Record<string, Metric>>;
  /** Asks to stop after the present batch; what was measured by then is the result. */
  signal?: AbortSignal;
}

/** Calls `work` with the model in inference mode, and gives every module back the mode it had. */
export async function inEvalMode<T>(model: AnyModule, work: () => Promise<T>): Promise<T> {
  const modes = [...model.modules().values()].map((module) => [module, module.training] as const);
  model.eval();
  try {
    return await work();
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
}

/** The means of the loss, as `loss`, and of the metrics over all examples, in inference mode. */
export async function evaluate(
  model: Module,
  data: Batches,
  options: EvaluateOptions,
): Promise<Record<string, number>> {
  checkOptions("evaluate", options, ["loss", "metrics", "signal"]);
  const { loss, metrics = {}, signal } = options ?? {};
  if (!loss && Object.keys(metrics).length === 0) {
    const fix = "Pass { loss, metrics: { accuracy } }, or one of them";
    throw new ValueError({ in: "evaluate", got: "neither a loss nor metrics", want: "something to measure", fix });
  }
  const measures: [string, Metric][] = [
    ...(loss ? [["loss", loss] as [string, Metric]] : []),
    ...Object.entries(metrics),
  ];
  const sums = measures.map(() => 0);
  let count = 0;
  const turns = new Turns();
  await inEvalMode(model, async () => {
    for await (const { x, y } of data) {
      const output = model.forward(x);
      const values = await stack(measures.map(([, f]) => f(output, y).float().reshape([]))).data(); // one plan, one look
      const size = x.shape[0] ?? 1;
      values.forEach((value, i) => {
        sums[i] += value * size;
      });
      count += size;
      if (signal?.aborted) break;
      await turns.give();
    }
  });
  if (count === 0) {
    const fix = "Pass something that can be gone through more than once, such as a DataLoader";
    throw new ValueError({ in: "evaluate", got: "no examples", want: "at least one", fix });
  }
  return Object.fromEntries(measures.map(([name], i) => [name, sums[i] / count]));
}

/** The class with the greatest output for each example, beside the class that it has: outputs `(N, C)`, classes `(N)`. */
export async function predictions(
  model: Module,
  data: Batches,
): Promise<{ actual: Int32Array; predicted: Int32Array }> {
  const [actual, predicted]: number[][] = [[], []];
  await inEvalMode(model, async () => {
    for await (const { x, y } of data) {
      actual.push(...(await y.data()));
      predicted.push(...(await model.forward(x).argmax(1).data()));
    }
  });
  return { actual: Int32Array.from(actual), predicted: Int32Array.from(predicted) };
}
