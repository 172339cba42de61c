/** On which scale numbers are shown: their kind decides. */
import type { Numbers, Probe } from "../../experiments/probe.ts";

/** Maps numbers to 0 … 1, and tells which numbers are at these ends. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly isLog: boolean;
  part(x: number): number;
}

/** A scale on which all of `numbers` are. Those that are not finite count for nothing. */
export function scaleOf(kind: Probe["kind"], numbers: Iterable<number>): Scale {
  if (kind === "probability") return linear(0, 1);
  let [least, most, smallest, large] = [Infinity, -Infinity, Infinity, 0];
  for (const x of numbers) {
    if (!Number.isFinite(x)) continue;
    least = Math.min(least, x);
    most = Math.max(most, x);
    large = Math.max(large, Math.abs(x));
    if (x > 0) smallest = Math.min(smallest, x);
  }
  if (least > most) return linear(0, 1);
  if (kind === "count") return linear(0, Math.max(most, 1));
  if (kind === "signed") return linear(-large || -1, large || 1);
  return least >= 0 && smallest < Infinity ? logarithmic(smallest, most) : spread(least, most);
}

/** A scale for curves: as above, but signed numbers need no room on the side of 0 where there are none. */
export function scaleOfCurves(kind: Probe["kind"], numbers: readonly number[]): Scale {
  if (kind !== "signed") return scaleOf(kind, numbers);
  const finite = numbers.filter(Number.isFinite);
  return finite.length === 0 ? linear(0, 1) : spread(Math.min(...finite), Math.max(...finite));
}

/** From the least to the most, with some room where they are the same. */
export function spread(least: number, most: number): Scale {
  if (least < most) return linear(least, most);
  const room = Math.abs(least) / 10 || 1;
  return linear(least - room, most + room);
}

function linear(from: number, to: number): Scale {
  return { from, to, isLog: false, part: (x) => Math.min(Math.max((x - from) / (to - from), 0), 1) };
}

function logarithmic(from: number, to: number): Scale {
  // Of numbers that are all but the same, small differences would look large.
  const [low, high] = to / from < 1.5 ? [from / 1.25, to * 1.25] : [from, to];
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const part = (x: number): number => (x > 0 ? Math.min(Math.max((Math.log10(x) - a) / (b - a), 0), 1) : 0);
  return { from: low, to: high, isLog: true, part };
}

/** Every number of several lists. */
export function* each(lists: Iterable<Numbers>): Generator<number> {
  for (const list of lists) for (let i = 0; i < list.length; i++) yield list[i];
}
