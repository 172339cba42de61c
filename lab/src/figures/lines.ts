/** Lines and dots over an axis: curves of all kinds, and numbers over the steps of a run. */

import type { ScaleContinuousNumeric } from "d3-scale";
import { scaleLinear } from "d3-scale";
import type { Line, Numbers, Probe } from "../../../src/experiments/probe.ts";
import { short } from "./bars.ts";
import { type FormView, type Frame, roughWidth, write, writeOver } from "./form.ts";
import type { Pen } from "./pen.ts";
import { axis, dashes, extent, ticks, tickText } from "./scale.ts";
import { thinned } from "./thinned.ts";

type Scale = ScaleContinuousNumeric<number, number>;
const foot = 34;
/** The height of a row of the legend. */
const legendRow = 18;

export interface Plot {
  readonly lines: readonly Line[];
  /** Bands between two lines over the same `x`, such as the range over seeds. */
  readonly bands?: readonly { readonly x: Numbers; readonly low: Numbers; readonly high: Numbers }[];
  readonly kind: Probe["kind"];
  readonly xLabel: string;
  readonly yLabel: string;
  /** An upright line at a place, such as the step that is looked at. */
  readonly cursor?: number | null;
  /** Whether the names of the lines stand above them. They do unless they are told elsewhere. */
  readonly hasLegend?: boolean;
}

/** Draws lines with their axes and their names. */
export function plot(
  pen: Pen,
  { lines, bands = [], kind, xLabel, yLabel, cursor, hasLegend = true }: Plot,
  say: Frame["say"],
): void {
  const { context, width, height, colors } = pen;
  const names = hasLegend ? lines.map(({ name }) => say(name)) : [];
  const rows = legendRows(width, names, yLabel);
  const head = hasLegend || yLabel !== "" ? legendRow * Math.max(rows.length, 1) + 6 : 10;
  const y = axis(
    kind,
    [...lines.map((line) => line.y), ...bands.flatMap(({ low, high }) => [low, high])],
    [height - foot, head],
  );
  const levels = ticks(y, kind);
  const left = Math.max(46, ...levels.map((tick) => context.measureText(tickText(tick, kind)).width + 10));
  const xs = extent(
    lines.map((line) => line.x),
    "signed",
  );
  const x = scaleLinear(xs[0] === xs[1] ? [xs[0], xs[0] + 1] : xs, [left, width - 8]);
  context.lineWidth = 1;
  for (const tick of levels) {
    const at = Math.round(y(tick)) + 0.5;
    context.strokeStyle = colors.grid;
    context.beginPath();
    context.moveTo(left, at);
    context.lineTo(width - 8, at);
    context.stroke();
    write(pen, tickText(tick, kind), left - 6, at, { color: colors.muted, align: "right" });
  }
  const isWhole = lines.every((line) => isEvery(line.x, Number.isInteger)); // steps are counted: there is no half of one
  for (const { text, at } of marksAlong(pen, x, isWhole))
    write(pen, text, at, height - foot + 11, { color: colors.muted, align: "center" });
  write(pen, xLabel, width - 8, height - 8, { color: colors.muted, align: "right", room: width - left });
  for (const { x: at, low, high } of bands) {
    context.globalAlpha = 0.15;
    context.fillStyle = colors.ink;
    context.beginPath();
    for (let i = 0; i < at.length; i++) context.lineTo(x(at[i]), y(high[i]));
    for (let i = at.length - 1; i >= 0; i--) context.lineTo(x(at[i]), y(low[i]));
    context.fill();
    context.globalAlpha = 1;
  }
  lines.forEach((line, i) => {
    context.strokeStyle = context.fillStyle = colors[lineColor(kind, i)];
    if (line.dots) dots(pen, line, x, y, kind);
    else stroke(pen, line, x, y, kind, dashes[i % dashes.length]);
  });
  context.setLineDash([]);
  legend(pen, { names, rows, lines, kind, yLabel });
  if (cursor === undefined || cursor === null) return;
  context.strokeStyle = colors.ink;
  context.beginPath();
  context.moveTo(x(cursor), head);
  context.lineTo(x(cursor), height - foot);
  context.stroke();
}

