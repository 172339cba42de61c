// Makes the checkout ready, then runs a command in it: `node tools/setup.mjs node src/cli/main.ts start`.
// Plain JavaScript without dependencies, because it is the one file that an older Node runs before anything is installed.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const windows = process.platform === "win32";
const paths = (process.env.PATH ?? "").split(delimiter);

/** The versions that a lock file asks for, by folder. npm keeps such a file of what it has installed. */
function packages(lockfile) {
  try {
    return JSON.parse(readFileSync(join(root, lockfile), "utf8")).packages;
  } catch {
    return {};
  }
}

/** Whether what is installed is what package-lock.json asks for, and the pinned Node is there to run. */
function isReady() {
  const installed = packages("node_modules/.package-lock.json");
  const wanted = Object.entries(packages("package-lock.json")).filter(([path]) => path !== "");
  const agrees = ([path, { version, optional }]) =>
    installed[path]?.version === version || (optional && !installed[path]);
  return wanted.every(agrees) && existsSync(join(bin, windows ? "node.cmd" : "node"));
}

/** Runs a command in a folder, with this terminal; resolves to its exit status. */
function run(command, args, path, cwd) {
  return new Promise((resolve) => {
    const env = { ...process.env, PATH: path.join(delimiter) };
    const child = spawn(command, args, { cwd, env, stdio: "inherit", shell: windows });
    // A Ctrl-C reaches the child too, and what it means is for the child to say.
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    const forward = (signal) => signal !== "SIGINT" && child.kill(signal);
    for (const signal of signals) process.on(signal, forward);
    const finish = (status) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(status);
    };
    child.on("error", (error) => {
      console.error(`tsumiki: cannot run ${command}: ${error.message}`);
      finish(127);
    });
    child.on("exit", (code, signal) => finish(signal ? (signal === "SIGINT" ? 130 : 143) : code));
  });
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`tsumiki: got Node ${process.versions.node}, but it takes 20.19 or later. Install it from nodejs.org.`);
  process.exit(1);
}

if (!isReady()) {
  const start = performance.now();
  console.error("tsumiki: setting up this checkout (once; about 400 MB on disk) …");
  // Not with the Node in node_modules, which `npm ci` deletes first.
  const outside = paths.filter((path) => !/node_modules[\\/]\.bin[\\/]?$/.test(path));
  // Its install scripts bring the pinned Node, so they have to run even where the user's settings forbid others'.
  const status = await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts=false"], outside, root);
  if (status !== 0) {
    console.error(`tsumiki: "npm ci" ended with status ${status}; its reason stands above. Mend that, then try again.`);
    process.exit(status);
  }
  console.error(`tsumiki: ready after ${((performance.now() - start) / 1000).toFixed(0)} s.\n`);
}

const [command, ...args] = process.argv.slice(2);
// In the folder of the caller: what a command is given as paths is seen from there.
if (command) process.exit(await run(command, args, [bin, ...paths], process.cwd()));
