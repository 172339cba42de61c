/** Random numbers on the host, for augmentation and made data: a stream of its own for each example of each epoch. */
import { keyOf, threefry2x32 } from "../graph/threefry.ts";
import { normalQuantile } from "./normal.ts";

/** A stream of random numbers, of the same bits in every JavaScript engine. */
export class HostRandom {
  readonly #seed: number;
  readonly #stream: readonly [number, number];
  /** Made on first use, for most examples of most data sets draw nothing. */
  #key: readonly [number, number] | null = null;
  #counter = 0;

  /** The numbers depend on these three only, not on what was drawn before. */
  constructor(seed: number, epoch = 0, index = 0) {
    this.#seed = seed;
    this.#stream = [epoch, index];
  }

  /** Two whole numbers from 0 to 2³² − 1: all that a turn of the generator gives, of which the others use the first. */
  words(): readonly [number, number] {
    this.#key ??= threefry2x32(keyOf(this.#seed), this.#stream);
    return threefry2x32(this.#key, [this.#counter++, 0]);
  }
  /** A number of [0, 1). */
  next(): number {
    return this.words()[0] / 2 ** 32;
  }
  /** A whole number from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
  /** A number of [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }
  /** A number of the standard normal distribution. */
  normal(): number {
    return normalQuantile((this.words()[0] + 0.5) / 2 ** 32);
  }
}
