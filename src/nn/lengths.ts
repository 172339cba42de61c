/** Which steps of padded sequences count. */
import { DTypeError, ShapeError } from "../errors.ts";
import { isFloat } from "../graph/dtype.ts";
import { show } from "../graph/shape.ts";
import { checkCount, print } from "../tensor/arguments.ts";
import type { Lengths } from "../tensor/losses.ts";
import { hostOf } from "../tensor/tensor.ts";
import { arange, Tensor, tensor } from "../tensor.ts";

export type { Lengths } from "../tensor/losses.ts";

/**
 * `(T, N)`: whether a step is one of the first of its sequence that count. Lengths that are known are from 1 to `steps`;
 * others, which are computed, are taken as they are.
 */
export function countsOf(by: string, lengths: Lengths, steps: number, batch: number): Tensor {
  const isTensor = lengths instanceof Tensor;
  const want = `a whole number from 1 to ${steps} for each of ${batch} sequences`;
  const refuse = (got: string, fix: string): never => {
    throw new ShapeError({ in: by, got, want, fix });
  };
  if (!isTensor && !Array.isArray(lengths)) refuse(`${print(lengths)} as lengths`, "Put them in an array");
  const shape = isTensor ? lengths.shape : [lengths.length];
  if (shape.length !== 1 || shape[0] !== batch) refuse(`lengths of ${show(shape)}`, "Give one for each sequence");
  if (isTensor && (isFloat(lengths.dtype) || lengths.dtype === "bool")) {
    const fix = 'Convert them with to("int32")';
    throw new DTypeError({ in: by, got: `lengths in ${lengths.dtype}`, want: "integers", fix });
  }
  const known = isTensor ? hostOf(lengths) : lengths;
  for (const [n, length] of (known ?? []).entries()) {
    if (length === 0 || length > steps)
      refuse(`a length of ${length} for sequence ${n}`, "Leave out empty sequences, or pad longer");
    checkCount(by, length, `lengths[${n}]`, 1, steps);
  }
  const ends = isTensor ? lengths : tensor([...lengths], { dtype: "int32" });
  return arange(steps)
    .reshape([steps, 1])
    .lt(ends.reshape([1, batch]));
}
