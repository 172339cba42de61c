/** Tokens and their numbers. */
import { FormatError, IndexError, ValueError } from "../errors.ts";
import { parseJson } from "../io/index.ts";
import { print } from "../tensor/arguments.ts";

/** The tokens that a model knows, each with a number from 0. */
export class Vocabulary {
  /** By number. */
  readonly tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  constructor(tokens: readonly string[], name = "Vocabulary") {
    const ids = new Map<string, number>();
    for (const [id, token] of tokens.entries()) {
      const at = `number ${id}`;
      if (token === "") throw refuse(name, "VOCAB_EMPTY", `an empty token at ${at}`, "tokens of a character or more");
      if (ids.has(token)) {
        throw refuse(name, "VOCAB_DUP", `the token ${print(token)} at ${at} and ${ids.get(token)}`, "each token once");
      }
      ids.set(token, id);
    }
    this.tokens = [...tokens];
    this.#ids = ids;
  }

  /** The characters of a text, sorted by code point. */
  static characters(text: string): Vocabulary {
    return new Vocabulary([...new Set(text)].sort((a, b) => Number(a.codePointAt(0)) - Number(b.codePointAt(0))));
  }

  get size(): number {
    return this.tokens.length;
  }
  has(token: string): boolean {
    return this.#ids.has(token);
  }

  /** The number of a token; `unknown`, if given, of those that are not there. */
  id(token: string, unknown?: string): number {
    const id = this.#ids.get(token) ?? (unknown === undefined ? undefined : this.#ids.get(unknown));
    if (id !== undefined) return id;
    const fix = "Make the vocabulary of more text, or pass a token for unknown ones";
    const want = `one of ${this.size} tokens`;
    throw new IndexError({ in: "Vocabulary.id", got: `the token ${print(token.slice(0, 80))}`, want, fix });
  }
  /** The token of a number. */
  token(id: number): string {
    const token = Number.isInteger(id) ? this.tokens[id] : undefined;
    if (token !== undefined) return token;
    const want = `0 … ${this.size - 1}`;
    throw new IndexError({ in: "Vocabulary.token", got: `the number ${id}`, want, fix: "Check the numbers" });
  }

  /** The numbers of the characters of a text. */
  encode(text: string, unknown?: string): Int32Array {
    return Int32Array.from(text, (character) => this.id(character, unknown));
  }
  /** The tokens of numbers, joined. */
  decode(ids: ArrayLike<number>): string {
    return Array.from(ids, (id) => this.token(id)).join("");
  }
}

/** The greatest number of tokens: far above those in use, and far below what would fill the memory. */
const maxTokens = 2 ** 24;

/** Reads a vocabulary as JSON: an object from tokens to numbers, which have to be 0, 1, …, or an array of tokens. */
export function parseVocabulary(input: string | Uint8Array, name = "parseVocabulary"): Vocabulary {
  const value = parseJson(input, { name });
  const fail = (code: string, got: string, want: string): FormatError => refuse(name, code, got, want);
  if (Array.isArray(value)) {
    const at = value.findIndex((token) => typeof token !== "string");
    if (at >= 0) throw fail("VOCAB_TOKEN", `${print(value[at])} at number ${at}`, "a text");
    return new Vocabulary(value as string[], name);
  }
  if (typeof value !== "object" || value === null) {
    throw fail("VOCAB_TOKEN", `${print(value)} in the place of tokens`, "an object or an array");
  }
  const entries = Object.entries(value);
  if (entries.length > maxTokens) throw fail("VOCAB_ID", `${entries.length} tokens`, `at most ${maxTokens}`);
  const tokens: string[] = new Array(entries.length);
  for (const [token, id] of entries) {
    const got = `number ${print(id)} for the token ${print(token.slice(0, 80))}`;
    const isNumber = typeof id === "number" && Number.isInteger(id) && id >= 0 && id < entries.length;
    if (!isNumber)
      throw fail("VOCAB_ID", got, `whole numbers from 0 to ${entries.length - 1}, for there is to be no gap`);
    if (tokens[id] !== undefined) throw fail("VOCAB_ID", `${got} and for ${print(tokens[id])}`, "each number once");
    tokens[id] = token;
  }
  return new Vocabulary(tokens, name);
}

/** Throws unless a vocabulary is one. */
export function checkVocabulary(op: string, value: unknown): asserts value is Vocabulary {
  if (value instanceof Vocabulary) return;
  throw new ValueError({ in: op, got: print(value), want: "a Vocabulary", fix: "Pass new Vocabulary(tokens)" });
}

const refuse = (name: string, code: string, got: string, want: string): FormatError =>
  new FormatError(code, { in: name, got, want, fix: "Take the file from where the model comes from" });
