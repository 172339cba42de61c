/** Layers, and what models are made of: what `tsumiki/nn` offers. */
export * from "./activation.ts";
export type { ConvLayerOptions, ConvTransposeLayerOptions } from "./conv.ts";
export { Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./conv.ts";
export * from "./dropout.ts";
export type { EmbeddingOptions } from "./embedding.ts";
export { Embedding } from "./embedding.ts";
export * from "./flatten.ts";
export * as init from "./init.ts";
export type { LinearOptions } from "./linear.ts";
export { Bilinear, Linear } from "./linear.ts";
export type { AnyModule, LoadReport, StateValue } from "./module.ts";
export { Buffer, Module } from "./module.ts";
export * from "./norm.ts";
export * from "./pool.ts";
export { Sequential } from "./sequential.ts";
export type { UpsampleOptions } from "./upsample.ts";
export { Upsample } from "./upsample.ts";
