/** Products of bytes: exact on every device, at the corners where instructions could saturate. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openX64 } from "../../src/device/x64.ts";
import { DeviceError } from "../../src/errors.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { explain } from "../../src/runtime/explain.ts";
import { type DType, type Tensor, tensor } from "../../src/tensor.ts";
import { computeOn, devices, use } from "../helpers/devices.ts";
import { gives, onDevices, says } from "../helpers/errors.ts";
import { numbers } from "../helpers/numbers.ts";
import { values } from "../helpers/oracle.ts";

const ends: Partial<Record<DType, readonly [number, number]>> = { int8: [-128, 127], uint8: [0, 255] };

/** Bytes of all sizes, or only the least and the greatest. */
function bytes(
  dtype: DType,
  shape: readonly number[],
  how: "any" | "least" | "greatest" | "ends",
  seed: number,
): Tensor {
  const [least, greatest] = ends[dtype] as [number, number];
  const count = shape.reduce((n, d) => n * d, 1);
  const any = numbers(count, [least, greatest + 1 - 1e-6], seed).map(Math.floor);
  const middle = (least + greatest) / 2;
  const pick = { any: (x: number) => x, least: () => least, greatest: () => greatest };
  return tensor(how === "ends" ? any.map((x) => (x < middle ? least : greatest)) : any.map(pick[how]), [...shape], {
    dtype,
  });
}

const sizes = [
  [3, 4, 3],
  [1, 7, 1],
  [8, 64, 32],
  [17, 129, 33],
  [70, 1030, 45],
  [5, 3, 200],
  [9, 2051, 4],
] as const;

describe("products of bytes", () => {
  for (const dtype of ["int8", "uint8"] as const)
    for (const device of devices)
      test(`${dtype} gives exact int32 on ${device}`, async () => {
        for (const [m, k, n] of sizes)
          for (const [left, right] of [
            ["any", "any"],
            ["ends", "ends"],
            ["least", "least"],
            ["least", "greatest"],
            ["greatest", "greatest"],
          ] as const) {
            const [a, b] = [bytes(dtype, [m, k], left, 1), bytes(dtype, [k, n], right, 2)];
            const turned = bytes(dtype, [n, k], right, 3).T;
            const all = [a.matmul(b, { dtype: "int32" }), a.matmul(turned, { dtype: "int32" })].map((y) => y.node);
            const expected = values(all);
            assert.deepEqual(await computeOn(device, all), expected, `${m}×${k}×${n}, ${left} and ${right}`);
          }
      });

  onDevices("without another dtype they wrap, as in PyTorch, and sums beyond int32 do too", async () => {
    const a = tensor([[100, 100, 3, 1]], [1, 4], { dtype: "int8" }).expand([4, 4]);
    const y = a.matmul(a.T);
    assert.equal(y.dtype, "int8");
    await gives([y.slice(0, { stop: 1 }), [[42, 42, 42, 42]]]);
    const long = bytes("uint8", [3, 70_000], "greatest", 1);
    const sum = (255 * 255 * 70_000) | 0;
    await gives([long.matmul(long.T, { dtype: "int32" }), [0, 1, 2].map(() => [sum, sum, sum])]);
  });

  onDevices("int8 wraps, saturates from floats, and keeps its sign", async () => {
    const x = tensor([-128, -1, 0, 1, 127], [5], { dtype: "int8" });
    await gives([x.add(x), [0, -2, 0, 2, -2]], [x.neg(), [-128, 1, 0, -1, -127]], [x.int(), [-128, -1, 0, 1, 127]]);
    await gives([tensor([-300, 1.9, 200, Number.NaN]).to("int8"), [-128, 1, 127, 0]]);
    await gives([tensor([130, -129, 256], [3], { dtype: "int32" }).to("int8"), [-126, 127, 0]]);
    await gives([x.sum(), -1], [x.gt(0), [false, false, false, true, true]], [x.to("uint8"), [128, 255, 0, 1, 127]]);
    assert.equal(x.add(x.to("uint8")).dtype, "int32");
    assert.equal(x.mul(tensor([1.5])).dtype, "float32");
  });

  test("other types are refused", () => {
    const x = tensor([[1]]);
    says(
      'matmul: got float32 factors with dtype "int32", but it takes int32 for bytes, or float32 for half floats. Convert both to "int32", or leave dtype out.',
      () => x.matmul(x, { dtype: "int32" }),
    );
  });

  test("the processor's own sums are used where it has them", async (t) => {
    await using device = await openX64({ threads: 1 }).catch((error: unknown) => {
      if (error instanceof DeviceError) return null;
      throw error;
    });
    if (!device?.target.dots.includes("int8")) return t.skip("no AVX512-VNNI here");
    await setDevice(device);
    const [a, b] = [bytes("int8", [32, 64], "any", 1), bytes("int8", [64, 32], "any", 2)];
    const text = JSON.stringify(await explain(a.matmul(b, { dtype: "int32" })));
    assert.match(text, /dot\(|tiles /);
    await use("wasm");
  });
});
