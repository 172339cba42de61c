/** Activations of hidden layers, the course's six among them: what they are called, as functions, and as layers. */
import { leakyRelu, silu, step, type Tensor } from "../../index.ts";
import { LeakyReLU, type Module, ReLU, Sigmoid, SiLU, Step, Tanh } from "../../nn/index.ts";
import { say, type Text } from "../text.ts";

export type ActivationName = "step" | "sigmoid" | "tanh" | "relu" | "leaky" | "swish";

/** The slope of a leaky ReLU on its left. */
const negativeSlope = 0.1;

const of: Readonly<Record<ActivationName, readonly [Text, (u: Tensor) => Tensor, () => Module]>> = {
  sigmoid: [say("シグモイド", "sigmoid"), (u) => u.sigmoid(), () => new Sigmoid()],
  tanh: [say("tanh", "tanh"), (u) => u.tanh(), () => new Tanh()],
  relu: [say("ReLU", "ReLU"), (u) => u.relu(), () => new ReLU()],
  leaky: [say("Leaky ReLU", "leaky ReLU"), (u) => leakyRelu(u, { negativeSlope }), () => new LeakyReLU(negativeSlope)],
  swish: [say("Swish", "swish"), silu, () => new SiLU()],
  step: [say("ステップ関数", "step"), step, () => new Step()],
};

const each = <T>(pick: (name: ActivationName) => T): Readonly<Record<ActivationName, T>> =>
  Object.fromEntries(Object.keys(of).map((name) => [name, pick(name as ActivationName)])) as never;
export const activationNames: Readonly<Record<ActivationName, Text>> = each((name) => of[name][0]);
export const activationOf: Readonly<Record<ActivationName, (u: Tensor) => Tensor>> = each((name) => of[name][1]);
export const activationLayers: Readonly<Record<ActivationName, () => Module>> = each((name) => of[name][2]);

/** The names of some of them. */
export const namesOf = <Name extends ActivationName>(...names: readonly Name[]): Readonly<Record<Name, Text>> =>
  Object.fromEntries(names.map((name) => [name, of[name][0]])) as never;
