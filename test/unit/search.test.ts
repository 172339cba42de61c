/** Hyper-parameters drawn at random. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ValueError } from "../../src/errors.ts";
import { NoResultError, type SearchOptions, type Space, search, type Trial } from "../../src/train/index.ts";

const wrong = <T>(value: unknown): T => value as T;

describe("search", () => {
  const space = {
    lr: { low: 1e-4, high: 1, scale: "log" },
    width: { low: 2, high: 5, whole: true },
    rate: { low: -1, high: 3 },
    kind: ["SGD", "Adam", false],
  } as const satisfies Space;

  test("finds the best of what it draws, and draws the same for the same seed", async () => {
    const far = ({ lr, rate }: { lr: number; rate: number }): number =>
      Math.abs(Math.log10(lr) + 2) + Math.abs(rate - 1);
    const a = await search(space, far, { trials: 200, seed: 4 });
    assert.ok(a.best.value < 0.3, `${a.best.value}`);
    assert.equal(a.best.value, Math.min(...a.trials.map(({ value }) => value!)));
    assert.deepEqual((await search(space, far, { trials: 200, seed: 4 })).trials, a.trials);
    assert.notDeepEqual((await search(space, far, { trials: 200, seed: 5 })).trials, a.trials);
    const b = await search(space, far, { trials: 200, seed: 4, mode: "max" });
    assert.equal(b.best.value, Math.max(...a.trials.map(({ value }) => value!)));
    const { lr } = space; // what else is drawn changes nothing
    const alone = await search({ lr }, ({ lr }) => lr, { trials: 3, seed: 4 });
    assert.deepEqual(
      alone.trials.map(({ value }) => value),
      a.trials.slice(0, 3).map(({ settings }) => settings.lr),
    );
  });

  test("draws evenly, whole numbers with both ends, factors where the scale is logarithmic", async () => {
    const { trials } = await search(space, () => 0, { trials: 2000 });
    const part = (holds: (settings: (typeof trials)[number]["settings"]) => boolean): number =>
      trials.filter(({ settings }) => holds(settings)).length / trials.length;
    for (const width of [2, 3, 4, 5]) assert.ok(Math.abs(part((s) => s.width === width) - 0.25) < 0.04);
    for (const kind of space.kind) assert.ok(Math.abs(part((s) => s.kind === kind) - 1 / 3) < 0.04);
    assert.ok(Math.abs(part((s) => s.lr < 0.01) - 0.5) < 0.04);
    assert.ok(Math.abs(part((s) => s.rate < 0) - 0.25) < 0.04);
    assert.ok(trials.every(({ settings: { lr, rate } }) => lr >= 1e-4 && lr <= 1 && rate >= -1 && rate <= 3));
    const { best } = await search({ n: { low: 7, high: 7, whole: true, scale: "log" } }, ({ n }) => n, { trials: 1 });
    assert.equal(best.value, 7);
    assert.equal(best.number, 0);
  });

  test("OPT-16: limits that are none, and no trials", async () => {
    const spaces: Space[] = [
      {},
      wrong([]),
      wrong(null),
      { lr: { low: 2, high: 1 } },
      { lr: { low: 0, high: 1, scale: "log" } },
      { lr: { low: -1, high: 1, scale: "log" } },
      { lr: { low: NaN, high: 1 } },
      { lr: { low: 0, high: Infinity } },
      { lr: { low: 0.5, high: 2, whole: true } },
      { lr: { low: 0, high: 1, scale: wrong("square") } },
      { lr: wrong({ min: 0, max: 1 }) },
      { lr: wrong(3) },
      { kind: [] },
    ];
    for (const bad of spaces) {
      await assert.rejects(
        search(bad, () => 0, { trials: 1 }),
        ValueError,
        JSON.stringify(bad),
      );
    }
    for (const trials of [0, -1, 1.5, NaN])
      await assert.rejects(
        search(space, () => 0, { trials }),
        ValueError,
      );
    for (const options of [{ trials: 1, mode: "least" }, { trials: 1, seed: -1 }, { trials: 1, count: 2 }, {}]) {
      await assert.rejects(
        search(space, () => 0, wrong<SearchOptions>(options)),
        ValueError,
      );
    }
    await assert.rejects(search(space, wrong(3), { trials: 1 }), ValueError);
    await assert.rejects(
      search({ lr: { low: 0, high: 1, scale: "log" } }, () => 0, { trials: 1 }),
      {
        message:
          "search: got lr from 0 on a logarithmic scale, but it takes numbers above 0. Raise low, or leave out the scale.",
      },
    );
  });

  test("OPT-16: a trial that throws or gives no number is marked as failed, and the search goes on", async () => {
    const seen: Trial[] = [];
    const results = [3, NaN, "4", 1, Infinity, 2];
    const { trials, best } = await search(
      space,
      (_, trial) => {
        if (trial === 1) throw new Error("mine");
        return results[trial] as number;
      },
      { trials: 6, onTrial: (trial) => seen.push(trial) },
    );
    assert.deepEqual(
      trials.map(({ state }) => state),
      ["complete", "failed", "failed", "complete", "failed", "complete"],
    );
    assert.deepEqual(
      trials.map(({ value }) => value),
      [3, null, null, 1, Infinity, 2],
    );
    assert.match(String(trials[1].error), /mine/);
    assert.deepEqual([best.number, best.value], [3, 1]);
    assert.deepEqual(seen, trials);
    const stop = new AbortController();
    const some = await search(space, () => 1, { trials: 9, signal: stop.signal, onTrial: () => stop.abort() });
    assert.deepEqual([some.trials.length, some.best.number], [1, 0]);
  });

  test("OPT-16: where no trial gives a finite number it says so, with all trials, and a script ends with 1", async () => {
    const failing = search(space, (_, trial) => (trial === 0 ? NaN : Promise.reject(new Error("mine"))), { trials: 3 });
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof NoResultError);
      assert.equal(error.code, "VALUE");
      assert.match(error.message, /got no finite result in 3 trials; trial 1 threw "Error: mine"/);
      assert.deepEqual(
        error.trials.map(({ state }) => state),
        ["failed", "failed", "failed"],
      );
      return true;
    });
    assert.equal((await search(space, () => 1, { trials: 1 })).best.value, 1);
    const index = join(import.meta.dirname, "../../src/train/index.ts");
    const script = `import { search } from ${JSON.stringify(index)};
      await search({ lr: { low: 0, high: 1 } }, () => NaN, { trials: 2 });`;
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /no finite result in 2 trials/);
  });
});
