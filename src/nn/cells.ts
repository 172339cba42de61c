/** Single steps of recurrent layers, for loops of one's own. */
import { checkOptions } from "../tensor/arguments.ts";
import { type RecurrentKind, type RecurrentWeights, recurrentCell } from "../tensor/recurrent.ts";
import { type Parameter, type Tensor, zeros } from "../tensor.ts";
import { checkInput, checkTensor, Module } from "./module.ts";
import {
  checkNonlinearity,
  checkPair,
  checkSize,
  checkType,
  type LSTMState,
  statesOf,
  weightsOf,
} from "./recurrent.ts";

export interface CellOptions {
  /** Whether to add two learned biases; true unless given. */
  bias?: boolean;
}
export interface RNNCellOptions extends CellOptions {
  /** "tanh" unless given. */
  nonlinearity?: "tanh" | "relu";
}

abstract class Cell<State, Output> extends Module<[x: Tensor, state?: State], Output> {
  /** `(gates · hidden, inputs)` and `(gates · hidden, hidden)` */
  readonly weightIh: Parameter;
  readonly weightHh: Parameter;
  /** `(gates · hidden)` */
  readonly biasIh: Parameter | null;
  readonly biasHh: Parameter | null;
  readonly #kind: RecurrentKind;

  constructor(kind: RecurrentKind, inputs: number, hidden: number, { bias = true }: CellOptions) {
    super();
    checkSize(this.constructor.name, inputs, "inputs");
    checkSize(this.constructor.name, hidden, "hidden");
    const { ih, hh, biasIh, biasHh } = weightsOf(kind, { inputs, hidden, bias });
    this.weightIh = ih;
    this.weightHh = hh;
    this.biasIh = biasIh;
    this.biasHh = biasHh;
    this.#kind = kind;
  }

  /** The states after a step from `given`. */
  protected step(x: Tensor, given: readonly (Tensor | undefined)[]): Tensor[] {
    const [inputs, hidden] = [this.weightIh.shape[1], this.weightHh.shape[1]];
    const weights: RecurrentWeights = {
      ih: this.weightIh,
      hh: this.weightHh,
      biasIh: this.biasIh,
      biasHh: this.biasHh,
    };
    const check = (t: Tensor, size: number, what: string): void => {
      checkTensor(this, t);
      const shape = t.ndim === 2 ? `(N, ${size})` : `(${size})`;
      const fits = t.ndim === x.ndim && t.shape[t.ndim - 1] === size && (t.ndim < 2 || t.shape[0] === x.shape[0]);
      checkInput(this, t, fits && (t.ndim === 1 || t.ndim === 2), `${what} of ${shape}`);
      checkType(this, t, weights, what);
    };
    check(x, inputs, "an input");
    const wide = x.ndim === 1 ? x.unsqueeze(0) : x;
    const states = Array.from({ length: statesOf(this.#kind) }, (_, k) => {
      const state = given[k];
      if (state === undefined) return zeros([wide.shape[0], hidden], { dtype: x.dtype });
      check(state, hidden, "a state");
      return x.ndim === 1 ? state.unsqueeze(0) : state;
    });
    const next = recurrentCell(this.#kind, wide, states, weights);
    return x.ndim === 1 ? next.map((s) => s.squeeze(0)) : next;
  }
}

/** A step of RNN: `(N, inputs)` and the state `(N, hidden)`, zeros unless given, to the next state. */
export class RNNCell extends Cell<Tensor, Tensor> {
  constructor(inputs: number, hidden: number, options: RNNCellOptions = {}) {
    checkOptions("RNNCell", options, ["bias", "nonlinearity"]);
    const { nonlinearity = "tanh", ...rest } = options;
    super(checkNonlinearity("RNNCell", nonlinearity), inputs, hidden, rest);
  }
  override forward(x: Tensor, state?: Tensor): Tensor {
    return this.step(x, [state])[0];
  }
}

/** A step of GRU: `(N, inputs)` and the state `(N, hidden)`, zeros unless given, to the next state. */
export class GRUCell extends Cell<Tensor, Tensor> {
  constructor(inputs: number, hidden: number, options: CellOptions = {}) {
    checkOptions("GRUCell", options, ["bias"]);
    super("gru", inputs, hidden, options);
  }
  override forward(x: Tensor, state?: Tensor): Tensor {
    return this.step(x, [state])[0];
  }
}

/** A step of LSTM: `(N, inputs)`, and state and cell `(N, hidden)`, zeros unless given, to the next state and cell. */
export class LSTMCell extends Cell<LSTMState, LSTMState> {
  constructor(inputs: number, hidden: number, options: CellOptions = {}) {
    checkOptions("LSTMCell", options, ["bias"]);
    super("lstm", inputs, hidden, options);
  }
  override forward(x: Tensor, state?: LSTMState): LSTMState {
    checkPair(this, state);
    const [h, c] = this.step(x, state ?? []);
    return [h, c];
  }
}
