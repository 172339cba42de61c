/** Training as part of an experiment. */
import type { Module } from "../nn/index.ts";
import { type FitOptions, fitting } from "../train/index.ts";
import type { Counts, Event } from "./demo.ts";

/**
 * Trains, tells how far it is, and hands over the model; where it was interrupted, as it is by then, if it has learned.
 * Where all examples are one batch, an epoch is a step, and may be called so.
 */
export async function* training(
  model: Module,
  options: FitOptions,
  counts: Counts = "epoch",
): AsyncGenerator<Event, void> {
  let hasLearned = false;
  for await (const progress of fitting(model, options)) {
    hasLearned = true;
    yield { kind: "progress", progress, counts };
  }
  if (hasLearned || !options.signal?.aborted) yield { kind: "model", model };
}
