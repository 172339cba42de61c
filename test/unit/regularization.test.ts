/** What PyTorch 1.13 lacks, against the papers' algorithms written plainly in float64; and penalties. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ValueError } from "../../src/errors.ts";
import {
  Adam,
  elasticNetPenalty,
  Lion,
  l1Penalty,
  l2Penalty,
  limitNorms,
  SGD,
  softThreshold,
} from "../../src/optim/index.ts";
import { Parameter, type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { use } from "../helpers/devices.ts";
import { onDevices } from "../helpers/errors.ts";

const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const close = (got: readonly number[], want: readonly number[], tolerance: number): void => {
  assert.equal(got.length, want.length);
  got.forEach((x, i) => {
    assert.ok(Math.abs(x - want[i]) <= tolerance * Math.max(1, Math.abs(want[i])), `${got} for ${want}`);
  });
};

describe("Lion", () => {
  onDevices("follows algorithm 2 of the paper for ten steps", async () => {
    const start = [1, -2, 0.5, 3];
    for (const { lr, betas, weightDecay } of [
      { lr: 0.01, betas: [0.9, 0.99], weightDecay: 0 },
      { lr: 0.03, betas: [0.95, 0.98], weightDecay: 0.5 },
    ] as const) {
      const p = new Parameter(tensor(start));
      const optimizer = new Lion([p], { lr, betas, weightDecay });
      const [theta, m] = [[...start], start.map(() => 0)];
      for (let t = 1; t <= 10; t++) {
        const g = start.map((_, i) => Math.fround(Math.sin(3 * t + i) + 0.2 * i));
        p.grad = tensor(g);
        await optimizer.step();
        for (const i of start.keys()) {
          const c = betas[0] * m[i] + (1 - betas[0]) * g[i];
          theta[i] -= lr * (Math.sign(c) + weightDecay * theta[i]);
          m[i] = betas[1] * m[i] + (1 - betas[1]) * g[i];
        }
        close(await list(p), theta, 1e-6);
      }
    }
  });

  test("stays where it is while there is no gradient at all", async () => {
    await use("wasm");
    const p = new Parameter(tensor([1]));
    const optimizer = new Lion([p]);
    p.grad = zeros([1]);
    await optimizer.step();
    assert.deepEqual(await list(p), [1]);
    assert.equal(optimizer.lr, 1e-4);
  });
});

/** Least squares `½ ‖Ax − b‖²` with a solution of which half should be 0, as numbers. */
function lasso(): { a: number[][]; b: number[] } {
  const [rows, columns] = [20, 8];
  const a = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) =>
      Math.fround(((r * 0.754877666 + c * 0.569840291 + r * c * 0.6180339887) % 1) - 0.5),
    ),
  );
  const truth = [2, 0, -1, 0, 0, 3, 0, 0];
  const b = a.map((row, r) => Math.fround(row.reduce((sum, x, c) => sum + x * truth[c], 0) + 0.1 * Math.cos(r)));
  return { a, b };
}

describe("the L1 penalty as a proximal step", () => {
  onDevices("is ISTA with SGD, step by step, and makes elements exactly 0", async () => {
    const { a, b } = lasso();
    const [lr, l1] = [0.2, 0.3];
    const p = new Parameter(zeros([8]));
    const optimizer = new SGD([p], { lr, l1 });
    const x = Array<number>(8).fill(0);
    for (let k = 0; k < 150; k++) {
      const residual = tensor(a).matmul(p).sub(tensor(b));
      residual.square().sum().mul(0.5).backward();
      await optimizer.step();
      const r = a.map((row, i) => row.reduce((sum, v, c) => sum + v * x[c], 0) - b[i]);
      const g = x.map((_, c) => a.reduce((sum, row, i) => sum + row[c] * r[i], 0));
      for (const c of x.keys()) {
        const y = x[c] - lr * g[c];
        x[c] = Math.sign(y) * Math.max(Math.abs(y) - lr * l1, 0);
      }
      if (k % 25 === 0) close(await list(p), x, 1e-5);
    }
    const got = await list(p);
    close(got, x, 1e-5);
    assert.deepEqual(
      got.map((v) => v === 0),
      [2, 0, -1, 0, 0, 3, 0, 0].map((v) => v === 0),
    );
    // At the minimum the gradient is −l1 · sign(x) where x is not 0, and within ±l1 where it is.
    const r = a.map((row, i) => row.reduce((sum, v, c) => sum + v * got[c], 0) - b[i]);
    for (const [c, v] of got.entries()) {
      const g = a.reduce((sum, row, i) => sum + row[c] * r[i], 0);
      assert.ok(v === 0 ? Math.abs(g) <= l1 : Math.abs(g + l1 * Math.sign(v)) < 1e-2, `${g} at ${v}`);
    }
  });

  test("follows the rate of its group, and leaves what has no gradient as it is", async () => {
    await use("wasm");
    const make = (): Parameter => new Parameter(tensor([1]));
    const [w, b, idle] = [make(), make(), make()];
    const optimizer = new SGD([{ params: [w, idle], l1: 0.5 }, { params: [b] }], { lr: 1 });
    optimizer.lr = 0.5;
    for (const p of [w, b]) p.grad = zeros([1]);
    await optimizer.step();
    assert.deepEqual([await list(w), await list(b), await list(idle)], [[0.75], [1], [1]]);
    w.grad = zeros([1]);
    await optimizer.step({ when: tensor([false]).reshape([]) });
    assert.deepEqual(await list(w), [0.75]);
  });

  onDevices("by hand: moves towards 0, and no further", async () => {
    const w = tensor([3, -3, 0.5, -0.5, 0, 1, Infinity, Number.NaN]);
    assert.deepEqual(await list(softThreshold(w, 1)), [2, -2, 0, 0, 0, 0, Infinity, Number.NaN]);
    assert.deepEqual(await list(softThreshold(tensor([2]), tensor(0.5))), [1.5]);
  });
});

