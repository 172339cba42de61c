import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { readTar } from "../../src/data/tar.ts";
import { FormatError } from "../../src/errors.ts";
import { inTemporaryFolder } from "../folder.ts";
import { tar } from "../helpers/data.ts";

const content = Uint8Array.of(1, 2, 3);

const refuses = (bytes: Uint8Array, code: string, says = ""): void =>
  assert.throws(
    () => readTar(bytes),
    (error) => error instanceof FormatError && error.code === code,
    `${code} ${says}`,
  );

describe("a tar archive", () => {
  test("gives its files by their names", () => {
    const long = { name: "file", prefix: "a".repeat(100), content };
    const files = readTar(
      tar([{ name: "a/" }, { name: "a/b", content }, { name: "a/B", content: new Uint8Array(0) }, long]),
    );
    assert.deepEqual([...files.keys()], ["a/b", "a/B", `${"a".repeat(100)}/file`]);
    assert.deepEqual([...(files.get("a/b") as Uint8Array)], [1, 2, 3]);
    assert.equal(files.get("a/B")?.length, 0);
    assert.equal(readTar(new Uint8Array(0)).size, 0);
  });

  test("is read as the system's tar writes it, but for links", { skip: process.platform === "win32" }, async () => {
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, "set/one"), { recursive: true });
      await writeFile(join(folder, "set/one/x.bin"), Buffer.alloc(1000, 7));
      const pack = async (format: string): Promise<Buffer> => {
        await promisify(execFile)("tar", [`--format=${format}`, "-cf", "set.tar", "set"], { cwd: folder });
        return readFile(join(folder, "set.tar"));
      };
      for (const format of ["ustar", "gnu", "v7"]) {
        const files = readTar(await pack(format));
        assert.deepEqual([...files.keys()], ["set/one/x.bin"]);
        assert.deepEqual([...(files.get("set/one/x.bin") as Uint8Array)], Array(1000).fill(7));
      }
      await symlink("one", join(folder, "set/link"));
      refuses(await pack("ustar"), "TAR_TYPE");
    });
  });

  test("DL-08 names that lead elsewhere, or differ between systems", () => {
    const names = ["../x", "/x", "C:\\x", "..\\x", "a/../../x", ".", "", "a//b", "x.", "x ", "a./b"];
    for (const name of names) refuses(tar([{ name, content }]), "TAR_NAME", name);
    refuses(tar([{ name: "../" }]), "TAR_NAME");
    refuses(tar([{ name: "x".repeat(100), prefix: `${"y".repeat(77)}/${"z".repeat(77)}`, content }]), "TAR_NAME");
  });

  test("DL-10 one name twice, and a file that is a folder too", () => {
    refuses(
      tar([
        { name: "a", content },
        { name: "a", content },
      ]),
      "TAR_DUP",
    );
    refuses(tar([{ name: "a", content }, { name: "a/" }]), "TAR_DUP");
    refuses(tar([{ name: "a/" }, { name: "a", content }]), "TAR_DUP");
  });

  test("DL-13 sizes that are none, wrong checksums, links, and a cut archive; the end blocks may be missing", () => {
    for (const size of [
      "77777777777",
      "99999999999",
      "-0000000001",
      "\x80\0\0\0\0\0\0\0\0\0\0",
      "\xff".repeat(12),
      "",
    ]) {
      const code = size === "77777777777" ? "TAR_SHORT" : "TAR_SIZE";
      refuses(tar([{ name: "a", content, size }]), code, size);
    }
    for (const type of ["1", "2", "x", "g", "L"]) refuses(tar([{ name: "a", content, type }]), "TAR_TYPE", type);
    const good = tar([{ name: "a", content }]);
    refuses(Buffer.from(good).fill("b", 0, 1), "TAR_CHECKSUM");
    refuses(good.subarray(0, 514), "TAR_SHORT");
    refuses(good.subarray(0, 500), "TAR_SHORT");
    assert.equal(readTar(good.subarray(0, 1024)).size, 1);
    assert.equal(readTar(good.subarray(0, 515)).size, 1);
  });

  test("every change of a byte of a header is refused", () => {
    const good = tar([{ name: "a", content }]);
    for (let at = 0; at < 512; at++) {
      for (const value of [0, 0x20, 0x2f, 0x37, 0x80, 0xff]) {
        const bytes = Buffer.from(good).fill(value, at, at + 1);
        const inChecksum = at >= 148 && at < 156; // which may be written in more than one way
        if (!bytes.equals(good) && !inChecksum) refuses(bytes, "TAR_CHECKSUM");
      }
    }
  });
});
