/** What a benchmark asks of a library, and the same data for all of them. A library is one file with a `Peer` as default. */

/** What is timed. A step is forward, backward and Adam's update, with cross entropy as the loss unless another is named. */
export const tasks = {
  gemm512: "float32 matrix product, 512³",
  gemm1024: "float32 matrix product, 1024³",
  gemm2048: "float32 matrix product, 2048³",
  gemm1024Bfloat16: "the same, of factors rounded to bfloat16, 1024³",
  gemm1024Int8: "the same, of int8 into int32, 1024³",
  convForward: "convolution of 64 channels to 64 by 3×3, padded, 56×56, batch 32",
  convInput: "its gradient for the input",
  convWeight: "its gradient for the weights",
  depthwise: "depthwise convolution of 64 channels by 3×3, padded, 56×56, batch 32",
  pointwise: "convolution of 64 channels to 128 by 1×1, 56×56, batch 32",
  separable: "depthwise 3×3, ReLU and 64 to 128 channels by 1×1, 56×56, batch 32, with all gradients",
  mlp: "training step of 784-512-256-10 with ReLU, batch 128",
  cnn: "training step of conv 32@3×3, ReLU, conv 64@3×3, ReLU, max-pool 2, 128, ReLU, 10 on 1×28×28, batch 64",
  transformer: "training step of a transformer's encoder layer, 256 wide, 4 heads, 1,024 within, 128 long, batch 8",
  xor: "training step of 2-8-1 with tanh on the four cases of XOR, binary cross entropy",
  lstm: "training step of LSTM 64→128 over 50 steps and 10 classes from its last output, batch 32",
  softmax: "softmax of 1024×4096 over the last axis",
  chain: "tanh(a·x + b) · sigmoid(x) of 10 million float32",
} as const;

export type Task = keyof typeof tasks;

export interface Peer {
  readonly name: string;
  readonly version: string;
  /** The numbers of threads it can be run with here. */
  readonly threads: readonly number[];
  /**
   * Prepares a task; `null` if nobody has written it for this library. What comes back does it once and ends when the results are there,
   * in the library's own memory. Each process prepares one task, with one number of threads.
   */
  run(task: Task, threads: number): Promise<(() => Promise<void>) | null>;
}

export const learningRate = 1e-3;
export const a = 0.8;
export const b = 0.3;

/** Numbers in [−1, 1) times `scale`, the same on every run (mulberry32). */
export function numbers(count: number, scale = 1, seed = 1): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return scale * (((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1);
  });
}

/** Labels from 0 to 9. */
export const labels = (count: number): Int32Array<ArrayBuffer> =>
  Int32Array.from({ length: count }, (_, i) => (i * 7) % 10);

/** Sizes of the layers, from the input to the classes. */
export const mlp = { batch: 128, sizes: [784, 512, 256, 10] } as const;

export const lstm = { batch: 32, steps: 50, inputs: 64, hidden: 128, classes: 10 } as const;

/** `(out, in, height, width)` of the convolutions, which have no padding, then `(out, in)` of the linear layers: 9216 is 64 · 12 · 12. */
export const cnn = {
  batch: 64,
  image: [1, 28, 28],
  convolutions: [
    [32, 1, 3, 3],
    [64, 32, 3, 3],
  ],
  linears: [
    [128, 9216],
    [10, 128],
  ],
} as const;
