/** Terms in the prose of the Lab: where they link, and where they have their English above them. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { signal } from "@preact/signals";
import { cut, type Mention, type Piece, Reading } from "../../lab/src/text/reading.ts";
import { type Term, terms } from "../../lab/src/text/terms.ts";
import { curriculum } from "../../src/experiments/curriculum.ts";
import { type Language, say } from "../../src/experiments/text.ts";

const mentions = (pieces: readonly (readonly Piece[])[]): Mention[] =>
  pieces.flat().flatMap((piece) => (typeof piece === "string" ? [] : [piece]));
const written = (texts: readonly string[], language: Language, page: Parameters<typeof cut>[2] = {}): string[] =>
  mentions(cut(texts, language, page)).map((mention) => `${mention.written} → ${mention.term.lesson}`);
const whole = (pieces: readonly Piece[]): string =>
  pieces.map((piece) => (typeof piece === "string" ? piece : piece.written)).join("");

describe("terms", () => {
  test("are taught by a lesson that there is, and none is written as another is", () => {
    for (const { lesson } of terms) assert.ok(curriculum.has(lesson), lesson);
    for (const language of ["ja", "en"] as const) {
      const forms = terms.flatMap((term) => term[language].map((form) => form.toLowerCase()));
      assert.deepEqual(forms, [...new Set(forms)]);
      assert.ok(forms.every((form) => form !== ""));
    }
  });

  test("come up in the prose of lessons, every one of them", () => {
    const files = globSync(["lab/src/lessons/day*/*.tsx", "src/experiments/day*/*.ts"]);
    const prose = files.map((file) => readFileSync(file, "utf8")).join("\n");
    const unused = terms.filter((term) => !term.ja.some((form) => prose.includes(form)));
    assert.deepEqual(
      unused.map(({ gloss }) => gloss),
      [],
    );
  });

  test("are found as longest, never inside of other words, and in the plural", () => {
    assert.deepEqual(written(["バッチ正規化とミニバッチ、シグモイド関数。"], "ja"), [
      "バッチ正規化 → batch-normalization",
      "ミニバッチ → minibatch",
      "シグモイド関数 → sigmoid",
    ]);
    assert.deepEqual(written(["ハイパープーリングン、Adamantと Adam、カーネルズ"], "ja"), ["Adam → adam"]);
    assert.deepEqual(written(["Sigmoids have biases; no normal, no enormous norms. Unbiased, pre-pooling."], "en"), [
      "Sigmoid → sigmoid",
      "bias → layer-product",
      "norm → norms",
    ]);
  });

  test("link where a part has them first, and never to the page's own lesson", () => {
    assert.deepEqual(written(["Adam と Adam。", "Adam と AdaGrad。"], "ja"), ["Adam → adam", "AdaGrad → adagrad"]);
    const [own, other] = mentions(cut(["Adam and momentum"], "en", { own: "adam" }));
    assert.deepEqual([own.isLink, own.isNew, other.isLink], [false, true, true]);
    const adam = terms.find(({ gloss }) => gloss === "Adam") as Term;
    const known = new Set([adam]);
    assert.deepEqual(cut(["Adam だけ"], "ja", { own: "adam", known }), [["Adam だけ"]], "nothing more to be marked");
    assert.equal(mentions(cut(["Adam だけ"], "ja", { known }))[0].isNew, false);
  });

  test("leave the text as it is", () => {
    for (const file of globSync("lab/src/lessons/day*/*.tsx")) {
      const text = readFileSync(file, "utf8");
      for (const language of ["ja", "en"] as const) assert.equal(whole(cut([text], language)[0]), text);
    }
    assert.deepEqual(cut([""], "en"), [[""]]);
  });

  test("are found in time that grows as the text does", () => {
    const page = readFileSync("lab/src/lessons/day1/sigmoid.tsx", "utf8").repeat(400);
    const start = performance.now();
    for (const language of ["ja", "en"] as const) cut([page], language);
    // Milliseconds by now; were every place read to the end, hours.
    const ms = performance.now() - start;
    assert.ok(page.length > 1_000_000 && ms < 10_000, `${ms} ms for ${page.length} characters`);
  });
});

describe("a page that is read from top to bottom", () => {
  const count = signal(1);
  const language = signal<Language>("ja");
  let cuts = 0;
  const reading = new Reading("momentum", () => language.value, {
    first: () => [say("勾配消失とモメンタム。", "A vanishing gradient, and momentum.")],
    live: () => [say(`${count.value} 歩目の Adam と学習率。`, `Adam and the learning rate at step ${count.value}.`)],
    last: () => {
      cuts++;
      return [say("勾配消失、Adam、ドロップアウト。", "The vanishing gradient, Adam, dropout.")];
    },
  });
  const told = (part: string): string[] =>
    mentions(reading.pieces(part)).map((m) => `${m.written}${m.isLink ? " links" : ""}${m.isNew ? " first" : ""}`);

  test("has a term's English where it comes up first, and a link in each part", () => {
    assert.deepEqual(told("first"), ["勾配消失 links first", "モメンタム first"]);
    assert.deepEqual(told("live"), ["Adam links first", "学習率 links first"]);
    assert.deepEqual(told("last"), ["勾配消失 links", "Adam links", "ドロップアウト links first"]);
    assert.deepEqual(told("nowhere"), []);
  });

  test("follows numbers and language, and is not cut anew where neither counts", () => {
    told("last");
    const before = cuts;
    count.value = 27;
    assert.equal(whole(reading.pieces("live")[0]), "27 歩目の Adam と学習率。");
    told("last");
    assert.equal(cuts, before, "another number does not change what is known");
    language.value = "en";
    assert.equal(whole(reading.pieces("live")[0]), "Adam and the learning rate at step 27.");
    assert.deepEqual(told("last"), ["vanishing gradient links", "Adam links", "dropout links first"]);
  });
});
