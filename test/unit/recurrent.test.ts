/** Recurrent layers: what they cost in kernels, and what golden files do not say about their values. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  type LSTMState,
  RNN,
  RNNCell,
  type SequenceOptions,
  summary,
} from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import { type Explanation, explain } from "../../src/runtime/explain.ts";
import { arange, jit, ones, rand, realize, seed, stack, type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { onDevices } from "../helpers/errors.ts";

type Layer = RNN | GRU | LSTM;
const outputOf = (layer: Layer, x: Tensor): Tensor => (layer.forward as (x: Tensor) => readonly Tensor[])(x)[0];

async function assertSame(a: Tensor, b: Tensor, most = 1e-6): Promise<void> {
  assert.deepEqual(a.shape, b.shape);
  const [x, y] = [await a.data(), await b.data()];
  for (let i = 0; i < x.length; i++) assert.ok(Math.abs(x[i] - y[i]) <= most, `${x[i]} for ${y[i]} at ${i}`);
}

/** A step of training of a layer, explained; `steps` in time. */
async function explained(layer: Layer, steps: number): Promise<Explanation> {
  const loss = outputOf(layer, ones([steps, 4, 5]))
    .square()
    .mean();
  loss.backward();
  const grads = layer.parameters().flatMap(({ grad }) => grad ?? []);
  assert.equal(grads.length, 4);
  return explain(loss, ...grads);
}

