import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { DTypeError, FormatError, IoError, ShapeError, ValueError } from "../../src/errors.ts";
import type { HostArray } from "../../src/graph/dtype.ts";
import type { FileSystem } from "../../src/io/files.ts";
import {
  countNonFinite,
  type HostTensor,
  loadSafetensors,
  parseSafetensors,
  saveSafetensors,
  serializeSafetensors,
} from "../../src/io/safetensors.ts";
import { inTemporaryFolder } from "../folder.ts";
import { refusesFile } from "../helpers/format-errors.ts";

/** A file with this header, which is text or bytes, and so many bytes of data. */
function file(header: string | Uint8Array, data: Uint8Array | number = 0): Uint8Array {
  const head = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const body = typeof data === "number" ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + head.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  bytes.set(body, 8 + head.length);
  return bytes;
}

/** An entry of a header: `entry("a", "F32", [3], [0, 12])`. */
const entry = (name: string, dtype: string, shape: readonly unknown[], offsets: readonly unknown[]): string =>
  `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${offsets}]}`;

/** A file of one tensor "a" with the bytes of `data`. */
const one = (dtype: string, shape: readonly number[], data: ArrayLike<number> & ArrayBufferView): Uint8Array =>
  file(
    `{${entry("a", dtype, shape, [0, data.byteLength])}}`,
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );

const refuses = (bytes: Uint8Array, code: string, says?: RegExp): void =>
  refusesFile(() => parseSafetensors(bytes), code, says);

const float = (...values: number[]): HostTensor => ({
  dtype: "float32",
  shape: [values.length],
  data: Float32Array.from(values),
});

describe("safetensors as others write them", () => {
  const path = join(import.meta.dirname, "../golden/reference.safetensors");

  test("a file of the reference implementation is read, and written again byte for byte", async () => {
    const bytes = await readFile(path);
    const { tensors, metadata } = parseSafetensors(bytes);
    assert.deepEqual(metadata, { format: "pt" });
    const got = (name: string): [string, readonly number[], HostArray] => {
      const { dtype, shape, data } = tensors.get(name) as HostTensor;
      return [dtype, shape, data];
    };
    assert.equal(tensors.size, 10);
    assert.deepEqual(got("layer.weight"), ["float32", [2, 3], Float32Array.of(0, 1, -1.5, 2, 3e-40, -0)]);
    assert.deepEqual(got("layer.bias"), ["float32", [2], Float32Array.of(0.5, Infinity)]);
    assert.deepEqual(got("ids"), ["int32", [3], Int32Array.of(1, -2, 2 ** 31 - 1)]);
    assert.deepEqual(got("mask"), ["bool", [3], Uint8Array.of(1, 0, 1)]);
    assert.deepEqual(got("half"), ["float16", [1], Uint16Array.of(0x3e00)]);
    assert.deepEqual(got("brain"), ["bfloat16", [1], Uint16Array.of(0x3f80)]);
    assert.deepEqual(got("pixels"), ["uint8", [1, 2], Uint8Array.of(0, 255)]);
    assert.deepEqual(got("exact"), ["float64", [], Float64Array.of(0.1)]);
    assert.deepEqual(got("empty"), ["float32", [2, 0], new Float32Array(0)]);
    assert.deepEqual(got('größe\n"'), ["uint8", [0], new Uint8Array(0)]);
    assert.deepEqual(serializeSafetensors(tensors, metadata), new Uint8Array(bytes));
  });

  test("loading from disk gives what parsing gives", async () => {
    assert.deepEqual(await loadSafetensors(path), parseSafetensors(await readFile(path)));
  });
});

