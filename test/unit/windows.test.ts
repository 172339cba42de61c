/** Convolutions that read rows of images in scratch memory, and those that are packed: the same to the last bit. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { print } from "../../src/compile/loops.ts";
import { lower, type Machine } from "../../src/compile/lower.ts";
import { CheckedDevice } from "../../src/device/checked.ts";
import { openWasm } from "../../src/device/wasm.ts";
import type { Node } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";
import { conv2d, jit, ones, type Tensor, tensor } from "../../src/index.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { agree, leaf } from "../fuzz/agree.ts";
import { Tapped } from "../fuzz/device.ts";
import { buffer, machine } from "../fuzz/kernels.ts";
import { devices, use } from "../helpers/devices.ts";

const avx512: Machine = { lanes: 16, registers: 32, maxBuffers: 64 };

const conv = (x: Node, w: Node, padding: readonly (readonly [number, number])[], dilation = 1): Node =>
  g.conv(x, w, {
    stride: padding.map(() => 1),
    padding,
    dilation: padding.map(() => dilation),
    inputDilation: padding.map(() => 1),
    groups: x.shape[1] / w.shape[1],
  });
const around = (by: number): [number, number][] => [
  [by, by],
  [by, by],
];
const namesOf = (y: Node, of: Machine = avx512): string =>
  lower([y], of)
    .loops.map((k) => k.name)
    .join(" ");

test("a convolution of few taps pads by itself where tiles are as wide as registers allow, and is packed where not", () => {
  const [x, w] = [buffer([4, 64, 56, 56]), buffer([64, 64, 3, 3])];
  assert.equal(namesOf(conv(x, w, around(1))), "contract");
  assert.equal(namesOf(conv(x, w, around(1)), machine), "map contract");
  const [kernel] = lower([conv(x, w, around(1))], avx512).loops;
  assert.match(print(kernel), /57\*p0n/, "rows share their padding");
  assert.equal(namesOf(conv(buffer([4, 64, 7, 7]), buffer([512, 64, 3, 3]), around(1))), "map contract", "short rows");
});

test("rows of images in scratch memory agree with the oracle", async () => {
  const values = [1, -2, 3, 0, 5, 0.5, -4];
  const shapes = [
    { x: [2, 3, 9, 33], w: [8, 3, 3, 3], padding: around(1) },
    { x: [1, 30, 12, 40], w: [9, 30, 3, 3], padding: around(1) },
    { x: [2, 4, 10, 30], w: [8, 4, 5, 5], padding: around(2) },
    { x: [1, 3, 11, 37], w: [8, 3, 3, 3], padding: around(2), dilation: 2 },
    { x: [2, 5, 40], w: [8, 5, 3], padding: [[1, 1]] as const },
    { x: [2, 5, 40], w: [8, 5, 4], padding: [[3, 0]] as const },
    {
      x: [1, 3, 4, 6, 30],
      w: [8, 3, 2, 2, 3],
      padding: [
        [1, 0],
        [0, 1],
        [1, 1],
      ] as const,
    },
    { x: [2, 12, 8, 32], w: [16, 6, 3, 3], padding: around(1) },
    { x: [1, 3, 10, 34], w: [8, 3, 3, 3], padding: around(0) },
  ];
  for (const { x, w, padding, dilation } of shapes)
    await agree(conv(leaf(x, values), leaf(w, [2, 1, -1, 3]), padding, dilation));
  // What is padded is computed on the way; and where it is asked for too, it is in memory.
  const x = leaf([2, 3, 9, 33], values);
  const w = leaf([8, 3, 3, 3], [2, 1, -1, 3]);
  await agree(conv(g.max(x, g.like(x, 0)), w, around(1)));
  const padded = g.pad(x, { lo: [0, 0, 1, 1], hi: [0, 0, 1, 1], interior: [0, 0, 0, 0], value: 2 });
  await agree(conv(padded, w, around(0)), padded);
  await agree(conv(padded, w, around(0)));
});

test("weights of channels that the last block has not are not read", async () => {
  const before = await currentDevice();
  const wide = { lanes: 4, registers: 32, maxBuffers: 64 };
  assert.equal(namesOf(conv(buffer([1, 9, 15, 32]), buffer([8, 9, 5, 4]), around(2)), wide), "contract");
  await setDevice(new CheckedDevice(new Tapped(await openWasm({ threads: 1 }), wide)));
  const [x, w] = [await ones([1, 9, 15, 32]).realize(), await ones([8, 9, 5, 4]).realize()];
  const y = await conv2d(x, w, null, { padding: 2 }).data();
  assert.equal(Math.max(...y), 9 * 5 * 4);
  await setDevice(before);
});

for (const device of devices.filter((name) => name !== "reference"))
  test(`what is padded beforehand, and by the convolution, gives the same bits on ${device}`, async () => {
    await use(device);
    const numbers = (count: number): Float32Array =>
      Float32Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i)));
    const [x, w] = [tensor(numbers(2 * 31 * 14 * 30), [2, 31, 14, 30]), tensor(numbers(9 * 31 * 9), [9, 31, 3, 3])];
    const one = jit((x: Tensor, w: Tensor) => conv2d(x, w, null, { padding: 1 }));
    const [within, before] = [await one(x, w), await x.pad([1, 1, 1, 1]).realize()];
    assert.deepEqual(await within.data(), await (await jit((x: Tensor, w: Tensor) => conv2d(x, w))(before, w)).data());
    // Rows of one image are too few items: it is packed.
    const alone = await (await one(x.narrow(0, 0, 1), w)).data();
    assert.deepEqual(alone, (await within.data()).slice(0, alone.length));
  });
