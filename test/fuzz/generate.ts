/**
 * Random programs. Most keep to numbers whose sums are exact in any order, so that a device must give the oracle's very
 * bits; the rest use functions and fractions, and are held to bounds.
 */
import { type DType, dtypes, isFloat, round } from "../../src/graph/dtype.ts";
import { type Args, type ConvArg, is, type Node, type OpName } from "../../src/graph/node.ts";
import { node } from "../../src/graph/ops.ts";
import { type Shape, sizeOf } from "../../src/graph/shape.ts";
import { apply, type Certainty, type Leaf, type Program, type Step } from "./program.ts";
import { Random } from "./random.ts";

/** What is known of a value: multiples of `grain` of at most `most`, but for what is not finite. */
interface Known {
  readonly node: Node;
  readonly certainty: Certainty;
  readonly most: number;
  readonly grain: number;
}

const mantissa: Partial<Record<DType, number>> = { float16: 11, bfloat16: 8, float32: 24, float64: 53 };
const sizes = [0, 1, 1, 2, 2, 3, 3, 5, 5, 8, 8];
const longer = [4, 7, 9, 12, 16, 17, 20, 31, 33, 40];
const mostElements = 3000;

const without = (x: Shape, axis: number): Shape => x.filter((_, i) => i !== axis);
const withAxis = (x: Shape, axis: number, size: number): number[] => x.map((d, i) => (i === axis ? size : d));

type Style = "exact" | "loose";

class Generator {
  readonly #r: Random;
  readonly #style: Style;
  readonly #special: boolean;
  readonly #big: boolean;
  readonly #leaves: Leaf[] = [];
  readonly #steps: Step[] = [];
  /** Leaves are numbered from 0, steps from 1000, until all are known. */
  readonly #values = new Map<number, Known>();
  readonly #types: readonly DType[];

  constructor(r: Random, big: boolean) {
    this.#r = r;
    this.#big = big;
    this.#style = r.chance(0.75) ? "exact" : "loose";
    this.#special = r.chance(0.3);
    const odd = r.chance(0.12) ? [r.pick<DType>(["float16", "bfloat16", "float64"])] : [];
    this.#types = r.chance(0.15)
      ? ["int32", "uint8", "bool", "int32"]
      : ["float32", "float32", "float32", "int32", "bool", "uint8", ...odd, ...odd];
  }

  run(): Program {
    const r = this.#r;
    for (let i = r.int(1, 2); i > 0; i--) this.#leaf(this.#shape());
    const count = this.#big ? r.int(1, 4) : r.int(2, 9);
    for (let i = 0; i < count; i++) this.#grow();
    return this.#finish();
  }

