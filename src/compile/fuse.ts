/**
 * Cuts a graph into kernels. First it decides which nodes have memory (`stored`); everything else is computed where it
 * is read. Then kernels that share their axes are joined, so that a row is read once for all that is computed from it.
 */
import { constant, divmod, flatten, add as plus, scale, variable } from "../graph/affine.ts";
import { convSizes } from "../graph/conv.ts";
import { type DType, dtypes, isFloat } from "../graph/dtype.ts";
import type { Affine, Bound, Expr, Var } from "../graph/expr.ts";
import { is, type Node, topo } from "../graph/node.ts";
import { ops } from "../graph/ops.ts";
import { type Shape, sizeOf } from "../graph/shape.ts";
import { Elements, guard, identityOf, inDoubt, isStructural, load, type Numbering } from "./element.ts";
import { join } from "./join.ts";
import { type Contract, type Kernel, type Loops, Rewriter, type Value } from "./kernel.ts";
import type { Fold } from "./loops.ts";
import { blockDepth } from "./templates/contract.ts";

/** What a graph becomes: kernels in an order in which they can run, and what they read and write. */
export interface Fused {
  readonly kernels: Kernel[];
  readonly values: Value[];
  /** The value of each root, in order. */
  readonly roots: readonly number[];
  /** The nodes whose numbers are given at launch: a constant has one, a random node two. */
  readonly numbers: readonly { readonly node: Node; readonly part: 0 | 1 }[];
}

const heavy = new Set(["reduce", "matmul", "conv", "scan", "sort", "scatter", "concat"]);
const transcendental = new Set(["exp", "log", "sin", "cos", "tanh", "erf", "pow", "random"]);
/** Division and square root take about as long as this many additions. */
const costs: Partial<Record<string, number>> = { div: 4, sqrt: 4 };

