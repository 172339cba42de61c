/**
 * Comma-separated values, read strictly (RFC 4180): a quote that is not closed, a row of another length or a number that
 * is none is an error with its line and column, where lenient readers give data that is quietly wrong.
 */
import { FormatError, IndexError, UnsupportedError, ValueError } from "../errors.ts";
import { checkedUtf8 } from "../io/utf8.ts";
import { checkCount, checkOptions } from "../tensor/arguments.ts";

export interface Csv {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The line of the file on which each row begins, from 1. */
  readonly lines: readonly number[];
}

export interface CsvOptions {
  /** One character. */
  readonly separator?: string;
  /** Whether the first row names the columns; they are "0", "1", … otherwise. */
  readonly header?: boolean;
  /** How many lines stand before the table. */
  readonly skip?: number;
}

const fail = (code: string, line: number, column: number, got: string, want: string, fix: string): FormatError =>
  new FormatError(code, { in: "parseCsv", got: `${got} at line ${line}, column ${column}`, want, fix });

/** Reads a text, or the bytes of one in UTF-8; a byte-order mark is dropped. Lines end with LF or CR LF. */
export function parseCsv(input: string | Uint8Array, options: CsvOptions = {}): Csv {
  checkOptions("parseCsv", options, ["separator", "header", "skip"], { delimiter: 'Did you mean "separator"?' });
  const { separator = ",", header = true, skip = 0 } = options;
  checkCount("parseCsv", skip, "skip", 0);
  const text = textOf(input);
  let start = 0;
  for (let line = 0; line < skip && start < text.length; line++) start = text.indexOf("\n", start) + 1 || text.length;
  if (start === text.length) {
    const got = skip === 0 ? "an empty file" : `no rows after ${skip} lines`;
    throw fail("CSV_EMPTY", 1 + skip, 1, got, "at least a row", "Check where the file comes from");
  }
  const { rows, lines } = split(text, separator, start, 1 + skip);
  const columns = header ? (rows.shift() as string[]) : rows[0].map((_, i) => String(i));
  if (header) lines.shift();
  const seen = new Set<string>();
  for (const name of columns) {
    if (seen.has(name))
      throw fail("CSV_DUP", 1 + skip, 1, `two columns ${JSON.stringify(name)}`, "each name once", "Rename one");
    seen.add(name);
  }
  return { columns, rows, lines };
}

/** How files begin that hold tables in other formats. */
const others: readonly (readonly [string, string])[] = [
  ["PAR1", "Parquet"],
  ["ARROW1", "Arrow"],
  ["PK\x03\x04", "a spreadsheet or another zip archive"],
  ["\x1f\x8b", "gzip"],
];

function textOf(input: string | Uint8Array): string {
  if (typeof input === "string") return input.replace(/^\ufeff/, "");
  const start = String.fromCharCode(...input.subarray(0, 8));
  const other = others.find(([mark]) => start.startsWith(mark));
  if (other) {
    const fix = other[1] === "gzip" ? "Unpack it first" : "Save it as CSV";
    throw new UnsupportedError({ in: "parseCsv", got: `a file of the format ${other[1]}`, want: "CSV", fix });
  }
  const refuse = (got: string): FormatError =>
    new FormatError("CSV_UTF8", { in: "parseCsv", got, want: "UTF-8", fix: "Save the file as UTF-8" });
  return checkedUtf8(input, refuse).replace(/^\ufeff/, "");
}

const [lineFeed, carriageReturn, quote, nul] = [0x0a, 0x0d, 0x22, 0];

