/** Gradients kept within limits, between backward() and step(). All is recorded, and computed with the step. */
import { ValueError } from "../errors.ts";
import { checkNumber, keepThroughUpdate } from "../tensor/arguments.ts";
import { full, type Tensor } from "../tensor.ts";

const gradientsOf = (parameters: readonly Tensor[]): Tensor[] => parameters.flatMap(({ grad }) => grad ?? []);

function checkLimit(op: string, limit: number, name: string): number {
  if (limit !== 0) return checkNumber(op, limit, name, Number.MIN_VALUE, Number.MAX_VALUE);
  throw new ValueError({ in: op, got: `${name} 0`, want: "a finite number above 0", fix: "Leave the clipping out" });
}

/** The 2-norm of all gradients together: a scalar, 0 if there are none. */
export function gradNorm(parameters: readonly Tensor[]): Tensor {
  const squares = gradientsOf(parameters).map((g) => g.float().square().sum());
  return squares.length === 0 ? full([], 0) : squares.reduce((a, b) => a.add(b)).sqrt();
}

/**
 * Scales all gradients so that their norm is at most `maxNorm` (Pascanu et al. 2013, algorithm 1), and returns what it was:
 * a scalar that is computed with the step, and can be read before it or after it.
 */
export function clipGradNorm(parameters: readonly Tensor[], maxNorm: number): Tensor {
  checkLimit("clipGradNorm", maxNorm, "maxNorm");
  const norm = gradNorm(parameters);
  const scale = norm.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 }); // as PyTorch, against a norm of 0
  for (const p of parameters) if (p.grad) p.grad = p.grad.mul(scale.to(p.dtype));
  return keepThroughUpdate(norm);
}

/** Brings each element of the gradients within −`limit` and `limit`. */
export function clipGradValue(parameters: readonly Tensor[], limit: number): void {
  checkLimit("clipGradValue", limit, "limit");
  for (const p of parameters) if (p.grad) p.grad = p.grad.clamp({ min: -limit, max: limit });
}

/** Whether no element of any gradient is NaN or infinite: a bool of one element. */
export function gradientsAreFinite(parameters: readonly Tensor[]): Tensor {
  const each = gradientsOf(parameters).map((g) => g.isfinite().all());
  return each.length === 0 ? full([], true) : each.reduce((a, b) => a.logicalAnd(b));
}
