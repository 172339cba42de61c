/** What `tsumiki` offers: tensors and their functions, gradients, randomness, devices, and a look into the compiler. */

export type { Machine } from "./device/machines.ts";
export * from "./errors.ts";
export type { DeviceInfo, DeviceName } from "./runtime/devices.ts";
export { defaultDevice, deviceName, deviceNames, listDevices, setDevice } from "./runtime/devices.ts";
export type { ExplainStage, Explanation, KernelText } from "./runtime/explain.ts";
export { explain, explainStages, kernelTexts, printExplanation } from "./runtime/explain.ts";
export * from "./tensor.ts";
