/**
 * Threefry-2x32 with 20 rounds (Salmon et al. 2011): a bijection of two words that is as good as random, so that element
 * `i` of a random tensor is a function of a key and `i`, the same on every device and in every order.
 */
const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** Two random words of 32 bits, unsigned, for a counter under a key. */
export function threefry2x32(
  [k0, k1]: readonly [number, number],
  [c0, c1]: readonly [number, number],
): [number, number] {
  const keys = [k0 | 0, k1 | 0, 0x1bd11bda ^ k0 ^ k1];
  let [x, y] = [(c0 + k0) | 0, (c1 + k1) | 0];
  for (let round = 0; round < 20; round++) {
    x = (x + y) | 0;
    y = rotate(y, rotations[round % 8]) ^ x;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x = (x + keys[injection % 3]) | 0;
      y = (y + keys[(injection + 1) % 3] + injection) | 0;
    }
  }
  return [x >>> 0, y >>> 0];
}
