/** The devices that every operation is tested on, as far as this machine has them. To add one, add its name. */
import { openX64 } from "../../src/device/x64.ts";
import { DeviceError } from "../../src/errors.ts";
import type { Node } from "../../src/graph/node.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { read, realize } from "../../src/runtime/realize.ts";
import { toFloat64 } from "./oracle.ts";

export type DeviceName = "reference" | "wasm" | "x64";
export const devices: readonly DeviceName[] = ["reference", "wasm", ...(await ifOpens("x64"))];

/** A device that only some machines have; says so where it is not tested. */
async function ifOpens(name: "x64"): Promise<(typeof name)[]> {
  try {
    await (await openX64())[Symbol.asyncDispose]();
    return [name];
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    console.error(`${name} is not tested here: ${error.message}`);
    return [];
  }
}

const opened = new Map<DeviceName, Awaited<ReturnType<typeof currentDevice>>>();

/** Lets everything from here on be computed on a device, which is opened only once. */
export async function use(device: DeviceName): Promise<void> {
  await setDevice(opened.get(device) ?? device);
  opened.set(device, await currentDevice());
}

/** Computes nodes together on a device. */
export async function computeOn(device: DeviceName, nodes: readonly Node[]): Promise<Float64Array[]> {
  await use(device);
  const handles = nodes.map((node) => ({ node }));
  await realize(handles);
  const values: Float64Array[] = [];
  for (const { node } of handles) values.push(toFloat64(await read(node), node.dtype));
  return values;
}
