/**
 * What is published installs into an empty folder, the README's first example runs there on each Node it is for, and a
 * bundler makes a page of it.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { serveFiles } from "../../src/cli/server.ts";
import { chromiumPath, skip } from "../browser/lab.ts";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

describe("the package", () => {
  let folder = "";
  let packed = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tsumiki-package-"));
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root });
    // What the build prints comes first.
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf("[\n"))) as [{ filename: string }];
    packed = join(folder, filename);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** The first piece of TypeScript in the README, with fewer epochs. It has no types, so any Node runs it. */
  async function example(): Promise<string> {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const [, code] = readme.match(/```ts\n([\s\S]*?)```/) as RegExpMatchArray;
    const shorter = code.replace("const epochs = 5;", "const epochs = 1;");
    assert.notEqual(shorter, code);
    return shorter;
  }

  for (const major of [22, 24, 26]) {
    test(`the package trains digits on Node ${major}`, async (t) => {
      const place = join(folder, `node${major}`);
      await mkdir(place);
      await writeFile(join(place, "package.json"), JSON.stringify({ private: true, allowScripts: { node: true } }));
      try {
        await run("npm", ["install", "--no-audit", "--no-fund", packed, `node@${major}`], { cwd: place });
      } catch (error) {
        // Without a network there is no other Node to be had; anything else is a failure.
        if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED/.test(String(error))) throw error;
        t.skip(`no network from which to install Node ${major}`);
        return;
      }
      await writeFile(join(place, "first.mjs"), await example());
      const node = join(place, "node_modules/.bin/node");
      const { stdout: version } = await run(node, ["--version"], { cwd: place });
      assert.ok(version.startsWith(`v${major}.`), version);
      const { stdout } = await run(node, ["first.mjs"], { cwd: place });
      const [, accuracy] = stdout.match(/epoch 1: loss [\d.]+, test accuracy ([\d.]+) %/) as RegExpMatchArray;
      assert.ok(Number(accuracy) > 90, stdout);
      const { stdout: help } = await run(node, ["node_modules/tsumiki/dist/cli/main.js", "list"], { cwd: place });
      assert.match(help, /digits/);
    });
  }

  test("a bundler makes a page of it, which trains with threads", { skip }, async (t) => {
    const place = join(folder, "page");
    await mkdir(place);
    await writeFile(join(place, "package.json"), JSON.stringify({ private: true, type: "module" }));
    await run("npm", ["install", "--no-audit", "--no-fund", packed], { cwd: place });
    const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./main.js"></script>';
    await writeFile(join(place, "index.html"), html);
    await writeFile(join(place, "main.js"), page);
    const { stdout, stderr } = await run(process.execPath, [vite, "build", "--logLevel", "warn"], { cwd: place });
    assert.equal(stdout + stderr, "");
    const { server, port } = await serveFiles({ folder: join(place, "dist"), port: 19_860, tries: 100 });
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    await using browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: ["--no-sandbox"] });
    const opened = await browser.newPage();
    const complaints: string[] = [];
    opened.on("console", (message) => complaints.push(message.text()));
    opened.on("pageerror", (error) => complaints.push(String(error)));
    await opened.goto(`http://127.0.0.1:${port}/`);
    await opened.waitForSelector("[data-loss]", { state: "attached", timeout: 60_000 });
    const [first, last] = (await opened.getAttribute("body", "data-loss"))?.split(" ").map(Number) ?? [];
    assert.ok(last < first / 10, `${first} became ${last}`);
    const told = (await opened.textContent("body")) ?? "";
    assert.match(told, /ShapeError: Linear "0": got \[4,3\]/, "names are kept, though the page is minified");
    assert.match(told, /UnsupportedError: loadMnist: got a program without Node/);
    assert.match(told, /Adam\.0\.weight\.m/);
    assert.deepEqual(complaints, []);
    assert.equal(opened.workers().length, 1, "the other of two threads");
  });
});

const vite = join(root, "node_modules/vite/bin/vite.js");

/** Learns which side of a line points lie on, on two threads; then asks for what cannot be. */
const page = `
  import { crossEntropy, randn, seed, setDevice } from "tsumiki";
  import { Linear, ReLU, Sequential } from "tsumiki/nn";
  import { Adam } from "tsumiki/optim";
  import { loadMnist } from "tsumiki/data";
  await setDevice("wasm", { threads: 2 });
  seed(0);
  const model = new Sequential(new Linear(2, 256), new ReLU(), new Linear(256, 2));
  const optimizer = new Adam(model.parameters(), { lr: 0.02 });
  const x = await randn([4096, 2]).realize();
  const y = await x.slice(1, { stop: 1 }).squeeze(1).gt(0).int().realize();
  const losses = [];
  for (let i = 0; i < 60; i++) {
    const loss = crossEntropy(model.forward(x), y);
    loss.backward();
    await optimizer.step();
    losses.push(await loss.item());
  }
  const refused = await loadMnist().catch(String);
  try {
    model.forward(randn([4, 3]));
  } catch (error) {
    document.body.textContent = [error, refused, ...optimizer.state().keys()].join(" ");
  }
  document.body.dataset.loss = losses[0] + " " + losses.at(-1);
`;
