/** Recomputation: memory for time, in the way of Chen et al. 2016. */
import { vjpOrZero } from "../graph/grad.ts";
import type { Node } from "../graph/node.ts";
import { after, custom, detach } from "../graph/ops.ts";
import { autocast, autocastType } from "../ops/autocast.ts";
import { defaultGenerator } from "../ops/random.ts";
import { wantingLeaves } from "./gradients.ts";
import { Tensor } from "./tensor.ts";

/**
 * `f`, but what it computes on the way to its result is not kept for the backward pass: it is computed again when the
 * gradient gets there, from its arguments, with the same random numbers and in the same precision. Gradients reach the arguments and the
 * parameters that `f` closes over. `f` runs once more for each gradient, so it should do nothing but compute; a layer in
 * it that assigns to its state, such as BatchNorm in training, would do so twice.
 */
export function checkpoint<A extends readonly Tensor[]>(f: (...xs: A) => Tensor): (...xs: A) => Tensor {
  return (...xs) => {
    const random = defaultGenerator.state;
    const precision = autocastType();
    const value = f(...xs).node;
    const given = xs.map((x) => x.node);
    const leaves = wantingLeaves(value, given).filter((leaf) => !given.includes(leaf));
    const again = (g: Node): Node[] => {
      const present = defaultGenerator.state;
      defaultGenerator.state = random;
      try {
        const twins = given.map((n) => after(detach(n), g));
        const y = autocast(precision, () => f(...(twins.map((n) => new Tensor(n)) as unknown as A)));
        return vjpOrZero([y.node], [g], [...twins, ...leaves]);
      } finally {
        defaultGenerator.state = present;
      }
    };
    return new Tensor(custom(value, [...given, ...leaves], again));
  };
}
