/** Models: what `tsumiki/models` offers. */
export type { AlexNetOptions } from "./alexnet.ts";
export { AlexNet } from "./alexnet.ts";
export { DigitsCnn, LeNet5 } from "./lenet.ts";
export type { MLPOptions } from "./mlp.ts";
export { MLP } from "./mlp.ts";
