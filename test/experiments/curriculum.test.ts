/** Every experiment of the curriculum is complete in both languages, and comes out as it says. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { curriculum, days } from "../../src/experiments/curriculum.ts";
import { packaged } from "../../src/experiments/data.ts";
import type { Experiment, Values } from "../../src/experiments/experiment.ts";
import { Run } from "../../src/experiments/run.ts";
import { type Label, languages, type Text } from "../../src/experiments/text.ts";
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
        assert.deepEqual(idsIn(experiment, because), [], because.ja);
      }
    });

    test("calls settings and lanes by their names where lanes are no longer what they were", async () => {
      const run = await Run.start(experiment, { seed: 1, data: packaged }, { lanes: otherLanes(experiment) });
      await run.next();
      for (const { because } of run.verdicts().values()) assert.deepEqual(idsIn(experiment, because), [], because.ja);
    });
  });
}

/** Lanes that have other values of all that sets them apart, and do a step at most. */
function otherLanes({ lanes, params }: Experiment): Record<string, Partial<Values>> {
  const steps = "steps" in params ? { steps: 1 } : {};
  const other = (name: string, has: unknown): number | string | readonly number[] => {
    const p = params[name];
    if (p.kind === "choice") return p.options.find((option) => option !== has) ?? "";
    if (p.kind === "list") return p.default.map((x) => (x === p.min ? p.max : p.min));
    return has === p.min ? p.max : p.min;
  };
  const changed = (values: Partial<Values>): Partial<Values> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, other(name, value)]));
  return Object.fromEntries(Object.entries(lanes).map(([id, { values }]) => [id, { ...steps, ...changed(values) }]));
}

/**
 * The ids of parameters, options and lanes in a text, unless they are what a reader knows these by. Between Japanese words
 * an id is always one; in English it may be a word like any other, unless it is in camel case.
 */
function idsIn({ params, lanes }: Experiment, text: Text): string[] {
  const known: readonly (readonly [string, Label])[] = [
    ...Object.entries(lanes).map(([id, { label }]) => [id, label] as const),
    ...Object.entries(params).flatMap(([id, p]) => [
      [id, p.label] as const,
      ...(p.kind === "choice" ? p.options.map((option) => [option, p.names?.[option] ?? option] as const) : []),
    ]),
  ];
  return languages.flatMap((language) => {
    const words = text[language].match(/[A-Za-z][\w-]*/g) ?? [];
    const candidates = words.filter((word) => language === "ja" || /[A-Z]/.test(word.slice(1)));
    const named = (id: string, label: Label): boolean =>
      (typeof label === "string" ? label : label[language]).includes(id);
    return candidates.filter((word) => {
      const meant = known.filter(([id]) => id === word);
      return meant.length > 0 && !meant.some(([id, label]) => named(id, label));
    });
  });
}

/** Everything in an experiment that is a Text. */
function* textsOf(value: unknown, path = ""): Generator<[string, Record<(typeof languages)[number], string>]> {
  if (typeof value !== "object" || value === null) return;
  if (languages.every((l) => l in value)) yield [path, value as Record<(typeof languages)[number], string>];
  else for (const [key, child] of Object.entries(value)) yield* textsOf(child, `${path}.${key}`);
}
