/**
 * Recurrent layers over time. Within, the batch is the last axis: states are `(H, N)`, so that a step's product reads the
 * weights as they lie and writes the gates one below the other. The inputs of all steps are projected by one product, and
 * so are the gradients of all weights.
 */
import { lastOf, loop, madeBy, offsetsOf, placeholder } from "../graph/loop.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { sigmoid as sigmoidOf } from "./activation.ts";

/** Of one layer in one direction, with the gates below one another. */
export interface RecurrentWeights {
  /** `(G·H, I)` and `(G·H, R)`, where R is the size of what a step gives. */
  readonly ih: Node;
  readonly hh: Node;
  /** `(G·H)` */
  readonly biasIh: Node | null;
  readonly biasHh: Node | null;
  /** `(R, H)`: projects what an LSTM gives (Sak et al. 2014). */
  readonly hr?: Node | null;
  /** `(3·H)`, for the input, forget and output gate: how they see the cell (Gers & Schmidhuber 2000). */
  readonly peephole?: Node | null;
}

/** What a layer gives: `(T, N, R)`, and its states after the last step, `(N, R)` or `(N, H)`. */
export interface Recurrent {
  readonly outputs: Node;
  readonly last: readonly Node[];
}

/** One step: gates' inputs `(G·H, N)` and the states before, to the states after and what else is worth keeping. */
type Step = (x: Node, states: readonly Node[]) => readonly Node[];
type Kind = (w: RecurrentWeights) => Step;

/** Elman networks by their activation, and those with gates. */
export type RecurrentKind = "tanh" | "relu" | "lstm" | "gru";

/** A logistic function whose derivative is computed from its value. */
function sigmoid(x: Node): Node {
  const y = sigmoidOf(x);
  return g.custom(y, [x], (d) => [g.mul(d, g.mul(y, g.sub(g.like(y, 1), y)))]);
}

/** A rectifier whose derivative is computed from its value. */
function relu(x: Node): Node {
  const zero = g.like(x, 0);
  const y = g.max(x, zero);
  return g.custom(y, [x], (d) => [g.where(g.lt(zero, y), d, zero)]);
}

/** `(C)` in the shape `(C, N)`, or with more axes before. */
const columnOf = (bias: Node, shape: readonly number[]): Node =>
  g.expand(g.reshape(bias, [...shape.slice(0, -2).map(() => 1), bias.shape[0], 1]), shape);

/** `(T, N)` in the shape `(T, N, C)`. */
const alongLast = (x: Node, shape: readonly number[]): Node => g.expand(g.reshape(x, [...x.shape, 1]), shape);

/** `w x` for each step of `(T, I, N)`: `(T, C, N)`. Its derivative for `w` is one product over steps and batch. */
function project(w: Node, x: Node): Node {
  const [steps, inputs, batch] = x.shape;
  const every = (m: Node): Node => g.expand(g.reshape(m, [1, ...m.shape]), [steps, ...m.shape]);
  const side = (m: Node): Node => g.reshape(g.permute(m, [1, 0, 2]), [m.shape[1], steps * batch]);
  const y = g.matmul(every(w), x);
  const vjp = (d: Node): Node[] => [
    g.matmul(side(d), g.reshape(g.permute(x, [0, 2, 1]), [steps * batch, inputs])),
    project(g.transpose(w), d),
  ];
  return g.custom(y, [w, x], vjp);
}

/** The rows of the gates: parts of `(G·H, N)`. */
const gatesOf = (x: Node, count: number): Node[] =>
  Array.from({ length: count }, (_, i) => g.take(x, 0, (i * x.shape[0]) / count, x.shape[0] / count));

const withBias = (x: Node, bias: Node | null): Node => (bias ? g.add(x, columnOf(bias, x.shape)) : x);

/** `h′ = f(W x + b + U h + b′)`. */
const rnn =
  (f: (x: Node) => Node): Kind =>
  (w) =>
  (input, [h]) => [f(g.add(input, withBias(g.matmul(w.hh, h), w.biasHh)))];

