/** Runs an experiment step by step while it is watched, until it is done or somebody asks it to stop. */

import { loadMnist, Turns } from "../data/index.ts";
import { type DataSource, packaged } from "../experiments/data.ts";
import type { Experiment } from "../experiments/experiment.ts";
import { Run } from "../experiments/run.ts";
import type { Choice } from "../experiments/settings.ts";
import { words } from "./words.ts";
import type { Setting } from "./world.ts";

export interface Watched {
  readonly seed: number;
  readonly choice?: Choice;
  readonly signal: AbortSignal;
  /** Called when it is set up, and after each step. */
  readonly on?: (run: Run) => void;
}

/** The run, as far as it came; null where it was asked to stop before it was set up. */
export async function watch(
  experiment: Experiment,
  { seed, choice = {}, signal, on }: Watched,
  setting: Setting,
): Promise<Run | null> {
  const turns = new Turns();
  await turns.give();
  let run: Run;
  try {
    run = await Run.start(experiment, { seed, data: dataFor(setting, signal) }, choice);
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
  on?.(run);
  while (!run.isDone && !signal.aborted) {
    await run.next();
    on?.(run);
    await turns.give();
  }
  return run;
}

/** The package's data; what has to be fetched is said to be. */
const dataFor = ({ terminal }: Setting, signal: AbortSignal): DataSource => ({
  ...packaged,
  digits(size) {
    if (size !== "full") return packaged.digits(size);
    terminal.prose(terminal.say(words.fullDigits));
    return loadMnist({ source: "download", signal });
  },
});
