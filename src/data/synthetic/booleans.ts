/** Functions of a few bits: XOR and its kin, and all there are. */
import { checkCount } from "../../tensor/arguments.ts";
import type { Sample } from "./sample.ts";

/** The number of a function of two bits: its values for 00, 01, 10 and 11 are the bits of it, lowest first. */
export const gates: Readonly<Record<"and" | "or" | "xor" | "nand" | "nor" | "xnor", number>> = {
  and: 0b1000,
  or: 0b1110,
  xor: 0b0110,
  nand: 0b0111,
  nor: 0b0001,
  xnor: 0b1001,
};

/**
 * The table of the function of `bits` bits whose number is `number`, from 0 to 2^2^bits − 1: x has the corners `(2^bits, bits)`
 * in counting order, first bit first, and y the function's value at each, which is a bit of its number, lowest first.
 */
export function booleanFunction(bits: number, number: number): Sample<Int32Array> {
  checkCount("booleanFunction", bits, "bits", 1, 5);
  const count = 2 ** bits;
  checkCount("booleanFunction", number, "the function's number", 0, 2 ** count - 1);
  const x = Float32Array.from(
    { length: count * bits },
    (_, i) => (Math.floor(i / bits) >> (bits - 1 - (i % bits))) & 1,
  );
  return { x, y: Int32Array.from({ length: count }, (_, corner) => (number >>> corner) & 1), count, shape: [bits] };
}

/** All functions of `bits` bits, by their numbers: 4, 16, 256 or 65,536 of them. */
export function booleanFunctions(bits = 3): Sample<Int32Array>[] {
  checkCount("booleanFunctions", bits, "bits", 1, 4);
  return Array.from({ length: 2 ** (2 ** bits) }, (_, number) => booleanFunction(bits, number));
}

/** Exclusive or: the four corners of a square, which no line separates (Minsky & Papert 1969). */
export const xor = (): Sample<Int32Array> => booleanFunction(2, gates.xor);

/** The numbers of the functions of `bits` bits that one line, or plane, separates: of 3 bits, 104 of the 256. */
export function separableFunctions(bits = 3): Set<number> {
  checkCount("separableFunctions", bits, "bits", 1, 4);
  const corners = booleanFunction(bits, 0);
  const found = new Set<number>();
  // Weights from −3 to 3 suffice for four bits (Muroga 1971), and thresholds between the sums that they make.
  for (let code = 0; code < 7 ** bits; code++) {
    const weights = Array.from({ length: bits }, (_, k) => (Math.floor(code / 7 ** k) % 7) - 3);
    const sums = Array.from({ length: corners.count }, (_, corner) =>
      weights.reduce((sum, weight, k) => sum + weight * corners.x[corner * bits + k], 0),
    );
    for (const least of [...sums, Number.POSITIVE_INFINITY]) {
      found.add(sums.reduce((number, sum, corner) => number + (sum >= least ? 2 ** corner : 0), 0));
    }
  }
  return found;
}

/** Along how many edges of the cube a function changes: 0 where it is constant, all `bits · 2^(bits − 1)` for parity. */
export function flips({ y, count }: Sample<Int32Array>): number {
  let sum = 0;
  for (let corner = 0; corner < count; corner++) {
    for (let bit = 1; bit < count; bit *= 2) if (corner & bit && y[corner] !== y[corner ^ bit]) sum++;
  }
  return sum;
}
