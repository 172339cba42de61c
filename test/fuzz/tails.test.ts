/** Every length from 1 to 129, on every device: what does not fill a vector is right, and nothing beside it is touched. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runChild } from "../helpers/child.ts";
import { devices } from "../helpers/devices.ts";

const child = new URL("./tails-child.ts", import.meta.url).pathname;
const machines: Record<string, boolean> = {
  wasm: true,
  avx2: devices.includes("x64"),
  avx512: devices.includes("x64 with AVX2"), // which is named apart only where there is more
};

/** What goes wrong; a child that was ended is tried again, a case at a time, to see which it was. */
function problem(machine: string, from: number, to: number): string | null {
  const { said, last, end } = runChild(child, [machine, String(from), String(to)]);
  if (said.length > 0) return said.slice(0, 10).join("\n");
  if (end === null) return null;
  const [n, names] = last.split(": ");
  for (const name of (names ?? "").split(", ").filter((x) => x !== "")) {
    const alone = runChild(child, [machine, n, n, name]);
    if (alone.end !== null) return `${name} at ${n} on ${machine}: ${alone.end}`;
  }
  return `${last} on ${machine}: ${end}`;
}

for (const [machine, is] of Object.entries(machines))
  test(`tails of every length are right on ${machine}`, { skip: is ? false : "it does not run here" }, () => {
    assert.equal(problem(machine, 1, 129), null);
  });
