/** `tsumiki run`, and what it shares with `start`: an experiment, from its settings to what is shown and saved of it. */
import { join, resolve } from "node:path";
import type { Event, Experiment, Values } from "../experiments/demo.ts";
import { experiments } from "../experiments/index.ts";
import { seed as setSeed } from "../index.ts";
import { saveModel, type TrainingProgress } from "../train/index.ts";
import {
  type Flags,
  type FlagValues,
  flagName,
  type NumberFlag,
  nearest,
  parse,
  quote,
  type SwitchFlag,
  splitFirst,
  type TextFlag,
  UsageError,
  unexpected,
} from "./arguments.ts";
import { type Command, chooseDevice, commonFlags, computingFlags, jsonFlag } from "./command.ts";
import { definitions, draw } from "./draw.ts";
import { namedFolder, newFolder, removeIfEmpty, removeUnfinished, shown } from "./folder.ts";
import { printFlags, printHelp, printUsage } from "./help.ts";
import { Interrupts, interruptedStatus } from "./interrupt.ts";
import { sameInAll, type Text } from "./language.ts";
import { number, ProgressLine, percent, reachedText } from "./progress.ts";
import { words } from "./words.ts";
import { type Setting, writeJson } from "./world.ts";

interface RunFlags {
  readonly seed: NumberFlag & { readonly default: number };
  readonly out: TextFlag;
  readonly force: SwitchFlag;
}
const runFlags: RunFlags = {
  seed: { kind: "integer", min: 0, max: Number.MAX_SAFE_INTEGER, default: 0, help: words.flagSeed },
  out: { kind: "text", placeholder: "<folder>", help: words.flagOut },
  force: { kind: "switch", help: words.flagForce },
};
/** Flags of every run, besides the settings of the experiment. */
const sharedFlags = { ...runFlags, ...computingFlags, ...jsonFlag, ...commonFlags };
type Shared = FlagValues<typeof sharedFlags>;

export const run: Command = {
  name: "run",
  usage: words.usageRun,
  help: words.run,
  async run(args, setting) {
    const { terminal } = setting;
    const known = [...experiments.keys()];
    const everyFlag: Flags = Object.assign({}, ...[...experiments.values()].map((e) => e.params), sharedFlags);
    const { first: id, rest } = splitFirst(args, everyFlag);
    if (id === undefined) {
      if (!parse(rest, everyFlag).flags.help) throw new UsageError(words.missingChoice("run", known.join(", ")));
      printUsage(run, terminal);
      terminal.print(terminal.style("bold", terminal.say(words.experiments)));
      definitions(
        [...experiments.values()].map(({ id, title }) => [id, terminal.say(title)] as const),
        terminal,
      );
      terminal.print();
      printFlags(sharedFlags, terminal);
      return 0;
    }
    const experiment = experiments.get(id);
    if (!experiment) throw new UsageError(words.unknownChoice("run", quote(id), known.join(", "), nearest(id, known)));
    return runWith(experiment, sameInAll(`run ${id}`), rest, setting);
  },
};

/** What is around a run. */
export interface Surroundings {
  /** Said before it, and after it has come to its end. */
  readonly before?: (setting: Setting) => void;
  readonly after?: (setting: Setting) => void;
  /** Whether the model is saved even where the user names no folder. */
  readonly saves?: boolean;
}