/** Numbers along the level axis: as many as do not meet. */
function marksAlong({ context, width }: Pen, x: Scale, isWhole: boolean): readonly { text: string; at: number }[] {
  const marks = (count: number): { text: string; at: number; wide: number }[] =>
    x.ticks(count).flatMap((tick) => {
      if (isWhole && !Number.isInteger(tick)) return [];
      const text = tickText(tick, "signed");
      const wide = context.measureText(text).width;
      return [{ text, wide, at: Math.min(x(tick), width - wide / 2) }];
    });
  const isApart = (all: ReturnType<typeof marks>): boolean =>
    all.every(({ at, wide }, i) => i === 0 || at - wide / 2 - all[i - 1].at - all[i - 1].wide / 2 >= 6);
  for (let count = Math.max(4, Math.floor(width / 110)); count > 1; count--) {
    const found = marks(count);
    if (isApart(found)) return found;
  }
  return marks(1);
}

interface Levels {
  readonly left: number;
  /** How far from the right edge they end. */
  readonly right: number;
  readonly count?: number;
  /** The colour of the one at 0, where it is an axis. */
  readonly zero?: string;
}

/** Level lines at a few round numbers, each with its number left of it. */
export function levels(pen: Pen, y: Scale, { left, right, count = 4, zero = pen.colors.grid }: Levels): void {
  const { context, width, colors } = pen;
  context.lineWidth = 1;
  for (const tick of y.ticks(count)) {
    const at = Math.round(y(tick)) + 0.5;
    context.strokeStyle = tick === 0 ? zero : colors.grid;
    context.beginPath();
    context.moveTo(left, at);
    context.lineTo(width - right, at);
    context.stroke();
    write(pen, short(tick), left - 6, y(tick), { color: colors.muted, align: "right" });
  }
}

interface Sides {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly foot: number;
}

/** What the axes of a plot are, in its corners: the level one at its right end, the upright one at its top. */
export function nameAxes(pen: Pen, [across, up]: readonly [string, string], { left, right, top, foot }: Sides): void {
  const { width, height, colors } = pen;
  writeOver(pen, across, width - right, height - foot - 8, { color: colors.muted, align: "right" });
  writeOver(pen, up, left + 5, top + 6, { color: colors.muted });
}

/** The colour of a line by its place, as the palette names it. The first is ink; others have a dash as well. */
export function lineColor(kind: Probe["kind"], i: number): keyof Pen["colors"] {
  const order = kind === "signed" ? signedOrder : otherOrder;
  return order[i % order.length];
}
const signedOrder = ["ink", "positive", "negative", "muted"] as const;
const otherOrder = ["ink", "positive", "muted", "probability"] as const;

function isEvery(numbers: Numbers, holds: (x: number) => boolean): boolean {
  for (let i = 0; i < numbers.length; i++) if (!holds(numbers[i])) return false;
  return true;
}

const isDrawn = (v: number, kind: Probe["kind"]): boolean => Number.isFinite(v) && (kind !== "magnitude" || v > 0);

function stroke({ context }: Pen, line: Line, x: Scale, y: Scale, kind: Probe["kind"], dash: readonly number[]): void {
  context.setLineDash([...dash]);
  context.lineWidth = 1.5;
  context.beginPath();
  const shown = thinned(line.y);
  let isDown = false;
  for (const i of shown) {
    if (!isDrawn(line.y[i], kind)) isDown = false;
    else if (isDown) context.lineTo(x(line.x[i]), y(line.y[i]));
    else context.moveTo(x(line.x[i]), y(line.y[i]));
    isDown = isDrawn(line.y[i], kind);
  }
  context.stroke();
  // What has but one point yet is a dot.
  const [only] = shown;
  if (shown.length !== 1 || !isDrawn(line.y[only], kind)) return;
  context.beginPath();
  context.arc(x(line.x[only]), y(line.y[only]), 2.5, 0, 2 * Math.PI);
  context.fill();
}

