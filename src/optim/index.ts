/** Optimizers and what belongs to them: what `tsumiki/optim` offers. */
export type { AdadeltaOptions, AdagradOptions } from "./adagrad.ts";
export { Adadelta, Adagrad } from "./adagrad.ts";
export type { AdamaxOptions, AdamOptions, NAdamOptions } from "./adam.ts";
export { Adam, Adamax, AdamW, NAdam, RAdam } from "./adam.ts";
export { clipGradNorm, clipGradValue, gradientsAreFinite, gradNorm } from "./clip.ts";
export type { OptimizerOptions, OptimizerStateValue, StepOptions } from "./optimizer.ts";
export { Optimizer } from "./optimizer.ts";
export type { RMSpropOptions } from "./rmsprop.ts";
export { RMSprop } from "./rmsprop.ts";
export * from "./schedule.ts";
export type { SGDOptions } from "./sgd.ts";
export { SGD } from "./sgd.ts";
