import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { loadImageFolder } from "../../src/data/index.ts";
import { FormatError, IoError, LimitError } from "../../src/errors.ts";
import { inTemporaryFolder } from "../folder.ts";
import { type Files, tar, writeFiles } from "../helpers/data.ts";
import { idat, iend, ihdr, pngOf } from "../helpers/png.ts";

const { TSUMIKI_DATA } = process.env;
/** An image of one line, all of one grey. */
const png = (value: number, width = 2): Buffer =>
  pngOf([ihdr({ width, height: 1, colour: 0 }), idat([Array<number>(width).fill(value)]), iend]);
const inFolder = (files: Files, work: (folder: string) => Promise<void>): Promise<void> =>
  inTemporaryFolder(async (folder) => {
    await writeFiles(folder, files);
    await work(folder);
  });

const pets: Files = {
  "dog/2.png": png(3),
  "dog/10.PNG": png(2),
  "cat/a.png": png(1),
  "cat/.hidden.png": png(9),
  "cat/notes.txt": png(9),
  ".git/a.png": png(9),
  "readme.md": png(9),
};

describe("images in folders", () => {
  test("DATA-09 come sorted, with what was passed over", async () => {
    await inFolder(pets, async (folder) => {
      await mkdir(join(folder, "cat/b.png"));
      const { images, labels, classes, count, skipped, channels } = await loadImageFolder(folder, { channels: 1 });
      assert.deepEqual([classes, [...labels], count, channels], [["cat", "dog"], [0, 1, 1], 3, 1]);
      assert.deepEqual([...images], [1, 1, 2, 2, 3, 3]);
      assert.deepEqual(skipped, ["cat/.hidden.png", "cat/b.png", "cat/notes.txt"]);
    });
  });

  test("come from an archive too, or from a folder in it", async () => {
    const { ".git/a.png": _, ...rest } = pets;
    const members = Object.entries(rest).map(([name, content]) => ({ name: `train/${name}`, content }));
    const more = { name: "train/dog/more/x.png", content: png(9) };
    const bytes = tar([{ name: "train/" }, ...members, more, { name: "test/cat/a.png", content: png(7) }]);
    await inFolder({ "set.tar": bytes, "set.tar.gz": gzipSync(bytes) }, async (folder) => {
      for (const name of ["set.tar", "set.tar.gz"]) {
        const path = join(folder, name);
        const { images, classes, skipped } = await loadImageFolder(path, { channels: 1, under: "train" });
        assert.deepEqual(
          [classes, [...images]],
          [
            ["cat", "dog"],
            [1, 1, 2, 2, 3, 3],
          ],
        );
        assert.deepEqual(skipped, ["cat/.hidden.png", "cat/notes.txt", "dog/more/x.png"]);
        assert.deepEqual([...(await loadImageFolder(path, { under: "test" })).images], [7, 7, 7, 7, 7, 7]);
        await assert.rejects(loadImageFolder(path, { under: "none" }), IoError);
      }
    });
  });

  test("names are ordered by code point, where UTF-16 would order otherwise", async () => {
    // U+FF5A is below U+1F600 by code point, above it by UTF-16.
    await inFolder({ "\u{1f600}/a.png": png(2), "\uff5a/a.png": png(1) }, async (folder) => {
      assert.deepEqual((await loadImageFolder(folder)).classes, ["\uff5a", "\u{1f600}"]);
    });
  });

  test("DATA-09 files of no bytes, classes of no images, and images of another size are named", async () => {
    const bad: [Files, string, RegExp][] = [
      [{ ...pets, "dog/3.png": new Uint8Array(0) }, "IMAGE_MAGIC", /dog\/3\.png: got an empty file/],
      [{ ...pets, "eel/notes.txt": png(1) }, "IMAGE_NONE", /"eel"/],
      [{ "a.png": png(1) }, "IMAGE_NONE", /no folders/],
      [{ ...pets, "dog/3.png": png(1, 3) }, "IMAGE_SIZE", /dog\/3\.png of 1 × 3/],
    ];
    for (const [files, code, says] of bad) {
      await inFolder(files, (folder) =>
        assert.rejects(loadImageFolder(folder), (error) => {
          assert.ok(error instanceof FormatError, String(error));
          return error.code === code && says.test(error.message);
        }),
      );
    }
    await inFolder(pets, async (folder) => {
      await mkdir(join(folder, "eel"));
      await assert.rejects(loadImageFolder(folder), { code: "IMAGE_NONE", message: /"eel"/ });
    });
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`${i}/a.png`, png(1)]));
    await inFolder(many, (folder) => assert.rejects(loadImageFolder(folder), LimitError));
  });

  test("DATA-09 links that go in a circle, and no folder", { skip: process.platform === "win32" }, async () => {
    await inFolder(pets, async (folder) => {
      await assert.rejects(loadImageFolder(join(folder, "none")), IoError);
      await symlink("b.png", join(folder, "cat/b.png"));
      await assert.rejects(loadImageFolder(folder), { name: "IoError", message: /symbolic link/ });
    });
    await inFolder(pets, async (folder) => {
      await symlink("..", join(folder, "cat/up.png")); // a folder, and so passed over
      assert.equal((await loadImageFolder(folder)).count, 3);
    });
  });

  test("loading can be stopped, and tells how far it is", async () => {
    await inFolder(pets, async (folder) => {
      const seen: number[] = [];
      await loadImageFolder(folder, { onProgress: (done, of) => seen.push(done / of) });
      assert.deepEqual(seen, [1 / 3, 2 / 3, 1]);
      await assert.rejects(loadImageFolder(folder, { signal: AbortSignal.abort() }), { name: "AbortError" });
    });
  });

  const jpegs = join(TSUMIKI_DATA ?? "", "cifar10/cifar10_jpeg.tar.gz");
  const skip = existsSync(jpegs) ? false : "no cifar10/cifar10_jpeg.tar.gz in TSUMIKI_DATA";
  test("CIFAR-10 as JPEG", { skip }, async () => {
    const { count, classes, rows, cols, labels } = await loadImageFolder(jpegs, { under: "test" });
    assert.deepEqual([count, rows, cols, classes[0], classes[9]], [10_000, 32, 32, "airplane", "truck"]);
    assert.equal(labels.filter((label) => label === 4).length, 1000);
  });
});
