/**
 * What made data sets have in common. Each is a pure function of its options and a seed, with the same bits in every
 * JavaScript engine: nothing here asks for a file, a module of Node's, or the functions of `Math` in which engines differ.
 */
import { checkCount, checkNumber } from "../../tensor/arguments.ts";
import { HostRandom } from "../random.ts";

/** Examples that were made; `new ArrayDataset({ x: { data: x, shape }, y })` makes a data set of them. */
export interface Sample<Y extends Float32Array | Int32Array = Float32Array> {
  /** `(count, …shape)`: the examples, one after another. */
  readonly x: Float32Array;
  /** `(count)`: numbers, or the numbers of classes. */
  readonly y: Y;
  readonly count: number;
  /** The shape of an example. */
  readonly shape: readonly number[];
}

/** What all of them take. */
export interface SampleOptions {
  /** How many examples; the first ones are the same for any count. */
  count?: number;
  /** Which draw from the same world: 0 unless given. Another one is a test set for the first. */
  sample?: number;
}

export const sampleOptions: readonly (keyof SampleOptions)[] = ["count", "sample"];

const finite = Number.MAX_VALUE;

/** A number of an option, which has to be finite and at least `min`. */
export const checkLeast = (op: string, value: unknown, name: string, min: number = -finite): number =>
  checkNumber(op, value, name, min, finite);

/** The number of examples, and the random numbers of each. */
export function drawing(
  op: string,
  { count = 0, sample = 0 }: SampleOptions,
  seed: number,
): { count: number; randomOf: (example: number) => HostRandom; world: HostRandom } {
  checkCount(op, count, "count", 1, 2 ** 24);
  checkCount(op, sample, "sample", 0, 2 ** 31);
  checkCount(op, seed, "the seed", 0, Number.MAX_SAFE_INTEGER);
  return {
    count,
    randomOf: (example) => new HostRandom(seed, sample, example),
    world: new HostRandom(seed, 2 ** 32 - 1), // of what is the same in every sample
  };
}
