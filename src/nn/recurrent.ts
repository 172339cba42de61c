/** Layers over time. A step costs two kernels however wide it is, and the number of steps costs no time to compile. */
import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { show } from "../graph/shape.ts";
import { checkCount, checkNumber, checkOptions, print } from "../tensor/arguments.ts";
import { type RecurrentKind, type RecurrentWeights, recurrent } from "../tensor/recurrent.ts";
import { cat, dropout, full, Parameter, stack, type Tensor, uniform, zeros } from "../tensor.ts";
import { countsOf, type Lengths } from "./lengths.ts";
import { type AnyModule, checkInput, checkTensor, Module } from "./module.ts";

export interface RecurrentOptions {
  /** Layers on top of each other; 1 unless given. */
  numLayers?: number;
  /** Whether to add two learned biases; true unless given. */
  bias?: boolean;
  /** Whether the batch is the first axis and time the second, instead of the other way round. */
  batchFirst?: boolean;
  /** The probability with which what a layer gives to the next is left out in training. */
  dropout?: number;
  /** Whether a second network goes back in time beside the first; what they give is put side by side. */
  bidirectional?: boolean;
}
export interface RNNOptions extends RecurrentOptions {
  /** "tanh" unless given. */
  nonlinearity?: "tanh" | "relu";
}
/** How the sequences of a batch differ, for one call. */
export interface SequenceOptions {
  /**
   * How many steps of each sequence count, from 1 on and in any order: what PyTorch has packed sequences for. Beyond them
   * nothing is read and what is given is 0; the last state is that at each sequence's own end, where the way back begins.
   */
  lengths?: Lengths;
}
export interface LSTMOptions extends RecurrentOptions {
  /** The size of a projection of what a step gives (Sak et al. 2014). */
  projSize?: number;
  /** Whether the gates see the cell (Gers & Schmidhuber 2000). PyTorch has no such option. */
  peephole?: boolean;
  /** The forget gates' first bias: 1 or more lets cells remember from the start. Random unless given, as in PyTorch. */
  forgetBias?: number;
}

/** What all need to know of a kind: its gates, and whether it has a cell beside what it gives. */
const gates: Readonly<Record<RecurrentKind, number>> = { tanh: 1, relu: 1, lstm: 4, gru: 3 };
export const statesOf = (kind: RecurrentKind): number => (kind === "lstm" ? 2 : 1);

interface Shape {
  readonly inputs: number;
  readonly hidden: number;
  readonly bias: boolean;
  readonly projSize?: number;
  readonly peephole?: boolean;
  readonly forgetBias?: number | undefined;
}

/** Fresh weights, uniform up to 1/√hidden as in PyTorch. */
export function weightsOf(kind: RecurrentKind, { inputs, hidden, bias, ...rest }: Shape): RecurrentWeights<Parameter> {
  const { projSize = 0, peephole = false, forgetBias } = rest;
  const bound = 1 / Math.sqrt(hidden);
  const fresh = (...shape: number[]): Parameter => new Parameter(uniform(shape, -bound, bound));
  const rows = gates[kind] * hidden;
  const biasOf = (forget: number | undefined): Parameter | null => {
    if (!bias) return null;
    if (forget === undefined) return fresh(rows);
    const [before, after] = [uniform([hidden], -bound, bound), uniform([2 * hidden], -bound, bound)];
    return new Parameter(cat([before, full([hidden], forget), after]));
  };
  return {
    ih: fresh(rows, inputs),
    hh: fresh(rows, projSize || hidden),
    biasIh: biasOf(forgetBias),
    biasHh: biasOf(forgetBias === undefined ? undefined : 0),
    hr: projSize > 0 ? fresh(projSize, hidden) : null,
    peephole: peephole ? fresh(3 * hidden) : null,
  };
}

/** A size of a layer that goes from step to step; with none there is nothing to go on. */
export const checkSize = (by: string, size: number, name: string): number =>
  checkCount(by, size, name, 1, undefined, ShapeError);

/** Throws unless `x` is in the type of the weights. */
export function checkType(layer: AnyModule, x: Tensor, { ih }: RecurrentWeights, what: string): void {
  if (x.dtype === ih.dtype) return;
  const fix = `Convert it with to("${ih.dtype}")`;
  throw new DTypeError({ in: `${layer}`, got: `${what} in ${x.dtype}`, want: ih.dtype, fix });
}

/** Throws unless it is one of those that an RNN has. */
export function checkNonlinearity(by: string, nonlinearity: "tanh" | "relu"): "tanh" | "relu" {
  if (nonlinearity === "tanh" || nonlinearity === "relu") return nonlinearity;
  throw new ValueError({ in: by, got: print(nonlinearity), want: '"tanh" or "relu"', fix: "Choose one of them" });
}

const common = ["numLayers", "bias", "batchFirst", "dropout", "bidirectional"];

