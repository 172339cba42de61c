/** Files of models, and JSON: what `tsumiki/io` offers. */
export type { Json, JsonLines, JsonOptions } from "./json.ts";
export { parseJson, parseJsonLines } from "./json.ts";
export type { HostTensor, Safetensors } from "./safetensors.ts";
export {
  countNonFinite,
  loadSafetensors,
  parseSafetensors,
  saveSafetensors,
  serializeSafetensors,
} from "./safetensors.ts";
