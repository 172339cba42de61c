/** Training as part of an experiment. */
import type { Module } from "../nn/index.ts";
import { type FitOptions, fitting } from "../train/index.ts";
import type { Event } from "./experiment.ts";

/** Trains, tells how far it is, and hands over the model: as it is, where it was interrupted. */
export async function* training(model: Module, options: FitOptions): AsyncGenerator<Event, void> {
  for await (const progress of fitting(model, options)) yield { kind: "progress", progress };
  yield { kind: "model", model };
}
