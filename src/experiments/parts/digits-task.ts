/** The handwritten digits as most experiments take them: pixels from 0 to 1, in tensors, and minibatches by number. */
import { type Digits, permutation } from "../../data/index.ts";
import { sizeOf } from "../../graph/shape.ts";
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
  /** The next minibatch, of so many: the same as `batch` gives step by step, but its size may change on the way. */
  next(size: number): Examples;
}
/** Images and labels on the host. */
export interface Task {
  /** `(count, size)`, row by row. */
  readonly images: Float32Array;
  readonly labels: Int32Array;
  /** All of them, or the first `count`, as tensors. */
  all(count?: number): Examples;
  /** Those with these numbers. */
  some(numbers: ArrayLike<number>): Examples;
}

/** How many digits there are to learn from: an epoch has as many. */
const digitCount = 8000;

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

/** The first of some losses, one of each step, and the mean of the last tenth of those in the first epoch. */
export function firstEpoch(losses: readonly number[], batchSize: number): readonly [first: number, last: number] {
  const epoch = losses.slice(0, Math.floor(digitCount / batchSize));
  const last = epoch.slice(-Math.ceil(epoch.length / 10));
  return [losses[0], last.reduce((sum, loss) => sum + loss, 0) / last.length];
}

/** The digits of a run, whose order comes from its seed. */
export async function digitsTask(context: Context, options: DigitsOptions): Promise<Minibatches> {
  const { batchSize, shape = [784], count = digitCount, testCount = 2000, prepare } = options;
  const { train: first, test: second } = await context.data.digits();
  const train = taskOf(first, count, shape, prepare);
  const test = taskOf(second, testCount, shape, prepare);
  const numbers = shuffled(count, batchSize, context.seed);
  const next = inTurn(count, context.seed);
  return { train, test, batch: (step) => train.some(numbers(step)), next: (size) => train.some(next(size)) };
}

/** The numbers of the next minibatch of `count` examples; what is left of an epoch and is too few is passed over. */
export function inTurn(count: number, seed: number): (size: number) => Uint32Array {
  let [epoch, at, order] = [0, 0, permutation(count, seed, 0)];
  return (size) => {
    if (at + size > count) [epoch, at, order] = [epoch + 1, 0, permutation(count, seed, epoch + 1)];
    at += size;
    return order.subarray(at - size, at);
  };
}

/** The numbers of the minibatch of each step, from 1: epoch after epoch of `count` examples, each in an order of its own. */
export function shuffled(count: number, batchSize: number, seed: number): (step: number) => Uint32Array {
  const perEpoch = Math.floor(count / batchSize);
  let [epoch, order]: [number, Uint32Array] = [-1, new Uint32Array()];
  return (step) => {
    const at = step - 1;
    if (Math.floor(at / perEpoch) !== epoch) {
      epoch = Math.floor(at / perEpoch);
      order = permutation(count, seed, epoch);
    }
    const from = (at % perEpoch) * batchSize;
    return order.subarray(from, from + batchSize);
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
  const some = (numbers: ArrayLike<number>): Examples => picked({ images: host, labels: classes }, numbers, shape);
  return { images: host, labels: classes, all, some };
}

/** The images with these numbers, each of `shape`, and their labels. */
export function picked(
  { images, labels }: Pick<Task, "images" | "labels">,
  numbers: ArrayLike<number>,
  shape: readonly number[],
): Examples {
  const [count, size] = [numbers.length, sizeOf(shape)];
  const x = new Float32Array(count * size);
  for (let i = 0; i < count; i++) x.set(images.subarray(numbers[i] * size, (numbers[i] + 1) * size), i * size);
  return { x: tensor(x, [count, ...shape]), y: tensor(Int32Array.from(numbers, (n) => labels[n])) };
}
