/** Sound in WAV files: chunks in a RIFF, of which "fmt " says how to read "data" (Microsoft & IBM 1991). */
import { FormatError, UnsupportedError } from "../errors.ts";
import { readFile } from "../io/files.ts";
import { fromHostArray, type Tensor } from "../tensor.ts";

/** A sound as numbers. */
export interface Sound {
  /** `(channels, length)`. Samples that are stored as integers are from −1 to below 1. */
  readonly data: Float32Array;
  readonly channels: number;
  /** Samples of each channel. */
  readonly length: number;
  /** Samples of a channel in a second. */
  readonly rate: number;
  /** Bits of a sample, as stored. */
  readonly bits: number;
  /** How many samples are NaN or infinite, which floating point may be. */
  readonly nonFinite: number;
}

/** What the numbers of formats mean that are not read here. */
const others: ReadonlyMap<number, string> = new Map([
  [0x02, "ADPCM of Microsoft"],
  [0x06, "A-law"],
  [0x07, "μ-law"],
  [0x11, "ADPCM of IMA"],
  [0x31, "GSM 6.10"],
  [0x50, "MPEG"],
  [0x55, "MP3"],
]);
const [integer, float, extensible] = [1, 3, 0xfffe];

/** A size that a writer leaves behind who cannot go back, as into a pipe: the file's end is meant. */
const unknown = 0xffffffff;

interface Format {
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
  readonly read: (view: DataView, at: number) => number;
}

/** Reads the bytes of a WAV file: integers of 8, 16, 24 and 32 bits, floating point of 32 and 64. */
export function decodeWav(bytes: Uint8Array, name = "decodeWav"): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (code: string, got: string, want: string): FormatError =>
    new FormatError(code, { in: name, got, want, fix: "Fetch or save the file again" });
  const tag = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  const kind = tag(0);
  if (kind === "RF64" || kind === "BW64" || kind === "RIFX") {
    const fix = "Save the sound as a WAV of less than 4 GiB";
    throw new UnsupportedError({ in: name, got: `a file of the kind ${kind}`, want: "RIFF", fix });
  }
  if (bytes.length < 12 || kind !== "RIFF" || tag(8) !== "WAVE") {
    throw fail("WAV_MAGIC", bytes.length === 0 ? "an empty file" : "no RIFF of the kind WAVE", "a WAV file");
  }
  const size = view.getUint32(4, true);
  if (size !== unknown && size !== bytes.length - 8) {
    throw fail("WAV_SIZE", `a RIFF of ${size} bytes in a file of ${bytes.length}`, `${bytes.length - 8}`);
  }

  let format: Format | null = null;
  let sound: Sound | null = null;
  for (let at = 12; at < bytes.length; ) {
    if (at + 8 > bytes.length) throw fail("WAV_SHORT", `a chunk that is cut at offset ${at}`, "8 bytes at least");
    const [id, given] = [tag(at), view.getUint32(at + 4, true)];
    const rest = bytes.length - at - 8;
    const length = id === "data" && given === unknown ? rest : given;
    if (length > rest) {
      throw fail("WAV_SHORT", `${length} bytes of "${id}" at offset ${at}, where ${rest} are left`, "all of them");
    }
    if (id === "fmt ") {
      if (format) throw fail("WAV_CHUNK", `a second "fmt " at offset ${at}`, "one");
      format = formatOf(new DataView(view.buffer, view.byteOffset + at + 8, length), name, fail);
    } else if (id === "data") {
      if (!format) throw fail("WAV_CHUNK", `"data" at offset ${at} without "fmt " before it`, "the format first");
      if (sound) throw fail("WAV_CHUNK", `a second "data" at offset ${at}`, "one");
      sound = samples(new DataView(view.buffer, view.byteOffset + at + 8, length), format, fail);
    }
    at += 8 + length + (length % 2);
  }
  if (!format) throw fail("WAV_CHUNK", 'a file without "fmt "', 'one "fmt " and one "data"');
  if (!sound) throw fail("WAV_CHUNK", 'a file without "data"', 'one "fmt " and one "data"');
  return sound;
}

