/** Images from files: what comes out of each kind, and what is refused. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import sharp, { type Sharp } from "sharp";
import { decodeImage, imageTensor, type Picture, readImage } from "../../src/data/index.ts";
import { FormatError, IoError, LimitError, TsumikiError, UnsupportedError, ValueError } from "../../src/errors.ts";
import { inTemporaryFolder } from "../folder.ts";
import { use } from "../helpers/devices.ts";
import { isFormatError } from "../helpers/format-errors.ts";
import { adam7, type Chunk, idat, iend, ihdr, pngOf } from "../helpers/png.ts";

/** The pixels as [r, g, b], line by line. */
function pixels({ data, channels, rows, cols }: Picture): number[][] {
  const size = rows * cols;
  return Array.from({ length: size }, (_, i) => Array.from({ length: channels }, (_, c) => data[c * size + i]));
}
const refuses = (bytes: Uint8Array, code: string, says?: RegExp): Promise<void> =>
  assert.rejects(decodeImage(bytes), isFormatError(code, says));

/** Two lines of two pixels in colour. */
const colours = [
  [255, 0, 0, 0, 255, 0],
  [0, 0, 255, 10, 20, 30],
];
const small = [ihdr({ width: 2, height: 2 }), idat(colours), iend];
const wanted = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [10, 20, 30],
];

