/** Which machine computes: the default, and how to choose another. */
import { checks } from "../compile/lower.ts";
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
  const byDefault = await defaultDevice();
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
  obstacle ??= obstacleToMachineCode();
  if (await obstacle) return [];
  await using x64 = await openMachine();
  const { lanes, fma } = x64.target;
  return [{ name: "x64", lanes, threads: x64.threads, fma, maxBytes: x64.maxBytes }];
}

/** Machine code is for Node alone: what it takes is not even loaded elsewhere. */
async function openMachine(options?: X64Options): Promise<X64Device> {
  if (!globalThis.process?.versions?.node)
    throw new DeviceError({
      in: 'device "x64"',
      got: "no Node",
      want: "Node on Linux or macOS on x86-64",
      fix: 'Use the device "wasm", which runs everywhere',
    });
  const { openX64 } = await import("../device/x64.ts");
  return openX64(options);
}

/** The device that computes, opened on first use: the default, if none was chosen. */
export function currentDevice(): Promise<Device | "reference"> {
  chosen ??= defaultDevice().then((name) => open(name));
  return chosen;
}

/** The name of the device that computes. */
export async function deviceName(): Promise<string> {
  const device = await currentDevice();
  return device === "reference" ? device : device.name;
}

/** Why machine code does not run here; null where it does. */
let obstacle: Promise<DeviceError | null> | null = null;
let isTold = false;

/**
 * The name of the device that computes where none is chosen: what `TSUMIKI_DEVICE` says, else machine code where it runs
 * (on macOS only if asked for), else WebAssembly. Where machine code is asked for and does not run, a warning says so, once.
 */
export async function defaultDevice(): Promise<DeviceName> {
  const asked = globalThis.process?.env?.["TSUMIKI_DEVICE"];
  if (asked !== undefined && asked !== "x64") return asked as DeviceName; // if there is none, that shows when it is opened
  if (asked === undefined && globalThis.process?.platform === "darwin") return "wasm"; // until someone has run it there
  obstacle ??= obstacleToMachineCode();
  const why = await obstacle;
  if (!why) return "x64";
  if (asked && !isTold) console.warn(why.message);
  isTold ||= asked !== undefined;
  return "wasm";
}

async function obstacleToMachineCode(): Promise<DeviceError | null> {
  try {
    await using _ = await openMachine({ threads: 1 });
    return null;
  } catch (error) {
    if (error instanceof DeviceError) return error;
    throw error;
  }
}

/** With `CHECK=1`, a device whose kernels are checked at every step and every access, many times slower. */
async function checked(device: Device): Promise<Device> {
  if (globalThis.process?.env?.["CHECK"] !== "1") return device;
  checks.on = true;
  const { CheckedDevice } = await import("../device/checked.ts");
  return new CheckedDevice(device);
}

async function open(name: string, options?: DeviceOptions): Promise<Device | "reference"> {
  if (name === "reference") return name;
  if (name === "wasm") return checked(await openWasm(options));
  if (name === "x64") return checked(await openMachine(options));
  throw new DeviceError({
    in: "device",
    got: `"${name}"`,
    want: deviceNames.map((n) => `"${n}"`).join(" or "),
    fix: "Choose one of these with setDevice() or TSUMIKI_DEVICE, or leave it to the library to choose",
  });
}
