/** Products of less precise numbers, in a scope: what autocast changes, and how long. */
import { ValueError } from "../errors.ts";
import type { ConvArg, Node } from "../graph/node.ts";
import * as g from "../graph/ops.ts";
import { print } from "./check.ts";

/** To what the factors of products can be rounded; `"float32"` leaves them as they are. */
export type AutocastType = "float32" | "bfloat16";

let scope: AutocastType = "float32";

/** What factors are rounded to at the moment. */
export const autocastType = (): AutocastType => scope;

/**
 * Runs `f`, in which the factors of products in float32 (`matmul`, `linear`, `einsum`, attention, convolutions) are rounded
 * to bfloat16, to the nearest, ties to even. Products are added up in float32, and that is what comes out: unlike PyTorch's,
 * whose products are bfloat16 again, so that sums, norms and losses need no exceptions. Products in the backward pass are
 * rounded likewise, wherever it is recorded, and so are the gradients that they give. Parameters stay float32, and so do the products
 * of recurrent layers.
 *
 * ```ts
 * const loss = autocast("bfloat16", () => crossEntropy(model.forward(x), y));
 * loss.backward();
 * ```
 *
 * Scopes nest: `autocast("float32", f)` is without. Machines that multiply bfloat16 themselves take subnormal numbers
 * (below 2⁻¹²⁶) as 0 there.
 */
export function autocast<R>(dtype: AutocastType, f: () => R): R {
  if (dtype !== "float32" && dtype !== "bfloat16") {
    const [got, want] = [print(dtype), '"bfloat16", or "float32" for none'];
    throw new ValueError({ in: "autocast", got, want, fix: "Choose one of them" });
  }
  if (typeof f !== "function") {
    const fix = "Write autocast(dtype, () => model.forward(x))";
    throw new ValueError({ in: "autocast", got: print(f), want: "a function", fix });
  }
  const before = scope;
  scope = dtype;
  try {
    const result = f();
    if (!(result instanceof Promise)) return result;
    result.catch(() => undefined); // what it fails of matters no more
    const [got, want] = ["a function that returns a promise", "one that records at once"];
    throw new ValueError({ in: "autocast", got, want, fix: "Put autocast around the forward pass inside of it" });
  } finally {
    scope = before;
  }
}

const isRounded = (x: Node): boolean => scope === "bfloat16" && x.dtype === "float32";

/** The product of matrices, as the scope has it. */
export function product(a: Node, b: Node): Node {
  return isRounded(a) ? g.matmul(g.cast(a, "bfloat16"), g.cast(b, "bfloat16"), "float32") : g.matmul(a, b);
}

/** The convolution, as the scope has it. */
export function convolution(x: Node, w: Node, arg: ConvArg): Node {
  if (!isRounded(x)) return g.conv(x, w, arg);
  return g.conv(g.cast(x, "bfloat16"), g.cast(w, "bfloat16"), { ...arg, dtype: "float32" });
}
