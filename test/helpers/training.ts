/** What tests of training have in common: data that is the same every time, and what a model has learnt. */
import { ArrayDataset } from "../../src/data/index.ts";
import type { Module } from "../../src/nn/index.ts";
import type { Tensor } from "../../src/tensor.ts";

export const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];
export const stateOf = async (model: Module): Promise<number[][]> => Promise.all([...model.state().values()].map(list));

/** Points in a square, by the side of a line that they lie on. */
export function points(count: number, stream = 0): ArrayDataset {
  const random = new Float32Array(2 * count);
  for (let i = 0; i < random.length; i++) random[i] = (((i + 1 + 1000 * stream) * 0.754877666) % 1) * 2 - 1;
  const y = Uint8Array.from({ length: count }, (_, i) => Number(random[2 * i] + random[2 * i + 1] > 0));
  return new ArrayDataset({ x: { data: random, shape: [2] }, y: { data: y, dtype: "int32" } });
}
