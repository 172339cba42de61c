/** Tensors as tables of numbers, and numbers that a user gives in place of random ones. */
import { ones, rand, randn, type Tensor, tensor, zeros } from "../../index.ts";
import type { Forms } from "../probe.ts";
import { type Label, say, type Text } from "../text.ts";

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

type Fill = "normal" | "uniform" | "ones" | "zeros";
const fills: Readonly<Record<Fill, (shape: readonly number[]) => Tensor>> = {
  normal: randn,
  uniform: rand,
  ones,
  zeros,
};
/** What numbers that are not given may be. */
export const fillNames: Readonly<Record<Fill, Text>> = {
  normal: say("正規乱数", "normal random numbers"),
  uniform: say("0 から 1 の一様乱数", "uniform ones from 0 to 1"),
  ones: say("すべて 1", "all 1"),
  zeros: say("すべて 0", "all 0"),
};

/** Numbers of a kind, the first of which are those that are given. */
export async function given(shape: readonly number[], numbers: readonly number[], fill: Fill): Promise<Tensor> {
  const others = await fills[fill](shape).data();
  return tensor(
    Float32Array.from(others, (value, i) => numbers[i] ?? value),
    shape,
  );
}
