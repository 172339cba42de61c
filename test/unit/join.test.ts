/** Which kernels become one. Each clause of join.ts is shown by what becomes of a graph with and without it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Command, CommandList } from "../../src/device/device.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { vjp } from "../../src/graph/grad.ts";
import type { Node } from "../../src/graph/node.ts";
import * as g from "../../src/graph/ops.ts";
import { Linear, type Module, ReLU, Sequential } from "../../src/nn/index.ts";
import { relu } from "../../src/ops/activation.ts";
import { scaledDotProductAttention } from "../../src/ops/attention.ts";
import { conv2d } from "../../src/ops/conv.ts";
import { linear } from "../../src/ops/linalg.ts";
import { crossEntropy } from "../../src/ops/loss.ts";
import { batchNorm, batchStatistics, layerNorm, rmsNorm } from "../../src/ops/norm.ts";
import { maxPool2d } from "../../src/ops/pool.ts";
import { logSoftmax, softmax } from "../../src/ops/reduce.ts";
import { AdamW } from "../../src/optim/index.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { crossEntropy as crossEntropyOf, tensor } from "../../src/tensor.ts";
import { agree, leaf } from "../fuzz/agree.ts";
import { Tapped } from "../fuzz/device.ts";
import { buffer, kernelsOf, kernelsOfUpdate, unjoined } from "../fuzz/kernels.ts";

const x = buffer([64, 100]);
const image = buffer([32, 16, 8, 8]);

/** Asserts the kernels of a graph, and of the same where none is joined to another. */
function become(roots: readonly Node[], joined: string, apart: string): void {
  assert.equal(kernelsOf(roots), joined);
  assert.equal(unjoined(...roots), apart);
}

describe("(3) maps of a result join the kernel that makes it, as its epilogue", () => {
  test("bias and activation join a product, which then writes once", () => {
    become([relu(linear(x, buffer([32, 100]), buffer([32])))], "contract", "contract map");
  });
  test("bias and activation join a convolution", () => {
    become([relu(conv2d(image, buffer([8, 16, 3, 3]), buffer([8])))], "contract", "contract map");
  });
  test("a residual and a cast join a product, though they are other values in memory", () => {
    const y = g.matmul(x, buffer([100, 64]));
    become([g.cast(g.add(y, buffer([64, 64])), "float16")], "contract", "contract map");
  });
  test("a product is stored besides what is made of it where somebody asks for both", () => {
    const y = g.matmul(x, buffer([100, 64]));
    become([y, g.tanh(y)], "contract", "contract map");
  });
  test("a transposed reader does not join: it would read other tiles than the one that is done", () => {
    const y = g.matmul(x, buffer([100, 64]));
    become([g.add(y, g.transpose(y))], "contract map", "contract map");
  });
  test("the mean of a row is divided where it is summed", () => {
    become([g.mul(g.sum(x, [1]), g.fill(0.01, [64, 1], "float32"))], "rows", "reduce map");
  });
});

describe("(4) reductions over the same rows and the maps between them are one kernel", () => {
  test("softmax is one kernel: greatest, exponentials, sum and quotient of a row at a time", () => {
    become([softmax(x, -1)], "rows", "reduce map reduce map map");
    become([softmax(x, 0)], "rows", "reduce map reduce map map");
    become([logSoftmax(x, -1)], "rows", "reduce reduce map map");
  });
  test("a layer norm is one kernel with its weight and bias, and so is an RMS norm", () => {
    const affine = { weight: buffer([100]), bias: buffer([100]) };
    become([layerNorm(x, 100, affine)], "rows", "reduce map reduce map map");
    become([rmsNorm(x, [100])], "rows", "reduce map map");
  });
  test("a batch norm is one kernel: statistics of a channel, and the channel by them", () => {
    const affine = { weight: buffer([16]), bias: buffer([16]) };
    become([batchNorm(image, batchStatistics(image), affine)], "rows", "reduce map reduce map map");
  });
  test("the softmax of scores follows their product, and precedes that with the values", () => {
    const head = (): Node => buffer([2, 4, 16, 8]);
    assert.equal(kernelsOf([scaledDotProductAttention(head(), head(), head())]), "map contract rows contract");
  });
  test("a max pooling takes NaN and the greatest together", () => {
    become([maxPool2d(image, 2)], "rows", "reduce reduce map");
  });
  test("one row of many elements is not one kernel, for it would be one thread's", () => {
    assert.equal(kernelsOf([softmax(buffer([100000]), -1)]).split(" ").length, 6);
  });
  test("two parts of a concatenation stay two kernels, though rows of both are at hand", async () => {
    const y = leaf([4, 5, 3], [-1, 4, 3, 0, -4, -3, 2]);
    const top = g.neg(g.expand(g.reduce(y, "max", [2]), y.shape));
    const moved = g.add(y, top);
    const squares = g.mul(moved, moved);
    const shares = g.div(squares, g.expand(g.sum(squares, [2]), y.shape));
    await agree(g.concat([shares, top], 1));
  });
});

