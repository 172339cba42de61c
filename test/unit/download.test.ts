import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type DownloadOptions, download, makeFolder, type Progress } from "../../src/data/download.ts";
import { DownloadError, IoError, LimitError } from "../../src/errors.ts";
import { inTemporaryFolder } from "../folder.ts";

const content = Buffer.from("digits ".repeat(10_000));
const sha256 = createHash("sha256").update(content).digest("hex");
/** Quick about giving up. */
const options: DownloadOptions = { sha256, bytes: content.length, pause: 1, idle: 2000 };

interface Place {
  readonly url: string;
  readonly folder: string;
  readonly path: string;
  /** How many requests came. */
  readonly requests: () => number;
}

/** Calls `work` with a server that answers so, and a folder which must hold nothing but `file` afterwards, if that. */
async function serving(answer: RequestListener, work: (place: Place) => Promise<void>): Promise<void> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    response.on("error", () => {});
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
  try {
    await inTemporaryFolder(async (folder) => {
      await work({ url, folder, path: join(folder, "file"), requests: () => count });
      assert.deepEqual(
        (await readdir(folder)).filter((name) => name !== "file"),
        [],
      );
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const fails = (work: Promise<void>, says: RegExp): Promise<void> =>
  assert.rejects(work, (error) => {
    assert.ok(error instanceof DownloadError, String(error));
    assert.match(error.message, says);
    return true;
  });

describe("download", () => {
  test("a file arrives whole, with its progress", async () => {
    const answer: RequestListener = (_, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.end(content);
    };
    await serving(answer, async ({ url, path }) => {
      const seen: Progress[] = [];
      await download([url], path, { ...options, onProgress: (progress) => seen.push(progress) });
      assert.deepEqual(await readFile(path), content);
      assert.deepEqual(seen.at(-1), { file: "file", received: content.length, total: content.length });
    });
  });

  test("a packed file is stored and checked unpacked", async () => {
    await serving(
      (_, response) => response.end(gzipSync(content)),
      async ({ url, path }) => {
        await download([url], path, { ...options, gzip: true });
        assert.deepEqual(await readFile(path), content);
      },
    );
  });

  test("the next address is tried when one fails", async () => {
    const answer: RequestListener = (request, response) => {
      if (request.url === "/file") response.end(content);
      else response.writeHead(404).end();
    };
    await serving(answer, async ({ url, path, requests }) => {
      await download([`${url}/none`, url], path, options);
      assert.equal(requests(), 2);
    });
  });

  test("a busy server is asked again", async () => {
    let busy = 2;
    const answer: RequestListener = (_, response) =>
      busy-- > 0 ? response.writeHead(503).end() : response.end(content);
    await serving(answer, async ({ url, path, requests }) => {
      await download([url], path, options);
      assert.equal(requests(), 3);
    });
  });

  test("a file that is not there is not asked for again", async () => {
    await serving(
      (_, response) => response.writeHead(404).end("no"),
      async ({ url, path, requests }) => {
        await fails(download([url], path, options), /HTTP status 404 from http:.*put it at ".*file"/);
        assert.equal(requests(), 1);
      },
    );
  });

  test("it can be stopped", async () => {
    await serving(
      (_, response) => response.write("d"),
      async ({ url, path }) => {
        const stop = new AbortController();
        const work = download([url], path, { ...options, signal: stop.signal, onProgress: () => stop.abort() });
        await assert.rejects(work, { name: "AbortError" });
      },
    );
  });
});

describe("downloads that fail leave what was there", () => {
  const old = "the old file";

  test("DL-01 a wrong checksum", async () => {
    const wrong = Buffer.from(content).fill("x", 0, 1);
    await serving(
      (_, response) => response.end(wrong),
      async ({ url, path, requests }) => {
        await writeFile(path, old);
        await fails(download([url], path, options), /SHA-256/);
        assert.equal(await readFile(path, "utf8"), old);
        assert.equal(requests(), 1);
      },
    );
  });

  test("DL-01 a body shorter than it says, cut half-way, or empty: three tries", async () => {
    const answers: RequestListener[] = [
      (_, response) => {
        response.writeHead(200, { "content-length": content.length });
        response.write(content.subarray(0, 1000), () => response.destroy());
      },
      (_, response) => response.end(content.subarray(0, content.length / 2)),
      (_, response) => response.end(),
      (_, response) => response.destroy(),
    ];
    for (const answer of answers) {
      await serving(answer, async ({ url, path, requests }) => {
        await writeFile(path, old);
        await fails(download([url], path, options), /from http/);
        assert.equal(await readFile(path, "utf8"), old);
        assert.equal(requests(), 3);
      });
    }
  });

  test("DL-04 a server that never answers, or drips for ever", async () => {
    const quick = { ...options, attempts: 1, idle: 100, longest: 400 };
    await serving(
      () => {},
      async ({ url, path }) => fails(download([url], path, quick), /nothing for 0\.1 s/),
    );
    const drip: RequestListener = (_, response) => {
      const timer = setInterval(() => response.write("d"), 20);
      response.on("close", () => clearInterval(timer));
    };
    await serving(drip, async ({ url, path }) => fails(download([url], path, quick), /no end within 0\.4 s/));
  });

  test("DL-05 more than was expected stops at once", async () => {
    const declared: RequestListener = (_, response) => {
      response.writeHead(200, { "content-length": 1e11 });
      response.write("d");
    };
    const endless: RequestListener = (_, response) => {
      const more = (): void => {
        while (response.writable && response.write(content));
      };
      response.on("drain", more);
      more();
    };
    for (const answer of [declared, endless]) {
      await serving(answer, ({ url, path }) => assert.rejects(download([url], path, options), LimitError));
    }
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await serving(
      (_, response) => response.end(bomb),
      ({ url, path }) => assert.rejects(download([url], path, { ...options, gzip: true }), LimitError),
    );
  });

  test("DL-06 two at once end with a good file", async () => {
    await serving(
      (_, response) => response.end(content),
      async ({ url, path }) => {
        await Promise.all([download([url], path, options), download([url], path, options)]);
        assert.deepEqual(await readFile(path), content);
      },
    );
  });

  test("DL-07 a place that cannot be written is named, with the variable to change", async () => {
    await inTemporaryFolder(async (folder) => {
      const file = join(folder, "file");
      await writeFile(file, "");
      await symlink(join(folder, "none"), join(folder, "dangling"));
      for (const path of [join(file, "mnist"), join(folder, "dangling", "mnist"), file]) {
        await assert.rejects(makeFolder(path, "XDG_CACHE_HOME"), (error) => {
          assert.ok(error instanceof IoError, String(error));
          return error.message.includes(path) && error.message.includes("Set XDG_CACHE_HOME");
        });
      }
    });
    await serving(
      (_, response) => response.end(content),
      async ({ url, path }) => {
        await mkdir(path);
        await assert.rejects(download([url], path, options), IoError);
      },
    );
  });

  test("DL-11 a damaged packed file", async () => {
    const packed = gzipSync(content);
    for (const body of [packed.subarray(0, -9), Buffer.from(packed).fill(1, packed.length - 8)]) {
      await serving(
        (_, response) => response.end(body),
        ({ url, path }) => fails(download([url], path, { ...options, gzip: true }), /from http/),
      );
    }
  });

  test("DL-14 without a network it says so at once, and where to put the file by hand", async () => {
    let closed = "";
    await serving(
      () => {},
      async ({ url }) => {
        closed = url;
      },
    );
    await inTemporaryFolder(async (folder) => {
      const start = performance.now();
      const work = download([closed, "nonsense"], join(folder, "file"), { ...options, pause: 10_000 });
      await fails(work, /ECONNREFUSED.*Invalid URL.*put it at/);
      assert.ok(performance.now() - start < 5000);
    });
  });
});
