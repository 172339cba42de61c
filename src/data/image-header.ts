/**
 * What PNG and JPEG files say of themselves before anything is decoded: size, kind, and whether they are whole. Decoders
 * differ in what they let pass, and half an image must not become an example.
 */
import { FormatError, LimitError, UnsupportedError } from "../errors.ts";

export interface ImageHeader {
  readonly format: "png" | "jpeg";
  /** As stored; a JPEG may say that it is to be turned. */
  readonly width: number;
  readonly height: number;
}

/** The most pixels of an image: 64 Mi. */
export const maxPixels: number = 64 * 2 ** 20;

/** How files of other formats begin. */
const others: readonly (readonly [string, RegExp])[] = [
  ["GIF", /^GIF8/],
  ["WebP", /^RIFF.{4}WEBP/s],
  ["BMP", /^BM/],
  ["TIFF", /^(II\*\0|MM\0\*)/],
  ["AVIF or HEIF", /^.{4}ftyp/s],
  ["SVG, or another of XML", /^\s*</],
];

/** Checks the frame of a file and tells its size; `name` is what messages call it. */
export function imageHeader(bytes: Uint8Array, name: string): ImageHeader {
  const isPng = pngSignature.every((byte, i) => bytes[i] === byte);
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
  const header = isPng ? pngHeader(bytes, name) : isJpeg ? jpegHeader(bytes, name) : null;
  if (header === null) {
    const start = String.fromCharCode(...bytes.subarray(0, 16));
    const other = others.find(([, pattern]) => pattern.test(start))?.[0];
    const fix = "Convert it to PNG";
    if (other) throw new UnsupportedError({ in: name, got: `a file of the format ${other}`, want: "PNG or JPEG", fix });
    throw refuse(
      name,
      "IMAGE_MAGIC",
      bytes.length === 0 ? "an empty file" : "a file of no known format",
      "PNG or JPEG",
    );
  }
  const { width, height } = header;
  if (width === 0 || height === 0)
    throw refuse(name, "IMAGE_SIZE", `an image of ${width} × ${height}`, "at least a pixel");
  if (width * height > maxPixels) {
    const got = `an image of ${width} × ${height} pixels`;
    throw new LimitError({ in: name, got, want: `at most ${maxPixels} pixels`, fix: "Make it smaller" });
  }
  return header;
}

const refuse = (name: string, code: string, got: string, want: string): FormatError =>
  new FormatError(code, { in: name, got, want, fix: "Fetch or save the file again" });

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** The bit depths that a colour type has (PNG, table 11.1). */
const depths = new Map([
  [0, [1, 2, 4, 8, 16]],
  [2, [8, 16]],
  [3, [1, 2, 4, 8]],
  [4, [8, 16]],
  [6, [8, 16]],
]);

function pngHeader(bytes: Uint8Array, name: string): ImageHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seen: string[] = [];
  let [width, height, colour] = [0, 0, 0];
  for (let at = 8; seen.at(-1) !== "IEND"; ) {
    if (at + 12 > bytes.length) throw refuse(name, "PNG_SHORT", `a PNG that ends at offset ${at}`, "one with its end");
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const fail = (got: string, want: string): FormatError => refuse(name, "PNG_CHUNK", `${got} at offset ${at}`, want);
    if (length > bytes.length - at - 12) throw refuse(name, "PNG_SHORT", `a chunk ${type} that is cut`, "all of it");
    if (!/^[A-Za-z]{4}$/.test(type)) throw fail("a chunk without a name", "four letters");
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      throw refuse(name, "PNG_CRC", `a wrong checksum of the chunk ${type} at offset ${at}`, "the right one");
    }
    if ((type === "IHDR") !== (seen.length === 0)) throw fail(`a chunk ${type}`, "IHDR, once, at the start");
    if (type === "PLTE" && (seen.includes("PLTE") || seen.includes("IDAT")))
      throw fail("a late palette", "one before IDAT");
    if (type === "IDAT" && seen.includes("IDAT") && seen.at(-1) !== "IDAT") throw fail("IDAT in two places", "one run");
    if (type === "IDAT" && colour === 3 && !seen.includes("PLTE"))
      throw fail("indexed colours", "a palette before them");
    if (type === "acTL") {
      throw new UnsupportedError({
        in: name,
        got: "an animated PNG",
        want: "a still one",
        fix: "Save one frame of it",
      });
    }
    if (type === "IHDR") {
      [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      const depth = bytes[at + 16];
      colour = bytes[at + 17];
      const rest = bytes.subarray(at + 18, at + 21);
      const isKnown =
        length === 13 && depths.get(colour)?.includes(depth) && rest[0] === 0 && rest[1] === 0 && rest[2] < 2;
      if (!isKnown) throw fail(`bit depth ${depth} of colour type ${colour}`, "a kind of PNG");
    }
    seen.push(type);
    at += 12 + length;
    if (type === "IEND" && at !== bytes.length) throw fail(`${bytes.length - at} bytes after the end`, "nothing there");
  }
  if (!seen.includes("IDAT")) throw refuse(name, "PNG_CHUNK", "a PNG without IDAT", "pixels");
  return { format: "png", width, height };
}

let crcTable: Uint32Array | undefined;

/** The checksum of PNG (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
  });
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[i]) & 255];
  return (crc ^ 0xffffffff) >>> 0;
}

function jpegHeader(bytes: Uint8Array, name: string): ImageHeader {
  const short = (): FormatError => refuse(name, "JPEG_SHORT", "a JPEG that is cut", "one with its end");
  const unsupported = (got: string): UnsupportedError =>
    new UnsupportedError({ in: name, got, want: "grey or colour, Huffman-coded, of 8 bits", fix: "Convert it to PNG" });
  let header: ImageHeader | undefined;
  for (let at = 2; ; ) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++; // fill bytes
    if (at + 4 > bytes.length) throw short();
    const [mark, marker] = [bytes[at], bytes[at + 1]];
    const length = bytes[at + 2] * 256 + bytes[at + 3];
    if (mark !== 0xff || length < 2) throw refuse(name, "JPEG_MARKER", `no marker at offset ${at}`, "a segment there");
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      if (at + 10 > bytes.length) throw short();
      if (header) throw refuse(name, "JPEG_MARKER", "two frames", "one");
      if (marker > 0xc8) throw unsupported("a JPEG with arithmetic coding");
      if (marker > 0xc2) throw unsupported("a lossless or hierarchical JPEG");
      if (bytes[at + 4] !== 8) throw unsupported(`a JPEG of ${bytes[at + 4]} bits`);
      if (bytes[at + 9] !== 1 && bytes[at + 9] !== 3)
        throw unsupported(`a JPEG of ${bytes[at + 9]} components, such as CMYK`);
      header = {
        format: "jpeg",
        height: bytes[at + 5] * 256 + bytes[at + 6],
        width: bytes[at + 7] * 256 + bytes[at + 8],
      };
    }
    at += 2 + length;
    if (marker !== 0xda) continue;
    if (!header) throw refuse(name, "JPEG_MARKER", "a scan before its frame", "a frame first");
    // Within a scan 0xff is followed by 0, so what looks like the end is the end.
    for (let end = bytes.length - 2; end >= at; end--)
      if (bytes[end] === 0xff && bytes[end + 1] === 0xd9) return header;
    throw short();
  }
}
