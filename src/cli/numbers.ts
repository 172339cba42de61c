/** Numbers, times and progress as text. */
import type { Probe } from "../experiments/probe.ts";
import { show } from "../experiments/text.ts";
import type { Terminal } from "./terminal.ts";

/** A number in as many digits as are worth reading, which stay as many while it changes. */
export function number(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  return size !== 0 && (size < 0.001 || size >= 10_000)
    ? x.toExponential(2).replace("e+", "e")
    : x.toPrecision(4).slice(0, x < 0 ? 7 : 6);
}

/** How far a part that is computed in 32 bits may be from what it is. */
const rounding = 1e-6;

/** A part of 1 as a percentage. It is 100 % only where nothing is missing, and 0 % only where there is nothing. */
export function percent(given: number): string {
  const part = Math.abs(given - 1) < rounding ? 1 : given;
  if (part > 1 || part < 0 || !Number.isFinite(part)) return number(part);
  if (part > 0 && part < 0.0005) return `${(100 * part).toExponential(0)} %`;
  const tenths = part < 1 ? Math.min(Math.round(part * 1000), 999) : 1000;
  return tenths === 1000 ? "100 %" : `${(tenths / 10).toFixed(1)} %`;
}

/** A scalar as its kind asks for. */
export function scalar(kind: Probe["kind"], x: number): string {
  if (kind === "probability") return percent(x);
  return kind === "count" ? show(x) : number(x);
}

/** Seconds as minutes and seconds. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–:––";
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A bar of `columns`, as full as `part` says. */
export function bar(part: number, columns: number, terminal: Terminal): string {
  const full = Math.round(Math.min(Math.max(part, 0), 1) * columns);
  return terminal.style("cool", "━".repeat(full)) + terminal.style("dim", "╌".repeat(columns - full));
}

/** The middle of numbers, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
