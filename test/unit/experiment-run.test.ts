import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ValueError } from "../../src/errors.ts";
import { packaged } from "../../src/experiments/data.ts";
import { type Change, Run } from "../../src/experiments/run.ts";
import { type Choice, settle } from "../../src/experiments/settings.ts";
import { findings } from "../../src/experiments/verify.ts";
import { randn, seed } from "../../src/index.ts";
import { use } from "../helpers/devices.ts";
import { breaking, walk } from "../helpers/experiments.ts";

const start = (choice: Choice = {}, n = 1): Promise<Run> => Run.start(walk, { seed: n, data: packaged }, choice);

async function finish(run: Run, changes: readonly Change[] = []): Promise<Run> {
  while (!run.isDone) {
    for (const { step, values, lane } of changes) if (step === run.step) run.change(values, lane);
    await run.next();
  }
  return run;
}
const numbers = (run: Run, lane: string): readonly unknown[] => run.lane(lane).series("place").values;

describe("settings", () => {
  test("of a lane are defaults, a preset, what sets the lane apart, and what is asked for, in this order", () => {
    const settings = settle(walk, { preset: "works", values: { steps: 5 } });
    assert.deepEqual(settings.get("plain"), { size: 0.5, extra: 0, steps: 5, way: "up", start: [0, 0] });
    assert.deepEqual(settings.get("more"), { size: 0.5, extra: 3, steps: 5, way: "up", start: [0, 0] });
  });

  test("what sets lanes apart is changed in the last only, unless a lane is named", () => {
    const settings = settle(walk, { values: { extra: 7, way: "down" } });
    assert.deepEqual(
      [...settings].map(([lane, { extra, way }]) => [lane, extra, way]),
      [
        ["plain", 0, "down"],
        ["more", 7, "down"],
      ],
    );
    assert.equal(settle(walk, { lanes: { plain: { extra: 2 } } }).get("plain")?.["extra"], 2);
  });

  const wrong: Record<string, readonly [Choice, RegExp]> = {
    "an unknown preset": [{ preset: "toString" }, /the preset "toString".*works, breaks/],
    "a preset that only an object's prototype has": [{ preset: "constructor" }, /the preset "constructor"/],
    "a lane that only an object's prototype has": [{ lanes: { toString: {} } }, /the lane "toString"/],
    "a parameter that only an object's prototype has": [{ values: { valueOf: 1 } }, /the parameter "valueOf"/],
    "an unknown lane": [{ lanes: { other: {} } }, /the lane "other".*plain, more/],
    "an unknown parameter": [{ values: { sise: 1 } }, /the parameter "sise".*size, extra/],
    "a number out of range": [{ values: { size: -1 } }, /size -1.*a number from 0/],
    NaN: [{ values: { size: Number.NaN } }, /size NaN/],
    "a part of a whole number": [{ values: { extra: 1.5 } }, /extra 1\.5.*a whole number from 0 to 9/],
    "a choice that is none": [{ values: { way: "left" } }, /way "left".*up \| down/],
    "a list with a number out of range": [{ values: { start: [1, 10] } }, /start .*numbers from -9 to 9/],
    "a number for a list": [{ values: { start: 3 } }, /start 3/],
  };
  for (const [name, [choice, message]] of Object.entries(wrong)) {
    test(`refuse ${name}`, async () => {
      assert.throws(
        () => settle(walk, choice),
        (error) => error instanceof ValueError && message.test(error.message),
      );
      await assert.rejects(start(choice), ValueError);
    });
  }
});

