/** Loops over time that are compiled once, however long they are. */
import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { lastOf, loop, madeBy, offsetsOf, placeholder } from "../graph/loop.ts";
import type { Node } from "../graph/node.ts";
import { sameShape, show } from "../graph/shape.ts";
import { checkOptions, print } from "../ops/check.ts";
import { select } from "../ops/index.ts";
import { stack } from "../ops/join.ts";
import { Tensor, tensorNode } from "./tensor.ts";

/** One tensor, or some in order. */
export type Tensors = Tensor | readonly Tensor[];

const listOf = (x: Tensors): readonly Tensor[] => (x instanceof Tensor ? [x] : x);
/** Nodes as tensors, alone or in a list as `like` is. */
const grouped = <T extends Tensors>(nodes: readonly Node[], like: T): T =>
  (like instanceof Tensor ? new Tensor(nodes[0]) : nodes.map((n) => new Tensor(n))) as Tensors as T;

/**
 * Goes through the first axis of `xs` with a carry, as jax.lax.scan does: `step(carry, x)` gives the next carry and a result,
 * and `scan` the last carry and all results, stacked. Carry, `xs` and results are one tensor each, or lists of tensors.
 *
 * `step` is called once, to be recorded; it may close over tensors, and gradients reach those too. What it computes from
 * nothing else, random numbers included, is computed once for all steps. With `reverse`, it goes from the last element to
 * the first.
 *
 * ```ts
 * const [last, sums] = scan((sum, x) => [sum.add(x), sum.add(x)], zeros([3]), xs);
 * ```
 */
export function scan<C extends Tensors, X extends Tensors, Y extends Tensors>(
  step: (carry: C, x: X) => readonly [carry: C, result: Y],
  first: C,
  xs: X,
  options: { reverse?: boolean } = {},
): [last: C, results: Y] {
  checkOptions("scan", options, ["reverse"]);
  const { reverse = false } = options;
  const given = listOf(first).map((x) => tensorNode("scan", x, "the first carry"));
  const sources = listOf(xs).map((x) => tensorNode("scan", x, "xs"));
  const steps = stepsOf(sources);
  const isEmpty = [...given, ...sources].some(({ shape }) => shape.includes(0));
  if (isEmpty) return oneByOne(step, first, xs, reverse ? steps.toReversed() : steps);

  const carries = given.map((n) => placeholder(n.shape, n.dtype));
  const rows = sources.map((of) => ({ node: placeholder(of.shape.slice(1), of.dtype), of }));
  const made = step(
    grouped(carries, first),
    grouped(
      rows.map(({ node }) => node),
      xs,
    ),
  );
  const [next, result] = checkMade<Y>(made, given);
  // A result that is carried, too, is kept once.
  const results = [...next];
  const places = listOf(result).map((y) => {
    const n = tensorNode("scan", y, "a result");
    const k = results.indexOf(n);
    return k >= 0 ? k : results.push(n) - 1;
  });
  const mixed = results.find((n) => n.dtype !== results[0].dtype);
  if (mixed) {
    const got = `${results[0].dtype} and ${mixed.dtype} in the carry and the results`;
    throw new DTypeError({ in: "scan", got, want: "one type", fix: `Convert one with to("${results[0].dtype}")` });
  }
  const offsets = offsetsOf(results);
  const y = loop({
    steps: steps.length,
    reverse,
    results,
    given: results.map((_, k) => given[k] ?? null),
    carries: carries.map((node, k) => ({ node, at: offsets[k] })),
    rows,
  });
  const last = given.map((_, k) => lastOf(y, k));
  return [
    grouped(last, first),
    grouped(
      places.map((k) => madeBy(y, k)),
      result,
    ),
  ];
}

/** The indices of the steps; throws unless all of `sources` have as many. */
function stepsOf(sources: readonly Node[]): number[] {
  const sizes = sources.map(({ shape }) => shape[0]);
  const [steps] = sizes;
  if (steps === undefined || steps === 0 || sizes.some((size) => size !== steps)) {
    throw new ShapeError({
      in: "scan",
      got: `xs of ${sources.map(({ shape }) => show(shape)).join(" and ") || "nothing"}`,
      want: "tensors with as many elements on the first axis, at least one",
      fix: "Put time first, as in x.transpose(0, 1)",
    });
  }
  return Array.from({ length: steps }, (_, t) => t);
}

/** The next carry and the result of a step; throws where they are no such pair, or the carry has changed its shape. */
function checkMade<Y extends Tensors>(made: unknown, given: readonly Node[]): [next: Node[], result: Y] {
  if (!Array.isArray(made) || made.length !== 2) {
    const fix = made instanceof Promise ? "Write a function that is not async" : "Return [next, result]";
    throw new ValueError({ in: "scan", got: print(made), want: "the next carry and a result from each step", fix });
  }
  const next = listOf(made[0] as Tensors).map((x) => tensorNode("scan", x, "the next carry"));
  const told = (nodes: readonly Node[]): string => nodes.map((n) => `${n.dtype} ${show(n.shape)}`).join(", ");
  const fits = next.length === given.length && next.every((n, k) => sameShape(n.shape, given[k].shape));
  if (!fits || next.some((n, k) => n.dtype !== given[k].dtype)) {
    const got = `a carry of ${told(next)} after one of ${told(given)}`;
    throw new ShapeError({ in: "scan", got, want: "one that stays as it is", fix: "Check what the step returns" });
  }
  return [next, made[1] as Y];
}

/** Steps by themselves, for tensors without elements. */
function oneByOne<C extends Tensors, X extends Tensors, Y extends Tensors>(
  step: (carry: C, x: X) => readonly [C, Y],
  first: C,
  xs: X,
  steps: readonly number[],
): [C, Y] {
  let carry = first;
  const all: (readonly [t: number, result: Y])[] = [];
  for (const t of steps) {
    const x = grouped(
      listOf(xs).map((x) => select(x.node, 0, t)),
      xs,
    );
    const [next, result] = step(carry, x);
    carry = next;
    all.push([t, result]);
  }
  const inOrder = all.sort(([s], [t]) => s - t).map(([, result]) => listOf(result));
  const stacked = inOrder[0].map((_, k) =>
    stack(
      inOrder.map((r) => r[k].node),
      0,
    ),
  );
  return [carry, grouped(stacked, all[0][1])];
}
