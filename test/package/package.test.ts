/** What is published installs into an empty folder, and the README's first example runs there on each Node it is for. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

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
});
