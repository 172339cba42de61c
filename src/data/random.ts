/** Random numbers on the host, for augmentation and made data: a stream of its own for each example of each epoch. */
import { keyOf, threefry2x32 } from "../graph/threefry.ts";
import { hostMath } from "../tensor/arguments.ts";

/** Uniform numbers in [0, 1). */
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

  next(): number {
    this.#key ??= threefry2x32(keyOf(this.#seed), this.#stream);
    return threefry2x32(this.#key, [this.#counter++, 0])[0] / 2 ** 32;
  }
  /** A whole number from 0 to `count` − 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }
  /** A number of [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }
  /** A number of the standard normal distribution (Box & Muller 1958), of the same bits in every JavaScript engine. */
  normal(): number {
    const radius = hostMath.sqrt(-2 * hostMath.log(1 - this.next()));
    return radius * hostMath.cos(2 * Math.PI * this.next());
  }
}
