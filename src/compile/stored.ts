/**
 * Which nodes of a graph have memory. (1) Leaves, reductions, heavy operations and roots are stored, and so is what a heavy
 * operation reads many times, unless it is a view. (2) A node that two kernels read is stored if computing it twice costs
 * more than it saves. Everything else is computed where it is read.
 */
import { flatten } from "../graph/affine.ts";
import type { Affine } from "../graph/expr.ts";
import { is, type Node, topo } from "../graph/node.ts";
import { ops } from "../graph/ops.ts";
import { type Shape, sizeOf } from "../graph/shape.ts";
import { space } from "./element.ts";
import { blockDepth } from "./templates/contract.ts";

const heavy = new Set(["reduce", "matmul", "conv", "scan", "sort", "scatter", "concat", "loop"]);
const transcendental = new Set(["exp", "log", "sin", "cos", "tanh", "erf", "pow", "random"]);
/** Division and square root take about as long as this many additions, and so does asking whether an element is padding. */
const costs: Partial<Record<string, number>> = { div: 4, sqrt: 4, pad: 3 };

/** The nodes that are stored, out of `order`: all that `roots` need, sources first. */
export function chooseStored(roots: readonly Node[], order: readonly Node[]): Set<Node> {
  const stored = new Set<Node>(roots);
  for (const n of order) if (n.op === "buffer" || heavy.has(n.op)) stored.add(n);
  for (const n of order) {
    if (n.op === "matmul" || n.op === "conv") {
      const [rows, columns] = n.op === "matmul" ? n.src : n.src.toReversed();
      storeBehindViews(columns, stored);
      if (isWalkedEvenly(rows, n.op === "matmul" ? rows.shape.length - 1 : 1)) storeBehindViews(rows, stored);
      else stored.add(unspread(rows));
    }
    if (is(n, "loop")) for (const s of n.src.slice(n.arg.given.length)) stored.add(readAs(s));
    if (n.op === "gather" || n.op === "sort") storeBehindViews(n.src[0], stored);
    if (n.op === "scatter" || n.op === "after") storeBehindViews(n.src[1], stored);
  }
  const cost = recomputation(order, stored);
  for (const n of order) {
    if (!spreads(n) || stored.has(n.src[0]) || (cost.get(n.src[0]) as Cost).ops <= 2) continue;
    // What has been stored for one that it reads costs nothing any more.
    if (recompute(n.src[0], stored).ops > 2) stored.add(n.src[0]);
  }

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

/** The node in whose memory the elements of `n` lie as they lie in `n`. */
export function readAs(n: Node): Node {
  let at = n;
  while (at.op === "reshape") at = at.src[0];
  return at;
}

/** What `n` repeats along its first axes: a copy of that will do. */
function unspread(n: Node): Node {
  const isRepeated = n.op === "expand" && n.shape.every((d, i) => d === n.src[0].shape[i] || i < n.shape.length - 2);
  return isRepeated ? n.src[0] : n;
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
  return costs[n.op] ?? (ops[n.op].scalar ? 1 : 0);
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
