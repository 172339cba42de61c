/** The page's side of a run, with a worker that only writes down what it is told. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Bench } from "../../lab/src/bench/store.ts";
import type { FromEngine, ToEngine } from "../../lab/src/engine/protocol.ts";
import { sandbox } from "../../src/experiments/sandbox.ts";

class Told {
  static last: Told;
  readonly messages: ToEngine[] = [];
  onmessage: (event: { data: FromEngine }) => void = () => undefined;
  constructor() {
    Told.last = this;
  }
  postMessage(message: ToEngine): void {
    this.messages.push(message);
  }
}

describe("a bench", () => {
  const { Worker: real } = globalThis;
  let make: () => Bench;
  let valueAt: typeof import("../../lab/src/bench/store.ts").valueAt;
  before(async () => {
    Object.assign(globalThis, { Worker: Told, matchMedia: () => ({ matches: false }) });
    const store = await import("../../lab/src/bench/store.ts");
    const { Bench } = store;
    valueAt = store.valueAt;
    make = () => new Bench(sandbox as never, { experiment: sandbox.id, seed: 3, choice: {}, changes: [] });
  });
  after(() => {
    Object.assign(globalThis, { Worker: real });
    Reflect.deleteProperty(globalThis, "matchMedia");
  });
  const kinds = (): string[] => Told.last.messages.splice(0).map(({ kind }) => kind);

  test("that begins anew goes on by itself if it was told to play, before its first step too", () => {
    const bench = make();
    kinds();
    bench.begin({ noise: 0.1 });
    assert.deepEqual(kinds(), ["open"], "nothing had begun");
    bench.play();
    bench.begin({ noise: 0.2 });
    bench.begin({ noise: 0.3 });
    assert.deepEqual(kinds(), ["play", "open", "play", "open", "play"]);
    bench.pause();
    bench.begin({ noise: 0.4 });
    assert.deepEqual(kinds(), ["pause", "open"]);
    bench.close();
  });

  test("keeps the place of what only a run before has measured until this one is over", () => {
    const bench = make();
    const frame = (scalars: string[]): void => {
      const told = Object.fromEntries(scalars.map((probe) => [probe, { steps: [1], values: [0.5] }]));
      const common = { id: "a", step: 1, isDone: false, diverged: null, values: {}, tracks: {} } as const;
      const lanes = [{ ...common, scalars: told, readings: { territory: {} as never } }];
      Told.last.onmessage({ data: { kind: "frame", run: -1, step: 1, steps: 1, isPlaying: false, lanes } });
    };
    frame(["loss", "testAccuracy"]);
    bench.reset();
    frame(["loss"]);
    assert.deepEqual([...bench.measured.value].sort(), ["loss", "territory", "testAccuracy"]);
    Told.last.onmessage({ data: { kind: "done", run: -1, verdicts: {}, findings: [] } });
    assert.deepEqual([...bench.measured.value].sort(), ["loss", "territory"]);
    bench.close();
  });

  test("has no number of a curve from before it was measured", () => {
    const curve = { steps: [1, 5, 9], values: [0.1, 0.5, 0.9] };
    const values = [0, 1, 4, 5, 20, null].map((at) => valueAt(curve, at));
    assert.deepEqual(values, [undefined, 0.1, 0.1, 0.5, 0.9, 0.9]);
    assert.equal(valueAt({ steps: [], values: [] }, null), undefined);
  });

  test("asks for other seeds once, until all of them are there or the run is another", () => {
    const bench = make();
    kinds();
    bench.runSeeds(2);
    bench.runSeeds(2);
    assert.deepEqual(kinds(), ["seeds"]);
    bench.reset();
    bench.runSeeds(2);
    assert.deepEqual(kinds(), ["open", "seeds"]);
    for (const seed of [3, 4]) Told.last.onmessage({ data: { kind: "seed", run: -1, seed, lanes: {}, verdicts: {} } });
    assert.deepEqual([bench.seeds.value.length, bench.seedsLeft.value], [2, 0]);
    bench.runSeeds(2);
    assert.deepEqual(kinds(), ["seeds"]);
    bench.close();
  });

  test("forks a lane where a past step is looked at: others keep what was changed in them, and a held slider goes on", () => {
    const bench = make();
    const frame = (step: number): void => {
      const common = {
        step,
        isDone: false,
        diverged: null,
        values: {},
        tracks: {},
        scalars: {},
        readings: {},
      } as const;
      const lanes = Object.keys(bench.details.lanes).map((id) => ({ ...common, id }));
      Told.last.onmessage({ data: { kind: "frame", run: -1, step, steps: 99, isPlaying: false, lanes } });
    };
    const [first, last] = Object.keys(sandbox.lanes);
    for (const step of [0, 10, 20]) frame(step);
    const change = (step: number, values: object, lane?: string): void =>
      Told.last.onmessage({
        data: { kind: "changed", run: -1, change: { step, values, ...(lane === undefined ? {} : { lane }) } as never },
      });
    change(5, { lr: 0.3 });
    change(15, { lr: 0.2 });
    bench.at.value = 1;
    kinds();
    bench.set("lr", 0.7);
    const opened = Told.last.messages.splice(0);
    assert.deepEqual(
      opened.map((m) => (m.kind === "open" ? m.until : m.kind)),
      [10],
      "played up to there, at once",
    );
    const both = [first, last].map((lane) => ({ step: 15, values: { lr: 0.2 }, lane }));
    const before = [{ step: 5, values: { lr: 0.3 } }];
    const fork = { lane: last, step: 10 };
    const own = (lr: number) => ({ step: 10, lane: "fork", values: { lr } });
    assert.deepEqual(bench.opening.value.fork, fork);
    assert.deepEqual(bench.opening.value.changes, [...before, own(0.7), ...both]);
    bench.set("lr", 0.8, "fork"); // while it is being set up
    assert.deepEqual(bench.opening.value.changes, [...before, own(0.8), ...both]);
    assert.deepEqual([...bench.settings.keys()], [first, last, "fork"]);
    assert.match(bench.details.lanes.fork.label.en, /step 10/);
    frame(10);
    bench.unfork();
    assert.deepEqual([bench.opening.value.fork, bench.opening.value.changes], [undefined, [...before, ...both]]);
    bench.reset();
    assert.deepEqual(bench.opening.value.changes, []);
    bench.close();
  });
});