describe("the limit of norms", () => {
  onDevices("scales rows and filters that are longer, after the update of any optimizer", async () => {
    const values = [
      [3, 4],
      [0.3, -0.4],
      [0, 0],
    ];
    const p = new Parameter(tensor(values));
    const bias = new Parameter(tensor([9, 9]));
    const optimizer = new Adam([p, bias], { lr: 0, maxNorm: 2 });
    for (const q of [p, bias]) q.grad = q.mul(1);
    await optimizer.step();
    close(await list(p), [1.2, 1.6, 0.3, -0.4, 0, 0], 1e-6);
    assert.deepEqual(await list(bias), [9, 9]);
    const filters = tensor([1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1], [2, 1, 2, 2]);
    close(await list(limitNorms(filters, 1)), [0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1], 1e-6);
    for (const limit of [0.7, 49, 0.4]) {
      // what is within stays to the last bit
      const within = tensor([[0.1, 0.2, 0.3]]);
      assert.deepEqual(await list(limitNorms(within, limit)), await list(within));
    }
  });
});

describe("penalties", () => {
  before(() => use("wasm"));

  test("have their values and derivatives, over all parameters", async () => {
    const params = [new Parameter(tensor([[1, -2]])), new Parameter(tensor([0, 3]))];
    const gradients = async (penalty: Tensor): Promise<[number, number[][]]> => {
      penalty.backward();
      const value = await penalty.item();
      const found = await Promise.all(params.map((p) => list(p.grad as Tensor)));
      for (const p of params) p.zeroGrad();
      return [value, found];
    };
    assert.deepEqual(await gradients(l1Penalty(params)), [
      6,
      [
        [1, -1],
        [0, 1],
      ],
    ]);
    assert.deepEqual(await gradients(l2Penalty(params)), [
      14,
      [
        [2, -4],
        [0, 6],
      ],
    ]);
    assert.deepEqual(await gradients(elasticNetPenalty(params, { l1: 2, l2: 0.5 })), [
      19,
      [
        [3, -4],
        [0, 5],
      ],
    ]);
  });

  test("½λ Σw² in the loss is weightDecay λ", async () => {
    const [a, b] = [new Parameter(tensor([1, -2])), new Parameter(tensor([1, -2]))];
    const [plain, decaying] = [new SGD([a], { lr: 0.1 }), new SGD([b], { lr: 0.1, weightDecay: 0.25 })];
    for (let i = 0; i < 4; i++) {
      a.sum()
        .add(l2Penalty([a]).mul(0.125))
        .backward();
      b.sum().backward();
      await plain.step();
      await decaying.step();
    }
    close(await list(a), await list(b), 1e-6);
  });

  test("of no parameters, or with weights below 0, are refused", () => {
    const p = new Parameter(tensor([1]));
    for (const make of [
      () => l1Penalty([]),
      () => l2Penalty(p as never),
      () => l2Penalty([1] as never),
      () => elasticNetPenalty([p], { l1: -1, l2: 0 }),
      () => elasticNetPenalty([p], { l1: 1 } as never),
      () => elasticNetPenalty([p], undefined as never),
    ]) {
      assert.throws(make, ValueError);
    }
  });
});

describe("gradients that are added up", () => {
  before(() => use("wasm"));

  test("backward twice adds into grad, as in PyTorch, until the step uses it up", async () => {
    const p = new Parameter(tensor([1, 2]));
    p.square().sum().backward();
    p.mul(3).sum().backward();
    assert.deepEqual(await list(p.grad as Tensor), [5, 7]);
    await new SGD([p], { lr: 1 }).step();
    assert.deepEqual([await list(p), p.grad], [[-4, -5], null]);
  });
});
