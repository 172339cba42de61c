/** Layers over time. */
import { type RecurrentKind, recurrent } from "../../../src/tensor/recurrent.ts";
import { cat, scan, stack, type Tensor, tensor } from "../../../src/tensor.ts";
import type { Row, Rows } from "./row.ts";

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** What a layer gives, with its last states below it where they have the same size. */
function layer(kind: RecurrentKind, gates: number, reverse = false, lengths: readonly number[] | null = null): Row {
  const states = kind === "lstm" ? 2 : 1;
  const f = (x: Tensor, ih: Tensor, hh: Tensor, biasIh: Tensor, biasHh: Tensor, ...firsts: Tensor[]): Tensor => {
    const counts = lengths && tensor([0, 1, 2].map((t) => lengths.map((length) => t < length)));
    const { outputs, last } = recurrent(kind, x, firsts, { ih, hh, biasIh, biasHh }, { reverse, counts });
    return stack([...[0, 1, 2].map((t) => outputs.select(0, t)), ...last]);
  };
  const on = ["3x2x3", `${4 * gates}x3`, `${4 * gates}x4`, `${4 * gates}`, `${4 * gates}`];
  return { f: f as Row["f"], on: [...on, ...Array.from({ length: states }, () => "2x4")], in: [-1, 1] };
}

export const recurrents: Rows = {
  "recurrent, one of each": {
    f: (x, ih, hh) => recurrent("tanh", x, [x.select(0, 0).mul(0)], { ih, hh, biasIh: null, biasHh: null }).outputs,
    on: ["3x1x1", "1x1", "1x1"],
    value: ([x0, x1, x2], [w], [u]) => {
      const a = Math.tanh(w * x0);
      const b = Math.tanh(w * x1 + u * a);
      return [a, b, Math.tanh(w * x2 + u * b)];
    },
  },
  "recurrent, tanh": layer("tanh", 1),
  "recurrent, relu": { ...layer("relu", 1), in: [0.1, 1] },
  "recurrent, lstm": layer("lstm", 4),
  "recurrent, lstm, back in time": { ...layer("lstm", 4, true), second: false },
  "recurrent, gru": layer("gru", 3),
  "recurrent, tanh, of several lengths": layer("tanh", 1, false, [1, 3]),
  "recurrent, lstm, of several lengths, back in time": { ...layer("lstm", 4, true, [3, 2]), second: false },
  "recurrent, lstm with everything": {
    f: (x, ih, hh, hr, peephole, h, c) =>
      recurrent("lstm", x, [h, c], { ih, hh, biasIh: null, biasHh: null, hr, peephole }).outputs,
    on: ["2x2x3", "16x3", "16x2", "2x4", "12", "2x2", "2x4"],
    in: [-1, 1],
    second: false,
  },
  "scan, over a closure": {
    f: (xs, w, h) => {
      const [last, all] = scan(
        (h, x) => {
          const next = h.matmul(w).add(x).tanh();
          return [next, next.mul(x)];
        },
        h,
        xs,
      );
      return cat([all, last.unsqueeze(0)]);
    },
    on: ["3x2x4", "4x4", "2x4"],
  },
  "scan, the same value in several of its results": {
    f: (xs, m, h) => {
      const step = (h: Tensor, x: Tensor): [Tensor, Tensor[]] => {
        const next = h.add(x).tanh();
        const both = [1, 2, -1].map((k) => cat([next, next.mul(k)]));
        return [both.map((b) => m.matmul(b)).reduce((a, b) => a.add(b)), both];
      };
      const [last, [a, b, c]] = scan(step, h, xs);
      return a.add(b.mul(c)).add(cat([last, last]));
    },
    on: ["3x4x3", "4x8", "4x3"],
    in: [-1, 1],
  },
  "scan, back in time, with two carries": {
    f: (xs, h, c) => {
      const step = ([h, c]: readonly Tensor[], x: Tensor): [Tensor[], Tensor] => [[c.mul(x).sin(), h.sub(x)], h.mul(c)];
      const [last, all] = scan(step, [h, c], xs, { reverse: true });
      return cat([all, stack(last)]);
    },
    on: ["4x3", "3", "3"],
  },
  "recurrent, lstm of one cell that sees itself": {
    f: (x, ih, peephole) => {
      const zero = x.select(0, 0).mul(0);
      const hh = ih.mul(0);
      return recurrent("lstm", x, [zero, zero], { ih, hh, biasIh: null, biasHh: null, peephole }).outputs;
    },
    on: ["2x1x1", "4x1", "3"],
    value: ([x0, x1], [wi, wf, wg, wo], [pi, pf, po]) => {
      const c0 = sigmoid(wi * x0) * Math.tanh(wg * x0);
      const c1 = sigmoid(wf * x1 + pf * c0) * c0 + sigmoid(wi * x1 + pi * c0) * Math.tanh(wg * x1);
      return [sigmoid(wo * x0 + po * c0) * Math.tanh(c0), sigmoid(wo * x1 + po * c1) * Math.tanh(c1)];
    },
  },
};
