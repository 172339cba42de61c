/** How many steps or labels of each sequence count, where sequences of several lengths are padded to one. */
import { ShapeError } from "../errors.ts";
import { isFloat } from "../graph/dtype.ts";
import { show } from "../graph/shape.ts";
import { print } from "../ops/check.ts";
import { tensor } from "./create.ts";
import { hostOf, Tensor } from "./tensor.ts";

/** A whole number for each sequence: in an array, a typed array, or a tensor of integers. */
export type Lengths = readonly number[] | Int32Array | Uint32Array | Uint16Array | Uint8Array | Tensor;

interface LengthOptions {
  /** What the argument is called. */
  readonly name: string;
  /** How many sequences there are. */
  readonly count: number;
  readonly least?: number;
  /** The length to which they are padded. */
  readonly most: number;
}

/**
 * Lengths as a tensor of `count` elements, and as numbers where these are in host memory. Whatever is wrong with them is a
 * ShapeError: they are sizes. Those of a tensor that is not in host memory are taken as they are.
 */
export function checkLengths(
  op: string,
  lengths: Lengths,
  { name, count, least = 0, most }: LengthOptions,
): { readonly tensor: Tensor; readonly host: readonly number[] | null } {
  const want = `a whole number from ${least} to ${most} for each of ${count} sequences`;
  const refuse = (got: string, fix: string): never => {
    throw new ShapeError({ in: op, got, want, fix });
  };
  const listed = numbersIn(lengths);
  if (!listed && !(lengths instanceof Tensor)) return refuse(`${print(lengths)} as ${name}`, "Put them in an array");
  const given = lengths instanceof Tensor ? (lengths.ndim === 0 ? lengths.reshape([1]) : lengths) : null;
  const shape = given?.shape ?? [listed?.length ?? 0];
  if (shape.length !== 1 || shape[0] !== count) refuse(`${name} of ${show(shape)}`, "Give one for each sequence");
  if (given && (isFloat(given.dtype) || given.dtype === "bool")) {
    refuse(`${name} in ${given.dtype}`, 'Convert them with to("int32")');
  }
  const known = given ? hostOf(given) : listed;
  const host = known && Array.from(known);
  for (const [n, length] of host?.entries() ?? []) {
    if (Number.isInteger(length) && length >= least && length <= most) continue;
    const isLong = Number.isInteger(length) && length > most;
    const fix = isLong ? "Pad longer" : length === 0 ? "Leave out empty sequences" : `Check ${name}`;
    refuse(`${name}[${n}] ${print(length)}`, fix);
  }
  return { tensor: given ?? tensor(host as number[], { dtype: "int32" }), host };
}

/** The numbers of an array or a typed array of integers; null for all else. */
function numbersIn(lengths: unknown): readonly number[] | null {
  if (Array.isArray(lengths)) return lengths;
  const isTyped = [Int32Array, Uint32Array, Uint16Array, Uint8Array].some((type) => lengths instanceof type);
  return isTyped ? Array.from(lengths as Int32Array) : null;
}
