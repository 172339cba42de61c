import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { booleanLearners } from "../../src/experiments/parts/boolean-learners.ts";
import { cube, scoreOf, truths, worldKinds } from "../../src/experiments/parts/boolean-score.ts";
import { seed } from "../../src/index.ts";
import { use } from "../helpers/devices.ts";

describe("Boolean worlds", () => {
  before(async () => {
    await use("wasm");
    seed(1);
  });

  test("are of each kind as often as it is known", () => {
    const count = (has: readonly boolean[]): number => has.filter(Boolean).length;
    assert.deepEqual(
      Object.values(worldKinds).map(({ has }) => count(has)),
      [256, 104, 48, 48],
    );
  });

  test("every learner says what it was told, and is right in exactly half of all other cases", async () => {
    for (const seen of [[5], [0, 3, 6], [0, 1, 2, 3, 4, 5, 7]]) {
      for (const [name, make] of Object.entries(booleanLearners)) {
        const { learn, answer } = make({ cases: cube, truths, seen, hidden: 8 });
        for (let step = 0; step < 200; step++) await learn?.(0.1);
        const says = await answer();
        const unseen = [0, 1, 2, 3, 4, 5, 6, 7].filter((i) => !seen.includes(i));
        assert.equal(scoreOf(says, unseen).mean(worldKinds.all.has), 0.5, name);
        assert.equal(scoreOf(says, seen).mean(worldKinds.all.has), 1, name);
      }
    }
  });
});