export function fuse(roots: readonly Node[], maxBuffers: number): Fused {
  const order = topo(roots);
  const stored = chooseStored(roots, order);

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
  for (const n of order) {
    if (n.op === "buffer" || !stored.has(n)) continue;
    for (const k of cut(n, numberOf.get(n) as number, numbering))
      kernels.push(...(k.kind === "contract" ? splitDepth(k, temporary) : [k]));
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
  return { kernels: join(kernels, values, new Set(rootValues), maxBuffers), values, roots: rootValues, numbers };
}

/**
 * (1) Leaves, reductions, heavy operations and roots are stored, and so is what a heavy operation reads many times,
 * unless it is a view. (2) A node that two kernels read is stored if computing it twice costs more than it saves.
 */
function chooseStored(roots: readonly Node[], order: readonly Node[]): Set<Node> {
  const stored = new Set<Node>(roots);
  for (const n of order) if (n.op === "buffer" || heavy.has(n.op)) stored.add(n);
  for (const n of order) {
    if (n.op === "matmul" || n.op === "conv") {
      const [rows, columns] = n.op === "matmul" ? n.src : n.src.toReversed();
      storeBehindViews(columns, stored);
      if (isWalkedEvenly(rows, n.op === "matmul" ? rows.shape.length - 1 : 1)) storeBehindViews(rows, stored);
      else stored.add(rows);
    }
    if (n.op === "gather" || n.op === "sort") storeBehindViews(n.src[0], stored);
    if (n.op === "scatter") storeBehindViews(n.src[1], stored);
  }
  const cost = recomputation(order, stored);
  for (const n of order)
    if (spreads(n) && !stored.has(n.src[0]) && (cost.get(n.src[0]) as Cost).ops > 2) stored.add(n.src[0]);

  const owners = new Map<Node, Set<Node>>();
  for (const n of order.toReversed()) {
    const own = owners.get(n) ?? new Set();
    if (!stored.has(n) && own.size > 1 && n.op !== "const" && isDear(recompute(n, stored))) stored.add(n);
    const readers = stored.has(n) ? new Set([n]) : own;
    for (const s of n.src) {
      const all = owners.get(s) ?? new Set();
      for (const r of readers) all.add(r);
      owners.set(s, all);
    }
  }
  return stored;
}

/** What is summed over may lie this far apart in short sums; in long ones every element would be in another cache line. */
const shortSum = 64;

/**
 * Whether the axes of `n` from `first` on, which a product sums over, lie in memory as one evenly spaced line: then its
 * rows are read where they are, otherwise from a copy.
 */
function isWalkedEvenly(n: Node, first: number): boolean {
  const { at, axes } = space(n.shape);
  let [base, index] = [n, at as readonly Affine[]];
  for (
    let view = ops[base.op].index as View | undefined;
    view && base.op !== "pad";
    view = ops[base.op].index as View | undefined
  ) {
    index = view(index, base.arg, base.src[0].shape).at;
    base = base.src[0];
  }
  const flat = flatten(index, base.shape);
  const depth = axes.filter((v) => Number(v.name.slice(1)) >= first);
  if ([...flat.terms.keys()].some((v) => v.def)) return false;
  const step = depth.length > 0 ? (flat.terms.get(depth[depth.length - 1]) ?? 0) : 1;
  let size = 1;
  for (const v of depth.toReversed()) {
    if (size >= blockDepth) break; // blocks of the sum do not reach further
    if ((flat.terms.get(v) ?? 0) !== step * size) return false;
    size *= v.size;
  }
  return step === 1 || (step > 0 && size <= shortSum);
}

type View = (at: readonly Affine[], arg: unknown, from: Shape) => { at: readonly Affine[] };

/** Stores what `n` is a view of, unless that is a constant. */
function storeBehindViews(n: Node, stored: Set<Node>): void {
  let at = n;
  while (ops[at.op].index && at.op !== "pad" && !stored.has(at)) at = at.src[0];
  if (at.op !== "const") stored.add(at);
}

/** Whether `n` reads elements of its input more than once. */
function spreads(n: Node): boolean {
  return (n.op === "expand" || n.op === "unfold" || n.op === "gather") && sizeOf(n.shape) >= 2 * sizeOf(n.src[0].shape);
}

interface Cost {
  readonly ops: number;
  readonly reads: number;
}
const isDear = ({ ops: n, reads }: Cost): boolean => n > 8 || reads > 2;

function ownCost(n: Node): number {
  if (transcendental.has(n.op)) return 16;
  return ops[n.op].scalar ? (costs[n.op] ?? 1) : 0;
}

/** What computing each node again would cost, down to what is stored. */
function recomputation(order: readonly Node[], stored: ReadonlySet<Node>): Map<Node, Cost> {
  const cost = new Map<Node, Cost>();
  for (const n of order) {
    let [count, reads] = [ownCost(n), 0];
    for (const s of n.src) {
      if (stored.has(s)) reads++;
      else {
        const below = cost.get(s) as Cost;
        count += below.ops;
        reads += below.reads;
      }
    }
    cost.set(n, { ops: count, reads });
  }
  return cost;
}

/** As above, for one node, each node below counted once. */
function recompute(n: Node, stored: ReadonlySet<Node>): Cost {
  let count = 0;
  const reads = new Set<Node>();
  for (const m of topo([n], (m) => m !== n && stored.has(m))) {
    if (m !== n && stored.has(m)) reads.add(m);
    else count += ownCost(m);
  }
  return { ops: count, reads: reads.size };
}

/** Fresh variables for the axes of a shape, and the index of an element; axes of size 1 need none. */
function space(shape: Shape, prefix = "i"): { at: Affine[]; axes: Var[] } {
  const vars = shape.map((size, axis): Var => ({ name: `${prefix}${axis}`, size }));
  return { at: vars.map(variable), axes: vars.filter((v) => v.size > 1) };
}

/** The kernels that compute one stored node; several only for a concatenation. */
function cut(n: Node, value: number, numbering: Numbering): Kernel[] {
  const elements = new Elements(numbering);
  const dtype = dtypes[n.dtype].compute;
  if (is(n, "reduce")) {
    const [x] = n.src;
    const { at, axes } = space(x.shape);
    const outer = at.map((a, i) => (n.arg.axes.includes(i) ? constant(0) : a));
    const expr = elements.of(x, at);
    const index = flatten(outer, n.shape);
    const inner = new Set(axes.filter((v) => n.arg.axes.includes(Number(v.name.slice(1)))));
    // A sum of one element is 0 plus that: −0 becomes 0, as in longer sums.
    if (inner.size === 0) return [mapKernel(value, axes, index, n.arg.op === "add" ? sumOf(expr, n.dtype) : expr)];
    return [
      {
        kind: "loops",
        axes,
        inner,
        stages: [{ kind: "reduce", value, op: foldOf(n), dtype, index, expr }],
        limits: new Map(),
      },
    ];
  }
  if (is(n, "matmul")) return [matmulKernel(n, value, elements)];
  if (is(n, "conv")) return [convKernel(n, value, elements)];
  if (is(n, "concat")) {
    let start = 0;
    return n.src.map((s) => {
      const { at, axes } = space(s.shape);
      const placed = at.map((a, i) => (i === n.arg.axis ? plus(a, constant(start)) : a));
      start += s.shape[n.arg.axis];
      return mapKernel(value, axes, flatten(placed, n.shape), new Elements(numbering).of(s, at));
    });
  }
  const { at, axes } = space(n.shape);
  const index = flatten(at, n.shape);
  if (is(n, "scan")) {
    const along: Var = { name: `i${n.arg.axis}`, size: n.shape[n.arg.axis] };
    const all = at.map((a, i) => (i === n.arg.axis ? variable(along) : a));
    const others = axes.filter((v) => v.name !== along.name);
    const expr = elements.of(n.src[0], all);
    return [{ kind: "scan", value, op: n.arg.op, axes: others, along, index: flatten(all, n.shape), expr, dtype }];
  }
  if (is(n, "sort")) {
    const along: Var = { name: `i${n.arg.axis}`, size: n.shape[n.arg.axis] };
    const all = at.map((a, i) => (i === n.arg.axis ? variable(along) : a));
    const [x] = n.src;
    return [
      {
        kind: "sort",
        value,
        descending: n.arg.descending,
        axes: axes.filter((v) => v.name !== along.name),
        along,
        index: flatten(all, n.shape),
        expr: elements.of(x, all),
        dtype: dtypes[x.dtype].compute,
      },
    ];
  }
  if (is(n, "scatter")) {
    const [base, rows, x] = n.src;
    const { axis, op } = n.arg;
    const along: Var = { name: `i${axis}`, size: n.shape[axis] };
    const from: Var = { name: "from", size: x.shape[axis] };
    const put = (v: Var): Affine[] => at.map((a, i) => (i === axis ? variable(v) : a));
    const found: Var = { name: "data", size: n.shape[axis], def: { op: "data", of: elements.of(rows, put(from)) } };
    return [
      {
        kind: "scatter",
        value,
        op,
        axes: axes.filter((v) => v.name !== along.name),
        along,
        base: elements.of(base, put(along)),
        x: elements.of(x, put(from)),
        index: flatten(put(along), n.shape),
        target: flatten(put(found), n.shape),
        from,
        dtype,
      },
    ];
  }
  return [mapKernel(value, axes, index, elements.of(n, at, true))];
}

/** Extremes of floats that need not mind NaN have instructions of their own. */
function foldOf({ arg: { op, bare } }: Node<"reduce">): Fold {
  if (!bare) return op;
  return op === "max" ? "pmax" : "pmin";
}

const mapKernel = (value: number, axes: readonly Var[], index: Affine, expr: Expr): Kernel => ({
  kind: "loops",
  axes,
  inner: new Set(),
  stages: [{ kind: "map", value, level: "outer", index, expr }],
  limits: new Map(),
});

const sumOf = (x: Expr, dtype: DType): Expr =>
  isFloat(dtype) ? { op: "add", src: [identityOf("add", x.dtype), x], dtype: x.dtype } : x;

function matmulKernel(node: Node<"matmul">, value: number, elements: Elements): Kernel {
  const [a, b] = node.src;
  const lead = node.shape.slice(0, -2);
  const { at, axes } = space(lead, "b");
  const [m, n, k] = (["m", "n", "k"] as const).map(
    (name, i): Var => ({ name, size: i < 2 ? node.shape[lead.length + i] : a.shape[lead.length + 1] }),
  );
  const out = [...at, variable(m), variable(n)];
  return {
    kind: "contract",
    value,
    batch: axes,
    m,
    n: [n],
    k: [k],
    a: elements.of(a, [...at, variable(m), variable(k)]),
    b: elements.of(b, [...at, variable(k), variable(n)]),
    at: out,
    shape: node.shape,
    index: flatten(out, node.shape),
    stages: [],
  };
}

/** Filters are rows, pixels of all images are columns, and what is under a filter is summed over. */
function convKernel(node: Node<"conv">, value: number, elements: Elements): Kernel {
  const [x, w] = node.src;
  const { stride, padding, dilation, inputDilation, groups } = node.arg;
  const filters = w.shape[0] / groups;
  const channels = w.shape[1];
  const group: Var = { name: "g", size: groups };
  const m: Var = { name: "m", size: filters };
  const image: Var = { name: "n", size: x.shape[0] };
  const out = convSizes(x.shape, w.shape, node.arg).map((size, i): Var => ({ name: `y${i}`, size }));
  const channel: Var = { name: "c", size: channels };
  const taps = w.shape.slice(2).map((size, i): Var => ({ name: `k${i}`, size }));

  const row = plus(scale(variable(group), filters), variable(m));
  const bounds: Bound[] = [];
  const from = taps.map((tap, i) => {
    const at = plus(
      scale(variable(out[i]), stride[i]),
      plus(scale(variable(tap), dilation[i]), constant(-padding[i][0])),
    );
    const [of, between] = divmod(at, inputDilation[i]);
    bounds.push({ of, lo: 0, hi: x.shape[i + 2] }, { of: between, lo: 0, hi: 1 });
    return of;
  });
  const inside = bounds.filter(inDoubt);
  const source = elements.of(x, [variable(image), plus(scale(variable(group), channels), variable(channel)), ...from]);
  const at = [variable(image), row, ...out.map(variable)];
  return {
    kind: "contract",
    value,
    batch: groups > 1 ? [group] : [],
    m,
    n: [image, ...out].filter((v) => v.size > 1),
    k: [channel, ...taps].filter((v) => v.size > 1),
    a: elements.of(w, [row, variable(channel), ...taps.map(variable)]),
    b: inside.length === 0 ? source : guard(inside, source, 0),
    at,
    shape: node.shape,
    index: flatten(at, node.shape),
    stages: [],
  };
}

/** Products of less depth than this are not worth cutting, nor are those with this many blocks of results. */
const leastDepth = 512;
const enoughBlocks = 8;

/**
 * A product of few results over a great depth (a weight's gradient) is cut along its depth: the parts are independent,
 * and are added afterwards. The cut depends on the shape only.
 */
function splitDepth(k: Contract, temporary: (shape: Shape, dtype: DType) => number): (Contract | Loops)[] {
  const depth = k.k.reduce((d, v) => d * v.size, 1);
  const results = sizeOf(k.shape) / k.m.size;
  const found = Math.ceil(results / 128) * Math.ceil(k.m.size / 64);
  if (found >= enoughBlocks || depth < 2 * leastDepth || k.k.length === 0) return [k];
  const wanted = Math.min(Math.ceil(16 / found), Math.floor(depth / leastDepth));
  const first = k.k[0];
  let parts = 1;
  for (let p = 2; p <= Math.min(first.size, 2 * wanted); p++)
    if (first.size % p === 0 && (p <= wanted || parts === 1)) parts = p;
  if (parts < 2) return [k];
  const block: Var = { name: "part", size: parts };
  const within: Var = { name: first.name, size: first.size / parts };
  const value = plus(scale(variable(block), within.size), variable(within));
  const rewriter = new Rewriter((v) => (v === first ? value : undefined));
  const shape = [parts, ...k.shape];
  const at = [variable(block), ...k.at];
  const part = temporary(shape, "float32");
  const { at: out, axes } = space(k.shape);
  const contract: Contract = {
    ...k,
    value: part,
    batch: [block, ...k.batch],
    k: within.size > 1 ? [within, ...k.k.slice(1)] : k.k.slice(1),
    a: rewriter.expr(k.a),
    b: rewriter.expr(k.b),
    at,
    shape,
    index: flatten(at, shape),
  };
  const sum: Loops = {
    kind: "loops",
    axes: [block, ...axes],
    inner: new Set([block]),
    stages: [
      {
        kind: "reduce",
        value: k.value,
        op: "add",
        dtype: "float32",
        index: flatten(out, k.shape),
        expr: load(part, flatten([variable(block), ...out], shape), "float32"),
      },
    ],
    limits: new Map(),
  };
  return [contract, sum];
}