describe("(5) maps over the same axes are one kernel with several stores", () => {
  /** One step of AdamW (Loshchilov & Hutter 2019). */
  function step(p: Node, m: Node, v: Node, gradient: Node): Node[] {
    const times = (a: Node, by: number): Node => g.mul(a, g.like(a, by));
    const mNext = g.add(times(m, 0.9), times(gradient, 0.1));
    const vNext = g.add(times(v, 0.999), times(g.mul(gradient, gradient), 0.001));
    const change = g.div(times(mNext, 0.003), g.add(g.sqrt(vNext), g.like(p, 1e-8)));
    return [mNext, vNext, g.sub(times(p, 0.9999), change)];
  }
  test("a step of AdamW is one kernel per parameter, which writes moments and parameter in place", () => {
    const [p, m, v, gradient] = Array.from({ length: 4 }, () => buffer([30, 20]));
    const next = step(p, m, v, gradient);
    become(next, "map", "map map map");
    const updates = [m, v, p].map((leaf, i) => ({ leaf, value: next[i] }));
    assert.equal(kernelsOfUpdate(updates), 1, "and needs no copy");
  });
  test("a kernel binds no more buffers than a target allows", () => {
    const [p, m, v, gradient] = Array.from({ length: 4 }, () => buffer([30, 20]));
    const roots = step(p, m, v, gradient);
    assert.equal(kernelsOf(roots, { maxBuffers: 7 }), "map");
    assert.equal(kernelsOf(roots, { maxBuffers: 6 }), "map map");
  });
});

test("a loss and its gradients take no more kernels than there are products and kinds of rows", () => {
  const [w, b, labels] = [buffer([10, 100]), buffer([10]), buffer([64], "int32")];
  const loss = crossEntropy(linear(x, w, b), labels);
  const [dw, db] = vjp([loss], [g.like(loss, 1)], [w, b]) as Node[];
  assert.equal(kernelsOf([loss]), "contract rows rows");
  assert.equal(kernelsOf([loss, dw, db]), "contract rows rows rows contract map rows");
});

describe("a step of training is one plan", () => {
  /** The kernels of the last of three steps of training, from the first product to the last parameter. */
  async function kernelsOfStep(model: Module, size: readonly number[]): Promise<string> {
    let made = "";
    class Watched extends Tapped {
      override prepare(commands: readonly Command[], scratchBytes: number): CommandList {
        made = commands.map((c) => c.executable.name).join(" ");
        return super.prepare(commands, scratchBytes);
      }
    }
    const before = await currentDevice();
    await using inner = await openWasm({ threads: 1 });
    await setDevice(new Watched(inner));
    try {
      const optimizer = new AdamW(model.parameters());
      for (let i = 0; i < 3; i++) {
        const labels = tensor(Int32Array.from({ length: size[0] }, (_, n) => n % 10));
        const loss = crossEntropyOf(
          model.forward(tensor(new Float32Array(size.reduce((n, d) => n * d, 1)), size)),
          labels,
        );
        loss.backward();
        await optimizer.step();
      }
    } finally {
      await setDevice(before);
    }
    return made;
  }
  const count = (kernels: string): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const name of kernels.split(" ")) counts[name] = (counts[name] ?? 0) + 1;
    return counts;
  };

  test("of a perceptron: two products forward, three backward, a kernel per parameter, and some small ones", async () => {
    const model = new Sequential(new Linear(64, 128), new ReLU(), new Linear(128, 10));
    const kernels = await kernelsOfStep(model, [32, 64]);
    assert.deepEqual(count(kernels), { contract: 5, map: 7, rows: 5 }, kernels);
  });
});
