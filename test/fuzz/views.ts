/** Views and windows with arguments drawn at random. */
import { isFloat } from "../../src/graph/dtype.ts";
import type { ConvArg, Node } from "../../src/graph/node.ts";
import { type Shape, sizeOf } from "../../src/graph/shape.ts";
import { type Pool, Retry, withAxis } from "./pool.ts";

/** Splits, merges, adds and drops axes. */
export function reshape(p: Pool): Node {
  const { r } = p;
  const x = p.any();
  let shape = [...x.shape];
  for (let n = r.int(1, 3); n > 0; n--) {
    const way = r.int(0, 3);
    const i = r.int(0, Math.max(shape.length - 1, 0));
    if (way === 0 && i + 1 < shape.length) shape.splice(i, 2, shape[i] * shape[i + 1]);
    else if (way === 1 && shape.length > 0) {
      const factors = [2, 3, 4, 5, 8].filter((f) => shape[i] > 0 && shape[i] % f === 0);
      if (factors.length === 0) continue;
      const f = r.pick(factors);
      shape.splice(i, 1, ...(r.chance(0.5) ? [f, shape[i] / f] : [shape[i] / f, f]));
    } else if (way === 2 && shape.length < 5) shape.splice(i, 0, 1);
    else if (way === 3 && r.chance(0.3)) shape = [sizeOf(shape)];
    else shape = shape.filter((d) => d !== 1 || r.chance(0.3));
  }
  if (shape.length > 5) throw new Retry();
  return p.step("reshape", [x], { shape });
}

export function permute(p: Pool): Node {
  const x = p.any((n) => n.shape.length > 1);
  return p.step("permute", [x], { order: p.r.shuffle(x.shape.map((_, i) => i)) });
}

export function expand(p: Pool): Node {
  const x = p.any((n) => n.shape.includes(1));
  return p.expand(
    x,
    x.shape.map((d) => (d === 1 && p.r.chance(0.7) ? p.size() : d)),
  );
}

export function slice(p: Pool): Node {
  const { r } = p;
  const x = p.ranked();
  const [start, size, step]: [number[], number[], number[]] = [[], [], []];
  for (const d of x.shape) {
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
  return p.step("slice", [x], { start, size, step });
}

export function pad(p: Pool): Node {
  const { r } = p;
  const x = p.ranked();
  const [lo, hi, interior]: [number[], number[], number[]] = [[], [], []];
  for (const _ of x.shape) {
    const here = r.chance(0.6);
    lo.push(here ? r.int(0, 3) : 0);
    hi.push(here ? r.int(0, 3) : 0);
    interior.push(r.chance(0.2) ? r.int(1, 3) : 0);
  }
  const floats = [0, 0, 0, -Infinity, 1, -2, ...(p.options.special ? [NaN, -0] : [])];
  const value = x.dtype === "bool" ? r.int(0, 1) : r.pick(isFloat(x.dtype) ? floats : [0, 0, 1, 7]);
  return p.step("pad", [x], { lo, hi, interior, value });
}

export function unfold(p: Pool): Node {
  const { r } = p;
  const x = p.ranked();
  const axis = p.axis(x, (d) => d > 0);
  const d = x.shape[axis];
  const size = r.int(1, Math.min(d, 4));
  const dilation = size === 1 ? r.int(1, 2) : r.int(1, Math.max(1, Math.min(3, Math.floor((d - 1) / (size - 1)))));
  return p.step("unfold", [x], { axis, size, stride: r.int(1, 3), dilation });
}

export function concat(p: Pool): Node {
  const { r } = p;
  const x = p.ranked();
  const axis = p.axis(x);
  const others = (shape: Shape): string => shape.filter((_, i) => i !== axis).join();
  const parts = [x];
  for (let n = r.int(r.chance(0.1) ? 0 : 1, 3); n > 0; n--) {
    const fits = p.all(
      (n) => n.dtype === x.dtype && n.shape.length === x.shape.length && others(n.shape) === others(x.shape),
    );
    parts.push(r.chance(0.7) ? r.pick(fits) : p.match(withAxis(x.shape, axis, p.size()), x.dtype));
  }
  return p.step("concat", r.shuffle(parts), { axis });
}

/** Now and then, the factors of a product as autocast rounds them. */
export function rounded(p: Pool, ...factors: readonly [Node, Node]): Node[] | null {
  const { dtype } = factors[0];
  if (dtype !== "bfloat16" && (dtype !== "float32" || !p.r.chance(0.1))) return null;
  return factors.map((x) => p.cast(x, "bfloat16"));
}

export function conv(p: Pool): Node {
  const { r } = p;
  const rank = r.chance(0.4) ? 1 : 2;
  const each = <T>(f: () => T): T[] => Array.from({ length: rank }, f);
  const groups = r.pick([1, 1, 1, 2, 3]);
  const fits = p.all((n) => n.shape.length === rank + 2 && n.dtype !== "bool" && sizeOf(n.shape) > 0);
  let x: Node;
  if (fits.length > 0 && r.chance(0.7)) x = r.pick(fits);
  else {
    const size = (): number => (p.options.big ? r.int(8, 40) : r.pick([1, 2, 3, 4, 5, 6, 8, 9, 12]));
    const dtype = r.pick(["float32", "float32", "float32", r.pick(p.options.types)] as const);
    if (dtype === "bool") throw new Retry();
    x = p.leaf([r.int(1, 3), groups * r.int(1, 3), ...each(size)], dtype);
  }
  const by = x.shape[1] % groups === 0 ? groups : 1;
  const filters = by * r.pick([1, 2, 3, 4, 5, 8]);
  const w = p.match([filters, x.shape[1] / by, ...each(() => r.pick([1, 1, 2, 3, 3, 4]))], x.dtype);
  const plain = r.chance(0.3);
  const arg: ConvArg = {
    stride: each(() => (plain ? 1 : r.pick([1, 1, 2, 3]))),
    padding: each(() => (plain ? ([0, 0] as const) : ([r.int(-1, 3), r.int(-1, 3)] as const))),
    dilation: each(() => (plain ? 1 : r.pick([1, 1, 2]))),
    inputDilation: each(() => (plain ? 1 : r.pick([1, 1, 1, 2, 3]))),
    groups: by,
  };
  const factors = rounded(p, x, w);
  return p.step("conv", factors ?? [x, w], factors ? { ...arg, dtype: "float32" } : arg);
}