describe("a recurrent layer", () => {
  for (const [name, make, forward] of [
    ["an RNN", () => new RNN(5, 6), 1],
    ["a GRU", () => new GRU(5, 6), 2],
    ["an LSTM", () => new LSTM(5, 6), 2],
  ] as const)
    test(`${name} takes ${forward} + 2 kernels a step, and no more for a thousand steps`, async () => {
      const [few, many] = [await explained(make(), 300), await explained(make(), 1000)];
      const turns = few.kernels.filter((k) => k.turns > 1).map((k) => k.turns);
      assert.deepEqual(
        turns,
        Array.from({ length: forward + 2 }, () => 300),
      );
      assert.equal(many.kernels.length, few.kernels.length);
      assert.deepEqual(
        many.kernels.filter((k) => k.turns > 1).map((k) => k.code),
        few.kernels.filter((k) => k.turns > 1).map((k) => k.code),
        "the body is the same",
      );
    });

  test("projects the inputs of all steps at once, and sums the gradients of weights at once", async () => {
    const { kernels } = await explained(new LSTM(5, 6), 7);
    const products = kernels.filter((k) => k.name === "contract" && k.turns === 1);
    assert.equal(products.length, 3, "for the inputs, and for the gradients of both weights");
  });

  test("keeps the gates only for a derivative, and computes no gradients that are not asked for", async () => {
    const lstm = new LSTM(5, 6);
    const written = (e: Explanation): number[] =>
      e.kernels
        .filter((k) => k.turns > 1)
        .map((k) => k.buffers.filter((b) => b.isWritten && !b.name.startsWith("scratch")).length);
    const x = ones([7, 4, 5]);
    const forward = await explain(outputOf(lstm, x));
    assert.deepEqual(written(forward), [1, 2], "gates' sums; state and cell");
    const h = zeros([1, 4, 6]);
    h.requiresGrad = true;
    lstm.forward(x, [h, h])[0].sum().backward();
    const back = await explain(h.grad!);
    assert.deepEqual(written(back), [1, 6, 5, 1]);
    assert.equal(back.kernels.filter((k) => k.name === "contract").length, 3, "none for weights");
  });

  onDevices("takes a sequence by itself, batches in either order, and states", async () => {
    seed(3);
    const lstm = new LSTM(3, 4, { numLayers: 2, bidirectional: true });
    const x = rand([5, 2, 3]).sub(0.5);
    await realize(x, ...lstm.parameters());
    const [whole, [h, c]] = lstm.forward(x);
    assert.deepEqual(
      [whole.shape, h.shape, c.shape],
      [
        [5, 2, 8],
        [4, 2, 4],
        [4, 2, 4],
      ],
    );
    const [alone, [h1]] = lstm.forward(x.select(1, 1));
    await assertSame(alone, whole.select(1, 1));
    await assertSame(h1, h.select(1, 1));
    const first = new LSTM(3, 4, { numLayers: 2, bidirectional: true, batchFirst: true });
    first.load(lstm.state());
    await assertSame(first.forward(x.transpose(0, 1))[0].transpose(0, 1), whole);

    const gru = new GRU(3, 4);
    const [all, last] = gru.forward(x);
    const [, middle] = gru.forward(x.narrow(0, 0, 2));
    const [rest, end] = gru.forward(x.narrow(0, 2, 3), middle);
    await assertSame(rest, all.narrow(0, 2, 3));
    await assertSame(end, last);
  });

  for (const [name, make] of [
    ["an RNN", (o: object) => new RNN(3, 4, { nonlinearity: "relu", ...o })],
    ["a GRU", (o: object) => new GRU(3, 4, o)],
    ["an LSTM with all options", (o: object) => new LSTM(3, 4, { projSize: 2, peephole: true, ...o })],
  ] as const)
    onDevices(`${name} gives padded sequences what it gives each alone, and the same gradients`, async () => {
      seed(5);
      const layer = make({ numLayers: 2, bidirectional: true });
      const lengths = [2, 4, 1];
      const data = rand([4, 3, 3]).sub(0.5);
      await realize(data, ...layer.parameters());
      const isPadding = arange(4)
        .reshape([4, 1, 1])
        .ge(tensor(lengths).reshape([1, 3, 1]));
      const x = data.maskedFill(isPadding, Number.NaN); // nobody may read it
      const width = (outputOf(layer, data).shape[2] ?? 0) / 2;
      const first = rand([4, 3, width]);
      const firsts = layer instanceof LSTM ? [first, rand([4, 3, 4])] : [first];
      const weights = rand([4, 3, 2 * width]);
      await realize(x, first, weights, ...firsts);
      x.requiresGrad = true;
      const run = (x: Tensor, states: readonly Tensor[], options?: SequenceOptions): [Tensor, readonly Tensor[]] => {
        if (layer instanceof LSTM) return layer.forward(x, [states[0], states[1]], options) as [Tensor, LSTMState];
        const [outputs, last] = layer.forward(x, states[0], options);
        return [outputs, [last]];
      };
      /** A number that depends on all that is given. */
      const lossOf = (outputs: Tensor, last: readonly Tensor[], by: Tensor): Tensor =>
        last.reduce((sum, s) => sum.add(s.square().sum()), outputs.mul(by).sum());

      const [outputs, last] = run(x, firsts, { lengths });
      lossOf(outputs, last, weights).backward();
      const grads = [...layer.parameters()].map((p) => p.grad as Tensor);
      const inputGrad = x.grad as Tensor;
      await realize(outputs, ...last, ...grads, inputGrad);
      for (const p of layer.parameters()) p.grad = null;
      x.grad = null;

      let loss = tensor(0);
      const alone: Tensor[] = [];
      for (const [n, length] of lengths.entries()) {
        const only = (s: Tensor, axis: number): Tensor => s.narrow(axis, n, 1);
        const own = only(data.narrow(0, 0, length), 1).detach();
        own.requiresGrad = true;
        const [y, end] = run(
          own,
          firsts.map((s) => only(s, 1)),
        );
        await assertSame(only(outputs, 1).narrow(0, 0, length), y);
        await assertSame(only(outputs, 1).narrow(0, length, 4 - length), zeros([4 - length, 1, 2 * width]), 0);
        for (const [k, s] of end.entries()) await assertSame(only(last[k], 1), s);
        loss = loss.add(lossOf(y, end, only(weights, 1).narrow(0, 0, length)));
        alone.push(own);
      }
      loss.backward();
      for (const [k, p] of layer.parameters().entries()) await assertSame(grads[k], p.grad as Tensor, 1e-5);
      for (const [n, own] of alone.entries()) {
        const got = inputGrad.narrow(1, n, 1);
        await assertSame(got.narrow(0, 0, lengths[n]), own.grad as Tensor, 1e-5);
        await assertSame(got.narrow(0, lengths[n], 4 - lengths[n]), zeros([4 - lengths[n], 1, 3]), 0);
      }
      const known = [new Int32Array(lengths), new Uint8Array(lengths), tensor(lengths, { dtype: "int32" })];
      for (const given of [...known, tensor(lengths).to("int32").add(0)])
        await assertSame(run(x, firsts, { lengths: given })[0], outputs, 0);
      const sideways = make({ numLayers: 2, bidirectional: true, batchFirst: true });
      sideways.load(layer.state());
      const [turned] = sideways.forward(data.transpose(0, 1), undefined, { lengths }) as readonly [Tensor, unknown];
      const [upright] = layer.forward(data, undefined, { lengths }) as readonly [Tensor, unknown];
      await assertSame(turned.transpose(0, 1), upright);
    });

  onDevices("gives what its cell gives, step after step", async () => {
    const x = rand([4, 2, 3]).sub(0.5);
    for (const [layer, cell] of [
      [new RNN(3, 5, { nonlinearity: "relu" }), new RNNCell(3, 5, { nonlinearity: "relu" })],
      [new GRU(3, 5), new GRUCell(3, 5)],
    ] as const) {
      for (const [name, value] of cell.state()) layer.state().get(`${name}_l0`)!.assign(value);
      let h = cell.forward(x.select(0, 0));
      const steps = [h];
      for (let t = 1; t < 4; t++) {
        h = cell.forward(x.select(0, t), h);
        steps.push(h);
      }
      await assertSame(layer.forward(x)[0], stack(steps));
    }
    const [layer, cell] = [new LSTM(3, 5), new LSTMCell(3, 5)];
    for (const [name, value] of cell.state()) layer.state().get(`${name}_l0`)!.assign(value);
    let [h, c] = cell.forward(x.select(0, 0));
    for (let t = 1; t < 4; t++) [h, c] = cell.forward(x.select(0, t), [h, c]);
    const [, [hn, cn]] = layer.forward(x);
    await assertSame(hn.squeeze(0), h);
    await assertSame(cn.squeeze(0), c);
    const [alone] = cell.forward(x.select(0, 0).select(0, 1));
    await assertSame(alone, cell.forward(x.select(0, 0))[0].select(0, 1));
  });

  test("has the parameters of the literature", () => {
    const count = (layer: Layer): number => layer.parameters().reduce((n, p) => n + p.numel(), 0);
    assert.equal(count(new RNN(100, 256)), 91_648);
    assert.equal(count(new GRU(100, 256)), 274_944);
    assert.equal(count(new LSTM(100, 256)), 366_592);
    assert.equal(count(new LSTM(100, 256, { bidirectional: true })), 733_184);
    assert.equal(count(new LSTM(100, 256, { peephole: true })), 366_592 + 3 * 256);
    // The recurrent products count too: 4·6·(5 + 6) for each of 7 steps and 2 sequences.
    assert.equal(summary(new LSTM(5, 6), [7, 2, 5]).macs, 7 * 2 * 24 * 11);
  });

  onDevices("remembers with its forget gate open: the cell keeps what it has", async () => {
    const lstm = new LSTM(1, 2, { forgetBias: 30 });
    const state = lstm.state();
    const bias = await state.get("bias_ih_l0")!.data();
    assert.deepEqual(Array.from(bias.slice(2, 4)), [30, 30]);
    state.get("bias_ih_l0")!.assign(tensor([-30, -30, 30, 30, 0, 0, 0, 0])); // nothing comes in
    const c = tensor([[[0.25, -3]]]);
    c.requiresGrad = true;
    const [, [, end]] = lstm.forward(zeros([80, 1, 1]), [zeros([1, 1, 2]), c]);
    end.sum().backward();
    await assertSame(end, c, 1e-5);
    await assertSame(c.grad!, ones([1, 1, 2]), 1e-3); // the constant error carousel
  });

  onDevices("leaves out between its layers in training only", async () => {
    const lstm = new LSTM(3, 8, { numLayers: 2, dropout: 0.5 });
    const x = rand([3, 2, 3]);
    await realize(x, ...lstm.parameters());
    const [a, b] = [lstm.forward(x)[0], lstm.forward(x)[0]];
    assert.notDeepEqual(await a.data(), await b.data());
    lstm.eval();
    await assertSame(lstm.forward(x)[0], lstm.forward(x)[0], 0);
  });

  onDevices("learns to tell what it saw first, under jit", async () => {
    seed(1);
    const rnn = new RNN(1, 6);
    const optimizer = new Adam(rnn.parameters(), { lr: 0.03 });
    const x = rand([6, 32, 1]).mul(2).sub(1);
    await x.realize();
    const step = jit(async (x: Tensor) => {
      const [outputs] = rnn.forward(x);
      const loss = outputs.select(0, -1).select(1, 0).sub(x.select(0, 0).squeeze(1)).square().mean();
      loss.backward();
      await optimizer.step();
      return loss;
    });
    const first = await (await step(x)).item();
    let last = first;
    for (let i = 0; i < 150; i++) last = await (await step(x)).item();
    assert.ok(last < 0.1 * first, `${first} → ${last}`);
  });

  onDevices("takes a batch of nothing", async () => {
    const lstm = new LSTM(3, 4);
    const [y, [h]] = lstm.forward(zeros([5, 0, 3]));
    assert.deepEqual(
      [y.shape, h.shape],
      [
        [5, 0, 4],
        [1, 0, 4],
      ],
    );
    y.sum().backward();
    await assertSame(lstm.state().get("weight_ih_l0")!.grad!, zeros([16, 3]));
  });
});
