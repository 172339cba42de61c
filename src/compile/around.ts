/**
 * Turns around what a convolution reads along its depth. The gradient of a filter sums over pixels, which lie side by
 * side, and has channels as columns, which do not: packing them would put every element somewhere else, once for each tap
 * of the filter. A copy with the channels innermost is made once, and packing it copies whole vectors.
 */
import { constant, flatten } from "../graph/affine.ts";
import type { Affine, Expr, Var } from "../graph/expr.ts";
import { type Shape, sizeOf, stridesOf } from "../graph/shape.ts";
import { mapKernel } from "./cut.ts";
import { load, space } from "./element.ts";
import type { AddValue, Contract, Kernel, Value } from "./kernel.ts";

/** How often elements must be read for a copy to pay, and how many there must be side by side in it. */
const leastReuse = 4;
const leastChannels = 8;

/** Copies that have been made: of which value, and which of its axes is innermost there. */
export type Copies = Map<string, number>;

/** A product, and before it the copy that it had better read, unless another has made that. */
export function turnedAround(k: Contract, values: readonly Value[], made: Copies, addValue: AddValue): Kernel[] {
  const { b } = k;
  const channel = k.n.reduce((most: Var | undefined, v) => (v.size > (most?.size ?? 0) ? v : most), undefined);
  if (b.op !== "load" || !(b.from === "float32" || b.from === "bfloat16") || !channel || channel.size < leastChannels)
    return [k];
  const { shape } = values[b.buffer];
  const sum = [k.m, ...k.batch, ...k.n, ...k.k].reduce((n, v) => n * v.size, 1) / k.m.size;
  if (sum < leastReuse * sizeOf(shape)) return [k];
  const depth = k.k.at(-1);
  const apart = b.index.terms.get(channel) ?? 0;
  if (!depth || b.index.terms.get(depth) !== 1 || apart <= 1) return [k];
  if (k.n.some((v) => b.index.terms.get(v) === 1 && v.size >= depth.size)) return [k]; // columns lie side by side as it is
  const axis = stridesOf(shape).indexOf(apart);
  const at = axis < 0 ? null : coordinates(b.index, shape);
  if (!at) return [k];

  const order = [...shape.keys()].filter((i) => i !== axis).concat(axis);
  const turned = order.map((i) => shape[i]);
  const key = `${b.buffer}:${axis}`;
  const before: Kernel[] = [];
  let copy = made.get(key);
  if (copy === undefined) {
    copy = addValue(turned, b.from);
    made.set(key, copy);
    const { at: to, axes } = space(turned);
    const from = shape.map((_, i) => to[order.indexOf(i)]);
    before.push(mapKernel(copy, axes, flatten(to, turned), load(b.buffer, flatten(from, shape), b.from)));
  }
  const index = flatten(
    order.map((i) => at[i]),
    turned,
  );
  const read: Expr = load(copy, index, b.from);
  return [...before, { ...k, b: read, window: undefined, n: [...k.n.filter((v) => v !== channel), channel] }];
}

/** The coordinates of which an index is made; null where they cannot be told. */
export function coordinates(index: Affine, shape: Shape): Affine[] | null {
  const steps = stridesOf(shape);
  const at = shape.map(() => new Map<Var, number>());
  const most = shape.map(() => 0);
  if (index.base !== 0) return null;
  for (const [v, coef] of index.terms) {
    const axis = steps.findIndex((step, i) => shape[i] > 1 && coef >= step && coef % step === 0);
    if (v.def || axis < 0) return null;
    at[axis].set(v, coef / steps[axis]);
    most[axis] += (coef / steps[axis]) * (v.size - 1);
  }
  if (most.some((greatest, i) => greatest >= shape[i])) return null;
  return at.map((terms) => (terms.size === 0 ? constant(0) : { base: 0, terms }));
}
