/** The devices that every operation is tested on. To add one, add its name. */
import type { Node } from "../../src/graph/node.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { read, realize } from "../../src/runtime/realize.ts";
import { toFloat64 } from "./oracle.ts";

export const devices = ["reference", "wasm"] as const;
export type DeviceName = (typeof devices)[number];

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
