/** Basins of attraction: starts all over a surface, and in which valley each ends. */
import { type Tensor, tensor } from "../../index.ts";
import type { Point } from "../probe.ts";
import type { Place, Surface } from "./surfaces.ts";

/** Which part of all starts ended in a lowest point, in another valley, and in neither. */
export interface Ends {
  readonly global: number;
  readonly local: number;
  readonly neither: number;
}

/** The height of a surface at points `(2, …)`. */
export const heightAt = (surface: Surface, points: Tensor): Tensor =>
  surface.height(points.select(0, 0), points.select(0, 1));

/** The middles of `cells` by `cells` parts of what is shown of a surface, `(2, cells²)`, in the order of maps. */
export function starts({ x, y }: Surface, cells: number): Tensor {
  const at = ([from, to]: readonly [number, number], i: number): number => from + ((to - from) * (i + 0.5)) / cells;
  const points = new Float32Array(2 * cells * cells);
  for (let i = 0; i < cells * cells; i++) {
    points[i] = at(x, i % cells);
    points[cells * cells + i] = at(y, cells - 1 - Math.floor(i / cells));
  }
  return tensor(points, [2, cells * cells]);
}

/** Which valley a point is in: 1 for any of the lowest, 2 and more for the others, 0 for none. */
export function valleyAt({ global, local, reach }: Surface, x: number, y: number): number {
  const isNear = ([cx, cy]: Place): boolean => (x - cx) ** 2 + (y - cy) ** 2 < reach ** 2;
  if (global.some(isNear)) return 1;
  const found = local.findIndex(isNear);
  return found < 0 ? 0 : found + 2;
}

/** The valleys of a surface as points of a map: class 0 for the lowest. */
export const valleys = ({ global, local }: Surface): Point[] =>
  [...global.map((at) => [at, 0] as const), ...local.map((at) => [at, 1] as const)].map(([[x, y], label]) => ({
    x,
    y,
    label,
  }));

/** What numbers of valleys come to, all together. */
export function partsOf(values: readonly number[]): Ends {
  const part = (is: (value: number) => boolean): number => values.filter(is).length / values.length;
  return { global: part((v) => v === 1), local: part((v) => v > 1), neither: part((v) => v === 0) };
}

/** Which part of the starts leads to a lowest point in the first of two maps, but not in the second. */
export function onlyFirst(first: ArrayLike<number>, second: ArrayLike<number>): number {
  return Array.from(first).filter((valley, i) => valley === 1 && second[i] !== 1).length / first.length;
}
