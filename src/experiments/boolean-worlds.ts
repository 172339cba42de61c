/** Boolean functions as worlds to live in: every way to answer all cases of a few yes-or-no questions. */

/** The cases of so many inputs: `(2ⁿ, n)` of −1 and 1, where case `i` has the bits of `i`, the highest first. */
export function corners(inputs: number): number[][] {
  const bit = (i: number, k: number): number => (i >> (inputs - 1 - k)) & 1;
  return Array.from({ length: 2 ** inputs }, (_, i) => Array.from({ length: inputs }, (_, k) => 2 * bit(i, k) - 1));
}

/** What world `number` answers in each case, 0 or 1: the bits of `number`, the lowest first. */
export const answers = (number: number, inputs: number): number[] =>
  Array.from({ length: 2 ** inputs }, (_, i) => (number >> i) & 1);

/** Whether a plane has all cases that are answered with 1 on one side, as the perceptron finds out (Rosenblatt 1958). */
export function isSeparable(truth: readonly number[]): boolean {
  const cases = corners(Math.log2(truth.length)).map((corner) => [...corner, 1]);
  const w = cases[0].map(() => 0);
  const isRight = (x: readonly number[], i: number): boolean => (2 * truth[i] - 1) * dot(w, x) > 0;
  for (let pass = 0; pass < 100; pass++) {
    for (const [i, x] of cases.entries()) {
      if (!isRight(x, i)) for (const [k, value] of x.entries()) w[k] += (2 * truth[i] - 1) * value;
    }
    if (cases.every(isRight)) return true;
  }
  return false; // up to three inputs, 100 passes are more than any world takes that has a plane
}

/** How many pairs of cases that differ in one input are answered differently: 0 in a constant world, all in parity. */
export function flips(truth: readonly number[]): number {
  const inputs = Math.log2(truth.length);
  let count = 0;
  for (const [i, answer] of truth.entries()) {
    for (let k = 0; k < inputs; k++) if (answer === 1 && truth[i ^ (1 << k)] === 0) count++;
  }
  return count;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
