/** Drawn shapes in colour as a network takes them, in minibatches by number. */
import { permutation, shapes32 } from "../../data/index.ts";
import { tensor } from "../../index.ts";
import type { Examples } from "./digits-task.ts";

const testCount = 200;

export interface ShapesTask {
  readonly classes: readonly string[];
  /** Pixels of the first examples, `(3, 32, 32)` each. */
  readonly images: Float32Array;
  /** The first 200 of them, to be measured. */
  readonly train: Examples;
  readonly test: Examples;
  batch(step: number): Examples;
}

/** `count` shapes to learn from and 200 to test with: `(N, 3, 32, 32)` from −1 to 1. */
export function shapesTask(
  seed: number,
  { count, classes, batchSize }: { count: number; classes: number; batchSize: number },
): ShapesTask {
  const [train, test] = [shapes32({ count, classes }, seed), shapes32({ count: testCount, classes, sample: 1 }, seed)];
  const scaled = (bytes: Uint8Array): Float32Array => Float32Array.from(bytes, (v) => v / 127.5 - 1);
  const [x, y] = [scaled(train.images), Int32Array.from(train.labels)];
  const size = 3 * 32 * 32;
  const perEpoch = Math.floor(count / batchSize);
  return {
    classes: train.classes,
    images: x,
    train: {
      x: tensor(x.slice(0, testCount * size), [Math.min(count, testCount), 3, 32, 32]),
      y: tensor(y.slice(0, testCount)),
    },
    test: { x: tensor(scaled(test.images), [testCount, 3, 32, 32]), y: tensor(Int32Array.from(test.labels)) },
    batch(step) {
      const order = permutation(count, seed, Math.floor((step - 1) / perEpoch));
      const from = ((step - 1) % perEpoch) * batchSize;
      const [images, labels] = [new Float32Array(batchSize * size), new Int32Array(batchSize)];
      for (let i = 0; i < batchSize; i++) {
        const n = order[from + i];
        images.set(x.subarray(n * size, (n + 1) * size), i * size);
        labels[i] = y[n];
      }
      return { x: tensor(images, [batchSize, 3, 32, 32]), y: tensor(labels) };
    },
  };
}