/** Gates in the order i, f, g, o (Hochreiter & Schmidhuber 1997; the forget gate of Gers et al. 2000). */
const lstm: Kind = (w) => {
  return (input, [h, c]) => {
    const [zi, zf, zg, zo] = gatesOf(g.add(input, withBias(g.matmul(w.hh, h), w.biasHh)), 4);
    const peeps = w.peephole ? gatesOf(columnOf(w.peephole, [w.peephole.shape[0], h.shape[1]]), 3) : null;
    const see = (z: Node, k: number, cell: Node): Node => (peeps ? g.add(z, g.mul(peeps[k], cell)) : z);
    const [i, f, candidate] = [sigmoid(see(zi, 0, c)), sigmoid(see(zf, 1, c)), g.tanh(zg)];
    const next = g.add(g.mul(f, c), g.mul(i, candidate));
    const o = sigmoid(see(zo, 2, next));
    const y = g.mul(o, g.tanh(next));
    return [w.hr ? g.matmul(w.hr, y) : y, next, i, f, candidate, o];
  };
};

/** Gates in the order r, z, n (Cho et al. 2014; the reset gate comes after the product, as in PyTorch). */
const gru: Kind = (w) => {
  return (input, [h]) => {
    const [xr, xz, xn] = gatesOf(input, 3);
    const [hr, hz, hn] = gatesOf(withBias(g.matmul(w.hh, h), w.biasHh), 3);
    const [r, z] = [sigmoid(g.add(xr, hr)), sigmoid(g.add(xz, hz))];
    const n = g.tanh(g.add(xn, g.mul(r, hn)));
    return [g.add(n, g.mul(z, g.sub(h, n))), r, z, n, hn];
  };
};

const kinds: Readonly<Record<RecurrentKind, Kind>> = { tanh: rnn(g.tanh), relu: rnn(relu), lstm, gru };

export interface RecurrentOptions {
  /** From the last step to the first. */
  readonly reverse?: boolean;
  /** `(T, N)`: the steps that count. At the others states stay as they are, nothing is read, and what is given is 0. */
  readonly counts?: Node | null;
}

/**
 * A layer in one direction, over `(T, N, I)`. `firsts` are the states before the first step, `(N, …)`: what a step gives,
 * and for an LSTM the cell.
 */
export function recurrent(
  kind: RecurrentKind,
  x: Node,
  firsts: readonly Node[],
  weights: RecurrentWeights,
  { reverse = false, counts = null }: RecurrentOptions = {},
): Recurrent {
  const [steps, batch] = x.shape;
  const w = kind === "gru" ? weights : withOneBias(weights);
  const counted = (y: Node): Node => (counts ? g.where(alongLast(counts, y.shape), y, g.like(y, 0)) : y);
  const projected = project(w.ih, g.permute(counted(x), [0, 2, 1]));
  const inputs = withBias(projected, w.biasIh);
  const size = firsts[0].shape[1];
  if (batch === 0) {
    const outputs = g.permute(g.take(inputs, 1, 0, size), [0, 2, 1]);
    return { outputs, last: firsts };
  }
  const row = placeholder([w.ih.shape[0], batch], x.dtype);
  const states = firsts.map((s) => placeholder([s.shape[1], batch], x.dtype));
  const isStep = placeholder([batch], "bool");
  const stay = (y: Node, k: number): Node =>
    counts && k < states.length ? g.where(g.expand(g.reshape(isStep, [1, batch]), y.shape), y, states[k]) : y;
  const results = kinds[kind](w)(row, states).map(stay);
  const offsets = offsetsOf(results);
  const y = loop({
    steps,
    reverse,
    results,
    given: results.map((_, k) => (k < firsts.length ? g.transpose(firsts[k]) : null)),
    carries: states.map((node, k) => ({ node, at: offsets[k] })),
    rows: [{ node: row, of: inputs }, ...(counts ? [{ node: isStep, of: counts }] : [])],
  });
  return {
    outputs: counted(g.permute(madeBy(y, 0), [0, 2, 1])),
    last: firsts.map((_, k) => g.transpose(lastOf(y, k))),
  };
}

/** Both biases as one, where they are only added: they are then added for all steps at once. */
const withOneBias = (w: RecurrentWeights): RecurrentWeights =>
  w.biasIh && w.biasHh ? { ...w, biasIh: g.add(w.biasIh, w.biasHh), biasHh: null } : w;

/** A single step, of `(N, I)` and states `(N, …)`: the states after it. */
export function recurrentCell(
  kind: RecurrentKind,
  x: Node,
  states: readonly Node[],
  weights: RecurrentWeights,
): readonly Node[] {
  const input = withBias(g.matmul(weights.ih, g.transpose(x)), weights.biasIh);
  const made = kinds[kind](weights)(
    input,
    states.map((s) => g.transpose(s)),
  );
  return states.map((_, k) => g.transpose(made[k]));
}
