/** An experiment with several seeds: what each says, and how much they differ. */
import { join } from "node:path";
import type { Verdict } from "../experiments/experiment.ts";
import type { Run } from "../experiments/run.ts";
import { table } from "./draw/table.ts";
import { shown } from "./folder.ts";
import { isReached, Live, laneName } from "./live.ts";
import { median, scalar } from "./numbers.ts";
import { type About, laneJson, printSettings, saveModels } from "./once.ts";
import { outcomeText } from "./report.ts";
import type { Terminal } from "./terminal.ts";
import { versionOfPackage } from "./version.ts";
import { watch } from "./watch.ts";
import { words } from "./words.ts";
import { type Setting, writeJson } from "./world.ts";

export async function runSeeds(about: About & { readonly seeds: number }, setting: Setting): Promise<void> {
  const { experiment, choice, seed: from, seeds, place, device, signal } = about;
  const { terminal, world, isJson } = setting;
  const start = performance.now();
  printSettings(experiment, choice, null, terminal);
  const runs: Run[] = [];
  const models: string[] = [];
  for (let seed = from; seed < from + seeds && !signal.aborted; seed++) {
    const live = new Live(terminal, `${terminal.say(words.seedOf(seed))} (${seed - from + 1}/${seeds})`);
    const on = (run: Run): void => {
      if (run.step > 0 && !signal.aborted) live.show(run);
    };
    const run = await watch(experiment, { seed, choice, signal, on }, setting);
    if (!run?.isDone) {
      terminal.settle();
      if (run) terminal.prose(terminal.say(words.stoppedAt(run.step, run.steps)));
      break;
    }
    runs.push(run);
    printSeed(run, terminal);
    if (place !== null) models.push(...(await saveModels(run, join(place, `seed-${seed}`), setting)));
  }
  const isInterrupted = runs.length < seeds;
  if (runs.length > 1) printSummary(runs, terminal);
  terminal.gap();
  if (isInterrupted) terminal.prose(terminal.say(words.seedsDone(runs.length, seeds)));
  const seconds = (performance.now() - start) / 1000;
  terminal.prose(terminal.say(words.took(seconds.toFixed(1))), 0, "dim");
  for (const model of models) terminal.prose(terminal.say(words.saved(shown(model))));
  if (!isJson) return;
  writeJson(world, {
    ...{ experiment: experiment.id, device, version: versionOfPackage(), seconds, isInterrupted },
    runs: runs.map((run) => ({
      seed: run.seed,
      lanes: Object.fromEntries(run.lanes.map((lane) => [lane.id, laneJson(run, lane)])),
      verdicts: Object.fromEntries(run.verdicts()),
    })),
    summary: summaryOf(runs),
    models,
  });
}

/** What one seed says. */
function printSeed(run: Run, terminal: Terminal): void {
  terminal.print(terminal.style("bold", terminal.say(words.seedOf(run.seed))));
  for (const [, verdict] of run.verdicts()) {
    terminal.hanging(`  ${outcomeText(verdict, terminal)}  `, terminal.say(verdict.because));
  }
  for (const lane of run.lanes) {
    if (!lane.diverged) continue;
    const text = `${laneName(run, lane, terminal)}: ${terminal.say(words.divergedShort(lane.diverged.step))}`;
    terminal.hanging(`  ${terminal.style("bad", "✗")} `, text);
  }
}

interface Summary {
  readonly lane: string;
  readonly probe: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The last scalars of all runs. */
function summaryOf(runs: readonly Run[]): Summary[] {
  const [first] = runs;
  if (!first) return [];
  return first.lanes.flatMap(({ id: lane }) =>
    Object.entries(first.experiment.probes).flatMap(([probe, { form }]) => {
      if (form !== "scalar") return [];
      const values = runs.flatMap((run) =>
        isReached(run.lane(lane), probe) ? [run.lane(lane).last(probe) as number] : [],
      );
      if (values.length === 0) return [];
      return [{ lane, probe, median: median(values), least: Math.min(...values), most: Math.max(...values) }];
    }),
  );
}

function printSummary(runs: readonly Run[], terminal: Terminal): void {
  const [first] = runs;
  const { probes, claims } = first.experiment;
  terminal.gap();
  terminal.prose(terminal.say(words.overSeeds(runs.length)), 0, "bold");
  const rows = summaryOf(runs).map(({ lane, probe, median, least, most }) => {
    const show = (x: number): string => scalar(probes[probe].kind, x);
    const name = terminal.say(probes[probe].label);
    const whose = first.lanes.length > 1 ? `${laneName(first, first.lane(lane), terminal)}: ${name}` : name;
    return [whose, show(median), `${show(least)} … ${show(most)}`];
  });
  const head = ["", terminal.say(words.median), terminal.say(words.range)];
  for (const line of table([head, ...rows], terminal, terminal.columns - 1)) terminal.print(line);
  for (const [id, { sentence }] of Object.entries(claims)) {
    const verdicts = runs.map((run) => run.verdicts().get(id) as Verdict);
    const counts = new Map<string, number>();
    for (const verdict of verdicts) {
      const text = outcomeText(verdict, terminal);
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    terminal.gap();
    terminal.prose(terminal.say(sentence));
    terminal.print(`  ${[...counts].map(([text, n]) => `${text} ${n}/${runs.length}`).join("   ")}`);
  }
}
