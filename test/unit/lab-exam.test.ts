/** What the exam of the Lab asks, and how runs answer it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nextMoment } from "../../lab/src/pages/exam-clock.ts";
import { readMarks } from "../../lab/src/pages/exam-marks.ts";
import { answered, drawn, type Question, questionsOf } from "../../lab/src/pages/exam-questions.ts";
import { curriculum } from "../../src/experiments/curriculum.ts";
import { packaged } from "../../src/experiments/data.ts";
import { vanishingGradient } from "../../src/experiments/day2/vanishing-gradient.ts";
import { Run } from "../../src/experiments/run.ts";
import { setDevice } from "../../src/index.ts";

describe("the exam", () => {
  test("asks the same questions again for its number, others for another, and of each experiment in turn", () => {
    const ids = ["a", "b", "c", "d"];
    const questions = (exam: number) => [0, 1, 2, 3].map((i) => drawn(exam, i, ids));
    assert.deepEqual(questions(7), questions(7));
    assert.notDeepEqual(questions(7), questions(8));
    assert.deepEqual(new Set(questions(7).map(({ id }) => id)), new Set(ids));
  });

  test("tells the time that is left at whole minutes and for the last ten seconds, each once", () => {
    const told: number[] = [];
    let last = Number.POSITIVE_INFINITY;
    for (const seconds of [150, 140, 121, 119, 130, 61, 60, 59, 30, 11, 12, 10, 9, 11, 2, 0.5]) {
      const moment = nextMoment(seconds, last);
      if (moment === null) continue;
      told.push(moment);
      last = moment;
    }
    assert.deepEqual(told, [180, 120, 60, 10]);
  });

  const all = [...curriculum.values()].flatMap((experiment) =>
    questionsOf(experiment).map((question) => ({ experiment, question })),
  );
  const asked = (id: string): Question[] => all.flatMap(({ experiment: e, question: q }) => (e.id === id ? [q] : []));

  test("asks of claims and of lanes, and takes its answers from the run", () => {
    const [claim, lanes] = asked("vanishing-gradient");
    const because = { ja: "理由", en: "why" };
    const [[id, { sentence }]] = Object.entries(vanishingGradient.claims);
    assert.deepEqual(claim.about, { claim: id, atOnce: false });
    assert.deepEqual([claim.prompt, claim.sentence], [vanishingGradient.question, sentence]);
    const verdict = { outcome: "holds", prediction: 1, because } as const;
    assert.deepEqual(
      answered(claim, { [id]: verdict }, () => 0),
      { right: 1, because },
    );
    assert.equal(answered(claim, { [id]: { outcome: "undecided", because } }, () => 0).right, null);
    assert.deepEqual(lanes.about, { probe: "accuracy", lanes: ["sigmoid", "relu"] });
    const right = (...values: number[]) => answered(lanes, {}, (lane) => values[lane === "relu" ? 1 : 0]).right;
    assert.deepEqual([right(0.1, 0.9), right(0.9, 0.1), right(0.9, 0.899), right(0.9, Number.NaN)], [1, 0, null, null]);
  });

  test("asks only what any run answers: no rounding, no losses of different kinds, no lane without the number", () => {
    assert.ok(new Set(all.map(({ experiment }) => experiment.id)).size > 30, "of nearly all experiments");
    const probes = (id: string): string[] => asked(id).flatMap(({ about }) => ("probe" in about ? [about.probe] : []));
    // Its other claim depends on the machine, and what lanes differ in is rounding.
    assert.deepEqual(
      asked("minibatch").map(({ about }) => about),
      [{ claim: "online", atOnce: false }],
    );
    assert.deepEqual(probes("cross-entropy"), []);
    assert.deepEqual(probes("mean-squared-error"), ["away"], "not of MSE against MAE");
    assert.deepEqual(probes("universal-approximation"), [], "a net that is built by hand has no loss");
    assert.deepEqual(probes("sigmoid-output"), [], "0.5 and 0.5");
    for (const { experiment, question } of all) {
      const { about, options } = question;
      assert.equal(new Set(options.map(({ en }) => en)).size, options.length);
      if ("claim" in about) {
        assert.equal(typeof experiment.expect.verdicts[about.claim], "string");
        continue;
      }
      // Any run within what is expected has the same answer.
      const bands = about.lanes.map((lane) => experiment.expect.bands[`${lane}.${about.probe}`]);
      const ends = [0, 1].map((end) => (lane: string) => bands[about.lanes.indexOf(lane)][end]);
      const rights = ends.map((last) => answered(question, {}, last).right);
      const [right] = rights;
      assert.ok(right !== null && rights[1] === right, `${experiment.id} ${about.probe}`);
      const worst = (lane: string): number => bands[about.lanes.indexOf(lane)][about.lanes[right] === lane ? 0 : 1];
      assert.equal(answered(question, {}, worst).right, right, `${experiment.id} ${about.probe}`);
    }
  });

  test("a claim that the first look settles is settled by a run without steps", async () => {
    await setDevice("wasm", { threads: 1 });
    const atOnce = all.filter(({ question: { about } }) => "atOnce" in about && about.atOnce);
    assert.deepEqual(
      atOnce.map(({ experiment }) => experiment.id),
      ["alexnet"],
    );
    for (const { experiment, question } of atOnce) {
      const run = await Run.start(experiment, { seed: 5, data: packaged }, { values: { steps: 0 } });
      assert.ok(run.isDone);
      const verdicts = Object.fromEntries(run.verdicts());
      assert.equal(answered(question, verdicts, () => undefined).right, 1);
    }
  });

  test("what came of it is kept for that exam only, and nothing else is taken for it", () => {
    const text = JSON.stringify({ exam: 7, marks: ["right", "skipped"] });
    assert.deepEqual(readMarks(7, text), ["right", "skipped"]);
    for (const other of [null, "", "[]", "null", "{", '{"exam":7}', '{"exam":7,"marks":["<b>"]}'])
      assert.deepEqual(readMarks(7, other), []);
    assert.deepEqual(readMarks(8, text), []);
  });
});
