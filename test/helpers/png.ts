/** PNG files of every kind, written here because what is refused cannot be had from an encoder. */
import { deflateSync } from "node:zlib";
import { crc32 } from "../../src/data/image-header.ts";

export type Chunk = readonly [type: string, content: Uint8Array];

/** A file of these chunks, with their checksums. */
export function pngOf(chunks: readonly Chunk[]): Buffer {
  const parts = chunks.map(([type, content]) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
    const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    crc.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, crc]);
  });
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

export interface Kind {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly colour?: number;
  readonly interlace?: number;
}

export function ihdr({ width, height, depth = 8, colour = 2, interlace = 0 }: Kind): Chunk {
  const content = Buffer.alloc(13);
  content.writeUInt32BE(width, 0);
  content.writeUInt32BE(height, 4);
  content.set([depth, colour, 0, 0, interlace], 8);
  return ["IHDR", content];
}

/** The pixels of lines of bytes, each after the number of its filter. */
export const idat = (lines: readonly (readonly number[])[], filter = 0): Chunk => [
  "IDAT",
  deflateSync(Uint8Array.from(lines.flatMap((line) => [filter, ...line]))),
];
export const iend: Chunk = ["IEND", new Uint8Array(0)];

/** The lines of the seven passes of an interlaced image, whose pixels are `bytes` each (PNG, section 8.2). */
export function adam7(lines: readonly (readonly number[])[], bytes: number): number[][] {
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ];
  return passes.flatMap(([x0, y0, dx, dy]) => {
    const out: number[][] = [];
    for (let y = y0; y < lines.length; y += dy) {
      const line: number[] = [];
      for (let x = x0; x * bytes < lines[y].length; x += dx) line.push(...lines[y].slice(x * bytes, (x + 1) * bytes));
      if (line.length > 0) out.push(line);
    }
    return out;
  });
}
