/** JSON and JSON Lines, read strictly. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FormatError } from "../../src/errors.ts";
import { type Json, parseJson, parseJsonLines } from "../../src/io/index.ts";
import { refusesFile } from "../helpers/format-errors.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("parseJson", () => {
  test("what JSON.parse reads of ordinary texts", () => {
    const texts = [
      "null",
      " [ ] ",
      "{}",
      '{"a":[1,-2.5e3,{"b":null}],"":"\\u00e9\\n\\"","c":{"d":[[],[true,false]]}}',
      '"\u2028\ud83d\ude00\\\\"',
      "-0",
      "[1.0,1E+2,0.1e-2,9007199254740991,1e20]",
      '\r\n\t{ "x" : [ 1 , 2 ] }\n',
    ];
    for (const text of texts) {
      assert.deepEqual(parseJson(text), JSON.parse(text));
      assert.deepEqual(parseJson(bytes(text)), JSON.parse(text));
    }
  });

  test("everything JSON.parse refuses of small texts, and nothing that it takes but what is named below", () => {
    const letters = ["[", "]", "{", "}", ",", ":", '"a"', "1", "-", ".", "e", "0", "null", " ", '"', "\\"];
    let state = 1;
    const draw = (n: number): number => {
      state = (state * 48271) % 2147483647;
      return state % n;
    };
    let good = 0;
    for (let i = 0; i < 40_000; i++) {
      const text = Array.from({ length: 1 + draw(7) }, () => letters[draw(letters.length)]).join("");
      let want: Json | undefined;
      try {
        want = JSON.parse(text);
        good++;
      } catch {}
      try {
        assert.deepEqual(parseJson(text), want, text);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        assert.ok(want === undefined || error.code === "JSON_DUP", `${text}: ${error.message}`);
      }
    }
    assert.ok(good > 500, `${good}`);
  });

  test("DATA-17 keys twice, at any depth; names that objects have by themselves are keys like others", () => {
    refusesFile(
      () => parseJson('{"a":1,\n "b":{"c":1, "c":2}}'),
      "JSON_DUP",
      /the key "c" a second time at line 2, column 14/,
    );
    const value = parseJson('{"__proto__":{"x":1},"constructor":2,"toString":3}') as Record<string, Json>;
    assert.deepEqual(Object.keys(value), ["__proto__", "constructor", "toString"]);
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.equal(({} as { x?: number }).x, undefined);
    refusesFile(() => parseJson('{"__proto__":1,"__proto__":2}'), "JSON_DUP");
  });

  test("DATA-17 200,000 arrays in each other", () => {
    const deep = (n: number): string => "[".repeat(n) + "]".repeat(n);
    refusesFile(() => parseJson(deep(200_000)), "JSON_DEPTH", /512 .* line 1, column 513/);
    refusesFile(() => parseJson('{"a":'.repeat(200_000)), "JSON_DEPTH");
    assert.deepEqual(parseJson(deep(512)), JSON.parse(deep(512)));
  });

  test("DATA-17 numbers that are none", () => {
    for (const text of ["1e999", "-1e999", "[9007199254740993]"])
      refusesFile(() => parseJson(text), "JSON_NUMBER", /line 1/);
    for (const text of ["NaN", "Infinity", "-Infinity", "0x10", "01", "1.", ".5", "+1", "1_0", "--1", "١"]) {
      assert.throws(
        () => parseJson(`[\n${text}]`),
        (error) => error instanceof FormatError && /line 2/.test(error.message),
      );
    }
  });

  test("DATA-17 a byte-order mark, bytes that are not UTF-8, texts that are cut, quotes of other kinds", () => {
    refusesFile(() => parseJson("\ufeff{}"), "JSON_BOM", /line 1/);
    refusesFile(() => parseJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)), "JSON_BOM");
    refusesFile(() => parseJson(Uint8Array.of(0x22, 0xc0, 0x80, 0x22)), "JSON_UTF8", /offset 1/);
    refusesFile(() => parseJson(""), "JSON_SYNTAX", /nothing at line 1, column 1/);
    refusesFile(() => parseJson('{"a": "b'), "JSON_SYNTAX", /not closed at line 1, column 7/);
    for (const text of ['{"a":1', "[1,", '{"a"', "{'a':1}", '"\n"', '"\\x"', '"\\']) {
      assert.throws(() => parseJson(text), FormatError, text);
    }
  });
});

describe("parseJsonLines", () => {
  test("a value on each line, and the line of each", () => {
    for (const text of ['{"a":1}\n[2]\n', '{"a":1}\r\n[2]\r\n', '{"a":1}\n[2]']) {
      assert.deepEqual(parseJsonLines(text), { values: [{ a: 1 }, [2]], lines: [1, 2] });
    }
    assert.deepEqual(parseJsonLines(""), { values: [], lines: [] });
  });

  test("DATA-17 two objects on a line, a last line that is cut, empty lines", () => {
    refusesFile(() => parseJsonLines('{"a":1}\n{"a":2} {"a":3}\n'), "JSON_MORE", /"\{" at line 2, column 9/);
    refusesFile(() => parseJsonLines('{"a":1}\n{"a":2}{"a":3}\n'), "JSON_MORE", /line 2, column 8/);
    refusesFile(() => parseJsonLines('{"a":1}\n{"a":'), "JSON_SYNTAX", /a text that ends at line 2, column 6/);
    refusesFile(() => parseJsonLines('{"a":1}\n\n{"a":2}\n'), "JSON_SYNTAX", /nothing at line 2/);
    refusesFile(() => parseJsonLines('{"a":1}\n{"a":1e999}\n'), "JSON_NUMBER", /1e999 at line 2, column 6/);
    refusesFile(() => parseJsonLines('{"a":1}\n{"a":NaN}\n'), "JSON_SYNTAX", /"NaN" at line 2, column 6/);
    refusesFile(() => parseJsonLines('{"a":\n1}\n'), "JSON_SYNTAX", /line 1/);
  });
});
