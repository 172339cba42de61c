/** Tsumiki at the tasks of peers/peer.ts, written as its users would write them. */
import { conv2d, crossEntropy, jit, type Parameter, type Tensor, tensor, vjp } from "../src/index.ts";
import { Conv2d, Flatten, Linear, MaxPool2d, type Module, ReLU, Sequential } from "../src/nn/index.ts";
import { Adam } from "../src/optim/index.ts";
import { a, b, cnn, labels, learningRate, mlp, numbers, type Peer, type Task } from "./peers/peer.ts";

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

async function training(model: Module, x: Tensor, classes: number): Promise<() => Promise<void>> {
  const parameters: Parameter[] = model.parameters();
  const optimizer = new Adam(parameters, { lr: learningRate });
  const y = tensor(labels(classes));
  await x.realize();
  await y.realize();
  const step = jit(async (x: Tensor, y: Tensor) => {
    const loss = crossEntropy(model.forward(x), y);
    loss.backward();
    await optimizer.step();
    return loss;
  });
  return async () => {
    await step(x, y);
  };
}

const dense = (sizes: readonly number[]): Module[] =>
  sizes.slice(1).flatMap((out, i) => [new Linear(sizes[i], out), ...(i < sizes.length - 2 ? [new ReLU()] : [])]);

/** Tasks that only ours are timed at, to see where time goes. */
type Own = "conv" | "separable";
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

export const prepare: Record<Ours, () => Promise<() => Promise<void>>> = {
  gemm512: () => repeat((x, y) => x.matmul(y), make([512, 512], 1), make([512, 512], 2)),
  gemm1024: () => repeat((x, y) => x.matmul(y), make([1024, 1024], 1), make([1024, 1024], 2)),
  mlp: () => training(new Sequential(...dense(mlp.sizes)), make([mlp.batch, mlp.sizes[0]], 1), mlp.batch),
  cnn: () => {
    const [first, second] = cnn.convolutions;
    const layers = [new Conv2d(first[1], first[0], 3), new ReLU(), new Conv2d(second[1], second[0], 3), new ReLU()];
    const sizes = [cnn.linears[0][1], ...cnn.linears.map(([out]) => out)];
    const model = new Sequential(...layers, new MaxPool2d(2), new Flatten(), ...dense(sizes));
    return training(model, make([cnn.batch, ...cnn.image], 1), cnn.batch);
  },
  softmax: () => repeat((x) => x.softmax(-1), make([1024, 4096], 1, 4)),
  conv: () => {
    const [x, g] = [1, 2].map((seed) => make([32, 64, 56, 56], seed));
    return gradients((x, w) => conv2d(x, w, null, { padding: 1 }), x, make([64, 64, 3, 3], 3), g);
  },
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
  refuses: {},
  run(task, threads) {
    process.env.TSUMIKI_THREADS = String(threads);
    return prepare[task]();
  },
};
export default peer;
