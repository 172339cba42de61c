/** What `tsumiki` offers: tensors and their functions, gradients, randomness, devices, and a look into the compiler. */
export * from "./errors.ts";
export type { DeviceInfo, DeviceName } from "./runtime/devices.ts";
export { defaultDevice, deviceName, deviceNames, listDevices, setDevice } from "./runtime/devices.ts";
export type { ExplainStage, Explanation } from "./runtime/explain.ts";
export { explain, explainStages, printExplanation } from "./runtime/explain.ts";
export * from "./tensor.ts";