function dots({ context }: Pen, line: Line, x: Scale, y: Scale, kind: Probe["kind"]): void {
  context.globalAlpha = line.x.length > 60 ? 0.35 : 1; // many do not hide what lies under them
  for (let i = 0; i < line.x.length; i++) {
    if (!isDrawn(line.y[i], kind)) continue;
    context.beginPath();
    context.arc(x(line.x[i]), y(line.y[i]), 2.5, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

/** Which names stand in each row of the legend: as many as there is room for, right of the axis' own name. */
function legendRows(width: number, names: readonly string[], yLabel: string): readonly number[][] {
  const room = width - 8 - (yLabel === "" ? 0 : Math.min(roughWidth(yLabel) + 16, width / 3));
  const rows: number[][] = [];
  let left = 0;
  names.forEach((name, i) => {
    const size = roughWidth(name) + 38;
    if (rows.length === 0 || size > left) {
      rows.push([]);
      left = room;
    }
    rows[rows.length - 1].push(i);
    left -= size;
  });
  return rows;
}

interface Legend {
  readonly names: readonly string[];
  readonly rows: readonly (readonly number[])[];
  readonly lines: readonly Line[];
  readonly kind: Probe["kind"];
  readonly yLabel: string;
}

function legend(pen: Pen, { names, rows, lines, kind, yLabel }: Legend): void {
  const { context, width, colors } = pen;
  write(pen, yLabel, 0, 8, { color: colors.muted, room: width / 3 });
  rows.forEach((row, at) => {
    const y = 8 + legendRow * at;
    let right = width - 8;
    for (const i of row.toReversed()) {
      const size = Math.min(context.measureText(names[i]).width, width - 46);
      write(pen, names[i], right, y, { color: colors.ink, align: "right", room: size });
      right -= size + 6;
      context.strokeStyle = context.fillStyle = colors[lineColor(kind, i)];
      context.lineWidth = 1.5;
      context.beginPath();
      if (lines[i].dots) {
        context.arc(right - 10, y, 2.5, 0, 2 * Math.PI);
        context.fill();
      } else {
        context.setLineDash([...dashes[i % dashes.length]]);
        context.moveTo(right - 20, y);
        context.lineTo(right, y);
        context.stroke();
        context.setLineDash([]);
      }
      right -= 32;
    }
  });
}

export const curves: FormView<"curves"> = {
  height(lines, width, say = (label) => (typeof label === "string" ? label : label.ja)) {
    const names = lines.map(({ name }) => say(name));
    // Names that take several rows take nothing from the lines.
    return (
      Math.min(Math.max(width * 0.55, 160), 280) + legendRow * Math.max(legendRows(width, names, "y").length - 1, 0)
    );
  },
  numbers: (lines) => lines.map(({ y }) => y),
  twin: (lines) => ({
    head: [{ ja: "線", en: "line" }, "x", "y"],
    rows: lines.flatMap(({ name, x, y }) => sampled(x.length).map((i) => [name, x[i], y[i]])),
  }),
  draw(pen, lines, { probe, say }) {
    plot(pen, { lines, kind: probe.kind, xLabel: say(probe.axes?.[0] ?? ""), yLabel: say(probe.axes?.[1] ?? "") }, say);
  },
};

/** About twenty numbers from 0 to `count − 1`. */
export const sampled = (count: number): number[] =>
  Array.from({ length: Math.min(count, 20) }, (_, i) =>
    Math.round((i * (count - 1)) / Math.max(Math.min(count, 20) - 1, 1)),
  );
