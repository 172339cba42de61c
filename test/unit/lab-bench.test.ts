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
});
