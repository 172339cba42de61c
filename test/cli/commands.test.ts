import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { sharedFlags } from "../../src/cli/run.ts";
import { widthOf } from "../../src/cli/width.ts";
import { type Experiment, experiments, readLog } from "../../src/experiments/index.ts";
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
    for (const word of [
      "start",
      "lab",
      "list",
      "run <experiment>",
      "verify",
      "export <log>",
      "explain <graph>",
      "devices",
    ]) {
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
      "lab",
      "list",
      "run",
      "verify",
      "export",
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
    assert.equal((await run(["help", "run", "digits"])).stdout, (await run(["run", "digits", "--help"])).stdout);
  });

  test("no heading stands over nothing, and none stands twice", async () => {
    for (const [lang, heading] of [
      ["en", "Flags"],
      ["ja", "フラグ"],
    ]) {
      for (const command of ["start", "lab", "list", "run", "run digits", "verify", "export", "explain", "devices"]) {
        const { stdout } = await run([...command.split(" "), "--help", "--lang", lang]);
        assert.equal(stdout.split("\n").filter((line) => line === heading).length, 1, command);
        assert.match(stdout, new RegExp(`\n${heading}\n +-`), command);
      }
    }
  });

  test("what stands for a name is in the language of the rest", async () => {
    for (const words of [[], ["run", "--help"], ["explain", "--help"], ["export", "--help"], ["list"]]) {
      const { stdout } = await run(words, { env: japanese });
      assert.doesNotMatch(stdout, /<(command|experiment|graph|file|folder|log)>/);
    }
    assert.match((await run(["run", "--help"], { env: japanese })).stdout, /tsumiki run <実験名>/);
  });

  test("that of an experiment tells its question, lanes, presets, claims and settings", async () => {
    const { stdout } = await run(["run", "vanishing-gradient", "--help"]);
    assert.match(stdout, /What part of the gradient/);
    assert.match(stdout, /sigmoid +sigmoid \(activation sigmoid, weights gaussian\)/);
    assert.match(stdout, /What sets lanes apart \(--activation, --weights\)\s+changes\s+only the last, relu,/);
    assert.match(stdout, /works +One that works\./);
    assert.match(stdout, /--depth <n> +Hidden layers\. \(1 … 10, default 8\)/);
    assert.match(
      stdout,
      /--preset <…>[^-]*\(course\s+\|\s+course-narrow\s+\|\s+course-wide\s+\|\s+works\s+\|\s+breaks\)/,
    );
    const { stdout: one } = await run(["run", "digits", "--help"]);
    assert.doesNotMatch(one, /Lanes|the last/);
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
    run: /^tsumiki: run: needs the name of an experiment\. Try "tsumiki list"\.$/,
    "run digts": /Did you mean "digits"\?/,
    "run vanishing": /Did you mean "vanishing-gradient"\?/,
    "run zzz": /^tsumiki: run: there is no "zzz"\. Try "tsumiki list"\.$/,
    "run constructor": /^tsumiki: run: there is no "constructor"/,
    "run digits more": /^tsumiki: got "more"/,
    "run digits --epoch 3": /Did you mean --epochs\?/,
    "run digits --epochs": /needs a value: a whole number from 0 to 1000/,
    "run digits --epochs=": /needs a value/,
    "run digits --epochs 1 --epochs 2": /^tsumiki: --epochs: given twice\.$/,
    "run digits --lr abc": /takes a number from 0 to 10/,
    "run digits --lr 1e999": /takes a number from 0 to 10/,
    "run digits --seed 18446744073709551616": /takes a whole number from 0 to 2\^53 - 1/,
    "run digits --seeds 0": /takes a whole number from 1 to 1000/,
    "run digits --seed 9007199254740991 --seeds 2": /^tsumiki: --seeds: goes beyond 2\^53 - 1/,
    "run digits --seeds 2 --log x": /^tsumiki: --log: takes a single run/,
    "run digits --seeds 2 --csv x": /^tsumiki: --csv: takes a single run/,
    "run digits --log x --csv ./x": /^tsumiki: --log and --csv: take two different files/,
    "run digits --preset work": /takes works \| breaks \| full\. Did you mean works\?/,
    "run vanishing-gradient --activation rel": /takes sigmoid \| relu \| tanh\. Did you mean relu\?/,
    "run digits --depth 3": /^tsumiki: "--depth": there is no such flag here/,
    "run digits --device nope": /takes wasm \| x64 \| reference/,
    "run digits --threads 0": /takes a whole number from 1/,
    "run digits --threads -1": /takes a whole number from 1/,
    "run digits --out --force": /^tsumiki: --out: needs a value/,
    "verify day9": /^tsumiki: verify: there is no "day9"\. Did you mean "day1" or "day2"\?$/,
    "verify digit": /Did you mean "digits"\?/,
    "verify --quick --seeds 2": /^tsumiki: --quick: is --seeds 1/,
    export: /^tsumiki: export: needs a log/,
    "export a b": /^tsumiki: got "b"/,
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
    const { status, stdout, stderr } = await run(["run", "digits", "--lr", "abc", "--json"]);
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
  test("list names every experiment day by day, and gives their settings to programs", async () => {
    const { stdout } = await run(["list"], { env: { COLUMNS: "200" } });
    for (const { id, row, title } of experiments.values()) {
      assert.ok(
        stdout.includes(`${row ?? " "} ${row === null ? "" : " ".repeat(4 - row.length)}${id}  ${title.en}`),
        id,
      );
    }
    assert.ok(stdout.indexOf("Day 2:") < stdout.indexOf(" 2.1 "));
    assert.ok(stdout.indexOf("digits") < stdout.indexOf("Day 2:"));
    assert.match((await run(["list"], { env: japanese })).stdout, /2 日目: /);
    const listed = JSON.parse((await run(["list", "--json"])).stdout) as {
      id: string;
      row: string | null;
      day: string | null;
      params: object;
      lanes: object;
      claims: object;
    }[];
    assert.deepEqual(
      listed.map(({ id }) => id),
      [...experiments.keys()],
    );
    assert.ok("epochs" in listed[0].params);
    const found = listed.find(({ id }) => id === "vanishing-gradient");
    assert.deepEqual([found?.row, found?.day], ["2.1", "day2"]);
    assert.ok(found && "relu" in found.lanes && "vanishes" in found.claims);
  });

  test("no setting of an experiment has the name of a flag of all of them", () => {
    for (const { id, params } of experiments.values()) {
      for (const name of [...Object.keys(sharedFlags), "preset", "version"])
        assert.ok(!(name in params), `${id}.${name}`);
    }
  });

  test("devices tells which there are", async () => {
    const { stdout } = await run(["devices"]);
    assert.match(stdout, /wasm +(default, )?vectors of 4, \d+ threads?, (no )?relaxed SIMD, up to [\d.]+ GiB/);
    const devices = JSON.parse((await run(["devices", "--json"])).stdout) as { name: string; isDefault: boolean }[];
    const everywhere = devices.map(({ name }) => name).filter((name) => name !== "x64"); // which not every machine has
    assert.deepEqual(everywhere, ["wasm", "reference"]);
    const byDefault = devices.filter(({ isDefault }) => isDefault).map(({ name }) => name);
    const asked = process.env["TSUMIKI_DEVICE"];
    assert.deepEqual(byDefault, [asked ?? (devices.some(({ name }) => name === "x64") ? "x64" : "wasm")]);
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

  const quick = ["run", "vanishing-gradient", "--depth", "1", "--width", "8", "--steps", "30"];
  interface Result {
    readonly seed: number;
    readonly step: number;
    readonly seconds: number;
    readonly isInterrupted: boolean;
    readonly lanes: Record<string, { values: Record<string, unknown>; probes: Record<string, { last: unknown }> }>;
    readonly verdicts: Record<string, { outcome: string }>;
  }
  const resultOf = async (...args: string[]): Promise<Result> =>
    JSON.parse((await run([...quick, ...args, "--json"])).stdout) as Result;

  test("shows how far it is and what came out, and saves nothing unasked", async () => {
    await inTemporaryFolder(async (folder) => {
      const { status, stdout, stderr } = await run([...quick, "--lang", "en"], { folder });
      assert.equal(status, 0);
      assert.equal(stderr, "");
      assert.match(
        stdout,
        /^Settings: depth 1, width 8, taper 1, std 0\.01, lr 0\.1, steps 30, seed 1\n {2}sigmoid: activation sigmoid/,
      );
      assert.match(stdout, /\nstep 30\/30 {2}sigmoid: loss \d/);
      assert.match(stdout, /\nloss \(log scale\)\n/);
      assert.match(stdout, /\n +loss +test accuracy\nsigmoid +[\d.]+ +[\d.]+ %\nReLU with He's weights +/);
      assert.match(stdout, /\nlayer 1 +[█▏▎▍▌▋▊▉]+ +[\d.e-]+ +layer 1 +/);
      assert.match(stdout, /\n {2}✗ does not hold {2}In the first step/);
      assert.ok(!stdout.includes("\u001b") && !stdout.includes("\r"));
      assert.deepEqual(await readdir(folder), []);
      const inJapanese = await run(quick, { folder, env: japanese });
      assert.match(inJapanese.stdout, /ステップ 30\/30 {2}シグモイド: 損失/);
      assert.match(inJapanese.stdout, /✗ 成り立たない {2}最初のステップ/);
    });
  });

  test("the same seed gives the same results", async () => {
    const results = async (seed: string): Promise<unknown> => {
      const { seconds, ...rest } = await resultOf("--seed", seed);
      assert.ok(seconds > 0 && !rest.isInterrupted && rest.step === 30);
      return rest;
    };
    const first = await results("1");
    assert.deepEqual(first, await results("1"));
    assert.notDeepEqual(first, await results("2"));
  });

  test("flags hold for all lanes, but what sets lanes apart changes in the last only", async () => {
    const { lanes } = await resultOf("--activation", "tanh", "--lr", "0.2");
    assert.deepEqual([lanes["sigmoid"].values["activation"], lanes["relu"].values["activation"]], ["sigmoid", "tanh"]);
    assert.deepEqual([lanes["sigmoid"].values["lr"], lanes["relu"].values["lr"]], [0.2, 0.2]);
  });

  test("a preset is where settings begin, and flags change it", async () => {
    const { lanes } = JSON.parse(
      (await run(["run", "vanishing-gradient", "--preset", "works", "--steps", "2", "--json"])).stdout,
    ) as Result;
    const { depth, std, steps } = lanes["sigmoid"].values;
    assert.deepEqual([depth, std, steps], [1, 0.1, 2]);
  });

  test("with several seeds, each has its verdicts, and medians and ranges are told", async () => {
    const { status, stdout } = await run([...quick, "--seeds", "3", "--seed", "5"]);
    assert.equal(status, 0);
    assert.match(stdout, /seed 5 \(1\/3\) {2}step 30\/30/);
    for (const seed of [5, 6, 7]) assert.match(stdout, new RegExp(`\nseed ${seed}\n {2}✗ does not hold`));
    assert.match(stdout, /Over 3 seeds\n +median +range\nsigmoid: loss +[\d.]+ +[\d.]+ … [\d.]+\n/);
    assert.match(stdout, /✗ does not hold 3\/3/);
    const { runs, summary } = JSON.parse((await run([...quick, "--seeds", "2", "--json"])).stdout) as {
      runs: Result[];
      summary: { lane: string; probe: string; median: number; least: number; most: number }[];
    };
    const single = await resultOf("--seed", "2");
    assert.deepEqual(runs[1].lanes, single.lanes, "the second of two seeds is a run of its own with that seed");
    const losses = runs.map(({ lanes }) => lanes["relu"].probes["loss"].last as number);
    const found = summary.find(({ lane, probe }) => lane === "relu" && probe === "loss");
    assert.deepEqual(found, {
      ...{ lane: "relu", probe: "loss", median: (losses[0] + losses[1]) / 2 },
      ...{ least: Math.min(...losses), most: Math.max(...losses) },
    });
  });

  test("the models are saved where it was asked for, a file for each lane, with PyTorch's names", async () => {
    await inTemporaryFolder(async (folder) => {
      const { stdout } = await run([...quick, "--out", "new/place", "--lang", "en"], { folder });
      assert.match(stdout, /The model is saved in \.\/new\/place\/sigmoid\.safetensors/);
      assert.deepEqual((await readdir(join(folder, "new/place"))).sort(), ["relu.safetensors", "sigmoid.safetensors"]);
      const { tensors } = await loadSafetensors(join(folder, "new/place/relu.safetensors"));
      assert.deepEqual([...tensors.keys()].sort(), ["0.bias", "0.weight", "2.bias", "2.weight"]);
      await run([...quick, "--out", "seeds", "--seeds", "2"], { folder });
      assert.deepEqual((await readdir(join(folder, "seeds"))).sort(), ["seed-1", "seed-2"]);
    });
  });

  test("nothing is overwritten unasked", async () => {
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, "full"));
      await writeFile(join(folder, "full/x"), "kept");
      for (const [flag, path, message] of [
        [
          "--out",
          "full",
          /^tsumiki: --out: "full" is a folder that is not empty\. Choose another, or add --force\.\n$/,
        ],
        ["--out", "full/x", /^tsumiki: --out: "full\/x" is a file, but it takes a folder\./],
        ["--out", "full/x/y", /is a file, but it takes a folder\./],
        ["--out", "x".repeat(300), /^tsumiki: --out: got "x+…" and ENAMETOOLONG/],
        ["--log", "full/x", /^tsumiki: --log: "full\/x" exists\. Choose another name, or add --force\.\n$/],
        ["--csv", "full/x", /^tsumiki: --csv: "full\/x" exists\./],
        ["--log", "full", /^tsumiki: --log: "full" (exists|is a folder)/],
        ["--log", "full/x/y", /^tsumiki: --log: got "full\/x\/y" and E/],
        ["--csv", "x".repeat(300), /^tsumiki: --csv: got "x+…" and ENAMETOOLONG/],
      ] as const) {
        const { status, stderr } = await run([...quick, flag, path], { folder });
        assert.equal(status, 1, flag + path);
        assert.match(stderr, message);
      }
      assert.equal(await readFile(join(folder, "full/x"), "utf8"), "kept");
      assert.equal((await run([...quick, "--out", "full", "--force"], { folder })).status, 0);
      assert.deepEqual((await readdir(join(folder, "full"))).sort(), ["relu.safetensors", "sigmoid.safetensors", "x"]);
      assert.equal((await run([...quick, "--log", "full/x", "--force"], { folder })).status, 0);
      assert.match(await readFile(join(folder, "full/x"), "utf8"), /^\{"kind":"run"/);
      assert.match((await run([...quick, "--log", "full", "--force"], { folder })).stderr, /"full" is a folder/);
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

  test("a log has a line for each step, and becomes a table, whole or cut", async () => {
    await inTemporaryFolder(async (folder) => {
      const args = ["--log", "logs/a.jsonl", "--csv", "a.csv", "--lang", "en"];
      const { stdout } = await run([...quick, ...args], { folder });
      assert.match(stdout, /The log is in \.\/logs\/a\.jsonl\.\nThe table is in \.\/a\.csv\./);
      const text = await readFile(join(folder, "logs/a.jsonl"), "utf8");
      const log = readLog(text);
      assert.equal(log.header.experiment, "vanishing-gradient");
      assert.deepEqual([log.header.seed, log.header.device, log.header.lanes["relu"]["steps"]], [1, "wasm", 30]);
      assert.deepEqual(
        log.steps.map(({ step }) => step),
        Array.from({ length: 31 }, (_, i) => i),
      );
      assert.equal(log.end?.verdicts["vanishes"].outcome, "fails");
      const { lanes } = await resultOf();
      assert.equal(log.steps[30].lanes["relu"]["loss"], lanes["relu"].probes["loss"].last);

      const { status, stdout: table } = await run(["export", "logs/a.jsonl"], { folder });
      assert.equal(status, 0);
      assert.equal(table, await readFile(join(folder, "a.csv"), "utf8"));
      const rows = table.trimEnd().split("\n");
      assert.equal(rows[0], "step,lane,accuracy,gradient.0,gradient.1,loss");
      assert.equal(rows.length, 1 + 31 * 2);
      assert.match(rows[3], /^1,sigmoid,,[\d.e-]+,[\d.e-]+,[\d.]+$/);

      await writeFile(join(folder, "cut.jsonl"), text.slice(0, text.indexOf('"step":20') + 30));
      const cut = await run(["export", "cut.jsonl", "--csv", "cut.csv", "--lang", "en"], { folder });
      assert.equal(cut.status, 0);
      assert.equal(cut.stderr, "tsumiki: The last line of the log is cut off; it is left out.\n");
      assert.match(await readFile(join(folder, "cut.csv"), "utf8"), /\n19,relu,[^\n]*\n$/);
      assert.equal((await run(["export", "cut.jsonl", "--csv", "cut.csv"], { folder })).status, 1, "it exists");
      assert.equal((await run(["export", "cut.jsonl", "--csv", "cut.csv", "--force"], { folder })).status, 0);

      await writeFile(join(folder, "bad.jsonl"), text.replace('{"kind":"step","step":7', '{"kind":"step","stop":7'));
      const bad = await run(["export", "bad.jsonl"], { folder });
      assert.equal(bad.status, 1);
      assert.equal(bad.stdout, "");
      assert.match(bad.stderr, /^tsumiki: log: got "\{\\"kind\\":\\"step\\",\\"stop\\":7.*on line 9, but it takes/);
      for (const [path, message] of [
        ["none.jsonl", /ENOENT/],
        ["logs", /EISDIR/],
        ["a.csv", /on line 1, but it takes a line of a log/],
      ] as const) {
        const { status, stderr } = await run(["export", path], { folder });
        assert.equal(status, 1);
        assert.match(stderr, message);
      }
    });
  });

  test("in a terminal, curves are redrawn in place while it runs, and its report takes their place", async () => {
    for (const [LANG, words] of [
      ["C", ["loss (log scale)", "step 30/30", "does not hold"]],
      ["ja_JP.UTF-8", ["損失（対数目盛）", "ステップ 30/30", "成り立たない"]],
    ] as const) {
      const esc = "\u001b";
      const { stdout } = await run(quick, { env: { LANG }, terminal: { columns: 80, rows: 24 } });
      const frames = stdout.split("\r").slice(1);
      assert.ok(frames.length >= 2, "at least one that is drawn, and one that clears it");
      // The last frame is cleared from its first line on: nothing of it stays above the report.
      const height = (frames.at(-2) as string).split("\n").length - 1;
      assert.ok((frames.at(-1) as string).startsWith(height > 0 ? `${esc}[${height}A${esc}[J` : `${esc}[J`));
      for (const word of words.filter((word) => !/30\/30/.test(word))) assert.ok(frames.at(-1)?.includes(word), word);
      assert.ok(!frames.at(-1)?.includes(words[1]), "no progress in the report");
      const plain = await run(quick, { env: { LANG, NO_COLOR: "1" }, terminal: { columns: 80, rows: 24 } });
      assert.ok(!new RegExp(`${esc}\\[[0-9;]*m`).test(plain.stdout), "no colours where nobody wants them");
    }
  });

  test("fits a narrow terminal", async () => {
    for (const LANG of ["C", "ja_JP.UTF-8"]) {
      const { stdout } = await run(quick, { env: { COLUMNS: "40", LANG } });
      for (const line of stdout.split("\n")) {
        assert.ok(/^(step|ステップ) /.test(line) || widthOf(line) <= 40, line);
      }
    }
  });
});

describe("verify", () => {
  before(() => use("wasm"));

  test("runs what experiments expect, a line each, and tells programs what it found", async () => {
    const { status, stdout } = await run(["verify", "vanishing-gradient", "--quick"]);
    assert.equal(status, 0);
    assert.match(stdout, /^✓ 2\.1 {2}vanishing-gradient {2}1 seed +[\d.]+ s\n\nAll 1 came out as expected\.\n$/);
    const { stdout: json, stderr } = await run(["verify", "vanishing-gradient", "--seeds", "2", "--json"]);
    assert.match(stderr, /✓ 2\.1/);
    const { isMet, experiments: found } = JSON.parse(json) as {
      isMet: boolean;
      experiments: { id: string; seeds: { seed: number; findings: { what: string; isMet: boolean }[] }[] }[];
    };
    assert.ok(isMet);
    assert.deepEqual(
      found[0].seeds.map(({ seed }) => seed),
      [1, 2],
    );
    assert.ok(found[0].seeds[0].findings.some(({ what }) => what === "relu.accuracy"));
  });

  test("fails where something came out otherwise, or did not run, and says what", async () => {
    const experiment = experiments.get("vanishing-gradient") as Experiment;
    const odd = new Map<string, Experiment>([
      [
        "other",
        { ...experiment, id: "other", expect: { bands: { "relu.accuracy": [2, 3] }, verdicts: { vanishes: "fails" } } },
      ],
      [
        "broken",
        {
          ...experiment,
          id: "broken",
          setup: () => {
            throw new Error("no\nsetup");
          },
        },
      ],
    ]);
    for (const [id, value] of odd) (experiments as Map<string, Experiment>).set(id, value);
    try {
      const { status, stdout } = await run(["verify", "other", "broken", "--quick"], { env: { COLUMNS: "100" } });
      assert.equal(status, 1);
      assert.match(stdout, /^✗ 2\.1 {2}other {3}1 seed/);
      assert.match(stdout, /\n {4}seed 1: relu\.accuracy is 0\.\d+, expected 2 … 3\n/);
      assert.match(stdout, /\n {4}seed 1: vanishes is holds, expected fails\n/);
      assert.match(stdout, /\n✗ 2\.1 {2}broken {2}1 seed.*\n {4}seed 1: failed: no setup\n/);
      assert.match(stdout, /\n0 of 2 came out as expected\.\n$/);
      const inJapanese = await run(["verify", "broken", "--quick"], { env: japanese });
      assert.match(inJapanese.stdout, /シード 1: 実行に失敗しました: no setup/);
    } finally {
      for (const id of odd.keys()) (experiments as Map<string, Experiment>).delete(id);
    }
  });
});

describe("start", () => {
  before(() => use("wasm"));

  test("reads digits, shows its mistakes, and saves what it has learned to a folder of its own", async () => {
    await inTemporaryFolder(async (folder) => {
      const { status, stdout, stderr } = await run(["start", "--epochs", "1", "--no-lab", "--lang", "en"], { folder });
      assert.equal(status, 0);
      assert.equal(stderr, "");
      assert.match(stdout, /Settings: epochs 1, batch-size 64, lr 0\.005, shift 2, data small, seed 1/);
      assert.ok(Number(/\ntest accuracy +([\d.]+) %/.exec(stdout)?.[1]) > 85);
      assert.match(stdout, /\nconfusion matrix\nRows: .*\n {2}│ {3}0/);
      assert.match(stdout, /is \d, read as \d/);
      for (const next of ["list", "run vanishing-gradient", "run digits --lr 0.1", "explain softmax"]) {
        assert.ok(stdout.includes(`npx tsumiki ${next}`), next);
      }
      const { tensors } = await loadSafetensors(join(folder, "runs/digits/model.safetensors"));
      assert.deepEqual(tensors.get("conv1.weight")?.shape, [6, 1, 5, 5]);
    });
  });

  test("no epochs are legal, and two starts at once save to different folders", async () => {
    await inTemporaryFolder(async (folder) => {
      const both = [1, 2].map(() => run(["start", "--epochs", "0", "--json"], { folder }));
      for (const { status, stdout } of await Promise.all(both)) {
        assert.equal(status, 0);
        const { lanes } = JSON.parse(stdout) as { lanes: { lenet: { probes: { testAccuracy: { last: number } } } } };
        assert.ok(lanes.lenet.probes.testAccuracy.last < 0.5);
      }
      assert.deepEqual((await readdir(join(folder, "runs"))).sort(), ["digits", "digits-2"]);
    });
  });
});
