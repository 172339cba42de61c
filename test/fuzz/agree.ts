/** Holds graphs against the oracle, bit by bit. */
import assert from "node:assert/strict";
import { checks } from "../../src/compile/lower.ts";
import { evaluate } from "../../src/device/reference.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { type DType, dtypes, read as element, type HostArray, write } from "../../src/graph/dtype.ts";
import type { Node } from "../../src/graph/node.ts";
import { sizeOf } from "../../src/graph/shape.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { read, realize } from "../../src/runtime/realize.ts";
import { fromHost, type Storage } from "../../src/runtime/storage.ts";
import { Tapped } from "./device.ts";

let device: Promise<Tapped> | null = null;

/** The WebAssembly device with one thread, every kernel checked. */
export async function useChecked(): Promise<Tapped> {
  checks.on = true;
  device ??= openWasm({ threads: 1 }).then((d) => new Tapped(d));
  await setDevice(await device);
  return device;
}

/** The same, without a plan or a kernel from before. */
export async function useFresh(): Promise<Tapped> {
  device = null;
  return useChecked();
}

/** A leaf: `values` over and over, as many as it takes. */
export function leaf(shape: readonly number[], values: readonly number[], dtype: DType = "float32"): Node {
  const host = new dtypes[dtype].array(sizeOf(shape));
  for (let i = 0; i < host.length; i++) write(host, i, values[i % values.length], dtype);
  return fromHost(host, shape, dtype);
}

/** Asserts that the device gives the oracle's bits for each root. */
export async function agree(...roots: readonly Node[]): Promise<void> {
  await useChecked();
  const wanted = evaluate(roots, (x) => (x as Storage).host as HostArray);
  const handles = roots.map((node) => ({ node }));
  await realize(handles);
  for (const [i, { node }] of handles.entries()) {
    const host = await read(node);
    const got = Array.from(host, (_, j) => element(host, j, node.dtype));
    assert.deepEqual(got, [...wanted[i]], `root ${i}`);
  }
}
