/** Penalties to add to a loss. Give them weights, and not biases, which there is no reason to keep small. */
import { ValueError } from "../errors.ts";
import { checkNumber, checkOptions, print } from "../tensor/arguments.ts";
import { Tensor } from "../tensor.ts";

/** The sum of `f` of all elements of all parameters: a scalar. */
function total(op: string, params: readonly Tensor[], f: (w: Tensor) => Tensor): Tensor {
  const fail = (got: string): never => {
    const fix = params instanceof Tensor ? "Write [p]" : "Pass model.parameters(), or some of them";
    throw new ValueError({ in: op, got, want: "an array of parameters", fix });
  };
  if (!Array.isArray(params)) fail(`${print(params)} in the place of the parameters`);
  if (params.length === 0) fail("no parameters");
  return params
    .map((w: unknown) => (w instanceof Tensor ? f(w).sum() : fail(`${print(w)} among the parameters`)))
    .reduce((a, b) => a.add(b));
}

/** `Σ|w|` (Tibshirani 1996). Its derivative at 0 is 0; the option `l1` of optimizers makes weights 0, which this does not. */
export const l1Penalty = (params: readonly Tensor[]): Tensor => total("l1Penalty", params, (w) => w.abs());

/** `Σw²` (Hoerl & Kennard 1970). For SGD, `weightDecay: λ` is `½λ` times this. */
export const l2Penalty = (params: readonly Tensor[]): Tensor => total("l2Penalty", params, (w) => w.square());

/** `l1 · Σ|w| + l2 · Σw²` (Zou & Hastie 2005, eq. 3). */
export function elasticNetPenalty(params: readonly Tensor[], options: { l1: number; l2: number }): Tensor {
  checkOptions("elasticNetPenalty", options ?? null, ["l1", "l2"]);
  const { l1, l2 } = options;
  checkNumber("elasticNetPenalty", l1, "l1", 0, Number.MAX_VALUE);
  checkNumber("elasticNetPenalty", l2, "l2", 0, Number.MAX_VALUE);
  return l1Penalty(params).mul(l1).add(l2Penalty(params).mul(l2));
}
