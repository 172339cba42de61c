import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { labels, numbers, parseCsv } from "../../src/data/csv.ts";
import { IndexError, UnsupportedError, ValueError } from "../../src/errors.ts";
import { refusesFile } from "../helpers/format-errors.ts";

/** A table of one column "x". */
const column = (...fields: string[]): ReturnType<typeof parseCsv> => parseCsv(`x\n${fields.join("\n")}\n`);

describe("parseCsv", () => {
  test("quotes, doubled quotes, separators and line ends within them", () => {
    const csv = parseCsv('a,b\r\n1,"x, ""y""\nz"\r\n"",\r\n');
    assert.deepEqual(csv, {
      columns: ["a", "b"],
      rows: [
        ["1", 'x, "y"\nz'],
        ["", ""],
      ],
      lines: [2, 4],
    });
  });

  test("another separator, and no header", () => {
    const csv = parseCsv("1;2\n3;4", { separator: ";", header: false });
    assert.deepEqual(csv, {
      columns: ["0", "1"],
      rows: [
        ["1", "2"],
        ["3", "4"],
      ],
      lines: [1, 2],
    });
  });

  test("lines before the table are passed over, and counted", () => {
    const csv = parseCsv("two columns\n\na,b\n1,x\n", { skip: 2 });
    assert.deepEqual([csv.columns, csv.rows, csv.lines], [["a", "b"], [["1", "x"]], [4]]);
    refusesFile(() => numbers(csv, "b"), "CSV_NUMBER", /line 4/);
    refusesFile(() => parseCsv("1\na,b\n1\n", { skip: 1 }), "CSV_RAGGED", /line 3/);
    for (const text of ["", "1", "1\n"]) refusesFile(() => parseCsv(text, { skip: 1 }), "CSV_EMPTY");
    for (const skip of [-1, 0.5, Number.NaN]) assert.throws(() => parseCsv("a", { skip }), ValueError);
  });

  test("a column may have any name", () => {
    const csv = parseCsv("__proto__,constructor\n1,2");
    assert.deepEqual([...numbers(csv, "__proto__")], [1]);
    assert.throws(() => numbers(csv, "toString"), IndexError);
  });

  test("DATA-10 quotes that are not closed, or stand within or before text", () => {
    refusesFile(() => parseCsv('a,b\n1,"2\n3,4\n'), "CSV_QUOTE", /not closed at line 2, column 3/);
    refusesFile(() => parseCsv('a\n1"2\n'), "CSV_QUOTE", /line 2, column 2/);
    refusesFile(() => parseCsv('a\n"1"2\n'), "CSV_QUOTE", /after a closing quote at line 2, column 4/);
  });

  test("DATA-10 ragged rows, lone carriage returns, NUL, the same column twice", () => {
    refusesFile(() => parseCsv("a,b\n1,2\n3\n"), "CSV_RAGGED", /1 fields in a row that ends at line 3/);
    refusesFile(() => parseCsv("a,b\n1,2,3\n"), "CSV_RAGGED");
    refusesFile(() => parseCsv("a,b\n1,2\n\n"), "CSV_RAGGED");
    refusesFile(() => parseCsv("a\r1\r2"), "CSV_CR", /line 1, column 2/);
    refusesFile(() => parseCsv("a\n1\r"), "CSV_CR");
    refusesFile(() => parseCsv("a\n\0\n"), "CSV_NUL", /line 2, column 1/);
    refusesFile(() => parseCsv('a\n"\n\0"\n'), "CSV_NUL", /line 3, column 1/);
    refusesFile(() => parseCsv("a,b,a\n1,2,3\n"), "CSV_DUP", /"a"/);
  });

  test("DATA-10 an empty file is refused, a header alone is no rows", () => {
    refusesFile(() => parseCsv(""), "CSV_EMPTY");
    refusesFile(() => parseCsv(new Uint8Array(0)), "CSV_EMPTY");
    refusesFile(() => parseCsv("\ufeff"), "CSV_EMPTY");
    for (const text of ["a,b", "a,b\n", "a,b\r\n"]) assert.deepEqual(parseCsv(text).rows, []);
  });

  test("DATA-10 a great many columns, and a very long field", () => {
    const many = Array.from({ length: 1_000_000 }, (_, i) => i).join();
    assert.equal(parseCsv(`${many}\n${many}`).rows[0].length, 1_000_000);
    const long = "x".repeat(100_000_000);
    assert.equal(parseCsv(`a\n"${long}"`).rows[0][0].length, long.length);
    refusesFile(() => parseCsv(`a\n"${long}`), "CSV_QUOTE", /line 2, column 1/);
  });

  test("DATA-18 tables in other formats are refused by name", () => {
    const start = (text: string): Uint8Array => Uint8Array.from(`${text}\0\0\0`, (c) => c.charCodeAt(0));
    for (const [text, says] of [
      ["PAR1", /Parquet/],
      ["ARROW1", /Arrow/],
      ["PK\x03\x04", /zip/],
      ["\x1f\x8b", /gzip.*Unpack/],
    ] as const) {
      assert.throws(
        () => parseCsv(start(text)),
        (error) => error instanceof UnsupportedError && says.test(error.message),
      );
    }
    assert.deepEqual(parseCsv(Uint8Array.from("PAR,a\n1,2", (c) => c.charCodeAt(0))).columns, ["PAR", "a"]);
  });

  test("DATA-14 bytes have to be UTF-8; a byte-order mark is dropped", () => {
    const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
    refusesFile(() => parseCsv(bytes(0x61, 0x0a, 0xc0, 0x80)), "CSV_UTF8", /offset 2/);
    refusesFile(() => parseCsv(bytes(0xff, 0xfe, 0x61, 0x00)), "CSV_UTF8", /offset 0/);
    refusesFile(() => parseCsv(bytes(0x61, 0x0a, 0xe2, 0x82)), "CSV_UTF8", /offset 2/);
    assert.deepEqual(parseCsv(bytes(0xef, 0xbb, 0xbf, 0x61, 0x0a, 0x31)).columns, ["a"]);
    assert.deepEqual(parseCsv("\ufeffa\n1").columns, ["a"]);
    assert.deepEqual(parseCsv("a\n1\u20282").rows, [["1\u20282"]]);
  });
});