describe("what a safetensors reader refuses", () => {
  test("ST-01 files and headers of impossible length", () => {
    refuses(new Uint8Array(0), "ST_SHORT");
    refuses(new Uint8Array(7), "ST_SHORT");
    const header = (length: bigint): Uint8Array => {
      const bytes = file("{}");
      new DataView(bytes.buffer).setBigUint64(0, length, true);
      return bytes;
    };
    for (const length of [0n, 1n, 3n, 100_000_000n]) refuses(header(length), "ST_HEADER_LEN");
    for (const length of [100_000_001n, 2n ** 63n, 2n ** 64n - 1n]) refuses(header(length), "ST_HEADER_BIG");
  });

  test("ST-01 a file's header length is decided on its first 8 bytes", async () => {
    const reads: number[] = [];
    const files = pretend({ read: (length) => reads.push(length) }, file("x".repeat(50)).fill(255, 0, 8));
    await assert.rejects(loadSafetensors("model", files), { code: "ST_HEADER_BIG" });
    assert.equal(reads[0], 8);
    assert.ok(reads.every((length) => length <= 64));
  });

  test("ST-02 every truncation and every change of one byte parses or is refused", () => {
    const good = serializeSafetensors(new Map([["weight", float(1, 2, 3)]]));
    assert.equal(good.length, 84);
    let parsed = 0;
    const attempt = (bytes: Uint8Array): void => {
      try {
        parseSafetensors(bytes);
        parsed++;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    };
    for (let length = 0; length < good.length; length++) attempt(good.slice(0, length));
    assert.equal(parsed, 0);
    const bytes = good.slice();
    for (let at = 0; at < bytes.length; at++) {
      for (let change = 1; change < 256; change++) {
        bytes[at] = good[at] ^ change;
        attempt(bytes);
      }
      bytes[at] = good[at];
    }
    assert.ok(parsed > 12 * 255); // any change of the data is a file of other numbers
  });

  test("ST-03 a header that is not UTF-8, not JSON, not an object, or not alone", () => {
    refuses(file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), "ST_UTF8", /offset 10/);
    refuses(file(Uint8Array.of(0x7b, 0x22, 0xc3)), "ST_UTF8", /offset 10/);
    for (const header of [
      "hello",
      "[]",
      "{}x",
      "{} {}",
      "{ ",
      '{"a"',
      '{"a":',
      '{"a":{}}',
      '{"a":1}',
      "{,}",
      '{"a":{},}',
    ]) {
      refuses(file(header), "ST_JSON");
    }
    for (const name of ["\\x", "\\u12", "\\ud800", "\n", "\\u00zz"]) {
      refuses(file(`{"${name}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`), "ST_JSON");
    }
    refuses(file(`\ufeff{}`), "ST_JSON");
    refuses(file(`{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"more":1}}`), "ST_JSON", /"more"/);
    refuses(file(`{"a":{"dtype":"F32","shape":[0]}}`), "ST_JSON");
  });

  test("ST-04 white space around the header is taken, and spaces to a multiple of 8 are written", () => {
    for (const header of ["{}   ", "{}\r\t\n", " \n{}", "{ }"]) {
      assert.equal(parseSafetensors(file(header)).tensors.size, 0);
    }
    const spaced = '{ "a" : { "shape" : [ 1 , 1 ] , "data_offsets" : [ 0 , 4 ] , "dtype" : "F32" } }';
    assert.deepEqual(parseSafetensors(file(spaced, 4)).tensors.get("a")?.shape, [1, 1]);
    for (let length = 1; length < 12; length++) {
      const bytes = serializeSafetensors(new Map([["n".repeat(length), float()]]));
      assert.equal(bytes.length % 8, 0);
      assert.match(new TextDecoder().decode(bytes.subarray(8)), /^\{.*\} *$/);
    }
  });

  test("ST-06 names and keys that occur twice, however they are spelt", () => {
    const a = entry("a", "F32", [0], [0, 0]);
    refuses(file(`{${a},${a}}`), "ST_DUP", /"a"/);
    refuses(file(`{${a},${a.replace('"a"', '"\\u0061"')}}`), "ST_DUP");
    for (const key of ['"dtype":"F32"', '"shape":[0]', '"data_offsets":[0,0]']) {
      refuses(file(`{${a.replace("}", `,${key}}`)}}`), "ST_DUP");
    }
    refuses(file('{"__metadata__":{},"__metadata__":{}}'), "ST_DUP");
    refuses(file('{"__metadata__":{"k":"1","k":"2"}}'), "ST_DUP");
  });

  test("ST-08 data that overlaps, leaves holes, runs backwards or past the end, or does not fit the shape", () => {
    const two = (first: number[], second: number[], data = 16): Uint8Array =>
      file(
        `{${entry("a", "U8", [first[1] - first[0]], first)},${entry("b", "U8", [second[1] - second[0]], second)}}`,
        data,
      );
    assert.equal(parseSafetensors(two([8, 16], [0, 8])).tensors.size, 2);
    refuses(two([0, 8], [4, 16]), "ST_COVER", /overlap/);
    refuses(two([0, 8], [0, 8], 8), "ST_COVER", /overlap/);
    refuses(two([0, 8], [10, 16]), "ST_COVER", /hole/);
    refuses(two([4, 8], [8, 16]), "ST_COVER", /hole/);
    refuses(two([0, 8], [8, 16], 17), "ST_COVER", /1 bytes after/);
    refuses(two([0, 8], [8, 16], 15), "ST_OFFSETS", /16/);
    refuses(file("{}", 1), "ST_COVER");
    for (const offsets of [[4, 0], [-4, 0], [0], [0, 4, 8], [], [0.5, 4.5], ["0", "4e0"], [0, 2 ** 60]]) {
      refuses(file(`{${entry("a", "F32", [1], offsets)}}`, 4), "ST_OFFSETS");
    }
    refuses(file(`{${entry("a", "F32", [2], [0, 4])}}`, 4), "ST_SIZE", /F32 of shape \[2\]/);
    refuses(file(`{${entry("a", "F32", [], [0, 8])}}`, 8), "ST_SIZE");
  });

  test("ST-09 shapes whose product is beyond all bounds, before anything is allocated", () => {
    refuses(file(`{${entry("a", "F32", [2, "18446744073709551614"], [0, 4])}}`, 4), "ST_SHAPE");
    refuses(file(`{${entry("a", "F32", [2 ** 31, 2 ** 31, 2 ** 31], [0, 4])}}`, 4), "ST_SHAPE");
    refuses(file(`{${entry("a", "F32", [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1], [0, 4])}}`, 4), "ST_SIZE");
    refuses(file(`{${entry("a", "F32", Array(70).fill(1), [0, 4])}}`, 4), "ST_SHAPE");
    refuses(file(`{${entry("a", "F32", [-1], [0, 4])}}`, 4), "ST_SHAPE");
    refuses(file(`{${entry("a", "F32", ["1.0"], [0, 4])}}`, 4), "ST_SHAPE");
    assert.equal(parseSafetensors(file(`{${entry("a", "F32", Array(64).fill(1), [0, 4])}}`, 4)).tensors.size, 1);
  });

  test("ST-11 types that we do not read, by name", () => {
    for (const dtype of ["F33", "f32", "F8_E4M3", "C64", "constructor", "__proto__", "F4", ""]) {
      refuses(file(`{${entry("a", dtype, [1], [0, 1])}}`, 1), "ST_DTYPE", /BOOL, U8, F16/);
    }
    refuses(one("BOOL", [2], Uint8Array.of(1, 2)), "ST_BOOL", /2 at element 1/);
  });

  test("ST-12 metadata is strings", () => {
    for (const value of ["1", "null", '{"a":"b"}', "[]", "true"])
      refuses(file(`{"__metadata__":{"k":${value}}}`), "ST_METADATA");
    for (const value of ["1", "null", '"text"', "[]"]) refuses(file(`{"__metadata__":${value}}`), "ST_METADATA");
    const long = "ü".repeat(5_000_000);
    assert.equal(parseSafetensors(serializeSafetensors(new Map(), { long })).metadata.long, long);
    const odd = { ["__proto__"]: "x", constructor: "y" };
    assert.deepEqual(
      Object.entries(parseSafetensors(serializeSafetensors(new Map(), odd)).metadata),
      Object.entries(odd),
    );
  });

  test("ST-21 other files by another name are named, and never run", () => {
    const binary = (start: string): Uint8Array => Uint8Array.from(start.padEnd(200, "\0"), (c) => c.charCodeAt(0));
    const cases: [string, RegExp][] = [
      ["PK\x03\x04\x00\x00\x00\x00archive/data.pkl", /zip archive.*torch\.load/],
      ["\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", /pickle.*weights_only/],
      ["\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}", /pickle/],
      ["\x89HDF\r\n\x1a\n", /HDF5/],
      ["GGUF\x03\x00\x00\x00", /GGUF/],
      ["\x93NUMPY\x01\x00", /npy/],
      ["\x1f\x8b\x08\x00", /gzip/],
      ["\n<!DOCTYPE html><html>", /HTML/],
      ["version https://git-lfs.github.com/spec/v1", /git lfs pull/],
      ['{"metadata": {}, "weight_map": {}}', /index of shards/],
    ];
    for (const [start, says] of cases) refuses(binary(start), "ST_FOREIGN", says);
    // The length of this header, 640, looks like a pickle's first bytes.
    const name = "n".repeat(640 - `{${entry("", "F32", [0], [0, 0])}}`.length);
    const bytes = file(`{${entry(name, "F32", [0], [0, 0])}}`);
    assert.equal(parseSafetensors(bytes).tensors.size, 1);
    refuses(bytes.slice(0, -1), "ST_HEADER_LEN");
  });
});

