import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { type Flags, nearby, nearest, parse, splitFirst, UsageError } from "../../src/cli/arguments.ts";
import { chart } from "../../src/cli/draw/chart.ts";
import { figure } from "../../src/cli/draw/figure.ts";
import { languageOf } from "../../src/cli/language.ts";
import { block, Live, plainLine } from "../../src/cli/live.ts";
import { clock, median, number, percent, scalar } from "../../src/cli/numbers.ts";
import { printReport } from "../../src/cli/report.ts";
import { type Output, Terminal } from "../../src/cli/terminal.ts";
import { cut, padEnd, widthOf, wrap } from "../../src/cli/width.ts";
import { packaged } from "../../src/experiments/data.ts";
import type { Form, Probe, Reading } from "../../src/experiments/probe.ts";
import { Run } from "../../src/experiments/run.ts";
import type { Language } from "../../src/experiments/text.ts";
import { use } from "../helpers/devices.ts";
import { breaking, gallery, walk } from "../helpers/experiments.ts";

const help = { en: "", ja: "" };
const flags = {
  epochs: { kind: "integer", min: 0, max: 1000, default: 5, help },
  lr: { kind: "number", min: 0, max: 10, default: 0.1, help },
  batchSize: { kind: "integer", min: 1, max: 100, help },
  device: { kind: "choice", options: ["wasm", "reference"], help },
  out: { kind: "text", placeholder: { en: "<folder>", ja: "<フォルダー>" }, help },
  points: { kind: "list", min: -1, max: 9, help },
  json: { kind: "switch", help },
  help: { kind: "switch", short: "h", help },
} as const satisfies Flags;

describe("arguments", () => {
  test("are read by their flags, and what is not there is what it is by default", () => {
    const { words, flags: values } = parse(["a", "--epochs=7", "b", "--batch-size", "8", "--json", "-h"], flags);
    assert.deepEqual(words, ["a", "b"]);
    assert.equal(values.epochs, 7);
    assert.equal(values.batchSize, 8);
    assert.equal(values.lr, 0.1);
    assert.equal(values.device, undefined);
    assert.ok(values.json && values.help);
    assert.equal(parse(["--lr", "1e-3"], flags).flags.lr, 0.001);
    assert.equal(parse(["--lr", ".5"], flags).flags.lr, 0.5);
    assert.deepEqual(parse(["--points", "-1,0.5, 2e0"], flags).flags.points, [-1, 0.5, 2]);
    assert.deepEqual(parse(["--points=3"], flags).flags.points, [3]);
    assert.equal(parse([], flags).flags.points, undefined);
  });

  const refused: Record<string, readonly [readonly string[], RegExp]> = {
    "an unknown flag": [["--epoch", "3"], /^"--epoch": there is no such flag here\. Did you mean --epochs\?$/],
    "an unknown flag like none": [["--zzz"], /^"--zzz": there is no such flag here\. Try --help\.$/],
    "an unknown short flag": [["-x"], /^"-x": there is no such flag/],
    "a flag twice": [["--lr", "1", "--lr", "2"], /^--lr: given twice\.$/],
    "an empty value": [["--epochs="], /^--epochs: needs a value: a whole number from 0 to 1000\.$/],
    "no value": [["--epochs"], /^--epochs: needs a value/],
    "a flag in place of a value": [["--epochs", "--json"], /^--epochs: needs a value/],
    "a value of a switch": [["--json=yes"], /^--json: takes no value\.$/],
    "-- alone": [["--"], /^got "--", which has no meaning here/],
    "-- before words": [["--", "x"], /^got "--"/],
    "no number": [["--lr", "abc"], /^--lr: got "abc", but it takes a number from 0 to 10\.$/],
    "a number that is infinite": [["--lr", "1e999"], /^--lr: got "1e999"/],
    NaN: [["--lr", "NaN"], /^--lr: got "NaN"/],
    "a negative number": [["--lr", "-1"], /^--lr: got "-1"/],
    hexadecimals: [["--epochs", "0x10"], /^--epochs: got "0x10"/],
    "a comma": [["--lr", "1,5"], /^--lr: got "1,5"/],
    spaces: [["--lr", " 1"], /^--lr: got " 1"/],
    "a part of an epoch": [["--epochs", "1.5"], /^--epochs: got "1.5", but it takes a whole number from 0 to 1000\.$/],
    "negative epochs": [["--epochs", "-1"], /^--epochs: got "-1"/],
    "too many epochs": [["--epochs", "1e12"], /^--epochs: got "1e12"/],
    "a list with nothing between commas": [
      ["--points", "1,,2"],
      /^--points: got "1,,2", but it takes numbers from -1 to 9/,
    ],
    "a list with a number out of range": [["--points", "1,10"], /with commas between them\.$/],
    "a list with NaN": [["--points", "1,NaN"], /^--points: got/],
    "a flag in place of a text": [["--out", "--json"], /^--out: needs a value: <folder>\.$/],
    "a choice that is none": [["--device", "was"], /takes wasm \| reference\. Did you mean wasm\?$/],
    "an empty text": [["--out", ""], /^--out: needs a value: <folder>\.$/],
  };
  for (const [name, [args, message]] of Object.entries(refused)) {
    test(`refuse ${name}, in both languages`, () => {
      assert.throws(
        () => parse(args, flags),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.text.en, message);
          assert.ok(!error.text.ja.includes("\n") && /[ぁ-ん]/.test(error.text.ja), error.text.ja);
          return true;
        },
      );
    });
  }

  test("a text may begin with a dash", () => {
    assert.equal(parse(["--out=--x"], flags).flags.out, "--x");
    assert.equal(parse(["--out", "-x y\n"], flags).flags.out, "-x y\n");
  });

  test("the first word is found behind flags and their values", () => {
    assert.deepEqual(splitFirst(["--lr", "3", "digits", "--json"], flags), {
      first: "digits",
      rest: ["--lr", "3", "--json"],
    });
    assert.equal(splitFirst(["--json"], flags).first, undefined);
  });

  test("the nearest name is guessed, unless none is near", () => {
    const names = ["start", "list", "run", "explain", "devices"];
    assert.equal(nearest("strat", names), "start");
    assert.equal(nearest("LIST", names), "list");
    assert.equal(nearest("exp", names), "explain");
    assert.equal(nearest("device", names), "devices");
    assert.equal(nearest("rm", names), undefined);
    assert.equal(nearest("", names), undefined);
    const ids = ["vanishing-gradient", "gradient-descent", "momentum"];
    assert.deepEqual(nearby("gradient", ids), ["gradient-descent", "vanishing-gradient"]);
    assert.deepEqual(nearby("momentun", ids), ["momentum"]);
    assert.deepEqual(nearby("xx", ids), []);
  });
});

