/** The cases SHP: shapes and dtypes. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as F from "../../src/tensor.ts";
import { arange, empty, eye, full, linspace, oneHot, ones, rand, stack, tensor, zeros } from "../../src/tensor.ts";
import { gives, onDevices, refuses, rejects, says } from "../helpers/errors.ts";

const wrong = <T>(value: unknown): T => value as T;
const sparse = [1, 0, 3];
delete sparse[1];

describe("SHP", () => {
  test("SHP-01 negative sizes", () => {
    refuses(
      "SHAPE",
      () => zeros([-1]),
      () => zeros([2, -3, 0]),
    );
    says("zeros: got -3 as the size of axis 1, but it takes whole numbers of at least 0. Check the shape.", () =>
      zeros([2, -3, 0]),
    );
  });
  test("SHP-02 sizes that are no whole numbers", () => {
    refuses(
      "SHAPE",
      () => zeros([1.5]),
      () => zeros([NaN]),
      () => zeros(wrong(["3"])),
      () => zeros([2 ** 53]),
      () => zeros(wrong(3)),
    );
    refuses("SHAPE", () => zeros(sparse));
  });
  test("SHP-03 more elements than can be counted", () => {
    says(
      `empty: got the shape [${2 ** 40},${2 ** 30}] of about 2^70 elements, but it takes fewer than 2^53. Split the tensor.`,
      () => empty([2 ** 40, 2 ** 30]),
    );
    refuses(
      "LIMIT",
      () => ones([2 ** 27, 2 ** 27]),
      () => full([2 ** 31], 0),
    );
  });
  test("SHP-04 an empty tensor with a large size", async () => {
    refuses("SHAPE", () => zeros([0, 2 ** 53]));
    refuses("LIMIT", () => zeros([2 ** 31, 0]));
    assert.equal(zeros([2 ** 31 - 1, 0]).numel(), 0);
  });
  onDevices("SHP-05 rank 0", async () => {
    assert.equal(await zeros([]).item(), 0);
    assert.equal(await tensor(3).sum().item(), 3);
    await gives(
      [tensor(3).reshape([1, 1]), [[3]]],
      [tensor(3), 3],
      [tensor(2).softmax(0), 1],
      [tensor(2).flatten(), [2]],
    );
  });
  test("SHP-06 more than 64 axes", () => {
    const sizes = Array<number>(64).fill(1);
    refuses(
      "LIMIT",
      () => ones([...sizes, 1]),
      () => ones(sizes).unsqueeze(0),
      () => ones(sizes).expand([1, ...sizes]),
    );
    refuses(
      "LIMIT",
      () => stack([ones(sizes), ones(sizes)]),
      () => oneHot(zeros(sizes, { dtype: "int32" }), 1),
    );
    refuses("VALUE", () => ones(sizes).amax(64));
    assert.equal(ones(sizes).amax(63).ndim, 63);
  });
  test("SHP-07 data that does not fill the shape", () => {
    says("tensor: got 3 elements for the shape [2,2], but it takes 4 elements. Check the shape.", () =>
      tensor([1, 2, 3], [2, 2]),
    );
  });
  test("SHP-08 arrays of different lengths, and what is no number", () => {
    refuses(
      "SHAPE",
      () => tensor([[1, 2], [3]]),
      () => tensor([[1], []]),
      () => tensor([[1], 2]),
      () => tensor([1, [2]]),
    );
    refuses(
      "DTYPE",
      () => tensor(sparse),
      () => tensor(wrong([1, null])),
      () => tensor(wrong([1, undefined])),
    );
    refuses(
      "DTYPE",
      () => tensor(wrong(["a"])),
      () => tensor(wrong("a")),
      () => tensor(wrong(null)),
      () => tensor(wrong([1n])),
    );
    says(
      "tensor: got 1 elements in data[1], but it takes 2 elements there, as in the arrays before it. Make all arrays of one depth equally long.",
      () => tensor([[1, 2], [3]]),
    );
    const endless: unknown[] = [];
    endless.push(endless);
    refuses("LIMIT", () => tensor(wrong(endless)));
  });
  test("SHP-09 integers from what is none", async () => {
    for (const x of [1.5, 3e9, NaN, Infinity]) refuses("VALUE", () => tensor([x], { dtype: "int32" }));
    await gives([tensor([1.5, 3e9, NaN, -1]).to("int32"), [1, 2 ** 31 - 1, 0, -1]]);
  });
  test("SHP-10 bytes from what is none", async () => {
    for (const x of [-1, 256, 300.7]) refuses("VALUE", () => tensor([x], { dtype: "uint8" }));
    refuses(
      "VALUE",
      () => full([2], 256, { dtype: "uint8" }),
      () => tensor(Int32Array.of(300), { dtype: "uint8" }),
    );
    await gives([tensor([-1, 256, 300.7]).to("uint8"), [0, 255, 255]]);
  });
  test("SHP-11 64-bit integers", async () => {
    refuses(
      "DTYPE",
      () => zeros([1], wrong({ dtype: "int64" })),
      () => tensor([1], wrong({ dtype: "int64" })),
    );
    refuses(
      "VALUE",
      () => tensor(BigInt64Array.of(2n ** 60n)),
      () => tensor(BigInt64Array.of(2n ** 40n)),
    );
    await gives([tensor(BigInt64Array.of(-5n)), [-5]]);
  });
  onDevices("SHP-12 halves", async () => {
    await gives([tensor([65519, 65520, 1e-8, -0.1], { dtype: "float16" }), [65504, Infinity, 0, -0.0999755859375]]);
    await gives([tensor([3.4e38, 1 + 2 ** -8], { dtype: "bfloat16" }), [Infinity, 1]]);
    for (const dtype of ["float16", "bfloat16"] as const) {
      const every = F.fromHostArray(
        Uint16Array.from({ length: 65536 }, (_, i) => i),
        [65536],
        dtype,
      );
      const [bits, back] = [await every.data(), await every.float().to(dtype).data()];
      assert.ok(
        bits.every((x, i) => Object.is(x, back[i])),
        dtype,
      );
    }
  });
  onDevices("SHP-13 mixed dtypes", async () => {
    const [i, f, b, u] = [
      tensor([3], { dtype: "int32" }),
      tensor([0.5]),
      tensor([true]),
      tensor([0], { dtype: "uint8" }),
    ];
    assert.deepEqual(
      [i.add(f).dtype, b.add(b).dtype, u.sub(1).dtype, i.div(i).dtype, b.add(1).dtype],
      ["float32", "bool", "uint8", "float32", "int32"],
    );
    assert.deepEqual(
      [i.add(1.5).dtype, u.add(i).dtype, f.half().add(f).dtype, f.half().mul(2).dtype],
      ["float32", "int32", "float32", "float16"],
    );
    assert.equal(f.half().add(f.to("bfloat16")).dtype, "float32");
    await gives([u.sub(1), [255]], [b.add(b), [true]], [i.div(2), [1.5]]);
    refuses(
      "DTYPE",
      () => b.sub(b),
      () => b.neg(),
      () => f.half().matmul(f),
      () => i.matmul(f),
    );
    refuses("VALUE", () => i.add(3e9));
  });
  test("SHP-14 memory of every kind", async () => {
    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared[1] = 7;
    const moved = new Float32Array(2);
    const detached = moved.subarray(0);
    structuredClone(moved, { transfer: [moved.buffer] });
    const resizable = new Float32Array(new ArrayBuffer(8, { maxByteLength: 16 }));
    refuses(
      "VALUE",
      () => tensor(detached),
      () => tensor(resizable),
      () => tensor(wrong(new DataView(new ArrayBuffer(8)))),
    );
    await gives([tensor(shared), [0, 7]], [tensor(new Float32Array(new ArrayBuffer(12), 4)), [0, 0]]);
    // Pages that may not share memory do not know of it at all.
    const { SharedArrayBuffer: known } = globalThis;
    Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
    const without = tensor(Float32Array.of(3));
    globalThis.SharedArrayBuffer = known;
    await gives([without, [3]]);
  });
  test("SHP-15 data changed afterwards", async () => {
    const data = Float32Array.of(1, 2);
    const x = tensor(data).mul(2);
    data.fill(9);
    await gives([x, [2, 4]]);
    const copy = await x.data();
    copy.fill(0);
    await gives([x, [2, 4]]);
  });
  onDevices("SHP-16 use after dispose()", async () => {
    const x = tensor([1, 2]);
    const [view, sum] = [x.reshape([2, 1]), x.add(1)];
    view.dispose();
    await gives([x, [1, 2]]);
    x.dispose();
    x.dispose();
    refuses(
      "DISPOSED",
      () => x.add(1),
      () => x.reshape([2]),
      () => view.sum(),
      () => x.backward(),
    );
    await rejects(
      "DISPOSED",
      () => x.data(),
      () => x.realize(),
      () => sum.data(),
    );
    const y = await tensor([3]).add(1).realize();
    const kept = y.float(); // the same node, of another handle
    kept.dispose();
    await gives([y, [4]]);
  });
  test("SHP-17 rules that make no sense", async () => {
    refuses(
      "LIMIT",
      () => arange(0, 1e18),
      () => arange(-1e38, 1),
    );
    refuses(
      "VALUE",
      () => arange(0, 1, 0),
      () => arange(Infinity, 2),
      () => arange(NaN),
      () => linspace(0, 1, -1),
      () => eye(-1),
    );
    await gives(
      [arange(3, 0), []],
      [arange(-3, 2, -1), []],
      [arange(2, -3, -2), [2, 0, -2]],
      [linspace(0, 1, 1), [0]],
      [eye(0), []],
    );
  });
  test("SHP-18 seeds", () => {
    for (const seed of [-1, 1.5, NaN, 2 ** 64])
      refuses(
        "VALUE",
        () => F.seed(seed),
        () => rand([1], { generator: new F.Generator(seed) }),
      );
    refuses("VALUE", () => F.seed(wrong("1")));
    assert.ok(Number.isSafeInteger(new F.Generator().state.seed));
  });
  test("SHP-19 results too large", () => {
    refuses(
      "LIMIT",
      () => ones([1]).tile([1e8, 1e8, 1e8]),
      () => oneHot(tensor([0], { dtype: "int32" }), 2 ** 31 - 1).expand([2 ** 30, 1, 2 ** 31 - 1]),
    );
    refuses(
      "VALUE",
      () => ones([1]).repeat([2 ** 31]),
      () => oneHot(tensor([0], { dtype: "int32" }), 2 ** 31),
    );
    refuses(
      "LIMIT",
      () => ones([2 ** 30, 1]).add(ones([1, 2 ** 30])),
      () => ones([2 ** 16]).repeatInterleave(2 ** 16, 0),
    );
  });
});
