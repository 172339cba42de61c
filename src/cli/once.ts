/** One run of an experiment: watched, reported, saved. */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Experiment } from "../experiments/experiment.ts";
import { csvOf, LogWriter, readLog } from "../experiments/log.ts";
import type { Lane, Run } from "../experiments/run.ts";
import { type Choice, settle } from "../experiments/settings.ts";
import { saveModel } from "../train/index.ts";
import { typed } from "./experiment-flags.ts";
import type { NewFile } from "./files.ts";
import { shown } from "./folder.ts";
import { Live } from "./live.ts";
import { printReport } from "./report.ts";
import type { Terminal } from "./terminal.ts";
import { versionOfPackage } from "./version.ts";
import { watch } from "./watch.ts";
import { words } from "./words.ts";
import { type Setting, writeJson } from "./world.ts";

/** What a run is made of. */
export interface About {
  readonly experiment: Experiment;
  readonly choice: Choice;
  readonly seed: number;
  /** The folder for models, relative to that of the world. */
  readonly place: string | null;
  readonly device: string;
  readonly signal: AbortSignal;
}

/** Runs it, and gives what was run, if it began. */
export async function runOnce(
  about: About & { readonly logFile: NewFile | null; readonly csvFile: NewFile | null },
  setting: Setting,
): Promise<Run | null> {
  const { experiment, choice, seed, place, device, signal, logFile, csvFile } = about;
  const { terminal, world, isJson } = setting;
  const start = performance.now();
  printSettings(experiment, choice, seed, terminal);
  const live = new Live(terminal);
  let writer: LogWriter | null = null;
  let text = "";
  const log = (news: string): void => {
    logFile?.write(news);
    if (csvFile) text += news;
  };
  const on = (run: Run): void => {
    writer ??= new LogWriter(run, { device, version: versionOfPackage() });
    if (logFile || csvFile) log(writer.news());
    if (run.step > 0 && !signal.aborted) live.show(run);
  };
  const run = await watch(experiment, { seed, choice, signal, on }, setting);
  const isComplete = run?.isDone === true;
  if (run && (logFile || csvFile)) log((writer as unknown as LogWriter).end(isComplete));
  csvFile?.write(csvOf(readLog(text)));

  if (!isComplete && run && run.step > 0) {
    terminal.settle();
    terminal.prose(terminal.say(words.stoppedAt(run.step, run.steps)));
  } else if (!isComplete) terminal.prose(terminal.say(words.stoppedEarly));
  if (run && (isComplete || run.step > 0)) printReport(run, isComplete, terminal);
  terminal.gap();
  if (!isComplete) terminal.prose(terminal.say(words.notComplete));
  const seconds = (performance.now() - start) / 1000;
  terminal.prose(terminal.say(words.took(seconds.toFixed(1))), 0, "dim");
  const models = run && (isComplete || run.step > 0) && place !== null ? await saveModels(run, place, setting) : [];
  for (const model of models) terminal.prose(terminal.say(words.saved(shown(model))));
  if (isComplete && place !== null && models.length === 0) terminal.prose(terminal.say(words.noModel));
  if (run && logFile) terminal.prose(terminal.say(words.logged(shown(logFile.path))));
  if (run && csvFile) terminal.prose(terminal.say(words.tabled(shown(csvFile.path))));
  if (!isJson) return run;
  const lanes = run ? Object.fromEntries(run.lanes.map((lane) => [lane.id, laneJson(run, lane)])) : {};
  const verdicts = isComplete ? Object.fromEntries(run.verdicts()) : {};
  const isInterrupted = !isComplete;
  const [version, step] = [versionOfPackage(), run?.step ?? 0];
  writeJson(world, {
    ...{ experiment: experiment.id, seed, device, version, seconds, step, isInterrupted },
    ...{ lanes, verdicts, models },
  });
  return run;
}

/** What a run is going to be, as one would type it: for each lane where they differ. */
export function printSettings(experiment: Experiment, choice: Choice, seed: number | null, terminal: Terminal): void {
  const settings = [...settle(experiment, choice)];
  const first = settings[0][1];
  const names = Object.keys(first);
  const isShared = (name: string): boolean =>
    settings.every(([, values]) => String(values[name]) === String(first[name]));
  const shared = Object.fromEntries(names.filter(isShared).map((name) => [name, first[name]]));
  const text = typed({ ...shared, ...(seed === null ? {} : { seed }) });
  terminal.prose(`${terminal.say(words.settings)}: ${text}`, 0, "dim");
  if (settings.length === 1) return;
  for (const [id, values] of settings) {
    const own = Object.fromEntries(names.filter((name) => !isShared(name)).map((name) => [name, values[name]]));
    terminal.prose(`${terminal.say(experiment.lanes[id].label)}: ${typed(own)}`, 2, "dim");
  }
}

/** A lane for programs: its settings, and the first and the last of what is kept of every step. */
export function laneJson(run: Run, lane: Lane): object {
  const ends: Record<string, { first: unknown; last: unknown }> = {};
  for (const [name, { form }] of Object.entries(run.experiment.probes)) {
    if ((form !== "scalar" && form !== "bars") || !lane.has(name)) continue;
    ends[name] = { first: plain(lane.first(name)), last: plain(lane.last(name)) };
  }
  return { values: lane.values, step: lane.step, diverged: lane.diverged, probes: ends };
}

const plain = (reading: unknown): unknown =>
  typeof reading === "object" && reading !== null && "values" in reading
    ? Array.from(reading.values as ArrayLike<number>)
    : reading;

/** Saves the models of all lanes to a folder; gives their paths. */
export async function saveModels(run: Run, place: string, { world }: Setting): Promise<string[]> {
  const withModels = run.lanes.flatMap(({ id, model }) => (model ? [{ id, model }] : []));
  const paths: string[] = [];
  for (const { id, model } of withModels) {
    await mkdir(resolve(world.folder, place), { recursive: true });
    const path = join(place, `${run.lanes.length === 1 ? "model" : id}.safetensors`);
    await saveModel(resolve(world.folder, path), model);
    paths.push(path);
  }
  return paths;
}
