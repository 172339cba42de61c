/** Pictures of what was read last in each lane: which, follows from the form; on which scale, from the kind. */
import type { Form, Forms, Line, Probe, Reading } from "../../experiments/probe.ts";
import { type Label, show } from "../../experiments/text.ts";
import type { Terminal } from "../terminal.ts";
import { widthOf, wrap } from "../width.ts";
import { bars } from "./bars.ts";
import { chart } from "./chart.ts";
import { beside, flow } from "./flow.ts";
import { type Drawing, named } from "./form.ts";
import { histograms } from "./histograms.ts";
import { images } from "./images.ts";
import { map } from "./map.ts";
import { matrix } from "./matrix.ts";
import { each, scaleOf } from "./scale.ts";
import { sample } from "./strokes.ts";
import { table, widthOfTable } from "./table.ts";

/** A reading, and what the lane is called that it is of. */
export interface Shown {
  readonly name: string;
  readonly reading: Reading;
}

const gap = 3;

/** The narrowest picture of a reading that is worth a place beside another. */
function narrowest(form: Form, reading: Reading, terminal: Terminal): number {
  const widest = (labels: readonly Label[]): number => Math.max(...labels.map((l) => widthOf(named(l, terminal))), 0);
  switch (form) {
    case "scalar":
      return 1;
    case "bars":
      return Math.max(widest((reading as Forms["bars"]).names) + 24, 36);
    case "map":
      return 24;
    case "images":
      return 48;
    case "histograms":
      return Math.max(widest((reading as Forms["histograms"]).map(({ name }) => name)) + 32, 44);
    case "table": {
      const { head, rows } = reading as Forms["table"];
      return Math.max(widthOfTable([head, ...rows].map((row) => row.map((cell) => textOf(cell, terminal)))), 36);
    }
    case "curves":
    case "matrix":
      return 36;
    default:
      return form satisfies never;
  }
}

/** The lines of a probe's readings in all lanes, beside each other where there is room. */
export function figure(probe: Probe, all: readonly Shown[], terminal: Terminal): string[] {
  const columns = terminal.columns - 1;
  const scale = scaleOf(probe.kind, each(all.flatMap(({ reading }) => numbersOf(probe.form, reading))));
  const least = Math.max(...all.map(({ reading }) => narrowest(probe.form, reading, terminal)));
  const together = Math.max(Math.min(Math.floor((columns + gap) / (least + gap)), all.length), 1);
  const width = Math.floor((columns + gap) / together) - gap;
  const blocks = all.map(({ name, reading }) => ({
    head: all.length === 1 ? [] : wrap(name, width).map((line) => terminal.style("bold", line)),
    body: draw(probe, reading, { terminal, columns: width, kind: probe.kind, scale }),
  }));
  const lines: string[] = [];
  for (let first = 0; first < blocks.length; first += together) {
    if (first > 0) lines.push("");
    lines.push(...beside(blocks.slice(first, first + together), width, gap));
  }
  return lines;
}

const textOf = (cell: Label | number, terminal: Terminal): string =>
  typeof cell === "number" ? show(cell) : named(cell, terminal);

/** The numbers that a scale is made for. */
function numbersOf(form: Form, reading: Reading): ArrayLike<number>[] {
  if (form === "images") return (reading as Forms["images"]).images.map(({ pixels }) => pixels);
  if (form === "bars" || form === "map" || form === "matrix") return [(reading as Forms["bars"]).values];
  return [];
}

function draw({ form, axes }: Probe, reading: Reading, drawing: Drawing): string[] {
  const { terminal, columns } = drawing;
  switch (form) {
    case "scalar":
      return [show(reading as number)];
    case "bars":
      return bars(reading as Forms["bars"], drawing);
    case "curves":
      return curves(reading as Forms["curves"], axes, drawing);
    case "map":
      return map(reading as Forms["map"], drawing);
    case "matrix":
      return matrix(reading as Forms["matrix"], drawing);
    case "images":
      return images(reading as Forms["images"], drawing);
    case "histograms":
      return histograms(reading as Forms["histograms"], drawing);
    case "table": {
      const { head, rows } = reading as Forms["table"];
      return table(
        [head, ...rows].map((row) => row.map((cell) => textOf(cell, terminal))),
        terminal,
        columns,
      );
    }
    default:
      return form satisfies never;
  }
}

const chartRows = 8;

function curves(lines: readonly Line[], axes: Probe["axes"], { terminal, columns, kind }: Drawing): string[] {
  const all = lines.map(({ x, y, dots = false }, n) => ({ n, x, y, dots }));
  if (all.every(({ x }) => x.length === 0)) return [];
  const legend = lines.map(({ name, dots }, n) => ({
    mark: dots ? "•••" : sample(n, terminal),
    name: named(name, terminal),
  }));
  const heads = flow(
    legend.map(({ mark, name }) => `${mark} ${name}`),
    columns,
  );
  const foot = axes ? [terminal.style("dim", `${terminal.say(axes[0])} → ${terminal.say(axes[1])}`)] : [];
  return [
    ...chart(all, { kind, columns, rows: chartRows }, terminal),
    ...heads,
    ...foot.filter((l) => widthOf(l) <= columns),
  ];
}
