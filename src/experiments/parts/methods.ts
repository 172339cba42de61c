/** The five optimizers that the course compares, each the library's own, and the learning rates that suit them. */
import type { Tensor } from "../../index.ts";
import { Adagrad, Adam, type Optimizer, type ParameterList, RMSprop, SGD } from "../../optim/index.ts";
import { say, type Text } from "../text.ts";
import type { Choice } from "./params.ts";
import type { SurfaceName } from "./surfaces.ts";

export const methods = ["sgd", "momentum", "adagrad", "rmsprop", "adam"] as const;
export type Method = (typeof methods)[number];

export const methodNames: Readonly<Record<Method, Text>> = {
  sgd: say("勾配降下法（SGD）", "gradient descent (SGD)"),
  momentum: say("モメンタム", "momentum"),
  adagrad: say("AdaGrad", "AdaGrad"),
  rmsprop: say("RMSProp", "RMSProp"),
  adam: say("Adam", "Adam"),
};

/** Which of some methods a lane takes: the last unless given. */
export const methodParam = <const M extends Method>(options: readonly M[]): Choice<M> => ({
  kind: "choice",
  options,
  default: options[options.length - 1],
  names: methodNames,
  label: say("手法", "method"),
});

export interface MethodSettings {
  readonly lr: number;
  /** Of momentum: the repository's 0.95 unless given. */
  readonly beta?: number;
  /** What AdaGrad's sum starts with: TensorFlow's 0.1, as in the repository, unless given. */
  readonly accumulator?: number;
  /** How much of the running mean of squares RMSProp keeps: the repository's 0.9 unless given. */
  readonly rho?: number;
  readonly betas?: readonly [number, number];
  /** What is added to the divisor: PyTorch's of each method unless given. */
  readonly eps?: number;
  readonly correctBias?: boolean;
}

/** What the methods add to their divisor, and 1 for those that do not divide. */
export const usualEps: Readonly<Record<Method, number>> = {
  sgd: 1,
  momentum: 1,
  adagrad: 1e-10,
  rmsprop: 1e-8,
  adam: 1e-8,
};

export function optimizerOf(
  method: Method,
  parameters: ParameterList<{ lr: number }>,
  settings: MethodSettings,
): Optimizer {
  const { lr, beta = 0.95, accumulator = 0.1, rho = 0.9, betas = [0.9, 0.999], correctBias = true } = settings;
  const { eps = usualEps[method] } = settings;
  if (method === "sgd") return new SGD(parameters, { lr });
  if (method === "momentum") return new SGD(parameters, { lr, momentum: beta });
  if (method === "adagrad") return new Adagrad(parameters, { lr, eps, initialAccumulatorValue: accumulator });
  if (method === "rmsprop") return new RMSprop(parameters, { lr, eps, alpha: rho });
  return new Adam(parameters, { lr, betas, eps, correctBias });
}

const none = undefined;
const remembered = {
  sgd: { kind: "SGD", direction: none, size: none },
  momentum: { kind: "SGD", direction: "momentum", size: none },
  adagrad: { kind: "Adagrad", direction: none, size: "sum" },
  rmsprop: { kind: "RMSprop", direction: none, size: "square" },
  adam: { kind: "Adam", direction: "m", size: "v" },
} as const;

export interface Memory {
  readonly direction: Tensor | undefined;
  readonly size: Tensor | undefined;
}

/** What the optimizer remembers of the parameter labelled `label`: where it was going, and how large gradients were. */
export function memoryOf(method: Method, optimizer: Optimizer, label: string): Memory {
  const { kind, direction, size } = remembered[method];
  const state = optimizer.state();
  const found = (slot: string | undefined): Tensor | undefined => state.get(`${kind}.${label}.${slot}`);
  return { direction: found(direction), size: found(size) };
}

/** Learning rates for each surface: those of the repository for its own. */
export const rates: Readonly<Record<SurfaceName, Readonly<Record<Method, number>>>> = {
  landscape: { sgd: 0.05, momentum: 0.01, adagrad: 0.1, rmsprop: 0.02, adam: 0.05 },
  saddle: { sgd: 0.05, momentum: 0.05, adagrad: 0.05, rmsprop: 0.05, adam: 0.05 },
  ravine: { sgd: 0.035, momentum: 0.01, adagrad: 0.5, rmsprop: 0.05, adam: 0.05 },
  banana: { sgd: 0.001, momentum: 0.0002, adagrad: 0.3, rmsprop: 0.01, adam: 0.05 },
};

/** Settings for the digits: the course's notebook's. */
export const forDigits: Readonly<Record<Method, MethodSettings>> = {
  sgd: { lr: 0.01 },
  momentum: { lr: 0.3, beta: 0.9 },
  adagrad: { lr: 0.1, accumulator: 0 },
  rmsprop: { lr: 0.01, rho: 0.99 },
  adam: { lr: 0.01 },
};
