/** The help texts, made from the tables of commands and flags. */
import type { Flag, Flags } from "./arguments.ts";
import { flagName } from "./arguments.ts";
import { definitions } from "./draw/definitions.ts";
import type { Text } from "./language.ts";
import type { Terminal } from "./terminal.ts";
import { words } from "./words.ts";

/** What the help of a command is made of. */
export interface Described {
  /** What follows `tsumiki`, such as `"run <experiment>"`. */
  readonly usage: Text;
  readonly help: Text;
}

/** What a command does, and how it is called. What can be named, if anything, and the flags follow. */
export function printUsage({ usage, help }: Described, terminal: Terminal): void {
  terminal.prose(terminal.say(help));
  terminal.print();
  terminal.hanging(`${terminal.style("bold", terminal.say(words.usage))}  `, `tsumiki ${terminal.say(usage)}`);
  terminal.print();
}

/** The help of one command. */
export function printHelp(described: Described, flags: Flags, terminal: Terminal): void {
  printUsage(described, terminal);
  printFlags(flags, terminal);
}

export function printFlags(flags: Flags, terminal: Terminal): void {
  terminal.print(terminal.style("bold", terminal.say(words.flags)));
  definitions(
    Object.entries(flags).map(([key, flag]) => [nameOf(key, flag, terminal), explained(flag, terminal)] as const),
    terminal,
  );
}

function nameOf(key: string, flag: Flag, terminal: Terminal): string {
  const name = `--${flagName(key)}`;
  if (flag.kind === "switch") return flag.short ? `-${flag.short}, ${name}` : name;
  if (flag.kind === "text") return `${name} ${terminal.say(flag.placeholder)}`;
  return `${name} ${flag.kind === "choice" ? "<…>" : flag.kind === "list" ? "<n,n,…>" : "<n>"}`;
}

/** A range that ends above this has no end worth telling. */
const mostShown = Number.MAX_SAFE_INTEGER;

/** What a flag does, takes, and is by default. */
function explained(flag: Flag, terminal: Terminal): string {
  const facts: string[] = [];
  if (flag.kind === "choice") facts.push(flag.options.join(" | "));
  if ((flag.kind === "integer" || flag.kind === "number" || flag.kind === "list") && flag.max < mostShown) {
    facts.push(`${flag.min} … ${flag.max}`);
  }
  const byDefault = "default" in flag ? String(flag.default) : "byDefault" in flag ? flag.byDefault : undefined;
  if (byDefault !== undefined) facts.push(terminal.say(words.byDefault(byDefault)));
  const text = terminal.say(flag.help);
  if (facts.length === 0) return text;
  return terminal.language === "ja" ? `${text}（${facts.join("、")}）` : `${text} (${facts.join(", ")})`;
}
