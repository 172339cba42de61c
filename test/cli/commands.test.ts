import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { widthOf } from "../../src/cli/width.ts";
import { experiments } from "../../src/experiments/index.ts";
import { loadSafetensors } from "../../src/io/index.ts";
import { inTemporaryFolder } from "../folder.ts";
import { use } from "../helpers/devices.ts";
import { run } from "./world.ts";

const japanese = { LANG: "ja_JP.UTF-8" };
const isJapanese = (text: string): boolean => /[ぁ-んァ-ヶ一-龠]/.test(text);

describe("help", () => {
  test("without words, the command line explains itself", async () => {
    const { status, stdout, stderr } = await run([]);
    assert.equal(status, 0);
    assert.equal(stderr, "");
    for (const word of ["start", "list", "run <experiment>", "explain <graph>", "devices", "npx tsumiki start"]) {
      assert.ok(stdout.includes(word), word);
    }
    assert.equal((await run(["--help"])).stdout, stdout);
    assert.ok(isJapanese((await run([], { env: japanese })).stdout));
    assert.ok(isJapanese((await run(["--lang", "ja"])).stdout));
    assert.ok(!isJapanese((await run(["--lang=en"], { env: japanese })).stdout));
  });

  test("every command has help, in both languages and at every width", async () => {
    const commands = [
      "start",
      "list",
      "run",
      "explain",
      "devices",
      ...[...experiments.keys()].map((id) => `run ${id}`),
    ];
    for (const command of commands) {
      for (const lang of ["ja", "en"]) {
        for (const columns of [40, 80, 200]) {
          const args = [...command.split(" "), "--help", "--lang", lang];
          const { status, stdout, stderr } = await run(args, { env: { COLUMNS: String(columns) } });
          assert.equal(status, 0, command);
          assert.equal(stderr, "");
          assert.ok(stdout.includes("--help"), command);
          assert.equal(isJapanese(stdout), lang === "ja", command);
          for (const line of stdout.split("\n")) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
        }
      }
    }
    assert.equal((await run(["help", "run", "xor"])).stdout, (await run(["run", "xor", "--help"])).stdout);
  });

  test("no heading stands over nothing, and none stands twice", async () => {
    for (const [lang, heading] of [
      ["en", "Flags"],
      ["ja", "フラグ"],
    ]) {
      for (const command of ["start", "list", "run", "run xor", "explain", "devices"]) {
        const { stdout } = await run([...command.split(" "), "--help", "--lang", lang]);
        assert.equal(stdout.split("\n").filter((line) => line === heading).length, 1, command);
        assert.match(stdout, new RegExp(`\n${heading}\n +-`), command);
      }
    }
  });

  test("what stands for a name is in the language of the rest", async () => {
    for (const words of [[], ["run", "--help"], ["explain", "--help"], ["list"]]) {
      const { stdout } = await run(words, { env: japanese });
      assert.doesNotMatch(stdout, /<(command|experiment|graph)>/);
    }
    assert.match((await run(["run", "--help"], { env: japanese })).stdout, /tsumiki run <実験名>/);
  });

  test("the version is that of the package", async () => {
    assert.match((await run(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe("what is not understood", () => {
  const wrong: Record<string, RegExp> = {
    strat: /^tsumiki: there is no command "strat"\. Did you mean "start"\?$/,
    "--": /^tsumiki: got "--"/,
    "--bogus": /^tsumiki: "--bogus": there is no such flag here/,
    "help lst": /Did you mean "list"\?/,
    "list more": /^tsumiki: got "more"/,
    "devices --json=1": /^tsumiki: --json: takes no value/,
    run: /^tsumiki: run: needs a name: digits, mlp-digits, spirals, xor\.$/,
    "run digts": /Did you mean "digits"\?/,
    "run xor digits": /^tsumiki: got "digits"/,
    "run xor --step 3": /Did you mean --steps\?/,
    "run xor --steps": /needs a value: a whole number from 1 to 100000/,
    "run xor --steps=": /needs a value/,
    "run xor --steps 1 --steps 2": /^tsumiki: --steps: given twice\.$/,
    "run xor --lr abc": /takes a number from 0 to 10/,
    "run xor --lr 1e999": /takes a number from 0 to 10/,
    "run xor --seed 18446744073709551616": /takes a whole number from 0 to 2\^53 - 1/,
    "run xor --device nope": /takes wasm \| x64 \| reference/,
    "run xor --threads 0": /takes a whole number from 1/,
    "run xor --threads -1": /takes a whole number from 1/,
    "start --epochs 1.5": /takes a whole number from 0 to 1000/,
    "start --data medium": /takes small \| full/,
    explain: /^tsumiki: explain: needs a name: softmax, /,
    "explain sofmax": /Did you mean "softmax"\?/,
    "explain softmax --stage loop": /Did you mean loops\?/,
    "list --lang fr": /takes ja \| en/,
  };
  for (const [line, message] of Object.entries(wrong)) {
    test(`tsumiki ${line}`, async () => {
      const { status, stdout, stderr } = await run(line.split(" "));
      assert.equal(status, 2);
      assert.equal(stdout, "");
      assert.match(stderr, /^[^\n]+\n$/, "one line");
      assert.match(stderr.trimEnd(), message);
      const inJapanese = await run([...line.split(" ")], { env: japanese });
      assert.equal(inJapanese.status, 2);
      if (!line.includes("--lang")) assert.ok(isJapanese(inJapanese.stderr), inJapanese.stderr);
    });
  }

  test("is told to programs too", async () => {
    const { status, stdout, stderr } = await run(["run", "xor", "--lr", "abc", "--json"]);
    assert.equal(status, 2);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    assert.equal(error.code, "USAGE");
    assert.equal(stderr, `tsumiki: ${error.message}\n`);
  });

  test("is one line, and with --debug also where it was thrown", async () => {
    const { stderr } = await run(["strat", "--debug"]);
    assert.match(stderr, /^tsumiki: there is no command [^\n]+\nUsageError: .*\n +at /);
  });
});

describe("list and devices", () => {
  test("list names every experiment, and gives their settings to programs", async () => {
    const { stdout } = await run(["list"]);
    for (const { id, title, question } of experiments.values()) {
      assert.ok(stdout.includes(id) && stdout.includes(title.en));
      assert.ok(isJapanese(title.ja) && isJapanese(question.ja));
    }
    const listed = JSON.parse((await run(["list", "--json"])).stdout) as { id: string; params: object }[];
    assert.deepEqual(
      listed.map(({ id }) => id),
      [...experiments.keys()],
    );
    assert.ok("epochs" in listed[0].params);
  });

  test("experiments have help for every setting, and defaults within their ranges", () => {
    for (const { id, params } of experiments.values()) {
      for (const [name, p] of Object.entries(params)) {
        assert.ok(isJapanese(p.help.ja) && p.help.en.endsWith("."), `${id}.${name}`);
        if (p.kind === "choice") assert.ok(p.options.includes(p.default), `${id}.${name}`);
        else assert.ok(p.min <= p.default && p.default <= p.max, `${id}.${name}`);
      }
    }
  });

  test("devices tells which there are", async () => {
    const { stdout } = await run(["devices"]);
    assert.match(stdout, /wasm +default, vectors of 4, \d+ threads?, (no )?relaxed SIMD, up to [\d.]+ GiB/);
    const devices = JSON.parse((await run(["devices", "--json"])).stdout) as { name: string; isDefault: boolean }[];
    const everywhere = devices.map(({ name }) => name).filter((name) => name !== "x64"); // which not every machine has
    assert.deepEqual(everywhere, ["wasm", "reference"]);
    assert.equal(devices.filter(({ isDefault }) => isDefault).length, 1);
  });
});

describe("explain", () => {
  before(() => use("wasm"));

  test("shows a softmax, all of it or a stage", async () => {
    const { status, stdout } = await run(["explain", "softmax"]);
    assert.equal(status, 0);
    assert.match(stdout, /graph: \d+ nodes/);
    assert.match(stdout, /kernels: 1, /);
    assert.match(stdout, /arena: /);
    const { stdout: vector } = await run(["explain", "softmax", "--stage", "vector"]);
    assert.match(vector, /float32×4/);
    assert.doesNotMatch(vector, /graph: \d+ nodes/);
  });

  test("gives the same to programs", async () => {
    const { stdout } = await run(["explain", "linear-relu", "--json"]);
    const { graph, kernels } = JSON.parse(stdout) as { graph: { op: string }[]; kernels: { codeBytes: number }[] };
    assert.ok(graph.some(({ op }) => op === "matmul"));
    assert.ok(kernels[0].codeBytes > 100);
  });

  test("knows a whole training step", async () => {
    const { stdout } = await run(["explain", "lenet-step", "--stage", "graph"]);
    assert.match(stdout, /buffer conv1\.weight/);
    assert.match(stdout, /conv n\d+/);
  });
});

describe("run", () => {
  before(() => use("wasm"));

  const quick = ["run", "xor", "--steps", "30"];

  test("shows how far it is and what came out, and saves nothing unasked", async () => {
    await inTemporaryFolder(async (folder) => {
      const { status, stdout, stderr } = await run([...quick, "--lang", "en"], { folder });
      assert.equal(status, 0);
      assert.equal(stderr, "");
      assert.match(stdout, /^Settings: steps 30, hidden 4, lr 0\.05, seed 0\n/);
      assert.match(stdout, /\nstep 30\/30 {2}loss 0\.\d+ {2}acc \d+/);
      assert.match(stdout, /\nCases that are right: /);
      assert.match(stdout, /a {2}b {2}a xor b {2}network\n0 {2}0 {2}0/);
      assert.ok(!stdout.includes("\u001b") && !stdout.includes("\r"));
      assert.deepEqual(await readdir(folder), []);
      const inJapanese = await run(quick, { folder, env: japanese });
      assert.match(inJapanese.stdout, /ステップ 30\/30 {2}損失/);
    });
  });

  test("the same seed gives the same results", async () => {
    const results = async (seed: string): Promise<unknown> => {
      const { stdout, stderr } = await run([...quick, "--seed", seed, "--json"]);
      assert.match(stderr, /step 30\/30/);
      const { seconds, ...rest } = JSON.parse(stdout) as { seconds: number };
      assert.ok(seconds > 0);
      return rest;
    };
    const first = await results("1");
    assert.deepEqual(first, await results("1"));
    assert.notDeepEqual(first, await results("2"));
  });

  test("the model is saved where it was asked for, with PyTorch's names", async () => {
    await inTemporaryFolder(async (folder) => {
      const { stdout } = await run([...quick, "--out", "new/place", "--lang", "en"], { folder });
      assert.match(stdout, /The model is saved in \.\/new\/place\/model\.safetensors/);
      const { tensors } = await loadSafetensors(join(folder, "new/place/model.safetensors"));
      assert.deepEqual([...tensors.keys()].sort(), ["0.bias", "0.weight", "2.bias", "2.weight"]);
    });
  });

  test("nothing is overwritten unasked", async () => {
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, "full"));
      await writeFile(join(folder, "full/x"), "");
      for (const [out, message] of [
        ["full", /^tsumiki: --out: "full" is a folder that is not empty\. Choose another, or add --force\.\n$/],
        ["full/x", /^tsumiki: --out: "full\/x" is a file, but it takes a folder\./],
        ["full/x/y", /is a file, but it takes a folder\./],
        ["x".repeat(300), /^tsumiki: --out: got "x+…" and ENAMETOOLONG/],
      ] as const) {
        const { status, stderr } = await run([...quick, "--out", out], { folder });
        assert.equal(status, 1);
        assert.match(stderr, message);
      }
      assert.equal((await run([...quick, "--out", "full", "--force"], { folder })).status, 0);
      assert.deepEqual((await readdir(join(folder, "full"))).sort(), ["model.safetensors", "x"]);
      const odd = " a b\n積み木 🧱";
      assert.equal((await run([...quick, "--out", odd], { folder })).status, 0);
      assert.equal((await run([...quick, "--out=--dash"], { folder })).status, 0);
      assert.deepEqual((await readdir(folder)).sort(), [odd, "--dash", "full"].sort());
    });
  });

  test("a folder that takes none is an error, not an endless attempt", {
    skip: process.platform !== "linux",
  }, async () => {
    const { status, stderr } = await run([...quick, "--out", "/proc/tsumiki"]);
    assert.equal(status, 1);
    assert.match(stderr, /^tsumiki: --out: got "\/proc\/tsumiki" and ENOENT/);
  });

  test("spirals are told apart, and drawn", async () => {
    const { stdout } = await run(["run", "spirals", "--lang", "en"], { env: { COLUMNS: "40" } });
    const accuracy = Number(/Points on the right side: ([\d.]+)%/.exec(stdout)?.[1]);
    assert.ok(accuracy >= 97, `${accuracy}`);
    for (const line of stdout.split("\n")) assert.ok(/loss/.test(line) || widthOf(line) <= 40, line);
  });
});

describe("start", () => {
  before(() => use("wasm"));

  test("reads digits, shows its mistakes, and saves what it has learned to a folder of its own", async () => {
    await inTemporaryFolder(async (folder) => {
      const { status, stdout, stderr } = await run(["start", "--epochs", "1", "--lang", "en"], { folder });
      assert.equal(status, 0);
      assert.equal(stderr, "");
      assert.match(stdout, /8,000 digits to learn from, 2,000 to test with/);
      assert.ok(Number(/Test accuracy: ([\d.]+)%/.exec(stdout)?.[1]) > 85);
      assert.match(stdout, /Confusion matrix\n.*\n {2}│ {3}0/);
      assert.match(stdout, /is \d, read as \d/);
      assert.match(stdout, /npx tsumiki run spirals/);
      const { tensors } = await loadSafetensors(join(folder, "runs/digits/model.safetensors"));
      assert.deepEqual(tensors.get("conv1.weight")?.shape, [6, 1, 5, 5]);
    });
  });

  test("no epochs are legal, and two starts at once save to different folders", async () => {
    await inTemporaryFolder(async (folder) => {
      const both = [1, 2].map(() => run(["start", "--epochs", "0", "--json"], { folder }));
      for (const { status, stdout } of await Promise.all(both)) {
        assert.equal(status, 0);
        const { results } = JSON.parse(stdout) as { results: { testAccuracy: number } };
        assert.ok(results.testAccuracy < 0.5);
      }
      assert.deepEqual((await readdir(join(folder, "runs"))).sort(), ["digits", "digits-2"]);
    });
  });
});
