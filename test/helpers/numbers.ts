/** Test data: seeded, so that a failure comes back. */
import { threefry2x32 } from "../../src/graph/threefry.ts";
import { type DType, type Tensor, tensor } from "../../src/tensor.ts";

/** `"2x3" → [2, 3]`, `"" → []`. */
export const shapeOf = (text: string): number[] => (text === "" ? [] : text.split("x").map(Number));

export const countOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** Numbers of 24 bits from `lo` to `hi`; stream `k` is different for each `k`. */
export const numbers = (count: number, [lo, hi]: readonly [number, number], k: number): number[] =>
  Array.from({ length: count }, (_, i) => lo + (threefry2x32([k, 7], [i, 0])[0] >>> 8) * 2 ** -24 * (hi - lo));

/** A tensor of such numbers, whole ones for integer types. */
export function sample(shape: readonly number[], range: readonly [number, number], k: number, dtype: DType): Tensor {
  const floats = numbers(countOf(shape), range, k);
  const whole = dtype === "int32" || dtype === "int8" || dtype === "uint8";
  return tensor(
    whole ? floats.map(Math.floor) : dtype === "bool" ? floats.map((x) => (x > 0 ? 1 : 0)) : floats,
    shape,
    { dtype },
  );
}
