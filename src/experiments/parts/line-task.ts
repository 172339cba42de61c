/** Twelve points about a line, one of which lies far off it. */
import { HostRandom } from "../../data/index.ts";
import type { Forms } from "../probe.ts";
import { say } from "../text.ts";
import { spaced } from "./plane.ts";

const count = 12;
/** The number of the point that is off. */
const off = count - 2;
export const trueLine = { slope: 1.5, intercept: 0.5 } as const;

interface PointsOptions {
  readonly outlier: number;
  readonly noise: number;
  /** Go before heights that are drawn. */
  readonly heights: readonly number[];
}
interface LinePoints {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Heights of the line. */
  readonly truth: Float32Array;
}
export function pointsWith({ outlier, noise, heights }: PointsOptions, seed: number): LinePoints {
  const random = new HostRandom(seed);
  const x = spaced(-1, 1, count);
  const truth = x.map((v) => trueLine.slope * v + trueLine.intercept);
  const drawn = truth.map((v, i) => v + noise * random.normal() + (i === off ? outlier : 0));
  return { x, y: drawn.map((v, i) => heights[i] ?? v), truth };
}

/** Each point's part of the sum of these. */
export function sharesOf(losses: Float32Array): Forms["bars"] {
  const total = Math.max(
    losses.reduce((a, v) => a + v, 0),
    1e-12,
  );
  return {
    names: Array.from(losses, (_, i) => (i === off ? say("外れ値", "outlier") : String(i + 1))),
    values: losses.map((v) => v / total),
  };
}
