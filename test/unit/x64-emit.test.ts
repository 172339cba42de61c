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

/** Whether this machine can run code of that many lanes, or why not. */
async function refusalOf(lanes: number): Promise<string | false> {
  try {
    await (await openX64({ avx512: lanes === 16 }))[Symbol.asyncDispose]();
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What the cases gave: nothing, or what went wrong. */
function results(lanes: number): Map<string, string | undefined> {
  const file = join(tmpdir(), `tsumiki-x64-${process.pid}-${lanes}.log`);
  const { stdout, stderr, signal, status } = spawnSync(process.execPath, [child, String(lanes), file], {
    encoding: "utf8",
    timeout: 120_000,
  });
  const found = new Map<string, string | undefined>();
  for (const line of stdout.split("\n").filter((l) => l !== "")) {
    const { name, error } = JSON.parse(line) as { name: string; error?: string };
    found.set(name, error);
  }
  const last = readFileSync(file, "utf8").trim();
  rmSync(file);
  const missing = Object.keys(cases).find((name) => !found.has(name));
  if (missing) found.set(missing, `${signal ?? `status ${status}`} in "${last}"\n${stderr}`);
  return found;
}

for (const lanes of [8, 16]) {
  const skip = await refusalOf(lanes);
  describe(`with ${lanes} lanes`, { skip }, () => {
    const found = skip ? new Map() : results(lanes);
    for (const name of Object.keys(cases))
      test(name, () => {
        assert.ok(found.has(name), "it was not reached");
        assert.equal(found.get(name), undefined);
      });
  });
}
