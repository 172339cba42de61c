/** Tensors as handles: reading, assigning, gradients, chance. Operations are tested in test/ops.test.ts. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as F from "../../src/tensor.ts";
import { arange, ones, Parameter, rand, randn, realize, seed, tensor, zeros } from "../../src/tensor.ts";
import { gives, onDevices, rejects, says } from "../helpers/errors.ts";

describe("values", () => {
  test("a tensor tells what it is", () => {
    const x = zeros([2, 3]);
    assert.deepEqual(
      [x.shape, x.dtype, x.ndim, x.numel(), String(x)],
      [[2, 3], "float32", 2, 6, "Tensor(float32 [2,3])"],
    );
    assert.equal(String(new Parameter(x, { label: "w" })), 'Tensor(float32 [2,3] "w")');
  });
  test("data decides the dtype", () => {
    assert.equal(tensor([1, 2]).dtype, "float32");
    assert.equal(tensor([true]).dtype, "bool");
    assert.equal(tensor([true, 1]).dtype, "float32");
    assert.equal(tensor([]).dtype, "float32");
    assert.equal(tensor(Int16Array.of(1)).dtype, "int32");
    assert.equal(tensor(new Uint8ClampedArray(1)).dtype, "uint8");
    assert.equal(tensor(Float64Array.of(1)).dtype, "float64");
    assert.equal(arange(3).dtype, "int32");
    assert.equal(arange(0, 1, 0.5).dtype, "float32");
  });
  onDevices("reading", async () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual(await x.data(), Float32Array.of(1, 2, 3, 4));
    assert.deepEqual(await x.half().data(), Float32Array.of(1, 2, 3, 4));
    assert.deepEqual(await x.gt(2).toArray(), [
      [false, false],
      [true, true],
    ]);
    assert.equal(await x.sum().item(), 10);
    await rejects("SHAPE", () => x.item());
    await gives([zeros([2, 0]), [[], []]], [zeros([0, 2]), []], [tensor(5), 5]);
    says(
      'to: got "int64", but it takes bool, uint8, int8, int32, float16, bfloat16, float32, float64. Choose one of them.',
      () => x.to("int64" as F.DType),
    );
  });
  onDevices("rules", async () => {
    await gives(
      [arange(2, 11, 3), [2, 5, 8]],
      [F.linspace(0, 1, 3), [0, 0.5, 1]],
      [
        F.eye(2, 3),
        [
          [1, 0, 0],
          [0, 1, 0],
        ],
      ],
    );
    await gives(
      [F.full([2], 7), [7, 7]],
      [F.full([1], true), [true]],
      [F.onesLike(arange(2)), [1, 1]],
      [F.fullLike(ones([1]), 3), [3]],
    );
    const ends = Array.from(await F.linspace(0.1, 0.7, 7).data());
    assert.deepEqual([ends[0], ends[6]], [Math.fround(0.1), Math.fround(0.7)]);
  });
});

describe("assignment", () => {
  onDevices("an assignment takes effect at once for what is recorded after it", async () => {
    const x = tensor([1, 2]);
    const before = x.add(1);
    x.assign(x.mul(10));
    const after = x.add(1);
    await realize(before, after);
    await gives([before, [2, 3]], [after, [11, 21]], [x, [10, 20]]);
  });
  onDevices("assignments follow one another", async () => {
    const x = tensor([1]);
    for (let i = 0; i < 3; i++) x.assign(x.add(i));
    await gives([x, [4]]);
  });
  onDevices("two tensors exchange their values", async () => {
    const [a, b] = [tensor([1]), tensor([2])];
    const [x, y] = [a.add(0), b.add(0)];
    a.assign(y);
    b.assign(x);
    await realize(a, b);
    await gives([a, [2]], [b, [1]]);
  });
  onDevices("a value is broadcast and converted", async () => {
    const x = zeros([2, 2]);
    await gives([
      x.assign(tensor([1, 2], { dtype: "int32" })),
      [
        [1, 2],
        [1, 2],
      ],
    ]);
    await gives([
      x.assign(3),
      [
        [3, 3],
        [3, 3],
      ],
    ]);
  });
});

describe("gradients", () => {
  onDevices("parameters get gradients, which add up", async () => {
    const w = new Parameter(tensor([2, 3]));
    const frozen = new Parameter(tensor([1, 1]), { requiresGrad: false });
    assert.equal(w.grad, null);
    for (let i = 0; i < 2; i++) w.mul(frozen).square().sum().backward();
    await gives([w.grad!, [8, 12]]);
    assert.equal(frozen.grad, null);
    w.zeroGrad();
    assert.equal(w.grad, null);
  });
  onDevices("a parameter can be frozen, given another value, and trained again", async () => {
    const w = new Parameter(tensor([2]));
    w.requiresGrad = false;
    assert.deepEqual([w.requiresGrad, w.mul(3).requiresGrad], [false, false]);
    w.assign(tensor([5]));
    assert.equal(w.requiresGrad, false);
    w.requiresGrad = true;
    w.square().sum().backward();
    await gives([w.grad!, [10]]);
  });
  onDevices("a loss can be read after the update, and before backward()", async () => {
    const w = new Parameter(tensor([2]));
    const loss = w.square().sum();
    assert.equal(await loss.item(), 4);
    loss.backward();
    const later = w.mul(3).sum();
    later.backward();
    w.assign(w.sub(w.grad!));
    await realize(w);
    await gives([w, [-5]], [loss, 4], [later, 6]);
  });
  onDevices("a gradient finds its way through what was computed meanwhile", async () => {
    const w = new Parameter(tensor([2]));
    const x = await w.mul(3).realize();
    const y = await x.square().add(w).realize();
    const z = y.mul(x).sum();
    z.backward();
    await gives([w.grad!, [3 * 4 * 9 * 3 + 4 * 3]]); // z = 27w³ + 3w²
  });
  onDevices("a detached tensor lets none through", async () => {
    const w = new Parameter(tensor([2]));
    w.mul(w.detach()).sum().backward();
    await gives([w.grad!, [2]]);
    assert.equal(w.detach().requiresGrad, false);
    assert.equal(w.add(1).requiresGrad, true);
    assert.equal(w.gt(1).requiresGrad, false);
  });
  onDevices("functions have gradients of every order", async () => {
    const cube = (x: F.Tensor): F.Tensor => x.pow(3).sum();
    const slope = (x: F.Tensor): F.Tensor => F.grad(cube)(x)[0].sum();
    const bend = (x: F.Tensor): F.Tensor => F.grad(slope)(x)[0].sum();
    const x = tensor([1, 2]);
    await gives([F.grad(cube)(x)[0], [3, 12]], [F.grad(slope)(x)[0], [6, 12]], [F.grad(bend)(x)[0], [6, 6]]);
    const { value, grads } = F.valueAndGrad((a, b) => a.mul(b).sum())(x, x);
    await gives([value, 5], [grads[0], [1, 2]], [grads[1], [1, 2]]);
    const { value: y, pullback } = F.vjp((a) => a.mul(2), x);
    await gives([y, [2, 4]], [pullback(tensor([1, 10]))[0], [2, 20]]);
  });
  test("a graph of 20,000 nodes is walked without recursion", () => {
    const w = new Parameter(tensor([1]));
    let y: F.Tensor = w;
    for (let i = 0; i < 20000; i++) y = y.add(1);
    y.sum().backward();
    assert.ok(w.grad);
  });
});

describe("chance", () => {
  onDevices("a seed gives the same numbers again, and each call others", async () => {
    seed(7);
    const [a, b] = [await rand([4]).data(), await rand([4]).data()];
    seed(7);
    assert.deepEqual(await rand([4]).data(), a);
    assert.notDeepEqual(a, b);
    const state = F.defaultGenerator.state;
    const next = await randn([2]).data();
    F.defaultGenerator.state = state;
    assert.deepEqual(await randn([2]).data(), next);
  });
  onDevices("distributions have their moments", async () => {
    seed(3);
    const n = 20000;
    const near = async (x: F.Tensor, expected: number, tolerance: number): Promise<void> => {
      const value = await x.item();
      assert.ok(Math.abs(value - expected) < tolerance, `${value}, but should be ${expected}`);
    };
    const z = await randn([n]).realize();
    await near(z.mean(), 0, 0.03);
    await near(z.std(), 1, 0.03);
    await near(z.pow(4).mean(), 3, 0.3);
    await near(F.normal([n], 5, 2).mean(), 5, 0.06);
    await near(F.uniform([n], -1, 3).mean(), 1, 0.05);
    const dice = await F.randint(1, 7, [n]).realize();
    await near(dice.float().mean(), 3.5, 0.05);
    await gives([dice.min(), 1], [dice.max(), 6]);
    await near(F.full([n], 0.3).bernoulli().mean(), 0.3, 0.02);
    await near(F.dropout(ones([n]), 0.25).mean(), 1, 0.03);
  });
  onDevices("permutations hold each number once", async () => {
    await gives([F.randperm(50).sort().values, Array.from({ length: 50 }, (_, i) => i)]);
    await gives([F.dropout(ones([3]), 1), [0, 0, 0]], [F.dropout(ones([3]), 0.5, { training: false }), [1, 1, 1]]);
  });
});
