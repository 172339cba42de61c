/** What layers, optimizers and loaders need to name, to check and to keep tensors as operations do. */
export { checkCount, checkNumber, checkOptions, print } from "../ops/check.ts";
export type { ConvOptions, ConvTransposeOptions, PerAxis } from "../ops/conv.ts";
export { perAxis } from "../ops/conv.ts";
export type { WindowOptions } from "../ops/image.ts";
export type { LocalResponseNormOptions } from "../ops/norm.ts";
export type { AvgPoolOptions, MaxPoolOptions } from "../ops/pool.ts";
export { hostMath } from "../runtime/host-math.ts";
export { keepThroughUpdate, tensorNode } from "./tensor.ts";