  #finish(): Program {
    const r = this.#r;
    const first = this.#leaves.length;
    const number = (i: number): number => (i < 1000 ? i : first + i - 1000);
    const steps = this.#steps.map((s) => ({ ...s, src: s.src.map(number) }));
    const total = first + steps.length;
    const all = Array.from({ length: total }, (_, i) => i);
    const certainty = all.map((i) => this.#known(i < first ? i : i - first + 1000).certainty);
    const roots = new Set([total - 1]);
    if (r.chance(0.5)) roots.add(r.int(Math.min(first, total - 1), total - 1));
    if (r.chance(0.2)) roots.add(r.int(0, total - 1));
    if (r.chance(0.05)) roots.add(r.int(0, first - 1));
    const cuts = r.chance(0.3) && steps.length > 1 ? [r.int(first, total - 2)] : [];
    let update: Program["update"] = null;
    if (r.chance(0.25)) {
      const fits = all.flatMap((value) =>
        this.#leaves.flatMap((l, leaf) => {
          const { node: n } = this.#known(value < first ? value : value - first + 1000);
          return value >= first && n.dtype === l.dtype && n.shape.join() === l.shape.join() ? [{ leaf, value }] : [];
        }),
      );
      if (fits.length > 0) update = r.pick(fits);
    }
    return {
      leaves: this.#leaves,
      steps,
      cuts,
      roots: [...roots].filter((i) => i !== update?.leaf),
      update,
      certainty,
    };
  }

  // values

  #known(i: number): Known {
    return this.#values.get(i) as Known;
  }
  #shapeOf(i: number): Shape {
    return this.#known(i).node.shape;
  }
  #dtypeOf(i: number): DType {
    return this.#known(i).node.dtype;
  }

  #size(): number {
    if (this.#r.chance(0.12)) return this.#r.pick(longer);
    const d = this.#r.pick(sizes);
    return d === 0 && this.#r.chance(0.6) ? 1 : d;
  }
  #shape(rank = this.#r.pick([0, 1, 1, 2, 2, 2, 3, 3, 4])): number[] {
    if (this.#big) {
      const total = this.#r.pick([20000, 40000, 70000, 140000]);
      const rows = this.#r.pick([1, 1, 2, 3, 7, 32, 130, 257]);
      const shape = [rows, Math.ceil(total / rows)];
      return this.#r.chance(0.3) ? shape.toReversed() : shape;
    }
    for (;;) {
      const shape = Array.from({ length: rank }, () => this.#size());
      if (sizeOf(shape) <= 1000) return shape;
    }
  }

  #leaf(shape: Shape, dtype: DType = this.#r.pick(this.#types), within?: readonly [number, number]): number {
    const r = this.#r;
    const kind = dtypes[dtype].kind;
    let [most, grain] = [4, 1];
    let draw: () => number;
    if (within) draw = () => r.int(...within);
    else if (kind === "bool") draw = () => r.int(0, 1);
    else if (kind === "int") {
      const wide = r.chance(0.2);
      const [lo, hi] = dtypes[dtype].range;
      draw = () =>
        wide && r.chance(0.5) ? r.pick([lo, hi, lo + 1, hi - 1, r.int(lo, hi)]) : Math.max(lo, r.int(-5, 9));
    } else if (this.#style === "exact") {
      if (r.chance(0.2)) grain = 0.5;
      draw = () => r.int(-4, 4) * grain;
      most = 4 * grain;
    } else {
      const spread = r.pick([1, 1, 1, 3, 10]);
      draw = () => (r.unit() + r.unit() + r.unit() - 1.5) * spread;
      most = 1.5 * spread;
    }
    const specials = kind === "float" && this.#special && !within;
    const values = Array.from({ length: sizeOf(shape) }, () =>
      specials && r.chance(0.08) ? r.pick([NaN, Infinity, -Infinity, -0, -0, 0]) : draw(),
    );
    this.#leaves.push({ shape, dtype, values, onDevice: r.chance(0.4) });
    if (kind !== "float") most = within ? within[1] : Math.max(...dtypes[dtype].range.map(Math.abs));
    const certainty = kind === "float" && this.#style === "loose" ? "determined" : "exact";
    const n = node("buffer", [], { leaf: {}, shape, dtype });
    this.#values.set(this.#leaves.length - 1, { node: n, certainty, most, grain });
    return this.#leaves.length - 1;
  }

  #step<K extends OpName>(op: K, src: readonly number[], arg: Args[K]): number {
    const step: Step = { op, src, arg };
    const nodes = src.map((i) => this.#known(i).node);
    const n = apply({ op, src: src.map((_, i) => i), arg }, nodes);
    const known = {
      node: n,
      ...certaintyOf(
        n,
        src.map((i) => this.#known(i)),
      ),
    };
    if (this.#style === "exact" && known.certainty === "bounded" && this.#r.chance(0.97)) throw new Retry();
    if (sizeOf(n.shape) > (this.#big ? 300000 : mostElements)) throw new Retry();
    this.#steps.push(step);
    const i = 999 + this.#steps.length;
    this.#values.set(i, known);
    return i;
  }

  /** A value to go on with: the newer, the likelier. */
  #any(suits: (n: Node) => boolean = () => true): number {
    const fits = [...this.#values].filter(([, k]) => suits(k.node)).map(([i]) => i);
    if (fits.length === 0) throw new Retry();
    return this.#r.chance(0.5) ? fits[fits.length - 1] : this.#r.pick(fits);
  }

  /** A value of this shape and dtype. */
  #match(shape: Shape, dtype: DType): number {
    const r = this.#r;
    const fits = [...this.#values].filter(([, k]) => k.node.dtype === dtype && k.node.shape.join() === shape.join());
    if (fits.length > 0 && r.chance(0.6)) return r.pick(fits)[0];
    if (r.chance(0.4)) {
      const spread = [...this.#values].filter(
        ([, { node: n }]) => n.shape.length === shape.length && n.shape.every((d, i) => d === shape[i] || d === 1),
      );
      if (spread.length > 0) {
        const [from] = r.pick(spread);
        return this.#cast(this.#expand(from, shape), dtype);
      }
    }
    if (r.chance(0.35)) return this.#step("const", [], { value: this.#number(dtype), shape, dtype });
    if (dtype === "int32" && shape.length > 0 && r.chance(0.3))
      return this.#step("iota", [], { axis: r.int(0, shape.length - 1), shape });
    const kept = shape.map((d) => (r.chance(0.3) ? 1 : d));
    return this.#expand(this.#leaf(kept, dtype), shape);
  }
  #expand(x: number, shape: Shape): number {
    return this.#shapeOf(x).join() === shape.join() ? x : this.#step("expand", [x], { shape });
  }
  #cast(x: number, dtype: DType): number {
    return this.#dtypeOf(x) === dtype ? x : this.#step("cast", [x], { dtype });
  }
  #number(dtype: DType): number {
    const r = this.#r;
    switch (dtypes[dtype].kind) {
      case "bool":
        return r.int(0, 1);
      case "int":
        return r.pick([0, 1, 2, 3, 5, 7, 100]);
      default: {
        if (this.#special && r.chance(0.1)) return r.pick([NaN, Infinity, -Infinity, -0]);
        const simple = r.pick([0, 1, -1, 2, 0.5, 3, -2, 5]);
        return round(this.#style === "exact" || r.chance(0.5) ? simple : r.unit() * 4 - 2, dtype);
      }
    }
  }

  #axis(x: number, suits: (size: number) => boolean = () => true): number {
    const fits = this.#shapeOf(x).flatMap((d, i) => (suits(d) ? [i] : []));
    if (fits.length === 0) throw new Retry();
    return this.#r.pick(fits);
  }

  // growth

  #grow(): void {
    for (let attempt = 0; attempt < 12; attempt++) {
      const before = { leaves: this.#leaves.length, steps: this.#steps.length };
      try {
        this.#one();
        return;
      } catch (e) {
        if (!(e instanceof Retry)) throw e;
        for (let i = before.leaves; i < this.#leaves.length; i++) this.#values.delete(i);
        for (let i = before.steps; i < this.#steps.length; i++) this.#values.delete(1000 + i);
        this.#leaves.length = before.leaves;
        this.#steps.length = before.steps;
      }
    }
  }

  #one(): void {
    const r = this.#r;
    const kind = r.weighted({
      ...{ reshape: 6, permute: 6, expand: 4, slice: 8, pad: 7, unfold: 3, concat: 4 },
      ...{ unary: 6, binary: 16, compare: 4, where: 4, cast: 6 },
      ...{ reduce: 14, argReduce: 2, pattern: 6 },
      ...{ matmul: 6, conv: 5, gather: 4, scatter: 3, scan: 3, sort: 1.5, random: 0.5, structural: 1 },
    });
    switch (kind) {
      case "reshape":
        return void this.#reshape(this.#any());
      case "permute": {
        const x = this.#any((n) => n.shape.length > 1);
        return void this.#step("permute", [x], { order: r.shuffle(this.#shapeOf(x).map((_, i) => i)) });
      }
      case "expand": {
        const x = this.#any((n) => n.shape.includes(1));
        const shape = this.#shapeOf(x).map((d) => (d === 1 && r.chance(0.7) ? this.#size() : d));
        return void this.#expand(x, shape);
      }
      case "slice":
        return void this.#slice(this.#any((n) => n.shape.length > 0));
      case "pad":
        return void this.#pad(this.#any((n) => n.shape.length > 0));
      case "unfold": {
        const x = this.#any((n) => n.shape.length > 0);
        const axis = this.#axis(x, (d) => d > 0);
        const d = this.#shapeOf(x)[axis];
        const size = r.int(1, Math.min(d, 4));
        const dilation =
          size === 1 ? r.int(1, 2) : r.int(1, Math.max(1, Math.min(3, Math.floor((d - 1) / (size - 1)))));
        return void this.#step("unfold", [x], { axis, size, stride: r.int(1, 3), dilation });
      }
      case "concat":
        return void this.#concat(this.#any((n) => n.shape.length > 0));
      case "unary":
        return void this.#unary();
      case "binary": {
        const x = this.#any();
        return void this.#binary(x, this.#match(this.#shapeOf(x), this.#dtypeOf(x)));
      }
      case "compare": {
        const x = this.#any();
        const src = [x, this.#match(this.#shapeOf(x), this.#dtypeOf(x))];
        return void this.#step(r.pick(["lt", "eq"]), r.shuffle(src), null);
      }
      case "where": {
        const x = this.#any();
        const shape = this.#shapeOf(x);
        const other = this.#match(shape, this.#dtypeOf(x));
        return void this.#step("where", [this.#match(shape, "bool"), ...r.shuffle([x, other])], null);
      }
      case "cast": {
        const x = this.#any();
        return void this.#cast(x, r.pick(this.#types));
      }
      case "reduce":
        return void this.#reduce(this.#any((n) => n.shape.length > 0));
      case "argReduce": {
        const x = this.#any((n) => n.shape.some((d) => d > 0));
        return void this.#step("argReduce", [x], { op: r.pick(["max", "min"]), axis: this.#axis(x, (d) => d > 0) });
      }
      case "pattern":
        this.#pattern(this.#any((n) => isFloat(n.dtype) && n.shape.length > 0));
        return;
      case "matmul":
        return void this.#matmul();
      case "conv":
        return void this.#conv();
      case "gather":
        return void this.#gather();
      case "scatter":
        return void this.#scatter();
      case "scan": {
        const x = this.#any((n) => n.shape.length > 0 && n.dtype !== "bool");
        const op = r.pick(["add", "add", "max", "mul"] as const);
        return void this.#step("scan", [x], { op, axis: this.#axis(x) });
      }
      case "sort": {
        const x = this.#any((n) => n.shape.length > 0);
        return void this.#step("sort", [x], { axis: this.#axis(x), descending: r.chance(0.5) });
      }
      case "random":
        return void this.#step("random", [], {
          key: [r.int(0, 2 ** 32 - 1), r.int(0, 2 ** 32 - 1)],
          shape: this.#shape(),
        });
      case "structural": {
        const x = this.#any();
        return void (r.chance(0.5) ? this.#step("detach", [x], null) : this.#step("copy", [x], { device: "wasm" }));
      }
      default:
        kind satisfies never;
    }
  }

  #reshape(x: number): number {
    const r = this.#r;
    let shape = [...this.#shapeOf(x)];
    for (let n = r.int(1, 3); n > 0; n--) {
      const way = r.int(0, 3);
      const i = r.int(0, Math.max(shape.length - 1, 0));
      if (way === 0 && shape.length > 1 && i + 1 < shape.length) shape.splice(i, 2, shape[i] * shape[i + 1]);
      else if (way === 1 && shape.length > 0) {
        const factors = [2, 3, 4, 5, 8].filter((f) => shape[i] > 0 && shape[i] % f === 0);
        if (factors.length > 0) {
          const f = r.pick(factors);
          shape.splice(i, 1, ...(r.chance(0.5) ? [f, shape[i] / f] : [shape[i] / f, f]));
        }
      } else if (way === 2 && shape.length < 5) shape.splice(i, 0, 1);
      else if (way === 3 && r.chance(0.3)) shape = [sizeOf(shape)];
      else shape = shape.filter((d) => d !== 1 || r.chance(0.3));
    }
    if (shape.length > 5) throw new Retry();
    return this.#step("reshape", [x], { shape });
  }

  #slice(x: number): number {
    const r = this.#r;
    const [start, size, step]: [number[], number[], number[]] = [[], [], []];
    for (const d of this.#shapeOf(x)) {
      let by = r.chance(0.5) ? 1 : r.pick([1, -1, 2, -2, 3, -3]);
      let count = d;
      let from = 0;
      if (d === 0) [by, count] = [1, 0];
      else if (r.chance(0.6) || by !== 1) {
        count = r.int(r.chance(0.05) ? 0 : 1, Math.ceil(d / Math.abs(by)));
        const reach = Math.max(count - 1, 0) * Math.abs(by);
        const low = r.int(0, d - 1 - reach);
        from = by > 0 ? low : low + reach;
      }
      start.push(from);
      size.push(count);
      step.push(by);
    }
    return this.#step("slice", [x], { start, size, step });
  }

  #pad(x: number): number {
    const r = this.#r;
    const shape = this.#shapeOf(x);
    const [lo, hi, interior]: [number[], number[], number[]] = [[], [], []];
    for (const _ of shape) {
      const here = r.chance(0.6);
      lo.push(here ? r.int(0, 3) : 0);
      hi.push(here ? r.int(0, 3) : 0);
      interior.push(r.chance(0.2) ? r.int(1, 3) : 0);
    }
    const dtype = this.#dtypeOf(x);
    const value =
      dtype === "bool"
        ? r.int(0, 1)
        : isFloat(dtype)
          ? r.pick([0, 0, 0, -Infinity, 1, -2, ...(this.#special ? [NaN, -0] : [])])
          : r.pick([0, 0, 1, 7]);
    return this.#step("pad", [x], { lo, hi, interior, value });
  }

  #concat(x: number): number {
    const r = this.#r;
    const axis = this.#axis(x);
    const shape = this.#shapeOf(x);
    const dtype = this.#dtypeOf(x);
    const parts = [x];
    for (let n = r.int(r.chance(0.1) ? 0 : 1, 3); n > 0; n--) {
      const fits = [...this.#values].filter(
        ([, k]) =>
          k.node.dtype === dtype &&
          k.node.shape.length === shape.length &&
          without(k.node.shape, axis).join() === without(shape, axis).join(),
      );
      parts.push(r.chance(0.7) ? r.pick(fits)[0] : this.#match(withAxis(shape, axis, this.#size()), dtype));
    }
    return this.#step("concat", r.shuffle(parts), { axis });
  }

  #unary(): number {
    const r = this.#r;
    const x = this.#any((n) => n.dtype !== "bool");
    if (!isFloat(this.#dtypeOf(x))) return this.#step("neg", [x], null);
    const functions =
      this.#style === "loose" && this.#dtypeOf(x) !== "float64"
        ? (["exp", "tanh", "sin", "cos", "erf", "log"] as const)
        : [];
    return this.#step(r.pick(["neg", "neg", "floor", "sqrt", ...functions]), [x], null);
  }

  #binary(x: number, y: number): number {
    const r = this.#r;
    const dtype = this.#dtypeOf(x);
    const kinds: OpName[] = ["add", "add", "mul", "mul", "max", "min"];
    if (dtype !== "bool") kinds.push("div");
    if (this.#style === "loose" && isFloat(dtype) && dtype !== "float64" && r.chance(0.1)) kinds.push("pow");
    return this.#step(r.pick(kinds) as "add", r.shuffle([x, y]), null);
  }

  #reduce(x: number): number {
    const r = this.#r;
    const rank = this.#shapeOf(x).length;
    let axes = this.#shapeOf(x).flatMap((_, i) => (r.chance(0.5) ? [i] : []));
    if (axes.length === 0) axes = [r.int(0, rank - 1)];
    if (r.chance(0.1)) axes = r.shuffle(axes);
    const op = r.pick(["add", "add", "add", "max", "min", "mul"] as const);
    return this.#step("reduce", [x], { op, axes });
  }

  /** What models are made of: rows that are reduced, and maps of them with the results. */
  #pattern(x: number): void {
    const r = this.#r;
    const shape = this.#shapeOf(x);
    const rank = shape.length;
    const axes = r.chance(0.6)
      ? [rank - 1]
      : r.chance(0.5)
        ? [0]
        : shape.flatMap((_, i) => (i > 0 || rank === 1 ? [i] : []));
    const sum = (y: number): number => this.#expand(this.#step("reduce", [y], { op: "add", axes }), shape);
    const dtype = this.#dtypeOf(x);
    const value = (v: number): number => this.#step("const", [], { value: round(v, dtype), shape, dtype });
    const minus = (a: number, b: number): number => this.#step("add", [a, this.#step("neg", [b], null)], null);
    switch (r.int(0, 4)) {
      case 0: {
        // softmax, or what is left of it where only exact operations are wanted
        const top = this.#expand(this.#step("reduce", [x], { op: "max", axes }), shape);
        const moved = minus(x, top);
        const e =
          this.#style === "loose" && dtype !== "float64"
            ? this.#step("exp", [moved], null)
            : this.#step("mul", [moved, moved], null);
        return void this.#step("div", [e, sum(e)], null);
      }
      case 1: {
        // layer norm
        const count = axes.reduce((n, a) => n * shape[a], 1);
        if (count === 0) throw new Retry();
        const even = this.#style === "exact";
        const over = value(even ? 1 : Math.fround(1 / count));
        const centred = minus(x, this.#step("mul", [sum(x), over], null));
        const squares = sum(this.#step("mul", [centred, centred], null));
        const variance = this.#step("add", [this.#step("mul", [squares, over], null), value(even ? 1 : 0.125)], null);
        return void this.#step("div", [centred, this.#step("sqrt", [variance], null)], null);
      }
      case 2: {
        const rows = this.#step("reduce", [x], { op: r.pick(["add", "max"]), axes });
        const small = this.#shapeOf(rows);
        const y = this.#binary(rows, this.#match(small, dtype));
        return void (r.chance(0.5) ? this.#step("mul", [x, this.#expand(y, shape)], null) : y);
      }
      case 3: {
        // an exponential average and a step, as an optimizer takes them
        const m = this.#match(shape, dtype);
        const next = this.#step("add", [this.#step("mul", [m, value(0.5)], null), x], null);
        return void this.#step("add", [this.#match(shape, dtype), this.#step("mul", [next, value(-0.25)], null)], null);
      }
      default: {
        const first = this.#step("reduce", [x], { op: "max", axes });
        const y = this.#step("add", [x, this.#expand(first, shape)], null);
        const second = this.#step("reduce", [y], { op: "min", axes });
        return void this.#step("add", [this.#expand(second, shape), y], null);
      }
    }
  }

  #matmul(): number {
    const r = this.#r;
    const a = this.#big
      ? this.#leaf([r.int(1, 70), r.pick([64, 300, 520, 1100])], "float32")
      : this.#any((n) => n.shape.length >= 2 && n.dtype !== "bool");
    const shape = this.#shapeOf(a);
    const dtype = this.#dtypeOf(a);
    const lead = shape.slice(0, -2);
    const [rows, depth] = shape.slice(-2);
    const columns = this.#big ? r.int(1, 300) : this.#size();
    let left = a;
    if (r.chance(0.3))
      left = this.#step("permute", [this.#match([...lead, depth, rows], dtype)], { order: transposed(shape.length) });
    if (r.chance(0.5)) return this.#step("matmul", [left, this.#match([...lead, depth, columns], dtype)], null);
    const right = this.#step("permute", [this.#match([...lead, columns, depth], dtype)], {
      order: transposed(shape.length),
    });
    return this.#step("matmul", [left, right], null);
  }

  #conv(): number {
    const r = this.#r;
    const spatial = r.chance(0.4) ? 1 : 2;
    const usable = [...this.#values].filter(
      ([, k]) => k.node.shape.length === spatial + 2 && k.node.dtype !== "bool" && sizeOf(k.node.shape) > 0,
    );
    const groups = r.pick([1, 1, 1, 2, 3]);
    let x: number;
    if (usable.length > 0 && r.chance(0.7)) [x] = r.pick(usable);
    else {
      const size = (): number => r.pick([1, 2, 3, 4, 5, 6, 8, 9, 12]);
      x = this.#leaf(
        [r.int(1, 3), groups * r.int(1, 3), ...Array.from({ length: spatial }, size)],
        r.pick(["float32", "float32", "float32", r.pick(this.#types)]),
      );
      if (this.#dtypeOf(x) === "bool") throw new Retry();
    }
    const shape = this.#shapeOf(x);
    const g = shape[1] % groups === 0 ? groups : 1;
    const window = Array.from({ length: spatial }, () => r.pick([1, 1, 2, 3, 3, 4]));
    const filters = g * r.pick([1, 2, 3, 4, 5, 8]);
    const w = this.#match([filters, shape[1] / g, ...window], this.#dtypeOf(x));
    const each = <T>(f: () => T): T[] => Array.from({ length: spatial }, f);
    const plain = r.chance(0.3);
    const arg: ConvArg = {
      stride: each(() => (plain ? 1 : r.pick([1, 1, 2, 3]))),
      padding: each(() => (plain ? ([0, 0] as const) : ([r.int(-1, 3), r.int(-1, 3)] as const))),
      dilation: each(() => (plain ? 1 : r.pick([1, 1, 2]))),
      inputDilation: each(() => (plain ? 1 : r.pick([1, 1, 1, 2, 3]))),
      groups: g,
    };
    return this.#step("conv", [x, w], arg);
  }

  /** Integers from 0 to `size` − 1. */
  #indices(shape: Shape, size: number): number {
    const r = this.#r;
    if (size === 0 && sizeOf(shape) > 0) throw new Retry();
    if (r.chance(0.6) || size === 0) return this.#leaf(shape, "int32", [0, Math.max(size - 1, 0)]);
    const value = (v: number): number => this.#step("const", [], { value: v, shape, dtype: "int32" });
    const raised = this.#step("max", [this.#match(shape, "int32"), value(0)], null);
    return this.#step("min", [raised, value(size - 1)], null);
  }

  #gather(): number {
    const x = this.#any((n) => n.shape.length > 0);
    const axis = this.#axis(x);
    const shape = this.#shapeOf(x);
    return this.#step("gather", [x, this.#indices(withAxis(shape, axis, this.#size()), shape[axis])], { axis });
  }

  #scatter(): number {
    const r = this.#r;
    const base = this.#any((n) => n.shape.length > 0 && n.dtype !== "bool");
    const axis = this.#axis(base);
    const shape = this.#shapeOf(base);
    const from = withAxis(shape, axis, this.#size());
    const index = this.#indices(from, shape[axis]);
    return this.#step("scatter", [base, index, this.#match(from, this.#dtypeOf(base))], {
      axis,
      op: r.pick(["add", "max", "set"]),
    });
  }
}

