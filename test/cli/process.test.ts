/** The program from outside: signals, pipes, and what is left behind. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readLog } from "../../src/experiments/log.ts";
import { loadSafetensors } from "../../src/io/index.ts";
import { inTemporaryFolder } from "../folder.ts";
import { ended, main, start } from "./world.ts";

/** Starts digits, and waits until `text` is in its output. */
async function digits(folder: string, text: string): Promise<ReturnType<typeof start>> {
  const child = start(["run", "digits", "--out", "model", "--log", "log.jsonl", "--lang", "en"], { folder });
  let seen = "";
  for await (const [chunk] of events(child)) {
    seen += chunk;
    if (seen.includes(text)) return child;
  }
  throw new Error(`it ended with ${seen}`);
}

async function* events(child: ReturnType<typeof start>): AsyncGenerator<[Buffer]> {
  for (;;) yield (await once(child.stdout, "data")) as [Buffer];
}

const folderOf = (folder: string): string => join(folder, "model");

test("what needs no experiment loads none: the version, the overview, and words that are no command", () => {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const { cli } = await import(${JSON.stringify(import.meta.resolve("../../src/cli/cli.ts"))});
    const silent = { write: () => true };
    const world = { stdout: silent, stderr: silent, env: {}, folder: "." };
    for (const words of [["--version"], ["--help"], [], ["lsit"]]) await cli(words, world);
    const heavy = () => loaded.filter((url) => /src.(index|tensor)[.]ts$|src.experiments.day/.test(url)).length;
    const before = heavy();
    await cli(["list"], world);
    console.log(before, heavy() > 30);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  assert.equal(stdout, "0 true\n", stderr);
});

describe("Ctrl-C", { skip: process.platform === "win32" }, () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`${signal}: the run stops after its step, and saves what it has learned`, async () => {
      await inTemporaryFolder(async (folder) => {
        const child = await digits(folder, "step    1/2000");
        const end = ended(child);
        const before = performance.now();
        child.kill(signal);
        const { status, stdout, stderr } = await end;
        assert.equal(status, 130);
        assert.equal(stderr, "");
        assert.match(stdout, /Stopping after this step/);
        assert.match(stdout, /Stopped after step \d+ of 2,000\.\n[\s\S]*\nloss +\d/);
        assert.match(stdout, /The run is not complete, so there are no verdicts\./);
        assert.ok(performance.now() - before < 5000);
        const { tensors } = await loadSafetensors(join(folderOf(folder), "model.safetensors"));
        assert.equal(tensors.size, 10);
        assert.deepEqual(await readdir(folderOf(folder)), ["model.safetensors"]);
        const { steps, end: last } = readLog(await readFile(join(folder, "log.jsonl"), "utf8"));
        assert.deepEqual([last?.isComplete, last?.step], [false, steps.at(-1)?.step]);
      });
    });
  }

  test("programs are told that the run was stopped", async () => {
    const child = start(["run", "digits", "--json", "--lang", "en"]);
    await once(child.stderr, "data");
    const end = ended(child);
    setTimeout(() => child.kill("SIGINT"), 500);
    const { status, stdout, stderr } = await end;
    assert.equal(status, 130);
    const { isInterrupted, verdicts, step } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([isInterrupted, verdicts], [true, {}]);
    assert.ok(Number(step) < 2000);
    assert.match(stderr, /Stopping after this step/);
  });

  test("before the first step, nothing is saved", async () => {
    await inTemporaryFolder(async (folder) => {
      const child = await digits(folder, "Settings");
      const end = ended(child);
      child.kill("SIGINT");
      const { status, stdout } = await end;
      assert.equal(status, 130);
      assert.match(stdout, /Stopped (before the first step|after step)/);
      if (stdout.includes("before")) assert.ok(!existsSync(folderOf(folder)));
    });
  });

  test("twice, the process ends at once and leaves nothing unfinished", async () => {
    await inTemporaryFolder(async (folder) => {
      const child = await digits(folder, "step    1/2000");
      const end = ended(child);
      child.kill("SIGINT");
      child.kill("SIGINT");
      setTimeout(() => child.kill("SIGINT"), 5); // two that come together are one
      const before = performance.now();
      assert.equal((await end).status, 130);
      assert.ok(performance.now() - before < 2000);
      const left = existsSync(folderOf(folder)) ? await readdir(folderOf(folder)) : [];
      assert.ok(
        left.every((name) => name === "model.safetensors"),
        left.join(),
      );
    });
  });
});

