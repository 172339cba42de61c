/** The kernels that compute one stored node: its axes, and an element of it as an expression over what is stored. */
import { constant, divmod, flatten, add as plus, scale, variable } from "../graph/affine.ts";
import { convSizes } from "../graph/conv.ts";
import { type DType, dtypes, isFloat } from "../graph/dtype.ts";
import type { Affine, Bound, Expr, Var } from "../graph/expr.ts";
import { offsetsOf } from "../graph/loop.ts";
import { is, type Node } from "../graph/node.ts";
import { Elements, guard, identityOf, inDoubt, load, type Numbering, space } from "./element.ts";
import type { AddValue, Contract, Kernel, Loops, Window } from "./kernel.ts";
import type { Fold } from "./loops.ts";
import { isWalkedInOrder, pairedAxis } from "./order.ts";
import { readAs } from "./stored.ts";

/** The kernels that compute one stored node; several for a concatenation, and for a reduction that needs its input stored. */
export function cut(n: Node, value: number, numbering: Numbering, addValue: AddValue): Kernel[] {
  const elements = new Elements(numbering);
  const kernels = kernelsOf(n, value, elements, addValue);
  return elements.needs.size === 0 ? kernels : kernels.map((k) => ({ ...k, needs: [...elements.needs] }));
}

function kernelsOf(n: Node, value: number, elements: Elements, addValue: AddValue): Kernel[] {
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
    const reduced = (expr: Expr): Loops => ({
      kind: "loops",
      axes,
      inner,
      stages: [{ kind: "reduce", value, op: foldOf(n), dtype, serial: n.arg.serial === true, index, expr }],
      limits: new Map(),
    });
    const direct = reduced(expr);
    if (isWalkedInOrder(direct)) return [direct];
    const stored = addValue(x.shape, x.dtype);
    const place = flatten(at, x.shape);
    return [mapKernel(stored, axes, place, expr), reduced(load(stored, place, x.dtype))];
  }
  if (is(n, "matmul")) return [matmulKernel(n, value, elements)];
  if (is(n, "conv")) return [convKernel(n, value, elements)];
  if (is(n, "concat")) {
    let start = 0;
    return n.src.map((s) => {
      const { at, axes } = space(s.shape);
      const placed = at.map((a, i) => (i === n.arg.axis ? plus(a, constant(start)) : a));
      start += s.shape[n.arg.axis];
      return mapKernel(value, axes, flatten(placed, n.shape), elements.apart().of(s, at));
    });
  }
  if (is(n, "loop")) return loopKernels(n, value, elements);
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

/** The row that is given, part by part, and the loop itself. */
function loopKernels(n: Node<"loop">, value: number, elements: Elements): Kernel[] {
  const { steps, reverse, results, given, inputs } = n.arg;
  const offsets = offsetsOf(results);
  const row = reverse ? steps * offsets[results.length] : 0;
  const firsts = given.map((k, i) => {
    const { at, axes } = space(n.src[i].shape);
    const index = plus(flatten(at, n.src[i].shape), constant(row + offsets[k]));
    return mapKernel(value, axes, index, elements.apart().of(n.src[i], at));
  });
  const read = n.src.slice(n.src.length - inputs.length).map((s) => elements.stored(readAs(s)));
  return [...firsts, { kind: "repeat", value, arg: n.arg, inputs: read }];
}

/** Extremes of floats that need not mind NaN have instructions of their own. */
function foldOf({ arg: { op, bare } }: Node<"reduce">): Fold {
  if (!bare) return op;
  return op === "max" ? "pmax" : "pmin";
}

export const mapKernel = (value: number, axes: readonly Var[], index: Affine, expr: Expr): Kernel => ({
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
    ...typesOf(node),
    at: out,
    shape: node.shape,
    index: flatten(out, node.shape),
    stages: [],
  };
}

/** The types of a product. */
const typesOf = ({ src: [{ dtype: factors }], dtype }: Node): Pick<Contract, "factors" | "sums"> => ({
  factors,
  sums: dtypes[dtype].compute as "float32" | "int32",
});

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
  const depth = [channel, ...taps];
  if (x.dtype === "bfloat16") depth.push(...depth.splice(pairedAxis(depth.map((v) => v.size)), 1));
  const element = (at: readonly Affine[]): Expr =>
    elements.of(x, [variable(image), plus(scale(variable(group), channels), variable(channel)), ...at]);
  const source = element(from);
  const window = (): Window => {
    const rows = taps.map((_, i): Var => ({ name: `x${i}`, size: x.shape[i + 2] }));
    const axes = rows.map((at, i) => ({ column: out[i], tap: taps[i], dilation: dilation[i], at }));
    return { axes, channel, source: element(rows.map(variable)) };
  };
  const at = [variable(image), row, ...out.map(variable)];
  return {
    kind: "contract",
    value,
    batch: groups > 1 ? [group] : [],
    m,
    n: [image, ...out].filter((v) => v.size > 1),
    k: depth.filter((v) => v.size > 1),
    a: elements.of(w, [row, variable(channel), ...taps.map(variable)]),
    b: inside.length === 0 ? source : guard(inside, source, 0),
    ...typesOf(node),
    at,
    shape: node.shape,
    index: flatten(at, node.shape),
    stages: [],
    window: inside.length === 0 && stride.every((s) => s === 1) ? window() : undefined,
  };
}
