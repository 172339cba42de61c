/** Functions as pictures need them: at evenly spaced places of a line or of a rectangle. */
import { type Tensor, tensor } from "../../index.ts";
import type { Forms } from "../probe.ts";

/** `count` numbers from `from` to `to`, both included. */
export const spaced = (from: number, to: number, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => from + ((to - from) * i) / Math.max(count - 1, 1));

/** Numbers as a column, `(N, 1)`. */
export const column = (x: Float32Array): Tensor => tensor(x, [x.length, 1]);

/** A rectangle of the plane as so many cells. */
export interface Plane {
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
  readonly rows: number;
  readonly cols: number;
  /** The middles of the cells, `(rows · cols, 2)`: row by row, the one with the greatest `y` first, as maps are. */
  readonly places: Tensor;
}

/** The square from `from` to `to` in both directions, as `size` by `size` cells. */
export function square(from: number, to: number, size: number): Plane {
  const at = (i: number): number => from + ((to - from) * (i + 0.5)) / size;
  const places = new Float32Array(size * size * 2);
  for (let row = 0; row < size; row++) {
    for (let col = 0; col < size; col++) places.set([at(col), at(size - 1 - row)], 2 * (row * size + col));
  }
  return { x: [from, to], y: [from, to], rows: size, cols: size, places: tensor(places, [size * size, 2]) };
}

/** A map of the numbers that a function has at the places of a plane. */
export const mapOf = ({ x, y, rows, cols }: Plane, values: ArrayLike<number>): Forms["map"] => ({
  x,
  y,
  rows,
  cols,
  values,
});
