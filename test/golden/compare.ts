/** How far a result may be from PyTorch's: a bound for each element on the error, from the scale that make.py recorded. */
import type { DType, HostArray } from "../../src/graph/dtype.ts";
import type { HostTensor } from "../../src/io/index.ts";

export interface Result {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: HostArray;
}

/** Half the distance from 1 to the next float32. */
const u = 2 ** -24;
/** Multiples of `u` times the scale that are allowed. */
export const allowed = { value: 16, gradient: 64 } as const;
/** The least normal float32: results below may be flushed to 0. */
const tiny = 2 ** -126;

/** Why `got` is not what was expected, or nothing. `rough`: the greatest scale is that of the whole tensor. */
export function difference(
  got: Result,
  want: HostTensor,
  { scales, kind, rough = false }: { scales: HostArray | undefined; kind: keyof typeof allowed; rough?: boolean },
): string | undefined {
  if (got.shape.join() !== want.shape.join()) return `shape [${got.shape}] for [${want.shape}]`;
  if (got.dtype !== want.dtype) return `${got.dtype} for ${want.dtype}`;
  const greatest = rough && scales ? Math.max(...scales) : undefined;
  for (let i = 0; i < want.data.length; i++) {
    const [x, y] = [got.data[i], want.data[i]];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    const e = greatest ?? scales?.[i];
    const bound = e === undefined ? 0 : allowed[kind] * u * 2 ** (e - 128) + tiny;
    if (!(Math.abs(x - y) <= bound)) return `${x} for ${y} at ${i}, with an error of at most ${bound.toExponential(1)}`;
  }
}
