/** `tsumiki run`, and what it shares with `start`: an experiment, from its settings to what is shown and saved of it. */

import { join, resolve } from "node:path";
import type { Experiment } from "../experiments/experiment.ts";
import { experiments } from "../experiments/index.ts";
import type { Run } from "../experiments/run.ts";
import { settle } from "../experiments/settings.ts";
import { deviceName } from "../index.ts";
import { about } from "./about.ts";
import {
  type Flags,
  type FlagValues,
  type NumberFlag,
  parse,
  type SwitchFlag,
  splitFirst,
  type TextFlag,
  UsageError,
  unexpected,
} from "./arguments.ts";
import { type Command, commonFlags, jsonFlag } from "./command.ts";
import { chooseDevice, computingFlags } from "./computing.ts";
import { choiceOf, flagsOf, printExperimentHelp } from "./experiment-flags.ts";
import { NewFile } from "./files.ts";
import { namedFolder, newFolder, removeIfEmpty, removeUnfinished } from "./folder.ts";
import { printFlags, printUsage } from "./help.ts";
import { Interrupts, interruptedStatus } from "./interrupt.ts";
import { sameInAll, type Text } from "./language.ts";
import { experimentNamed, printExperiments } from "./list.ts";
import { runOnce } from "./once.ts";
import { runSeeds } from "./seeds.ts";
import { words } from "./words.ts";
import type { Setting } from "./world.ts";

type RunFlags = {
  readonly seed: NumberFlag & { readonly default: number };
  readonly seeds: NumberFlag;
  readonly out: TextFlag;
  readonly log: TextFlag;
  readonly csv: TextFlag;
  readonly force: SwitchFlag;
};
const runFlags: RunFlags = {
  seed: { kind: "integer", min: 0, max: Number.MAX_SAFE_INTEGER, default: 1, help: words.flagSeed },
  seeds: { kind: "integer", min: 1, max: 1000, help: words.flagSeeds },
  out: { kind: "text", placeholder: words.placeFolder, help: words.flagOut },
  log: { kind: "text", placeholder: words.placeFile, help: words.flagLog },
  csv: { kind: "text", placeholder: words.placeFile, help: words.flagCsv },
  force: { kind: "switch", help: words.flagForce },
};
/** Flags of every run, besides the settings of the experiment. */
export const sharedFlags: typeof runFlags & typeof computingFlags & typeof jsonFlag & typeof commonFlags = {
  ...runFlags,
  ...computingFlags,
  ...jsonFlag,
  ...commonFlags,
};
export type Shared = FlagValues<typeof sharedFlags>;

export const run: Command = {
  ...about.run,
  async run(args, setting) {
    const { terminal } = setting;
    const everyFlag: Flags = Object.assign({}, ...[...experiments.values()].map(flagsOf), sharedFlags);
    const { first: id, rest } = splitFirst(args, everyFlag);
    if (id === undefined) {
      if (!parse(rest, everyFlag).flags["help"]) throw new UsageError(words.missingExperiment("run"));
      printUsage(run, terminal);
      printExperiments(terminal);
      printFlags(sharedFlags, terminal);
      return 0;
    }
    return runWith(experimentNamed("run", id), sameInAll(`run ${id}`), rest, setting);
  },
};

/** What is around a run. */
export interface Surroundings {
  /** Said before it, and done after it has come to its end; not where the output is for programs. */
  readonly before?: (setting: Setting) => void;
  readonly after?: (
    setting: Setting,
    run: Run | null,
    flags: Readonly<Record<string, unknown>>,
  ) => void | Promise<void>;
  /** Flags besides those of every run. */
  readonly flags?: Flags;
  /** Whether the model is saved even where the user names no folder. */
  readonly saves?: boolean;
}

/** Reads the settings of an experiment from `args`, and runs it; or shows its help. */
export async function runWith(
  experiment: Experiment,
  usage: Text,
  args: readonly string[],
  setting: Setting,
  { before, after, flags = {}, saves = false }: Surroundings = {},
): Promise<number> {
  const { words: given, flags: all } = parse(args, { ...flagsOf(experiment), ...flags, ...sharedFlags } as Flags);
  const shared = all as unknown as Shared;
  if (shared.help) {
    printExperimentHelp(experiment, usage, { ...flags, ...sharedFlags }, setting.terminal);
    return 0;
  }
  if (given.length > 0) throw unexpected(given[0]);
  const choice = choiceOf(experiment, all);
  settle(experiment, choice);
  const { folder } = setting.world;
  const { seed, seeds, log, csv, force } = shared;
  if (seeds !== undefined && seeds > 1) {
    for (const [name, path] of Object.entries({ log, csv })) {
      if (path !== undefined) throw new UsageError(words.oneSeedOnly(`--${name}`));
    }
    if (seed > Number.MAX_SAFE_INTEGER - (seeds - 1)) throw new UsageError(words.tooManySeeds);
  }
  if (log !== undefined && csv !== undefined && resolve(folder, log) === resolve(folder, csv)) {
    throw new UsageError(words.sameFile);
  }

  using logFile = log === undefined ? null : await NewFile.open("--log", folder, log, force);
  using csvFile = csv === undefined ? null : await NewFile.open("--csv", folder, csv, force);
  const place =
    shared.out !== undefined
      ? await namedFolder(folder, shared.out, force)
      : saves
        ? await newFolder(folder, join("runs", experiment.id))
        : null;
  if (!setting.isJson) before?.(setting);
  const { terminal } = setting;
  let made: Run | null = null;
  using interrupts = new Interrupts({
    first: () => terminal.prose(terminal.say(words.stopping)),
    second() {
      terminal.settle();
      if (place !== null) removeUnfinished(resolve(folder, place));
      csvFile?.[Symbol.dispose]();
      logFile?.[Symbol.dispose]();
    },
  });
  try {
    await chooseDevice(shared, setting);
    const about = { experiment, choice, seed, place, device: await deviceName(), signal: interrupts.signal };
    if (seeds !== undefined && seeds > 1) await runSeeds({ ...about, seeds }, setting);
    else made = await runOnce({ ...about, logFile, csvFile }, setting);
  } finally {
    if (place !== null) await removeIfEmpty(resolve(folder, place));
  }
  if (interrupts.signal.aborted) return interruptedStatus;
  interrupts[Symbol.dispose](); // what comes after has its own
  if (!setting.isJson) await after?.(setting, made, all);
  return 0;
}
