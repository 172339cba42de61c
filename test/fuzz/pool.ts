/** A program that grows: its leaves and steps so far, and values to go on with. */
import { type DType, dtypes, isFloat, round } from "../../src/graph/dtype.ts";
import { type Args, is, type Node, type OpName, topo } from "../../src/graph/node.ts";
import { node } from "../../src/graph/ops.ts";
import { type Shape, sizeOf } from "../../src/graph/shape.ts";
import { certaintyOf, integer, type Known } from "./certainty.ts";
import type { Leaf, Program, Step, Update } from "./program.ts";
import type { Random } from "./random.ts";

/** Thrown where a choice cannot be carried out, or leads too far; another is tried then. */
export class Retry extends Error {}

/** `exact`: numbers whose sums do not depend on their order. `loose`: fractions and functions. */
export type Style = "exact" | "loose";

export interface Options {
  readonly style: Style;
  /** Whether leaves hold NaN, ±∞ and −0. */
  readonly special: boolean;
  /** Whether there is enough work to be cut in items and blocks. */
  readonly big: boolean;
  readonly types: readonly DType[];
}

interface Value extends Known {
  readonly node: Node;
}

/** How many numbers a matrix product or a convolution multiplies. */
function products(n: Node): number {
  if (n.op === "matmul") return sizeOf(n.shape) * (n.src[0].shape.at(-1) as number);
  return n.op === "conv" ? 4 * sizeOf(n.shape) * sizeOf(n.src[1].shape.slice(1)) : 0;
}

const short = [0, 1, 1, 2, 2, 3, 3, 5, 5, 8, 8];
const long = [4, 7, 9, 12, 16, 17, 20, 31, 33, 40];

export const withAxis = (shape: Shape, axis: number, size: number): number[] =>
  shape.map((d, i) => (i === axis ? size : d));
const sameKey = (shape: Shape): string => shape.join();

export class Pool {
  readonly r: Random;
  readonly options: Options;
  readonly #leaves: Leaf[] = [];
  readonly #leafNodes: Node[] = [];
  readonly #steps: { readonly node: Node; readonly step: Omit<Step, "src"> }[] = [];
  readonly #values = new Map<Node, Value>();

  constructor(r: Random, options: Options) {
    this.r = r;
    this.options = options;
  }

  get steps(): readonly Node[] {
    return this.#steps.map((s) => s.node);
  }
  get leaves(): readonly Node[] {
    return this.#leafNodes;
  }

