/** Where the built Lab is. In a checkout it is built when it is first asked for, and again after its sources have changed. */
import { spawn } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { IoError } from "../errors.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "lab", "dist");

/** The folder of the built Lab; `onBuild` is called before it is built, which takes seconds. */
export async function builtLab(onBuild: () => void): Promise<string> {
  const isCheckout = existsSync(join(root, "lab", "vite.config.ts"));
  if (isCheckout && isStale()) {
    onBuild();
    await build();
  }
  if (existsSync(join(folder, "index.html"))) return folder;
  const fix = "Install the package again";
  throw new IoError({ in: "lab", got: "a package without the built Lab", want: "lab/dist", fix });
}

const time = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function isStale(): boolean {
  const built = time(join(folder, "index.html"));
  if (built === 0) return true;
  const sources = globSync(["src/**/*.ts", "lab/{src,build}/**/*", "lab/*.*", "package-lock.json"], { cwd: root });
  return sources.some((path) => time(join(root, path)) > built);
}

function build(): Promise<void> {
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const args = [vite, "build", "--configLoader", "native", "--logLevel", "error"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: join(root, "lab"), stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on("error", reject);
    child.on("exit", (status) => {
      if (status === 0) resolve();
      else reject(new Error(`lab: the build ended with status ${status}: ${errors.trim()}`));
    });
  });
}
