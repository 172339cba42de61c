/** A run while it goes on: curves that are redrawn in place, or a plain line now and then where that is not possible. */
import type { Probe } from "../experiments/probe.ts";
import type { Lane, Run } from "../experiments/run.ts";
import { Pace } from "../train/index.ts";
import { chart } from "./draw/chart.ts";
import { beside } from "./draw/flow.ts";
import { paint, sample } from "./draw/strokes.ts";
import { bar, clock, scalar } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";
import { cut, widthOf, wrap } from "./width.ts";
import { words } from "./words.ts";

/** Milliseconds between redrawings, and between plain lines. */
const redraw = 100;
const plainPause = 2000;

export class Live {
  readonly #terminal: Terminal;
  readonly #head: string;
  readonly #now: () => number;
  readonly #pace: Pace;
  #last = -Infinity;
  #steps = 0;

  /** `head` says which run it is, where there are several. */
  constructor(terminal: Terminal, head = "", now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#head = head;
    this.#now = now;
    this.#pace = new Pace(now);
  }

  /** Shows how far a run is; called after each step. */
  show(run: Run): void {
    this.#pace.step(run.step - this.#steps);
    this.#steps = run.step;
    const now = this.#now();
    const terminal = this.#terminal;
    const isEnd = run.isDone || run.step === 1;
    if (now - this.#last < (terminal.isLive ? redraw : plainPause) && !(isEnd && !terminal.isLive)) return;
    this.#last = now;
    const left = run.isDone ? null : this.#pace.secondsFor(run.steps - run.step, 0);
    if (terminal.isLive) terminal.live(block(run, terminal, left, this.#head));
    else terminal.print(plainLine(run, terminal, left, this.#head));
  }
}

/** Scalars that are measured in every step, or nearly: those that have a curve. */
export function withCurves({ experiment, lanes }: Run): [name: string, probe: Probe][] {
  return Object.entries(experiment.probes).filter(
    ([name, { form }]) =>
      form === "scalar" && lanes.some((lane) => lane.has(name) && lane.series(name).steps.length >= 3),
  );
}

export const laneName = ({ experiment }: Run, { id }: Lane, terminal: Terminal): string =>
  terminal.say(experiment.lanes[id].label);

/** A scalar's name, and its scale if that is not the plain one. */
const titleOf = ({ kind, label }: Probe, terminal: Terminal): string =>
  terminal.say(label) + (kind === "magnitude" ? terminal.say(words.logScale) : "");

const gap = 3;
/** The least columns of a chart that stands beside another. */
const narrowest = 34;

/** Charts of scalars over the steps until a last one, beside each other where there is room, under their names. */
export function charts(
  run: Run,
  probes: readonly [string, Probe][],
  { rows, until }: { readonly rows: number; readonly until: number },
  terminal: Terminal,
): string[] {
  const columns = terminal.columns - 1;
  const together = Math.max(Math.min(Math.floor((columns + gap) / (narrowest + gap)), probes.length, 2), 1);
  const width = Math.floor((columns + gap) / together) - gap;
  const lines: string[] = [];
  for (let first = 0; first < probes.length; first += together) {
    const blocks = probes.slice(first, first + together).map(([name, probe]) => {
      const curves = run.lanes.flatMap((lane, n) => {
        if (!lane.has(name)) return [];
        const { steps, values } = lane.series(name);
        return [{ n, x: steps, y: values as readonly number[] }];
      });
      const options = { kind: probe.kind, columns: width, rows, x: [0, until] as const, hasFoot: false };
      const head = wrap(titleOf(probe, terminal), width).map((line) => terminal.style("dim", line));
      return { head, body: chart(curves, options, terminal) };
    });
    if (first > 0) lines.push("");
    lines.push(...beside(blocks, width, gap));
  }
  return lines;
}

/** The lines that are drawn over and over: curves, what each lane has reached, and how long it will take. */
export function block(run: Run, terminal: Terminal, left: number | null, head = ""): string[] {
  const probes = withCurves(run).slice(0, terminal.columns - 1 < 2 * narrowest + gap ? 1 : 2);
  const rows = Math.min(7, terminal.rows - run.lanes.length - 4);
  const drawn = probes.length > 0 && rows >= 3 ? charts(run, probes, { rows, until: run.steps }, terminal) : [];
  const legend = run.lanes.map((lane, n) => {
    const name = run.lanes.length > 1 ? `${sample(n, terminal)} ${laneName(run, lane, terminal)}` : "";
    return fitted([name, ...reached(run, lane, terminal)], terminal.columns - 1);
  });
  const shown = legend.filter((line) => line !== "");
  return [...drawn, ...shown, progressLine(run, terminal, left, head)];
}

/** As many of the pieces as fit; the first is cut if it must be. */
function fitted([first, ...others]: readonly string[], columns: number): string {
  let line = widthOf(first) <= columns ? first : cut(first, columns);
  for (const piece of others) {
    const longer = line === "" ? piece : `${line}  ${piece}`;
    if (widthOf(longer) > columns) break;
    line = longer;
  }
  return line;
}

/** Whether a probe's last reading is of now: what was measured before the first step, and not since, is not. */
export const isReached = (lane: Lane, probe: string): boolean =>
  lane.has(probe) && (lane.step === 0 || lane.series(probe).steps.at(-1) !== 0);

/** What the scalars of a lane have come to, or where it diverged. */
function reached({ experiment }: Run, lane: Lane, terminal: Terminal): string[] {
  if (lane.diverged) return [terminal.style("bad", `✗ ${terminal.say(words.divergedShort(lane.diverged.step))}`)];
  return Object.entries(experiment.probes).flatMap(([name, { form, kind, label }]) => {
    if (form !== "scalar" || !isReached(lane, name)) return [];
    return [`${terminal.say(label)} ${scalar(kind, lane.last(name) as number)}`];
  });
}

const shortestBar = 6;

function progressLine(run: Run, terminal: Terminal, left: number | null, head: string): string {
  const steps = `${terminal.say(words.step)} ${String(run.step).padStart(String(run.steps).length)}/${run.steps}`;
  const time = left === null ? "" : terminal.say(words.left(clock(left)));
  const start = head === "" ? steps : `${head}  ${steps}`;
  const room = terminal.columns - 1 - widthOf(start) - widthOf(time) - 4;
  if (room < shortestBar)
    return fitted([head === "" ? steps : head, ...(head === "" ? [] : [steps]), time], terminal.columns - 1);
  return `${start}  ${bar(run.step / run.steps, Math.min(room, 30), terminal)}  ${time}`.trimEnd();
}

/** How far a run is, on a line for files and pipes. */
export function plainLine(run: Run, terminal: Terminal, left: number | null, head = ""): string {
  const steps = `${terminal.say(words.step)} ${String(run.step).padStart(String(run.steps).length)}/${run.steps}`;
  const lanes = run.lanes.map((lane) => {
    const name = run.lanes.length > 1 ? `${laneName(run, lane, terminal)}: ` : "";
    // Of several lanes, all scalars would be too much for a line.
    return (
      name +
      reached(run, lane, terminal)
        .slice(0, run.lanes.length > 1 ? 2 : undefined)
        .join(" ")
    );
  });
  const time = left === null ? [] : [terminal.say(words.left(clock(left)))];
  return [...(head === "" ? [] : [head]), steps, ...lanes, ...time].join("  ");
}

/** Which line is which lane's. */
export function laneLegend(run: Run, terminal: Terminal): string[] {
  if (run.lanes.length < 2) return [];
  return run.lanes.map((lane, n) => `${sample(n, terminal)} ${paint(n, laneName(run, lane, terminal), terminal)}`);
}
