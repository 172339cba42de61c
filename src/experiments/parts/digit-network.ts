/** The networks of the course's Day 2: digits in, hidden layers, ten classes out; and a look at what each layer gives. */
import { batchNorm, normal, type Tensor, zeros } from "../../index.ts";
import { BatchNorm1d, init, Linear, type Module, Sequential } from "../../nn/index.ts";
import { say, type Text } from "../text.ts";
import { activationLayers } from "./activations.ts";

export const activations = ["sigmoid", "relu", "tanh"] as const;
export type Activation = (typeof activations)[number];

export type Weights = "gaussian" | "xavier" | "he";

export interface NetworkOptions {
  /** The widths of the hidden layers. */
  readonly hidden: readonly number[];
  /** Of each hidden layer, by its place. */
  readonly activation: (layer: number) => Activation;
  /** Normal with deviation `std`; or Xavier's or He's, whose deviations are multiplied by `scale`. */
  readonly weights: Weights;
  readonly std: number;
  readonly scale?: number;
  /** The momentum of batch normalization before the activation; null for layers without it. */
  readonly norm?: (layer: number) => number | null;
}

/** A hidden layer, in the order in which its parts are computed. */
export interface HiddenLayer {
  readonly linear: Linear;
  readonly norm: BatchNorm1d | null;
  readonly activation: Module;
}
export interface DigitNetwork {
  readonly model: Sequential;
  readonly hidden: readonly HiddenLayer[];
  /** All with weights, the output layer included. */
  readonly linears: readonly Linear[];
}

export function digitNetwork({ hidden, activation, weights, std, scale = 1, norm }: NetworkOptions): DigitNetwork {
  const sizes = [784, ...hidden, 10];
  const linears = sizes.slice(1).map((size, i) => new Linear(sizes[i], size));
  for (const { weight, bias } of linears) {
    const { shape } = weight;
    if (weights === "gaussian") weight.assign(normal(shape, 0, std));
    else weight.assign((weights === "he" ? init.kaimingNormal(shape) : init.xavierNormal(shape)).mul(scale));
    bias?.assign(zeros(bias.shape));
  }
  const layers = hidden.map((width, i): HiddenLayer => {
    const momentum = norm?.(i) ?? null;
    const normalize = momentum === null ? null : new BatchNorm1d(width, { momentum });
    return { linear: linears[i], norm: normalize, activation: activationLayers[activation(i)]() };
  });
  const parts = layers.flatMap(({ linear, norm, activation }) => [linear, ...(norm ? [norm] : []), activation]);
  return { model: new Sequential(...parts, linears[hidden.length]), hidden: layers, linears };
}

/** What a hidden layer gives for some examples, each `(N, width)`. */
export interface Traced {
  /** Of the product, before normalization. */
  readonly sum: Tensor;
  /** What goes into the activation. */
  readonly input: Tensor;
  readonly output: Tensor;
}

/**
 * What each hidden layer gives for examples `(N, 784)`. With `byBatch`, batch normalization takes the mean and the variance
 * of these examples, as in training, and leaves its running ones as they are.
 */
export function traceOf(
  { hidden }: DigitNetwork,
  x: Tensor,
  { byBatch = false }: { byBatch?: boolean } = {},
): Traced[] {
  let output = x;
  return hidden.map(({ linear, norm, activation }) => {
    const sum = linear.forward(output);
    const input = norm ? (byBatch ? byOwn(norm, sum) : norm.forward(sum)) : sum;
    output = activation.forward(input);
    return { sum, input, output };
  });
}

const byOwn = ({ weight, bias, eps }: BatchNorm1d, x: Tensor): Tensor =>
  batchNorm(x, null, null, { weight, bias, eps, training: true });

/** The names of layers, from the input on. */
export const layerNames = (count: number): Text[] =>
  Array.from({ length: count }, (_, i) => say(`第 ${i + 1} 層`, `layer ${i + 1}`));

/** `count` hidden layers of `width` units. */
export const equalWidths = (count: number, width: number): number[] => new Array<number>(count).fill(width);
