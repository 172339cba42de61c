/** Tests that may end their process: they run in another one, which says what it is about to do before it does. */
import { spawnSync } from "node:child_process";
import { openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ChildResult {
  /** Lines that it printed. */
  readonly said: readonly string[];
  /** What it was doing last. */
  readonly last: string;
  /** Why it ended, if it did not end by itself; with what it wrote to its standard error. */
  readonly end: string | null;
}

let children = 0;

/** Runs `file` with the name of its log and these arguments. */
export function runChild(file: string, args: readonly string[], seconds = 300): ChildResult {
  const log = join(tmpdir(), `tsumiki-child-${process.pid}-${children++}.log`);
  writeFileSync(log, "");
  const { stdout, stderr, signal, status } = spawnSync(process.execPath, [file, log, ...args], {
    encoding: "utf8",
    timeout: 1000 * seconds,
    maxBuffer: 1 << 26,
  });
  const last = readFileSync(log, "utf8").trim();
  rmSync(log);
  const ended = signal ?? (status === 0 ? null : `status ${status}`);
  return { said: stdout.split("\n").filter((line) => line !== ""), last, end: ended && `${ended}\n${stderr}`.trim() };
}

/** In the child: notes what it is about to do, in the file that it was given. */
export function noter(log: string): (what: string) => void {
  const file = openSync(log, "w");
  let longest = 0;
  return (what) => {
    longest = Math.max(longest, what.length);
    writeSync(file, what.padEnd(longest), 0);
  };
}
