import assert from "node:assert/strict";
import { test } from "node:test";
import { openWasm } from "../../src/device/wasm.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { Parameter, tensor } from "../../src/tensor.ts";

test("a loss that was left alone on another device stops nobody", async () => {
  await using first = await openWasm({ threads: 1 });
  await setDevice(first);
  const p = new Parameter(tensor([1, 2]));
  await p.realize();
  p.mul(3).sum().backward(); // keeps its value, which nothing asks for
  await using second = await openWasm({ threads: 1 });
  await setDevice(second);
  assert.deepEqual(await tensor([1, 2]).mul(2).toArray(), [2, 4]);
  await setDevice("wasm");
});
