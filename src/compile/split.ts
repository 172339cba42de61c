/**
 * Cuts long sums into independent parts, which are added afterwards: a great sum of few results would otherwise be one
 * item. Where they are cut depends on shapes only, so that bits do not depend on threads.
 */
import { add, constant, flatten, scale, variable } from "../graph/affine.ts";
import type { Var } from "../graph/expr.ts";
import { sizeOf } from "../graph/shape.ts";
import { blocks } from "./axes.ts";
import { collapse } from "./collapse.ts";
import { load, space } from "./element.ts";
import { type AddValue, type Contract, type Loops, Rewriter, type Stage } from "./kernel.ts";
import { blockCount, isCut } from "./order.ts";
import { columnsOf } from "./templates/tiles.ts";

/**
 * A reduction of many elements to few is cut in two: blocks are reduced independently, and then their results.
 */
export function splitReduction(k: Loops, addValue: AddValue): Loops[] {
  if (!isCut(k)) return [k];
  const c = collapse(k);
  const along = [...c.inner].reduce((a, b) => (b.size > a.size ? b : a));
  const wanted = blockCount(
    c.axes.reduce((n, v) => n * v.size, 1),
    along,
  );
  if (wanted < 2) return [k];
  const { block, within, limit, value } = blocks(along, Math.ceil(along.size / wanted));
  const to = new Map([[along, value]]);
  const rewriter = new Rewriter((v) => to.get(v));
  const outerNow = c.axes.filter((v) => !c.inner.has(v));
  const flatOuter = outerNow.reduce((flat, v) => add(scale(flat, v.size), variable(v)), constant(0));
  const rowsNow = outerNow.reduce((n, v) => n * v.size, 1);
  const index = add(scale(variable(block), rowsNow), flatOuter);

  const parts = c.stages.flatMap((s): { stage: Extract<Stage, { kind: "reduce" }>; temporary: number }[] =>
    s.kind === "reduce" ? [{ stage: s, temporary: addValue([block.size, rowsNow], s.dtype) }] : [],
  );
  const first: Loops = {
    kind: "loops",
    axes: [block, ...c.axes.map((v) => (v === along ? within : v))],
    inner: new Set([...c.inner].map((v) => (v === along ? within : v))),
    stages: parts.map(({ stage, temporary }) => ({
      ...stage,
      value: temporary,
      index,
      expr: rewriter.expr(stage.expr),
    })),
    limits: new Map(limit ? [[within, limit]] : []),
    needs: k.needs,
  };
  const second: Loops = {
    kind: "loops",
    axes: [block, ...outerNow],
    inner: new Set([block]),
    stages: [
      ...parts.map(({ stage, temporary }): Stage => ({ ...stage, expr: load(temporary, index, stage.dtype) })),
      ...c.stages.filter((s) => s.kind === "map"),
    ],
    limits: new Map(),
  };
  return [first, second];
}
/** Products of less depth than this are not worth cutting, nor are those with this many blocks of results. */
const leastDepth = 512;
const enoughBlocks = 8;

/**
 * A product of few results over a great depth (a weight's gradient) is cut along its depth: the parts are independent,
 * and are added afterwards.
 */
export function splitDepth(k: Contract, addValue: AddValue): (Contract | Loops)[] {
  const depth = k.k.reduce((d, v) => d * v.size, 1);
  const results = sizeOf(k.shape) / k.m.size;
  const found = Math.ceil(results / columnsOf(k.m.size)) * Math.ceil(k.m.size / 256);
  if (found >= enoughBlocks || depth < 2 * leastDepth || k.k.length === 0) return [k];
  const wanted = Math.min(Math.ceil(16 / found), Math.floor(depth / leastDepth));
  const first = k.k[0];
  let parts = 1;
  for (let p = 2; p <= Math.min(first.size, 2 * wanted); p++)
    if (first.size % p === 0 && (p <= wanted || parts === 1)) parts = p;
  if (parts < 2) return [k];
  const block: Var = { name: "part", size: parts };
  const within: Var = { name: first.name, size: first.size / parts };
  const value = add(scale(variable(block), within.size), variable(within));
  const rewriter = new Rewriter((v) => (v === first ? value : undefined));
  const shape = [parts, ...k.shape];
  const at = [variable(block), ...k.at];
  const part = addValue(shape, k.sums);
  const { at: out, axes } = space(k.shape);
  const contract: Contract = {
    ...k,
    value: part,
    batch: [block, ...k.batch],
    k: within.size > 1 ? [within, ...k.k.slice(1)] : k.k.slice(1),
    a: rewriter.expr(k.a),
    b: rewriter.expr(k.b),
    window: undefined,
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
        dtype: k.sums,
        index: flatten(out, k.shape),
        expr: load(part, flatten([variable(block), ...out], shape), k.sums),
      },
    ],
    limits: new Map(),
  };
  return [contract, sum];
}
