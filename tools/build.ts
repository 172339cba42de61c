/**
 * Makes `dist` of `src`: JavaScript and types, by the compiler, and then two things for the bundlers of those who use it.
 * What the compiler does for the names of modules that are imported, `.js` for `.ts`, is done for workers, whose names stand
 * in `new URL("./worker.ts", import.meta.url)`. And classes are given the names they have as text: minifiers rename them,
 * but messages, summaries and the state of optimizers take their names from them.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const isWindows = process.platform === "win32";

rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync("tsc", ["-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit", shell: isWindows });
for (const name of globSync("**/*.js", { cwd: dist })) {
  const file = join(dist, name);
  const text = readFileSync(file, "utf8");
  const made = text
    .replaceAll(/new URL\("(\.[^"]*)\.ts", import\.meta\.url\)/g, 'new URL("$1.js", import.meta.url)')
    .replaceAll(/^export class (\w+).*\{$/gm, '$&\n    static name = "$1";');
  if (made !== text) writeFileSync(file, made);
}
process.exitCode = status ?? 1;
