/** A model, measured without being changed. */

import { Turns } from "../data/index.ts";
import { ValueError } from "../errors.ts";
import { type AnyModule, Module } from "../nn/index.ts";
import { checkOptions, print } from "../tensor/arguments.ts";
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

/** Throws unless `model` is one. */
export function checkModel(op: string, model: unknown, fix: string = "Pass a module first"): void {
  if (model instanceof Module) return;
  throw new ValueError({ in: op, got: `${print(model)} in the place of the model`, want: "a module", fix });
}

/** Throws unless `data` can be gone through; `name` is the argument's. */
export function checkBatches(op: string, data: unknown, name: string): void {
  const isObject = typeof data === "object" && data !== null;
  if (isObject && (Symbol.asyncIterator in data || Symbol.iterator in data)) return;
  const isDataset = isObject && "batch" in data;
  const got = data === undefined ? `no ${name}` : `${name} ${print(data)}`;
  const fix = data instanceof Promise ? "Await it" : isDataset ? "Pass new DataLoader(dataset)" : "Pass a DataLoader";
  throw new ValueError({ in: op, got, want: "batches that can be gone through", fix });
}

/** Throws unless the loss and the metrics are functions. */
export function checkMeasures(op: string, loss: unknown, metrics: unknown): void {
  if (metrics !== undefined && (typeof metrics !== "object" || metrics === null || Array.isArray(metrics))) {
    const [got, want] = [`metrics ${print(metrics)}`, "an object of functions by name"];
    throw new ValueError({ in: op, got, want, fix: "Write { metrics: { accuracy } }" });
  }
  const all: [string, unknown][] = [...(loss === undefined ? [] : [["loss", loss] as [string, unknown]])];
  for (const [name, f] of Object.entries(metrics ?? {})) all.push([`metrics.${name}`, f]);
  for (const [name, f] of all) {
    if (typeof f === "function") continue;
    const fix = "Pass a function such as crossEntropy or accuracy, without calling it";
    throw new ValueError({ in: op, got: `${name} ${print(f)}`, want: "a function of output and target", fix });
  }
}

/** The means of the loss, as `loss`, and of the metrics over all examples, in inference mode. */
export async function evaluate(
  model: Module,
  data: Batches,
  options: EvaluateOptions,
): Promise<Record<string, number>> {
  checkModel("evaluate", model);
  checkBatches("evaluate", data, "data");
  checkOptions("evaluate", options, ["loss", "metrics", "signal"]);
  const { loss, metrics = {}, signal } = options ?? {};
  if (!loss && Object.keys(metrics).length === 0) {
    const fix = "Pass { loss, metrics: { accuracy } }, or one of them";
    throw new ValueError({ in: "evaluate", got: "neither a loss nor metrics", want: "something to measure", fix });
  }
  checkMeasures("evaluate", loss, metrics);
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