describe("columns of numbers", () => {
  test("decimal numbers", () => {
    const fields = ["0", "-1", "+2", "3.5", ".5", "5.", "1e3", "-2.5E-3", "9007199254740991", "1e-400"];
    assert.deepEqual([...numbers(column(...fields), "x")], fields.map(Number));
  });

  test("DATA-12 what is no decimal number is refused with its line", () => {
    const bad = [
      "NaN",
      "inf",
      "Infinity",
      "0x10",
      '"1,5"',
      " 7 ",
      '""',
      "--1",
      "٣",
      "1_000",
      "00012",
      "TRUE",
      ".",
      "1e",
      "e5",
    ];
    for (const field of bad) refusesFile(() => numbers(column("1", field), "x"), "CSV_NUMBER", /line 3, column "x"/);
    refusesFile(() => numbers(column("1e400"), "x"), "CSV_NUMBER", /float64/);
    refusesFile(() => numbers(column("9007199254740993"), "x"), "CSV_NUMBER", /2⁵³/);
  });

  test("DATA-13 missing values are what the caller says, but not all of a column", () => {
    const csv = parseCsv("x,y\n1,\n,\n");
    assert.deepEqual([...numbers(csv, "x", { missing: Number.NaN })], [1, Number.NaN]);
    assert.throws(() => numbers(csv, "y", { missing: 0 }), ValueError);
    refusesFile(() => numbers(csv, "x"), "CSV_NUMBER", /line 3/);
    assert.equal(numbers(parseCsv("x,y"), "x").length, 0);
  });
});

describe("columns of labels", () => {
  test("are numbered in the order of their names", () => {
    assert.deepEqual(labels(column("b", "a", "b"), "x"), { classes: ["a", "b"], indices: Int32Array.of(1, 0, 1) });
  });

  test("DATA-13 a label that only the test set has is an error", () => {
    const { classes } = labels(column("b", "a"), "x");
    assert.deepEqual(labels(column("b"), "x", classes).indices, Int32Array.of(1));
    assert.throws(
      () => labels(column("a", "c"), "x", classes),
      (error) => error instanceof IndexError && /"c" at line 3/.test(error.message),
    );
  });
});
