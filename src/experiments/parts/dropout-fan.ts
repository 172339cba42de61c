/** The sub-networks that dropout trains, one draw of masks each. */
import { stack, type Tensor } from "../../index.ts";
import type { Module } from "../../nn/index.ts";
import type { SineWorld } from "./sine-world.ts";

export interface Fan {
  readonly curves: readonly Float32Array[];
  readonly mean: Float32Array;
  /** The mean squared error of one of them, on average. */
  readonly single: number;
}

/** What `count` sub-networks give at the places of the truth: the model as it is in training, with masks drawn anew. */
export async function fan(model: Module, { test }: SineWorld, count: number): Promise<Fan> {
  const [places, places1] = test.x.shape;
  const outputs: Tensor[] = [];
  for (let i = 0; i < count; i++) outputs.push(model.forward(test.x).reshape([places * places1]));
  const all = (await stack(outputs).data()) as Float32Array;
  const truth = await test.y.data();
  const curves = outputs.map((_, i) => all.subarray(i * places, (i + 1) * places));
  const mean = new Float32Array(places).map((_, k) => curves.reduce((sum, y) => sum + y[k], 0) / count);
  const squares = curves.map((y) => y.reduce((sum, v, k) => sum + (v - Number(truth[k])) ** 2, 0) / places);
  return { curves, mean, single: squares.reduce((a, b) => a + b, 0) / count };
}
