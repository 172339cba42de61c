/** The handwritten digits as most experiments take them: pixels from 0 to 1, in tensors, and minibatches by number. */
import { type Digits, permutation } from "../../data/index.ts";
import { type Tensor, tensor } from "../../index.ts";
import type { Context } from "../experiment.ts";

/** Examples as they go into a model: `x` of shape `(N, …)`, and the class of each, `(N)`. */
export interface Examples {
  readonly x: Tensor;
  readonly y: Tensor;
}

export interface Minibatches {
  readonly train: Task;
  readonly test: Task;
  /** The minibatch of step `step`, from 1: epoch after epoch, each in an order of its own. */
  batch(step: number): Examples;
}
/** Images and labels on the host. */
export interface Task {
  /** `(count, size)`, row by row. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  /** All of them, or the first `count`, as tensors. */
  all(count?: number): Examples;
}

export interface DigitsOptions {
  readonly batchSize: number;
  /** The shape of an image: `[784]` unless given. */
  readonly shape?: readonly number[];
  /** How many of the 8,000 and of the 2,000 are used; all unless given. */
  readonly count?: number;
  readonly testCount?: number;
  /** Done to the images once, before all else. */
  readonly prepare?: (image: Float32Array) => Float32Array;
}

/** The digits of a run, whose order comes from its seed. */
export async function digitsTask(context: Context, options: DigitsOptions): Promise<Minibatches> {
  const { batchSize, shape = [784], count = 8000, testCount = 2000, prepare } = options;
  const { train: first, test: second } = await context.data.digits();
  const train = taskOf(first, count, shape, prepare);
  const test = taskOf(second, testCount, shape, prepare);
  const size = train.images.length / count;
  const perEpoch = Math.floor(count / batchSize);
  let [epoch, order]: [number, Uint32Array] = [-1, new Uint32Array()];
  return {
    train,
    test,
    batch(step) {
      const at = step - 1;
      if (Math.floor(at / perEpoch) !== epoch) {
        epoch = Math.floor(at / perEpoch);
        order = permutation(count, context.seed, epoch);
      }
      const from = (at % perEpoch) * batchSize;
      const [images, labels] = [new Float32Array(batchSize * size), new Int32Array(batchSize)];
      for (let i = 0; i < batchSize; i++) {
        const n = order[from + i];
        images.set(train.images.subarray(n * size, (n + 1) * size), i * size);
        labels[i] = train.labels[n];
      }
      return { x: tensor(images, [batchSize, ...shape]), y: tensor(labels) };
    },
  };
}

function taskOf(
  { images, labels, rows, cols }: Digits,
  count: number,
  shape: readonly number[],
  prepare?: (image: Float32Array) => Float32Array,
): Task {
  const size = rows * cols;
  const host = new Float32Array(count * size);
  for (let i = 0; i < host.length; i++) host[i] = images[i] / 255;
  for (let at = 0; prepare && at < host.length; at += size) host.set(prepare(host.slice(at, at + size)), at);
  const classes = Int32Array.from(labels.subarray(0, count));
  const all = (n = count): Examples => ({
    x: tensor(host.slice(0, n * size), [n, ...shape]),
    y: tensor(classes.slice(0, n)),
  });
  return { images: host, labels: classes, all };
}
