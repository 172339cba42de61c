/** Loops over time: the same as their steps one after another, at a cost of compiling that does not grow with time. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LSTM } from "../../src/nn/index.ts";
import { type Explanation, explain } from "../../src/runtime/explain.ts";
import {
  embedding,
  jit,
  ones,
  Parameter,
  rand,
  realize,
  scan,
  seed,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor.ts";
import { use } from "../helpers/devices.ts";
import { gives, onDevices, refuses, says } from "../helpers/errors.ts";

const wrong = (value: unknown): never => value as never;

async function assertSame(a: Tensor, b: Tensor): Promise<void> {
  assert.deepEqual(a.shape, b.shape);
  const [x, y] = [await a.data(), await b.data()];
  for (let i = 0; i < x.length; i++) assert.ok(Math.abs(x[i] - y[i]) <= 1e-5, `${x[i]} for ${y[i]} at ${i}`);
}

describe("scan", () => {
  onDevices("gives the last carry and all results, either way", async () => {
    const xs = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const sums = (sum: Tensor, x: Tensor): [Tensor, Tensor] => [sum.add(x), sum.mul(2)];
    const [last, twice] = scan(sums, zeros([2]), xs);
    await gives(
      [last, [9, 12]],
      [
        twice,
        [
          [0, 0],
          [2, 4],
          [8, 12],
        ],
      ],
    );
    const [back, twiceBack] = scan(sums, ones([2]), xs, { reverse: true });
    await gives(
      [back, [10, 13]],
      [
        twiceBack,
        [
          [18, 22],
          [12, 14],
          [2, 2],
        ],
      ],
    );
  });

  onDevices("takes lists, carries that exchange places, and whole numbers to look up", async () => {
    const table = new Parameter(rand([4, 2]));
    const at = tensor([3, 0, 3], { dtype: "int32" });
    const scale = tensor([1, 2, 3]);
    const [[a, b], [found, before]] = scan(
      ([a, b], [i, s]) => {
        const x = embedding(table, i.reshape([1]))
          .squeeze(0)
          .mul(s);
        return [
          [b, a.add(x)],
          [x, a],
        ];
      },
      [zeros([2]), ones([2])],
      [at, scale],
    );
    const rows = [3, 0, 3].map((i, t) => table.select(0, i).mul(t + 1));
    await assertSame(found, stack(rows));
    await assertSame(before, stack([zeros([2]), ones([2]), rows[0]]));
    await assertSame(a, rows[1].add(1));
    await assertSame(b, rows[0].add(rows[2]));
    a.sum().add(b.sum()).backward();
    await gives([
      table.grad!,
      [
        [2, 2],
        [0, 0],
        [0, 0],
        [4, 4],
      ],
    ]);
  });

  onDevices("sends gradients to what its step closes over", async () => {
    seed(2);
    const [w, b] = [new Parameter(rand([3, 3]).sub(0.5)), new Parameter(rand([3]))];
    const xs = rand([5, 2, 3]);
    xs.requiresGrad = true;
    await realize(w, b, xs);
    const step = (h: Tensor, x: Tensor): [Tensor, Tensor] => {
      const next = h.matmul(w.T).add(x.matmul(w)).add(b.exp()).tanh();
      return [next, next.mul(0.3)];
    };
    const [last, results] = scan(step, zeros([2, 3]), xs);
    last.sum().add(results.square().sum()).backward();
    const looped = [w.grad!, b.grad!, xs.grad!];
    await realize(...looped);
    for (const p of [w, b, xs]) p.zeroGrad();
    let h = zeros([2, 3]);
    const all: Tensor[] = [];
    for (let t = 0; t < 5; t++) {
      const [next, result] = step(h, xs.select(0, t));
      h = next;
      all.push(result);
    }
    h.sum().add(stack(all).square().sum()).backward();
    for (const [i, p] of [w, b, xs].entries()) await assertSame(looped[i], p.grad!);
  });

  onDevices("finds its plan again with other numbers, under jit too", async () => {
    const xs = tensor([1, 2, 3]);
    const decay = (by: number): Tensor => scan((s, x) => [s.mul(by).add(x), s], zeros([]), xs)[0];
    await gives([decay(0.5), 4.25], [decay(0.25), 3.5625]);
    const f = jit((xs: Tensor) => scan((s, x) => [s.mul(0.5).add(x), s], zeros([]), xs)[0]);
    for (const last of [3, 4, 5]) await gives([await f(tensor([1, 2, last])), last + 1.25]);
    const noisy = jit((xs: Tensor) => scan((s, x) => [s.add(x).add(rand([])), s], zeros([]), xs)[0]);
    const [one, two] = [await (await noisy(xs)).item(), await (await noisy(xs)).item()];
    assert.notEqual(one, two);
    assert.ok(one > 6 && one < 9);
  });

  test("compiles a thousand steps as ten, and keeps their plan as small", async () => {
    await use("wasm");
    const explained = async (steps: number): Promise<Explanation> => {
      const [last] = scan((h, x) => [h.mul(0.9).add(x).tanh(), x], zeros([8]), ones([steps, 8]).mul(0.1));
      return explain(last);
    };
    const [few, many] = [await explained(10), await explained(1000)];
    assert.equal(many.kernels.length, few.kernels.length);
    const bodyOf = ({ kernels }: Explanation): string[] => kernels.filter((k) => k.turns > 1).map((k) => k.loops);
    assert.deepEqual(bodyOf(many), bodyOf(few));
    assert.deepEqual(
      many.kernels.map((k) => k.turns).filter((n) => n > 1),
      [1000],
    );
  });

  test("refuses what is no loop", () => {
    const xs = ones([3, 2]);
    says(
      "scan: got xs of [0,2], but it takes tensors with as many elements on the first axis, at least one. Put time first, as in x.transpose(0, 1).",
      () => scan((c, x) => [c, x], zeros([2]), zeros([0, 2])),
    );
    says(
      "scan: got a carry of float32 [2,2] after one of float32 [2], but it takes one that stays as it is. Check what the step returns.",
      () => scan((c, x) => [c.unsqueeze(0).add(ones([2, 1])), x], zeros([2]), xs),
    );
    refuses(
      "SHAPE",
      () => scan((c, x) => [c, x[0]], zeros([2]), [xs, ones([2, 2])]),
      () => scan((c, x) => [c, x], zeros([2]), []),
    );
    refuses(
      "VALUE",
      () =>
        scan(
          wrong((c: Tensor) => c),
          zeros([2]),
          xs,
        ),
      () =>
        scan(
          wrong(async (c: Tensor, x: Tensor) => [c, x]),
          zeros([2]),
          xs,
        ),
      () => scan((c, x) => [c, x], zeros([2]), xs, wrong({ reversed: true })),
    );
    refuses("DTYPE", () => scan((c, x) => [c.add(x), x.int()], zeros([2]), xs));
    const lstm = new LSTM(1, 2);
    refuses("UNSUPPORTED", () => scan((c, x) => [c, lstm.forward(x.reshape([2, 1, 1]))[0]], zeros([2]), xs));
  });

  onDevices("goes through what has no elements", async () => {
    const [last, all] = scan((c, x) => [c.add(x), c], zeros([0, 2]), zeros([3, 0, 2]));
    assert.deepEqual(
      [last.shape, all.shape],
      [
        [0, 2],
        [3, 0, 2],
      ],
    );
  });
});