test("the language is that of the locale", () => {
  assert.equal(languageOf({ LANG: "ja_JP.UTF-8" }), "ja");
  assert.equal(languageOf({ LANG: "ja_JP.UTF-8", LC_ALL: "C" }), "en");
  assert.equal(languageOf({ LANG: "en_US.UTF-8", LC_ALL: "ja_JP.eucJP" }), "ja");
  assert.equal(languageOf({ LANG: "jam_JM" }), "en");
  assert.equal(languageOf({ LC_ALL: "" }), "en");
});

describe("widths", () => {
  test("Japanese characters take two columns, colours none", () => {
    assert.equal(widthOf("積み木"), 6);
    assert.equal(widthOf("Tsumiki（積）"), 13);
    assert.equal(widthOf("\u001b[31mred\u001b[0m ━▀"), 6);
    assert.equal(padEnd("積", 4), "積  ");
    assert.equal(cut("積み木", 5), "積み");
  });

  test("lines are broken at spaces, and in Japanese between words", () => {
    assert.deepEqual(wrap("one two three", 8), ["one two", "three"]);
    assert.deepEqual(wrap("anextremelylongword a", 5), ["anextremelylongword", "a"]);
    const lines = wrap(
      "直線では分けられない 2 つの渦巻きを、小さな隠れ層 2 つのネットワークで分けられるでしょうか？",
      20,
    );
    for (const line of lines) {
      assert.ok(widthOf(line) <= 20, line);
      assert.ok(!/^[、。？）]/.test(line), line);
    }
    assert.equal(lines.join("").replaceAll(" ", "").length, 45);
    assert.deepEqual(wrap("設定（--way）は -0.5 です", 12), ["設定", "（--way）は", "-0.5 です"], "flags stay whole");
    assert.deepEqual(wrap("表示は vanishing-gradient で", 12).slice(1, 2), ["vanishing-gradient"]);
  });
});

class Recorder implements Output {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
  readonly #depth: number;

  constructor({ isTTY = false, columns = 80, rows = 24, depth = 1 } = {}) {
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
    this.#depth = depth;
  }
  write(text: string): void {
    this.text += text;
  }
  getColorDepth(): number {
    return this.#depth;
  }
}
const terminalOf = (output: Output, language: Language = "en", env = {}): Terminal =>
  new Terminal(output, env, language);

