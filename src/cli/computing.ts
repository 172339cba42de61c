/** On which device a command computes, and with how many threads. */
import { type DeviceName, defaultDevice, deviceNames, setDevice } from "../index.ts";
import type { ChoiceFlag, NumberFlag } from "./arguments.ts";
import { words } from "./words.ts";
import type { Setting } from "./world.ts";

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