function split(
  text: string,
  separator: string,
  start: number,
  firstLine: number,
): { rows: string[][]; lines: number[] } {
  const rows: string[][] = [];
  const lines: number[] = [];
  const comma = separator.charCodeAt(0);
  let [at, line, lineStart] = [start, firstLine, start];
  const refuse = (code: string, got: string, want: string, fix: string): FormatError =>
    fail(code, line, at - lineStart + 1, got, want, fix);
  const refuseNul = (): FormatError => refuse("CSV_NUL", "a NUL character", "text", "Check that this is a text file");

  const quoted = (): string => {
    const [openLine, openColumn] = [line, at - lineStart + 1];
    let field = "";
    let from = ++at;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      if (Number.isNaN(code)) {
        throw fail(
          "CSV_QUOTE",
          openLine,
          openColumn,
          "a quote that is not closed",
          "one that is",
          "Close it, or double it",
        );
      }
      if (code === nul) throw refuseNul();
      if (code === lineFeed) {
        line++;
        lineStart = at + 1;
      }
      if (code !== quote) continue;
      field += text.slice(from, at);
      from = ++at; // a second quote is the first character of what follows
      if (text.charCodeAt(at) !== quote) return field;
    }
  };
  const plain = (): string => {
    const from = at;
    for (; ; at++) {
      const code = text.charCodeAt(at);
      const isEnd = Number.isNaN(code) || code === comma || code === lineFeed || code === carriageReturn;
      if (isEnd) return text.slice(from, at);
      if (code === quote) throw refuse("CSV_QUOTE", "a quote within a field", "fields quoted whole", "Quote all of it");
      if (code === nul) throw refuseNul();
    }
  };

  while (at < text.length) {
    const row: string[] = [];
    lines.push(line);
    for (;;) {
      row.push(text.charCodeAt(at) === quote ? quoted() : plain());
      if (text.charCodeAt(at) !== comma) break;
      at++;
    }
    if (rows.length > 0 && row.length !== rows[0].length) {
      const got = `${row.length} fields in a row that ends`;
      throw refuse("CSV_RAGGED", got, `${rows[0].length}, as in the first row`, "Mend it, or quote its separators");
    }
    rows.push(row);
    if (text.startsWith("\r\n", at)) at++;
    const end = text.charCodeAt(at);
    if (end === carriageReturn) {
      throw refuse("CSV_CR", "a carriage return without a line feed", "LF or CR LF", "Convert the line ends");
    }
    if (at < text.length && end !== lineFeed) {
      throw refuse("CSV_QUOTE", "text after a closing quote", "a separator or the line's end", "Quote the whole field");
    }
    at++;
    line++;
    lineStart = at;
  }
  return { rows, lines };
}

/** A decimal number as people write them, without the rest of what `Number()` takes: "", "0x10", " 7 ", "Infinity". */
const decimal = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The numbers of a column. An empty field is `missing`, or an error where that is not given. */
export function numbers(csv: Csv, column: string, { missing }: { missing?: number } = {}): Float64Array {
  const at = find(csv, "numbers", column);
  const refuse = (row: number, want: string, fix: string): FormatError => {
    const got = `${JSON.stringify(csv.rows[row][at].slice(0, 80))} at line ${csv.lines[row]}, column ${JSON.stringify(column)}`;
    return new FormatError("CSV_NUMBER", { in: "numbers", got, want, fix });
  };
  let count = 0;
  const values = Float64Array.from(csv.rows, (fields, row) => {
    const field = fields[at];
    if (field === "" && missing !== undefined) return missing;
    if (!decimal.test(field)) throw refuse(row, "a decimal number", "Mend it, or pass a value for missing ones");
    const value = Number(field);
    if (!Number.isFinite(value)) throw refuse(row, "a number that float64 holds", "Scale the column");
    // A long integer is an identifier, which rounding would change.
    if (/^[+-]?\d+$/.test(field) && !Number.isSafeInteger(value))
      throw refuse(row, "integers up to 2⁵³ − 1", "Read it as text");
    count++;
    return value;
  });
  if (count === 0 && values.length > 0) {
    const got = `a column ${JSON.stringify(column)} without any number`;
    throw new ValueError({ in: "numbers", got, want: "at least one", fix: "Leave the column out" });
  }
  return values;
}

/** The classes of a column of labels, and which one each row has. */
export interface Labels {
  /** Sorted by code point, unless they were given. */
  readonly classes: readonly string[];
  readonly indices: Int32Array;
}

/** Numbers the labels of a column. Pass the classes of the training set for a test set: a label that is not among them is an error. */
export function labels(csv: Csv, column: string, classes?: readonly string[]): Labels {
  const at = find(csv, "labels", column);
  const names = classes ?? [...new Set(csv.rows.map((row) => row[at]))].sort();
  const numbered = new Map(names.map((name, i) => [name, i]));
  const indices = Int32Array.from(csv.rows, (fields, row) => {
    const index = numbered.get(fields[at]);
    if (index !== undefined) return index;
    const got = `${JSON.stringify(fields[at].slice(0, 80))} at line ${csv.lines[row]}, column ${JSON.stringify(column)}`;
    throw new IndexError({
      in: "labels",
      got,
      want: `one of ${names.length} classes`,
      fix: "Add it to the training set",
    });
  });
  return { classes: names, indices };
}

function find(csv: Csv, operation: string, column: string): number {
  const at = csv.columns.indexOf(column);
  if (at >= 0) return at;
  const want = csv.columns
    .slice(0, 20)
    .map((name) => JSON.stringify(name))
    .join(", ");
  throw new IndexError({ in: operation, got: `the column ${JSON.stringify(column)}`, want, fix: "Name one of these" });
}
