import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { booleanLearners } from "../../src/experiments/boolean-learners.ts";
import { scoreOf, truths, worldKinds } from "../../src/experiments/boolean-score.ts";
import { answers, corners, flips, isSeparable } from "../../src/experiments/boolean-worlds.ts";

describe("Boolean worlds", () => {
  test("14 of 16 with two inputs and 104 of 256 with three are linearly separable", () => {
    const separable = (inputs: number): number =>
      Array.from({ length: 2 ** (2 ** inputs) }, (_, world) => isSeparable(answers(world, inputs))).filter(Boolean)
        .length;
    assert.deepEqual([1, 2, 3].map(separable), [4, 14, 104]);
  });

  test("parity flips at every edge of the cube, constants at none", () => {
    const parity = corners(3).map((x) => (x.filter((value) => value > 0).length % 2 === 1 ? 1 : 0));
    assert.equal(flips(parity), 12);
    assert.equal(flips(answers(0, 3)) + flips(answers(255, 3)), 0);
    assert.equal(worldKinds.parity.has.filter(Boolean).length, worldKinds.smooth.has.filter(Boolean).length);
  });

  test("every learner says what it was told, and is right in exactly half of all other cases", async () => {
    for (const seen of [[5], [0, 3, 6], [0, 1, 2, 3, 4, 5, 7]]) {
      for (const [name, make] of Object.entries(booleanLearners)) {
        const { learn, answer } = make({ cases: corners(3), truths, seen, hidden: 8 });
        for (let step = 0; step < 100; step++) await learn?.(0.1);
        const says = await answer();
        const unseen = [0, 1, 2, 3, 4, 5, 6, 7].filter((i) => !seen.includes(i));
        assert.equal(scoreOf(says, unseen).mean(worldKinds.all.has), 0.5, name);
        assert.equal(scoreOf(says, seen).mean(worldKinds.all.has), 1, name);
      }
    }
  });
});
