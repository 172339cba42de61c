/** The devices that every operation is tested on, as far as this machine has them. To add one, add its name. */
import { openX64 } from "../../src/device/x64.ts";
import { DeviceError } from "../../src/errors.ts";
import type { Node } from "../../src/graph/node.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { read, realize } from "../../src/runtime/realize.ts";
import { toFloat64 } from "./oracle.ts";

export type DeviceName = "reference" | "wasm" | "x64" | "x64 with AVX2" | "x64 without AMX";
export const devices: readonly DeviceName[] = ["reference", "wasm", ...(await machineCode())];

/** Machine code of the kinds that this machine can run; says so where it cannot. */
async function machineCode(): Promise<DeviceName[]> {
  try {
    await using device = await openX64({ threads: 1 });
    const { lanes, tiles } = device.target;
    const others: DeviceName[] = [
      ...(lanes === 16 ? (["x64 with AVX2"] as const) : []),
      ...(tiles.length > 0 ? (["x64 without AMX"] as const) : []),
    ];
    return ["x64", ...others];
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    console.error(`x64 is not tested here: ${error.message}`);
    return [];
  }
}

const opened = new Map<DeviceName, Awaited<ReturnType<typeof currentDevice>>>();

/** Lets everything from here on be computed on a device, which is opened only once. */
export async function use(device: DeviceName): Promise<void> {
  const fresh = async (): Promise<Parameters<typeof setDevice>[0]> =>
    device === "x64 with AVX2"
      ? openX64({ avx512: false })
      : device === "x64 without AMX"
        ? openX64({ amx: false })
        : device;
  await setDevice(opened.get(device) ?? (await fresh()));
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
