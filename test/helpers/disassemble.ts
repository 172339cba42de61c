/** What `objdump` of GNU binutils reads in machine code. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An instruction, in Intel's syntax, and where it is. */
export interface Found {
  readonly at: number;
  readonly text: string;
}

/** The instructions in some bytes, without what versions of the program write differently. */
export function disassemble(bytes: Uint8Array): Found[] {
  const folder = mkdtempSync(join(tmpdir(), "tsumiki-x64-"));
  const file = join(folder, "code");
  writeFileSync(file, bytes);
  const text = execFileSync("objdump", ["-D", "-z", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", "-w", file], {
    encoding: "utf8",
    maxBuffer: 1 << 29,
  });
  rmSync(folder, { recursive: true });
  return text.split("\n").flatMap((line) => {
    const [, at, , instruction] = /^\s+([0-9a-f]+):\t([^\t]*)\t(.*)$/.exec(line) ?? [];
    return at === undefined ? [] : [{ at: Number.parseInt(at, 16), text: plainText(instruction) }];
  });
}

/** An instruction without comments, the number of lanes of a broadcast, and displacements of 0. */
export const plainText = (line: string): string =>
  line
    .replace(/\s*#.*$/, "")
    .replace(/\{1to\d+\}/, "")
    .replace(" BCST ", " PTR ")
    .replace("+0x0]", "]")
    .replace(/\s+/g, " ")
    .trim();
