/**
 * JSON, read strictly (RFC 8259) and without recursion: a key that is there twice, a number that float64 cannot hold, or a
 * nesting without end is an error with its line and column, where `JSON.parse` keeps the last one, ∞, or runs out of stack.
 */
import { FormatError } from "../errors.ts";
import { checkOptions } from "../tensor/arguments.ts";
import { checkedUtf8 } from "./utf8.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The deepest that arrays and objects may lie in each other. */
const maxDepth = 512;

export interface JsonOptions {
  /** What the messages call the file. */
  readonly name?: string;
}

/** The value of a JSON text, or of its bytes in UTF-8. */
export function parseJson(input: string | Uint8Array, options: JsonOptions = {}): Json {
  checkOptions("parseJson", options, ["name"]);
  const { name = "parseJson" } = options;
  return new Reader(textOf(input, name), name, 1).whole();
}

export interface JsonLines {
  readonly values: readonly Json[];
  /** The line of the file on which each value stands, from 1. */
  readonly lines: readonly number[];
}

/**
 * The values of JSON Lines, one on each line. Lines end with LF or CR LF, and the last one need not; a last line that is cut
 * is an error, so that no example is missing unseen. Empty lines are one as well, but for the end of the file.
 */
export function parseJsonLines(input: string | Uint8Array, options: JsonOptions = {}): JsonLines {
  checkOptions("parseJsonLines", options, ["name"]);
  const { name = "parseJsonLines" } = options;
  const text = textOf(input, name);
  const values: Json[] = [];
  const lines: number[] = [];
  for (let [start, line] = [0, 1]; start < text.length; line++) {
    const feed = text.indexOf("\n", start);
    const end = feed < 0 ? text.length : feed;
    const content = text.slice(start, text[end - 1] === "\r" && end > start ? end - 1 : end);
    values.push(new Reader(content, name, line).whole());
    lines.push(line);
    start = end + 1;
  }
  return { values, lines };
}

function textOf(input: string | Uint8Array, name: string): string {
  const fail = (code: string, got: string, want: string, fix: string): FormatError =>
    new FormatError(code, { in: name, got, want, fix });
  const refuse = (got: string): FormatError => fail("JSON_UTF8", got, "UTF-8", "Save the file as UTF-8");
  const text = typeof input === "string" ? input : checkedUtf8(input, refuse);
  if (!text.startsWith("\ufeff")) return text;
  throw fail("JSON_BOM", "a byte-order mark at line 1", "none", "Save the file as UTF-8 without one");
}

/** An array or object that is not closed yet. */
interface Open {
  readonly value: Json[] | { [key: string]: Json };
  /** The key that the next value belongs to; null in arrays. */
  key: string | null;
}

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /[A-Za-z]+/y;
const words: ReadonlyMap<string, Json> = new Map<string, Json>([
  ["null", null],
  ["true", true],
  ["false", false],
]);

class Reader {
  readonly #text: string;
  readonly #name: string;
  readonly #firstLine: number;
  #at = 0;

  constructor(text: string, name: string, firstLine: number) {
    this.#text = text;
    this.#name = name;
    this.#firstLine = firstLine;
  }