describe("what a safetensors reader takes", () => {
  test("ST-10 empty tensors, scalars, no tensors, metadata alone", () => {
    assert.deepEqual(parseSafetensors(file("{}")), { tensors: new Map(), metadata: {} });
    assert.deepEqual(parseSafetensors(file('{"__metadata__":{"a":"b"}}')).metadata, { a: "b" });
    const tensors = new Map<string, HostTensor>([
      ["empty", { dtype: "float32", shape: [2, 0], data: new Float32Array(0) }],
      ["scalar", { dtype: "int32", shape: [], data: Int32Array.of(7) }],
      ["", float(1)],
      ["__proto__", float(2)],
    ]);
    const { tensors: back } = parseSafetensors(serializeSafetensors(tensors));
    assert.deepEqual(new Map([...back].sort()), new Map([...tensors].sort()));
    assert.equal(
      parseSafetensors(file(`{${entry("a", "F32", [0, 2 ** 31 - 1, 2 ** 31 - 1], [0, 0])}}`)).tensors.size,
      1,
    );
  });

  test("ST-14 a great many empty tensors take seconds, and the same with shared data is refused", () => {
    const count = 100_000;
    const header = (offsets: readonly number[], size: number): string =>
      `{${Array.from({ length: count }, (_, i) => entry(`${i}`, "U8", [size], offsets)).join()}}`;
    const start = performance.now();
    assert.equal(parseSafetensors(file(header([0, 0], 0))).tensors.size, count);
    assert.ok(performance.now() - start < 5000);
    refuses(file(header([0, 4096], 4096), 4096), "ST_COVER");
  });

  test("ST-15 NaN, infinities, −0 and subnormals come as they are, and are counted when asked", () => {
    const words = Uint32Array.of(0x7fc01234, 0x7f800000, 0xff800000, 0x80000000, 1);
    const { tensors } = parseSafetensors(one("F32", [5], words));
    const data = tensors.get("a")?.data as Float32Array;
    assert.deepEqual(new Uint32Array(data.buffer), words);
    const halves = one("F16", [4], Uint16Array.of(0x7c00, 0xfe00, 0x7bff, 0));
    const brain = one("BF16", [3], Uint16Array.of(0x7f80, 0xffc0, 0x7f7f));
    assert.deepEqual(countNonFinite(tensors), new Map([["a", 3]]));
    assert.deepEqual(countNonFinite(parseSafetensors(halves).tensors), new Map([["a", 2]]));
    assert.deepEqual(countNonFinite(parseSafetensors(brain).tensors), new Map([["a", 2]]));
    assert.deepEqual(countNonFinite(new Map([["a", float(1)]])), new Map());
  });

  test("ST-17 integers that we lack become int32, and what int32 does not hold is an error", () => {
    const read = (dtype: string, data: ArrayLike<unknown> & ArrayBufferView): HostTensor | undefined => {
      const bytes = new Uint8Array(data.buffer);
      return parseSafetensors(one(dtype, [data.length], bytes)).tensors.get("a");
    };
    const [least, most] = [-(2 ** 31), 2 ** 31 - 1];
    assert.deepEqual(read("I8", Int8Array.of(-128, 127))?.data, Int8Array.of(-128, 127));
    assert.deepEqual(read("I16", Int16Array.of(-32768, 5))?.data, Int32Array.of(-32768, 5));
    assert.deepEqual(read("U16", Uint16Array.of(65535))?.data, Int32Array.of(65535));
    assert.deepEqual(read("U32", Uint32Array.of(most))?.data, Int32Array.of(most));
    assert.deepEqual(
      read("I64", BigInt64Array.of(BigInt(least), -1n, BigInt(most)))?.data,
      Int32Array.of(least, -1, most),
    );
    assert.deepEqual(read("U64", BigUint64Array.of(BigInt(most), 0n))?.data, Int32Array.of(most, 0));
    assert.equal(read("I64", new BigInt64Array(1))?.dtype, "int32");
    const refused: [string, ArrayLike<unknown> & ArrayBufferView, RegExp][] = [
      ["U32", Uint32Array.of(0, 2 ** 31), /2147483648 at element 1 of "a", which is U32/],
      ["I64", BigInt64Array.of(2n ** 53n + 1n), /9007199254740993 at element 0/],
      ["I64", BigInt64Array.of(BigInt(least) - 1n), /-2147483649/],
      ["U64", BigUint64Array.of(2n ** 31n), /2147483648/],
      ["U64", BigUint64Array.of(2n ** 32n), /4294967296/],
    ];
    for (const [dtype, data, says] of refused) {
      assert.throws(
        () => read(dtype, data),
        (error) => error instanceof DTypeError && says.test(error.message),
      );
    }
  });

  test("the arrays are copies, and of any alignment", () => {
    const bytes = serializeSafetensors(new Map([["a", float(1, 2)]]));
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const { tensors } = parseSafetensors(shifted.subarray(1));
    shifted.fill(0);
    assert.deepEqual(tensors.get("a")?.data, Float32Array.of(1, 2));
  });
});

