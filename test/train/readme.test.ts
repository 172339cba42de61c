/** The code on the READMEs: it compiles, and it runs. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { inTemporaryFolder } from "../folder.ts";

const root = resolve(import.meta.dirname, "../..");

/** The blocks of code of a page. */
function blocksOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
}

/** The sources in place of the package, which need not have been built, and fewer epochs. */
const forTest = (code: string): string =>
  code
    .replace(/from "tsumiki(\/\w+)?"/g, (_, part = "") => `from "${join(root, "src", part, "index.ts")}"`)
    .replace(/const epochs = \d+/, "const epochs = 1");

test("the code of README.md compiles and runs", { skip: process.platform === "win32" }, async () => {
  await inTemporaryFolder(async (folder) => {
    const run = (...args: string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        execFile(process.execPath, args, { cwd: folder, timeout: 100_000 }, (error, stdout, stderr) =>
          error ? reject(new Error(`${args}: ${stdout}${stderr}`)) : resolve(stdout),
        );
      });
    const files = blocksOf("README.md").map((code, i) => [`block${i}.ts`, forTest(code)] as const);
    for (const [name, code] of files) await writeFile(join(folder, name), code);
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const compilerOptions = {
      noEmit: true,
      rootDir: "/",
      rewriteRelativeImportExtensions: false,
      isolatedDeclarations: false,
      typeRoots: [join(root, "node_modules/@types")],
    };
    const config = { extends: join(root, "tsconfig.json"), compilerOptions, include: ["*.ts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const [, first] = await Promise.all([
      run(join(root, "node_modules/typescript/bin/tsc"), "-p", "."),
      ...files.map(([name]) => run(name)),
    ]);
    assert.ok(Number(/test accuracy ([\d.]+) %/.exec(first)?.[1]) > 85, first);
  });
});

test("README.ja.md has the same code, but for its words", () => {
  const [english, japanese] = ["README.md", "README.ja.md"].map((page) =>
    blocksOf(page).map((code) => code.replace(/\/\/.*$/gm, "").replace(/`.*`/g, "")),
  );
  assert.deepEqual(japanese, english);
});