abstract class Recurrent<State, Output> extends Module<[x: Tensor, state?: State, options?: SequenceOptions], Output> {
  readonly inputs: number;
  readonly hidden: number;
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  readonly #kind: RecurrentKind;
  /** Of every layer, and of both directions of each. */
  readonly #weights: RecurrentWeights<Parameter>[] = [];

  constructor(kind: RecurrentKind, inputs: number, hidden: number, options: LSTMOptions) {
    super();
    const by = this.constructor.name;
    const { numLayers = 1, bias = true, batchFirst = false, dropout: p = 0, bidirectional = false } = options;
    const { projSize, peephole = false, forgetBias } = options;
    this.inputs = checkSize(by, inputs, "inputs");
    this.hidden = checkSize(by, hidden, "hidden");
    this.numLayers = checkCount(by, numLayers, "numLayers", 1);
    this.dropout = checkNumber(by, p, "dropout", 0, 1);
    if (projSize !== undefined) checkCount(by, projSize, "projSize", 1, hidden - 1);
    if (forgetBias !== undefined) checkNumber(by, forgetBias, "forgetBias", -Number.MAX_VALUE, Number.MAX_VALUE);
    if (forgetBias !== undefined && !bias) {
      const fix = "Leave out one of them";
      throw new ValueError({ in: by, got: "forgetBias without a bias", want: "a bias", fix });
    }
    this.batchFirst = batchFirst;
    this.bidirectional = bidirectional;
    this.#kind = kind;
    const given = projSize ?? hidden;
    for (let layer = 0; layer < numLayers; layer++) {
      for (let direction = 0; direction < this.directions; direction++) {
        const from = layer === 0 ? inputs : given * this.directions;
        const shape = { inputs: from, hidden, bias, peephole, forgetBias };
        this.#weights.push(weightsOf(kind, projSize === undefined ? shape : { ...shape, projSize }));
      }
    }
  }

  /** 2 where a second network goes back in time, else 1. */
  get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /** PyTorch's names: `"weight_ih_l0"`, and `"weight_ih_l0_reverse"` of the network that goes back. */
  protected override *children(): Iterable<readonly [name: string, value: unknown]> {
    for (const [i, { ih, hh, biasIh, biasHh, hr, peephole }] of this.#weights.entries()) {
      const suffix = `l${Math.floor(i / this.directions)}${i % this.directions === 1 ? "_reverse" : ""}`;
      yield [`weight_ih_${suffix}`, ih];
      yield [`weight_hh_${suffix}`, hh];
      yield [`bias_ih_${suffix}`, biasIh];
      yield [`bias_hh_${suffix}`, biasHh];
      yield [`weight_hr_${suffix}`, hr];
      yield [`weight_peephole_${suffix}`, peephole];
    }
  }

