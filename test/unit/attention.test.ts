/** What attention's masks hide; its values are PyTorch's in test/golden. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ShapeError } from "../../src/errors.ts";
import { attentionWeights, cat, ones, randn, seed, type Tensor, tensor, zeros } from "../../src/index.ts";
import { MultiheadAttention, TransformerDecoderLayer, TransformerEncoderLayer } from "../../src/nn/index.ts";

const near = async (a: Tensor, b: Tensor): Promise<void> => {
  assert.deepEqual(a.shape, b.shape);
  assert.ok((await a.sub(b).abs().max().item()) < 1e-6);
};
/** True above the diagonal: what comes later. */
const later = (n: number): Tensor =>
  tensor(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => j > i)));

test("weights of attention are rows that add up to 1", async () => {
  seed(1);
  const weights = attentionWeights(randn([2, 3, 4]), randn([2, 5, 4]));
  assert.deepEqual(weights.shape, [2, 3, 5]);
  await near(weights.sum(-1), ones([2, 3]));
});

test("a padded key counts as if it were not there", async () => {
  seed(1);
  const layer = new MultiheadAttention(4, 2, { batchFirst: true });
  const [q, k] = [randn([2, 3, 4]), randn([2, 5, 4])];
  const keyPaddingMask = tensor([
    [false, false, false, false, false],
    [false, false, false, true, true],
  ]);
  const [y, weights] = layer.forward(q, k, k, { keyPaddingMask });
  const [short] = layer.forward(
    q.narrow(0, 1, 1),
    k.narrow(0, 1, 1).narrow(1, 0, 3),
    k.narrow(0, 1, 1).narrow(1, 0, 3),
  );
  await near(y.narrow(0, 1, 1), short);
  await near(weights.select(0, 1).narrow(1, 3, 2), zeros([3, 2]));
});

test("a triangle as mask is what isCausal says, as bools, as numbers, and for each head", async () => {
  seed(2);
  const layer = new MultiheadAttention(6, 3);
  const x = randn([4, 2, 6]);
  const [expected, weights] = layer.forward(x, x, x, { isCausal: true });
  const hidden = later(4);
  const asNumbers = zeros([4, 4]).maskedFill(hidden, -Infinity);
  await near(layer.forward(x, x, x, { attnMask: hidden })[0], expected);
  await near(layer.forward(x, x, x, { attnMask: asNumbers })[0], expected);
  await near(layer.forward(x, x, x, { attnMask: cat(Array(6).fill(hidden.unsqueeze(0))) })[0], expected);
  const none = zeros([2, 4]).bool();
  await near(layer.forward(x, x, x, { attnMask: asNumbers, keyPaddingMask: none })[0], expected);
  await near(weights.maskedFill(hidden, 0), weights);
});

test("weights may be asked for each head, and a batch may be left out", async () => {
  seed(3);
  const layer = new MultiheadAttention(4, 2);
  const [q, k] = [randn([3, 4]), randn([5, 4])];
  const [y, weights] = layer.forward(q, k, k, { averageAttnWeights: false });
  assert.deepEqual(
    [y.shape, weights.shape],
    [
      [3, 4],
      [2, 3, 5],
    ],
  );
  const [batched] = layer.forward(q.unsqueeze(1), k.unsqueeze(1), k.unsqueeze(1));
  await near(y, batched.squeeze(1));
});

test("transformer layers drop in training only, and look where they may", async () => {
  seed(4);
  const encoder = new TransformerEncoderLayer(4, 2, { dimFeedforward: 8, batchFirst: true });
  const decoder = new TransformerDecoderLayer(4, 2, { dimFeedforward: 8, batchFirst: true });
  const [x, y] = [randn([1, 5, 4]), randn([1, 3, 4])];
  const drawn = encoder.forward(x);
  assert.ok((await drawn.sub(encoder.eval().forward(x)).abs().max().item()) > 0.01);
  decoder.eval();
  // The future of the target changes nothing of its past.
  const later = cat([y.narrow(1, 0, 2), y.narrow(1, 2, 1).add(1)], 1);
  const [a, b] = [y, later].map((t) => decoder.forward(t, x, { self: { isCausal: true } }).narrow(1, 0, 2));
  await near(a, b);
});

test("what does not fit is refused", () => {
  assert.throws(() => new MultiheadAttention(5, 2), ShapeError); // GEO-17
  assert.throws(() => new TransformerEncoderLayer(4, 2, { activation: "tanh" as "relu" }), /"relu" or "gelu"/);
  const layer = new MultiheadAttention(4, 2);
  const x = zeros([3, 2, 4]);
  for (const [options, message] of [
    [{ attnMask: zeros([2, 2]) }, /attnMask of \[2,2\], but it takes \[3,3\] or \[4,3,3\]/],
    [{ attnMask: zeros([3, 3, 3]) }, /attnMask of \[3,3,3\]/],
    [{ keyPaddingMask: zeros([3, 3]) }, /keyPaddingMask of \[3,3\], but it takes \[2,3\]/],
  ] as const) {
    assert.throws(
      () => layer.forward(x, x, x, options), // GEO-17
      (error: Error) => error instanceof ShapeError && message.test(error.message),
    );
  }
  assert.throws(() => layer.forward(zeros([3, 5]), zeros([3, 4]), zeros([3, 4])), /\(L, 4\)/);
});
