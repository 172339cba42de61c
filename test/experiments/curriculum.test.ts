/** Every experiment of the curriculum is complete in both languages, and comes out as it says. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { curriculum, days } from "../../src/experiments/curriculum.ts";
import { packaged } from "../../src/experiments/data.ts";
import type { Experiment } from "../../src/experiments/experiment.ts";
import { Run } from "../../src/experiments/run.ts";
import { languages } from "../../src/experiments/text.ts";
import { findings } from "../../src/experiments/verify.ts";
import { setDevice } from "../../src/index.ts";

describe("the curriculum", () => {
  test("has every row once, in order, under ids of its own", () => {
    for (const [day, experiments] of Object.entries(days)) {
      const rows = experiments.map(({ row }) => row);
      const numbers = rows.map((row) => Number(row?.split(".")[1]));
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
        `${day}: ${rows}`,
      );
      assert.ok(rows.every((row) => row?.startsWith(`${day.replace("day", "")}.`)));
    }
    assert.equal(curriculum.size, Object.values(days).flat().length);
  });

  for (const experiment of curriculum.values()) describeOne(experiment);
});

function describeOne(experiment: Experiment): void {
  describe(`${experiment.row} ${experiment.id}`, () => {
    before(() => setDevice("wasm", { threads: 1 }));

    test("is complete: words in both languages, defaults in range, presets and expectations that exist", async () => {
      for (const [path, text] of textsOf(experiment)) {
        for (const language of languages) assert.ok(text[language].trim() !== "", `${path}.${language}`);
        // Formulas and names are the same in both languages.
        assert.match(
          text.ja,
          /[\u3040-\u30ff\u4e00-\u9fff]|^[A-Za-z0-9α-ωΑ-Ω₀-₉²³ .,:：+\-−×·=/()|%]+$/,
          `${path}: ${text.ja}`,
        );
        assert.doesNotMatch(text.en, /[\u3040-\u30ff\u4e00-\u9fff]/, `${path}: ${text.en}`);
      }
      const { presets, claims, expect, lanes } = experiment;
      assert.ok("works" in presets && "breaks" in presets, "presets works and breaks");
      assert.ok(Object.keys(lanes).length >= 1);
      assert.ok(Object.keys(claims).length >= 1, "claims");
      assert.deepEqual(Object.keys(expect.verdicts).sort(), Object.keys(claims).sort());
      assert.ok(Object.keys(expect.bands).length >= 1, "bands");
      for (const { predictions } of Object.values(claims)) assert.ok(predictions.length >= 2);
      for (const preset of Object.keys(presets)) {
        const run = await Run.start(experiment, { seed: 1, data: packaged }, { preset });
        findings(run); // before the first step it can say as well what was measured
      }
    });

    test("comes out as expected", async () => {
      const run = await Run.start(experiment, { seed: 1, data: packaged });
      while (await run.next());
      for (const { what, got, want, isMet } of findings(run)) assert.ok(isMet, `${what}: ${got}, expected ${want}`);
      for (const [id, { prediction, because }] of run.verdicts()) {
        const { predictions } = experiment.claims[id];
        if (prediction !== undefined) assert.ok(prediction in predictions, id);
        for (const language of languages) assert.doesNotMatch(because[language], /undefined|NaN|\[object/);
      }
    });
  });
}

/** Everything in an experiment that is a Text. */
function* textsOf(value: unknown, path = ""): Generator<[string, Record<(typeof languages)[number], string>]> {
  if (typeof value !== "object" || value === null) return;
  if (languages.every((l) => l in value)) yield [path, value as Record<(typeof languages)[number], string>];
  else for (const [key, child] of Object.entries(value)) yield* textsOf(child, `${path}.${key}`);
}
