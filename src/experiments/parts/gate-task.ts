/** Logic gates to be learnt by one unit, and rules to teach it by. */
import { booleanFunction, gates, separableFunctions } from "../../data/index.ts";
import { mseLoss, step as stepOf } from "../../index.ts";
import type { Linear } from "../../nn/index.ts";
import type { Line } from "../probe.ts";
import { say, type Text } from "../text.ts";
import type { Loss } from "./supervised.ts";

export const gateNames = ["and", "or", "xor", "nand", "custom"] as const;
export type Gate = (typeof gateNames)[number];
export type Rule = "perceptron" | "gradient" | "sigmoid";

/** The cases, as 0 and 1. */
export const cases: readonly (readonly number[])[] = [0, 1, 2, 3].map((i) => [i >> 1, i & 1]);
/** What each rule descends: the gradient of the first is the perceptron's rule, (y − d)x. */
export const losses: Readonly<Record<Rule, Loss>> = {
  perceptron: (u, d) => stepOf(u).sub(d).detach().mul(u).sum(),
  gradient: (u, d) => mseLoss(stepOf(u), d),
  sigmoid: (u, d) => mseLoss(u.sigmoid(), d),
};
/** What they are called. */
export const rules: Readonly<Record<Rule, Text>> = {
  perceptron: say("パーセプトロンの学習則", "the perceptron's rule"),
  gradient: say("誤差逆伝播", "backpropagation"),
  sigmoid: say("シグモイドに替えて誤差逆伝播", "backpropagation through a sigmoid"),
};

/** What a gate answers in each case; one of a user's own, what `truth` says. */
export const answersOf = ({ gate, truth }: { gate: Gate; truth: readonly number[] }): number[] =>
  gate === "custom" ? cases.map((_, i) => Math.round(truth[i] ?? 0)) : Array.from(booleanFunction(2, gates[gate]).y);

/** Whether one line separates the cases that are answered with 1 from the others. */
export const isSeparable = (answers: readonly number[]): boolean =>
  separableFunctions(2).has(answers.reduce((number, answer, i) => number + answer * 2 ** i, 0));

/** The weights of a unit of two inputs, and in how many cases it is wrong. */
export async function stateOf(unit: Linear, answers: readonly number[]): Promise<UnitState> {
  const [w1, w2] = await unit.weight.data();
  const [b] = (await unit.bias?.data()) ?? [0];
  const wrong = cases.filter(([x, y], i) => (w1 * x + w2 * y + b > 0 ? 1 : 0) !== answers[i]).length;
  return { w1, w2, b, wrong, weights: { names: ["w1", "w2", "b"], values: [w1, w2, b] } };
}
interface UnitState {
  readonly w1: number;
  readonly w2: number;
  readonly b: number;
  readonly wrong: number;
  readonly weights: { readonly names: readonly string[]; readonly values: readonly number[] };
}

/** The line where `w1 x + w2 y + b` is 0, across the picture. */
export function border(w1: number, w2: number, b: number): Line[] {
  const [from, to] = [-0.5, 1.5];
  if (Math.abs(w1) + Math.abs(w2) < 1e-12) return [];
  const steep = Math.abs(w1) > Math.abs(w2);
  const ends = [from, to].map((t) => (steep ? -(w2 * t + b) / w1 : -(w1 * t + b) / w2));
  return [{ name: "u = 0", x: steep ? ends : [from, to], y: steep ? [from, to] : ends }];
}