test("a process that is killed leaves a log that can be read", { skip: process.platform === "win32" }, async () => {
  await inTemporaryFolder(async (folder) => {
    const child = await digits(folder, "step    1/2000");
    const end = ended(child);
    setTimeout(() => child.kill("SIGKILL"), 300);
    await end;
    const { steps, end: last } = readLog(await readFile(join(folder, "log.jsonl"), "utf8"));
    assert.ok(steps.length > 1);
    assert.equal(last, null);
  });
});

test("verify stops after its step, and says how far it came", { skip: process.platform === "win32" }, async () => {
  const child = start(["verify", "vanishing-gradient", "digits", "--quick", "--lang", "en"]);
  for await (const [chunk] of events(child)) if (String(chunk).includes("vanishing-gradient")) break;
  const end = ended(child);
  child.kill("SIGINT");
  const { status, stdout } = await end;
  assert.equal(status, 130);
  assert.match(stdout, /Stopped: 1 of 2 experiments were verified\./);
});

describe("output", { skip: process.platform === "win32" }, () => {
  const shell = (line: string): { status: number | null; stderr: string; stdout: string } => {
    const program = `"${process.execPath}" "${main}"`;
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["--norc", "-c", `set -o pipefail; ${line.replaceAll("tsumiki", program)}`],
      {
        encoding: "utf8",
        timeout: 60_000,
        env: { PATH: process.env.PATH, LANG: "C" },
      },
    );
    return { status, stdout, stderr };
  };

  test("a reader that leaves early is no error", () => {
    const { status, stdout, stderr } = shell("tsumiki run vanishing-gradient --depth 1 | head -1");
    assert.ok(status === 0 || status === 141, `${status}`);
    assert.match(stdout, /^Settings/);
    assert.equal(stderr, "");
  });

  test("a full disk is one", { skip: !existsSync("/dev/full") }, () => {
    for (const line of ["tsumiki list > /dev/full", "tsumiki list --json > /dev/full"]) {
      const { status, stderr } = shell(line);
      assert.equal(status, 1);
      assert.match(stderr, /^tsumiki: cannot write the output: ENOSPC[^\n]*\n$/);
    }
  });

  test("nothing is asked, and no terminal is needed", () => {
    assert.equal(shell("tsumiki list < /dev/null > /dev/null").status, 0);
    assert.equal(shell("TERM=dumb NO_COLOR=1 COLUMNS=0 tsumiki run vanishing-gradient --depth 1 --steps 3").status, 0);
    assert.equal(shell("tsumiki list >&-").status, 0);
  });

  test("an environment that asks for what there is not is an error of one line", () => {
    const { status, stderr } = shell("TSUMIKI_DEVICE=cuda tsumiki run vanishing-gradient --depth 1 --steps 3");
    assert.equal(status, 1);
    assert.match(stderr, /^tsumiki: device: got "cuda", but it takes "wasm" or "x64" or "reference"[^\n]*\n$/);
  });

  test("more threads than can be are fewer, with a note", () => {
    const { status, stderr } = shell("tsumiki run vanishing-gradient --depth 1 --steps 3 --threads 10000");
    assert.equal(status, 0);
    assert.match(stderr, /^tsumiki: 10,000 threads are more than can be used; using 64\.\n$/);
  });
});
