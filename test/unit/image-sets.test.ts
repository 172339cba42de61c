/** Fashion-MNIST and CIFAR-10. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { imageDataset, loadCifar10, loadFashionMnist, parseCifar10, pixelStatistics } from "../../src/data/index.ts";
import { FormatError, IndexError, IoError, ValueError } from "../../src/errors.ts";
import { type Files, idx, serve, tar, withDataFolder } from "../helpers/data.ts";
import { use } from "../helpers/devices.ts";

const debian = "/usr/share/datasets/fashion-mnist";
const { TSUMIKI_DATA } = process.env;

describe("Fashion-MNIST", () => {
  const small: Files = {
    "train-images-idx3-ubyte.gz": gzipSync(idx([2, 1, 3], [1, 2, 3, 4, 5, 6])),
    "train-labels-idx1-ubyte.gz": gzipSync(idx([2], [7, 9])),
    "t10k-images-idx3-ubyte.gz": gzipSync(idx([1, 1, 3], [7, 8, 9])),
    "t10k-labels-idx1-ubyte.gz": gzipSync(idx([1], [0])),
  };

  test("is found by TSUMIKI_DATA, with the names of its classes", async () => {
    await withDataFolder("fashion-mnist", small, async (folder) => {
      const { train, test, classes, source } = await loadFashionMnist();
      assert.deepEqual([source, train.count, test.count], [folder, 2, 1]);
      assert.deepEqual(
        [...train.labels].map((label) => classes[label]),
        ["sneaker", "ankle boot"],
      );
      assert.deepEqual([...test.images], [7, 8, 9]);
    });
  });

  test("is asked for under the publisher's names, and checked", async () => {
    await withDataFolder("none", {}, async () => {
      await serve(small, async (address, asked) => {
        // These are not the published files, and so are refused.
        const work = loadFashionMnist({ source: "download", mirrors: [address] });
        if (existsSync(debian)) return assert.equal((await work).source, debian);
        await assert.rejects(work, { name: "DownloadError", message: /47040016/ });
        assert.equal(asked[0], "train-images-idx3-ubyte.gz");
      });
    });
  });

  test("that is nowhere is an error that says where it was looked for", { skip: existsSync(debian) }, async () => {
    await withDataFolder("none", {}, () =>
      assert.rejects(loadFashionMnist(), (error) => {
        assert.ok(error instanceof IoError);
        return /TSUMIKI|fashion-mnist/.test(error.message) && error.message.includes('source: "download"');
      }),
    );
  });

  test("as Debian has it is the whole set", { skip: existsSync(debian) ? false : `no ${debian}` }, async () => {
    const { train, test } = await loadFashionMnist({ folder: debian });
    assert.deepEqual([train.count, test.count, train.rows, train.cols], [60_000, 10_000, 28, 28]);
    const mean = train.images.reduce((sum, value) => sum + value, 0) / train.images.length / 255;
    assert.ok(Math.abs(mean - (pixelStatistics.fashionMnist.mean as number)) < 1e-4, `mean ${mean}`);
    const square = train.images.reduce((sum, value) => sum + (value / 255 - mean) ** 2, 0) / train.images.length;
    assert.ok(Math.abs(Math.sqrt(square) - (pixelStatistics.fashionMnist.std as number)) < 1e-4);
    for (let label = 0; label < 10; label++) assert.equal(train.labels.filter((other) => other === label).length, 6000);
  });
});

/** A record: a label, and an image whose planes are all of one value each. */
const record = (label: number, ...rgb: readonly [number, number, number]): number[] => [
  label,
  ...rgb.flatMap((value) => Array<number>(1024).fill(value)),
];
const file = (...records: number[][]): Uint8Array => Uint8Array.from(records.flat());

