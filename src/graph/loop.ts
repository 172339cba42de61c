/**
 * Loops: rows that are each made from the row before, by one graph, the body. A body is planned once, however many steps
 * there are. Where its derivative needs what a step has computed, it reads the rows: what a body gives is kept, and all
 * else is computed again.
 */
import { UnsupportedError } from "../errors.ts";
import { vjp } from "./grad.ts";
import { is, type LoopArg, type Node, type OpName, topo, withSources } from "./node.ts";
import * as g from "./ops.ts";
import { type Shape, sameShape, sizeOf } from "./shape.ts";

/** What a loop is made of. */
export interface LoopOf {
  readonly steps: number;
  /** From the last row to the first. */
  readonly reverse?: boolean;
  readonly results: readonly Node[];
  /** What each result is in the row that is given; null where nobody reads it. */
  readonly given: readonly (Node | null)[];
  /** Placeholders for parts of the row before. */
  readonly carries: LoopArg["carries"];
  /** Placeholders for rows of `of`, of which step t reads the elements of row t from `at` on. */
  readonly rows: readonly { readonly node: Node; readonly of: Node; readonly at?: number }[];
}

/** What stands in a body for a value that changes from step to step. */
export const placeholder = (shape: Shape, dtype: Node["dtype"]): Node =>
  g.node("buffer", [], { leaf: {}, shape, dtype });

/** Where each of `results` begins in a row, and the width of the row at the end. */
export function offsetsOf(results: readonly Node[]): number[] {
  const offsets = [0];
  for (const r of results) offsets.push((offsets.at(-1) as number) + sizeOf(r.shape));
  return offsets;
}

/** The row that a loop makes first, when rows are counted from the top. */
const lowestOf = ({ reverse }: { readonly reverse: boolean }): number => (reverse ? 0 : 1);
/** The row that is given, and the one that is made last. */
const endsOf = ({ reverse, steps }: LoopArg): readonly [first: number, last: number] =>
  reverse ? [steps, 0] : [0, steps];

/** A loop. What its body reads from outside, and what it computes from nothing else, becomes an input as a whole. */
export function loop({ steps, reverse = false, results, given, carries, rows }: LoopOf): Node<"loop"> {
  const bound = new Set([...carries, ...rows].map(({ node }) => node));
  const order = topo(results, (n) => bound.has(n));
  const moving = new Set<Node>(); // what changes from step to step
  const outside = new Set<Node>(); // what is more than a constant
  for (const n of order) {
    if (bound.has(n) || n.src.some((s) => moving.has(s))) moving.add(n);
    if (n.op === "buffer" || n.op === "random" || n.src.some((s) => outside.has(s))) outside.add(n);
  }
  const whole = new Set<Node>();
  const hoist = (n: Node): void => {
    if (!moving.has(n) && outside.has(n)) whole.add(n);
  };
  for (const n of order) {
    if (!moving.has(n) || bound.has(n)) continue;
    if (n.op === "loop") refuseNested();
    n.src.forEach(hoist);
  }
  results.forEach(hoist);
  const read = rows.filter(({ node }) => moving.has(node));
  const inputs = [
    ...read.map(({ node, of, at = 0 }) => ({ node, at, stride: sizeOf(of.shape) / of.shape[0] })),
    ...[...whole].map((node) => ({ node, at: 0, stride: 0 })),
  ];
  const arg: LoopArg = {
    steps,
    reverse,
    results,
    given: given.flatMap((n, k) => (n ? [k] : [])),
    carries: carries.filter(({ node }) => moving.has(node)),
    inputs,
    vjp: gradient,
  };
  return g.node("loop", [...given.flatMap((n) => n ?? []), ...read.map(({ of }) => of), ...whole], arg) as Node<"loop">;
}

function refuseNested(): never {
  const fix = "Run the inner one before, or write its steps out";
  throw new UnsupportedError({ in: "scan", got: "a loop in the step of another", want: "steps without loops", fix });
}

