/** What this processor can do, of what we use, and what the system and the user let us use of it. */
import type { Dot } from "../compile/vector-ir.ts";
import { type Features, features, permit, probe, probeWords } from "../emit/x64-control.ts";
import { type Native, pageBytes, refusal } from "./native.ts";
import type { CodePages } from "./x64-memory.ts";

/** What the processor can do, and whether the system saves what belongs to that. */
export function featuresOf(native: Native, code: CodePages): Features {
  return features(wordsOf(native, code, probe(), probeWords));
}

/** Asks the system to let this process use tiles, which are more to save than it does unasked. Only Linux can be asked. */
export function isPermitted(native: Native, code: CodePages): boolean {
  return process.platform === "linux" && wordsOf(native, code, permit(), 1)[0] === 0;
}

/**
 * The types that are multiplied as tiles, of those that the processor is `able` to: bfloat16, and if tiles are asked for,
 * all of them; none if TSUMIKI_AMX or the system says not to. A DeviceError where tiles are asked for and cannot be had.
 */
export function tilesOf(able: readonly Dot[], asked: boolean | undefined, permitted: () => boolean): readonly Dot[] {
  // Bytes wait until a processor or an emulator, as it is given to people, has shown all of them: see ARCHITECTURE.md.
  const wanted = asked ? able : able.filter((dot) => dot === "bfloat16");
  if (asked === false || (asked === undefined && process.env["TSUMIKI_AMX"] === "0")) return [];
  if (wanted.length > 0 && permitted()) return wanted;
  if (!asked) return [];
  throw wanted.length === 0
    ? refusal("a processor without AMX", "one with it")
    : refusal("no permission to use AMX", "that");
}

/** The words that a function writes to its argument. */
function wordsOf(native: Native, code: CodePages, bytes: Uint8Array, count: number): Int32Array {
  const page = native.reserve(pageBytes);
  const [address] = code.install([bytes]) ?? [];
  if (page === null || address === undefined || !native.protect(page, pageBytes, "write"))
    throw refusal("no permission to execute memory", "that");
  native.function(address)(page);
  const words = new Int32Array(native.view(page, pageBytes)).slice(0, count);
  native.release(page, pageBytes);
  return words;
}