  /** Does `grow`, or nothing at all where it fails. */
  attempt(grow: () => void): boolean {
    const [leaves, steps] = [this.#leaves.length, this.#steps.length];
    try {
      grow();
      return this.#steps.length > steps;
    } catch (e) {
      if (!(e instanceof Retry)) throw e;
      for (const n of [...this.#leafNodes.slice(leaves), ...this.steps.slice(steps)]) this.#values.delete(n);
      this.#leaves.length = leaves;
      this.#leafNodes.length = leaves;
      this.#steps.length = steps;
      return false;
    }
  }

  // sizes and numbers

  size(): number {
    if (this.r.chance(0.12)) return this.r.pick(long);
    const d = this.r.pick(short);
    return d === 0 && this.r.chance(0.6) ? 1 : d;
  }
  shape(rank: number = this.r.pick([0, 1, 1, 2, 2, 2, 3, 3, 4])): number[] {
    const { r } = this;
    if (this.options.big) {
      const total = r.pick([20000, 40000, 70000, 140000]);
      const rows = r.pick([1, 1, 2, 3, 7, 32, 130, 257]);
      const shape = [rows, Math.ceil(total / rows)];
      return r.chance(0.3) ? shape.toReversed() : shape;
    }
    for (;;) {
      const shape = Array.from({ length: rank }, () => this.size());
      if (sizeOf(shape) <= 1000) return shape;
    }
  }
  number(dtype: DType): number {
    const { r } = this;
    switch (dtypes[dtype].kind) {
      case "bool":
        return r.int(0, 1);
      case "int":
        return r.pick([0, 1, 2, 3, 5, 7, 100]);
      default: {
        if (this.options.special && r.chance(0.1)) return r.pick([NaN, Infinity, -Infinity, -0]);
        const simple = r.pick([0, 1, -1, 2, 0.5, 3, -2, 5]);
        return round(this.options.style === "exact" || r.chance(0.5) ? simple : r.unit() * 4 - 2, dtype);
      }
    }
  }

  // making values

  leaf(shape: Shape, dtype: DType = this.r.pick(this.options.types), within?: readonly [number, number]): Node {
    const { r, options } = this;
    const float = isFloat(dtype);
    let known: Known = integer(dtype);
    let draw: () => number;
    if (within) draw = () => r.int(...within);
    else if (dtype === "bool") draw = () => r.int(0, 1);
    else if (!float) {
      const wide = r.chance(0.2);
      const [lo, hi] = dtypes[dtype].range;
      draw = () =>
        wide && r.chance(0.5) ? r.pick([lo, hi, lo + 1, hi - 1, r.int(lo, hi)]) : Math.max(lo, r.int(-5, 9));
    } else if (options.style === "exact") {
      const grain = r.chance(0.2) ? 0.5 : 1;
      draw = () => r.int(-4, 4) * grain;
      known = { certainty: "exact", most: 4 * grain, grain };
    } else {
      const spread = r.pick([1, 1, 1, 3, 10]);
      draw = () => round((r.unit() + r.unit() + r.unit() - 1.5) * spread, dtype);
      known = { certainty: "determined", most: 1.5 * spread, grain: 0 };
    }
    const values = Array.from({ length: sizeOf(shape) }, () =>
      float && options.special && r.chance(0.08) ? r.pick([NaN, Infinity, -Infinity, -0, -0, 0]) : draw(),
    );
    const n = node("buffer", [], { leaf: {}, shape, dtype });
    this.#leaves.push({ shape, dtype, values, onDevice: r.chance(0.4) });
    this.#leafNodes.push(n);
    this.#values.set(n, { node: n, ...known });
    return n;
  }

  step<K extends OpName>(op: K, src: readonly Node[], arg: Args[K]): Node {
    return this.adopt(node(op, src, arg));
  }

  /** Takes a graph on values of the pool as steps. */
  adopt(root: Node): Node {
    for (const n of topo([root], (m) => this.#values.has(m))) {
      if (this.#values.has(n)) continue;
      if (is(n, "reduce") && n.arg.bare) throw new Retry(); // what it makes of NaN is open
      const { big } = this.options;
      if (sizeOf(n.shape) > (big ? 300000 : 3000) || n.shape.length > 7) throw new Retry();
      if (products(n) > (big ? 2e6 : 1e5)) throw new Retry(); // the oracle takes its time
      const known = certaintyOf(
        n,
        n.src.map((s) => this.known(s)),
      );
      if (this.options.style === "exact" && known.certainty === "bounded" && this.r.chance(0.97)) throw new Retry();
      this.#steps.push({ node: n, step: { op: n.op, arg: n.arg } });
      this.#values.set(n, { node: n, ...known });
    }
    return root;
  }

  known(n: Node): Known {
    return this.#values.get(n) as Known;
  }

  // choosing values

  all(suits: (n: Node) => boolean): Node[] {
    return [...this.#values.keys()].filter(suits);
  }
  /** A value to go on with: the newest, half of the time. */
  any(suits: (n: Node) => boolean = () => true): Node {
    const fits = this.all(suits);
    if (fits.length === 0) throw new Retry();
    return this.r.chance(0.5) ? fits[fits.length - 1] : this.r.pick(fits);
  }
  ranked(): Node {
    return this.any((n) => n.shape.length > 0);
  }
  axis(x: Node, suits: (size: number) => boolean = () => true): number {
    const fits = x.shape.flatMap((d, i) => (suits(d) ? [i] : []));
    if (fits.length === 0) throw new Retry();
    return this.r.pick(fits);
  }

  /** A value of this shape and dtype. */
  match(shape: Shape, dtype: DType): Node {
    const { r } = this;
    const fits = this.all((n) => n.dtype === dtype && sameKey(n.shape) === sameKey(shape));
    if (fits.length > 0 && r.chance(0.6)) return r.pick(fits);
    if (r.chance(0.4)) {
      const spread = this.all(
        (n) => n.shape.length === shape.length && n.shape.every((d, i) => d === shape[i] || d === 1),
      );
      if (spread.length > 0) return this.cast(this.expand(r.pick(spread), shape), dtype);
    }
    if (r.chance(0.35)) return this.constant(this.number(dtype), shape, dtype);
    if (dtype === "int32" && shape.length > 0 && r.chance(0.3))
      return this.step("iota", [], { axis: r.int(0, shape.length - 1), shape });
    const kept = shape.map((d) => (r.chance(0.3) ? 1 : d));
    return this.expand(this.leaf(kept, dtype), shape);
  }
  constant(value: number, shape: Shape, dtype: DType): Node {
    return this.step("const", [], { value: round(value, dtype), shape, dtype });
  }
  expand(x: Node, shape: Shape): Node {
    return sameKey(x.shape) === sameKey(shape) ? x : this.step("expand", [x], { shape });
  }
  cast(x: Node, dtype: DType): Node {
    return x.dtype === dtype ? x : this.step("cast", [x], { dtype });
  }

  /** The program, given what is asked of it. */
  program(asked: {
    roots: readonly Node[];
    cuts: readonly Node[];
    updates: readonly { leaf: Node; value: Node }[];
    asked: Program["asked"];
  }): Program {
    const order = [...this.#leafNodes, ...this.steps];
    const at = new Map(order.map((n, i) => [n, i]));
    const number = (n: Node): number => at.get(n) as number;
    const updates = asked.updates.map(({ leaf, value }): Update => ({ leaf: number(leaf), value: number(value) }));
    return {
      leaves: this.#leaves,
      steps: this.#steps.map(({ node: n, step }): Step => ({ ...step, src: n.src.map(number) })),
      cuts: asked.cuts.map(number),
      roots: [...new Set(asked.roots.map(number))].filter((i) => !updates.some((u) => u.leaf === i)),
      asked: asked.asked,
      updates,
      certainty: order.map((n) => this.known(n).certainty),
    };
  }
}
