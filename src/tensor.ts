/** Everything about tensors that other parts of the library may use. */
import { realize as realizeHandles } from "./runtime/realize.ts";
import type { Tensor } from "./tensor/tensor.ts";

export type { DType, HostArray } from "./graph/dtype.ts";
export type { Shape } from "./graph/shape.ts";
export { type AutocastType, autocast } from "./ops/autocast.ts";
export type { ConvOptions, ConvTransposeOptions, PerAxis } from "./ops/conv.ts";
export type { MatmulOptions } from "./ops/linalg.ts";
export type { AvgPoolOptions, MaxPoolOptions, PoolOptions } from "./ops/pool.ts";
export { defaultGenerator, Generator, seed } from "./ops/random.ts";
export * from "./tensor/autograd.ts";
export * from "./tensor/checkpoint.ts";
export * from "./tensor/create.ts";
export * from "./tensor/functional.ts";
export * from "./tensor/jit.ts";
export * from "./tensor/losses.ts";
export * from "./tensor/scan.ts";
export { type Found, type Index, type Nested, type Operand, Parameter, Tensor } from "./tensor/tensor.ts";

/** Computes tensors together, with all pending assignments. */
export async function realize(...tensors: readonly Tensor[]): Promise<void> {
  await realizeHandles(tensors);
}
