/** Models: what `tsumiki/models` offers. */
export { DigitsCnn, LeNet5 } from "./lenet.ts";
export type { MLPOptions } from "./mlp.ts";
export { MLP } from "./mlp.ts";