/** A result in `count` rows from `from` on: `(count, …)`. */
export function rowsOf(y: Node<"loop">, k: number, from: number, count: number): Node {
  const { shape } = y.arg.results[k];
  const part = g.slice(y, { start: [from, offsetsOf(y.arg.results)[k]], size: [count, sizeOf(shape)], step: [1, 1] });
  return g.reshape(part, [count, ...shape]);
}
/** A result in all steps: `(steps, …)`. */
export const madeBy = (y: Node<"loop">, k: number): Node => rowsOf(y, k, lowestOf(y.arg), y.arg.steps);
/** A result of the last step. */
export const lastOf = (y: Node<"loop">, k: number): Node =>
  g.reshape(rowsOf(y, k, endsOf(y.arg)[1], 1), y.arg.results[k].shape);

/** The same with placeholders for all that comes from outside: it keeps nothing alive. */
export function closed(arg: LoopArg): LoopArg {
  const done = new Map<Node, Node>();
  for (const { node } of [...arg.carries, ...arg.inputs])
    if (!done.has(node)) done.set(node, placeholder(node.shape, node.dtype));
  const bound = new Set(done.keys());
  for (const n of topo(arg.results, (n) => bound.has(n))) if (!done.has(n)) done.set(n, rebuilt(n, done));
  const now = <T extends { readonly node: Node }>(x: T): T => ({ ...x, node: done.get(x.node) as Node });
  const results = arg.results.map((r) => done.get(r) as Node);
  return { ...arg, results, carries: arg.carries.map(now), inputs: arg.inputs.map(now) };
}

const rebuilt = (n: Node, done: ReadonlyMap<Node, Node>): Node =>
  withSources(
    n,
    n.src.map((s) => done.get(s) as Node),
  );

// The derivative: a loop in the other direction, whose carries are the cotangents of the carries.

const plus = (a: Node | null, b: Node): Node => (a ? g.add(a, b) : b);
/** What has the value of its first input. */
const same = new Set<OpName>(["custom", "surrogate", "detach"]);

