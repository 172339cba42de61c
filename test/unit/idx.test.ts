import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { parseIdx, readIdx } from "../../src/data/idx.ts";
import { FormatError, LimitError } from "../../src/errors.ts";

/** An IDX file of these sizes, with the bytes of `data`. */
function idx(type: number, sizes: readonly number[], data: Iterable<number> = []): Uint8Array {
  const big = (size: number): number[] => [24, 16, 8, 0].map((by) => (size >>> by) & 255);
  return Uint8Array.of(0, 0, type, sizes.length, ...sizes.flatMap(big), ...data);
}

const refuses = (bytes: Uint8Array, code: string): void =>
  assert.throws(
    () => parseIdx(bytes),
    (error) => error instanceof FormatError && error.code === code,
    code,
  );

test("each element type is read into one of ours, from big-endian bytes", () => {
  const bytes = (fill: (view: DataView) => void): Uint8Array => {
    const view = new DataView(new ArrayBuffer(8));
    fill(view);
    return new Uint8Array(view.buffer);
  };
  assert.deepEqual(parseIdx(idx(8, [2, 1], [1, 255])), { dtype: "uint8", shape: [2, 1], data: Uint8Array.of(1, 255) });
  assert.deepEqual(parseIdx(idx(9, [2], [1, 255])).data, Int32Array.of(1, -1));
  assert.deepEqual(parseIdx(idx(0xb, [1], [0x80, 0x01])).data, Int32Array.of(-32767));
  assert.deepEqual(parseIdx(idx(0xc, [1], [0, 0, 1, 2])).data, Int32Array.of(258));
  assert.deepEqual(
    parseIdx(
      idx(
        0xd,
        [2],
        bytes((v) => v.setFloat32(0, 1.5)),
      ),
    ).data,
    Float32Array.of(1.5, 0),
  );
  assert.deepEqual(
    parseIdx(
      idx(
        0xe,
        [1],
        bytes((v) => v.setFloat64(0, -0.1)),
      ),
    ).data,
    Float64Array.of(-0.1),
  );
});

test("the elements are a copy, of Node's buffers too", () => {
  const bytes = Buffer.from(idx(8, [2], [1, 2]));
  const { data } = parseIdx(bytes);
  bytes.fill(0);
  assert.deepEqual(data, Uint8Array.of(1, 2));
});

describe("what an IDX reader refuses", () => {
  test("DATA-01 magic numbers, types, dimensions and sizes that are none", () => {
    refuses(new Uint8Array(0), "IDX_SHORT");
    refuses(Uint8Array.of(0, 0, 8), "IDX_SHORT");
    refuses(Uint8Array.of(1, 0, 8, 1, 0, 0, 0, 0), "IDX_MAGIC");
    for (const type of [0x00, 0x07, 0x0a, 0x0f, 0xff]) refuses(idx(type, [1], [0]), "IDX_TYPE");
    refuses(idx(8, []), "IDX_RANK");
    refuses(idx(8, Array(255).fill(1), [0]), "IDX_RANK");
    refuses(Uint8Array.of(0, 0, 8, 3, 0, 0), "IDX_SHORT");
    const most = 2 ** 32 - 1;
    refuses(idx(8, [most], [0]), "IDX_SIZE");
    refuses(idx(8, [most, most, most, most], [0]), "IDX_SIZE");
    refuses(idx(8, Array(64).fill(most), [0]), "IDX_SIZE");
    const good = idx(8, [2, 2], [1, 2, 3, 4]);
    refuses(good.subarray(0, -1), "IDX_SIZE");
    refuses(Uint8Array.of(...good, 0), "IDX_SIZE");
  });

  test("DATA-01 every truncation and every change of one byte parses or is refused", () => {
    const good = idx(0xc, [1, 2], [0, 0, 0, 1, 0, 0, 0, 2]);
    const attempt = (bytes: Uint8Array): void => {
      try {
        parseIdx(bytes);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    };
    for (let length = 0; length < good.length; length++) attempt(good.slice(0, length));
    for (let at = 0; at < good.length; at++) {
      for (let change = 1; change < 256; change++) attempt(good.with(at, good[at] ^ change));
    }
  });

  test("DATA-02 gzip within gzip", async () => {
    await assert.rejects(readIdx(gzipSync(gzipSync(idx(8, [1], [7])))), {
      code: "IDX_MAGIC",
      message: /gzip within gzip/,
    });
  });
});

describe("what an IDX reader takes", () => {
  test("DATA-02 no items", () => {
    const empty = idx(8, [0, 28, 28]);
    assert.deepEqual(parseIdx(empty), { dtype: "uint8", shape: [0, 28, 28], data: new Uint8Array(0) });
  });

  test("DATA-02 a packed file", async () => {
    assert.deepEqual((await readIdx(gzipSync(idx(8, [1], [7])))).data, Uint8Array.of(7));
  });
});

describe("gzip", () => {
  const packed = gzipSync(idx(8, [1000], new Uint8Array(1000)));

  test("DL-11 wrong checksums, cut files, and anything after the member are refused", async () => {
    const damaged = [
      packed.subarray(0, -1),
      packed.subarray(0, 20),
      packed.subarray(0, 2),
      Buffer.from(packed).fill(1, packed.length - 8, packed.length - 4),
      Buffer.from(packed).fill(1, packed.length - 4),
      Buffer.concat([packed, Buffer.from("more")]),
      Buffer.concat([packed, packed]),
    ];
    for (const bytes of damaged) await assert.rejects(readIdx(bytes), { name: "FormatError", code: "GZIP" });
  });

  test("DL-11 unpacking stops at the limit", async () => {
    const bomb = gzipSync(new Uint8Array(50_000_000));
    assert.ok(bomb.length < 60_000);
    await assert.rejects(readIdx(bomb, { limit: 1_000_000 }), LimitError);
  });
});
