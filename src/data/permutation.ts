/** A shuffled order that can be made again: the loader's epochs, and the split of a data set in two. */
import { ValueError } from "../errors.ts";
import { keyOf, threefry2x32 } from "../graph/threefry.ts";

/**
 * The numbers from 0 to `count − 1`, shuffled (Fisher & Yates): each order is equally likely, and the same on every
 * machine. Each `stream` of a seed, such as an epoch, is an order of its own.
 */
export function permutation(count: number, seed: number, stream = 0): Uint32Array {
  check("a count", count, 2 ** 32 - 1);
  check("a seed", seed, Number.MAX_SAFE_INTEGER);
  check("a stream", stream, 2 ** 32 - 1);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const words = randomWords(seed, stream);
  for (let last = count - 1; last > 0; last--) {
    const other = below(last + 1, words);
    const value = order[last];
    order[last] = order[other];
    order[other] = value;
  }
  return order;
}

function check(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  const want = `an integer from 0 to ${most}`;
  throw new ValueError({ in: "permutation", got: `${what} of ${value}`, want, fix: "Round it, or choose another" });
}

/** The words of a seed's stream, one after the other. */
function randomWords(seed: number, stream: number): () => number {
  const key = keyOf(seed);
  let counter = 0;
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const word = spare;
      spare = undefined;
      return word;
    }
    const [first, second] = threefry2x32(key, [counter++, stream]);
    spare = second;
    return first;
  };
}

/** A number from 0 to `size − 1`, without bias: words beyond the last whole multiple of `size` are passed over. */
function below(size: number, words: () => number): number {
  const end = 2 ** 32 - (2 ** 32 % size);
  for (;;) {
    const word = words();
    if (word < end) return word % size;
  }
}
