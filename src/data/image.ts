/**
 * Images from files. Browsers decode them by themselves; in Node this takes the package `sharp`, an optional peer, which is
 * not loaded unless an image is decoded.
 */
import { FormatError, UnsupportedError, ValueError } from "../errors.ts";
import { readFile } from "../io/files.ts";
import { checkOptions, print } from "../tensor/arguments.ts";
import { fromHostArray, type Tensor } from "../tensor.ts";
import { type ImageHeader, imageHeader } from "./image-header.ts";

/** An image as bytes. */
export interface Picture {
  /** `(channels, rows, cols)`, from 0 to 255. */
  readonly data: Uint8Array;
  readonly channels: number;
  readonly rows: number;
  readonly cols: number;
}

export interface PictureOptions {
  /** 3 for red, green and blue, the default; 1 for grey (ITU-R BT.601). What is transparent is laid on white. */
  readonly channels?: 1 | 3;
}

/** Red, green, blue and opacity of each pixel, one after another. */
interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/**
 * Decodes the bytes of a PNG or JPEG. 16 bits become 8, and a JPEG is turned as it says (EXIF). What is broken is refused, but
 * that browsers let a JPEG pass that has its end and lacks pixels before it.
 */
export async function decodeImage(
  bytes: Uint8Array,
  options: PictureOptions = {},
  name = "decodeImage",
): Promise<Picture> {
  checkOptions(name, options, ["channels"]);
  const { channels = 3 } = options;
  if (channels !== 1 && channels !== 3) {
    throw new ValueError({ in: name, got: `${print(channels)} channels`, want: "1 or 3", fix: "Choose one of them" });
  }
  const header = imageHeader(bytes, name);
  const decode = typeof createImageBitmap === "function" ? inBrowser : bySharp;
  return planes(await decode(bytes, header, name), channels);
}

/** Reads an image file. Runs in Node. */
export async function readImage(path: string, options: PictureOptions = {}): Promise<Picture> {
  const name = `readImage of ${JSON.stringify(path)}`;
  return decodeImage(await readFile(name, path), options, name);
}

/** An image as a tensor `(channels, rows, cols)` of float32, from 0 to 1. */
export function imageTensor({ data, channels, rows, cols }: Picture): Tensor {
  return fromHostArray(
    Float32Array.from(data, (value) => value / 255),
    [channels, rows, cols],
    "float32",
  );
}

function planes({ data, width, height }: Pixels, channels: 1 | 3): Picture {
  const size = width * height;
  const out = new Uint8Array(channels * size);
  for (let i = 0; i < size; i++) {
    const opacity = data[4 * i + 3];
    const onWhite = (value: number): number => Math.round((value * opacity + 255 * (255 - opacity)) / 255);
    const [r, g, b] = [onWhite(data[4 * i]), onWhite(data[4 * i + 1]), onWhite(data[4 * i + 2])];
    if (channels === 1) out[i] = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16;
    else [out[i], out[i + size], out[i + 2 * size]] = [r, g, b];
  }
  return { data: out, channels, rows: height, cols: width };
}

const broken = (name: string, { format }: ImageHeader, cause: unknown): FormatError =>
  new FormatError(
    "IMAGE_DATA",
    {
      in: name,
      got: `a broken ${format.toUpperCase()} (${(cause as Error).message.trim().replaceAll("\n", "; ")})`,
      want: "one that can be decoded",
      fix: "Fetch or save the file again",
    },
    { cause },
  );

async function inBrowser(bytes: Uint8Array, header: ImageHeader, name: string): Promise<Pixels> {
  const type = `image/${header.format}`;
  const options = { premultiplyAlpha: "none", colorSpaceConversion: "none" } as const;
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }), options);
  } catch (cause) {
    throw broken(name, header, cause);
  }
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw new Error("image: no canvas of two dimensions");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, width, height);
}

/** As much of sharp as is used here. */
interface Sharp {
  autoOrient(): Sharp;
  toColourspace(name: string): Sharp;
  ensureAlpha(): Sharp;
  raw(): Sharp;
  toBuffer(options: { resolveWithObject: true }): Promise<{
    readonly data: Uint8Array;
    readonly info: { readonly width: number; readonly height: number; readonly channels: number };
  }>;
}
type MakeSharp = (bytes: Uint8Array, options: { failOn: "warning"; limitInputPixels: number }) => Sharp;

let sharp: Promise<MakeSharp> | undefined;

async function bySharp(bytes: Uint8Array, header: ImageHeader, name: string): Promise<Pixels> {
  const specifier: string = "sharp"; // a name that bundlers for browsers do not follow
  sharp ??= import(specifier).then((module: { default: MakeSharp }) => module.default);
  let make: MakeSharp;
  try {
    make = await sharp;
  } catch (cause) {
    sharp = undefined;
    const [got, want] = ["an image in Node without the package sharp", "sharp to decode it"];
    throw new UnsupportedError({ in: name, got, want, fix: 'Run "npm install sharp"' }, { cause });
  }
  const limitInputPixels = header.width * header.height;
  try {
    const image = make(bytes, { failOn: "warning", limitInputPixels }).autoOrient().toColourspace("srgb").ensureAlpha();
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    if (info.channels !== 4) throw new Error(`${info.channels} channels`);
    return { data, width: info.width, height: info.height };
  } catch (cause) {
    throw broken(name, header, cause);
  }
}