  /** The one value of the text. */
  whole(): Json {
    const value = this.#value();
    this.#match(space);
    if (this.#at < this.#text.length) throw this.#fail("JSON_MORE", this.#here(), "nothing after the value");
    return value;
  }

  #value(): Json {
    const open: Open[] = [];
    for (;;) {
      this.#match(space);
      let value: Json;
      const first = this.#text[this.#at];
      if (first === "[" || first === "{") {
        if (open.length === maxDepth) {
          throw this.#fail("JSON_DEPTH", `more than ${maxDepth} brackets in each other`, `at most ${maxDepth}`);
        }
        this.#at++;
        const next: Open = { value: first === "[" ? [] : {}, key: null };
        this.#match(space);
        if (this.#text[this.#at] !== (first === "[" ? "]" : "}")) {
          if (first === "{") next.key = this.#key(next);
          open.push(next);
          continue;
        }
        this.#at++;
        value = next.value;
      } else value = this.#scalar();

      for (;;) {
        const around = open.at(-1);
        if (!around) return value;
        put(around, value);
        this.#match(space);
        const [isList, mark] = [Array.isArray(around.value), this.#text[this.#at]];
        if (mark === ",") {
          this.#at++;
          if (!isList) around.key = this.#key(around);
          break;
        }
        if (mark !== (isList ? "]" : "}")) {
          throw this.#fail("JSON_SYNTAX", this.#here(), isList ? '"," or "]"' : '"," or "}"');
        }
        this.#at++;
        value = around.value;
        open.pop();
      }
    }
  }

  /** A key that the object has not had, and its colon. */
  #key(object: Open): string {
    this.#match(space);
    if (this.#text[this.#at] !== '"') throw this.#fail("JSON_SYNTAX", this.#here(), "a key in quotes");
    const start = this.#at;
    const key = this.#string();
    if (Object.hasOwn(object.value, key)) {
      this.#at = start;
      throw this.#fail("JSON_DUP", `the key ${JSON.stringify(key.slice(0, 80))} a second time`, "each key once");
    }
    this.#match(space);
    if (this.#text[this.#at] !== ":") throw this.#fail("JSON_SYNTAX", this.#here(), '":"');
    this.#at++;
    return key;
  }

  #scalar(): Json {
    const start = this.#at;
    if (this.#text[start] === '"') return this.#string();
    const name = this.#match(word);
    if (name !== "") {
      const value = words.get(name);
      if (value !== undefined) return value;
      this.#at = start;
      throw this.#fail("JSON_SYNTAX", JSON.stringify(name.slice(0, 80)), "a value of JSON");
    }
    const digits = this.#match(number);
    if (digits === "") throw this.#fail("JSON_SYNTAX", this.#here(), "a value");
    const value = Number(digits);
    this.#at = start;
    if (!Number.isFinite(value)) throw this.#fail("JSON_NUMBER", digits.slice(0, 80), "a number that float64 holds");
    // A long integer is an identifier, which rounding would change.
    if (/^-?\d+$/.test(digits) && !Number.isSafeInteger(value)) {
      throw this.#fail("JSON_NUMBER", digits.slice(0, 80), "integers up to 2⁵³ − 1");
    }
    this.#at += digits.length;
    return value;
  }

  /** A text in quotes: its end is found here, and what stands in it is left to `JSON.parse`, which is strict with that. */
  #string(): string {
    const start = this.#at;
    let end = start + 1;
    for (; this.#text[end] !== '"'; end++) {
      if (end >= this.#text.length) throw this.#fail("JSON_SYNTAX", "a text whose quote is not closed", "one that is");
      if (this.#text[end] === "\\") end++;
    }
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      this.#at = start;
      throw this.#fail("JSON_SYNTAX", "a text with a raw control character or an unknown escape", "escapes of JSON");
    }
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #here(): string {
    if (this.#at >= this.#text.length) return this.#text.trim() === "" ? "nothing" : "a text that ends";
    return JSON.stringify(this.#text[this.#at]);
  }

  #fail(code: string, got: string, want: string): FormatError {
    const before = this.#text.slice(0, this.#at);
    const line = this.#firstLine + before.split("\n").length - 1;
    const column = this.#at - (before.lastIndexOf("\n") + 1) + 1;
    const fix = "Mend the file, or fetch it again";
    return new FormatError(code, { in: this.#name, got: `${got} at line ${line}, column ${column}`, want, fix });
  }
}

function put(into: Open, value: Json): void {
  if (Array.isArray(into.value)) into.value.push(value);
  // A plain assignment to "__proto__" would change what the object is.
  else
    Object.defineProperty(into.value, into.key ?? "", { value, enumerable: true, configurable: true, writable: true });
}