  /** What all layers give to `x` from the states `given`, and the states after, by kind of state. */
  protected run(
    x: Tensor,
    given: readonly (Tensor | undefined)[],
    options: SequenceOptions | undefined,
  ): { outputs: Tensor; last: Tensor[] } {
    checkTensor(this, x);
    const time = this.batchFirst ? "(N, T, C)" : "(T, N, C)";
    const want = `${time} or (T, C), with C = ${this.inputs}`;
    checkInput(this, x, (x.ndim === 3 || x.ndim === 2) && x.shape[x.ndim - 1] === this.inputs, want);
    checkType(this, x, this.#weights[0], "an input");
    const isAlone = x.ndim === 2;
    const inOrder = isAlone ? x.unsqueeze(1) : this.batchFirst ? x.transpose(0, 1) : x;
    const [steps, batch] = inOrder.shape;
    if (steps === 0) {
      const fix = "Leave out sequences without elements";
      throw new ShapeError({ in: `${this}`, got: `${show(x.shape)}, a sequence of no steps`, want, fix });
    }
    const states = this.#states(given, batch, isAlone);
    checkOptions(`${this}`, options, ["lengths"]);
    const counts = options?.lengths === undefined ? null : countsOf(`${this}`, options.lengths, steps, batch);
    const { outputs, last } = this.#layers(inOrder, states, counts);
    const stacked = Array.from({ length: statesOf(this.#kind) }, (_, k) => stack(last.map((s) => s[k])));
    if (isAlone) return { outputs: outputs.squeeze(1), last: stacked.map((s) => s.squeeze(1)) };
    return { outputs: this.batchFirst ? outputs.transpose(0, 1) : outputs, last: stacked };
  }

  /** The states before the first step, by layer and direction, each with one of every kind. */
  #states(given: readonly (Tensor | undefined)[], batch: number, isAlone: boolean): Tensor[][] {
    const count = this.#weights.length;
    const { hh, hr } = this.#weights[0];
    const sizes = [hr ? hr.shape[0] : hh.shape[1], this.hidden].slice(0, statesOf(this.#kind));
    const all = sizes.map((size, k) => {
      const state = given[k];
      if (state === undefined) return zeros([count, batch, size], { dtype: hh.dtype });
      checkTensor(this, state);
      const shape = isAlone ? [count, size] : [count, batch, size];
      if (show(state.shape) !== show(shape)) {
        const got = `a first ${k === 0 ? "state" : "cell"} of ${show(state.shape)}`;
        const want = `${show(shape)}: layers${this.bidirectional ? " × directions" : ""}${isAlone ? "" : ", batch"}, size`;
        throw new ShapeError({ in: `${this}`, got, want, fix: "Pass the last state of a batch of that size, or none" });
      }
      checkType(this, state, this.#weights[0], "a state");
      return isAlone ? state.unsqueeze(1) : state;
    });
    return Array.from({ length: count }, (_, i) => all.map((s) => s.select(0, i)));
  }

  #layers(x: Tensor, states: readonly Tensor[][], counts: Tensor | null): { outputs: Tensor; last: Tensor[][] } {
    const last: Tensor[][] = [];
    let outputs = x;
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0) outputs = dropout(outputs, this.dropout, { training: this.training });
      const input = outputs;
      const made = Array.from({ length: this.directions }, (_, direction) => {
        const i = layer * this.directions + direction;
        return recurrent(this.#kind, input, states[i], this.#weights[i], { reverse: direction === 1, counts });
      });
      outputs =
        made.length > 1
          ? cat(
              made.map((m) => m.outputs),
              -1,
            )
          : made[0].outputs;
      last.push(...made.map((m) => m.last));
    }
    return { outputs, last };
  }
}

/** What an RNN or a GRU gives: the outputs of all steps, and the last state of every layer. */
export type RecurrentOutput = readonly [outputs: Tensor, state: Tensor];
/** What an LSTM gives: the outputs of all steps, and the last state and cell of every layer. */
export type LSTMState = readonly [state: Tensor, cell: Tensor];
export type LSTMOutput = readonly [outputs: Tensor, state: LSTMState];

/**
 * `h′ = tanh(W x + b + U h + b′)` (Elman 1990): `(T, N, inputs)` → `(T, N, hidden)` and the last state, `(layers, N, hidden)`.
 * Without a state it begins with zeros. With `bidirectional`, there are twice as many layers, and twice as many outputs.
 * With `lengths`, each sequence of the batch ends where it says.
 */
export class RNN extends Recurrent<Tensor, RecurrentOutput> {
  readonly nonlinearity: "tanh" | "relu";
  constructor(inputs: number, hidden: number, options: RNNOptions = {}) {
    checkOptions("RNN", options, [...common, "nonlinearity"]);
    const { nonlinearity = "tanh", ...rest } = options;
    super(checkNonlinearity("RNN", nonlinearity), inputs, hidden, rest);
    this.nonlinearity = nonlinearity;
  }
  override forward(x: Tensor, state?: Tensor, options?: SequenceOptions): RecurrentOutput {
    const { outputs, last } = this.run(x, [state], options);
    return [outputs, last[0]];
  }
}

/** Gated recurrent units (Cho et al. 2014): as RNN, with three quarters of an LSTM's parameters. */
export class GRU extends Recurrent<Tensor, RecurrentOutput> {
  constructor(inputs: number, hidden: number, options: RecurrentOptions = {}) {
    checkOptions("GRU", options, common);
    super("gru", inputs, hidden, options);
  }
  override forward(x: Tensor, state?: Tensor, options?: SequenceOptions): RecurrentOutput {
    const { outputs, last } = this.run(x, [state], options);
    return [outputs, last[0]];
  }
}

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997): `(T, N, inputs)` → `(T, N, hidden)`, and the last state and cell,
 * both `(layers, N, hidden)`. Gates are in PyTorch's order: input, forget, cell, output.
 */
export class LSTM extends Recurrent<LSTMState, LSTMOutput> {
  constructor(inputs: number, hidden: number, options: LSTMOptions = {}) {
    checkOptions("LSTM", options, [...common, "projSize", "peephole", "forgetBias"]);
    super("lstm", inputs, hidden, options);
  }
  override forward(x: Tensor, state?: LSTMState, options?: SequenceOptions): LSTMOutput {
    checkPair(this, state);
    const { outputs, last } = this.run(x, state ?? [], options);
    return [outputs, [last[0], last[1]]];
  }
}

/** Throws unless an LSTM's state is two tensors. */
export function checkPair(layer: AnyModule, state: unknown): void {
  if (state === undefined || (Array.isArray(state) && state.length === 2)) return;
  const fix = "Pass both, as the layer gives them";
  throw new ValueError({ in: `${layer}`, got: print(state), want: "a state and a cell: [h, c]", fix });
}
