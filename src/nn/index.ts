/** Layers, and what models are made of: what `tsumiki/nn` offers. */
export * from "./activation.ts";
export type { AttendOptions, MultiheadAttentionOptions } from "./attention.ts";
export { MultiheadAttention } from "./attention.ts";
export { Concat, Residual } from "./branches.ts";
export type { CellOptions, RNNCellOptions } from "./cells.ts";
export { GRUCell, LSTMCell, RNNCell } from "./cells.ts";
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
export * from "./pad.ts";
export * from "./pool.ts";
export type {
  LSTMOptions,
  LSTMOutput,
  LSTMState,
  RecurrentOptions,
  RecurrentOutput,
  RNNOptions,
  SequenceOptions,
} from "./recurrent.ts";
export { GRU, LSTM, RNN } from "./recurrent.ts";
export { Sequential } from "./sequential.ts";
export type { Summary, SummaryRow } from "./summary.ts";
export { printSummary, summary } from "./summary.ts";
export type { TransformerLayerOptions } from "./transformer.ts";
export { TransformerDecoderLayer, TransformerEncoderLayer } from "./transformer.ts";
export type { UpsampleOptions } from "./upsample.ts";
export { Upsample } from "./upsample.ts";
export { Fold, Unfold } from "./window.ts";
