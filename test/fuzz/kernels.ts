/** The kernels that a graph becomes, for tests that count them. */
import { lower, type Machine } from "../../src/compile/lower.ts";
import { plan } from "../../src/compile/plan.ts";
import type { DType } from "../../src/graph/dtype.ts";
import type { Node } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";

/** What the WebAssembly device says of itself. */
export const machine: Machine = { lanes: 4, registers: 16, maxBuffers: 64 };

/** A value that exists on a device. */
export const buffer = (shape: readonly number[], dtype: DType = "float32"): Node<"buffer"> =>
  g.node("buffer", [], { leaf: {}, shape, dtype });

/** The names of the kernels of a graph, in order. `maxBuffers: 0` keeps any from being joined to another. */
export const kernelsOf = (roots: readonly Node[], limits: Partial<Machine> = {}): string =>
  lower(roots, { ...machine, ...limits })
    .loops.map((k) => k.name)
    .join(" ");

/** The same where no kernel is joined to another. */
export const unjoined = (...roots: readonly Node[]): string => kernelsOf(roots, { maxBuffers: 0 });

/** The number of kernels that update leaves: copies that a late update needs are among them. */
export function kernelsOfUpdate(
  updates: readonly { leaf: Node<"buffer">; value: Node }[],
  also: readonly Node[] = [],
): number {
  const roots = [...also, ...updates.map((u) => u.value)];
  const targets = [...also.map(() => "new" as const), ...updates.map((u) => ({ replaces: u.leaf.arg.leaf }))];
  return plan(roots, targets, () => false, machine).kernels.length;
}