type Fail = (code: string, got: string, want: string) => FormatError;

function formatOf(chunk: DataView, name: string, fail: Fail): Format {
  const length = chunk.byteLength;
  const ofLength = (want: string): FormatError => fail("WAV_FORMAT", `a "fmt " of ${length} bytes`, want);
  if (length < 16) throw ofLength("16, 18 or 40");
  const u16 = (at: number): number => chunk.getUint16(at, true);
  const [given, channels, rate, block, bits] = [u16(0), u16(2), chunk.getUint32(4, true), u16(12), u16(14)];
  const isExtended = given === extensible;
  // Those of other formats have other lengths, so what is not read here is named before the length is checked.
  const code = !isExtended ? given : length === 40 && isStandard(chunk) ? u16(24) : null;
  if (code !== integer && code !== float) {
    const what = code === null ? "an unknown extension" : (others.get(code) ?? `number 0x${code.toString(16)}`);
    const want = "integers or floating point";
    throw new UnsupportedError({ in: name, got: `the format ${what}`, want, fix: "Convert it to 16-bit PCM" });
  }
  if (!isExtended && length !== 16 && length !== 18) throw ofLength("16 or 18");
  if (length > 16 && u16(16) !== length - 18) {
    throw fail("WAV_FORMAT", `an extension of ${u16(16)} bytes in a "fmt " of ${length}`, `${length - 18}`);
  }
  if (channels === 0 || rate === 0) throw fail("WAV_FORMAT", `${channels} channels at ${rate} Hz`, "1 or more of each");
  const read = readers[`${code === float ? "float" : "integer"}${bits}`];
  if (!read) throw fail("WAV_FORMAT", `${bits} bits a sample`, code === float ? "32 or 64" : "8, 16, 24 or 32");
  if (block !== (channels * bits) / 8) {
    throw fail("WAV_FORMAT", `${block} bytes for ${channels} samples of ${bits} bits`, `${(channels * bits) / 8}`);
  }
  return { channels, rate, bits, read };
}

/** Whether the long name of a format is that of a number, which its first two bytes are. */
function isStandard(chunk: DataView): boolean {
  const rest = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];
  return rest.every((byte, i) => chunk.getUint8(26 + i) === byte);
}

const readers: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  integer8: (view, at) => (view.getUint8(at) - 2 ** 7) / 2 ** 7, // the only ones without a sign
  integer16: (view, at) => view.getInt16(at, true) / 2 ** 15,
  integer24: (view, at) => (view.getInt8(at + 2) * 2 ** 16 + view.getUint16(at, true)) / 2 ** 23,
  integer32: (view, at) => view.getInt32(at, true) / 2 ** 31,
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
};

function samples(chunk: DataView, { channels, rate, bits, read }: Format, fail: Fail): Sound {
  const block = (channels * bits) / 8;
  const length = chunk.byteLength / block;
  if (length === 0 || !Number.isInteger(length)) {
    throw fail(
      "WAV_DATA",
      `${chunk.byteLength} bytes of samples`,
      `at least one block of ${block}, and no part of one`,
    );
  }
  const data = new Float32Array(channels * length);
  let nonFinite = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < length; i++) {
      const value = read(chunk, i * block + (c * bits) / 8);
      if (!Number.isFinite(value)) nonFinite++;
      data[c * length + i] = value;
    }
  }
  return { data, channels, length, rate, bits, nonFinite };
}

/** Reads a WAV file. Runs in Node. */
export async function readWav(path: string): Promise<Sound> {
  const name = `readWav of ${JSON.stringify(path)}`;
  return decodeWav(await readFile(name, path), name);
}

/** A sound as a tensor `(channels, length)` of float32. */
export const soundTensor = ({ data, channels, length }: Sound): Tensor =>
  fromHostArray(data.slice(), [channels, length], "float32");
