/** Pictures of what was read last in each lane: which, follows from the form; on which scale, from the kind. */
import type { Form, Forms, Line, Probe, Reading } from "../../experiments/probe.ts";
import { show } from "../../experiments/text.ts";
import type { Terminal } from "../terminal.ts";
import { padEnd, widthOf, wrap } from "../width.ts";
import { bars } from "./bars.ts";
import { chart } from "./chart.ts";
import { type Drawing, named } from "./form.ts";
import { histograms } from "./histograms.ts";
import { images } from "./images.ts";
import { map } from "./map.ts";
import { matrix } from "./matrix.ts";
import { each, scaleOf } from "./scale.ts";
import { sample } from "./strokes.ts";
import { table } from "./table.ts";

/** A reading, and what the lane is called that it is of. */
export interface Shown {
  readonly name: string;
  readonly reading: Reading;
}

/** The narrowest picture of each form that is worth a place beside another. */
const narrowest: Readonly<Record<Form, number>> = {
  scalar: 1,
  bars: 36,
  curves: 36,
  map: 24,
  matrix: 36,
  images: 48,
  histograms: 44,
  table: 36,
};
const gap = 3;

/** The lines of a probe's readings in all lanes, beside each other where there is room. */
export function figure(probe: Probe, all: readonly Shown[], terminal: Terminal): string[] {
  const columns = terminal.columns - 1;
  const scale = scaleOf(probe.kind, each(all.flatMap(({ reading }) => numbersOf(probe.form, reading))));
  const together = Math.max(Math.min(Math.floor((columns + gap) / (narrowest[probe.form] + gap)), all.length), 1);
  const width = Math.floor((columns + gap) / together) - gap;
  const blocks = all.map(({ name, reading }) => {
    const lines = draw(probe, reading, { terminal, columns: width, kind: probe.kind, scale });
    return all.length === 1 ? lines : [...wrap(name, width).map((line) => terminal.style("bold", line)), ...lines];
  });
  const lines: string[] = [];
  for (let first = 0; first < blocks.length; first += together) {
    if (first > 0) lines.push("");
    lines.push(...beside(blocks.slice(first, first + together), width));
  }
  return lines;
}

function beside(blocks: readonly (readonly string[])[], width: number): string[] {
  const height = Math.max(...blocks.map(({ length }) => length));
  return Array.from({ length: height }, (_, i) =>
    blocks
      .map((lines, j) => (j === blocks.length - 1 ? (lines[i] ?? "") : padEnd(lines[i] ?? "", width)))
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}

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
      const cells = rows.map((row) => row.map((c) => (typeof c === "number" ? show(c) : named(c, terminal))));
      return table([head.map((label) => named(label, terminal)), ...cells], terminal, columns);
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

/** Pieces in lines, as many in each as fit. */
export function flow(pieces: readonly string[], columns: number, between = "   "): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last + between + piece) <= columns) lines[lines.length - 1] += between + piece;
    else lines.push(piece);
  }
  return lines;
}
