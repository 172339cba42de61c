/** Products of vectors and matrices. */
import { DTypeError, ShapeError } from "../errors.ts";
import type { DType } from "../graph/dtype.ts";
import type { Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { type Shape, show } from "../graph/shape.ts";
import { product } from "./autocast.ts";
import { broadcastShapes, broadcastTo, checkOptions, checkRank, checkShape, print } from "./check.ts";
import { add } from "./elementwise.ts";

function checkPair(op: string, a: Node, b: Node): void {
  if (a.dtype !== b.dtype) {
    const fix = `Convert one with to("${a.dtype}")`;
    throw new DTypeError({ in: op, got: `${a.dtype} × ${b.dtype}`, want: "one type on both sides", fix });
  }
  const [inner, rows] = [a.shape.at(-1), b.shape.length > 1 ? b.shape.at(-2) : b.shape.at(-1)];
  if (inner !== undefined && inner === rows) return;
  const scalar = inner === undefined || rows === undefined;
  throw new ShapeError({
    in: op,
    got: `${show(a.shape)} × ${show(b.shape)}`,
    want: scalar ? "vectors and matrices" : `${inner} rows on the right`,
    fix: scalar ? "Use mul() for scalars" : "Transpose one side",
  });
}

export interface MatmulOptions {
  /**
   * The type of the sums and of the result: that of the factors unless given, `"int32"` for products of `int8` or `uint8`,
   * which are exact, `"float32"` for those of `float16` or `bfloat16`.
   */
  dtype?: DType;
}

/** The types in which products of narrow types can be kept. */
const widened: Partial<Record<DType, DType>> = {
  ...{ int8: "int32", uint8: "int32" },
  ...{ float16: "float32", bfloat16: "float32" },
};

/**
 * The matrix product over the last two axes; the axes before them are broadcast. A vector on the left is a row, one on
 * the right a column, and the result loses that axis.
 */
export function matmul(a: Node, b: Node, op = "matmul", options: MatmulOptions = {}): Node {
  checkPair(op, a, b);
  checkOptions(op, options, ["dtype"]);
  const { dtype = a.dtype } = options;
  if (dtype !== a.dtype && widened[a.dtype] !== dtype) {
    const [got, want] = [
      `${a.dtype} factors with dtype ${print(dtype)}`,
      "int32 for bytes, or float32 for half floats",
    ];
    throw new DTypeError({ in: op, got, want, fix: `Convert both to ${JSON.stringify(dtype)}, or leave dtype out` });
  }
  const multiply = (x: Node, y: Node): Node => (dtype === a.dtype ? product(x, y) : g.matmul(x, y, dtype));
  const left = a.shape.length === 1 ? g.reshape(a, [1, a.shape[0]]) : a;
  const right = b.shape.length === 1 ? g.reshape(b, [b.shape[0], 1]) : b;
  const rows = a.shape.length === 1 ? [] : a.shape.slice(-2, -1);
  const columns = b.shape.length === 1 ? [] : b.shape.slice(-1);
  const batch = broadcastShapes(op, [left.shape.slice(0, -2), right.shape.slice(0, -2)]);
  const shape = checkShape(op, [...batch, ...rows, ...columns]);
  if (right.shape.length === 2) {
    // One matrix for the whole batch: its rows lie below one another, which makes one large product of many small ones.
    const inner = right.shape[0];
    const flat = g.reshape(left, [left.shape.slice(0, -1).reduce((n, d) => n * d, 1), inner]);
    return g.reshape(multiply(flat, right), shape);
  }
  const wide = (x: Node): Node => broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
  return g.reshape(multiply(wide(left), wide(right)), shape);
}

/** `x wᵀ + b`: `(…, inputs)` and `(outputs, inputs)` give `(…, outputs)`. */
export function linear(x: Node, weight: Node, bias: Node | null = null): Node {
  checkRank("linear", weight, [2], "a weight of (outputs, inputs)");
  if (x.shape.at(-1) !== weight.shape[1] || (bias && bias.shape.at(-1) !== weight.shape[0])) {
    throw new ShapeError({
      in: "linear",
      got: `${show(x.shape)} with a weight of ${show(weight.shape)}${bias ? ` and a bias of ${show(bias.shape)}` : ""}`,
      want: `${weight.shape[1]} inputs on the last axis${bias ? ` and a bias of [${weight.shape[0]}]` : ""}`,
      fix: "Check the layer's sizes",
    });
  }
  const y = matmul(x, g.transpose(weight), "linear");
  return bias ? add(y, bias) : y;
}

/** `(B, M, K) × (B, K, N) → (B, M, N)`. */
export function bmm(a: Node, b: Node): Node {
  for (const x of [a, b]) checkRank("bmm", x, [3], "batches of matrices: 3 axes");
  if (a.shape[0] !== b.shape[0]) {
    const got = `${show(a.shape)} × ${show(b.shape)}`;
    throw new ShapeError({ in: "bmm", got, want: "as many matrices on both sides", fix: "Use matmul() to broadcast" });
  }
  return matmul(a, b, "bmm");
}

/** The sum of the products of two vectors. */
export function dot(a: Node, b: Node): Node {
  for (const x of [a, b]) checkRank("dot", x, [1], "vectors");
  return matmul(a, b, "dot");
}

/** The products of all pairs of elements of two vectors: `(M)` and `(N)` give `(M, N)`. */
export function outer(a: Node, b: Node): Node {
  for (const x of [a, b]) checkRank("outer", x, [1], "vectors");
  const shape: Shape = checkShape("outer", [a.shape[0], b.shape[0]]);
  const [rows, columns] = [g.reshape(a, [a.shape[0], 1]), g.reshape(b, [1, b.shape[0]])];
  checkPair("outer", rows, g.reshape(columns, [1, b.shape[0]]));
  return g.mul(g.expand(rows, shape), g.expand(columns, shape));
}