class Retry extends Error {}

const transposed = (rank: number): number[] =>
  Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));

/** What is known of a result, from what is known of the inputs. */
function certaintyOf(n: Node, src: readonly Known[]): Omit<Known, "node"> {
  const float = isFloat(n.dtype);
  const worst: Certainty = src.some((s) => s.certainty === "bounded")
    ? "bounded"
    : src.some((s) => s.certainty === "determined")
      ? "determined"
      : "exact";
  const [a, b] = src;
  const bits = mantissa[n.dtype] ?? 0;
  const known = (most: number, grain: number, certainty: Certainty = worst): Omit<Known, "node"> => {
    if (!float)
      return {
        certainty: certainty === "bounded" ? "bounded" : "exact",
        most: Math.max(...dtypes[n.dtype].range.map(Math.abs)),
        grain: 1,
      };
    const fits = grain > 0 && most / grain <= 2 ** bits && most <= dtypes[n.dtype].range[1];
    return { certainty: certainty === "exact" && !fits ? "determined" : certainty, most, grain: fits ? grain : 0 };
  };
  /** A sum of `count` terms: exact, or a matter of order. */
  const summed = (count: number, most: number, grain: number): Omit<Known, "node"> => {
    if (!float || count <= 1) return known(most, grain);
    const k = known(count * most, worst === "exact" ? grain : 0);
    return k.certainty === "exact" ? k : { ...k, certainty: "bounded" };
  };
  const most = Math.max(0, ...src.map((s) => s.most));
  const grain = Math.min(...src.map((s) => s.grain));
  if (is(n, "const")) {
    const value = Number.isFinite(n.arg.value) ? Math.abs(n.arg.value) : 0;
    return known(value, [1, 0.5, 0.25, 0.125].find((g) => value % g === 0) ?? 0, "exact");
  }
  if (is(n, "iota")) return known(0, 1);
  if (is(n, "random")) return known(1, 2 ** -24);
  if (is(n, "cast")) {
    if (!float) return known(0, 1);
    return isFloat(n.src[0].dtype) || n.src[0].dtype !== "bool" ? known(a.most, a.grain) : known(1, 1);
  }
  if (is(n, "pad"))
    return known(Math.max(a.most, Number.isFinite(n.arg.value) ? Math.abs(n.arg.value) : 0), Math.min(a.grain, 1));
  if (is(n, "reduce")) {
    const count = sizeOf(n.src[0].shape) / Math.max(sizeOf(n.shape), 1);
    if (n.arg.op === "add") return summed(count, a.most, a.grain);
    if (n.arg.op === "mul") return count <= 1 ? known(a.most, a.grain) : product(count, a, known, float, worst);
    return known(a.most, a.grain);
  }
  if (is(n, "scan")) {
    const count = n.shape[n.arg.axis];
    if (n.arg.op === "add") return summed(count, a.most, a.grain);
    if (n.arg.op === "mul") return count <= 1 ? known(a.most, a.grain) : product(count, a, known, float, worst);
    return known(a.most, a.grain);
  }
  if (n.op === "matmul" || n.op === "conv") {
    const [x, w] = n.src;
    const count = n.op === "matmul" ? x.shape[x.shape.length - 1] : sizeOf(w.shape.slice(1));
    const k = summed(count + 1, a.most * b.most, a.grain * b.grain); // a fused multiply-add rounds even one product otherwise
    return k;
  }
  if (is(n, "scatter")) {
    const x = src[2];
    const count = n.src[1].shape[n.arg.axis];
    return n.arg.op === "add"
      ? summed(count + 1, Math.max(a.most, x.most), Math.min(a.grain, x.grain))
      : known(Math.max(a.most, x.most), Math.min(a.grain, x.grain));
  }
  if (is(n, "gather")) return known(a.most, a.grain);
  switch (n.op) {
    case "add":
      return known(a.most + b.most, grain);
    case "mul":
      return known(a.most * b.most, a.grain * b.grain);
    case "where":
      return known(Math.max(b.most, src[2].most), Math.min(b.grain, src[2].grain));
    case "div":
    case "sqrt":
      return known(most, 0, worst === "bounded" ? "bounded" : "determined");
    case "floor":
      return known(a.most + 1, Math.max(a.grain, 1));
    case "exp":
    case "log":
    case "sin":
    case "cos":
    case "tanh":
    case "erf":
    case "pow":
      return { certainty: "bounded", most, grain: 0 };
    default:
      return known(most, grain);
  }
}

function product(
  count: number,
  a: Known,
  known: (most: number, grain: number, c: Certainty) => Omit<Known, "node">,
  float: boolean,
  worst: Certainty,
): Omit<Known, "node"> {
  if (!float) return known(0, 1, worst);
  const k = known(Math.max(a.most, 1) ** count, a.grain > 0 ? Math.min(a.grain, 1) ** count : 0, worst);
  return k.certainty === "exact" ? k : { ...k, certainty: "bounded" };
}

/** The program of a seed. One in `bigEvery` has enough work to be cut in items and blocks. */
export function generate(seed: number, bigEvery = 150): Program {
  const r = new Random(seed);
  return new Generator(r, seed % bigEvery === bigEvery - 1).run();
}
