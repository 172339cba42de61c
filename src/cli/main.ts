#!/usr/bin/env node
/** The program `tsumiki`: the command line in a process. */
import { cli } from "./cli.ts";

/** A reader that has gone, such as `head`, has seen enough; a full disk is an error. */
function onWriteError(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  try {
    process.stderr.write(`tsumiki: cannot write the output: ${error.message}\n`);
  } finally {
    process.exit(1);
  }
}
process.stdout.on("error", onWriteError);
process.stderr.on("error", () => process.exit(1));

const { stdout, stderr, env } = process;
process.exitCode = await cli(process.argv.slice(2), { stdout, stderr, env, folder: process.cwd() });
