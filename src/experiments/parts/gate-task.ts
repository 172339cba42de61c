/** Logic gates to be learnt by one unit, and rules to teach it by. */
import { booleanFunction, gates, permutation, separableFunctions } from "../../data/index.ts";
import { mseLoss, step as stepOf } from "../../index.ts";
import { say, type Text } from "../text.ts";
import type { Loss } from "./supervised.ts";

export type Gate = "and" | "or" | "xor" | "nand" | "custom";
/** What they are called. */
export const gateNames: Readonly<Record<Gate, Text>> = {
  and: say("AND", "AND"),
  or: say("OR", "OR"),
  xor: say("XOR", "XOR"),
  nand: say("NAND", "NAND"),
  custom: say("自分で決める", "your own"),
};
export type Rule = "perceptron" | "gradient" | "sigmoid";

/** The cases, as 0 and 1. */
export const cases: readonly (readonly number[])[] = [0, 1, 2, 3].map((i) => [i >> 1, i & 1]);
export const orderNames: Readonly<Record<"fixed" | "shuffled", Text>> = {
  fixed: say("いつも同じ", "always the same"),
  shuffled: say("毎回並べ替え", "shuffled"),
};
/** The number of the case that step `step` shows, from 1: all four in turn, again and again. */
export function caseAt(step: number, order: keyof typeof orderNames, seed: number): number {
  const [turn, epoch] = [(step - 1) % 4, Math.floor((step - 1) / 4)];
  return order === "fixed" ? turn : permutation(4, seed, epoch)[turn];
}

/** What each rule descends: the gradient of the first is the perceptron's rule, (y − d)x. */
export const losses: Readonly<Record<Rule, Loss>> = {
  perceptron: (u, d) => stepOf(u).sub(d).detach().mul(u).sum(),
  gradient: (u, d) => mseLoss(stepOf(u), d),
  sigmoid: (u, d) => mseLoss(u.sigmoid(), d),
};
/** What they are called. */
export const ruleNames: Readonly<Record<Rule, Text>> = {
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