/** A run of the walk, as far as `steps`. */
async function walked(steps: number): Promise<Run> {
  const run = await Run.start(walk, { seed: 1, data: packaged });
  while (run.step < steps) await run.next();
  return run;
}

describe("a run that goes on", () => {
  before(() => use("wasm"));

  test("is a block that fits every terminal, with curves where they have room", async () => {
    const run = await walked(12);
    for (const language of ["en", "ja"] as const) {
      for (const depth of [1, 4, 8]) {
        for (let columns = 20; columns <= 100; columns++) {
          const lines = block(run, terminalOf(new Recorder({ isTTY: true, columns, depth }), language), 61);
          for (const line of lines) assert.ok(widthOf(line) < columns, `${columns}: ${line}`);
          assert.match(lines.at(-1) ?? "", /12\/20/);
          if (depth === 1) assert.ok(!lines.join("").includes("\u001b"));
        }
      }
    }
    const lines = block(run, terminalOf(new Recorder({ isTTY: true, columns: 80 })), 61);
    assert.match(lines[0], /^place +error \(log scale\)$/, "two charts beside each other, each with its scale");
    assert.equal(lines.filter((line) => /[\u2800-\u28ff]/.test(line)).length > 4, true);
    assert.match(lines.at(-3) ?? "", /^⠤⠤⠤⠤ plain {2}place -?[\d.]+ {2}error [\d.]+$/);
    assert.match(lines.at(-2) ?? "", /^⠤⠤ ⠤ drawing more/, "lanes differ in their lines, not in colours alone");
    assert.match(lines.at(-1) ?? "", /^step 12\/20 {2}━+╌+ {2}1:01 left$/);
    assert.doesNotMatch(lines.join(), /a look/, "what was measured only before the first step is not what was reached");
    const low = block(run, terminalOf(new Recorder({ isTTY: true, columns: 80, rows: 7 })), null);
    assert.equal(low.length, 3, "no curves where there are no lines for them");
  });

  test("is redrawn in place, at most ten times a second", async () => {
    const output = new Recorder({ isTTY: true });
    const terminal = terminalOf(output);
    let now = 0;
    const live = new Live(terminal, "", () => now);
    const run = await walked(0);
    let [drawn, lines] = [0, 0];
    while (run.step < 19) {
      await run.next();
      now += 30;
      output.text = "";
      live.show(run);
      if (output.text === "") continue;
      drawn++;
      assert.ok(output.text.startsWith(lines > 0 ? `\r\u001b[${lines}A` : "\r"));
      assert.ok(output.text.endsWith("\u001b[J") && !output.text.endsWith("\n"));
      lines = output.text.split("\n").length - 1;
    }
    assert.equal(drawn, 5, "570 ms");
    output.text = "";
    terminal.print("after");
    assert.equal(output.text, `\r\u001b[${lines}A\u001b[Jafter\n`, "what follows takes its place");
  });

  test("elsewhere is a plain line for its first step and its last, and every two seconds", async () => {
    const output = new Recorder();
    let now = 0;
    const live = new Live(terminalOf(output), "seed 7", () => now);
    const run = await walked(0);
    while (!run.isDone) {
      await run.next();
      live.show(run);
      now += 500;
    }
    const lines = output.text.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => /^seed 7 {2}step +(\d+)\/20/.exec(line)?.[1]),
      ["1", "5", "9", "13", "17", "20"],
    );
    assert.ok(!output.text.includes("\r") && !output.text.includes("\u001b"));
    assert.match(lines[5], /^seed 7 {2}step 20\/20 {2}plain: place -?[\d.]+ error [\d.]+ {2}drawing more: place/);
    assert.match(plainLine(run, terminalOf(output, "ja"), 5), /^ステップ 20\/20 {2}plain の: place の/);
  });
});