function gradient(cotangent: Node, y: Node<"loop">, src: readonly Node[]): (Node | null)[] {
  const { arg } = y;
  const { steps, reverse, results, given, carries, inputs } = arg;
  const read = src.slice(given.length);
  const offsets = offsetsOf(results);
  const width = offsets[results.length];
  const lowest = lowestOf(arg);
  const carried = carries.map(({ node, at }) => ({
    at,
    size: sizeOf(node.shape),
    node: placeholder(node.shape, y.dtype),
  }));
  const lasts: (Node | null)[] = carries.map(() => null);
  const firsts: (Node | null)[] = results.map(() => null);
  const seeds: (Node | null)[] = results.map(() => null);

  // What the body's derivative reads: what the body read, and what it gave.
  const rows: { node: Node; of: Node; at: number }[] = [];
  const bound = new Set<Node>();
  const bind = (node: Node, of: Node, at: number): void => {
    if (bound.has(node)) return;
    bound.add(node);
    rows.push({ node, of, at });
  };
  for (const { node, at } of carries) bind(node, y, at + (reverse ? width : 0));
  inputs.forEach(({ node, at, stride }, m) => {
    if (stride > 0) bind(node, read[m], at);
  });
  results.forEach((r, k) => {
    for (let n = r; ; n = n.src[0]) {
      if (!inputs.some(({ node }) => node === n)) bind(n, y, offsets[k] + lowest * width);
      if (!same.has(n.op)) break;
    }
  });

  // The cotangents of the results, from outside and from the step that came after.
  for (const { row, column, x } of boxes(cotangent)) {
    results.forEach((r, k) => {
      const part = columns(x, column, offsets[k], offsets[k + 1]);
      if (!part) return;
      const [count, size] = part.shape;
      const [first, last] = endsOf(arg);
      if (row <= first && first < row + count)
        firsts[k] = plus(firsts[k], g.reshape(g.take(part, 0, first - row, 1), r.shape));
      if (row === first && count === 1) return;
      const j = carried.findIndex((c) => c.at === offsets[k] && c.size === size);
      if (j >= 0 && row === last && count === 1) {
        lasts[j] = plus(lasts[j], g.reshape(part, carried[j].node.shape));
        return;
      }
      const covers = row <= lowest && row + count >= lowest + steps;
      const of = covers ? part : g.padAxis(part, 0, row, steps + 1 - row - count);
      const node = placeholder(r.shape, r.dtype);
      bind(node, of, (covers ? lowest - row : lowest) * size);
      seeds[k] = plus(seeds[k], node);
    });
  }
  const fromCarries = (k: number, cotangents: readonly Node[], sofar: Node | null): Node | null =>
    carried.reduce((sum, { at, size }, j) => {
      if (offsets[k] < at || offsets[k + 1] > at + size) return sum;
      const flat = g.reshape(cotangents[j], [size]);
      const part = g.take(flat, 0, offsets[k] - at, offsets[k + 1] - offsets[k]);
      return plus(sum, g.reshape(part.shape[0] === size ? flat : part, results[k].shape));
    }, sofar);
  const nodes = carried.map((c) => c.node);
  results.forEach((_, k) => {
    seeds[k] = fromCarries(k, nodes, seeds[k]);
  });
  const roots = results.flatMap((r, k) => (seeds[k] ? [r] : []));
  if (roots.length === 0) return src.map((_, i) => (i < given.length ? firsts[given[i]] : null));
  const wrt = [...carries, ...inputs].map(({ node }) => node);
  const leaves = new Set(wrt);
  const grads = tidied(
    vjp(
      roots,
      seeds.flatMap((s) => s ?? []),
      wrt,
      (n) => leaves.has(n),
    ),
    bound,
  );

  // What the derivative's body gives: cotangents of the carries, of rows, and factors of the cotangents of the rest.
  const made: Node[] = carries.map(({ node }, j) => grads[j] ?? g.like(node, 0));
  const late: ((back: Node<"loop">) => Node | null)[] = inputs.map(({ at, stride }, m) => {
    const d = grads[carries.length + m];
    if (!d) return () => null;
    if (stride === 0) return overSteps(d, read[m].shape);
    const k = place(d);
    return (back) => spread(g.reshape(madeBy(back, k), [steps, sizeOf(d.shape)]), { at, stride }, read[m].shape);
  });
  function place(n: Node): number {
    const k = made.indexOf(n, carries.length);
    return k >= 0 ? k : made.push(n) - 1;
  }
  /** A value of the derivative's body in all steps: `(steps, …)`. */
  function inAllSteps(n: Node): (back: Node<"loop">) => Node {
    const row = rows.find(({ node }) => node === n);
    if (row) return () => window(row.of, row.at, steps, n.shape);
    if (is(n, "permute") || is(n, "reshape")) {
      const inner = inAllSteps(n.src[0]);
      if (is(n, "reshape")) return (back) => g.reshape(inner(back), [steps, ...n.shape]);
      return (back) => g.permute(inner(back), [0, ...n.arg.order.map((a) => a + 1)]);
    }
    const k = place(n);
    return (back) => madeBy(back, k);
  }
  /** The sum of a cotangent over all steps. A sum of products is one product, over the steps too. */
  function overSteps(d: Node, shape: Shape): (back: Node<"loop">) => Node {
    const terms = termsOf(d).map((term): ((back: Node<"loop">) => Node) => {
      if (!is(term, "matmul") || term.shape.length !== 2) {
        const all = inAllSteps(term);
        return (back) => g.reshape(g.sum(all(back), [0]), shape);
      }
      const [a, b] = term.src.map(inAllSteps);
      const [m, n, depth] = [...term.shape, steps * term.src[1].shape[0]];
      return (back) => {
        const [left, right] = [g.reshape(g.permute(a(back), [1, 0, 2]), [m, depth]), g.reshape(b(back), [depth, n])];
        return g.matmul(left, right, term.dtype);
      };
    });
    return (back) => terms.map((term) => term(back)).reduce(g.add);
  }

  const at = offsetsOf(made);
  const back = loop({
    steps,
    reverse: !reverse,
    results: made,
    given: made.map((n, j) => (j < carries.length ? (lasts[j] ?? g.like(n, 0)) : null)),
    carries: nodes.map((node, j) => ({ node, at: at[j] })),
    rows,
  });
  const final = nodes.map((_, j) => lastOf(back, j));
  return [...given.map((k) => fromCarries(k, final, firsts[k])), ...late.map((make) => make(back))];
}

