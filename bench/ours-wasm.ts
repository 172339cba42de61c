/** The same as ours.ts, on WebAssembly: what those have who are not on Linux on x86-64, to compare with what else runs there. */
import type { Peer } from "./peers/peer.ts";

process.env.TSUMIKI_DEVICE = "wasm";
const { default: ours } = await import("./ours.ts");
const peer: Peer = { ...ours, name: "ours-wasm" };
export default peer;
