/** Running sums, products and maxima: one pass along the axis, with neighbouring columns as lanes where that is possible. */

import type { Expr } from "../../graph/expr.ts";
import { intoItems, laneAxis, usesOf } from "../axes.ts";
import { bind, type Context, type Level, nest, Scratches } from "../bind.ts";
import { identityOf } from "../element.ts";
import { Rewriter, type Scan } from "../kernel.ts";
import type { LoopKernel, Stmt } from "../loops.ts";

export function scheduleScan(k: Scan, context: Context): LoopKernel {
  const { lanes } = context;
  const lane = lanes > 1 ? laneAxis(k.axes, usesOf([k.expr], [k.index]), lanes) : null;
  const order = lane ? [...k.axes.filter((v) => v !== lane), lane] : k.axes;
  const { levels, to } = intoItems(order, k.along.size, 4 * lanes);
  const rewriter = new Rewriter((v) => to.get(v));
  const acc: Expr = { op: "local", name: "acc", dtype: k.dtype };
  const body: Stmt[] = [
    { op: "var", name: "acc", dtype: k.dtype, init: identityOf(k.op, k.dtype) },
    ...nest(
      [{ v: k.along, kind: "serial" }],
      [
        { op: "set", name: "acc", value: { op: k.op, src: [acc, rewriter.expr(k.expr)], dtype: k.dtype } },
        {
          op: "store",
          buffer: k.value,
          index: rewriter.affine(k.index),
          to: context.values[k.value].dtype,
          value: acc,
        },
      ],
    ),
  ];
  const last = levels.at(-1);
  const vector: Level[] = lane && last ? [...levels.slice(0, -1), { ...last, kind: "vector" }] : levels;
  return bind("scan", nest(vector, body), lane ? lanes : 1, new Scratches(), context);
}
