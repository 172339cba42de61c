/** What the golden tests share: devices, the list of cases that are skipped, and PyTorch's options in our words. */
import { after, before, describe } from "node:test";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { type DeviceName, devices as every, use } from "../helpers/devices.ts";
import list from "./skipped.json" with { type: "json" };

/** Cases that are not expected to pass, by their numbers among those of a name in a file; all of them, if none are given. */
export interface Skip {
  readonly file: string;
  readonly name: string;
  readonly cases?: readonly number[];
  readonly devices?: readonly string[];
  readonly reason: string;
}
export const skips: readonly Skip[] = list;

/** Whether a case is on the list. */
export function isSkipped(file: string, name: string, at: number, device: DeviceName): boolean {
  const hits = ({ cases, devices }: Skip): boolean =>
    (cases?.includes(at) ?? true) && (devices?.includes(device) ?? true);
  return skips.some((skip) => skip.file === file && skip.name === name && hits(skip));
}

/** What is on the list for a file but says nothing: names, cases and devices that do not exist. */
export function unusedSkips(file: string, counts: ReadonlyMap<string, number>): Skip[] {
  const known: readonly string[] = every;
  return skips.filter(({ file: own, name, cases = [], devices = [], reason }) => {
    const count = counts.get(name) ?? 0;
    const used = count > 0 && cases.every((i) => i < count) && devices.every((d) => known.includes(d)) && reason !== "";
    return own === file && !used;
  });
}

/** Defines tests for each device, which is set while they run. */
export function eachDevice(define: (device: DeviceName) => void): void {
  for (const device of every) {
    describe(`on ${device}`, () => {
      let previous: Awaited<ReturnType<typeof currentDevice>>;
      before(async () => {
        previous = await currentDevice();
        await use(device);
      });
      after(() => setDevice(previous));
      define(device);
    });
  }
}

/** Words of ours that are not PyTorch's in camelCase. */
const words: Readonly<Record<string, string>> = { paddingIdx: "paddingIndex" };

/** PyTorch's options under our names. */
export function camelOptions(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([k, v]) => [words[camel(k)] ?? camel(k), v]));
}
