/**
 * Threefry-2×32-20, the counter-based generator of Salmon et al. (2011): a number depends on a key and a counter alone, so
 * there is no state to keep, and every device makes the same bits in any order. Kernels are written from the constants here.
 */

/** Two 32-bit words. */
export type Words = readonly [number, number];

/** By how much each of eight rounds rotates; then they start again. */
export const rotations: readonly number[] = [13, 15, 26, 6, 17, 29, 16, 24];
/** The third word of the key is the other two xor this. */
export const parity = 0x1bd11bda;
const rounds = 20;

/** The two random words at `counter` of the sequence that `key` chooses. */
export function threefry2x32(key: Words, counter: Words): [number, number] {
  const keys = [key[0], key[1], parity ^ key[0] ^ key[1]];
  let x = (counter[0] + keys[0]) | 0;
  let y = (counter[1] + keys[1]) | 0;
  for (let round = 0; round < rounds; round++) {
    const by = rotations[round % 8];
    x = (x + y) | 0;
    y = ((y << by) | (y >>> (32 - by))) ^ x;
    if (round % 4 === 3) {
      const turn = (round + 1) / 4;
      x = (x + keys[turn % 3]) | 0;
      y = (y + keys[(turn + 1) % 3] + turn) | 0;
    }
  }
  return [x >>> 0, y >>> 0];
}

/** The key of a seed, an integer from 0 to 2⁵³ − 1: its high and its low word. */
export const keyOf = (seed: number): Words => [Math.floor(seed / 2 ** 32), seed >>> 0];
