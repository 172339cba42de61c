/**
 * Byte-pair encoding (Sennrich et al. 2016) over the bytes of a text, as GPT-2 has it (Radford et al. 2019): no text is
 * unknown, and decoding gives back what was encoded. Bytes stand in the vocabulary as characters that can be printed.
 */
import { FormatError } from "../errors.ts";
import { checkedUtf8 } from "../io/utf8.ts";
import { checkCount, print } from "../tensor/arguments.ts";
import { checkVocabulary, Vocabulary } from "./vocabulary.ts";

/** The character of each byte: its own where that can be seen, one from U+0100 on for the others, in order. */
const letters: readonly string[] = (() => {
  const isSeen = (b: number): boolean => (b > 0x20 && b < 0x7f) || (b > 0xa0 && b !== 0xad);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, b) => String.fromCharCode(isSeen(b) ? b : next++));
})();
const byteOf: ReadonlyMap<string, number> = new Map(letters.map((letter, b) => [letter, b]));

/** What is merged by itself: contractions, words with the space before them, numbers, signs, spaces. */
const pieces = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

export type Merge = readonly [left: string, right: string];

export class BytePairs {
  readonly vocabulary: Vocabulary;
  /** Pairs in the order in which they are merged. */
  readonly merges: readonly Merge[];
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #known: Map<string, readonly number[]> = new Map();

  /** Every byte, and what every merge gives, has to be in the vocabulary. */
  constructor(vocabulary: Vocabulary, merges: readonly Merge[], name = "BytePairs") {
    checkVocabulary(name, vocabulary);
    const missing = letters.find((letter) => !vocabulary.has(letter));
    if (missing !== undefined) {
      const got = `no token for the byte ${byteOf.get(missing)}, ${print(missing)}`;
      throw refuse(name, "BPE_BYTE", got, "a token for each of 256 bytes");
    }
    const ranks = new Map<string, number>();
    for (const [rank, [left, right]] of merges.entries()) {
      const at = `merge ${rank}`;
      const unknown = [left, right, left + right].find((token) => !vocabulary.has(token));
      if (unknown !== undefined) {
        throw refuse(name, "BPE_TOKEN", `the unknown token ${print(unknown)} in ${at}`, "tokens of the vocabulary");
      }
      const pair = `${left} ${right}`;
      if (ranks.has(pair)) throw refuse(name, "BPE_DUP", `${print(pair)} in ${at} again`, "each pair once");
      ranks.set(pair, rank);
    }
    this.vocabulary = vocabulary;
    this.merges = merges.map(([left, right]) => [left, right]);
    this.#ranks = ranks;
  }

  /** Learns merges from a text until there are `size` tokens, or no pair is there twice. Of equals, the first pair wins. */
  static train(text: string, size: number): BytePairs {
    checkCount("BytePairs.train", size, "size", 256);
    const counts = new Map<string, number>();
    for (const piece of text.match(pieces) ?? []) counts.set(piece, (counts.get(piece) ?? 0) + 1);
    const words = [...counts].map(([piece, count]) => ({ tokens: lettersOf(piece), count }));
    const tokens = [...letters];
    const known = new Set(tokens);
    const merges: Merge[] = [];
    while (tokens.length < size) {
      const pairs = new Map<string, number>();
      for (const { tokens, count } of words) {
        for (let i = 1; i < tokens.length; i++) {
          const pair = `${tokens[i - 1]} ${tokens[i]}`;
          pairs.set(pair, (pairs.get(pair) ?? 0) + count);
        }
      }
      let [best, most] = ["", 1];
      for (const [pair, count] of pairs) if (count > most) [best, most] = [pair, count];
      if (most < 2) break;
      const [left, right] = best.split(" ");
      merges.push([left, right]);
      if (!known.has(left + right)) tokens.push(left + right); // "a bc" and "ab c" give one token
      known.add(left + right);
      for (const word of words) word.tokens = joined(word.tokens, left, right);
    }
    return new BytePairs(new Vocabulary(tokens), merges);
  }

  /** The numbers of the tokens of a text. */
  encode(text: string): Int32Array {
    const ids: number[] = [];
    for (const piece of text.match(pieces) ?? []) for (const id of this.#encodePiece(piece)) ids.push(id);
    return Int32Array.from(ids);
  }

  #encodePiece(piece: string): readonly number[] {
    const known = this.#known.get(piece);
    if (known) return known;
    let tokens = lettersOf(piece);
    for (;;) {
      let best = Infinity;
      for (let i = 1; i < tokens.length; i++) {
        best = Math.min(best, this.#ranks.get(`${tokens[i - 1]} ${tokens[i]}`) ?? Infinity);
      }
      if (best === Infinity) break;
      tokens = joined(tokens, ...this.merges[best]);
    }
    const ids = tokens.map((token) => this.vocabulary.id(token));
    if (this.#known.size < 2 ** 16) this.#known.set(piece, ids);
    return ids;
  }

  /** The text of numbers. Bytes that are no UTF-8, as where a character is cut, become U+FFFD. */
  decode(ids: ArrayLike<number>): string {
    const bytes: number[] = [];
    const encoder = new TextEncoder();
    for (const character of this.vocabulary.decode(ids)) {
      const byte = byteOf.get(character);
      if (byte === undefined)
        bytes.push(...encoder.encode(character)); // of a token that was added, such as <|end|>
      else bytes.push(byte);
    }
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  }
}

const lettersOf = (piece: string): string[] => Array.from(new TextEncoder().encode(piece), (byte) => letters[byte]);

function joined(tokens: readonly string[], left: string, right: string): string[] {
  const out: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] !== left || tokens[i + 1] !== right) out.push(tokens[i]);
    else {
      out.push(left + right);
      i++;
    }
  }
  return out;
}

/** Reads the merges of a file such as GPT-2's merges.txt: two tokens on each line, and perhaps a first line with its version. */
export function parseMerges(input: string | Uint8Array, name = "parseMerges"): Merge[] {
  const notUtf8 = (got: string): FormatError => refuse(name, "BPE_UTF8", got, "UTF-8");
  const text = typeof input === "string" ? input : checkedUtf8(input, notUtf8);
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((line, i): Merge[] => {
    if (i === 0 && line.startsWith("#version")) return [];
    const pair = line.split(" ");
    if (pair.length === 2 && pair[0] !== "" && pair[1] !== "") return [[pair[0], pair[1]]];
    throw refuse(name, "BPE_LINE", `${print(line.slice(0, 80))} at line ${i + 1}`, "two tokens with a space between");
  });
}

const refuse = (name: string, code: string, got: string, want: string): FormatError =>
  new FormatError(code, { in: name, got, want, fix: "Take both files from where the model comes from" });
