/** Texts and their tokens: what `tsumiki/text` offers. */
export type { Merge } from "./byte-pairs.ts";
export { BytePairs, parseMerges } from "./byte-pairs.ts";
export { parseText } from "./text.ts";
export { parseVocabulary, Vocabulary } from "./vocabulary.ts";
