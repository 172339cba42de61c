/** IDX files, the format of MNIST: a magic number, big-endian sizes, then the elements (LeCun, Cortes & Burges 1998). */
import { FormatError } from "../errors.ts";
import { dtypes } from "../graph/dtype.ts";
import { show } from "../graph/shape.ts";
import { gunzip, isGzip } from "../io/gzip.ts";
import type { HostTensor } from "../io/safetensors.ts";

interface Element {
  readonly bytes: number;
  /** Our type that holds all of its values. */
  readonly dtype: "uint8" | "int32" | "float32" | "float64";
  readonly read: (view: DataView, at: number) => number;
}

const elements: ReadonlyMap<number, Element> = new Map<number, Element>([
  [0x08, { bytes: 1, dtype: "uint8", read: (view, at) => view.getUint8(at) }],
  [0x09, { bytes: 1, dtype: "int32", read: (view, at) => view.getInt8(at) }],
  [0x0b, { bytes: 2, dtype: "int32", read: (view, at) => view.getInt16(at) }],
  [0x0c, { bytes: 4, dtype: "int32", read: (view, at) => view.getInt32(at) }],
  [0x0d, { bytes: 4, dtype: "float32", read: (view, at) => view.getFloat32(at) }],
  [0x0e, { bytes: 8, dtype: "float64", read: (view, at) => view.getFloat64(at) }],
]);

const maxRank = 64;

export interface IdxOptions {
  /** What the messages call the file. */
  readonly name?: string;
  /** The most bytes that a packed file may unpack to. */
  readonly limit?: number;
}

/** Reads the bytes of an IDX file, packed with gzip or not. */
export async function readIdx(
  bytes: Uint8Array,
  { name = "readIdx", limit = 2 ** 30 }: IdxOptions = {},
): Promise<HostTensor> {
  return parseIdx(isGzip(bytes) ? await gunzip(name, bytes, limit) : bytes, name);
}

/** Reads the bytes of an IDX file that is not packed. The elements are a copy. */
export function parseIdx(bytes: Uint8Array, name = "parseIdx"): HostTensor {
  const fail = (code: string, got: string, want: string, fix = "Fetch or write the file again"): FormatError =>
    new FormatError(code, { in: name, got, want, fix });
  if (isGzip(bytes)) throw fail("IDX_MAGIC", "gzip within gzip", "an IDX file, packed once", "Unpack it first");
  if (bytes.length < 4) throw fail("IDX_SHORT", `a file of ${bytes.length} bytes`, "at least 4");
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    const start = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw fail("IDX_MAGIC", `a file that begins with ${start}`, "two bytes of 0", "Name an IDX file");
  }
  const [, , type, rank] = bytes;
  const element = elements.get(type);
  if (!element) throw fail("IDX_TYPE", `the element type 0x${type.toString(16)}`, "0x8, 0x9, 0xb, 0xc, 0xd or 0xe");
  if (rank < 1 || rank > maxRank) throw fail("IDX_RANK", `${rank} dimensions`, `1 to ${maxRank}`);
  const start = 4 + 4 * rank;
  if (bytes.length < start)
    throw fail("IDX_SHORT", `a file of ${bytes.length} bytes`, `${start} for ${rank} dimensions`);

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  // Compared before anything is allocated. Too large a product is inexact, but never small again.
  const count = shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1);
  if (start + count * element.bytes !== bytes.length) {
    throw fail("IDX_SIZE", `${bytes.length} bytes for shape ${show(shape)}`, `${start + count * element.bytes}`);
  }
  if (element.dtype === "uint8") return { dtype: "uint8", shape, data: new Uint8Array(bytes.subarray(start)) };
  const data = new dtypes[element.dtype].array(count);
  for (let i = 0; i < count; i++) data[i] = element.read(view, start + i * element.bytes);
  return { dtype: element.dtype, shape, data };
}
