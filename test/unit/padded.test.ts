/** Padding is done by those who read it, where they read it often. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lower } from "../../src/compile/lower.ts";
import type { Node } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";
import { conv2d, jit, type Tensor, tensor, vjp } from "../../src/index.ts";
import { agree, leaf } from "../fuzz/agree.ts";
import { kernelsOf, machine } from "../fuzz/kernels.ts";
import { devices, use } from "../helpers/devices.ts";

const values = [1, -2, 3, 0, 5, 7, -4];

/** A depthwise convolution with `padding` around `x`. */
const depthwise = (x: Node, [lo, hi]: readonly [number, number], stride = 1, value = 0): Node => {
  const channels = x.shape[1];
  const around = { lo: [0, 0, lo, lo], hi: [0, 0, hi, hi], interior: [0, 0, 0, 0], value };
  const arg = { stride: [stride, stride], dilation: [1, 1], inputDilation: [1, 1], groups: channels };
  const none = [0, 0] as const;
  return g.conv(g.pad(x, around), leaf([channels, 1, 3, 3], [2, 1, -1, 3, 0]), { ...arg, padding: [none, none] });
};

test("a sum over windows pads a plane at a time, in scratch memory, and walks memory once", async () => {
  const x = leaf([3, 8, 20, 21], values);
  assert.equal(kernelsOf([depthwise(x, [1, 1])]), "rows");
  for (const padding of [
    [1, 1],
    [2, 0],
    [0, 3],
  ] as const)
    for (const [stride, value] of [
      [1, 0],
      [2, -3],
    ])
      await agree(depthwise(x, padding, stride, value));
  await agree(depthwise(leaf([2, 9, 40, 70], values), [1, 1]));
  await agree(depthwise(g.add(x, leaf([3, 8, 20, 21], [0.5, 2])), [1, 1]));
});

test("a block in which other lines are padding each time is cleared each time", async () => {
  const x = leaf([4, 2, 6, 40], [1, 8, 3, 0, 9], "uint8");
  const filters = g.expand(leaf([6, 1, 1, 1], [1, 2, 5], "uint8"), [6, 1, 1, 20]);
  const padding = [
    [1, -1],
    [0, 1],
  ] as const;
  const y = g.conv(x, filters, { stride: [3, 3], padding, dilation: [1, 1], inputDilation: [1, 1], groups: 2 });
  assert.equal(kernelsOf([y]), "reduce map");
  await agree(y);
});

test("what is padded stays in memory for those who cannot pad by themselves, and for who asks for it", async () => {
  const x = leaf([3, 8, 20, 21], values);
  const pad = (y: Node): Node => depthwise(y, [1, 1]).src[0];
  const y = depthwise(x, [1, 1]);
  assert.equal(kernelsOf([y, pad(x)]), "map rows");
  await agree(y, pad(x));
  assert.equal(kernelsOf([depthwise(leaf([1, 3, 20, 21], values), [1, 1])]), "map rows", "3 planes are few items");
  const turned = depthwise(g.permute(leaf([3, 20, 21, 8], values), [0, 3, 1, 2]), [1, 1]);
  assert.equal(kernelsOf([turned]), "map rows", "lines that do not lie side by side");
  await agree(turned);
});

test("a cheap value is padded by each that reads it, and a dear one once for all", () => {
  const x = leaf([3, 8, 20, 21], values);
  const both = (y: Node): string => {
    const one = depthwise(y, [1, 1]);
    const again = g.node("conv", [one.src[0], leaf([8, 1, 3, 3], [1, 5])], (one as Node<"conv">).arg);
    return lower([one, again], machine)
      .loops.map((k) => k.name)
      .join(" ");
  };
  assert.equal(both(g.add(x, x)), "rows rows");
  assert.equal(both(g.exp(x)), "map rows rows");
});

for (const device of devices)
  test(`a depthwise convolution and its gradients are those of its definition on ${device}`, async () => {
    await use(device);
    const [n, c, h, w] = [2, 9, 7, 18];
    const numbers = (count: number, by: number): Float32Array =>
      Float32Array.from({ length: count }, (_, i) => ((i * by) % 7) - 3);
    const [x, weight] = [tensor(numbers(n * c * h * w, 3), [n, c, h, w]), tensor(numbers(c * 9, 2), [c, 1, 3, 3])];
    const g = tensor(numbers(n * c * h * w, 5), [n, c, h, w]);
    const all = jit((x: Tensor, w: Tensor, g: Tensor) => {
      const { value, pullback } = vjp((x, w) => conv2d(x, w, null, { padding: 1, groups: c }), x, w);
      return [value, ...pullback(g)];
    });
    const [y, dx, dw] = await Promise.all((await all(x, weight, g)).map((t) => t.data()));
    const [xs, ws, gs] = [await x.data(), await weight.data(), await g.data()];
    const [ey, edx, edw] = [y, dx, dw].map((a) => new Float64Array(a.length));
    for (let p = 0; p < n * c; p++)
      for (let i = 0; i < h * w; i++)
        for (let k = 0; k < 9; k++) {
          const [row, column] = [Math.floor(i / w) + Math.floor(k / 3) - 1, (i % w) + (k % 3) - 1];
          if (row < 0 || row >= h || column < 0 || column >= w) continue;
          const [from, to, tap] = [p * h * w + row * w + column, p * h * w + i, (p % c) * 9 + k];
          ey[to] += xs[from] * ws[tap];
          edx[from] += gs[to] * ws[tap];
          edw[tap] += gs[to] * xs[from];
        }
    assert.deepEqual([...y], [...ey]);
    assert.deepEqual([...dx], [...edx]);
    assert.deepEqual([...dw], [...edw]);
  });
