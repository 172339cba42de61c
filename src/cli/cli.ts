/** The command line as a function of its words: finds the command, runs it, and tells what went wrong in one line. */
import { TsumikiError } from "../errors.ts";
import { about, type CommandName, commandNames } from "./about.ts";
import { nearest, parse, quote, splitFirst, UsageError } from "./arguments.ts";
import { type Command, commonFlags, jsonFlag } from "./command.ts";
import { definitions } from "./draw/definitions.ts";
import { FolderError } from "./folder.ts";
import { printFlags } from "./help.ts";
import { type Language, languageOf, languages } from "./language.ts";
import { versionOfPackage } from "./version.ts";
import { words } from "./words.ts";
import { type Setting, settingOf, type World, writeJson } from "./world.ts";

/** Loaded when they are asked for: the library and its experiments take half a second, and `--version` needs neither. */
const commands: Readonly<Record<CommandName, () => Promise<Command>>> = {
  start: async () => (await import("./start.ts")).start,
  lab: async () => (await import("./lab.ts")).lab,
  list: async () => (await import("./list.ts")).list,
  run: async () => (await import("./run.ts")).run,
  verify: async () => (await import("./verify.ts")).verify,
  export: async () => (await import("./export.ts")).exportLog,
  explain: async () => (await import("./explain.ts")).explain,
  devices: async () => (await import("./devices.ts")).devices,
};
const version = { version: { kind: "switch", short: "v", help: words.flagVersion } } as const;

/** Does what `args` say; resolves to the status of the process: 0 done, 1 failed, 2 not understood, 130 interrupted. */
export async function cli(args: readonly string[], world: World): Promise<number> {
  const setting = settingOf(world, askedLanguage(args) ?? languageOf(world.env), args.includes("--json"));
  try {
    return await dispatch(args, setting);
  } catch (error) {
    return report(error, args.includes("--debug"), setting);
  }
}

/** The language of `--lang`, which is needed before the command line is understood: to say why it is not. */
function askedLanguage(args: readonly string[]): Language | undefined {
  const at = args.findLastIndex((arg) => arg === "--lang" || arg.startsWith("--lang="));
  const name = args[at]?.split("=")[1] ?? args[at + 1];
  return at < 0 ? undefined : languages.find((language) => language === name);
}

async function dispatch(args: readonly string[], setting: Setting): Promise<number> {
  const { first, rest } = splitFirst(args, { ...version, ...jsonFlag, ...commonFlags });
  if (first === undefined) return overview(args, setting);
  if (first === "help") return dispatch([...rest, "--help"], setting);
  const name = commandNames.find((known) => known === first);
  if (name) return (await commands[name]()).run(rest, setting);
  throw new UsageError(words.unknownCommand(quote(first), nearest(first, commandNames)));
}

/** What there is, for who says nothing, or asks. */
function overview(args: readonly string[], { terminal, world }: Setting): number {
  const flags = { ...version, ...commonFlags };
  const { flags: values } = parse(args, flags);
  if (values.version) {
    world.stdout.write(`${versionOfPackage()}\n`);
    return 0;
  }
  terminal.prose(terminal.say(words.about));
  terminal.print();
  terminal.hanging(`${terminal.style("bold", terminal.say(words.usage))}  `, `tsumiki ${terminal.say(words.usageAny)}`);
  terminal.print();
  terminal.print(terminal.style("bold", terminal.say(words.commands)));
  definitions(
    Object.values(about).map(({ usage, help }) => [terminal.say(usage), terminal.say(help)] as const),
    terminal,
  );
  terminal.print();
  printFlags(flags, terminal);
  terminal.print();
  terminal.prose(terminal.say(words.helpHint));
  terminal.hanging(`${terminal.say(words.firstTry)} `, "npx tsumiki start");
  return 0;
}

/** One line on what went wrong, and the status that says so. */
function report(error: unknown, isDebug: boolean, { terminal, world, isJson }: Setting): number {
  terminal.settle();
  const isUsage = error instanceof UsageError;
  const message =
    isUsage || error instanceof FolderError
      ? terminal.say(error.text)
      : error instanceof TsumikiError
        ? error.message
        : terminal.say(words.bug(error instanceof Error ? error.message : String(error)));
  const line = message.replace(/\s+/g, " ");
  world.stderr.write(`tsumiki: ${line}\n`);
  if (isDebug && error instanceof Error) world.stderr.write(`${error.stack}\n`);
  const code = isUsage ? "USAGE" : error instanceof TsumikiError ? error.code : "ERROR";
  if (isJson) writeJson(world, { error: { code, message: line } });
  return isUsage ? 2 : 1;
}
