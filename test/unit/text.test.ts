/** Texts, vocabularies and byte-pair encoding. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { IndexError, ValueError } from "../../src/errors.ts";
import { BytePairs, type Merge, parseMerges, parseText, parseVocabulary, Vocabulary } from "../../src/text/index.ts";
import { refusesFile } from "../helpers/format-errors.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("parseText", () => {
  test("DATA-14 a byte-order mark is dropped, CR LF becomes LF, other characters stay, and no final newline is none", () => {
    assert.equal(parseText(utf8("\ufeffあ\r\nb\rc\u2028d\n\ufeff")), "あ\nb\rc\u2028d\n\ufeff");
    assert.equal(parseText(utf8("a\nb")), "a\nb");
  });

  test("DATA-14 what is no text in UTF-8 is refused with its offset", () => {
    refusesFile(() => parseText(Uint8Array.of(0x61, 0xc0, 0x80)), "TEXT_UTF8", /offset 1/);
    refusesFile(() => parseText(Uint8Array.of(0x61, 0xe3, 0x81)), "TEXT_UTF8", /offset 1/);
    refusesFile(() => parseText(Uint8Array.of(0x61, 0xed, 0xa0, 0x80)), "TEXT_UTF8", /offset 1/);
    refusesFile(() => parseText(Uint8Array.of(0xff, 0xfe, 0x61, 0)), "TEXT_UTF8", /UTF-16, by the mark at offset 0/);
    refusesFile(() => parseText(Uint8Array.of(0xfe, 0xff, 0, 0x61)), "TEXT_UTF8", /UTF-16/);
    refusesFile(() => parseText(utf8("ab\0c")), "TEXT_NUL", /offset 2/);
    refusesFile(() => parseText(new Uint8Array(0)), "TEXT_EMPTY", /empty file at offset 0/);
    refusesFile(() => parseText(utf8("\ufeff \n\t\r\n")), "TEXT_EMPTY", /white space from offset 0/);
  });
});

describe("Vocabulary", () => {
  test("characters and back, with one for what is unknown", () => {
    const vocabulary = Vocabulary.characters("hello 😀");
    assert.deepEqual(vocabulary.tokens, [" ", "e", "h", "l", "o", "😀"]);
    assert.deepEqual([...vocabulary.encode("ho😀")], [2, 4, 5]);
    assert.equal(vocabulary.decode([2, 4, 5]), "ho😀");
    assert.deepEqual([...vocabulary.encode("hx", " ")], [2, 0]);
    assert.throws(() => vocabulary.encode("hx"), IndexError);
    assert.throws(() => vocabulary.encode("hx", "?"), IndexError);
    for (const id of [-1, 6, 0.5, NaN]) assert.throws(() => vocabulary.decode([id]), IndexError);
  });

  test("from a file, in whatever order its numbers are", () => {
    assert.deepEqual(parseVocabulary('{"b":1,"a":0,"__proto__":2}').tokens, ["a", "b", "__proto__"]);
    assert.deepEqual(parseVocabulary(utf8('["x","y"]')).tokens, ["x", "y"]);
    assert.equal(parseVocabulary("{}").size, 0);
  });

  test("DATA-19 tokens twice or empty, numbers with a gap, twice or too large", () => {
    refusesFile(() => parseVocabulary('{"a":0,"a":1}'), "JSON_DUP", /the key "a" a second time at line 1, column 8/);
    refusesFile(() => parseVocabulary('["a","b","a"]'), "VOCAB_DUP", /the token "a" at number 2 and 0/);
    refusesFile(() => parseVocabulary('{"":0}'), "VOCAB_EMPTY", /number 0/);
    refusesFile(() => parseVocabulary('["a",""]'), "VOCAB_EMPTY", /number 1/);
    refusesFile(() => parseVocabulary('{"a":0,"b":2}'), "VOCAB_ID", /number 2 for the token "b"/);
    refusesFile(() => parseVocabulary('{"a":0,"b":2147483648}'), "VOCAB_ID", /2147483648/);
    refusesFile(() => parseVocabulary('{"a":0,"b":0}'), "VOCAB_ID", /number 0 for the token "b" and for "a"/);
    for (const id of ["-1", "0.5", '"0"', "null", "[]"]) refusesFile(() => parseVocabulary(`{"a":${id}}`), "VOCAB_ID");
    for (const text of ["1", "null", '"a"', '["a",1]']) refusesFile(() => parseVocabulary(text), "VOCAB_TOKEN");
    refusesFile(() => parseVocabulary('{"a":0'), "JSON_SYNTAX");
  });
});

describe("BytePairs", () => {
  const text = "low low low low low lower lower newest newest newest newest newest newest widest widest widest";
  const pairs = BytePairs.train(text, 270);

  test("learns the merges of the paper's example", () => {
    // Sennrich et al. 2016, alg. 1, without its end-of-word mark: e s, es t first; equals in the order of their first place.
    assert.deepEqual(pairs.merges.slice(0, 2), [
      ["e", "s"],
      ["es", "t"],
    ]);
    assert.equal(pairs.vocabulary.size, 256 + pairs.merges.length);
    const [first] = pairs.encode(" newest");
    assert.deepEqual([...pairs.encode(" newest")], [first], "one token for the most frequent word");
    assert.ok(pairs.encode("newer").length > 1);
  });

  test("gives back every text that it encodes", () => {
    const texts = [
      "",
      "low",
      " lowest  newer\n\t x",
      "日本語 😀 é\u0000\ufeffa",
      "don't 123.45!?",
      "'ll 's",
      "a\u2028b",
    ];
    for (const text of texts) assert.equal(pairs.decode(pairs.encode(text)), text);
    assert.equal(pairs.decode(pairs.encode("é").slice(0, 1)), "\ufffd");
  });

  test("merges in the order of ranks, wherever the pair is", () => {
    const letters = pairs.vocabulary.tokens.slice(0, 256);
    const merges: Merge[] = [
      ["b", "c"],
      ["a", "b"],
      ["a", "bc"],
    ];
    const own = new BytePairs(new Vocabulary([...letters, "bc", "ab", "abc"]), merges);
    const tokens = (text: string): string[] => Array.from(own.encode(text), (id) => own.vocabulary.token(id));
    assert.deepEqual(tokens("abcab"), ["abc", "ab"]);
    assert.deepEqual(tokens("aabcb"), ["a", "abc", "b"]);
  });

  test("reads the files of GPT-2, and writes as it does", () => {
    const vocabulary = JSON.stringify(Object.fromEntries(pairs.vocabulary.tokens.map((token, id) => [token, id])));
    const merges = `#version: 0.2\n${pairs.merges.map((pair) => pair.join(" ")).join("\n")}\n`;
    const read = new BytePairs(parseVocabulary(vocabulary), parseMerges(merges));
    assert.deepEqual([...read.encode(text)], [...pairs.encode(text)]);
    // A space is Ġ, a line feed Ċ, and bytes beyond ASCII are Latin letters there.
    const characters = (text: string): string =>
      Array.from(read.encode(text), (id) => read.vocabulary.token(id)).join("");
    assert.deepEqual([characters(" x\n"), characters("é"), characters("あ")], ["ĠxĊ", "Ã©", "ãģĤ"]);
  });

  test("DATA-19 merges of unknown tokens, pairs twice, lines that are none, bytes that are missing", () => {
    const { vocabulary } = pairs;
    refusesFile(() => new BytePairs(vocabulary, [["e", "xyz"]]), "BPE_TOKEN", /the unknown token "xyz" in merge 0/);
    refusesFile(() => new BytePairs(vocabulary, [["q", "q"]]), "BPE_TOKEN", /the unknown token "qq" in merge 0/);
    const [merge] = pairs.merges;
    refusesFile(() => new BytePairs(vocabulary, [merge, merge]), "BPE_DUP", /"e s" in merge 1 again/);
    refusesFile(() => new BytePairs(new Vocabulary(["a"]), []), "BPE_BYTE", /no token for the byte 0/);
    refusesFile(() => parseMerges("e s\nes"), "BPE_LINE", /"es" at line 2/);
    refusesFile(() => parseMerges("e s\n\nes t"), "BPE_LINE", /"" at line 2/);
    refusesFile(() => parseMerges("a b c"), "BPE_LINE", /line 1/);
    refusesFile(() => parseMerges(Uint8Array.of(0x61, 0xff)), "BPE_UTF8", /offset 1/);
    assert.throws(() => BytePairs.train("a", 255), ValueError);
    assert.throws(() => new BytePairs(["a"] as unknown as Vocabulary, []), ValueError);
    assert.equal(BytePairs.train("ab", 300).merges.length, 0);
  });
});