describe("a run that is over", () => {
  before(() => use("wasm"));

  test("is told with its numbers, pictures and verdicts, in every width", async () => {
    const run = await walked(20);
    for (const language of ["en", "ja"] as const) {
      for (const columns of [40, 80, 100]) {
        const output = new Recorder({ columns });
        printReport(run, true, terminalOf(output, language));
        for (const line of output.text.split("\n")) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
        assert.match(output.text, language === "en" ? /✓ holds {2}it was drawn/ : /✓ 成り立つ/);
      }
    }
    const output = new Recorder();
    printReport(run, true, terminalOf(output));
    assert.match(output.text, /\n +place +error +a look\nplain +-?[\d.]+ +[\d.]+ +[\d.]+ %\ndrawing more /);
    assert.match(output.text, /\nparts \(log scale\)\nplain +drawing more\none +[█▏▎▍▌▋▊▉]+ +[\d.e-]+ +one /);
    const stopped = new Recorder();
    printReport(run, false, terminalOf(stopped));
    assert.match(stopped.text, /plain/);
    assert.doesNotMatch(stopped.text, /holds|parts/, "a run that was stopped has no verdicts");
  });

  test("says where a lane diverged", async () => {
    const run = await Run.start(breaking, { seed: 1, data: packaged });
    while (await run.next());
    const output = new Recorder({ columns: 100 });
    printReport(run, true, terminalOf(output));
    assert.match(output.text, /✗ It diverged at step 4: loss is not finite, first in the parameter weight\./);
    const japanese = new Recorder({ columns: 100 });
    printReport(run, true, terminalOf(japanese, "ja"));
    assert.match(japanese.text, /✗ 4 ステップで発散しました（loss のが有限の値でなくなりました。入力側から見て/);
    assert.match(block(run, terminalOf(new Recorder({ isTTY: true })), null).join("\n"), /✗ diverged at step 4/);
  });
});

test("numbers are as long as they are worth", () => {
  assert.equal(number(2.34567), "2.346");
  assert.equal(number(-2.34567), "-2.346");
  assert.equal(number(0.00012345), "1.23e-4");
  assert.equal(number(12345678), "1.23e7");
  assert.equal(number(0), "0.000");
  assert.equal(number(Number.NaN), "NaN");
  assert.equal(percent(0.99996), "99.9 %");
  assert.equal(percent(1), "100 %");
  assert.equal(percent(0.99999994), "100 %", "a sum in float32");
  assert.equal(percent(69_999 / 70_000), "99.9 %");
  assert.equal(percent(0), "0.0 %");
  assert.equal(percent(0.00001), "1e-3 %");
  assert.equal(percent(1.5), "1.500");
  assert.equal(scalar("count", 1234), "1,234");
  assert.equal(clock(3725), "1:02:05");
  assert.equal(clock(Infinity), "–:––");
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});

