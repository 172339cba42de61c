import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Flags, nearest, parse, splitFirst, UsageError } from "../../src/cli/arguments.ts";
import { draw } from "../../src/cli/draw.ts";
import { languageOf } from "../../src/cli/language.ts";
import { clock, number, ProgressLine, percent, progressText } from "../../src/cli/progress.ts";
import { type Output, Terminal } from "../../src/cli/terminal.ts";
import { cut, padEnd, widthOf, wrap } from "../../src/cli/width.ts";
import type { Language } from "../../src/experiments/text.ts";
import type { TrainingProgress } from "../../src/train/index.ts";

const help = { en: "", ja: "" };
const flags = {
  epochs: { kind: "integer", min: 0, max: 1000, default: 5, help },
  lr: { kind: "number", min: 0, max: 10, default: 0.1, help },
  batchSize: { kind: "integer", min: 1, max: 100, help },
  device: { kind: "choice", options: ["wasm", "reference"], help },
  out: { kind: "text", placeholder: "<folder>", help },
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
  });
});

class Recorder implements Output {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number;
  readonly #depth: number;

  constructor({ isTTY = false, columns = 80, depth = 1 } = {}) {
    this.isTTY = isTTY;
    this.columns = columns;
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

const progress: TrainingProgress = {
  epoch: 2,
  epochs: 16,
  step: 250,
  steps: 2000,
  loss: 0.123456,
  metrics: { accuracy: 0.97345 },
  lr: 0.01,
  endsEpoch: false,
  samplesPerSecond: 10234.5,
  secondsLeft: 12.3,
};

describe("progress", () => {
  test("is a line with all there is to know", () => {
    const text = progressText(progress, "epoch", terminalOf(new Recorder()), Infinity);
    assert.equal(text, "epoch  2/16  loss 0.1235  acc 97.3%  10,235/s  0:13 left");
    const japanese = progressText(progress, "epoch", terminalOf(new Recorder(), "ja"), Infinity);
    assert.equal(japanese, "エポック  2/16  損失 0.1235  正解率 97.3%  10,235 件/秒  残り 0:13");
    const inSteps = progressText({ ...progress, metrics: {} }, "step", terminalOf(new Recorder()), 30);
    assert.equal(inSteps, "step  2/16  loss 0.1235");
  });

  test("fits every width, and leaves out what matters least", () => {
    for (const language of ["en", "ja"] as const) {
      for (let columns = 20; columns <= 100; columns++) {
        const text = progressText(progress, "epoch", terminalOf(new Recorder(), language), columns);
        assert.ok(widthOf(text) <= columns, `${columns}: ${text}`);
        assert.match(text, /0\.1235/);
      }
    }
    assert.equal(
      progressText(progress, "epoch", terminalOf(new Recorder()), 39),
      "epoch  2/16  loss 0.1235  acc 97.3%",
    );
    assert.match(progressText(progress, "epoch", terminalOf(new Recorder()), 79), /2\/16 {2}━+╌+ {2}loss/);
  });

  test("in a terminal is drawn over, at most ten times a second, and stays after each epoch", () => {
    const output = new Recorder({ isTTY: true });
    let now = 0;
    const line = new ProgressLine(terminalOf(output), () => now);
    for (; now < 1000; now += 10) line.show({ ...progress, step: now }, "epoch");
    assert.equal(output.text.split("\r").length - 1, 10);
    assert.ok(!output.text.includes("\n"));
    line.show({ ...progress, endsEpoch: true }, "epoch");
    assert.ok(output.text.endsWith("\n"));
  });

  test("elsewhere is a plain line for each epoch, and for five seconds", () => {
    const output = new Recorder();
    let now = 0;
    const line = new ProgressLine(terminalOf(output), () => now);
    for (; now < 12_000; now += 100) line.show(progress, "epoch");
    assert.equal(output.text.split("\n").length - 1, 2);
    line.show({ ...progress, endsEpoch: true }, "epoch");
    assert.equal(output.text.split("\n").length - 1, 3);
    assert.ok(!output.text.includes("\r") && !output.text.includes("\u001b"));
  });

  test("of many epochs, only some stay to be seen", () => {
    for (const isTTY of [true, false]) {
      const output = new Recorder({ isTTY });
      const line = new ProgressLine(terminalOf(output), () => 0);
      for (let epoch = 1; epoch <= 200; epoch++)
        line.show({ ...progress, epoch, epochs: 200, endsEpoch: true }, "epoch");
      assert.equal(output.text.split("\n").length - 1, 10);
    }
  });

  test("numbers are as long as they are worth", () => {
    assert.equal(number(2.34567), "2.346");
    assert.equal(number(0.00012345), "1.23e-4");
    assert.equal(number(0), "0.000");
    assert.equal(number(Number.NaN), "NaN");
    assert.equal(percent(0.99996), "99.9%");
    assert.equal(percent(1), "100%");
    assert.equal(clock(3725), "1:02:05");
    assert.equal(clock(Infinity), "–:––");
  });
});

describe("figures", () => {
  const pixels = new Uint8Array(28 * 28).fill(0);
  for (let i = 100; i < 140; i++) pixels[i] = 255;
  const digits = Array.from({ length: 9 }, () => ({ pixels, label: 7, predicted: 1 }));
  const figures = [
    { kind: "digits", rows: 28, cols: 28, digits },
    { kind: "confusion", counts: Array.from({ length: 10 }, (_, i) => Array(10).fill(i === 3 ? 2 : 198)) },
    {
      kind: "map",
      rows: 4,
      cols: 4,
      values: Array.from({ length: 16 }, (_, i) => i / 15),
      points: [{ x: 0, y: 0, label: 1 }],
    },
    {
      kind: "table",
      head: [
        { en: "a", ja: "あ" },
        { en: "b", ja: "b" },
      ],
      rows: [["1", "2"]],
    },
  ] as const;

  test("fit every width, with colours and without", () => {
    for (const figure of figures) {
      for (const depth of [1, 4, 8]) {
        for (let columns = 34; columns <= 120; columns++) {
          const terminal = terminalOf(new Recorder({ isTTY: true, columns, depth }));
          const lines = draw(figure, terminal);
          assert.ok(lines.length > 0);
          for (const line of lines) assert.ok(widthOf(line) < columns, `${figure.kind} at ${columns}: ${line}`);
          if (depth === 1) assert.ok(!lines.join("").includes("\u001b"));
        }
      }
    }
  });

  test("digits have captions below them", () => {
    const lines = draw(figures[0], terminalOf(new Recorder({ columns: 100 })));
    assert.match(lines[12], /^is 7, read as 1 +is 7, read as 1 +is 7, read as 1$/);
    assert.match(draw(figures[0], terminalOf(new Recorder({ columns: 40 })))[7], /^7 → 1 +7 → 1$/);
  });

  test("a confusion matrix that is too wide becomes a list of mistakes", () => {
    const counts = [
      [5, 2, 0],
      [0, 9, 0],
      [1, 0, 4],
    ];
    const wide = Array.from({ length: 10 }, (_, i) =>
      Array.from({ length: 10 }, (_, j) => (i === j ? 200 : (counts[i]?.[j] ?? 0))),
    );
    assert.deepEqual(draw({ kind: "confusion", counts: wide }, terminalOf(new Recorder({ columns: 40 }))), [
      "the most frequent mistakes",
      "0 → 1  2 times",
      "2 → 0  once",
    ]);
    assert.equal(draw({ kind: "confusion", counts }, terminalOf(new Recorder({ columns: 40 }))).at(-3), "0 │ 5 2 ·");
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
