/** Drawn shapes in colour as a network takes them, in minibatches by number. */
import { shapes32 } from "../../data/index.ts";
import { tensor } from "../../index.ts";
import { type Examples, picked, shuffled } from "./digits-task.ts";

/** How many shapes of those to learn from are measured, and how many new ones: so many that chance hardly tells. */
const [trainCount, testCount] = [200, 1000];

export interface ShapesTask {
  /** The first 200 of them, to be measured. */
  readonly train: Examples;
  readonly test: Examples;
  batch(step: number): Examples;
}

/** `count` shapes to learn from and 1,000 to test with: `(N, 3, 32, 32)` from −1 to 1. */
export function shapesTask(
  seed: number,
  { count, classes, batchSize }: { count: number; classes: number; batchSize: number },
): ShapesTask {
  const [train, test] = [shapes32({ count, classes }, seed), shapes32({ count: testCount, classes, sample: 1 }, seed)];
  const scaled = (bytes: Uint8Array): Float32Array => Float32Array.from(bytes, (v) => v / 127.5 - 1);
  const [x, y] = [scaled(train.images), Int32Array.from(train.labels)];
  const size = 3 * 32 * 32;
  const numbers = shuffled(count, batchSize, seed);
  return {
    train: {
      x: tensor(x.slice(0, trainCount * size), [Math.min(count, trainCount), 3, 32, 32]),
      y: tensor(y.slice(0, trainCount)),
    },
    test: { x: tensor(scaled(test.images), [testCount, 3, 32, 32]), y: tensor(Int32Array.from(test.labels)) },
    batch: (step) => picked({ images: x, labels: y }, numbers(step), [3, 32, 32]),
  };
}
