/**
 * Scatter: each column along the axis has one owner, who takes the elements in the order of the index. So sums need no
 * atomic operations, and their order never depends on threads.
 */
import type { Expr, Var } from "../../graph/expr.ts";
import { intoItems, laneAxis, usesOf } from "../axes.ts";
import { bind, type Context, type Level, nest, Scratches } from "../bind.ts";
import { load } from "../element.ts";
import { Rewriter, type Scatter } from "../kernel.ts";
import { fit } from "../legalize.ts";
import type { LoopKernel, Stmt } from "../loops.ts";

export function scheduleScatter(k: Scatter, context: Context): LoopKernel {
  const { dtype: to } = context.values[k.value];
  const { lanes } = context;
  const lane = lanes > 1 ? laneAxis(k.axes, usesOf([k.base, k.x], [k.index, k.target]), lanes) : null;
  const order = lane ? [...k.axes.filter((v) => v !== lane), lane] : k.axes;
  const { levels, to: cut } = intoItems(order, k.along.size + k.from.size, 4 * lanes);
  const rewriter = new Rewriter((v) => cut.get(v));
  const [index, target, x] = [rewriter.affine(k.index), rewriter.affine(k.target), rewriter.expr(k.x)];
  const old = load(k.value, target, to);
  const combined: Expr = k.op === "set" ? x : fit({ op: k.op, src: [old, x], dtype: k.dtype }, to);

  // The rows are walked outside of the lanes: memory is then touched a line at a time.
  const parallel = levels.filter((l) => l.kind === "parallel");
  const serial = levels.filter((l) => l.kind === "serial");
  const last = serial.at(-1);
  const laneLevel = lane && last ? last : null;
  const inner: Level[] = serial.map((l) => (l === laneLevel ? { ...l, kind: "vector" } : l));
  const over = (v: Var, body: readonly Stmt[]): readonly Stmt[] => nest([{ v, kind: "serial" }, ...inner], body);
  const body: Stmt[] = [
    ...over(k.along, [{ op: "store", buffer: k.value, index, to, value: rewriter.expr(k.base) }]),
    ...over(k.from, [{ op: "store", buffer: k.value, index: target, to, value: combined }]),
  ];
  return bind("scatter", nest(parallel, body), laneLevel ? lanes : 1, new Scratches(), context);
}
