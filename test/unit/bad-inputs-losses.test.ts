/** The cases LOSS and GRAPH: losses at their edges, laziness and derivatives. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import * as F from "../../src/tensor.ts";
import { ones, Parameter, realize, tensor, zeros } from "../../src/tensor.ts";
import { gives, onDevices, refuses, rejects, says } from "../helpers/errors.ts";

const int = (...x: number[]): F.Tensor => tensor(x, { dtype: "int32" });
const leaf = (data: F.Nested): F.Tensor => {
  const x = tensor(data);
  x.requiresGrad = true;
  return x;
};
const near = async (x: F.Tensor, expected: number, tolerance = 1e-6): Promise<void> => {
  const y = await x.item();
  assert.ok(Math.abs(y - expected) <= tolerance, `${y}, but should be ${expected}`);
};

describe("LOSS", () => {
  test("LOSS-01 labels that are none", () => {
    const x = ones([2, 3]);
    says("crossEntropy: got the label 3 in row 1, but it takes 0 … 2, or -100 for none. Check the labels.", () =>
      F.crossEntropy(x, int(0, 3)),
    );
    refuses(
      "INDEX",
      () => F.crossEntropy(x, int(-1, 0)),
      () => F.nllLoss(x, int(0, 5)),
      () => F.multiMarginLoss(x, int(0, -100)),
    );
    refuses(
      "SHAPE",
      () => F.crossEntropy(x, tensor([1.5, 0])),
      () => F.crossEntropy(x, tensor([NaN, 0])),
      () => F.crossEntropy(x, int(0)),
    );
    refuses(
      "SHAPE",
      () => F.crossEntropy(x, zeros([2, 1], { dtype: "int32" })),
      () => F.crossEntropy(tensor(1), int(0)),
    );
    refuses(
      "DTYPE",
      () => F.crossEntropy(x, tensor([true, false])),
      () => F.nllLoss(x, tensor([0, 1])),
    );
  });
  onDevices("LOSS-01 a label that is computed and is none makes the loss NaN", async () => {
    await gives([F.crossEntropy(ones([2, 3]), int(0, 1).mul(3)), NaN]);
  });
  test("LOSS-02 is warned of once, whichever loss it is", () => {
    const program = `
      import * as F from ${JSON.stringify(import.meta.resolve("../../src/tensor.ts"))};
      const int = (...x) => F.tensor(x, { dtype: "int32" });
      F.nllLoss(F.zeros([0, 3]), F.zeros([0], { dtype: "int32" }), { reduction: "sum" });
      F.crossEntropy(F.ones([2, 3]), int(1, -100));
      for (const [x, y] of [[[0, 3], [3]], [[0, 3], [0, 2]]]) {
        try { F.mseLoss(F.zeros(x), F.zeros(y)); } catch {} // what is refused is no mean over nothing
        try { F.crossEntropy(F.zeros(x), F.zeros(y)); } catch {}
      }
      console.warn("so far, nothing");
      F.crossEntropy(F.ones([2, 3]), int(7, 7), { ignoreIndex: 7 });
      F.crossEntropy(F.ones([2, 3]), int(-100, -100));
      F.mseLoss(F.zeros([0]), F.zeros([0]));`;
    // In another process, for in this one it may have been said.
    const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    assert.deepEqual(stderr.trim().split("\n"), [
      "so far, nothing",
      'crossEntropy: got a mean over no targets, which is NaN; its gradients are 0. Leave such batches out, or use reduction "sum". This is said only once.',
    ]);
  });
  onDevices("LOSS-02 no label that counts, and no rows", async () => {
    const x = leaf([[1, 2, 3]]);
    const loss = F.crossEntropy(x, int(-100));
    loss.backward();
    await gives([loss, NaN], [x.grad!, [[0, 0, 0]]], [F.mseLoss(zeros([0]), zeros([0])), NaN]);
    // Of a batch of nothing, and of one in which nothing counts, the layers before have gradients of 0.
    for (const rows of [0, 2]) {
      for (const lossOf of [F.crossEntropy, (y: F.Tensor, t: F.Tensor) => F.nllLoss(y.logSoftmax(-1), t)]) {
        const w = leaf([
          [1, 2, 3],
          [4, 5, 6],
        ]);
        const none = lossOf(ones([rows, 2]).matmul(w), F.full([rows], -100).to("int32"));
        none.backward();
        await gives(
          [none, NaN],
          [
            w.grad!.abs(),
            [
              [0, 0, 0],
              [0, 0, 0],
            ],
          ],
        );
      }
    }
  });
  onDevices("LOSS-03 probabilities as targets", async () => {
    const x = tensor([[0, 0]]);
    await near(F.crossEntropy(x, tensor([[2, 3]])), 5 * Math.LN2);
    await near(F.crossEntropy(x, tensor([[-1, 0]])), -Math.LN2);
    refuses(
      "SHAPE",
      () => F.crossEntropy(x, tensor([[1, 0, 0]])),
      () => F.crossEntropy(x, tensor([1, 0])),
    );
    refuses(
      "VALUE",
      () => F.crossEntropy(x, int(0), { labelSmoothing: 1.5 }),
      () => F.crossEntropy(x, int(0), { labelSmoothing: -0.1 }),
    );
  });
  onDevices("LOSS-04 a weight of 0 for the only label", async () => {
    await gives([F.crossEntropy(ones([1, 2]), int(1), { weight: tensor([1, 0]) }), NaN]);
    await gives([F.nllLoss(ones([1, 2]), int(1), { weight: tensor([1, 0]) }), NaN]);
    await gives([F.crossEntropy(ones([1, 2]), int(1), { weight: tensor([1, 0]), reduction: "sum" }), 0]);
    refuses("SHAPE", () => F.crossEntropy(ones([1, 2]), int(1), { weight: ones([3]) }));
  });
  onDevices("LOSS-05 binary cross-entropy", async () => {
    await near(F.binaryCrossEntropy(tensor([0]), tensor([1])), 100);
    refuses(
      "VALUE",
      () => F.binaryCrossEntropy(tensor([1.1]), tensor([1])),
      () => F.binaryCrossEntropy(tensor([0.5]), tensor([2])),
    );
    refuses("VALUE", () => F.binaryCrossEntropyWithLogits(tensor([0.5]), tensor([-1])));
    const x = leaf([1000, -1000]);
    const loss = F.binaryCrossEntropyWithLogits(x, tensor([1, 0]));
    loss.backward();
    await gives([loss, 0], [x.grad!, [0, 0]]);
    await near(F.binaryCrossEntropyWithLogits(tensor([1000, -1000]), tensor([0, 1])), 1000);
  });
  test("LOSS-06 a target that would be broadcast", () => {
    for (const loss of [
      ...[F.mseLoss, F.l1Loss, F.huberLoss, F.smoothL1Loss, F.binaryCrossEntropy, F.binaryCrossEntropyWithLogits],
      ...[F.klDiv, F.poissonNllLoss, F.hingeEmbeddingLoss, F.hingeLoss, F.softMarginLoss],
      (x: F.Tensor, target: F.Tensor) => F.gaussianNllLoss(x, target, ones([4, 1])),
      (x: F.Tensor, target: F.Tensor) => F.marginRankingLoss(x, x, target),
      (x: F.Tensor, target: F.Tensor) => F.tripletMarginLoss(x, target, x),
    ])
      refuses("SHAPE", () => loss(ones([4, 1]), ones([4])));
    refuses("SHAPE", () => F.cosineEmbeddingLoss(ones([4, 2]), ones([4, 2]), ones([4, 1])));
    says(
      "smoothL1Loss: got [4,1] with a target of [4], but it takes equal shapes. Use reshape() or expand() if that is meant.",
      () => F.smoothL1Loss(ones([4, 1]), ones([4])),
    );
    says(
      "mseLoss: got [4,1] with a target of [4], but it takes equal shapes. Use reshape() or expand() if that is meant.",
      () => F.mseLoss(ones([4, 1]), ones([4])),
    );
  });
  onDevices("LOSS-07 the divergence of Kullback and Leibler", async () => {
    await gives(
      [F.klDiv(tensor([-Infinity, -1]), tensor([0, 0])), 0],
      [F.klDiv(tensor([-Infinity]), tensor([0.5])), Infinity],
    );
    const x = leaf([-1, -2]);
    F.klDiv(x, tensor([0, 0.5]), { reduction: "sum" }).backward();
    await gives([x.grad!.abs(), [0, 0.5]]);
  });
  onDevices(
    "LOSS-08 targets that no alignment reaches, without labels, with blanks and with neighbours that are equal",
    async () => {
      const even = F.zeros([3, 5, 3]).logSoftmax(-1); // every path has the probability 1/27
      const targets = tensor(
        [
          [1, 1, 1, 1],
          [0, 0, 0, 0],
          [1, 0, 2, 0],
          [1, 1, 0, 0],
          [1, 2, 0, 0],
        ],
        { dtype: "int32" },
      );
      const [steps, counts] = [
        [3, 3, 3, 3, 3],
        [4, 0, 3, 2, 2],
      ];
      const x = leaf(await even.toArray());
      const losses = F.ctcLoss(x, targets, steps, counts, { reduction: "none" });
      losses.sum().backward();
      // Of [1,1] only 1 _ 1 is an alignment; of [1,2] 112, 122, 12_, 1_2 and _12 are; a blank as a label is one of its own.
      const [far, none, blank, equal, pair] = await losses.data();
      assert.equal(far, Infinity);
      for (const [got, paths] of [
        [none, 1],
        [blank, 1],
        [equal, 1],
        [pair, 5],
      ]) {
        assert.ok(Math.abs(got - (Math.log(27) - Math.log(paths))) < 1e-5, `${await losses.data()}`);
      }
      assert.ok((await x.grad!.data()).every(Number.isFinite));
      await gives([x.grad!.slice(1, { stop: 1 }).abs().sum(), 0]);
      const zero = F.ctcLoss(x, targets, steps, counts, { reduction: "none", zeroInfinity: true });
      assert.deepEqual([...(await zero.data())].slice(1), [none, blank, equal, pair]);
      assert.equal((await zero.data())[0], 0);
      const bad = F.where(F.arange(5).eq(3).reshape([1, 5, 1]), NaN, even);
      const rows = [...(await F.ctcLoss(bad, targets, steps, counts, { reduction: "none" }).data())];
      assert.deepEqual(rows, [Infinity, none, blank, NaN, pair]);
      await near(F.ctcLoss(even.at(-1, 0).reshape([1, 3]), int(2), [1], [1]), Math.log(3));
      assert.equal(await F.ctcLoss(zeros([0, 1, 3]), zeros([1, 0], { dtype: "int32" }), [0], [0]).item(), 0);
    },
  );
  test("LOSS-08 lengths and labels that are none", () => {
    const x = ones([3, 2, 4]);
    const labels = int(1, 2, 3, 1).reshape([2, 2]);
    says("ctcLoss: got the label 4 at place 1 of target 0, but it takes 0 … 3. Check the labels.", () =>
      F.ctcLoss(
        x,
        tensor(
          [
            [1, 4],
            [1, 1],
          ],
          { dtype: "int32" },
        ),
        [3, 3],
        [2, 2],
      ),
    );
    says(
      "ctcLoss: got inputLengths[1] 4, but it takes a whole number from 0 to 3 for each of 2 sequences. Pad longer.",
      () => F.ctcLoss(x, labels, [3, 4], [2, 2]),
    );
    refuses(
      "VALUE",
      () => F.ctcLoss(x, labels, [3, 3], [2, 2], { blank: 4 }),
      () => F.ctcLoss(x, labels, [3, 3], [2, 2], { blank: -1 }),
    );
    refuses(
      "SHAPE",
      () => F.ctcLoss(x, labels, [3, 3], [2, 3]),
      () => F.ctcLoss(x, labels, [3, 3], [2, -1]),
      () => F.ctcLoss(x, labels, [3, NaN], [2, 2]),
      () => F.ctcLoss(x, labels, [3, 3], ones([2])),
      () => F.ctcLoss(x, labels, [3], [2, 2]),
      () => F.ctcLoss(x, labels, [3, 3], int(2)),
      () => F.ctcLoss(x, int(1, 2, 3), [3, 3], [2, 2]),
      () => F.ctcLoss(x, int(1, 2).reshape([1, 2]), [3, 3], [2, 2]),
      () => F.ctcLoss(ones([4]), int(1), [1], [1]),
      () => F.ctcLoss(x, int(1, 2).mul(1), int(3, 3), int(1, 1).mul(1)),
    );
    refuses("DTYPE", () => F.ctcLoss(x, ones([2, 2]), [3, 3], [2, 2]));
    refuses("INDEX", () => F.ctcLoss(x, int(1, -1, 1), [3, 3], [2, 1]));
  });
  onDevices("LOSS-09 a bad row stays the only bad one", async () => {
    const x = tensor([
      [NaN, 0],
      [Infinity, 0],
      [1e4, -1e4],
      [0, 0],
    ]);
    const losses = Array.from(await F.crossEntropy(x, int(0, 1, 1, 0), { reduction: "none" }).data());
    assert.ok(
      Number.isNaN(losses[0]) && Number.isNaN(losses[1]) && losses[2] === 2e4 && Math.abs(losses[3] - Math.LN2) < 1e-6,
      `${losses}`,
    );
  });
  onDevices("LOSS-11 vectors of length 0", async () => {
    const [a, b] = [leaf([[0, 0]]), leaf([[0, 0]])];
    const loss = F.tripletMarginLoss(a, b, a.detach())
      .add(F.cosineEmbeddingLoss(a, b, ones([1])))
      .add(a.norm());
    loss.backward();
    for (const x of [loss, a.grad!, b.grad!]) assert.ok((await x.data()).every(Number.isFinite));
    const z = leaf([0, 0]);
    z.norm().backward();
    await gives([z.grad!, [0, 0]]);
    refuses(
      "VALUE",
      () => F.huberLoss(a, b, { delta: 0 }),
      () => F.huberLoss(a, b, { delta: NaN }),
    );
  });
});

describe("GRAPH", () => {
  test("GRAPH-01 gradients that cannot be", () => {
    const x = leaf([1, 2]);
    says(
      "backward: got a tensor of shape [2], but it takes one element. Reduce it with sum() or mean(), or give its gradient.",
      () => x.mul(2).backward(),
    );
    refuses(
      "VALUE",
      () => tensor([1]).sum().backward(),
      () => x.detach().sum().backward(),
      () => x.gt(1).float().sum().backward(),
    );
    refuses(
      "VALUE",
      () => int(1).sum().backward(),
      () => x.argmax().backward(),
      () => x.floor().sum().backward(),
    );
    refuses("SHAPE", () => x.mul(2).backward(ones([3])));
    refuses(
      "VALUE",
      () => F.grad((y) => y)(x),
      () => F.grad((y) => y.sum())(int(1)),
      () => F.grad((y) => y.sum().int())(x),
    );
    refuses(
      "VALUE",
      () => {
        int(1).requiresGrad = true;
      },
      () => {
        x.mul(2).requiresGrad = true;
      },
    );
    refuses("SHAPE", () => {
      x.grad = ones([3]);
    });
  });
  onDevices("GRAPH-05 a sum of 300 tensors", async () => {
    const xs = Array.from({ length: 300 }, (_, i) => tensor([i, 1]));
    await gives([xs.reduce((a, b) => a.add(b)), [44850, 300]]);
  });
  onDevices("GRAPH-09 an exception while recording leaves nothing behind", async () => {
    const x = leaf([1, 2]);
    const broken = (): F.Tensor[] =>
      F.grad(() => {
        throw new Error("mine");
      })(x);
    assert.throws(broken, /mine/);
    await gives([F.grad((y) => y.square().sum())(x)[0], [2, 4]]);
  });
  onDevices("GRAPH-16 constants of every kind", async () => {
    const values = [NaN, Infinity, -Infinity, 1e39, -0, 0.1, 2 ** 31, 1e-40];
    for (const value of values) {
      const [y] = Array.from(
        await zeros([1])
          .add(tensor([1]))
          .mul(0)
          .where(tensor([false]), value)
          .data(),
      );
      assert.ok(Object.is(y, Math.fround(value)), `${value} became ${y}`);
    }
  });
  onDevices("a recipe over what was updated says so", async () => {
    const p = new Parameter(tensor([1, 2]), { label: "fc1.weight" });
    const [before, kept] = [p.mul(2), p.mul(3)];
    await kept.realize();
    p.assign(p.add(1));
    await realize(p);
    await gives([p, [2, 3]], [kept, [3, 6]], [p.mul(2), [4, 6]]);
    await rejects("STALE", () => before.data());
    await assert.rejects(before.data(), {
      message:
        "data(): got a recipe recorded before fc1.weight was updated, and not kept, but it takes values that still exist. Read or realize it before optimizer.step(), or record it again afterwards.",
    });
  });
});
