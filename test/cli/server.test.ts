/** The server of the Lab: what it gives to its own pages, and what it refuses to everybody else. */
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { serveFiles } from "../../src/cli/server.ts";
import { inTemporaryFolder } from "../folder.ts";

let server: Server;
let port: number;
let release = (): void => {};

/** The first line and the rest of what the server answers to raw text. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("end", () => resolve(answer));
    socket.on("error", (error) => (answer === "" ? reject(error) : resolve(answer)));
    socket.write(text);
  });
}
const request = (line: string, ...headers: readonly string[]): Promise<string> =>
  raw([`${line} HTTP/1.1`, ...headers, "Connection: close", "", ""].join("\r\n"));
const get = (path: string, ...headers: readonly string[]): Promise<string> =>
  request(`GET ${path}`, `Host: 127.0.0.1:${port}`, ...headers);
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

describe("the server of the Lab", () => {
  before(async () => {
    const ready = Promise.withResolvers<void>();
    const done = new Promise<void>((resolve) => {
      release = resolve;
    });
    void inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, "secret.txt"), "secret");
      const root = join(folder, "dist");
      await mkdir(join(root, "assets"), { recursive: true });
      await writeFile(join(root, "index.html"), "<p>the page</p>");
      await writeFile(join(root, "assets", "a.js"), "0123456789");
      await symlink(join(folder, "secret.txt"), join(root, "link.txt"));
      const answers = { "/run.json": () => ({ seed: 1 }) };
      ({ server, port } = await serveFiles({ folder: root, answers, port: 17_860, tries: 50 }));
      ready.resolve();
      await done;
    });
    await ready.promise;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
    release();
  });

  test("gives the page, its parts and the run, with what threads and safety need", async () => {
    const page = await get("/");
    assert.equal(statusOf(page), 200);
    assert.match(page, /the page/);
    for (const header of [
      /cross-origin-opener-policy: same-origin/,
      /cross-origin-embedder-policy: require-corp/,
      /content-security-policy: .*'wasm-unsafe-eval'/,
      /x-content-type-options: nosniff/,
    ]) {
      assert.match(page, header);
    }
    assert.doesNotMatch(page, /unsafe-eval'(?<!wasm-unsafe-eval')|access-control-allow-origin/i);
    const part = await get("/assets/a.js");
    assert.match(part, /immutable/);
    assert.match(part, /text\/javascript/);
    assert.match(await get("/run.json"), /\{"seed":1\}$/);
    assert.match(await get("/?x=1#y"), /the page/);
  });

  test("LAB-01: gives no file that is not below its folder", async () => {
    const paths = [
      "/../secret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "//etc/passwd",
      "/runs/..\\..\\x",
      "/%00",
    ];
    for (const path of [
      ...paths,
      "/%c0%ae%c0%ae/",
      "/link.txt",
      "/assets",
      "/nothing",
      "/C:/x",
      "http://evil.example/",
    ]) {
      const answer = await get(path);
      assert.ok([400, 404].includes(statusOf(answer)), `${path}: ${answer.slice(0, 30)}`);
      assert.doesNotMatch(answer, /secret|root:/);
    }
  });

  test("LAB-03: answers only to names of this machine with its port, and to one of them", async () => {
    for (const host of ["evil.example", `127.0.0.1.evil.example`, "localhost:1", `127.0.0.1:${port + 1}`]) {
      assert.equal(statusOf(await request("GET /", `Host: ${host}`)), 403, host);
    }
    assert.equal(statusOf(await request("GET /")), 400);
    assert.equal(statusOf(await request("GET /", `Host: 127.0.0.1:${port}`, `Host: 127.0.0.1:${port}`)), 400);
    assert.equal(statusOf(await request("GET /", `Host: LocalHost:${port}`)), 200);
  });

  test("LAB-04: refuses other origins, and parts of it asked for by other sites", async () => {
    for (const origin of ["http://evil.example", "null", "http://localhost:1", "http://127.0.0.1.evil.example"]) {
      assert.equal(statusOf(await get("/", `Origin: ${origin}`)), 403, origin);
    }
    assert.equal(statusOf(await get("/", `Origin: http://127.0.0.1:${port}`)), 200);
    assert.equal(statusOf(await get("/run.json", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors")), 403);
    assert.equal(statusOf(await get("/", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate")), 200);
  });

  test("LAB-05: knows no upgrades", async () => {
    const answer = await raw(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://evil.example\r\n\r\n`,
    );
    assert.equal(statusOf(answer), 403);
  });

  test("LAB-08: takes no bodies, and no endless headers", async () => {
    const host = `Host: 127.0.0.1:${port}`;
    assert.equal(statusOf(await request("POST /", host, "Content-Length: 1000000000000000")), 413);
    assert.equal(statusOf(await request("POST /", host, "Transfer-Encoding: chunked")), 413);
    assert.equal(statusOf(await request("POST /", host, "Content-Length: 0")), 405);
    assert.equal(statusOf(await request("DELETE /", host)), 405);
    assert.equal(statusOf(await get("/", `X: ${"x".repeat(100_000)}`)), 431);
  });

  test("LAB-14: gives one part of a file, or says that it is not there", async () => {
    const part = await get("/assets/a.js", "Range: bytes=2-4");
    assert.equal(statusOf(part), 206);
    assert.match(part, /234$/);
    assert.match(part, /content-range: bytes 2-4\/10/);
    assert.match(await get("/assets/a.js", "Range: bytes=-1"), /9$/);
    for (const range of ["bytes=5-2", "bytes=10-", "bytes=0-1,3-4", "bytes=-", "lines=1-2"]) {
      assert.equal(statusOf(await get("/assets/a.js", `Range: ${range}`)), 416, range);
    }
  });

  test("LAB-15: takes the next port where one is taken, and says so where none is left", async () => {
    const folder = import.meta.dirname;
    const next = await serveFiles({ folder, port, tries: 50 });
    assert.ok(next.port > port);
    next.server.close();
    await assert.rejects(serveFiles({ folder, port, tries: 1 }), { code: "EADDRINUSE" });
  });
});
