/** `tsumiki verify`: whether experiments come out as they say, with several seeds. */

import type { Experiment } from "../experiments/experiment.ts";
import { days, experiments } from "../experiments/index.ts";
import type { Run } from "../experiments/run.ts";
import { show } from "../experiments/text.ts";
import { type Finding, findings } from "../experiments/verify.ts";
import { about } from "./about.ts";
import { type NumberFlag, nearby, parse, quote, type SwitchFlag, UsageError } from "./arguments.ts";
import { type Command, commonFlags, jsonFlag } from "./command.ts";
import { chooseDevice, computingFlags } from "./computing.ts";
import { definitions } from "./draw/definitions.ts";
import { printFlags, printUsage } from "./help.ts";
import { Interrupts, interruptedStatus } from "./interrupt.ts";
import { bar } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";
import { watch } from "./watch.ts";
import { padEnd, widthOf } from "./width.ts";
import { dayWords, words } from "./words.ts";
import { type Setting, writeJson } from "./world.ts";

/** Seeds where none are asked for. */
const usualSeeds = 3;
const seeds: NumberFlag = {
  kind: "integer",
  min: 1,
  max: 1000,
  byDefault: String(usualSeeds),
  help: words.flagVerifySeeds,
};
const quick: SwitchFlag = { kind: "switch", help: words.flagQuick };
const flags = { seeds, quick, ...computingFlags, ...jsonFlag, ...commonFlags };

export const verify: Command = {
  ...about.verify,
  async run(args, setting) {
    const { terminal, world, isJson } = setting;
    const { words: given, flags: values } = parse(args, flags);
    if (values.help) {
      printUsage(verify, terminal);
      terminal.print(terminal.style("bold", terminal.say(words.verifyHint)));
      definitions(
        Object.keys(days).map((day) => [day, dayWords[day] ? terminal.say(dayWords[day]) : day] as const),
        terminal,
      );
      terminal.print();
      printFlags(flags, terminal);
      return 0;
    }
    if (values.quick && values.seeds !== undefined) throw new UsageError(words.quickAndSeeds);
    const chosen = chosenBy(given);
    const count = values.quick ? 1 : (values.seeds ?? usualSeeds);
    using interrupts = new Interrupts({
      first: () => terminal.prose(terminal.say(words.stopping)),
      second: () => terminal.settle(),
    });
    const { signal } = interrupts;
    await chooseDevice(values, setting);
    const results: Verified[] = [];
    for (const experiment of chosen) {
      const result = await verifyOne(experiment, count, signal, setting);
      if (!result) break;
      results.push(result);
      printResult(result, chosen, terminal);
    }
    const met = results.filter(({ isMet }) => isMet).length;
    const isInterrupted = results.length < chosen.length;
    terminal.gap();
    if (isInterrupted) terminal.prose(terminal.say(words.verifyStopped(results.length, chosen.length)));
    else if (chosen.length === 0) terminal.prose(terminal.say(words.nothingToVerify));
    else terminal.prose(terminal.say(words.verified(met, results.length)));
    if (isJson)
      writeJson(world, { isMet: !isInterrupted && met === results.length, isInterrupted, experiments: results });
    return isInterrupted ? interruptedStatus : met === results.length ? 0 : 1;
  },
};

/** The experiments that the user named, by day or by id, once each; all of them where nothing is named. */
function chosenBy(names: readonly string[]): Experiment[] {
  if (names.length === 0) return [...experiments.values()];
  const chosen = names.flatMap((name): readonly Experiment[] => {
    if (Object.hasOwn(days, name)) return days[name];
    const found = experiments.get(name);
    if (found) return [found];
    const near = nearby(name, [...Object.keys(days), ...experiments.keys()]);
    throw new UsageError(words.unknownExperiment("verify", quote(name), near));
  });
  return [...new Set(chosen)];
}

/** What came of one experiment. */
interface Verified {
  readonly id: string;
  readonly row: string | null;
  readonly isMet: boolean;
  readonly seconds: number;
  readonly seeds: readonly {
    readonly seed: number;
    readonly isMet: boolean;
    readonly findings: readonly Finding[];
    /** Why there are none, if it failed to run. */
    readonly error: string | null;
  }[];
}

/** Null if it was interrupted. */
async function verifyOne(
  experiment: Experiment,
  count: number,
  signal: AbortSignal,
  setting: Setting,
): Promise<Verified | null> {
  const { terminal } = setting;
  const { id, row } = experiment;
  const start = performance.now();
  const results: Verified["seeds"][number][] = [];
  let last = -Infinity;
  for (let seed = 1; seed <= count; seed++) {
    const on = (run: Run): void => {
      if (!terminal.isLive || signal.aborted || performance.now() - last < 100) return;
      last = performance.now();
      terminal.live([progress(experiment, run, seed, count, terminal)]);
    };
    try {
      const run = await watch(experiment, { seed, signal, on }, setting);
      if (!run?.isDone) return null;
      const found = findings(run);
      results.push({ seed, isMet: found.every(({ isMet }) => isMet), findings: found, error: null });
    } catch (error) {
      results.push({ seed, isMet: false, findings: [], error: error instanceof Error ? error.message : String(error) });
    }
  }
  const seconds = (performance.now() - start) / 1000;
  return { id, row, isMet: results.every(({ isMet }) => isMet), seconds, seeds: results };
}

function progress({ id, row }: Experiment, run: Run, seed: number, count: number, terminal: Terminal): string {
  const name = row === null ? id : `${row} ${id}`;
  const part = (seed - 1 + (run.steps === 0 ? 1 : run.step / run.steps)) / count;
  const text = `${name}  ${terminal.say(words.seedOf(seed))}/${count}`;
  const room = Math.min(terminal.columns - widthOf(text) - 5, 30);
  return room < 6 ? text : `· ${text}  ${bar(part, room, terminal)}`;
}

/** A line on an experiment, and one on each thing that came out otherwise. */
function printResult(
  { id, row, isMet, seconds, seeds }: Verified,
  all: readonly Experiment[],
  terminal: Terminal,
): void {
  const name = (row: string | null, id: string): string => `${(row ?? "").padEnd(4)} ${id}`;
  const widest = Math.max(...all.map((experiment) => widthOf(name(experiment.row, experiment.id))));
  const mark = terminal.style(isMet ? "good" : "bad", isMet ? "✓" : "✗");
  const facts = [terminal.say(words.seedCount(seeds.length)), terminal.say(words.seconds(seconds.toFixed(1)))];
  const line = `${mark} ${padEnd(name(row, id), widest)}`;
  const isNarrow = widthOf(line) + 20 > terminal.columns;
  terminal.print(
    `${isNarrow ? `${mark} ${name(row, id)}` : line}  ${terminal.style("dim", facts[isNarrow ? 1 : 0])}${
      isNarrow ? "" : `  ${terminal.style("dim", facts[1].padStart(8))}`
    }`,
  );
  for (const { seed, findings, error } of seeds) {
    if (error !== null) terminal.hanging("    ", terminal.say(words.failedRun(seed, error.replace(/\s+/g, " "))));
    for (const { what, got, want, isMet } of findings) {
      if (isMet) continue;
      const text = typeof got === "number" ? show(got) : got;
      terminal.hanging("    ", terminal.say(words.unexpectedResult(seed, what, text, want)));
    }
  }
}
