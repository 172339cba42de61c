/** The tasks in jax-js, on its WebAssembly device; everything under `jit`. */
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { a, b, cnn, labels, learningRate, mlp, numbers, type Task } from "./peer.ts";

type Tensor = np.Array;
type State = { params: Tensor[]; m: Tensor[]; v: Tensor[] };

const tensor = (shape: readonly number[], scale = 1, seed = 1): Tensor =>
  np
    .array(
      numbers(
        shape.reduce((x, y) => x * y, 1),
        scale,
        seed,
      ),
    )
    .reshape([...shape]);

const dense = (x: Tensor, w: Tensor, bias: Tensor): Tensor => np.dot(x, w).add(bias);

/** Mean cross entropy of classes given as one-hot rows. */
const loss = (logits: Tensor, classes: Tensor): Tensor => nn.logSoftmax(logits, -1).mul(classes).sum(-1).mean().mul(-1);

/** A training step: the model is a function of its parameters, its input and the classes to the loss. */
function training(
  model: (params: Tensor[], x: Tensor, classes: Tensor) => Tensor,
  shapes: readonly (readonly number[])[],
  x: Tensor,
  batch: number,
): () => Promise<void> {
  const [beta1, beta2, eps] = [0.9, 0.999, 1e-8];
  const step = jit((state: State, x: Tensor, classes: Tensor, unbias1: Tensor, unbias2: Tensor): [Tensor, State] => {
    const { params, m, v } = state;
    const [value, grads] = valueAndGrad(model)(
      params.map((p) => p.ref),
      x,
      classes,
    );
    const next: State = { params: [], m: [], v: [] };
    params.forEach((p, i) => {
      const g = grads[i];
      const mean = m[i].mul(beta1).add(g.ref.mul(1 - beta1));
      const square = v[i].mul(beta2).add(g.ref.mul(g).mul(1 - beta2));
      const root = np.sqrt(square.ref.mul(unbias2.ref)).add(eps);
      next.params.push(p.sub(mean.ref.mul(unbias1.ref).mul(learningRate).div(root)));
      next.m.push(mean);
      next.v.push(square);
    });
    unbias1.dispose();
    unbias2.dispose();
    return [value, next];
  });
  const zeros = (): Tensor[] => shapes.map((s) => np.zeros([...s]));
  let state: State = { params: shapes.map((s, i) => tensor(s, 0.05, i + 1)), m: zeros(), v: zeros() };
  const classes = nn.oneHot(np.array(labels(batch), { dtype: np.int32 }), 10);
  let t = 0;
  return async () => {
    t++;
    const unbias = (beta: number): Tensor => np.array(new Float32Array([1 / (1 - beta ** t)])).reshape([]);
    const [value, next] = step(state, x.ref, classes.ref, unbias(beta1), unbias(beta2));
    state = next;
    await blockUntilReady([value, state]);
    value.dispose();
  };
}

/** A function of fixed inputs, done again and again. */
function repeat(f: (...x: Tensor[]) => Tensor, ...inputs: Tensor[]): () => Promise<void> {
  const compiled = jit(f);
  return async () => {
    const y = compiled(...inputs.map((x) => x.ref));
    await y.blockUntilReady();
    y.dispose();
  };
}

function mlpLoss([w1, b1, w2, b2, w3, b3]: Tensor[], x: Tensor, classes: Tensor): Tensor {
  const h1 = nn.relu(dense(x, w1, b1));
  const h2 = nn.relu(dense(h1, w2, b2));
  return loss(dense(h2, w3, b3), classes);
}

/** A 3×3 convolution of `(N, H, W, C)`, with weights `(9 · C, K)`: a product of patches. `lax.conv` takes 20 times as long. */
function convolution(x: Tensor, w: Tensor, bias: Tensor): Tensor {
  const [n, height, width, channels] = x.shape;
  const [h, k] = [height - 2, width - 2];
  const shifts = Array.from({ length: 9 }, (_, i) => [Math.floor(i / 3), i % 3]);
  const patches = shifts.map(([i, j]) => x.ref.slice([], [i, i + h], [j, j + k], []));
  x.dispose();
  const rows = np.concatenate(patches, -1).reshape([n * h * k, 9 * channels]);
  return dense(rows, w, bias).reshape([n, h, k, w.shape[1]]);
}

/** Max-pooling by 2 of `(N, H, W, C)`: maxima of slices, which differentiate faster than `lax.reduceWindow`. */
function pool(x: Tensor): Tensor {
  const [n, height, width, channels] = x.shape;
  const windows = x.reshape([n, height / 2, 2, width / 2, 2, channels]);
  const corner = (i: number, j: number): Tensor => windows.ref.slice([], [], i, [], j, []);
  const y = np.maximum(np.maximum(corner(0, 0), corner(0, 1)), np.maximum(corner(1, 0), corner(1, 1)));
  windows.dispose();
  return y;
}

function cnnLoss([k1, c1, k2, c2, w1, b1, w2, b2]: Tensor[], x: Tensor, classes: Tensor): Tensor {
  const h1 = nn.relu(convolution(x, k1, c1));
  const h2 = nn.relu(convolution(h1, k2, c2));
  const h3 = nn.relu(dense(pool(h2).reshape([cnn.batch, cnn.linears[0][1]]), w1, b1));
  return loss(dense(h3, w2, b2), classes);
}

const starts: Partial<Record<Task, () => () => Promise<void>>> = {
  gemm512: () => repeat(np.matmul, tensor([512, 512]), tensor([512, 512])),
  gemm1024: () => repeat(np.matmul, tensor([1024, 1024]), tensor([1024, 1024])),
  mlp: () => {
    const shapes = mlp.sizes.slice(1).flatMap((size, i) => [[mlp.sizes[i], size], [size]]);
    return training(mlpLoss, shapes, tensor([mlp.batch, mlp.sizes[0]]), mlp.batch);
  },
  cnn: () => {
    const shapes = [
      ...cnn.convolutions.flatMap(([out, inputs]) => [[9 * inputs, out], [out]]),
      ...cnn.linears.flatMap(([out, inputs]) => [[inputs, out], [out]]),
    ];
    return training(cnnLoss, shapes, tensor([cnn.batch, 28, 28, 1]), cnn.batch);
  },
  softmax: () => repeat((x) => nn.softmax(x, -1), tensor([1024, 4096], 4)),
  chain: () => repeat((x) => np.tanh(x.ref.mul(a).add(b)).mul(nn.sigmoid(x)), tensor([10_000_000], 4)),
};

export async function start(task: Task): Promise<(() => Promise<void>) | null> {
  await init("wasm");
  defaultDevice("wasm");
  return starts[task]?.() ?? null;
}
