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

  const readers = new Map<Node, Places>();
  const names = new Map<Node, number>();
  order.forEach((n, i) => void names.set(n, i));
  for (const n of order.toReversed()) {
    const own: Places = readers.get(n) ?? new Map();
    if (!stored.has(n) && n.op !== "const" && ((own.size > 1 && isDear(recompute(n, stored))) || isScattered(n, own)))
      stored.add(n);
    const read: Places = stored.has(n) ? new Map([[n, new Set([""])]]) : own;
    const view = ops[n.op].index && names.get(n);
    for (const s of n.src) {
      const all: Places = readers.get(s) ?? new Map();
      for (const [by, places] of read) {
        const known = all.get(by) ?? new Set();
        for (const place of places) known.add(view === undefined ? place : `${place} ${view}`);
        all.set(by, known);
      }
      readers.set(s, all);
    }
  }
  return stored;
}

/** What lowers an expression calls itself for each node along it: more than this many are cut. */
const longestChain = 256;

/** The nodes along chains of what is not stored that have to be, because the chains would be too long. */
export function cutChains(order: readonly Node[], stored: ReadonlySet<Node>): Set<Node> {
  const ends = new Set<Node>();
  const lengths = new Map<Node, number>();
  for (const n of order) {
    const below = n.src.map((s) => (stored.has(s) || ends.has(s) ? 0 : (lengths.get(s) as number)));
    const length = 1 + Math.max(0, ...below);
    if (length >= longestChain && !stored.has(n)) ends.add(n);
    lengths.set(n, length);
  }
  return ends;
}

/** Who reads a value, of those that are stored, and at which places: each is a chain of views. */
type Places = Map<Node, Set<string>>;

/**
 * At more places than this, a value that one kernel reads is not computed again for each: along a chain of values that
 * each are read at two places, there are twice as many with every one.
 */
const mostPlaces = 8;
const isScattered = (n: Node, read: Places): boolean =>
  ownCost(n) > 0 && [...read.values()].some((places) => places.size > mostPlaces);

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
