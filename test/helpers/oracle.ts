/** What tests ask the oracle: values, also with other numbers in a leaf, and how far a device may be from them. */
import assert from "node:assert/strict";
import { evaluate } from "../../src/device/reference.ts";
import { type Bounded, errorBound } from "../../src/device/reference-bound.ts";
import { type DType, type HostArray, read } from "../../src/graph/dtype.ts";
import type { Node } from "../../src/graph/node.ts";
import type { Storage } from "../../src/runtime/storage.ts";

export const toFloat64 = (host: HostArray, dtype: DType): Float64Array =>
  Float64Array.from({ length: host.length }, (_, i) => read(host, i, dtype));

const hostOf = (leaf: object): HostArray => (leaf as Storage).host as HostArray;

/** The values of `roots` in float64, or with each operation rounded to its dtype. */
export const values = (roots: readonly Node[], mode: "float64" | "rounded" = "float64"): Float64Array[] =>
  evaluate(roots, hostOf, { mode });

/** The values of `roots` if the leaf `x` were `host`. */
export function valuesWith(roots: readonly Node[], x: Node<"buffer">, host: HostArray): Float64Array[] {
  return evaluate(roots, (leaf) => (leaf === x.arg.leaf ? host : hostOf(leaf)), { mode: "float64" });
}

export const bounds = (roots: readonly Node[]): Bounded[] => errorBound(roots, hostOf);

/** Equal, where NaN equals NaN and 0 equals −0. */
export const same = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

/** Asserts that a device's values are within `factor` times the bound of what they should be. */
export function assertWithin(actual: Float64Array, { value, error }: Bounded, what: string, factor = 1): void {
  assert.equal(actual.length, value.length, `${what}: number of elements`);
  for (let i = 0; i < value.length; i++) {
    const off = Math.abs(actual[i] - value[i]);
    if (same(actual[i], value[i]) || off <= factor * error[i]) continue;
    assert.fail(`${what}: element ${i} is ${actual[i]}, but should be ${value[i]} ± ${factor * error[i]}`);
  }
}

/** Asserts that values agree to an absolute and relative tolerance. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  assert.equal(actual.length, expected.length, `${what}: number of elements`);
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(actual[i] - expected[i]);
    if (same(actual[i], expected[i]) || off <= tolerance * (1 + Math.abs(expected[i]))) continue;
    assert.fail(`${what}: element ${i} is ${actual[i]}, but should be ${expected[i]}`);
  }
}
