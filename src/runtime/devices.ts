/** Which machine computes: the default, and how to choose another. */
import type { Device } from "../device/device.ts";
import { openWasm } from "../device/wasm.ts";
import { DeviceError } from "../errors.ts";

/** The devices there are, by the names that users give. `reference` is the oracle, which needs no kernels. */
export const deviceNames = ["wasm", "reference"] as const;
export type DeviceName = (typeof deviceNames)[number];

let chosen: Promise<Device | "reference"> | null = null;

/** Chooses the device on which everything from now on is computed, by name or one that is open. */
export async function setDevice(device: DeviceName | Device): Promise<void> {
  chosen = typeof device === "string" ? open(device) : Promise.resolve(device);
  await chosen;
}

/** The device that computes, opened on first use: `TSUMIKI_DEVICE` names it where there is an environment, else `wasm`. */
export function currentDevice(): Promise<Device | "reference"> {
  chosen ??= open(globalThis.process?.env?.["TSUMIKI_DEVICE"] ?? "wasm");
  return chosen;
}

async function open(name: string): Promise<Device | "reference"> {
  if (name === "reference") return name;
  if (name === "wasm") return openWasm();
  throw new DeviceError({
    in: "device",
    got: `"${name}"`,
    want: deviceNames.map((n) => `"${n}"`).join(" or "),
    fix: 'Choose one of these with setDevice() or TSUMIKI_DEVICE, or leave it to choose "wasm"',
  });
}
