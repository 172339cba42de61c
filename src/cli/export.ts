/** `tsumiki export`: the log of a run as a table. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { IoError } from "../errors.ts";
import { csvOf, readLog } from "../experiments/log.ts";
import { about } from "./about.ts";
import { parse, quote, type SwitchFlag, type TextFlag, UsageError, unexpected } from "./arguments.ts";
import { type Command, commonFlags } from "./command.ts";
import { NewFile } from "./files.ts";
import { shown } from "./folder.ts";
import { printHelp } from "./help.ts";
import { words } from "./words.ts";

const csv: TextFlag = { kind: "text", placeholder: words.placeFile, help: words.flagExportCsv };
const force: SwitchFlag = { kind: "switch", help: words.flagForceCsv };
const flags = { csv, force, ...commonFlags };

export const exportLog: Command = {
  ...about.export,
  async run(args, { terminal, world }) {
    const { words: given, flags: values } = parse(args, flags);
    if (values.help) {
      printHelp(exportLog, flags, terminal);
      return 0;
    }
    const [path, ...others] = given;
    if (path === undefined) throw new UsageError(words.missingLog);
    if (others.length > 0) throw unexpected(others[0]);
    const log = readLog(textOf(world.folder, path));
    if (log.isCut) world.stderr.write(`tsumiki: ${terminal.say(words.cutLog)}\n`);
    const table = csvOf(log);
    if (values.csv === undefined) {
      world.stdout.write(table);
      return 0;
    }
    using file = await NewFile.open("--csv", world.folder, values.csv, values.force);
    file.write(table);
    terminal.prose(terminal.say(words.tabled(shown(values.csv))));
    return 0;
  },
};

function textOf(folder: string, path: string): string {
  try {
    return readFileSync(resolve(folder, path), "utf8");
  } catch (cause) {
    const got = `${quote(path)} and ${(cause as Error).message.split(",")[0]}`;
    throw new IoError({ in: "export", got, want: "a log it can read", fix: "Check the path" }, { cause });
  }
}
