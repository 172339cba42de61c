/** What a run has come to: numbers, pictures, and what they say of each claim. */
import type { Verdict } from "../experiments/experiment.ts";
import type { Run } from "../experiments/run.ts";
import { figure } from "./draw/figure.ts";
import { flow } from "./draw/flow.ts";
import { table } from "./draw/table.ts";
import { charts, isReached, laneLegend, laneName, withCurves } from "./live.ts";
import { scalar } from "./numbers.ts";
import type { Style, Terminal } from "./terminal.ts";
import { widthOf } from "./width.ts";
import { outcomeWords, words } from "./words.ts";

const chartRows = 8;

/** All of it; of a run that was stopped, only the numbers and curves that it reached. */
export function printReport(run: Run, isComplete: boolean, terminal: Terminal): void {
  printCurves(run, terminal);
  printScalars(run, terminal);
  printDivergences(run, terminal);
  if (!isComplete) return;
  printFigures(run, terminal);
  printVerdicts(run, terminal);
}

function printCurves(run: Run, terminal: Terminal): void {
  const probes = withCurves(run);
  if (probes.length === 0) return;
  terminal.gap();
  for (const line of charts(run, probes, { rows: chartRows, until: run.step }, terminal)) terminal.print(line);
  for (const line of flow(laneLegend(run, terminal), terminal.columns - 1)) terminal.print(line);
}

/** The last scalars: lanes below each other; of one lane, probes. */
function printScalars(run: Run, terminal: Terminal): void {
  const { experiment, lanes } = run;
  const scalars = Object.entries(experiment.probes).filter(
    ([name, { form }]) => form === "scalar" && lanes.some((lane) => isReached(lane, name)),
  );
  if (scalars.length === 0) return;
  terminal.gap();
  const cell = (lane: Run["lanes"][number], name: string): string =>
    isReached(lane, name) ? scalar(experiment.probes[name].kind, lane.last(name) as number) : "–";
  const rows =
    lanes.length > 1
      ? [
          ["", ...scalars.map(([, { label }]) => terminal.say(label))],
          ...lanes.map((lane) => [laneName(run, lane, terminal), ...scalars.map(([name]) => cell(lane, name))]),
        ]
      : [["", ""], ...scalars.map(([name, { label }]) => [terminal.say(label), cell(lanes[0], name)])];
  const lines = table(rows, terminal, terminal.columns - 1);
  for (const line of lanes.length > 1 ? lines : lines.slice(1)) terminal.print(line);
}

function printDivergences(run: Run, terminal: Terminal): void {
  for (const lane of run.lanes) {
    if (!lane.diverged) continue;
    const { step, probe, parameter } = lane.diverged;
    const name = run.lanes.length > 1 ? laneName(run, lane, terminal) : null;
    const label = terminal.say(run.experiment.probes[probe].label);
    terminal.hanging(`${terminal.style("bad", "✗")} `, terminal.say(words.diverged(name, step, label, parameter)));
  }
}

function printFigures(run: Run, terminal: Terminal): void {
  for (const [name, probe] of Object.entries(run.experiment.probes)) {
    if (probe.form === "scalar") continue;
    const shown = run.lanes
      .filter((lane) => isReached(lane, name))
      .map((lane) => ({ name: laneName(run, lane, terminal), reading: lane.last(name) }));
    const lines = shown.length === 0 ? [] : figure(probe, shown, terminal);
    if (lines.length === 0) continue;
    terminal.gap();
    const title = terminal.say(probe.label);
    const isLog = probe.kind === "magnitude" && (probe.form === "bars" || probe.form === "curves");
    terminal.prose(isLog ? title + terminal.say(words.logScale) : title, 0, "bold");
    if (probe.help) terminal.prose(terminal.say(probe.help), 0, "dim");
    for (const line of lines) terminal.print(line);
  }
}

/** How outcomes look. The mark says it without the colour. */
export const outcomeStyles: Readonly<Record<Verdict["outcome"], readonly [mark: string, style: Style]>> = {
  holds: ["✓", "good"],
  fails: ["✗", "bad"],
  depends: ["△", "warm"],
  undecided: ["?", "dim"],
};

export function outcomeText({ outcome }: Verdict, terminal: Terminal): string {
  const [mark, style] = outcomeStyles[outcome];
  return terminal.style(style, `${mark} ${terminal.say(outcomeWords[outcome])}`);
}

function printVerdicts(run: Run, terminal: Terminal): void {
  const verdicts = [...run.verdicts()];
  if (verdicts.length === 0) return;
  terminal.gap();
  terminal.prose(terminal.say(words.claims), 0, "bold");
  for (const [id, verdict] of verdicts) {
    terminal.prose(terminal.say(run.experiment.claims[id].sentence), 2);
    const head = `  ${outcomeText(verdict, terminal)}`;
    if (widthOf(head) < terminal.columns / 3) terminal.hanging(`${head}  `, terminal.say(verdict.because));
    else {
      terminal.print(head);
      terminal.prose(terminal.say(verdict.because), 4);
    }
  }
}
