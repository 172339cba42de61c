/** Which machine computes: the default, and how to choose another. */
import type { Device } from "../device/device.ts";
import { openWasm, type WasmOptions } from "../device/wasm.ts";
import type { X64Device, X64Options } from "../device/x64.ts";
import { DeviceError } from "../errors.ts";

/** The devices there are, by the names that users give. `reference` is the oracle, which needs no kernels. */
export const deviceNames = ["wasm", "x64", "reference"] as const;
export type DeviceName = (typeof deviceNames)[number];
export type DeviceOptions = WasmOptions & X64Options;

let chosen: Promise<Device | "reference"> | null = null;

/** Chooses the device on which everything from now on is computed: by name, with options for opening it, or one that is open. */
export async function setDevice(device: DeviceName | Device, options: DeviceOptions = {}): Promise<void> {
  chosen = typeof device === "string" ? open(device, options) : Promise.resolve(device);
  await chosen;
}

/** What can be said of a device without using it. */
export interface DeviceInfo {
  readonly name: DeviceName;
  readonly isDefault: boolean;
  /** Lanes of a float32 vector. */
  readonly lanes: number;
  readonly threads: number;
  /** Whether multiply-adds round once. On WebAssembly that is relaxed SIMD. */
  readonly fma: boolean;
  /** The most memory it can use, in bytes; null where only the machine limits it. */
  readonly maxBytes: number | null;
}

/** The devices of this machine. */
export async function listDevices(): Promise<DeviceInfo[]> {
  const byDefault = globalThis.process?.env?.["TSUMIKI_DEVICE"] ?? "wasm";
  await using wasm = await openWasm();
  const { lanes, fma } = wasm.target;
  const all: Omit<DeviceInfo, "isDefault">[] = [
    { name: "wasm", lanes, threads: wasm.threads, fma, maxBytes: wasm.maxBytes },
    ...(await x64Info()),
    { name: "reference", lanes: 1, threads: 1, fma: false, maxBytes: null },
  ];
  return all.map((info) => ({ ...info, isDefault: info.name === byDefault }));
}

async function x64Info(): Promise<Omit<DeviceInfo, "isDefault">[]> {
  try {
    await using x64 = await openMachine();
    const { lanes, fma } = x64.target;
    return [{ name: "x64", lanes, threads: x64.threads, fma, maxBytes: x64.maxBytes }];
  } catch (error) {
    if (error instanceof DeviceError) return [];
    throw error;
  }
}

/** Machine code is for Node alone: what it takes is not even loaded elsewhere. */
async function openMachine(options?: X64Options): Promise<X64Device> {
  if (!globalThis.process?.versions?.node)
    throw new DeviceError({
      in: 'device "x64"',
      got: "no Node",
      want: "Node on Linux on x86-64",
      fix: 'Use the device "wasm", which runs everywhere',
    });
  const { openX64 } = await import("../device/x64.ts");
  return openX64(options);
}

/** The device that computes, opened on first use: `TSUMIKI_DEVICE` names it where there is an environment, else `wasm`. */
export function currentDevice(): Promise<Device | "reference"> {
  chosen ??= open(globalThis.process?.env?.["TSUMIKI_DEVICE"] ?? "wasm");
  return chosen;
}

async function open(name: string, options?: DeviceOptions): Promise<Device | "reference"> {
  if (name === "reference") return name;
  if (name === "wasm") return openWasm(options);
  if (name === "x64") return openMachine(options);
  throw new DeviceError({
    in: "device",
    got: `"${name}"`,
    want: deviceNames.map((n) => `"${n}"`).join(" or "),
    fix: 'Choose one of these with setDevice() or TSUMIKI_DEVICE, or leave it to choose "wasm"',
  });
}
