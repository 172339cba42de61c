/** Curves to be learnt: functions from −1 to 1, as numbers at evenly spaced places. */
import { HostRandom } from "../../data/index.ts";
import { hostMath } from "../../tensor/arguments.ts";
import { say, type Text } from "../text.ts";
import { spaced } from "./plane.ts";

export type CurveName = "sine" | "abs" | "jump" | "noise" | "drawn";
/** What they are called. */
export const curveTexts: Readonly<Record<CurveName, Text>> = {
  sine: say("正弦波", "sine"),
  abs: say("折れ線 |x|", "|x|"),
  jump: say("段差", "a jump"),
  noise: say("ノイズ", "noise"),
  drawn: say("描いた曲線", "drawn"),
};

/** A function of one variable. */
export type Curve = (x: number) => number;

/** The curve of a name; one that is drawn goes along straight lines through evenly spaced `points`. */
export function curveOf(name: CurveName, points: readonly number[], seed: number): Curve {
  if (name === "sine") return (x) => hostMath.sin(Math.PI * x);
  if (name === "abs") return (x) => 2 * Math.abs(x) - 1;
  if (name === "jump") return (x) => (x < 0.2 ? -0.8 : 0.8);
  const random = new HostRandom(seed);
  return through(name === "drawn" ? points : Array.from({ length: 129 }, () => random.uniform(-1, 1)));
}

/** Straight lines through values at evenly spaced places from −1 to 1. */
function through(values: readonly number[]): Curve {
  return (x) => {
    const at = ((x + 1) / 2) * (values.length - 1);
    const before = Math.min(Math.max(Math.floor(at), 0), Math.max(values.length - 2, 0));
    const [a, b = a] = values.slice(before, before + 2);
    return (a ?? 0) + (at - before) * ((b ?? 0) - (a ?? 0));
  };
}

/** Stairs of equal width from −1 to 1, at these levels. */
export function stairs(levels: readonly number[]): Curve {
  const last = levels.length - 1;
  return (x) => levels[Math.min(Math.max(Math.floor(((x + 1) / 2) * levels.length), 0), last)];
}

/** Places, and what a curve has there. */
export interface Samples {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** A curve at so many places from −1 to 1. */
export function sampled(curve: Curve, count: number): Samples {
  const x = spaced(-1, 1, count);
  return { x, y: x.map(curve) };
}
