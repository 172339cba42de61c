/**
 * Cuts a graph into kernels. First it decides which nodes have memory (`stored`); everything else is computed where it
 * is read. Then kernels that share their axes are joined, so that a row is read once for all that is computed from it.
 */
import { flatten } from "../graph/affine.ts";
import type { DType } from "../graph/dtype.ts";
import { is, type Node, topo } from "../graph/node.ts";
import type { Shape } from "../graph/shape.ts";
import { type Copies, turnedAround } from "./around.ts";
import { cut, mapKernel } from "./cut.ts";
import { Elements, isStructural, type Numbering, space } from "./element.ts";
import { type JoinOptions, join } from "./join.ts";
import type { Kernel, Value } from "./kernel.ts";
import { padWhereRead, type Registers } from "./padded.ts";
import { splitDepth } from "./split.ts";
import { chooseStored, cutChains } from "./stored.ts";

/** What a graph becomes: kernels in an order in which they can run, and what they read and write. */
export interface Fused {
  readonly kernels: Kernel[];
  readonly values: Value[];
  /** The value of each root, in order. */
  readonly roots: readonly number[];
  /** The nodes whose numbers are given at launch: a constant has one, a random node two. */
  readonly numbers: readonly { readonly node: Node; readonly part: 0 | 1 }[];
}

export function fuse(roots: readonly Node[], options: JoinOptions & Registers): Fused {
  const order = topo(roots);
  const stored = chooseStored(roots, order);
  const ends = cutChains(order, stored);
  for (const n of ends) stored.add(n);

  const values: Value[] = [];
  const numberOf = new Map<Node, number>();
  for (const n of order) {
    if (!stored.has(n)) continue;
    const leaf = is(n, "buffer") ? n.arg.leaf : null;
    values.push({ id: values.length, shape: n.shape, dtype: n.dtype, leaf });
    numberOf.set(n, values.length - 1);
  }
  const numbers: { node: Node; part: 0 | 1 }[] = [];
  const slots = new Map<Node, number>();
  for (const n of order) {
    if (is(n, "const") && !isStructural(n)) slots.set(n, numbers.push({ node: n, part: 0 }) - 1);
    if (is(n, "random")) slots.set(n, numbers.push({ node: n, part: 0 }, { node: n, part: 1 }) - 2);
  }
  const numbering: Numbering = {
    value: (n) => numberOf.get(n),
    number: (n, part) => {
      const slot = slots.get(n);
      return slot === undefined ? undefined : slot + part;
    },
  };

  const temporary = (shape: Shape, dtype: DType): number =>
    values.push({ id: values.length, shape, dtype, leaf: null }) - 1;
  const kernels: Kernel[] = [];
  const copies: Copies = new Map();
  for (const n of order) {
    if (n.op === "buffer" || !stored.has(n)) continue;
    for (const k of cut(n, numberOf.get(n) as number, numbering, temporary))
      for (const part of k.kind === "contract" ? turnedAround(k, values, copies, temporary) : [k])
        kernels.push(...(part.kind === "contract" ? splitDepth(part, temporary) : [part]));
  }
  // A root that is a leaf, or is another root too, gets memory of its own.
  const taken = new Set<number>();
  const rootValues = roots.map((r) => {
    const value = numberOf.get(r) as number;
    if (r.op !== "buffer" && !taken.has(value)) {
      taken.add(value);
      return value;
    }
    const copy = temporary(r.shape, r.dtype);
    const { at, axes } = space(r.shape);
    kernels.push(mapKernel(copy, axes, flatten(at, r.shape), new Elements(numbering).of(r, at)));
    return copy;
  });
  const kept = new Set(rootValues);
  const apart = new Set([...ends].map((n) => numberOf.get(n) as number));
  const joined = join(kernels, values, { kept, apart }, options);
  const copied = { copies: new Set(copies.values()), roots: kept };
  return { kernels: padWhereRead(joined, values, copied, options), values, roots: rootValues, numbers };
}
