/** Derivatives against central differences, in float64 on the oracle. */
import type { Node } from "../../src/graph/node.ts";
import { storageOf } from "../../src/runtime/storage.ts";
import { type Tensor, vjp } from "../../src/tensor.ts";
import { countOf, sample } from "./numbers.ts";
import { assertClose, values, valuesWith } from "./oracle.ts";

const step = 1e-5;

/** The derivative of `root`, a scalar, with respect to each element of the leaf `x`. */
function differences(root: Node, x: Node<"buffer">): Float64Array {
  const host = (storageOf(x)!.host as Float64Array).slice();
  return host.map((value, i) => {
    const at = (moved: number): number => valuesWith([root], x, host.with(i, moved))[0][0];
    return (at(value + step) - at(value - step)) / (2 * step);
  });
}

/** A scalar that depends on every element of `y`, each in its own way. */
const mixed = (y: Tensor, k: number): Tensor => y.mul(sample(y.shape, [0.5, 1.5], k, "float64")).sum();

/** The gradients of a scalar made of `f`'s result, as tensors, and the scalar itself. */
export function gradientsOf(
  f: (...x: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
): { loss: Tensor; grads: Tensor[] } {
  const { value, pullback } = vjp((...xs) => mixed(f(...xs).double(), 101), ...inputs);
  return { loss: value, grads: pullback(sample([], [1, 1], 0, "float64")) };
}

/** Asserts that the gradients of `f` at `inputs`, leaves in float64, agree with differences of its values. */
export function gradcheck(f: (...x: Tensor[]) => Tensor, inputs: readonly Tensor[], tolerance = 1e-6): void {
  const { loss, grads } = gradientsOf(f, inputs);
  const found = values(grads.map((g) => g.node));
  inputs.forEach((x, i) => {
    const expected = differences(loss.node, x.node as Node<"buffer">);
    assertClose(found[i], expected, tolerance, `gradient of input ${i}`);
  });
}

/** Asserts the same of the gradients of a scalar made of the gradients of `f`. */
export function secondcheck(f: (...x: Tensor[]) => Tensor, inputs: readonly Tensor[], tolerance = 1e-5): void {
  const first = (...xs: Tensor[]): Tensor => {
    const { grads } = gradientsOf(f, xs);
    return grads.map((g, i) => (countOf(g.shape) === 0 ? g.sum() : mixed(g, 202 + i))).reduce((a, b) => a.add(b));
  };
  gradcheck(first, inputs, tolerance);
}
