/** The machines that code is made for, and kernels for them as text; which takes no such machine. */
import type { Program } from "../compile/vector-ir.ts";
import type { Target } from "./device.ts";

/** WebAssembly's vectors of 128 bits, x86-64's of 256 and 512, and the latter with tiles. */
export type Machine = "wasm" | "avx2" | "avx512" | "amx";

const narrow: Target["dots"] = ["bfloat16", "int8"];

/** What the compiler must know of each. */
export const machines: { readonly [M in Machine]: Target } = {
  wasm: { name: "wasm", lanes: 4, registers: 16, fma: true, maxBuffers: 64, dots: [], tiles: [] },
  avx2: { name: "x64", lanes: 8, registers: 16, fma: true, maxBuffers: 64, dots: [], tiles: [] },
  avx512: { name: "x64", lanes: 16, registers: 32, fma: true, maxBuffers: 64, dots: narrow, tiles: [] },
  amx: { name: "x64", lanes: 16, registers: 32, fma: true, maxBuffers: 64, dots: narrow, tiles: narrow },
};

/** A kernel as text: in assembly language with addresses, or in the text format of WebAssembly. */
export async function codeText(program: Program, { name, lanes, fma }: Target): Promise<string> {
  if (name === "wasm") {
    const [{ assemble }, { printWasm }] = await Promise.all([
      import("../emit/wasm.ts"),
      import("../emit/wasm-text.ts"),
    ]);
    return printWasm(assemble([program], { relaxed: fma, shared: false, maxPages: 1 }));
  }
  const { listX64 } = await import("../emit/x64.ts");
  return listX64(program, { avx512: lanes === 16 });
}
