/**
 * The header of a safetensors file: a JSON object that says where each tensor lies. It is scanned here instead of by
 * `JSON.parse`, which keeps the last of two equal keys silently, and rounds integers beyond 2⁵³.
 */
import type { FormatError } from "../errors.ts";

/** A tensor as the header describes it; nothing is checked yet but the grammar and the ranges of the numbers. */
export interface Entry {
  readonly name: string;
  /** The file's name of the type, such as `"F32"`. */
  readonly dtype: string;
  readonly shape: number[];
  /** Offsets in bytes from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/** Makes the error for a broken rule; `got` completes "got …", `want` completes "but it takes …". */
export type Fail = (code: string, got: string, want: string) => FormatError;

/** The limits of a shape, which are those of a tensor. */
export const maxRank: number = 64;
export const maxSize: number = 2 ** 31 - 1;

/** Reads the header's text. Linear in its length, without recursion. */
export function scanHeader(text: string, fail: Fail): { entries: Entry[]; metadata: Map<string, string> } {
  const scan = new Scanner(text, fail);
  const entries: Entry[] = [];
  let metadata: Map<string, string> | undefined;
  const names = new Set<string>();
  scan.object((name) => {
    if (names.has(name)) throw fail("ST_DUP", `two tensors named ${quote(name)}`, "each name once");
    names.add(name);
    if (name === "__metadata__") metadata = scanMetadata(scan, fail);
    else entries.push(scanEntry(scan, name, fail));
  });
  scan.end();
  return { entries, metadata: metadata ?? new Map() };
}

function scanMetadata(scan: Scanner, fail: Fail): Map<string, string> {
  const metadata = new Map<string, string>();
  if (!scan.next("{")) throw fail("ST_METADATA", "a __metadata__ that is no object", "an object of strings");
  scan.object((key) => {
    if (metadata.has(key)) throw fail("ST_DUP", `two metadata keys ${quote(key)}`, "each key once");
    if (!scan.next('"'))
      throw fail("ST_METADATA", `a value of ${quote(key)} that is no string`, "strings in __metadata__");
    metadata.set(key, scan.string());
  });
  return metadata;
}

function scanEntry(scan: Scanner, name: string, fail: Fail): Entry {
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  const once = (key: string, value: unknown): void => {
    if (value !== undefined) throw fail("ST_DUP", `two keys "${key}" in ${quote(name)}`, "each key once");
  };
  scan.object((key) => {
    if (key === "dtype") {
      once(key, dtype);
      dtype = scan.string();
    } else if (key === "shape") {
      once(key, shape);
      shape = scan.integers(maxSize, () => badShape(name, fail));
    } else if (key === "data_offsets") {
      once(key, offsets);
      offsets = scan.integers(Number.MAX_SAFE_INTEGER, () => badOffsets(name, fail));
    } else throw fail("ST_JSON", `the key ${quote(key)} in ${quote(name)}`, "only dtype, shape and data_offsets");
  });
  if (dtype === undefined || !shape || !offsets) {
    throw fail("ST_JSON", `an incomplete entry ${quote(name)}`, "dtype, shape and data_offsets");
  }
  if (shape.length > maxRank) throw badShape(name, fail);
  if (offsets.length !== 2 || offsets[0] > offsets[1]) throw badOffsets(name, fail);
  return { name, dtype, shape, begin: offsets[0], end: offsets[1] };
}

const badShape = (name: string, fail: Fail): FormatError =>
  fail("ST_SHAPE", `an impossible shape of ${quote(name)}`, `at most ${maxRank} sizes from 0 to ${maxSize}`);
const badOffsets = (name: string, fail: Fail): FormatError =>
  fail("ST_OFFSETS", `impossible data_offsets of ${quote(name)}`, "two offsets in the data, in order");

/** A name for a message: escaped, and not longer than a line. */
export const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

/** A position in the text, and the little of JSON's grammar that a header uses. */
class Scanner {
  readonly #text: string;
  readonly #fail: Fail;
  #at = 0;

  constructor(text: string, fail: Fail) {
    this.#text = text;
    this.#fail = fail;
  }

  /** Whether `character` follows the white space. */
  next(character: string): boolean {
    this.#skip();
    return this.#text[this.#at] === character;
  }

  /** `{ "key": value, … }`; `value` is called after each colon and reads what follows. */
  object(value: (key: string) => void): void {
    this.#expect("{");
    if (!this.next("}")) {
      do {
        const key = this.string();
        this.#expect(":");
        value(key);
      } while (this.#take(","));
    }
    this.#expect("}");
  }

  /** `[ 1, 2, … ]`. Throws what `refuse` returns for a number that is no integer from 0 to `most`. */
  integers(most: number, refuse: () => FormatError): number[] {
    const values: number[] = [];
    this.#expect("[");
    if (!this.next("]")) {
      do {
        const value = this.#number();
        if (!(Number.isInteger(value) && value >= 0 && value <= most)) throw refuse();
        values.push(value);
      } while (this.#take(","));
    }
    this.#expect("]");
    return values;
  }

  string(): string {
    this.#expect('"');
    const text = this.#text;
    let result = "";
    let start = this.#at;
    for (let code = 0; code !== 0x22; this.#at++) {
      code = text.charCodeAt(this.#at);
      if (code === 0x5c) {
        result += text.slice(start, this.#at) + this.#escape();
        start = this.#at + 1;
      } else if (!(code >= 0x20)) throw this.#unexpected(); // NaN past the end
    }
    result += text.slice(start, this.#at - 1);
    if (!result.isWellFormed()) throw this.#fail("ST_JSON", "half of a surrogate pair", "whole characters");
    return result;
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected();
  }

  /** The character that the escape at the position stands for; moves to the escape's last character. */
  #escape(): string {
    const letter = this.#text[++this.#at] ?? "";
    const plain = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
    if (Object.hasOwn(plain, letter)) return plain[letter as keyof typeof plain];
    const digits = this.#text.slice(this.#at + 1, this.#at + 5);
    if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) throw this.#unexpected();
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): number {
    this.#skip();
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#text)?.[0];
    if (token === undefined) throw this.#unexpected();
    this.#at += token.length;
    return /^\d+$/.test(token) ? Number(token) : Number.NaN; // 1.0 and 1e2 are no integers here, as in the reference
  }

  #skip(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #take(character: string): boolean {
    if (!this.next(character)) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#unexpected();
  }

  #unexpected(): FormatError {
    const got = this.#at < this.#text.length ? quote(this.#text[this.#at]) : "the end";
    return this.#fail(
      "ST_JSON",
      `${got} at character ${this.#at} of the header`,
      "a JSON object as the format describes",
    );
  }
}
