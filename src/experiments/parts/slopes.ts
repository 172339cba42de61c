/** Functions of one number and their slopes, by automatic differentiation: numbers, and as a picture. */
import { grad, type Tensor, tensor } from "../../index.ts";
import type { Line } from "../probe.ts";
import { spaced } from "./plane.ts";

/** The slope of `f` at each place of `x`. */
export const slopeOf = (f: (x: Tensor) => Tensor, x: Tensor): Tensor => grad((x) => f(x).sum())(x)[0];

export interface Graph {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly slope: Float32Array;
}
/** `f` and its slope at evenly spaced places from `-reach` to `reach`. */
export async function graphOf(f: (x: Tensor) => Tensor, reach: number, count = 321): Promise<Graph> {
  const x = spaced(-reach, reach, count);
  const places = tensor(x);
  return { x, y: await numbers(f(places)), slope: await numbers(slopeOf(f, places)) };
}
const numbers = async (t: Tensor): Promise<Float32Array> => (await t.data()) as Float32Array;

/** An activation and its derivative. */
export const linesOf = ({ x, y, slope }: Graph): Line[] => [
  { name: "f(u)", x, y },
  { name: "f′(u)", x, y: slope },
];