describe("PNG", () => {
  before(() => use("wasm"));

  test("in colour, as planes and as a tensor", async () => {
    const picture = await decodeImage(pngOf(small));
    assert.deepEqual([picture.channels, picture.rows, picture.cols], [3, 2, 2]);
    assert.deepEqual([...picture.data.subarray(0, 4)], [255, 0, 0, 10]);
    assert.deepEqual(pixels(picture), wanted);
    const x = imageTensor(picture);
    assert.deepEqual([x.shape, (await x.data())[3]], [[3, 2, 2], Math.fround(10 / 255)]);
  });

  test("as grey", async () => {
    assert.deepEqual(pixels(await decodeImage(pngOf(small), { channels: 1 })), [[76], [150], [29], [18]]);
    const grey = pngOf([ihdr({ width: 3, height: 1, colour: 0 }), idat([[0, 128, 255]]), iend]);
    assert.deepEqual(pixels(await decodeImage(grey, { channels: 1 })), [[0], [128], [255]]);
    await assert.rejects(decodeImage(grey, { channels: 2 as 1 }), ValueError);
  });

  test("DATA-06 interlaced, of 16 bits, of 1 bit, with a palette, and with transparency on white", async () => {
    const size = { width: 11, height: 9 };
    const lines = Array.from({ length: 9 }, (_, y) => Array.from({ length: 33 }, (_, i) => (y * 33 + i * 7) % 256));
    const plain = await decodeImage(pngOf([ihdr(size), idat(lines), iend]));
    const interlaced = pngOf([ihdr({ ...size, interlace: 1 }), idat(adam7(lines, 3)), iend]);
    assert.deepEqual(await decodeImage(interlaced), plain);
    assert.deepEqual(pixels(plain)[12], lines[1].slice(3, 6));

    const deep = lines.map((line) => line.flatMap((value) => [value, value]));
    assert.deepEqual(await decodeImage(pngOf([ihdr({ ...size, depth: 16 }), idat(deep), iend])), plain);

    const bits = pngOf([ihdr({ width: 4, height: 1, depth: 1, colour: 0 }), idat([[0b10110000]]), iend]);
    assert.deepEqual(pixels(await decodeImage(bits, { channels: 1 })), [[255], [0], [255], [255]]);

    const palette: Chunk = ["PLTE", Uint8Array.of(1, 2, 3, 200, 100, 50)];
    const indexed = [ihdr({ width: 2, height: 1, colour: 3 }), palette, idat([[1, 0]]), iend];
    assert.deepEqual(pixels(await decodeImage(pngOf(indexed))), [
      [200, 100, 50],
      [1, 2, 3],
    ]);
    const clear = indexed.toSpliced(2, 0, ["tRNS", Uint8Array.of(255, 0)]);
    assert.deepEqual(pixels(await decodeImage(pngOf(clear))), [
      [255, 255, 255],
      [1, 2, 3],
    ]);
    const half = pngOf([ihdr({ width: 1, height: 1, colour: 6 }), idat([[100, 0, 255, 51]]), iend]);
    assert.deepEqual(pixels(await decodeImage(half)), [[224, 204, 255]]);
    const key = small.toSpliced(1, 0, ["tRNS", Uint8Array.of(0, 255, 0, 0, 0, 0)]);
    assert.deepEqual(pixels(await decodeImage(pngOf(key)))[0], [255, 255, 255]);
  });

  test("DATA-06 chunks that are missing, doubled, misplaced, or of no kind of PNG", async () => {
    const [head, data, end] = small;
    const size = { width: 2, height: 2 };
    const bad: Record<string, Chunk[]> = {
      "IHDR, once": [data, end],
      "IHDR, once, at the start": [head, head, data, end],
      "without IDAT": [head, end],
      "a palette before": [
        ihdr({ ...size, colour: 3 }),
        idat([
          [0, 0],
          [0, 0],
        ]),
        end,
      ],
      "late palette": [head, data, ["PLTE", Uint8Array.of(1, 2, 3)], end],
      "after the end": [head, data, end, data],
      "two places": [head, data, ["tEXt", Uint8Array.of(65, 0)], data, end],
      "bit depth 3": [ihdr({ ...size, depth: 3 }), data, end],
      "bit depth 4": [ihdr({ ...size, depth: 4 }), data, end],
      "colour type 5": [ihdr({ ...size, colour: 5 }), data, end],
      "kind of PNG": [ihdr({ ...size, interlace: 2 }), data, end],
    };
    for (const [says, chunks] of Object.entries(bad)) await refuses(pngOf(chunks), "PNG_CHUNK", new RegExp(says));
    await refuses(pngOf([head, data]), "PNG_SHORT");
    for (const width of [0, 2 ** 31]) {
      const flat = pngOf([ihdr({ width, height: width === 0 ? 1 : 0 }), data, end]);
      await refuses(flat, "IMAGE_SIZE");
    }
    const animated = pngOf([head, ["acTL", new Uint8Array(8)], data, end]);
    await assert.rejects(decodeImage(animated), UnsupportedError);
  });

  test("DATA-06 an unknown filter, too few pixels, and pixels that are no deflate", async () => {
    const [head, , end] = small;
    for (const data of [idat(colours, 9), idat(colours.slice(0, 1)), ["IDAT", Uint8Array.of(1, 2, 3)] as Chunk]) {
      await refuses(pngOf([head, data, end]), "IMAGE_DATA");
    }
  });

  test("DATA-06 every truncation, and every change of a byte", async () => {
    const good = pngOf(small);
    for (let length = 1; length < good.length; length++) {
      await assert.rejects(decodeImage(good.subarray(0, length)), FormatError, String(length));
    }
    for (let at = 0; at < good.length; at++) {
      const changed = decodeImage(Buffer.from(good).fill(good[at] ^ 0x10, at, at + 1));
      await assert.rejects(changed, TsumikiError, `byte ${at}`);
    }
  });

  test("64 Mi pixels are the most, and are counted before anything is decoded", async () => {
    const [, data, end] = small;
    await assert.rejects(decodeImage(pngOf([ihdr({ width: 8192, height: 8193 }), data, end])), LimitError);
    await assert.rejects(
      decodeImage(pngOf([ihdr({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 }), data, end])),
      LimitError,
    );
    const most = pngOf([ihdr({ width: 8192, height: 8192, depth: 1, colour: 0 }), data, end]);
    await refuses(most, "IMAGE_DATA"); // as large as may be, but with no pixels
  });
});

