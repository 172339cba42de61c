/**
 * safetensors files, read strictly and written as the reference implementation writes them. This knows host arrays only;
 * tensors and modules are made from them elsewhere. Numbers are little-endian, in the file and in every supported host.
 */
import { FormatError, LimitError, ShapeError, ValueError } from "../errors.ts";
import { type DType, dtypes, type HostArray } from "../graph/dtype.ts";
import { show, sizeOf } from "../graph/shape.ts";
import { type FileSystem, openForReading, replaceFile } from "./files.ts";
import { foreign } from "./foreign.ts";
import { decode, fileNames, fileTypes } from "./safetensors-dtype.ts";
import { type Entry, maxRank, maxSize, quote, scanHeader } from "./safetensors-header.ts";
import { decodeUtf8 } from "./utf8.ts";

/** A tensor in host memory: its elements in row-major order. */
export interface HostTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: HostArray;
}

/** What a file holds. The tensors are in the order of the header. */
export interface Safetensors {
  readonly tensors: Map<string, HostTensor>;
  readonly metadata: Record<string, string>;
}

/** The limit of the reference implementation. */
const maxHeader = 100_000_000;

/** Reads a file's bytes. The arrays are copies: `bytes` may be reused. */
export function parseSafetensors(bytes: Uint8Array): Safetensors {
  const file = new Checker("parseSafetensors", bytes.length);
  try {
    const length = file.headerLength(bytes.subarray(0, 8));
    const { entries, metadata } = file.header(bytes.subarray(8, 8 + length));
    const start = 8 + length;
    const tensors = new Map<string, HostTensor>();
    for (const entry of entries) {
      // Not slice(): of Node's Buffer that is a view.
      const own = new Uint8Array(bytes.subarray(start + entry.begin, start + entry.end));
      tensors.set(entry.name, file.tensor(entry, own));
    }
    return { tensors, metadata };
  } catch (error) {
    throw file.explain(error, bytes.subarray(0, 64));
  }
}

/** Reads a file of Node's, tensor by tensor, so that no more than the file's size and one tensor is in memory. */
export async function loadSafetensors(path: string, files?: FileSystem): Promise<Safetensors> {
  const operation = `loadSafetensors(${JSON.stringify(path)})`;
  const short = (): FormatError =>
    new FormatError("ST_SHORT", {
      in: operation,
      got: "a file that was cut while it was read",
      want: "one that stays as it is",
      fix: "Wait for whoever writes it, then load it again",
    });
  await using reader = await openForReading(operation, path, short, files);
  const file = new Checker(operation, reader.size);
  const read = async (position: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = new Uint8Array(length);
    await reader.read(bytes, position);
    return bytes;
  };
  try {
    const length = file.headerLength(await read(0, Math.min(8, reader.size)));
    const { entries, metadata } = file.header(await read(8, length));
    const tensors = new Map<string, HostTensor>();
    for (const entry of entries) {
      const bytes = await read(8 + length + entry.begin, entry.end - entry.begin);
      tensors.set(entry.name, file.tensor(entry, bytes));
    }
    return { tensors, metadata };
  } catch (error) {
    throw error instanceof FormatError ? file.explain(error, await read(0, Math.min(64, reader.size))) : error;
  }
}

/** The bytes of a file that holds `tensors`. */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const chunks = layOut("serializeSafetensors", tensors, metadata);
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Writes a file of Node's. An old file at `path` is replaced as a whole or, if anything fails, left as it was. */
export async function saveSafetensors(
  path: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
  files?: FileSystem,
): Promise<void> {
  const operation = `saveSafetensors(${JSON.stringify(path)})`;
  await replaceFile(operation, path, layOut(operation, tensors, metadata), files);
}

/** How many elements of each floating tensor are NaN or infinite, where any is: files may hold them, models seldom should. */
export function countNonFinite(tensors: ReadonlyMap<string, HostTensor>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [name, { dtype, data }] of tensors) {
    if (dtypes[dtype].kind !== "float") continue;
    const exponent = dtype === "float16" ? 0x7c00 : 0x7f80; // all of its bits set: not finite
    const isBad =
      data instanceof Uint16Array ? (x: number) => (x & exponent) === exponent : (x: number) => !Number.isFinite(x);
    let count = 0;
    for (let i = 0; i < data.length; i++) if (isBad(data[i])) count++;
    if (count > 0) counts.set(name, count);
  }
  return counts;
}

/** The rules of the format, for one file of which `size` is known; each step trusts only what the ones before checked. */
class Checker {
  readonly #operation: string;
  readonly #size: number;

  constructor(operation: string, size: number) {
    this.#operation = operation;
    this.#size = size;
  }

