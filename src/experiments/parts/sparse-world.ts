/** Linear regression with 60 features, a few of which matter: as a task, and as a picture of its weights. */
import { type SparseRegression, sparseRegression } from "../../data/index.ts";
import { tensor } from "../../index.ts";
import type { Line } from "../probe.ts";
import { say } from "../text.ts";
import type { Examples } from "./digits-task.ts";

export interface SparseWorld {
  readonly features: number;
  /** The true weights. */
  readonly truth: Float32Array;
  readonly train: Examples;
  readonly test: Examples;
}

export interface SparseWorldOptions {
  /** How many of the 60 features matter: 5 unless given. */
  readonly useful?: number;
  readonly points: number;
  readonly noise: number;
}
/** Linear regression with 60 features; its test is 1,000 new examples. */
export function sparseWorld(seed: number, { useful = 5, points, noise }: SparseWorldOptions): SparseWorld {
  const world = sparseRegression({ useful, count: points, noise }, seed);
  const fresh = sparseRegression({ useful, count: 1000, noise, sample: 1 }, seed);
  const features = world.weights.length;
  const examples = ({ x, y, count }: SparseRegression): Examples => ({
    x: tensor(x, [count, features]),
    y: tensor(y, [count, 1]),
  });
  return { features, truth: world.weights, train: examples(world), test: examples(fresh) };
}

/** True weights and those that were learnt, beside each other. */
export function sparseLines(truth: Float32Array, learnt: Float32Array): Line[] {
  const places = Array.from(truth, (_, i) => i + 1);
  return [
    { name: say("真の値", "truth"), x: places, y: truth },
    { name: say("学んだ重み", "learnt"), x: places, y: learnt, dots: true },
  ];
}
