/** What is done to a parameter after its update: the options `l1` and `maxNorm`, which all optimizers have. */
import type { Tensor } from "../tensor.ts";

/**
 * Each element moved towards 0 by `amount`, and 0 within it: the proximal step of the penalty `amount · Σ|w|`
 * (Daubechies et al. 2004; Beck & Teboulle 2009, eq. 1.5). A gradient step and this one are ISTA.
 */
export function softThreshold(w: Tensor, amount: Tensor | number): Tensor {
  const limit = typeof amount === "number" ? amount : amount.to(w.dtype);
  const negative = typeof limit === "number" ? -limit : limit.neg();
  return w.sub(w.minimum(limit).maximum(negative));
}

/**
 * Each unit's incoming weights scaled down to a norm of at most `limit` (Srivastava et al. 2014, sect. 5.1): those of a
 * linear layer are a row, those of a convolution a filter. A vector has no such weights, and stays as it is.
 */
export function limitNorms(w: Tensor, limit: number): Tensor {
  if (w.ndim < 2) return w;
  const axes = w.shape.map((_, axis) => axis).slice(1);
  const norm = w.square().sum(axes, { keepdim: true }).sqrt();
  return w.div(norm.maximum(limit).div(limit)); // by exactly 1 where it is within
}
