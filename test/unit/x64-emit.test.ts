/** Vector IR as x86-64 machine code against an interpreter, in processes of their own: wrong code may end them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openX64 } from "../../src/device/x64.ts";
import { cases } from "../helpers/vector-cases.ts";

const child = new URL("../helpers/x64-child.ts", import.meta.url).pathname;

/** Whether this machine can run code of a kind, or why not. */
async function refusalOf(set: string): Promise<string | false> {
  try {
    await (await openX64({ avx512: set === "avx512", threads: 1 }))[Symbol.asyncDispose]();
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What cases gave: nothing, or what went wrong. */
function results(
  lanes: number,
  set: string,
  convention: string,
  names: readonly string[],
): Map<string, string | undefined> {
  const file = join(tmpdir(), `tsumiki-x64-${process.pid}-${lanes}.log`);
  const only = names.length === 1 ? names : [];
  const { stdout, stderr, signal, status } = spawnSync(
    process.execPath,
    [child, String(lanes), set, convention, file, ...only],
    { encoding: "utf8", timeout: 120_000 },
  );
  const found = new Map<string, string | undefined>();
  for (const line of stdout.split("\n").filter((l) => l !== "")) {
    const { name, error } = JSON.parse(line) as { name: string; error?: string };
    found.set(name, error);
  }
  const last = readFileSync(file, "utf8").trim();
  rmSync(file);
  const missing = names.find((name) => !found.has(name));
  if (missing) found.set(missing, `${signal ?? `status ${status}`} in "${last}"\n${stderr}`);
  return found;
}

const random = "random programs, with more values than there are registers";
for (const [lanes, set, convention] of [
  [8, "avx2", "systemV"],
  [8, "avx2", "windows"],
  [8, "avx512", "systemV"],
  [16, "avx512", "systemV"],
  [16, "avx512", "windows"],
] as const) {
  const skip = await refusalOf(set);
  describe(`${set} with ${lanes} lanes, called as ${convention} calls`, { skip }, () => {
    const names = convention === "systemV" ? Object.keys(cases) : [random];
    const found = skip ? new Map() : results(lanes, set, convention, names);
    for (const name of names)
      test(name, () => {
        assert.ok(found.has(name), "it was not reached");
        assert.equal(found.get(name), undefined);
      });
  });
}