/** Rows of `x` from the element `at` of its first row on, as many as there are steps: `(steps, …shape)`. */
function window(x: Node, at: number, steps: number, shape: Shape): Node {
  const flat = g.reshape(x, [x.shape[0], sizeOf(x.shape) / x.shape[0]]);
  const [row, column] = [Math.floor(at / flat.shape[1]), at % flat.shape[1]];
  const part = g.slice(flat, { start: [row, column], size: [steps, sizeOf(shape)], step: [1, 1] });
  return g.reshape(part, [steps, ...shape]);
}

/** The cotangent of a source from that of its rows, `(steps, size)`, which are elsewhere 0. */
function spread(rows: Node, { at, stride }: { at: number; stride: number }, shape: Shape): Node {
  const [row, column] = [Math.floor(at / stride), at % stride];
  const [steps, size] = rows.shape;
  const [lo, hi] = [
    [row, column],
    [shape[0] - row - steps, stride - column - size],
  ];
  const full = [...lo, ...hi].every((n) => n === 0) ? rows : g.pad(rows, { lo, hi, interior: [0, 0], value: 0 });
  return g.reshape(full, shape);
}

/** `d` as a sum of boxes with zeros around them: each where it begins, and what is in it. */
function boxes(d: Node): { row: number; column: number; x: Node }[] {
  return termsOf(d).map((x) => {
    if (!isZeroPad(x)) return { row: 0, column: 0, x };
    const [row, column] = x.arg.lo;
    return { row, column, x: x.src[0] };
  });
}

const isZeroPad = (n: Node): n is Node<"pad"> =>
  is(n, "pad") &&
  n.arg.value === 0 &&
  [...n.arg.interior, ...n.arg.lo, ...n.arg.hi].every((k) => k >= 0) &&
  n.arg.interior.every((k) => k === 0);

function termsOf(n: Node): Node[] {
  const terms: Node[] = [];
  const stack = [n];
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.op === "add") stack.push(...top.src.toReversed());
    else terms.push(top);
  }
  return terms;
}

/** The columns from `begin` to `end` of what lies in a box from `column` on; null where that is nothing. */
function columns(x: Node, column: number, begin: number, end: number): Node | null {
  const [from, to] = [Math.max(begin, column), Math.min(end, column + x.shape[1])];
  if (from >= to) return null;
  const part = from === column && to - from === x.shape[1] ? x : g.take(x, 1, from - column, to - from);
  return from === begin && to === end ? part : g.padAxis(part, 1, from - begin, end - to);
}

/** Sums of parts that lie side by side, as cotangents of slices are, written as what they are: concatenations. */
function tidied(roots: readonly (Node | null)[], bound: ReadonlySet<Node>): (Node | null)[] {
  const done = new Map<Node, Node>();
  const parts = new Map<Node, Node<"pad">[]>();
  for (const n of topo(
    roots.flatMap((r) => r ?? []),
    (n) => bound.has(n),
  )) {
    if (bound.has(n)) {
      done.set(n, n);
      continue;
    }
    if (isZeroPad(n)) parts.set(n, [n]);
    const [a, b] = n.op === "add" ? n.src.map((s) => parts.get(s)) : [];
    const all = a && b ? [...a, ...b] : null;
    if (all) parts.set(n, all);
    done.set(n, (all && sideBySide(all, n.shape, done)) ?? rebuilt(n, done));
  }
  return roots.map((r) => r && (done.get(r) as Node));
}

function sideBySide(pads: readonly Node<"pad">[], shape: Shape, done: ReadonlyMap<Node, Node>): Node | null {
  const axis = shape.findIndex((d, i) => pads[0].src[0].shape[i] !== d);
  const sorted = pads.toSorted((p, q) => p.arg.lo[axis] - q.arg.lo[axis]);
  let end = 0;
  for (const { arg, src } of sorted) {
    if (arg.lo[axis] !== end || !sameShape(src[0].shape.toSpliced(axis, 1), shape.toSpliced(axis, 1))) return null;
    end += src[0].shape[axis];
  }
  if (axis < 0 || end !== shape[axis]) return null;
  return g.concat(
    sorted.map(({ src }) => done.get(src[0]) as Node),
    axis,
  );
}
