/** Output functions for regression, and what they have to reach. */
import { hostMath } from "../../tensor/arguments.ts";
import type { Tensor } from "../../tensor.ts";
import type { Forms } from "../probe.ts";
import { say, type Text } from "../text.ts";
import { column, spaced } from "./plane.ts";

export type OutputName = "identity" | "sigmoid" | "tanh" | "softmax";

/** Output functions of `(N, 1)`, and between which limits they lie. */
export const outputs: Readonly<Record<OutputName, { of: (u: Tensor) => Tensor; limits: readonly number[] }>> = {
  identity: { of: (u) => u, limits: [] },
  sigmoid: { of: (u) => u.sigmoid(), limits: [0, 1] },
  tanh: { of: (u) => u.tanh(), limits: [-1, 1] },
  softmax: { of: (u) => u.softmax(1), limits: [1] },
};
/** What they are called. */
export const outputNames: Readonly<Record<OutputName, Text>> = {
  identity: say("恒等写像", "identity"),
  sigmoid: say("シグモイド", "sigmoid"),
  tanh: say("tanh", "tanh"),
  softmax: say("ソフトマックス（1 出力）", "softmax of one output"),
};
/** Targets over −1 to 1, from 0 to 1. */
export const targetShapes: Readonly<Record<"sine" | "line", (x: number) => number>> = {
  sine: (x) => (1 + hostMath.sin(Math.PI * x)) / 2,
  line: (x) => (1 + x) / 2,
};
export const shapeNames: Readonly<Record<keyof typeof targetShapes, Text>> = {
  sine: say("正弦波", "sine"),
  line: say("直線", "line"),
};

interface Comparison {
  /** Root mean square, against the truth without noise. */
  readonly error: number;
  readonly reach: Forms["bars"];
  readonly fit: Forms["curves"];
  readonly scatter: Forms["curves"];
}
const ends = [
  say("予測の最小", "least predicted"),
  say("予測の最大", "greatest predicted"),
  say("目標の最小", "least target"),
  say("目標の最大", "greatest target"),
];

export interface Regression {
  /** With noise. */
  readonly sample: { readonly x: Float32Array; readonly y: Float32Array };
  readonly target: (x: number) => number;
  readonly limits: readonly number[];
}

/** How predictions lie to a target from −1 to 1, and to the limits of the output function. */
export async function comparison(
  predict: (x: Tensor) => Tensor,
  { sample, target, limits }: Regression,
): Promise<Comparison> {
  const x = spaced(-1, 1, 201);
  const y = x.map(target);
  const guess = (await predict(column(x)).data()) as Float32Array;
  const [low, high, least, most] = [Math.min(...guess), Math.max(...guess), Math.min(...y), Math.max(...y)];
  return {
    error: Math.sqrt(y.reduce((sum, t, i) => sum + (guess[i] - t) ** 2, 0) / y.length),
    reach: { names: ends, values: [low, high, least, most] },
    fit: [
      { name: say("データ", "data"), x: sample.x, y: sample.y, dots: true },
      { name: say("目標", "target"), x, y },
      { name: say("予測", "prediction"), x, y: guess },
      ...limits.map((limit) => ({ name: say(`限界 ${limit}`, `limit ${limit}`), x: [-1, 1], y: [limit, limit] })),
    ],
    scatter: [
      { name: say("予測", "prediction"), x: y, y: guess, dots: true },
      { name: say("正しい", "right"), x: [least, most], y: [least, most] },
    ],
  };
}
