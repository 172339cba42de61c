/** The networks of the course's Day 2: digits in, hidden layers, ten classes out; and a look at what each layer gives. */
import { ValueError } from "../../errors.ts";
import { batchNorm, normal, type Tensor, zeros } from "../../index.ts";
import { BatchNorm1d, init, Linear, type Module, ReLU, Sequential, Sigmoid, Tanh } from "../../nn/index.ts";
import type { Parameter } from "../experiment.ts";
import type { Forms, Probe } from "../probe.ts";
import { type Label, say, type Text } from "../text.ts";

export const activations = ["sigmoid", "relu", "tanh"] as const;
export type Activation = (typeof activations)[number];
const makers: Readonly<Record<Activation, () => Module>> = {
  sigmoid: () => new Sigmoid(),
  relu: () => new ReLU(),
  tanh: () => new Tanh(),
};

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
    return { linear: linears[i], norm: normalize, activation: makers[activation(i)]() };
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

/** How numbers are distributed, in `bins` parts from `from` to `to`; what lies beyond counts for the outermost. */
export function histogramOf(
  name: Label,
  values: ArrayLike<number>,
  { from, to, bins = 40 }: { from: number; to: number; bins?: number },
): Forms["histograms"][number] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of Array.from(values)) {
    const bin = Math.floor(((value - from) / (to - from)) * bins);
    if (!Number.isNaN(bin)) counts[Math.min(Math.max(bin, 0), bins - 1)]++;
  }
  return { name, from, to, counts };
}

type Kind<K extends Parameter["kind"]> = Extract<Parameter, { kind: K }>;
type Number = Kind<"integer" | "number">;
type ActivationParam = Kind<"choice"> & { readonly options: readonly Activation[] };
/** Which activation all hidden layers have. */
export const activationParam = (usual: Activation): ActivationParam => ({
  kind: "choice",
  options: activations,
  default: usual,
  names: { sigmoid: say("シグモイド", "sigmoid"), relu: say("ReLU", "ReLU"), tanh: say("tanh", "tanh") },
  label: say("活性化関数", "activation"),
});

type NetworkParams = {
  readonly hidden: Kind<"list">;
  readonly weights: Kind<"choice"> & { readonly options: readonly Weights[] };
  readonly std: Number;
  readonly lr: Number;
  readonly steps: Number;
};

/** The settings that experiments with these networks have. */
export const networkParams = (usual: { hidden: readonly number[]; lr: number; steps: number }): NetworkParams => ({
  hidden: {
    kind: "list",
    min: 1,
    max: 1000,
    default: usual.hidden,
    label: say("隠れ層のユニット数（入力側から）", "units of each hidden layer, from the input on"),
  },
  weights: {
    kind: "choice",
    options: ["gaussian", "xavier", "he"],
    default: "gaussian",
    names: {
      gaussian: say("正規分布（下の標準偏差）", "normal, with the deviation below"),
      xavier: say("Xavier", "Xavier's"),
      he: say("He", "He's"),
    },
    label: say("重みの初期値", "initial weights"),
  },
  std: { kind: "number", min: 0, max: 2, default: 0.01, label: say("正規分布の標準偏差", "its standard deviation") },
  lr: { kind: "number", min: 0, max: 10, default: usual.lr, hot: true, label: say("学習率", "learning rate") },
  steps: { kind: "integer", min: 0, max: 5000, default: usual.steps, label: say("ステップ数", "steps") },
});

type NetworkProbes = {
  readonly gradient: Probe & { readonly form: "bars" };
  readonly loss: Probe & { readonly form: "scalar" };
  readonly accuracy: Probe & { readonly form: "scalar" };
};

/** What they measure of them. */
export const networkProbes: NetworkProbes = {
  gradient: {
    form: "bars",
    kind: "magnitude",
    label: say("重みの勾配の平均絶対値", "mean absolute gradient of the weights"),
    help: say("左が入力側、右が出力側の層です。", "From the input on the left to the output on the right."),
  },
  loss: { form: "scalar", kind: "magnitude", label: say("損失", "loss") },
  accuracy: { form: "scalar", kind: "probability", label: say("テスト正解率", "test accuracy") },
};

/** The widths of hidden layers as a list setting gives them; throws ValueError unless there are 1 to 10. */
export function widthsOf(id: string, hidden: readonly number[]): number[] {
  if (hidden.length >= 1 && hidden.length <= 10) return hidden.map(Math.round);
  const got = `${hidden.length} hidden layers`;
  throw new ValueError({ in: id, got, want: "1 to 10", fix: "Give the width of each" });
}
/** `count` hidden layers of `width` units. */
export const equal = (count: number, width: number): number[] => new Array<number>(count).fill(width);
