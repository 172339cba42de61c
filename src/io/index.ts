/** Files of models: what `tsumiki/io` offers. */
export type { HostTensor, Safetensors } from "./safetensors.ts";
export {
  countNonFinite,
  loadSafetensors,
  parseSafetensors,
  saveSafetensors,
  serializeSafetensors,
} from "./safetensors.ts";
