/** Tensors as tables of numbers, and numbers that a user gives in place of random ones. */
import { randn, type Tensor, tensor } from "../../index.ts";
import type { Forms } from "../probe.ts";
import type { Label } from "../text.ts";

/** A vector or a matrix as a picture takes it. */
export async function matrixOf(
  x: Tensor,
  rowNames: readonly Label[] = [],
  colNames: readonly Label[] = [],
): Promise<Forms["matrix"]> {
  const [rows, cols] = x.ndim === 2 ? x.shape : [1, x.shape[0]];
  const named = { ...(rowNames.length >= rows && { rowNames: rowNames.slice(0, rows) }) };
  const across = { ...(colNames.length >= cols && { colNames: colNames.slice(0, cols) }) };
  return { rows, cols, values: Array.from(await x.data()), ...named, ...across };
}

/** Random numbers of the standard normal distribution, the first of which are those that are given. */
export async function given(shape: readonly number[], numbers: readonly number[]): Promise<Tensor> {
  const random = await randn(shape).data();
  return tensor(
    Float32Array.from(random, (value, i) => numbers[i] ?? value),
    shape,
  );
}
