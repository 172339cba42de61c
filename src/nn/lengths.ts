/** Which steps of padded sequences count. */
import { checkLengths, type Lengths } from "../tensor/lengths.ts";
import { arange, type Tensor } from "../tensor.ts";

export type { Lengths } from "../tensor/lengths.ts";

/**
 * `(T, N)`: whether a step is one of the first of its sequence that count. Lengths that are known are from 1 to `steps`;
 * others, which are computed, are taken as they are.
 */
export function countsOf(by: string, lengths: Lengths, steps: number, batch: number): Tensor {
  const { tensor: ends } = checkLengths(by, lengths, { name: "lengths", count: batch, least: 1, most: steps });
  return arange(steps)
    .reshape([steps, 1])
    .lt(ends.reshape([1, batch]));
}