describe("a run", () => {
  before(() => use("wasm"));

  test("draws in each lane from a generator of its own, whatever other lanes draw", async () => {
    const [a, b] = [await finish(await start()), await finish(await start({ lanes: { more: { extra: 0 } } }))];
    assert.deepEqual(numbers(a, "plain"), numbers(b, "plain"));
    assert.deepEqual(numbers(b, "plain"), numbers(b, "more"), "lanes with the same settings are the same");
    assert.notDeepEqual(numbers(a, "plain"), numbers(a, "more"));
  });

  test("gives the same bits for the same seed, and others for another", async () => {
    const runs = [await finish(await start({}, 3)), await finish(await start({}, 3)), await finish(await start({}, 4))];
    assert.deepEqual(numbers(runs[0], "more"), numbers(runs[1], "more"));
    assert.notDeepEqual(numbers(runs[0], "more"), numbers(runs[2], "more"));
  });

  test("leaves the library's generator as it was", async () => {
    seed(5);
    const expected = await randn([3]).data();
    seed(5);
    await finish(await start());
    assert.deepEqual(await randn([3]).data(), expected);
  });

  test("can be had again with the changes made on the way, bit for bit", async () => {
    const changes = [
      { step: 4, values: { size: 3 } },
      { step: 9, lane: "more", values: { size: 0 } },
    ];
    const first = await finish(await start(), changes);
    assert.deepEqual(first.changes, changes);
    const again = await finish(await start(), first.changes);
    const without = await finish(await start());
    for (const lane of ["plain", "more"]) {
      assert.deepEqual(numbers(first, lane), numbers(again, lane));
      assert.deepEqual(numbers(first, lane).slice(0, 4), numbers(without, lane).slice(0, 4));
      assert.notEqual(numbers(first, lane)[4], numbers(without, lane)[4], "the step after the change");
    }
    assert.equal(new Set(numbers(first, "more").slice(8)).size, 1, "a change of one lane is one of that lane");
    assert.notEqual(numbers(first, "plain")[9], numbers(first, "plain")[8]);
  });

  test("has a fork that is its lane up to a step, goes its own way from there, and is nothing to other lanes or claims", async () => {
    const changes = [
      { step: 2, values: { size: 2 } },
      { step: 4, lane: "more", values: { size: 3 } },
      { step: 9, lane: "more", values: { size: 0.5 } },
      { step: 9, lane: "fork", values: { size: 0 } },
    ];
    const context = { seed: 1, data: packaged };
    const forked = await finish(await Run.start(walk, context, {}, { lane: "more", step: 9 }), changes);
    const plain = await finish(await start(), changes.slice(0, 3));
    for (const lane of ["plain", "more"]) assert.deepEqual(numbers(forked, lane), numbers(plain, lane));
    assert.deepEqual(numbers(forked, "fork").slice(0, 9), numbers(forked, "more").slice(0, 9));
    assert.equal(new Set(numbers(forked, "fork").slice(8)).size, 1, "it stays where it was");
    assert.notEqual(numbers(forked, "more")[9], numbers(forked, "more")[8], "what it left goes on");
    assert.deepEqual(forked.verdicts(), plain.verdicts());
    await assert.rejects(Run.start(walk, context, {}, { lane: "other", step: 1 }), /no lane "other"/);
  });

  test("is not changed by a look, even by one that draws", async () => {
    const [looked, plain] = [await start(), await start()];
    for (let i = 0; i < 5; i++) {
      await looked.next();
      await looked.look();
      await looked.look();
      await plain.next();
    }
    assert.deepEqual(numbers(looked, "more"), numbers(plain, "more"));
    assert.deepEqual(looked.lane("plain").series("look").steps, [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(plain.lane("plain").series("look").steps, [0]);
  });

  test("looks before the first step and after the last, and not where it was not asked in between", async () => {
    const run = await finish(await start());
    assert.deepEqual(run.lane("plain").series("look").steps, [0, 20]);
    assert.equal(run.step, 20);
    assert.equal(await (await start({ values: { steps: 0 } })).next(), false);
  });

  test("refuses to change what cannot change while it goes on, and values that are wrong", async () => {
    const run = await start();
    assert.throws(() => run.change({ steps: 3 }), /walk: got a change of steps, but it takes a parameter that is hot/);
    assert.throws(() => run.change({ size: -1 }), /size -1/);
    assert.throws(() => run.change({ sise: 1 }), /the parameter "sise"/);
    assert.throws(() => run.change({ size: 1 }, "other"), /no lane "other"/);
    assert.deepEqual(run.changes, []);
    assert.equal(run.lane("plain").values["size"], 1);
  });

  test("finds where numbers stop being finite: the step, the probe and the parameter", async () => {
    const run = await Run.start(breaking, { seed: 1, data: packaged });
    while (await run.next());
    const [lane] = run.lanes;
    assert.deepEqual(lane.diverged, { step: 4, probe: "loss", parameter: "weight" });
    assert.equal(lane.step, 4, "a lane that diverged stops");
    assert.deepEqual(lane.series("loss").steps, [1, 2, 3]);
    assert.ok(Number.isFinite(lane.last("loss")), "what is kept is the last that was finite");
    assert.ok(findings(run).every(({ isMet }) => isMet));
  });

  test("goes on with the other lanes where one diverges, and finds that without a model too", async () => {
    const run = await finish(await start({ lanes: { more: { size: Number.MAX_VALUE } } }));
    const { diverged, step } = run.lane("more");
    assert.ok(diverged && diverged.step < 20, "sums of such steps overflow");
    assert.deepEqual(diverged, { step, probe: "place", parameter: null });
    assert.equal(run.lane("plain").step, 20);
    assert.equal(run.lane("plain").diverged, null);
    assert.equal(run.step, 20);
  });

  test("says what its claims come to, and what was expected", async () => {
    const run = await finish(await start());
    assert.equal(run.verdicts().get("moves")?.outcome, "holds");
    assert.deepEqual(
      findings(run).map(({ what, want, isMet }) => [what, want, isMet]),
      [
        ["plain.error", "0 … 10", true],
        ["more.parts.-1", "1 … 1", true],
        ["moves", "holds", true],
      ],
    );
  });

  test("says of a run that has not begun what was not measured", async () => {
    const run = await finish(await start({ values: { steps: 0 } }));
    const [error] = findings(run);
    assert.deepEqual(error, { what: "plain.error", got: "not measured", want: "0 … 10", isMet: false });
  });
});
