/** Output functions for regression, and what they have to reach. */
import { hostMath } from "../../tensor/arguments.ts";
import type { Tensor } from "../../tensor.ts";
import { say, type Text } from "../text.ts";

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