describe("figures", () => {
  const kinds: Record<Form, Probe["kind"]> = {
    scalar: "probability",
    bars: "magnitude",
    curves: "signed",
    map: "probability",
    matrix: "signed",
    images: "probability",
    histograms: "count",
    table: "signed",
  };
  const probeOf = (form: Form, kind = kinds[form]): Probe => ({ form, kind, label: help });
  const drawn = (form: Form, output: Recorder, reading: Reading = gallery[form], kind = kinds[form]): string[] =>
    figure(probeOf(form, kind), [{ name: "lane", reading }], terminalOf(output));

  test("of every form fit every width, with colours and without, for one lane and for two", () => {
    for (const form of Object.keys(gallery) as Form[]) {
      for (const depth of [1, 4, 8]) {
        for (let columns = 34; columns <= 120; columns++) {
          const terminal = terminalOf(new Recorder({ isTTY: true, columns, depth }));
          for (const lanes of [1, 2]) {
            const shown = Array.from({ length: lanes }, (_, i) => ({ name: `lane ${i}`, reading: gallery[form] }));
            const lines = figure(probeOf(form), shown, terminal);
            assert.ok(lines.length > 0, form);
            for (const line of lines) assert.ok(widthOf(line) < columns, `${form} at ${columns}: ${line}`);
            if (depth === 1) assert.ok(!lines.join("").includes("\u001b"));
            if (lanes === 2 && form !== "scalar") assert.ok(lines.join("\n").includes("lane 1"), form);
          }
        }
      }
    }
  });

  test("magnitudes are bars by their powers of ten, and 0 is none", () => {
    const [first, second, third] = drawn("bars", new Recorder({ columns: 60 }));
    assert.match(first, /^first +▏ +1\.0e-9$/);
    assert.match(second, /^second +█+ +3\.4$/);
    assert.match(third, /^third +0$/);
    const values = [1, 1e-3, 1e-6];
    const lengths = drawn("bars", new Recorder({ columns: 60 }), { names: ["a", "b", "c"], values }).map(
      (line) => line.split("█").length - 1,
    );
    assert.ok(Math.abs(lengths[1] - lengths[0] / 2) <= 1, `${lengths}`);
  });

  test("signed numbers go both ways from the middle", () => {
    const reading = { names: ["a", "b"], values: [-2, 1] };
    const [a, b] = drawn("bars", new Recorder({ columns: 40 }), reading, "signed");
    assert.match(a, /^a {2}█+│ +-2$/);
    assert.match(b, /^b {2,}│█+ +1$/);
    assert.ok(Math.abs(a.split("█").length - 1 - 2 * (b.split("█").length - 1)) <= 1);
  });

  test("images have captions below them", () => {
    assert.match(
      drawn("images", new Recorder({ columns: 100 }))[12],
      /^is 7, read as 1 +is 7, read as 1 +is 7, read as 1$/,
    );
    const narrow = drawn("images", new Recorder({ columns: 40 })).slice(-2);
    assert.deepEqual(narrow, ["is 7,      is 7,      is 7,", "read as 1  read as 1  read as 1"]);
  });

  test("a confusion matrix that is too wide becomes a list of mistakes", () => {
    const counts = [
      [5, 2, 0],
      [0, 9, 0],
      [1, 0, 4],
    ];
    const matrixOf = (rows: readonly (readonly number[])[]): Reading => {
      const names = rows.map((_, i) => String(i));
      return { rows: rows.length, cols: rows.length, values: rows.flat(), rowNames: names, colNames: names };
    };
    const wide = Array.from({ length: 10 }, (_, i) =>
      Array.from({ length: 10 }, (_, j) => (i === j ? 200 : (counts[i]?.[j] ?? 0))),
    );
    assert.deepEqual(drawn("matrix", new Recorder({ columns: 40 }), matrixOf(wide), "count"), [
      "the most frequent mistakes",
      "0 → 1  2 times",
      "2 → 0  once",
    ]);
    assert.equal(drawn("matrix", new Recorder({ columns: 40 }), matrixOf(counts), "count").at(-3), "0 │ 5 2 ·");
  });

  test("a large matrix is shaded, and says what the shades are", () => {
    const values = Array.from({ length: 100 * 100 }, (_, i) => i - 5000);
    const lines = drawn("matrix", new Recorder({ columns: 80 }), { rows: 100, cols: 100, values }, "signed");
    assert.ok(lines.length <= 51);
    assert.equal(lines.at(-1), "-5,000 … 5,000");
  });

  test("points and paths lie on a map where they are", () => {
    const lines = drawn("map", new Recorder({ columns: 41 }));
    assert.equal(lines[10].indexOf("x"), 20, "the middle");
    assert.ok(lines[19].startsWith("·") && lines[0].endsWith("·"), "the path from corner to corner");
    assert.equal(lines.at(-1), "x -1 … 1   y -1 … 1   0 … 1");
  });

  test("curves are on a scale of their kind, with what its ends are", () => {
    const terminal = terminalOf(new Recorder({ columns: 80 }));
    const curve = { n: 0, x: [0, 1, 2], y: [1e-4, 1e-2, 1] };
    const rows = 5;
    const log = chart([curve], { kind: "magnitude", columns: 26, rows }, terminal);
    assert.ok(log[0].startsWith("     1┤") && log[4].startsWith("1.0e-4┤"), log.join("\n"));
    assert.match(log[5], /^ +0 +2$/);
    // The middle of the curve is in the middle of a logarithmic scale, and at the bottom of a linear one.
    assert.notEqual(log[2].slice(7).trim(), "");
    const plain = chart([curve], { kind: "signed", columns: 26, rows }, terminal);
    assert.equal(plain[3].slice(7, 15).trim(), "");
    assert.equal(chart([curve], { kind: "probability", columns: 26, rows }, terminal)[4].slice(0, 2), "0┤");
  });
});

describe("a terminal", () => {
  test("has no colours where nobody wants them", () => {
    const output = new Recorder({ isTTY: true, depth: 8 });
    assert.equal(terminalOf(output).colorDepth, 8);
    assert.equal(terminalOf(output, "en", { NO_COLOR: "1" }).colorDepth, 1);
    assert.equal(terminalOf(output, "en", { TERM: "dumb" }).colorDepth, 1);
    assert.ok(!terminalOf(output, "en", { TERM: "dumb" }).isLive);
    assert.equal(terminalOf(new Recorder({ depth: 8 })).colorDepth, 1);
  });

  test("is as wide as it says, within reason", () => {
    assert.equal(terminalOf({ write: () => {} }, "en", { COLUMNS: "0" }).columns, 80);
    assert.equal(terminalOf({ write: () => {} }, "en", { COLUMNS: "x" }).columns, 80);
    assert.equal(terminalOf({ write: () => {} }, "en", { COLUMNS: "40" }).columns, 40);
    assert.equal(terminalOf(new Recorder({ columns: 10_000 })).columns, 100);
    assert.equal(terminalOf(new Recorder({ columns: 3 })).columns, 20);
  });
});
