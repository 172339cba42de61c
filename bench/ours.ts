/** Tsumiki at the tasks of peers/peer.ts, written as its users would write them. */
import {
  autocast,
  binaryCrossEntropyWithLogits,
  conv2d,
  crossEntropy,
  jit,
  mseLoss,
  type Tensor,
  tensor,
  vjp,
} from "../src/index.ts";
import {
  Conv2d,
  Flatten,
  Linear,
  LSTM,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  Tanh,
  TransformerEncoderLayer,
} from "../src/nn/index.ts";
import { Adam } from "../src/optim/index.ts";
import { a, b, cnn, labels, learningRate, lstm, mlp, numbers, type Peer, type Task } from "./peers/peer.ts";

const make = (shape: readonly number[], seed: number, scale = 1): Tensor =>
  tensor(
    numbers(
      shape.reduce((x, y) => x * y, 1),
      scale,
      seed,
    ),
    [...shape],
  );

/** Runs `f` on `inputs` again and again; each result is freed as soon as it is there. */
async function repeat(f: (...inputs: Tensor[]) => Tensor, ...inputs: Tensor[]): Promise<() => Promise<void>> {
  for (const x of inputs) await x.realize();
  const compiled = jit(f);
  return async () => {
    const y = await compiled(...inputs);
    y.dispose();
  };
}

type Loss = (output: Tensor, target: Tensor) => Tensor;

async function training(model: Module, x: Tensor, y: Tensor, loss: Loss = crossEntropy): Promise<() => Promise<void>> {
  const optimizer = new Adam(model.parameters(), { lr: learningRate });
  await x.realize();
  await y.realize();
  const step = jit(async (x: Tensor, y: Tensor) => {
    const value = loss(model.forward(x), y);
    value.backward();
    await optimizer.step();
    return value;
  });
  return async () => {
    await step(x, y);
  };
}

/** Classes from the last output of an LSTM over `(T, N, inputs)`. */
class LastOfLSTM extends Module {
  readonly body: LSTM;
  readonly head: Linear;
  constructor(inputs: number, hidden: number, classes: number) {
    super();
    this.body = new LSTM(inputs, hidden);
    this.head = new Linear(hidden, classes);
  }
  override forward(x: Tensor): Tensor {
    const [outputs] = this.body.forward(x);
    return this.head.forward(outputs.select(0, -1));
  }
}

const dense = (sizes: readonly number[]): Module[] =>
  sizes.slice(1).flatMap((out, i) => [new Linear(sizes[i], out), ...(i < sizes.length - 2 ? [new ReLU()] : [])]);

/** What only ours is timed at, to see where time goes: a convolution with both its gradients. */
type Own = "conv";
export type Ours = Task | Own;

/** A function, and its gradients for all that it is given, as in a network in training: of `inputs` and then `g`. */
async function gradients(f: (...xs: Tensor[]) => Tensor, ...inputs: Tensor[]): Promise<() => Promise<void>> {
  for (const x of inputs) await x.realize();
  const compiled = jit((...all: Tensor[]) => {
    const { value, pullback } = vjp(f, ...all.slice(0, -1));
    return [value, ...pullback(all[all.length - 1])];
  });
  return async () => {
    for (const y of await compiled(...inputs)) y.dispose();
  };
}

/** Images of 64 channels, 56 × 56, and what they are convolved with. */
const maps = (seed: number): Tensor => make([32, 64, 56, 56], seed);
const filters = (): Tensor => make([64, 64, 3, 3], 3);
const convolve = (x: Tensor, w: Tensor): Tensor => conv2d(x, w, null, { padding: 1 });

export const prepare: Record<Ours, () => Promise<() => Promise<void>>> = {
  gemm512: () => repeat((x, y) => x.matmul(y), make([512, 512], 1), make([512, 512], 2)),
  gemm1024: () => repeat((x, y) => x.matmul(y), make([1024, 1024], 1), make([1024, 1024], 2)),
  gemm2048: () => repeat((x, y) => x.matmul(y), make([2048, 2048], 1), make([2048, 2048], 2)),
  gemm1024Bfloat16: () =>
    repeat((x, y) => autocast("bfloat16", () => x.matmul(y)), make([1024, 1024], 1), make([1024, 1024], 2)),
  gemm1024Int8: () => {
    const bytes = (seed: number): Tensor => make([1024, 1024], seed, 128).to("int8");
    return repeat((x, y) => x.matmul(y, { dtype: "int32" }), bytes(1), bytes(2));
  },
  mlp: () =>
    training(new Sequential(...dense(mlp.sizes)), make([mlp.batch, mlp.sizes[0]], 1), tensor(labels(mlp.batch))),
  cnn: () => {
    const [first, second] = cnn.convolutions;
    const layers = [new Conv2d(first[1], first[0], 3), new ReLU(), new Conv2d(second[1], second[0], 3), new ReLU()];
    const sizes = [cnn.linears[0][1], ...cnn.linears.map(([out]) => out)];
    const model = new Sequential(...layers, new MaxPool2d(2), new Flatten(), ...dense(sizes));
    return training(model, make([cnn.batch, ...cnn.image], 1), tensor(labels(cnn.batch)));
  },
  transformer: () => {
    const model = new TransformerEncoderLayer(256, 4, { dimFeedforward: 1024, dropout: 0, batchFirst: true });
    return training(model, make([8, 128, 256], 1), make([8, 128, 256], 2), mseLoss);
  },
  xor: () => {
    const cases = tensor([0, 0, 0, 1, 1, 0, 1, 1], [4, 2], { dtype: "float32" });
    const model = new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 1));
    return training(model, cases, tensor([0, 1, 1, 0], [4, 1], { dtype: "float32" }), binaryCrossEntropyWithLogits);
  },
  lstm: () => {
    const { batch, steps, inputs, hidden, classes } = lstm;
    return training(new LastOfLSTM(inputs, hidden, classes), make([steps, batch, inputs], 1), tensor(labels(batch)));
  },
  softmax: () => repeat((x) => x.softmax(-1), make([1024, 4096], 1, 4)),
  convForward: () => repeat(convolve, maps(1), filters()),
  convInput: () => repeat((w, g) => vjp((x) => convolve(x, w), g).pullback(g)[0], filters(), maps(2)),
  convWeight: () => repeat((x, w, g) => vjp((w) => convolve(x, w), w).pullback(g)[0], maps(1), filters(), maps(2)),
  conv: () => gradients(convolve, maps(1), filters(), maps(2)),
  depthwise: () => repeat((x, w) => conv2d(x, w, null, { padding: 1, groups: 64 }), maps(1), make([64, 1, 3, 3], 3)),
  pointwise: () => repeat((x, w) => conv2d(x, w), maps(1), make([128, 64, 1, 1], 3)),
  separable: () => {
    const [x, g] = [make([32, 64, 56, 56], 1), make([32, 128, 56, 56], 2)];
    const block = (x: Tensor, each: Tensor, all: Tensor): Tensor =>
      conv2d(conv2d(x, each, null, { padding: 1, groups: 64 }).relu(), all);
    return gradients(block, x, make([64, 1, 3, 3], 3), make([128, 64, 1, 1], 4), g);
  },
  chain: () => repeat((x) => x.mul(a).add(b).tanh().mul(x.sigmoid()), make([10_000_000], 1, 4)),
};

const peer: Peer = {
  name: "ours",
  version: "0.1.0",
  threads: [1, 2],
  run(task, threads) {
    process.env.TSUMIKI_THREADS = String(threads);
    return prepare[task]();
  },
};
export default peer;
