/** What is done to examples on the host, each by itself, before they are put together in a batch. */
import { ValueError } from "../errors.ts";
import { checkCount, checkNumber } from "../tensor/arguments.ts";
import type { HostRandom } from "./random.ts";

/** One example on its way into a batch. */
export interface Example {
  /** Its elements, to be changed in place. */
  readonly data: Float32Array;
  readonly shape: readonly number[];
  /** Random numbers of this example in this epoch. */
  readonly random: HostRandom;
}
export type Transform = (example: Example) => void;

/** `(x − mean) / std`: one number each, or one for each channel, the first axis. */
export function normalize(mean: number | readonly number[], std: number | readonly number[]): Transform {
  const [means, stds] = [[mean].flat(), [std].flat()];
  for (const m of means) checkNumber("normalize", m, "mean", -Number.MAX_VALUE, Number.MAX_VALUE);
  for (const s of stds) checkNumber("normalize", s, "std", Number.MIN_VALUE, Number.MAX_VALUE);
  const channels = Math.max(means.length, stds.length);
  const at = (list: readonly number[], c: number): number => (list.length === 1 ? list[0] : list[c]);
  return ({ data, shape }) => {
    if (channels > 1 && shape[0] !== channels) {
      const got = `${channels} channels for examples of [${shape}]`;
      throw new ValueError({ in: "normalize", got, want: `${shape[0]}`, fix: "Give one number for each channel" });
    }
    const size = data.length / channels;
    for (let c = 0; c < channels; c++) {
      const [m, s] = [at(means, c), at(stds, c)];
      for (let i = c * size; i < (c + 1) * size; i++) data[i] = (data[i] - m) / s;
    }
  };
}

/** Images `(…, H, W)` moved by up to `most` pixels along each axis; `fill` comes in at the edge. */
export function randomShift(most: number, { fill = 0 }: { fill?: number } = {}): Transform {
  checkCount("randomShift", most, "most", 0);
  return ({ data, shape, random }) => {
    const [height, width] = shape.slice(-2);
    const [dy, dx] = [random.below(2 * most + 1) - most, random.below(2 * most + 1) - most];
    const before = data.slice();
    for (let start = 0; start < data.length; start += height * width) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const [fromY, fromX] = [y - dy, x - dx];
          const inside = fromY >= 0 && fromY < height && fromX >= 0 && fromX < width;
          data[start + y * width + x] = inside ? before[start + fromY * width + fromX] : fill;
        }
      }
    }
  };
}

/** Every other image `(…, H, W)`, by chance, as in a mirror. */
export function randomFlip({ p = 0.5 }: { p?: number } = {}): Transform {
  checkNumber("randomFlip", p, "p", 0, 1);
  return ({ data, shape, random }) => {
    if (random.next() >= p) return;
    const width = shape[shape.length - 1];
    for (let start = 0; start < data.length; start += width) data.subarray(start, start + width).reverse();
  };
}

/**
 * Mean and standard deviation of each of `columns` numbers that lie one after another in rows, to standardize with. A
 * column that is constant gets a deviation of 1, so that it becomes 0 and not NaN.
 */
export function statistics(rows: ArrayLike<number>, columns: number): { mean: number[]; std: number[] } {
  checkCount("statistics", columns, "columns", 1);
  const count = rows.length / columns;
  if (count < 1 || !Number.isInteger(count)) {
    const got = `${rows.length} numbers in rows of ${columns}`;
    throw new ValueError({ in: "statistics", got, want: "at least one whole row", fix: "Check the data" });
  }
  const mean = Array<number>(columns).fill(0);
  const square = Array<number>(columns).fill(0);
  // From the first row on, so that the mean of a constant column is that constant to the bit.
  for (let i = 0; i < rows.length; i++) mean[i % columns] += (rows[i] - rows[i % columns]) / count;
  for (let k = 0; k < columns; k++) mean[k] += rows[k];
  for (let i = 0; i < rows.length; i++) square[i % columns] += (rows[i] - mean[i % columns]) ** 2 / count;
  return { mean, std: square.map((v) => (v > 0 ? Math.sqrt(v) : 1)) };
}

/**
 * The same examples in another order, for those that come one by one: each leaves a buffer of `size` at a random place
 * when the next one comes in.
 */
export function shuffled<T>(
  source: Iterable<T> | AsyncIterable<T>,
  size: number,
  random: HostRandom,
): AsyncGenerator<T> {
  checkCount("shuffled", size, "the buffer's size", 1); // at the call rather than at the first example
  return throughBuffer(source, size, random);
}

async function* throughBuffer<T>(
  source: Iterable<T> | AsyncIterable<T>,
  size: number,
  random: HostRandom,
): AsyncGenerator<T> {
  const buffer: T[] = [];
  for await (const item of source) {
    if (buffer.length < size) {
      buffer.push(item);
      continue;
    }
    const at = random.below(size);
    yield buffer[at];
    buffer[at] = item;
  }
  while (buffer.length > 0) {
    const at = random.below(buffer.length);
    const last = buffer.pop() as T;
    if (at === buffer.length) yield last;
    else {
      yield buffer[at];
      buffer[at] = last;
    }
  }
}
