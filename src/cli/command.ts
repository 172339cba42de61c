/** What commands are, and the flags that several of them have. */
import { type DeviceName, defaultDevice, deviceNames, setDevice } from "../index.ts";
import type { ChoiceFlag, NumberFlag, SwitchFlag } from "./arguments.ts";
import { type Language, languages, type Text } from "./language.ts";
import { words } from "./words.ts";
import type { Setting } from "./world.ts";

export interface Command {
  readonly name: string;
  /** What follows `tsumiki`, such as `"run <experiment>"`. */
  readonly usage: Text;
  readonly help: Text;
  /** Does what `args` say, which is what follows its name; resolves to the status of the process. */
  run(args: readonly string[], setting: Setting): Promise<number>;
}

/** Flags of every command. */
export const commonFlags: {
  readonly lang: ChoiceFlag<Language>;
  readonly debug: SwitchFlag;
  readonly help: SwitchFlag;
} = {
  lang: { kind: "choice", options: languages, help: words.flagLang },
  debug: { kind: "switch", help: words.flagDebug },
  help: { kind: "switch", short: "h", help: words.flagHelp },
};

export const jsonFlag: { readonly json: SwitchFlag } = { json: { kind: "switch", help: words.flagJson } };

/** Flags of commands that compute. */
export const computingFlags: { readonly device: ChoiceFlag<DeviceName>; readonly threads: NumberFlag } = {
  device: { kind: "choice", options: deviceNames, help: words.flagDevice },
  threads: { kind: "integer", min: 1, max: Number.MAX_SAFE_INTEGER, help: words.flagThreads },
};

/** The most threads that a device takes. */
const mostThreads = 64;

/** Opens the device that was asked for, if one was. */
export async function chooseDevice(
  { device, threads }: { readonly device: DeviceName | undefined; readonly threads: number | undefined },
  { terminal, world }: Setting,
): Promise<void> {
  if (device === undefined && threads === undefined) return;
  if (threads !== undefined && threads > mostThreads) {
    world.stderr.write(`tsumiki: ${terminal.say(words.cappedThreads(threads, mostThreads))}\n`);
  }
  await setDevice(
    device ?? (await defaultDevice()),
    threads === undefined ? {} : { threads: Math.min(threads, mostThreads) },
  );
}
