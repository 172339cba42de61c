/** From numbers to places and colours. The kind of a number chooses its scale, so that none can be drawn with the wrong one. */
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import type { Numbers, Probe } from "../../../src/experiments/probe.ts";
import type { Palette } from "./pen.ts";

export type Kind = Probe["kind"];

/** The least magnitude that is told from nothing: below it lies the least float32. */
export const faintest = 1e-45;

/** Least and greatest of what is finite; of magnitudes what is above 0. */
export function extent(values: Iterable<Numbers>, kind: Kind): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const some of values) {
    for (let i = 0; i < some.length; i++) {
      const v = some[i];
      if (!Number.isFinite(v) || (kind === "magnitude" && v <= 0)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  return low <= high ? [low, high] : kind === "magnitude" ? [0.1, 1] : [0, 1];
}

/** Where a value stands between `from` and `to` pixels. */
export function axis(
  kind: Kind,
  values: Iterable<Numbers>,
  range: [number, number],
): ScaleContinuousNumeric<number, number> {
  const [low, high] = extent(values, kind);
  if (kind === "probability") return scaleLinear([0, 1], range).clamp(true);
  if (kind === "magnitude") {
    const [least, most] = [Math.max(low, faintest), Math.max(high, faintest)];
    return scaleLog([10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(most * 1.0001))], range).clamp(
      true,
    );
  }
  if (kind === "count") return scaleLinear([0, Math.max(high, 1)], range).nice();
  const pad = high === low ? Math.abs(high) || 1 : 0.05 * (high - low);
  return scaleLinear([low - pad, high + pad], range);
}

/** Marks of an axis: a few, at round numbers; of powers of ten every so many decades. */
export function ticks(scale: ScaleContinuousNumeric<number, number>, kind: Kind, count = 4): number[] {
  if (kind !== "magnitude") return scale.ticks(count);
  const [a, b] = scale.domain().map((x) => Math.round(Math.log10(x)));
  const every = Math.max(1, Math.ceil((b - a) / count));
  return Array.from({ length: Math.floor((b - a) / every) + 1 }, (_, i) => 10 ** (a + i * every));
}

/** A number beside an axis. */
export function tickText(x: number, kind: Kind): string {
  if (kind === "magnitude") {
    const power = Math.round(Math.log10(x));
    return power >= -2 && power <= 3 ? String(Number(x.toPrecision(1))) : `1e${power}`;
  }
  if (kind === "count" && x >= 10_000) return compact.format(x);
  return String(Number(x.toPrecision(6)));
}
const compact = new Intl.NumberFormat("en", { notation: "compact" });

/** A colour in parts from 0 to 255. */
export type Rgb = readonly [number, number, number];
const parsed = new Map<string, Rgb>();
export function rgb(color: string): Rgb {
  let found = parsed.get(color);
  if (!found) {
    const hex = Number.parseInt(color.slice(1), 16);
    found = [hex >> 16, (hex >> 8) & 255, hex & 255];
    parsed.set(color, found);
  }
  return found;
}

/** `part` of the way from one colour to another. */
export const mix = (a: Rgb, b: Rgb, part: number): Rgb => [
  a[0] + (b[0] - a[0]) * part,
  a[1] + (b[1] - a[1]) * part,
  a[2] + (b[2] - a[2]) * part,
];
export const css = ([r, g, b]: Rgb): string => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;

/** The colour of a value in a field of them: signed from 朱 over paper to 藍, probabilities in 萌葱, magnitudes in 山吹. */
export function shade(kind: Kind, [low, high]: readonly [number, number], colors: Palette): (v: number) => Rgb {
  const paper = rgb(colors.paper);
  if (kind === "signed") {
    const most = Math.max(Math.abs(low), Math.abs(high), 1e-30);
    const [positive, negative] = [rgb(colors.positive), rgb(colors.negative)];
    return (v) => mix(paper, v < 0 ? negative : positive, Math.min(Math.abs(v) / most, 1));
  }
  if (kind === "probability") return (v) => mix(paper, rgb(colors.probability), Math.min(Math.max(v, 0), 1));
  if (kind === "count") return (v) => mix(paper, rgb(colors.ink), Math.min(Math.max(v / Math.max(high, 1), 0), 1));
  const [a, b] = [Math.log10(Math.max(low, faintest)), Math.log10(Math.max(high, faintest))];
  const gold = rgb(colors.gradient);
  return (v) => mix(paper, gold, v <= 0 ? 0 : b === a ? 1 : Math.min(Math.max((Math.log10(v) - a) / (b - a), 0.04), 1));
}

/** The colour of a mark of its kind. */
export const markColor = (kind: Kind, value: number, colors: Palette): string =>
  kind === "magnitude"
    ? colors.gradient
    : kind === "probability"
      ? colors.probability
      : kind === "count"
        ? colors.ink
        : value < 0
          ? colors.negative
          : colors.positive;

/** How lanes are told apart, never by colour alone: a dash for each, and a colour that means no quantity. */
export const dashes: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 3, 2, 3], [1, 5]];
