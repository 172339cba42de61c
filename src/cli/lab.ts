/** `tsumiki lab`: serves the Lab on this machine until Ctrl-C. `start` does the same after its run, and shows that run too. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { IoError, ValueError } from "../errors.ts";
import { recordOf } from "../experiments/recorded.ts";
import type { Run } from "../experiments/run.ts";
import { about } from "./about.ts";
import { type NumberFlag, parse, type SwitchFlag, unexpected } from "./arguments.ts";
import { type Command, commonFlags } from "./command.ts";
import { printHelp } from "./help.ts";
import { Interrupts } from "./interrupt.ts";
import { builtLab } from "./lab-files.ts";
import { serveFiles } from "./server.ts";
import { words } from "./words.ts";
import type { Setting } from "./world.ts";

const usualPort = 7860;
/** Ports that are tried from the usual one on. */
const tries = 50;

export const labFlags: { readonly port: NumberFlag; readonly noOpen: SwitchFlag } = {
  port: { kind: "integer", min: 1, max: 65_535, byDefault: String(usualPort), help: words.flagPort },
  noOpen: { kind: "switch", help: words.flagNoOpen },
};
const flags = { ...labFlags, ...commonFlags };

export const lab: Command = {
  ...about.lab,
  async run(args, setting) {
    const { words: given, flags: values } = parse(args, flags);
    if (given.length > 0) throw unexpected(given[0]);
    if (values.help) {
      printHelp(lab, flags, setting.terminal);
      return 0;
    }
    await serveLab(setting, values);
    return 0;
  },
};

export interface LabOptions {
  readonly port: number | undefined;
  readonly noOpen: boolean;
  /** A run that can be looked at in the Lab. */
  readonly run?: Run;
}

/** Serves the Lab until the process is interrupted. */
export async function serveLab(setting: Setting, { port, noOpen, run }: LabOptions): Promise<void> {
  const { terminal, world } = setting;
  const folder = await builtLab(() => terminal.prose(terminal.say(words.buildingLab), 0, "dim"));
  const record = run && JSON.stringify(recordOf(run));
  const answers = record === undefined ? {} : { "/run.json": () => JSON.parse(record) as unknown };
  // A port that was asked for is meant; from the usual one on, the next that is free will do.
  const asked = { port: port ?? usualPort, tries: port === undefined ? tries : 1 };
  const { server, port: actual } = await serveFiles({ folder, answers, ...asked }).catch((cause: unknown) => {
    throw portError(asked.port, cause as NodeJS.ErrnoException);
  });
  const address = `http://127.0.0.1:${actual}/`;
  using interrupts = new Interrupts({ first: () => {}, second: () => {} });
  terminal.gap();
  terminal.prose(terminal.say(words.labServed));
  terminal.print(`  ${terminal.style("cool", address)}`);
  if (run) terminal.print(`  ${terminal.style("cool", `${address}#/run`)}  ${terminal.say(words.labRun)}`);
  terminal.prose(terminal.say(words.labStop), 0, "dim");
  if (!noOpen && terminal.isLive && !world.env["CI"] && !world.env["SSH_CONNECTION"]) openInBrowser(address);
  if (!interrupts.signal.aborted) await once(interrupts.signal, "abort");
  server.close();
  server.closeAllConnections();
}

function portError(port: number, cause: NodeJS.ErrnoException): Error {
  const isTaken = cause.code === "EADDRINUSE";
  const problem = {
    in: "--port",
    got: isTaken ? `port ${port}, which another program has` : `port ${port} and ${cause.code ?? cause.message}`,
    want: "a port that is free",
    fix: isTaken ? "Choose another, or leave --port out" : "Choose one above 1023",
  };
  return cause.code ? new IoError(problem, { cause }) : new ValueError(problem);
}

/** Asks the system to open an address; if it cannot, the address stands in the terminal anyway. */
function openInBrowser(address: string): void {
  const commands: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    darwin: ["open"],
    win32: ["cmd", "/c", "start", ""],
  };
  const [command, ...args] = commands[process.platform] ?? ["xdg-open"];
  spawn(command, [...args, address], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
