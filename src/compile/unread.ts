/**
 * Loops without what nobody reads of their rows: a layer that is not trained keeps no gates, and a derivative gives no
 * gradients that are not asked for.
 */
import { offsetsOf } from "../graph/loop.ts";
import { is, type LoopArg, type LoopInput, type Node, topo, withSources } from "../graph/node.ts";
import { sizeOf } from "../graph/shape.ts";

type Loop = Node<"loop">;
/** Columns of the rows of a loop, from one up to another. */
type Range = readonly [from: number, to: number];

/** What is left of a loop: its results and inputs, by their numbers. */
interface Rest {
  readonly results: readonly number[];
  readonly inputs: readonly number[];
}

export function withoutUnread(roots: readonly Node[]): readonly Node[] {
  const order = topo(roots);
  if (!order.some((n) => n.op === "loop")) return roots;
  const live = new Set<Node>();
  const read = new Map<Node, Range[]>();
  const need = (n: Node, range?: Range): void => {
    live.add(n);
    if (is(n, "loop")) read.set(n, [...(read.get(n) ?? []), range ?? [0, n.shape[1]]]);
  };
  for (const r of roots) need(r);
  const rests = new Map<Node, Rest>();
  for (const n of order.toReversed()) {
    if (!live.has(n)) continue;
    if (is(n, "loop")) {
      const rest = restOf(n.arg, read.get(n) ?? []);
      rests.set(n, rest);
      const inputs = inputsOf(n);
      n.arg.given.forEach((k, i) => {
        if (rest.results.includes(k)) need(n.src[i]);
      });
      for (const m of rest.inputs) need(inputs[m], columnsOf(n.arg.inputs[m], inputs[m]));
    } else for (const s of n.src) need(s, is(n, "slice") && is(s, "loop") ? sliceOf(n) : undefined);
  }

  const done = new Map<Node, Node>();
  for (const n of order) {
    if (!live.has(n)) continue;
    const rest = rests.get(n);
    if (rest) done.set(n, narrowed(n as Loop, rest, rests, done));
    else if (is(n, "slice") && is(n.src[0], "loop")) {
      const [row, column] = n.arg.start;
      const start = [row, moved(n.src[0], rests, column)];
      done.set(n, { ...n, arg: { ...n.arg, start }, src: [done.get(n.src[0]) as Node] } as Node);
    } else {
      const src = n.src.map((s) => done.get(s) as Node);
      done.set(n, withSources(n, src));
    }
  }
  return roots.map((r) => done.get(r) as Node);
}

const inputsOf = ({ src, arg }: Loop): readonly Node[] => src.slice(arg.given.length);

function sliceOf({ arg: { start, size, step } }: Node<"slice">): Range {
  const last = start[1] + (size[1] - 1) * step[1];
  return [Math.min(start[1], last), Math.max(start[1], last) + 1];
}

/** The columns that an input reads of a source that is a loop; nothing where it reads rows in another way. */
function columnsOf({ node, at, stride }: LoopInput, source: Node): Range | undefined {
  if (!is(source, "loop") || stride !== source.shape[1]) return undefined;
  return [at % stride, (at % stride) + sizeOf(node.shape)];
}

/** The results that are read, those that they are carried for, and the inputs of them all. */
function restOf({ results, carries, inputs }: LoopArg, ranges: readonly Range[]): Rest {
  const offsets = offsetsOf(results);
  const kept = new Set<number>();
  const keep = ([from, to]: Range): void => {
    results.forEach((_, k) => {
      if (offsets[k] < to && from < offsets[k + 1]) kept.add(k);
    });
  };
  ranges.forEach(keep);
  const bound = new Set([...carries, ...inputs].map(({ node }) => node));
  for (;;) {
    const before = kept.size;
    const reached = new Set(
      topo(
        [...kept].map((k) => results[k]),
        (n) => bound.has(n),
      ),
    );
    // A concatenation that is computed anyway stays: its parts are written into the row by one kernel.
    results.forEach((r, k) => {
      if (is(r, "concat") && reached.has(r)) kept.add(k);
    });
    for (const { node, at } of carries) if (reached.has(node)) keep([at, at + sizeOf(node.shape)]);
    if (kept.size > before) continue;
    return {
      results: [...kept].sort((a, b) => a - b),
      inputs: inputs.flatMap(({ node }, m) => (reached.has(node) ? [m] : [])),
    };
  }
}

/** Where a column is when what nobody reads is gone. */
function moved(n: Loop, rests: ReadonlyMap<Node, Rest>, column: number): number {
  const offsets = offsetsOf(n.arg.results);
  let gone = 0;
  n.arg.results.forEach((r, k) => {
    if (offsets[k + 1] <= column && !rests.get(n)?.results.includes(k)) gone += sizeOf(r.shape);
  });
  return column - gone;
}

function narrowed(
  n: Loop,
  { results, inputs }: Rest,
  rests: ReadonlyMap<Node, Rest>,
  done: ReadonlyMap<Node, Node>,
): Node {
  const { arg } = n;
  const sources = inputsOf(n);
  const given = arg.given.flatMap((k, i) => (results.includes(k) ? [{ k: results.indexOf(k), src: n.src[i] }] : []));
  const kept = results.map((k) => arg.results[k]);
  const width = kept.reduce((sum, r) => sum + sizeOf(r.shape), 0);
  const bound = new Set([...arg.carries, ...arg.inputs].map(({ node }) => node));
  const reached = new Set(topo(kept, (m) => bound.has(m)));
  const now: LoopArg = {
    ...arg,
    results: kept,
    given: given.map(({ k }) => k),
    carries: arg.carries.flatMap((c) => (reached.has(c.node) ? [{ ...c, at: moved(n, rests, c.at) }] : [])),
    inputs: inputs.map((m) => {
      const [input, source] = [arg.inputs[m], sources[m]];
      if (!is(source, "loop") || !columnsOf(input, source)) return input;
      const { stride } = input;
      const [row, column] = [Math.floor(input.at / stride), input.at % stride];
      const next = (done.get(source) as Node).shape[1];
      return { ...input, at: row * next + moved(source, rests, column), stride: next };
    }),
  };
  const src = [...given.map((s) => s.src), ...inputs.map((m) => sources[m])].map((s) => done.get(s) as Node);
  return { ...n, arg: now, src, shape: [arg.steps + 1, width] } as Node;
}