describe("writing safetensors", () => {
  const tensors = new Map([["a", float(1, 2, 3)]]);

  test("what a reader would not take is not written", () => {
    const write =
      (name: string, tensor: HostTensor): (() => void) =>
      () =>
        serializeSafetensors(new Map([[name, tensor]]));
    assert.throws(write("a", { ...float(1, 2), shape: [3] }), ShapeError);
    assert.throws(write("a", { ...float(1, 2), shape: [-1, -2] }), ShapeError);
    assert.throws(write("a", { ...float(1), dtype: "int32" }), ShapeError);
    assert.throws(write("__metadata__", float(1)), ValueError);
    assert.throws(write("\ud800", float(1)), ValueError);
    assert.throws(write("a", { dtype: "bool", shape: [1], data: Uint8Array.of(2) }), ValueError);
    const lone = { key: "\udc00" };
    assert.throws(() => serializeSafetensors(tensors, lone), ValueError);
    assert.throws(() => serializeSafetensors(new Map(), { long: "x".repeat(100_000_000) }), { code: "LIMIT" });
  });

  test("ST-22 an old file is replaced as a whole, and odd names are names", async () => {
    await inTemporaryFolder(async (folder) => {
      for (const name of ["model.safetensors", "a\nb", "🧱.safetensors", "n".repeat(250)]) {
        const path = join(folder, name);
        await writeFile(path, "old");
        await saveSafetensors(path, tensors, { step: "1" });
        assert.deepEqual(await loadSafetensors(path), { tensors, metadata: { step: "1" } });
      }
      assert.equal((await readdir(folder)).length, 4);
    });
  });

  test("ST-22 where it cannot write it says so, with the path, and leaves nothing behind", async () => {
    await inTemporaryFolder(async (folder) => {
      const bad = [
        folder,
        join(folder, "none", "model"),
        join(folder, "n".repeat(300)),
        `${folder}/${"p/".repeat(2048)}`,
        "",
      ];
      await writeFile(join(folder, "file"), "");
      for (const path of [...bad, join(folder, "file", "model"), join(folder, "\0")]) {
        await assert.rejects(saveSafetensors(path, tensors), (error) => {
          assert.ok(error instanceof IoError, String(error));
          return error.message.includes(JSON.stringify(path));
        });
      }
      assert.deepEqual(await readdir(folder), ["file"]);
      const none = join(folder, "none");
      await assert.rejects(loadSafetensors(none), (error: Error) => {
        assert.ok(error instanceof IoError);
        assert.ok(error.message.includes(`got ${JSON.stringify(none)}, which does not exist, but it takes a file`));
        return true;
      });
      await assert.rejects(loadSafetensors(folder), IoError);
    });
  });

  test("ST-22 whichever call of the file system fails, the old file stays and no other is left", async () => {
    const real = await import("node:fs/promises");
    const calls = ["open", "write", "sync", "close", "rename"];
    for (const failing of calls) {
      await inTemporaryFolder(async (folder) => {
        const path = join(folder, "model");
        await writeFile(path, "old");
        const full = (): Promise<never> =>
          Promise.reject(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }));
        const files: FileSystem = {
          mkdir: real.mkdir,
          unlink: real.unlink,
          rename: failing === "rename" ? full : real.rename,
          async open(name, flags) {
            if (failing === "open") return full();
            const handle = await real.open(name, flags);
            return {
              stat: () => handle.stat(),
              read: (into, offset, length, position) => handle.read(into, offset, length, position),
              write: (from, offset, length) => (failing === "write" ? full() : handle.write(from, offset, length)),
              sync: () => (failing === "sync" ? full() : handle.sync()),
              close: async () => {
                await handle.close();
                if (failing === "close") await full();
              },
            };
          },
        };
        await assert.rejects(saveSafetensors(path, tensors, {}, files), (error) => {
          assert.ok(error instanceof IoError, failing);
          return /no space left.*Free some space/.test(error.message);
        });
        assert.deepEqual(await readdir(folder), ["model"], failing);
        assert.equal(await readFile(path, "utf8"), "old");
      });
    }
  });

  test("ST-19 a file cut while it is read is refused", async () => {
    const bytes = serializeSafetensors(tensors);
    const cut = pretend({}, bytes.subarray(0, -4), bytes.length);
    await assert.rejects(loadSafetensors("model", cut), { name: "FormatError", code: "ST_SHORT" });
  });
});

/** A file system of one file, which may claim to be longer than it is. */
function pretend(on: { read?: (length: number) => void }, bytes: Uint8Array, size: number = bytes.length): FileSystem {
  const never = (): Promise<never> => Promise.reject(new Error("not expected"));
  return {
    mkdir: never,
    rename: never,
    unlink: never,
    open: () =>
      Promise.resolve({
        stat: () => Promise.resolve({ size }),
        read: (into, offset, length, position) => {
          on.read?.(length);
          const part = bytes.subarray(position, position + length);
          into.set(part, offset);
          return Promise.resolve({ bytesRead: part.length });
        },
        write: never,
        sync: never,
        close: () => Promise.resolve(),
      }),
  };
}