describe("CIFAR-10", () => {
  before(() => use("wasm"));
  const batches: Files = {
    "data_batch_1.bin": file(record(6, 1, 2, 3), record(9, 4, 5, 6)),
    "data_batch_2.bin": file(record(0, 7, 8, 9)),
    "test_batch.bin": file(record(3, 10, 11, 12)),
  };
  const wanted = { labels: [6, 9, 0], first: [1, 2, 3], test: [3] };
  const look = ({ train, test }: Awaited<ReturnType<typeof loadCifar10>>): typeof wanted => ({
    labels: [...train.labels],
    first: [0, 1024, 2048].map((at) => train.images[at]),
    test: [...test.labels],
  });

  test("is read from files, packed or not, from the folder in the archive, and from the archive", async () => {
    const inner = Object.fromEntries(Object.entries(batches).map(([name, x]) => [`cifar-10-batches-bin/${name}`, x]));
    const packed = Object.fromEntries(Object.entries(batches).map(([name, x]) => [`${name}.gz`, gzipSync(x)]));
    const members = Object.entries({ ...inner, "cifar-10-batches-bin/readme.html": Uint8Array.of(1) });
    const archive = gzipSync(
      tar([{ name: "cifar-10-batches-bin/" }, ...members.map(([name, content]) => ({ name, content }))]),
    );
    for (const files of [batches, packed, inner, { "cifar-10-binary.tar.gz": archive }]) {
      await withDataFolder("cifar10", files as Files, async (folder) => {
        const set = await loadCifar10();
        assert.deepEqual(look(set), wanted);
        assert.deepEqual([set.train.channels, set.train.rows, set.train.cols], [3, 32, 32]);
        assert.ok(set.source.startsWith(folder));
        assert.deepEqual(look(await loadCifar10({ folder })), wanted);
      });
    }
  });

  test("without a file to test with keeps a fifth back", async () => {
    const records = Array.from({ length: 10 }, (_, i) => record(i, i, i, i));
    await withDataFolder("cifar10", { "data_batch_1_first10.bin": file(...records) }, async () => {
      const { train, test, source } = await loadCifar10();
      assert.deepEqual(
        [[...train.labels], [...test.labels]],
        [
          [0, 1, 2, 3, 4, 5, 6, 7],
          [8, 9],
        ],
      );
      assert.equal(test.images[3072], 9);
      assert.match(source, /last fifth/);
    });
  });

  test("becomes batches of pixels from 0 to 1, or normalized by channel", async () => {
    const images = parseCifar10(file(record(6, 0, 51, 255)));
    const { x, y } = imageDataset(images).batch(Uint32Array.of(0), { seed: 0, epoch: 0 });
    assert.deepEqual([x.shape, y.shape, y.dtype, await y.toArray()], [[1, 3, 32, 32], [1], "int32", [6]]);
    const seen = await x.data();
    assert.deepEqual([seen[0], seen[1024], seen[3071]], [0, Math.fround(0.2), 1]);
    const { x: z } = imageDataset(images, pixelStatistics.cifar10).batch(Uint32Array.of(0), { seed: 0, epoch: 0 });
    assert.ok(Math.abs((await z.data())[2048] - (1 - 0.4465) / 0.2616) < 1e-5);
    assert.throws(() => imageDataset(images, { ...pixelStatistics.cifar10, flat: true }), ValueError);
    assert.deepEqual(
      imageDataset(images, { flat: true }).batch(Uint32Array.of(0), { seed: 0, epoch: 0 }).x.shape,
      [1, 3072],
    );
  });

  test("that is cut, has a label of no class, or is the archive for Python, is refused", async () => {
    assert.throws(() => parseCifar10(new Uint8Array(3072)), { code: "CIFAR_SIZE" });
    assert.throws(() => parseCifar10(file(record(10, 0, 0, 0))), IndexError);
    assert.equal(parseCifar10(new Uint8Array(0)).count, 0);
    await withDataFolder("cifar10", { data_batch_1: Uint8Array.of(1) }, (folder) =>
      assert.rejects(loadCifar10({ folder }), { name: "IoError", message: /Python/ }),
    );
    await withDataFolder("cifar10", { "cifar-10-binary.tar.gz": Uint8Array.of(1, 2) }, () =>
      assert.rejects(loadCifar10(), FormatError),
    );
  });

  test("is asked for under the publisher's name, and checked", async () => {
    await withDataFolder("none", {}, async () => {
      await assert.rejects(loadCifar10(), IoError);
      await serve({ "cifar-10-binary.tar.gz": Uint8Array.of(1) }, async (address, asked) => {
        const work = loadCifar10({ source: "download", mirrors: [address] });
        await assert.rejects(work, { name: "DownloadError", message: /1 bytes instead of 170052171/ });
        assert.equal(asked[0], "cifar-10-binary.tar.gz");
      });
    });
  });

  const folder = join(TSUMIKI_DATA ?? "", "cifar10");
  const skip = TSUMIKI_DATA && existsSync(folder) ? false : "no folder cifar10 in TSUMIKI_DATA";
  test("as it is in TSUMIKI_DATA has the labels and the colours that are known", { skip }, async () => {
    const { train } = await loadCifar10({ folder });
    assert.deepEqual([...train.labels.subarray(0, 10)], [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]);
    for (const [channel, want] of (pixelStatistics.cifar10.mean as number[]).entries()) {
      let sum = 0;
      for (let i = 0; i < train.count; i++) {
        const at = i * 3072 + channel * 1024;
        sum += train.images.subarray(at, at + 1024).reduce((a, b) => a + b, 0) / 1024 / 255;
      }
      assert.ok(Math.abs(sum / train.count - want) < 0.01, `${channel}: ${sum / train.count}`);
    }
  });
});