/** Reads the settings of an experiment from `args`, and runs it; or shows its help. */
export async function runWith(
  experiment: Experiment,
  usage: Text,
  args: readonly string[],
  setting: Setting,
  { before, after, saves = false }: Surroundings = {},
): Promise<number> {
  const flags: Flags = { ...experiment.params, ...sharedFlags };
  const { words: given, flags: all } = parse(args, flags);
  const shared = all as Shared;
  if (shared.help) {
    printHelp({ usage, help: experiment.question }, flags, setting.terminal);
    return 0;
  }
  if (given.length > 0) throw unexpected(given[0]);
  const params: Record<string, unknown> = {};
  for (const key of Object.keys(experiment.params)) params[key] = all[key];

  const { folder } = setting.world;
  const place =
    shared.out !== undefined
      ? await namedFolder(folder, shared.out, shared.force)
      : saves
        ? await newFolder(folder, join("runs", experiment.id))
        : null;
  if (!setting.isJson) before?.(setting);
  const session = new Session(setting, place);
  using interrupts = new Interrupts({ first: () => session.stopping(), second: () => session.leave() });
  try {
    await chooseDevice(shared, setting);
    setSeed(shared.seed);
    session.begin({ ...params, seed: shared.seed });
    const events = experiment.run(params as Values<Experiment["params"]>, { signal: interrupts.signal });
    for await (const event of events) await session.show(event);
  } catch (error) {
    if (!interrupts.signal.aborted) throw error;
  } finally {
    if (place !== null) await removeIfEmpty(resolve(folder, place));
  }
  session.end(experiment.id, interrupts.signal.aborted);
  if (interrupts.signal.aborted) return interruptedStatus;
  if (!setting.isJson) after?.(setting);
  return 0;
}

/** One run, as it is shown. */
class Session {
  readonly #setting: Setting;
  readonly #place: string | null;
  readonly #start = performance.now();
  readonly #line: ProgressLine;
  readonly #results: Record<string, number> = {};
  #params: Readonly<Record<string, unknown>> = {};
  #last: TrainingProgress | null = null;
  #model: string | null = null;

  constructor(setting: Setting, place: string | null) {
    this.#setting = setting;
    this.#place = place;
    this.#line = new ProgressLine(setting.terminal);
  }

  begin(params: Readonly<Record<string, unknown>>): void {
    this.#params = params;
    const { terminal } = this.#setting;
    const list = Object.entries(params).map(([key, value]) => `${flagName(key)} ${value}`);
    terminal.prose(`${terminal.say(words.settings)}: ${list.join(", ")}`, 0, "dim");
  }

  async show(event: Event): Promise<void> {
    const { terminal } = this.#setting;
    switch (event.kind) {
      case "note":
        terminal.prose(terminal.say(event.text));
        break;
      case "progress":
        this.#last = event.progress;
        this.#line.show(event.progress, event.counts);
        break;
      case "measure": {
        this.#results[event.id] = event.value;
        const value =
          event.unit === "percent"
            ? percent(event.value)
            : event.unit === "count"
              ? event.value.toLocaleString("en")
              : number(event.value);
        terminal.print(`${terminal.say(event.name)}: ${terminal.style("bold", value)}`);
        break;
      }
      case "figure":
        terminal.gap();
        terminal.prose(terminal.say(event.title), 0, "bold");
        for (const line of draw(event.figure, terminal)) terminal.print(line);
        terminal.gap();
        break;
      case "model": {
        if (this.#place === null) break;
        this.#model = join(this.#place, "model.safetensors");
        await saveModel(resolve(this.#setting.world.folder, this.#model), event.model);
        break;
      }
      default:
        event satisfies never;
    }
  }

  /** Ctrl-C was pressed. */
  stopping(): void {
    const { terminal } = this.#setting;
    terminal.settle();
    terminal.prose(terminal.say(words.stopping));
  }

  /** It was pressed again: what was begun to be saved is removed. */
  leave(): void {
    this.#setting.terminal.settle();
    if (this.#place !== null) removeUnfinished(resolve(this.#setting.world.folder, this.#place));
  }

  end(experiment: string, isInterrupted: boolean): void {
    const { terminal, world, isJson } = this.#setting;
    const seconds = (performance.now() - this.#start) / 1000;
    terminal.settle();
    if (isInterrupted && this.#last) {
      const { step, steps, loss, metrics } = this.#last;
      terminal.prose(terminal.say(words.stoppedAt(step, steps ?? step)));
      terminal.prose(reachedText(loss, metrics.accuracy, terminal));
    } else if (isInterrupted) terminal.prose(terminal.say(words.stoppedEarly));
    else terminal.prose(terminal.say(words.took(seconds.toFixed(1))), 0, "dim");
    if (this.#model !== null) terminal.prose(terminal.say(words.saved(shown(this.#model))));
    if (!isJson) return;
    const [params, results, model] = [this.#params, this.#results, this.#model];
    writeJson(world, { experiment, params, seconds, isInterrupted, results, model });
  }
}
