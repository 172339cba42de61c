/** Scaled dot-product attention (Vaswani et al. 2017, eq. 1). */
import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { isFloat } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { sameShape, show } from "../graph/shape.ts";
import { broadcastShapes, broadcastTo, checkFloat, checkNumber } from "./check.ts";
import { add, mul } from "./elementwise.ts";
import { matmul } from "./linalg.ts";

export interface AttentionOptions {
  /** `(…, L, S)`, broadcast: bools say what may be seen, numbers are added to the scores. */
  mask?: Node | null;
  /** Whether position `i` sees only positions up to `i`. */
  isCausal?: boolean;
  /** What the scores are multiplied by; by default `1 / √E`. */
  scale?: number;
}

/**
 * `query: (…, L, E)`, `key: (…, S, E)`, `value: (…, S, V)` → `(…, L, V)`. A query that may see nothing gets 0, and passes
 * no gradient on (PyTorch gives NaN).
 */
export function scaledDotProductAttention(query: Node, key: Node, value: Node, options: WeightOptions = {}): Node {
  const op = "scaledDotProductAttention";
  if (value.shape.length < 2 || value.shape.at(-2) !== key.shape.at(-2)) {
    const got = `keys ${show(key.shape)} and values ${show(value.shape)}`;
    throw new ShapeError({
      in: op,
      got,
      want: "(…, length, size), a value for each key",
      fix: "Check the projections",
    });
  }
  return matmul(attentionWeights(query, key, options, op), value, op);
}

export type WeightOptions = AttentionOptions & { dropout?: (weights: Node) => Node };

/** How much each query looks at each key: `query: (…, L, E)`, `key: (…, S, E)` → `(…, L, S)`, rows that add up to 1. */
export function attentionWeights(
  query: Node,
  key: Node,
  options: WeightOptions = {},
  op: string = "attentionWeights",
): Node {
  const { mask = null, isCausal = false, dropout = (x) => x } = options;
  checkFloat(op, query);
  if ([query, key].some((x) => x.shape.length < 2)) {
    const got = [query, key].map((x) => show(x.shape)).join(", ");
    throw new ShapeError({ in: op, got, want: "(…, length, size) for each", fix: "Add the missing axes" });
  }
  const [length, width, keys] = [
    query.shape.at(-2) as number,
    query.shape.at(-1) as number,
    key.shape.at(-2) as number,
  ];
  if (key.shape.at(-1) !== width || keys === 0) {
    const got = `queries ${show(query.shape)}, keys ${show(key.shape)}`;
    const want = "keys as wide as the queries, of which there is at least one";
    throw new ShapeError({ in: op, got, want, fix: "Check the projections" });
  }
  if (mask && isCausal) {
    throw new ValueError({
      in: op,
      got: "a mask and isCausal",
      want: "one of them",
      fix: "Put the triangle in the mask",
    });
  }
  const factor = checkNumber(op, options.scale ?? 1 / Math.sqrt(width), "scale");
  const products = matmul(mul(query, factor), g.transpose(key), op);
  const wide = products.dtype === "float16" || products.dtype === "bfloat16";
  const scores = masked(op, wide ? g.cast(products, "float32") : products, mask, isCausal ? [length, keys] : null);
  return dropout(g.cast(softmaxOrZero(scores), query.dtype));
}

/** The scores with −∞ where a position is not to be seen. */
function masked(op: string, scores: Node, mask: Node | null, causal: [number, number] | null): Node {
  const hide = (seen: Node): Node => g.where(broadcastTo(seen, scores.shape), scores, g.like(scores, -Infinity));
  if (causal) return hide(g.lt(g.iota(1, causal), g.add(g.iota(0, causal), g.fill(1, causal, "int32"))));
  if (!mask) return scores;
  if (!sameShape(broadcastShapes(op, [mask.shape, scores.shape]), scores.shape)) {
    const got = `a mask of ${show(mask.shape)} for scores of ${show(scores.shape)}`;
    throw new ShapeError({ in: op, got, want: "a mask that broadcasts to the scores", fix: "Check the mask's axes" });
  }
  if (mask.dtype === "bool") return hide(mask);
  if (isFloat(mask.dtype)) return add(scores, g.cast(mask, scores.dtype));
  throw new DTypeError({ in: op, got: `a mask of ${mask.dtype}`, want: "bool or floating point", fix: "Use bool()" });
}

/** The softmax over the last axis, or 0 where all scores are −∞. */
function softmaxOrZero(scores: Node): Node {
  const axes = [scores.shape.length - 1];
  const spread = (x: Node): Node => g.expand(x, scores.shape);
  const top = g.detach(g.reduce(scores, "max", axes));
  const shift = g.where(g.eq(top, g.like(top, -Infinity)), g.like(top, 0), top);
  const e = g.exp(g.sub(scores, spread(shift)));
  const total = g.sum(e, axes);
  return g.div(e, spread(g.where(g.eq(total, g.like(total, 0)), g.like(total, 1), total)));
}