describe("JPEG", () => {
  const noise = (width: number, height: number): Uint8Array =>
    Uint8Array.from({ length: width * height * 3 }, (_, i) => 128 + 100 * Math.sin(i * 0.05));
  const image = (width: number, height: number): Sharp =>
    sharp(noise(width, height), { raw: { width, height, channels: 3 } });

  test("baseline, progressive, grey, and of one pixel", async () => {
    for (const options of [{}, { progressive: true }]) {
      const bytes = await image(40, 24)
        .jpeg({ quality: 95, ...options })
        .toBuffer();
      const { data, rows, cols } = await decodeImage(bytes);
      assert.deepEqual([rows, cols], [24, 40]);
      const sent = noise(40, 24);
      let error = 0;
      for (let i = 0; i < 960; i++) for (let c = 0; c < 3; c++) error += Math.abs(data[c * 960 + i] - sent[3 * i + c]);
      assert.ok(error / 2880 < 12, `mean error ${error / 2880}`);
    }
    const grey = await image(8, 8).greyscale().jpeg().toBuffer();
    assert.equal((await decodeImage(grey, { channels: 1 })).data.length, 64);
    assert.equal((await decodeImage(await image(1, 1).jpeg().toBuffer())).data.length, 3);
  });

  test("DATA-08 is turned as it says", async () => {
    const left = Uint8Array.from({ length: 16 * 8 * 3 }, (_, i) => (Math.floor(i / 3) % 16 < 8 ? 255 : 0));
    const raw = { raw: { width: 16, height: 8, channels: 3 } } as const;
    const turned = await sharp(left, raw).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    const { data, rows, cols } = await decodeImage(turned, { channels: 1 });
    assert.deepEqual([rows, cols], [16, 8]);
    assert.ok(data[0] > 200 && data[8 * 15] < 50); // a quarter to the right: what was left is above
  });

  test("DATA-08 CMYK, arithmetic coding, lossless and 12 bits are named and refused", async () => {
    const cmyk = await image(8, 8).toColourspace("cmyk").jpeg().toBuffer();
    await assert.rejects(decodeImage(cmyk), { name: "UnsupportedError", message: /CMYK/ });
    const good = await image(8, 8).jpeg().toBuffer();
    const frame = good.indexOf(Buffer.of(0xff, 0xc0));
    for (const [at, value, says] of [
      [1, 0xc9, /arithmetic/],
      [1, 0xc3, /lossless/],
      [4, 12, /12 bits/],
    ] as const) {
      const bytes = Buffer.from(good).fill(value, frame + at, frame + at + 1);
      await assert.rejects(
        decodeImage(bytes),
        (error) => error instanceof UnsupportedError && says.test(error.message),
      );
    }
    const vast = Buffer.from(good);
    vast.writeUInt16BE(65_500, frame + 5);
    vast.writeUInt16BE(65_500, frame + 7);
    await assert.rejects(decodeImage(vast), LimitError);
    vast.writeUInt16BE(0, frame + 7);
    await refuses(vast, "IMAGE_SIZE");
  });

  test("DATA-08 every truncation is refused, and pixels that are missing inside", async () => {
    const good = await image(32, 32).jpeg().toBuffer();
    for (let length = 1; length < good.length; length++) {
      await assert.rejects(decodeImage(good.subarray(0, length)), FormatError, String(length));
    }
    const middle = Math.floor(good.length * 0.9);
    await refuses(Buffer.concat([good.subarray(0, middle - 60), good.subarray(-2)]), "IMAGE_DATA");
  });

  test("every change of a byte decodes or is refused", async () => {
    const good = await image(8, 8).jpeg().toBuffer();
    for (let at = 0; at < good.length; at++) {
      for (const change of [0x01, 0x80]) {
        await decodeImage(Buffer.from(good).fill(good[at] ^ change, at, at + 1)).catch((error) => {
          if (!(error instanceof TsumikiError)) throw error;
        });
      }
    }
  });
});

test("other formats are named, and what is none is refused", async () => {
  const start = (text: string): Uint8Array => Buffer.from(text.padEnd(64, "\0"), "latin1");
  const named = {
    GIF89a: /GIF/,
    RIFF1234WEBP: /WebP/,
    BM12: /BMP/,
    "II*\0": /TIFF/,
    "0000ftypavif": /AVIF/,
    "<svg>": /SVG/,
  };
  for (const [text, says] of Object.entries(named)) {
    await assert.rejects(decodeImage(start(text)), (e) => e instanceof UnsupportedError && says.test(e.message), text);
  }
  await refuses(new Uint8Array(0), "IMAGE_MAGIC", /empty/);
  await refuses(start("hello"), "IMAGE_MAGIC");
});

test("a file is read, and named in what goes wrong", async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, "a.png");
    await writeFile(path, pngOf(small));
    assert.deepEqual(pixels(await readImage(path)), wanted);
    await writeFile(path, "text");
    await assert.rejects(readImage(path), { code: "IMAGE_MAGIC", message: /a\.png/ });
    await assert.rejects(readImage(join(folder, "none.png")), IoError);
    await assert.rejects(readImage(folder), IoError);
  });
});
