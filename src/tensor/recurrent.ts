/** Recurrent layers as functions of tensors: what nn's layers are made of. */
import * as ops from "../ops/recurrent.ts";
import { Tensor } from "./tensor.ts";

export type { RecurrentKind } from "../ops/recurrent.ts";

/** As in ops/recurrent.ts. */
export interface RecurrentWeights<T extends Tensor = Tensor> {
  readonly ih: T;
  readonly hh: T;
  readonly biasIh: T | null;
  readonly biasHh: T | null;
  readonly hr?: T | null;
  readonly peephole?: T | null;
}

const nodesOf = (w: RecurrentWeights): ops.RecurrentWeights => ({
  ih: w.ih.node,
  hh: w.hh.node,
  biasIh: w.biasIh?.node ?? null,
  biasHh: w.biasHh?.node ?? null,
  hr: w.hr?.node ?? null,
  peephole: w.peephole?.node ?? null,
});

/** A layer in one direction: of `(T, N, I)` and the states before, what it gives and the states after. `counts`: `(T, N)`. */
export function recurrent(
  kind: ops.RecurrentKind,
  x: Tensor,
  firsts: readonly Tensor[],
  weights: RecurrentWeights,
  { reverse = false, counts = null }: { reverse?: boolean; counts?: Tensor | null } = {},
): { outputs: Tensor; last: Tensor[] } {
  const states = firsts.map((s) => s.node);
  const options = { reverse, counts: counts?.node ?? null };
  const { outputs, last } = ops.recurrent(kind, x.node, states, nodesOf(weights), options);
  return { outputs: new Tensor(outputs), last: last.map((n) => new Tensor(n)) };
}

/** A step: the states after it. */
export function recurrentCell(
  kind: ops.RecurrentKind,
  x: Tensor,
  states: readonly Tensor[],
  weights: RecurrentWeights,
): Tensor[] {
  const made = ops.recurrentCell(
    kind,
    x.node,
    states.map((s) => s.node),
    nodesOf(weights),
  );
  return made.map((n) => new Tensor(n));
}