  /** From the first eight bytes, or fewer if the file has no more. */
  headerLength(first: Uint8Array): number {
    if (first.length < 8) throw this.#fail("ST_SHORT", `a file of ${first.length} bytes`, "at least 8");
    const view = new DataView(first.buffer, first.byteOffset, 8);
    const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
    if (length > maxHeader) throw this.#fail("ST_HEADER_BIG", `a header of ${length} bytes`, `at most ${maxHeader}`);
    if (length < 2 || length > this.#size - 8) {
      throw this.#fail(
        "ST_HEADER_LEN",
        `a header of ${length} bytes in a file of ${this.#size}`,
        "one that fits, of 2 bytes or more",
      );
    }
    return length;
  }

  header(bytes: Uint8Array): { entries: Entry[]; metadata: Record<string, string> } {
    const decoded = decodeUtf8(bytes);
    if ("badByte" in decoded) {
      throw this.#fail("ST_UTF8", `a byte that is not UTF-8 at offset ${8 + decoded.badByte}`, "a header in UTF-8");
    }
    const fail = this.#fail.bind(this);
    const { entries, metadata } = scanHeader(decoded.text, fail);
    for (const entry of entries) this.#checkEntry(entry);
    this.#checkCover(entries, this.#size - 8 - bytes.length);
    return { entries, metadata: Object.fromEntries(metadata) };
  }

  tensor({ name, dtype, shape }: Entry, bytes: Uint8Array<ArrayBuffer>): HostTensor {
    return { shape, ...decode(this.#operation, quote(name), dtype, bytes) };
  }

  /** The error that tells more: if the file is of another kind, that is what is wrong with it. */
  explain(error: unknown, first: Uint8Array): unknown {
    const other = error instanceof FormatError ? foreign(first) : undefined;
    if (!other) return error;
    const problem = { in: this.#operation, got: other.what, want: "a safetensors file", fix: other.fix };
    return new FormatError("ST_FOREIGN", problem, { cause: error });
  }

  #checkEntry({ name, dtype, shape, begin, end }: Entry): void {
    const type = fileTypes.get(dtype);
    if (!type)
      throw this.#fail("ST_DTYPE", `the type ${quote(dtype)} of ${quote(name)}`, [...fileTypes.keys()].join(", "));
    const elements = shape.includes(0) ? 0 : sizeOf(shape);
    if (elements * type.bytes !== end - begin) {
      const got = `${end - begin} bytes for ${quote(name)}, ${dtype} of shape ${show(shape)}`;
      throw this.#fail("ST_SIZE", got, `${elements * type.bytes}`);
    }
  }

  /** Tensors have to cover the data exactly, so that nothing hides in the file and none shares bytes with another. */
  #checkCover(entries: readonly Entry[], size: number): void {
    let at = 0;
    for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
      if (end > size)
        throw this.#fail("ST_OFFSETS", `an end of ${quote(name)} at ${end}`, `at most ${size}, the size of the data`);
      if (begin !== at) {
        throw this.#fail(
          "ST_COVER",
          `${begin < at ? "an overlap" : "a hole"} before ${quote(name)} at ${begin}`,
          "no gaps or overlaps",
        );
      }
      at = end;
    }
    if (at !== size) throw this.#fail("ST_COVER", `${size - at} bytes after the last tensor`, "none");
  }

  #fail(code: string, got: string, want: string): FormatError {
    const fix = "The file is damaged or made for something else: fetch or write it again";
    return new FormatError(code, { in: this.#operation, got, want, fix });
  }
}

/** The header, then the bytes of each tensor, in the order of the reference: wide types first, then by name. */
function layOut(
  operation: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  const widths = [...fileNames.keys()];
  const sorted = [...tensors].sort(
    ([a, x], [b, y]) => widths.indexOf(x.dtype) - widths.indexOf(y.dtype) || (a < b ? -1 : 1),
  );
  const members: string[] = [];
  const member = (name: string, value: unknown): void => {
    if (!name.isWellFormed()) throw notText(operation, name);
    members.push(`${JSON.stringify(name)}:${JSON.stringify(value)}`);
  };
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string" || !`${key}${value}`.isWellFormed()) throw notText(operation, key);
  }
  if (Object.keys(metadata).length > 0) member("__metadata__", metadata);
  const data: Uint8Array[] = [];
  let at = 0;
  for (const [name, tensor] of sorted) {
    const bytes = bytesOf(operation, name, tensor);
    const dtype = fileNames.get(tensor.dtype);
    member(name, { dtype, shape: tensor.shape, data_offsets: [at, at + bytes.length] });
    data.push(bytes);
    at += bytes.length;
  }
  const text = new TextEncoder().encode(`{${members.join(",")}}`);
  const padded = Math.ceil(text.length / 8) * 8;
  if (padded > maxHeader) {
    const got = `a header of ${padded} bytes`;
    throw new LimitError({
      in: operation,
      got,
      want: `at most ${maxHeader}`,
      fix: "Shorten the names or the metadata",
    });
  }
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(text, 8);
  return [head, ...data];
}

/** The memory of a tensor, after a look that it is one which a reader would take back. */
function bytesOf(operation: string, name: string, { dtype, shape, data }: HostTensor): Uint8Array {
  if (name === "__metadata__") {
    const fix = "Rename it";
    throw new ValueError({ in: operation, got: 'a tensor named "__metadata__"', want: "any other name", fix });
  }
  const isShape = shape.length <= maxRank && shape.every((d) => Number.isInteger(d) && d >= 0 && d <= maxSize);
  if (!isShape || data.length !== sizeOf(shape) || !(data instanceof dtypes[dtype].array)) {
    const got = `${data.constructor.name} of ${data.length} elements for ${quote(name)}`;
    const want = `${dtypes[dtype].array.name} of ${sizeOf(shape)}, for ${dtype} of shape ${show(shape)}`;
    throw new ShapeError({ in: operation, got, want, fix: "Pass the array that belongs to the shape" });
  }
  if (dtype === "bool" && data.some((x: number) => x > 1)) {
    throw new ValueError({
      in: operation,
      got: `a bool other than 0 and 1 in ${quote(name)}`,
      want: "0 or 1",
      fix: "Compare with 0 first",
    });
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

const notText = (operation: string, key: string): ValueError =>
  new ValueError({
    in: operation,
    got: `${quote(key)}, of which the name or the value is no well-formed string`,
    want: "text",
    fix: "Make it a string without halves of surrogate pairs",
  });
