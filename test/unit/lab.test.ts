/** The parts of the Lab that need no browser: addresses, search, a learner's line, excerpts, and the driver of runs. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { excerpt } from "../../lab/build/source.ts";
import { fromQuery, toQuery } from "../../lab/src/bench/address.ts";
import { bandOf } from "../../lab/src/bench/seeds.ts";
import { Driver } from "../../lab/src/engine/driver.ts";
import { evaluate } from "../../lab/src/engine/expression.ts";
import type { FromEngine, Opening } from "../../lab/src/engine/protocol.ts";
import { found, plain } from "../../lab/src/pages/found.ts";
import { lineProblem } from "../../lab/src/text/line-problem.ts";
import { packaged } from "../../src/experiments/data.ts";
import { sigmoidOutput } from "../../src/experiments/day1/sigmoid-output.ts";
import { vanishingGradient } from "../../src/experiments/day2/vanishing-gradient.ts";
import { Run } from "../../src/experiments/run.ts";
import { sandbox } from "../../src/experiments/sandbox.ts";
import { setDevice, type Tensor, tensor } from "../../src/index.ts";

describe("addresses", () => {
  const opening: Opening = {
    experiment: "sandbox",
    seed: 7,
    choice: { preset: "breaks", values: { noise: 0.1, hidden: [8, 4] }, lanes: { b: { activation: "sigmoid" } } },
    changes: [
      { step: 10, values: { lr: 0.5 } },
      { step: 12, lane: "a", values: { lr: 0.25 } },
    ],
  };

  test("hold the whole of a run, and leave out what is so by default", () => {
    const query = new URLSearchParams(toQuery(opening).toString());
    assert.deepEqual(fromQuery(query, sandbox), opening);
    const own = [...opening.changes, { step: 20, lane: "fork", values: { lr: 1 } }];
    const forked: Opening = { ...opening, changes: own, fork: { lane: "a", step: 20 } };
    assert.deepEqual(fromQuery(toQuery(forked), sandbox), forked);
    const plainRun: Opening = { experiment: "sandbox", seed: 1, choice: {}, changes: [] };
    assert.equal(toQuery(plainRun).toString(), "");
    assert.deepEqual(fromQuery(new URLSearchParams(), sandbox), plainRun);
  });

  test("pass over what no experiment takes", () => {
    const query = new URLSearchParams(
      "seed=-1&preset=nope&noise=9&steps=1.5&data=moon&x=1&__proto__=1&constructor=2&c.lr=1&a.x=2&at=x:lr=1&at=3:data=moons&at=4:z.lr=1&at=5:fork.lr=1&fork=z:3",
    );
    const nothing = { experiment: "sandbox", seed: 1, choice: {}, changes: [] };
    assert.deepEqual(fromQuery(query, sandbox), nothing);
    for (const fork of ["", "a", "a:", "a:-1", "a:1.5", "fork:2"])
      assert.deepEqual(fromQuery(new URLSearchParams({ fork }), sandbox), nothing, fork);
  });
});

describe("search", () => {
  const lesson = (id: string, row: string, ja: string, en: string, keywords: string) => ({
    ...{ id, row, keywords },
    title: { ja, en },
    question: { ja: "問い", en: "question" },
  });
  const lessons = [
    lesson("sigmoid", "1.5", "シグモイド関数", "The sigmoid function", "しぐもいどかんすう"),
    lesson("vanishing-gradient", "2.1", "勾配消失問題", "The vanishing gradient", "こうばいしょうしつもんだい sigmoid"),
    lesson("minibatch", "1.14", "ミニバッチ", "Minibatches", "みにばっち"),
    lesson("batch", "2.5", "バッチ正規化", "Batch normalization", "ばっちせいきか バッチノーマライゼーション BN"),
    lesson("dropout", "2.15", "ドロップアウト", "Dropout", "どろっぷあうと sub-network"),
  ];
  const ids = (query: string): string[] => found(lessons, query).map(({ id }) => id);

  test("finds other spellings and slips of the finger, and puts what is meant first", () => {
    assert.deepEqual(ids("batch normalisation"), ["batch"]);
    assert.deepEqual(ids("バッチノーマライゼーション"), ["batch"]);
    assert.deepEqual(ids("ばっち"), ["batch", "minibatch"], "the head of a title before its middle");
    assert.deepEqual(ids("BN"), ["batch", "dropout"], "a keyword before letters in a word");
    for (const slip of ["dropuot", "dropot", "droppout", "dropaut"]) assert.deepEqual(ids(slip), ["dropout"], slip);
    assert.deepEqual(ids("1.1"), ["minibatch"]);
  });

  test("takes kanji, both kana, wide letters and English", () => {
    assert.deepEqual(ids("勾配消失"), ["vanishing-gradient"]);
    assert.deepEqual(ids("こうばい"), ["vanishing-gradient"]);
    assert.deepEqual(ids("コウバイ"), ["vanishing-gradient"]);
    assert.deepEqual(ids("ＶＡＮＩＳＨＩＮＧ"), ["vanishing-gradient"]);
    assert.deepEqual(ids("2.1"), ["vanishing-gradient", "dropout"]);
    assert.deepEqual(ids("sigmoid"), ["sigmoid", "vanishing-gradient"], "titles first");
    assert.deepEqual(ids("nothing like it"), []);
    assert.equal(ids("").length, lessons.length);
    assert.equal(plain("シグモイド・カンスー"), plain("しぐもいど かんす"));
  });
});

describe("a learner's line", () => {
  before(() => setDevice("wasm", { threads: 1 }));
  const y = (): Tensor => tensor([0.1, 0.5, 0.9]);
  const numbers = async (line: string): Promise<number[]> => {
    const value = evaluate(line, { y: y(), lr: 0.1 });
    return typeof value === "number"
      ? [value]
      : Array.from(await (value as Tensor).data(), (v) => Number(v.toFixed(4)));
  };

  test("may be arithmetic on tensors, or the library's methods", async () => {
    for (const line of ["y * (1 - y)", "y.mul(y.neg().add(1))", "(1 - y) * y;", "y - y*y", "-y * -(1 - y)"]) {
      assert.deepEqual(await numbers(line), [0.09, 0.25, 0.09], line);
    }
    assert.deepEqual(await numbers("2 * (3 + 4) / 7 - 1"), [1]);
    assert.deepEqual(await numbers("relu(y - 0.5)"), [0, 0, 0.4]);
    assert.deepEqual(await numbers("where(y.gt(0.4), y, 0 * y)"), [0, 0.5, 0.9]);
    assert.deepEqual(await numbers("y.sum() * lr"), [0.15]);
    assert.deepEqual(await numbers("tensor([1, 2, 3]) * 2"), [2, 4, 6]);
  });

  test("is refused where it is anything else, with the place", () => {
    for (const line of [
      "",
      "y *",
      "y.constructor",
      "y.constructor('x')",
      "y.__proto__",
      "globalThis",
      "process",
      "fetch('x')",
      "y[0]",
      "y = 1",
      "() => 1",
      "x",
      "y y",
      "1 +* 2",
    ]) {
      assert.throws(() => evaluate(line, { y: y() }), /\?/, line);
    }
  });

  test("is told what of it was not understood, in words", () => {
    const said = (line: string): string => {
      try {
        evaluate(line, { y: y() });
      } catch (problem) {
        return lineProblem((problem as Error).message).en;
      }
      return assert.fail(`${line} was understood`);
    };
    assert.match(said("y - eta * y"), /^“eta” is not a name/);
    assert.match(said("while(true){}"), /^“while” is not a name/);
    assert.match(said("y.square_root()"), /no method “\.square_root\(\)”/);
    assert.match(said("(1).add(y)"), /not a tensor/);
    assert.match(said("y + 1 }"), /“}” is left over/);
    assert.match(said("(y + 1"), /“\)” is missing/);
    assert.match(said("y *"), /too early/);
    assert.match(said("y + ?"), /“\?” stands/);
    assert.equal(lineProblem("Shapes [2] and [3] do not broadcast.").ja, "Shapes [2] and [3] do not broadcast.");
  });
});

describe("excerpts of the sources", () => {
  const at = (file: string, name: string): string => excerpt(readFileSync(file, "utf8"), name)?.text ?? "";

  test("are whole declarations with their comments", () => {
    const sigmoid = at("src/nn/activation.ts", "Sigmoid");
    assert.match(sigmoid, /^\/\*\*/);
    assert.match(sigmoid, /class Sigmoid[\s\S]*forward[\s\S]*\n\}$/);
    const mean = at("src/experiments/parts/supervised.ts", "learner");
    assert.match(mean, /^\/\*\* A step of training/);
    assert.match(mean, /export function learner\([\s\S]*\n\}$/);
    assert.equal(excerpt("const a = 1;", "b"), null);
  });
});

