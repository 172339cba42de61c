/** The command line in this process, and in one of its own. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { cli } from "../../src/cli/cli.ts";

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
interface Around {
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Makes the output a terminal of this size, with 256 colours. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
}

/** What the command line does with `args`, in this process. */
export async function run(
  args: readonly string[],
  { env = {}, folder = "/nowhere", terminal }: Around = {},
): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  const status = await cli(args, {
    stdout: {
      write: (text) => (stdout += text),
      ...(terminal && { isTTY: true, getColorDepth: () => 8, ...terminal }),
    },
    stderr: { write: (text) => (stderr += text) },
    env,
    folder,
  });
  return { status, stdout, stderr };
}

export const main: string = join(import.meta.dirname, "../../src/cli/main.ts");

/** Starts the program, with its output in pipes. */
export function start(args: readonly string[], { env = {}, folder }: Around = {}): ChildProcessWithoutNullStreams {
  const cwd = folder === undefined ? {} : { cwd: folder };
  return spawn(process.execPath, [main, ...args], { ...cwd, env: { PATH: process.env.PATH, LANG: "C", ...env } });
}

/** How the program ends. */
export function ended(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}
