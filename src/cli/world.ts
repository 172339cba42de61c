/** What the command line has around it: the process in earnest, something smaller in tests. */
import type { Language } from "./language.ts";
import { type Output, Terminal } from "./terminal.ts";

export interface World {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder in which relative paths begin, which are shown as they are. */
  readonly folder: string;
}

/** What a command works with, besides its own flags. */
export interface Setting {
  readonly world: World;
  readonly language: Language;
  /** Where people read: the standard output, or the error output where that is for programs. */
  readonly terminal: Terminal;
  readonly isJson: boolean;
}

export function settingOf(world: World, language: Language, isJson: boolean): Setting {
  const terminal = new Terminal(isJson ? world.stderr : world.stdout, world.env, language);
  return { world, language, terminal, isJson };
}

/** Writes the result for programs. */
export function writeJson(world: World, value: unknown): void {
  world.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
