/**
 * The types that safetensors files hold, and how each is read. Types that Tsumiki lacks are read into `int32`, which holds
 * all of I16 and U16; of U32, I64 and U64 a value that it does not hold is an error, never a rounded number.
 */
import { DTypeError, FormatError } from "../errors.ts";
import type { DType, HostArray } from "../graph/dtype.ts";

interface FileType {
  /** Bytes of an element. */
  readonly bytes: number;
  readonly dtype: DType;
  /** The elements, from bytes that are theirs alone; `tell` says which one is not taken, and why. */
  readonly read: (bytes: Uint8Array<ArrayBuffer>, tell: Tell) => HostArray;
}

/** Makes the error for element `index`, whose value is `got`. */
type Tell = (index: number, got: string) => Error;

const words = (bytes: Uint8Array<ArrayBuffer>): Int32Array<ArrayBuffer> => new Int32Array(bytes.buffer);

/** The low halves of 64-bit integers, if `fits` holds for every pair of halves. */
function narrow(bytes: Uint8Array<ArrayBuffer>, tell: Tell, fits: (low: number, high: number) => boolean): Int32Array {
  const halves = words(bytes);
  const values = new Int32Array(halves.length / 2);
  for (let i = 0; i < values.length; i++) {
    const [low, high] = [halves[2 * i], halves[2 * i + 1]];
    if (!fits(low, high)) throw tell(i, String((BigInt(high) << 32n) | BigInt(low >>> 0)));
    values[i] = low;
  }
  return values;
}

function checked<A extends Int32Array | Uint8Array>(values: A, tell: Tell, fits: (x: number) => boolean): A {
  const bad = values.findIndex((x: number) => !fits(x));
  if (bad >= 0) throw tell(bad, String(values[bad] >>> 0));
  return values;
}

const isBool = (x: number): boolean => x <= 1;

/** A map, not an object: a file may well name the type "constructor". */
export const fileTypes: ReadonlyMap<string, FileType> = new Map<string, FileType>([
  ["BOOL", { bytes: 1, dtype: "bool", read: (b, tell) => checked(b, tell, isBool) }],
  ["U8", { bytes: 1, dtype: "uint8", read: (b) => b }],
  ["F16", { bytes: 2, dtype: "float16", read: (b) => new Uint16Array(b.buffer) }],
  ["BF16", { bytes: 2, dtype: "bfloat16", read: (b) => new Uint16Array(b.buffer) }],
  ["I32", { bytes: 4, dtype: "int32", read: words }],
  ["F32", { bytes: 4, dtype: "float32", read: (b) => new Float32Array(b.buffer) }],
  ["F64", { bytes: 8, dtype: "float64", read: (b) => new Float64Array(b.buffer) }],
  ["I8", { bytes: 1, dtype: "int8", read: (b) => new Int8Array(b.buffer) }],
  ["I16", { bytes: 2, dtype: "int32", read: (b) => Int32Array.from(new Int16Array(b.buffer)) }],
  ["U16", { bytes: 2, dtype: "int32", read: (b) => Int32Array.from(new Uint16Array(b.buffer)) }],
  ["U32", { bytes: 4, dtype: "int32", read: (b, tell) => checked(words(b), tell, (x) => x >= 0) }],
  ["I64", { bytes: 8, dtype: "int32", read: (b, tell) => narrow(b, tell, (low, high) => high === low >> 31) }],
  ["U64", { bytes: 8, dtype: "int32", read: (b, tell) => narrow(b, tell, (low, high) => high === 0 && low >= 0) }],
]);

/** The file's name of each of our types. In the order in which a writer sorts: the widest alignment first. */
export const fileNames: ReadonlyMap<DType, string> = new Map([
  ["float64", "F64"],
  ["float32", "F32"],
  ["int32", "I32"],
  ["bfloat16", "BF16"],
  ["float16", "F16"],
  ["uint8", "U8"],
  ["int8", "I8"],
  ["bool", "BOOL"],
]);

/** The elements of a tensor of the file, converted by the rule above. `bytes` becomes theirs. */
export function decode(
  operation: string,
  name: string,
  fileType: string,
  bytes: Uint8Array<ArrayBuffer>,
): { dtype: DType; data: HostArray } {
  const type = fileTypes.get(fileType);
  if (!type) throw new Error(`safetensors: no type ${fileType}`);
  const data = type.read(bytes, (index, value) => {
    const got = { in: operation, got: `${value} at element ${index} of ${name}, which is ${fileType}` };
    return type.dtype === "bool"
      ? new FormatError("ST_BOOL", { ...got, want: "0 or 1", fix: "Write the tensor again from its source" })
      : new DTypeError({ ...got, want: "values that int32 holds", fix: "Convert the tensor to F64 or I32 first" });
  });
  return { dtype: type.dtype, data };
}
