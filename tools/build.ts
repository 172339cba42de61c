/**
 * Makes `dist` of `src`: JavaScript and types. The compiler makes `.js` of `.ts` in the names of modules that are imported;
 * here the same is done for workers, whose names stand in `new URL("./worker.ts", import.meta.url)`, where bundlers look.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
  shell: process.platform === "win32",
});
for (const file of globSync("**/*.js", { cwd: dist }).map((name) => join(dist, name))) {
  const text = readFileSync(file, "utf8");
  const named = text.replaceAll(/new URL\("(\.[^"]*)\.ts", import\.meta\.url\)/g, 'new URL("$1.js", import.meta.url)');
  if (named !== text) writeFileSync(file, named);
}
process.exitCode = status ?? 1;
