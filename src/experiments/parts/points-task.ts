/** Points of the plane in classes: as tensors to learn from, and as pictures take them. */
import type { Points } from "../../data/index.ts";
import { tensor } from "../../index.ts";
import type { Point } from "../probe.ts";
import type { Examples } from "./digits-task.ts";

export interface PointsTask {
  /** `x` of shape `(N, 2)`, and the class of each. */
  readonly examples: Examples;
  readonly points: readonly Point[];
}

export const pointsTask = ({ x, y, count }: Points): PointsTask => ({
  examples: { x: tensor(x, [count, 2]), y: tensor(y) },
  points: Array.from(y, (label, i) => ({ x: x[2 * i], y: x[2 * i + 1], label })),
});
