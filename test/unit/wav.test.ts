/** Sound from WAV files, sound and broken ones. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { decodeWav, readWav, soundTensor } from "../../src/data/index.ts";
import { FormatError, IoError, UnsupportedError } from "../../src/errors.ts";
import { refusesFile } from "../helpers/format-errors.ts";

const u16 = (...values: number[]): number[] => values.flatMap((x) => [x & 255, (x >> 8) & 255]);
const u32 = (...values: number[]): number[] => values.flatMap((x) => [...u16(x & 0xffff), ...u16(x >>> 16)]);
const ascii = (text: string): number[] => [...text].map((c) => c.charCodeAt(0));
const chunk = (id: string, body: number[], size: number = body.length): number[] => [
  ...ascii(id),
  ...u32(size),
  ...body,
  ...(body.length % 2 === 1 ? [0] : []),
];
const fmt = (code: number, channels: number, bits: number, rate = 8000): number[] => {
  const block = (channels * bits) / 8;
  return [...u16(code, channels), ...u32(rate, rate * block), ...u16(block, bits)];
};
const guid = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];
const extended = (code: number, bits: number, tail: number[] = guid): number[] => [
  ...fmt(0xfffe, 1, bits),
  ...u16(22, bits),
  ...u32(4),
  ...u16(code),
  ...tail,
];
const riff = (chunks: number[][], size?: number, kind = "RIFF"): Uint8Array => {
  const body = [...ascii("WAVE"), ...chunks.flat()];
  return Uint8Array.from([...ascii(kind), ...u32(size ?? body.length), ...body]);
};
const wav = (format: number[], data: number[], size?: number): Uint8Array =>
  riff([chunk("fmt ", format), chunk("data", data, size)]);
const pcm = fmt(1, 1, 16);
const floats = (...values: number[]): number[] => [...new Uint8Array(Float32Array.from(values).buffer)];

const refuses = (bytes: Uint8Array, code: string, says?: RegExp): void =>
  refusesFile(() => decodeWav(bytes), code, says);

describe("decodeWav", () => {
  test("integers of 8, 16, 24 and 32 bits, and floating point of 32 and 64", () => {
    const double = [...new Uint8Array(Float64Array.of(0.25, -1.5).buffer)];
    const cases: [number, number, number[], number[]][] = [
      [1, 8, [0, 128, 255], [-1, 0, 127 / 128]],
      [1, 16, u16(0x8000, 0, 0x7fff), [-1, 0, 32767 / 32768]],
      [1, 24, [0, 0, 0x80, 1, 0, 0, 0xff, 0xff, 0xff], [-1, 2 ** -23, -(2 ** -23)]],
      [1, 32, u32(0x80000000, 0x40000000), [-1, 0.5]],
      [3, 32, floats(0.1, 2), [Math.fround(0.1), 2]],
      [3, 64, double, [0.25, -1.5]],
    ];
    for (const [code, bits, bytes, values] of cases) {
      const sound = decodeWav(wav(fmt(code, 1, bits), bytes));
      assert.deepEqual([[...sound.data], sound.bits, sound.rate, sound.nonFinite], [values, bits, 8000, 0]);
    }
  });

  test("channels one after another, chunks of other kinds passed over, each padded to an even length", async () => {
    const bytes = riff([
      chunk("LIST", [1, 2, 3]),
      chunk("fmt ", fmt(1, 2, 8, 44100)),
      chunk("data", [128, 0, 192, 64, 128, 128]),
      chunk("id3 ", [1]),
    ]);
    const sound = decodeWav(bytes);
    assert.deepEqual([sound.channels, sound.length, sound.rate], [2, 3, 44100]);
    assert.deepEqual(await soundTensor(sound).toArray(), [
      [0, 0.5, 0],
      [-1, -0.5, 0],
    ]);
    assert.deepEqual([...decodeWav(bytes.slice(0)).data], [...sound.data]);
    const apart = new Uint8Array(bytes.length + 3);
    apart.set(bytes, 3);
    assert.deepEqual([...decodeWav(apart.subarray(3)).data], [...sound.data]);
  });

  test("DATA-03 sizes: unknown ones mean the end of the file, others have to be right", () => {
    const data = u16(1, 2, 3);
    const stream = riff([chunk("fmt ", pcm), chunk("data", data, 0xffffffff)], 0xffffffff);
    assert.equal(decodeWav(stream).length, 3);
    assert.equal(decodeWav(wav(pcm, data, 0xffffffff)).length, 3);
    refuses(riff([chunk("fmt ", pcm), chunk("data", data)], 7), "WAV_SIZE", /a RIFF of 7 bytes in a file of 50/);
    refuses(wav(pcm, []), "WAV_DATA", /0 bytes of samples/);
    refuses(wav(pcm, [1, 2, 3]), "WAV_DATA", /3 bytes/);
    refuses(wav(pcm, data, 5), "WAV_DATA", /5 bytes/);
    refuses(wav(pcm, data, 0xfffffff0), "WAV_SHORT", /4294967280 bytes of "data" at offset 36, where 6 are left/);
    assert.deepEqual([...decodeWav(wav(fmt(1, 1, 8), [128, 0, 128])).data], [0, -1, 0]); // odd, and padded
  });

  test("DATA-03 formats: missing, late, twice, long and too long", () => {
    const data = chunk("data", u16(1, 2));
    refuses(riff([data]), "WAV_CHUNK", /without "fmt "/);
    refuses(riff([data, chunk("fmt ", pcm)]), "WAV_CHUNK", /"data" at offset 12 without "fmt " before it/);
    refuses(riff([chunk("fmt ", pcm)]), "WAV_CHUNK", /without "data"/);
    refuses(riff([chunk("fmt ", pcm), chunk("fmt ", pcm), data]), "WAV_CHUNK", /second/);
    refuses(riff([chunk("fmt ", pcm), data, data]), "WAV_CHUNK", /second/);
    assert.equal(decodeWav(riff([chunk("fmt ", [...pcm, 0, 0]), data])).length, 2);
    assert.equal(decodeWav(riff([chunk("fmt ", extended(1, 16)), data])).length, 2);
    refuses(riff([chunk("fmt ", [...pcm, 2, 0]), data]), "WAV_FORMAT", /extension/);
    refuses(riff([chunk("fmt ", [...pcm, ...u16(22), ...Array(22).fill(0)]), data]), "WAV_FORMAT", /40 bytes/);
    const long = [...pcm, ...Array(8).fill(0)];
    for (const bytes of [0, 14, 17, 20]) refuses(riff([chunk("fmt ", long.slice(0, bytes)), data]), "WAV_FORMAT");
    refuses(riff([chunk("fmt ", pcm, 0xfffffff0), data]), "WAV_SHORT", /"fmt " at offset 12/);
    refuses(wav(fmt(1, 0, 16), u16(1)), "WAV_FORMAT", /0 channels/);
    refuses(wav(fmt(1, 1, 16, 0), u16(1)), "WAV_FORMAT", /0 Hz/);
    refuses(wav(fmt(1, 1, 12), u16(1)), "WAV_FORMAT", /12 bits/);
    refuses(wav(fmt(3, 1, 16), u16(1)), "WAV_FORMAT", /16 bits/);
    refuses(wav([...pcm.slice(0, 12), ...u16(4, 16)], u16(1)), "WAV_FORMAT", /4 bytes for 1 samples/);
  });

  test("DATA-03 files that are cut anywhere", () => {
    const whole = riff([chunk("fmt ", pcm), chunk("data", u16(1, 2, 3, 4))]);
    for (let length = 0; length < whole.length; length++) {
      assert.throws(() => decodeWav(whole.slice(0, length)), FormatError, `${length} bytes`);
      const open = whole.slice(0, length);
      if (length >= 8) open.set(u32(0xffffffff), 4); // as streams are, whose size says nothing
      assert.throws(() => decodeWav(open), FormatError, `${length} bytes of a stream`);
    }
  });

  test("DATA-05 floating point keeps NaN and counts it", () => {
    const sound = decodeWav(wav(fmt(3, 1, 32), floats(NaN, 1, Infinity, -0.5)));
    assert.deepEqual([[...sound.data], sound.nonFinite], [[NaN, 1, Infinity, -0.5], 2]);
  });

  test("DATA-05 other formats are refused by name", () => {
    const named: [Uint8Array, RegExp][] = [
      [wav(fmt(6, 1, 8), [1]), /the format A-law/],
      [wav(fmt(7, 1, 8), [1]), /the format μ-law/],
      [wav(fmt(0x55, 1, 8), [1]), /the format MP3/],
      [wav(fmt(0x1234, 1, 8), [1]), /the format number 0x1234/],
      [wav(extended(1, 16, [...guid.slice(0, 13), 0]), u16(1)), /an unknown extension/],
      [wav(extended(6, 8), [1]), /the format A-law/],
      [wav(extended(6, 8, [...guid.slice(0, 13), 0]), [1]), /an unknown extension/], // its first bytes mean nothing
      [wav([...fmt(0x55, 1, 0), ...u16(12, 1, 2, 0, 0, 0, 0)], [1]), /the format MP3/], // as long as those of MP3 are
      [wav([...fmt(2, 1, 4), ...u16(32), ...Array(32).fill(0)], [1]), /the format ADPCM of Microsoft/],
      [wav([...fmt(0x11, 1, 4), ...u16(2, 505)], [1]), /the format ADPCM of IMA/],
      [wav(fmt(0xfffe, 1, 16), u16(1)), /an unknown extension/],
      [riff([chunk("fmt ", pcm), chunk("data", u16(1))], undefined, "RF64"), /RF64/],
    ];
    for (const [bytes, message] of named) {
      assert.throws(
        () => decodeWav(bytes),
        (error) => error instanceof UnsupportedError && message.test(error.message),
      );
    }
    refuses(Uint8Array.from(ascii("OggS....")), "WAV_MAGIC");
    refuses(new Uint8Array(0), "WAV_MAGIC", /empty/);
  });

  test("readWav reads a file, and names it in its errors", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tsumiki-wav-"));
    try {
      const path = join(folder, "a.wav");
      await writeFile(path, wav(pcm, u16(0x4000)));
      assert.deepEqual([...(await readWav(path)).data], [0.5]);
      await writeFile(path, "text");
      await assert.rejects(readWav(path), /readWav of ".*a\.wav": got no RIFF/);
      await assert.rejects(readWav(join(folder, "b.wav")), IoError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