describe("the driver of runs", () => {
  before(() => setDevice("wasm", { threads: 1 }));
  const opening: Opening = { experiment: "sandbox", seed: 3, choice: { values: { steps: 12 } }, changes: [] };

  function driven(from: Opening): { driver: Driver; told: FromEngine[] } {
    const told: FromEngine[] = [];
    const experiments = new Map([sandbox, vanishingGradient, sigmoidOutput].map((e) => [e.id, e]));
    const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const driver = new Driver(1, from, { experiments, data: packaged, tell: (m) => told.push(m), breathe });
    return { driver, told };
  }
  /** As the worker does it: the wish at once, the steps when it is their turn. */
  const playing = (driver: Driver, pace: number | null = null): Promise<void> => {
    driver.speed(pace);
    return driver.play();
  };
  /** The losses of lane `a` at all steps, from the frames. */
  const losses = (told: readonly FromEngine[]): Map<number, number> => {
    const found = new Map<number, number>();
    for (const message of told) {
      if (message.kind !== "frame") continue;
      const { steps = [], values = [] } = message.lanes[0].scalars["loss"] ?? {};
      for (const [i, step] of steps.entries()) found.set(step, values[i]);
    }
    return found;
  };

  test("tells every number once it is known, and the verdicts at the end", async () => {
    const { driver, told } = driven(opening);
    await driver.open(0);
    await playing(driver);
    assert.deepEqual(
      [...losses(told).keys()],
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    const end = told.at(-1);
    assert.equal(end?.kind, "done");
    assert.ok(told.some((m) => m.kind === "frame" && m.lanes[0].readings["territory"]));
  });

  test("a change on the way is made between steps, and the run can be had again from what was told of it", async () => {
    const first = driven(opening);
    await first.driver.open(0);
    await first.driver.step(5);
    first.driver.change({ lr: 0.5 }, "a");
    await first.driver.settle();
    await playing(first.driver);
    const changes = first.told.flatMap((m) => (m.kind === "changed" ? [m.change] : []));
    assert.deepEqual(changes, [{ step: 5, lane: "a", values: { lr: 0.5 } }]);
    const again = driven({ ...opening, changes });
    await again.driver.open(12);
    assert.deepEqual(losses(again.told), losses(first.told));
    const without = driven(opening);
    await without.driver.open(12);
    assert.notDeepEqual(losses(without.told), losses(first.told));
  });

  test("a run stops where it is asked to, and other seeds leave it as it is", async () => {
    const { driver, told } = driven({ ...opening, choice: { values: { steps: 5000 } } });
    await driver.open(0);
    const end = playing(driver);
    setTimeout(() => driver.pause(), 60);
    await end;
    const frame = told.findLast((m) => m.kind === "frame");
    assert.ok(frame && frame.step > 0 && frame.step < 5000 && !frame.isPlaying);
    const short = driven(opening);
    await short.driver.open(4);
    await short.driver.seeds([4, 5]);
    const seeds = short.told.flatMap((m) => (m.kind === "seed" ? [m.seed] : []));
    assert.deepEqual(seeds, [4, 5]);
    await short.driver.step(1);
    assert.equal(short.told.findLast((m) => m.kind === "frame")?.step, 5);
  });

  test("another speed holds at once, and a pause stops a run whatever the speed, even before its turn", async () => {
    const { driver, told } = driven({ ...opening, choice: { values: { steps: 5000, hidden: [2] } } });
    await driver.open(0);
    const slow = playing(driver, 0.05);
    await new Promise((resolve) => setTimeout(resolve, 30));
    driver.speed(null);
    const again = slow.then(() => driver.play()); // what the worker has queued behind it
    const start = performance.now();
    setTimeout(() => driver.pause(), 60);
    await again;
    assert.ok(performance.now() - start < 5000, "no step of 20 seconds was waited for");
    const reached = told.findLast((m) => m.kind === "frame");
    assert.ok(reached && reached.step > 2 && !reached.isPlaying, `${reached?.step}`);
    await driver.play();
    assert.equal(told.findLast((m) => m.kind === "frame")?.step, reached.step);
  });

  test("other seeds are measured at the steps of the run, with the changes that were made in it", async () => {
    const { driver, told } = driven({ ...opening, choice: { values: { steps: 60 } } });
    await driver.open(0);
    for (let i = 0; i < 6; i++) await driver.step(10);
    const seedRuns = () => told.flatMap((m) => (m.kind === "seed" ? [m] : []));
    await driver.seeds([3, 4, 5]);
    const looked = seedRuns().map(({ lanes }) => lanes["a"]["testAccuracy"].steps);
    for (const steps of looked) assert.deepEqual(steps, [0, 10, 20, 30, 40, 50, 60]);
    const same = driven({ ...opening, choice: { values: { steps: 60 } } });
    await same.driver.open(0);
    await same.driver.step(20);
    same.driver.change({ lr: 0.5 }, "a");
    await same.driver.step(40);
    await same.driver.seeds([opening.seed]);
    const beside = same.told.flatMap((m) => (m.kind === "seed" ? m.lanes["a"]["loss"].values : []));
    assert.deepEqual(beside, [...losses(same.told).values()]);
  });

  test("other seeds are looked at after what was changed at that step, as the run was, also at its end", async () => {
    const { driver, told } = driven({ ...opening, experiment: "sigmoid-output", choice: { values: { steps: 4 } } });
    await driver.open(0);
    for (const threshold of [0.9, 0.1]) {
      await driver.step(2);
      driver.change({ threshold });
      await driver.settle();
    }
    await driver.seeds([opening.seed]);
    const run = new Map<number, number>();
    for (const message of told) {
      const { steps = [], values = [] } = (message.kind === "frame" && message.lanes[0].scalars["accuracy"]) || {};
      for (const [i, step] of steps.entries()) run.set(step, values[i]);
    }
    const seed = told.find((message) => message.kind === "seed");
    const { steps, values } = seed?.lanes["sigmoid"]["accuracy"] ?? {};
    assert.deepEqual([steps, values], [[...run.keys()], [...run.values()]]);
  });

  test("other seeds are given up when the run is closed, between two looks at the latest", async (t) => {
    const told: FromEngine[] = [];
    const look = t.mock.method(Run.prototype, "look");
    let looksBefore = Number.POSITIVE_INFINITY;
    const experiments = new Map([[sandbox.id, sandbox]]);
    const breathe = async (): Promise<void> => {
      if (look.mock.callCount() > looksBefore) driver.close();
    };
    const driver = new Driver(1, opening, { experiments, data: packaged, tell: (m) => told.push(m), breathe });
    await driver.open(0);
    for (let i = 0; i < 6; i++) await driver.step(2);
    looksBefore = look.mock.callCount();
    await driver.seeds([3, 4, 5]);
    assert.ok(look.mock.callCount() <= looksBefore + 2, `${look.mock.callCount() - looksBefore} looks`);
    assert.ok(!told.some(({ kind }) => kind === "seed"));
  });

  test("a band of seeds has the steps at which all of them were measured", () => {
    const seed = (steps: number[], values: number[]) => ({ lanes: { a: { accuracy: { steps, values } } } });
    const seeds = [seed([0, 5, 9], [0.1, 0.5, 0.9]), seed([0, 5], [0.2, 0.4]), seed([0, 4, 5, 9], [0, 0, 0.7, 1])];
    assert.deepEqual(bandOf(seeds, "a", "accuracy"), [{ x: [0, 5], low: [0, 0.4], high: [0.2, 0.7] }]);
    assert.deepEqual(bandOf(seeds.slice(0, 1), "a", "accuracy"), []);
  });

  test("a weight that is changed shows in what is measured", async () => {
    const { driver, told } = driven(opening);
    await driver.open(2);
    const territory = (): string =>
      JSON.stringify(told.findLast((m) => m.kind === "frame")?.lanes[0].readings["territory"]);
    const before = territory();
    await driver.poke("a", 0.5);
    assert.notEqual(territory(), before);
    await assert.rejects(driver.poke("a", 1, "nope"), /no parameter nope/);
  });
});
