/** A few noisy points of a sine, and networks that are large enough to overfit them. */
import { noisySine } from "../../data/index.ts";
import { MLP } from "../../models/index.ts";
import { Tanh } from "../../nn/index.ts";
import { hostMath } from "../../tensor/arguments.ts";
import type { Line } from "../probe.ts";
import { say } from "../text.ts";
import { equalWidths } from "./digit-network.ts";
import type { Examples } from "./digits-task.ts";
import { column, spaced } from "./plane.ts";

/** Places at which the truth is known, for tests and for pictures. */
const places = 100;

export interface SineWorld {
  readonly train: Examples;
  /** The truth without noise, at even places. */
  readonly test: Examples;
  /** The points and the truth, to be drawn. */
  readonly lines: readonly Line[];
  /** A curve over the places of the truth. */
  line(name: Line["name"], y: Float32Array | ArrayLike<number>): Line;
}

export function sineWorld(
  seed: number,
  { count = 15, noise = 0.3 }: { count?: number; noise?: number } = {},
): SineWorld {
  const { x, y } = noisySine({ count, noise }, seed);
  const grid = spaced(-1, 1, places);
  const truth = grid.map((v) => hostMath.sin(Math.PI * v));
  return {
    train: { x: column(x), y: column(y) },
    test: { x: column(grid), y: column(truth) },
    lines: [
      { name: say("点", "points"), x, y, dots: true },
      { name: say("真の曲線", "truth"), x: grid, y: truth },
    ],
    line: (name, values) => ({ name, x: grid, y: values }),
  };
}

export interface NetOptions {
  readonly width: number;
  readonly depth: number;
  readonly dropout?: number;
}
/** `1 → width → … → 1` with tanh. */
export const sineNet = ({ width, depth, dropout = 0 }: NetOptions): MLP =>
  new MLP([1, ...equalWidths(depth, width), 1], { activation: () => new Tanh(), dropout });
