/** The sub-networks that dropout trains, one draw of masks each. */
import { ones, stack, type Tensor } from "../../index.ts";
import type { MLP } from "../../models/index.ts";
import { Dropout } from "../../nn/index.ts";
import type { Forms } from "../probe.ts";
import type { SineWorld } from "./sine-world.ts";

export interface Fan {
  readonly curves: readonly Float32Array[];
  readonly mean: Float32Array;
  /** The mean squared error of one of them, on average. */
  readonly single: number;
  /** Which units each of them has, a row for each: the first layer's, then the second's. None where none is removed. */
  readonly masks: Forms["matrix"] | null;
}

/** What `count` sub-networks give at the places of the truth, each with masks that are the same at all places. */
export async function fan(model: MLP, { test }: SineWorld, count: number): Promise<Fan> {
  const [places] = test.x.shape;
  const drawn = Array.from({ length: count }, () => subNetwork(model, test.x));
  const all = (await stack(drawn.map(({ output }) => output.reshape([places]))).data()) as Float32Array;
  const truth = await test.y.data();
  const curves = drawn.map((_, i) => all.subarray(i * places, (i + 1) * places));
  const mean = new Float32Array(places).map((_, k) => curves.reduce((sum, y) => sum + y[k], 0) / count);
  const squares = curves.map((y) => y.reduce((sum, v, k) => sum + (v - Number(truth[k])) ** 2, 0) / places);
  const single = squares.reduce((a, b) => a + b, 0) / count;
  return { curves, mean, single, masks: await masksOf(drawn.map(({ masks }) => masks)) };
}

/** One draw of masks, and what is left of the model then. */
function subNetwork(model: MLP, x: Tensor): { output: Tensor; masks: Tensor[] } {
  const masks: Tensor[] = [];
  let y = x;
  for (const layer of model.layers) {
    if (layer instanceof Dropout) {
      const mask = layer.forward(ones([1, y.shape[1]]));
      masks.push(mask);
      y = y.mul(mask);
    } else y = layer.forward(y);
  }
  return { output: y, masks };
}

async function masksOf(all: readonly Tensor[][]): Promise<Fan["masks"]> {
  if (all[0].length === 0) return null;
  const rows = await Promise.all(all.map((masks) => Promise.all(masks.map((mask) => mask.data()))));
  const values = rows.flatMap((masks) => masks.flatMap((mask) => Array.from(mask, (v) => Number(Number(v) > 0))));
  return { rows: rows.length, cols: values.length / rows.length, values };
}
