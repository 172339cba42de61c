/** Parameters that may change while a run goes on, where that is more than a number that is read at every step. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { packaged } from "../../src/experiments/data.ts";
import { alexnet } from "../../src/experiments/day2/alexnet.ts";
import { batchNormalization } from "../../src/experiments/day2/batch-normalization.ts";
import { dropout } from "../../src/experiments/day2/dropout.ts";
import type { Experiment } from "../../src/experiments/experiment.ts";
import { inTurn, shuffled } from "../../src/experiments/parts/digits-task.ts";
import { Run } from "../../src/experiments/run.ts";
import { use } from "../helpers/devices.ts";

describe("a parameter that is hot", () => {
  before(() => use("wasm"));

  const rows: readonly (readonly [Experiment, string, string, number])[] = [
    [dropout, "p", "trainError", 0.7],
    [batchNormalization, "batch", "loss", 7],
    [alexnet, "dropout", "loss", 0.1],
  ];
  for (const [experiment, name, probe, value] of rows) {
    test(`has its effect from the step after it changed on, and gives the same run again: ${name} of ${experiment.id}`, async () => {
      const [half, whole] = [4, 8];
      const numbers = async (isChanged: boolean): Promise<readonly unknown[]> => {
        const run = await Run.start(experiment, { seed: 3, data: packaged }, { values: { steps: whole } });
        while (!run.isDone) {
          if (isChanged && run.step === half) run.change({ [name]: value }, "with");
          await run.next();
        }
        return [run.lane("without").series(probe).values, run.lane("with").series(probe).values];
      };
      const [plain, changed, again] = [await numbers(false), await numbers(true), await numbers(true)] as number[][][];
      assert.deepEqual(changed, again);
      assert.deepEqual(changed[0], plain[0], "the other lane");
      assert.deepEqual(changed[1].slice(0, half), plain[1].slice(0, half));
      assert.notEqual(changed[1][half], plain[1][half]);
    });
  }

  test("the size of minibatches: while it is one, they are those of every epoch, and it may be another at any time", () => {
    const [byStep, next] = [shuffled(23, 5, 9), inTurn(23, 9)];
    for (let step = 1; step <= 10; step++) assert.deepEqual(next(5), byStep(step).slice());
    const other = inTurn(23, 9);
    const sizes = [5, 10, 7, 1, 23, 2];
    const batches = sizes.map((size) => [...other(size)]);
    assert.deepEqual(
      batches.map(({ length }) => length),
      sizes,
    );
    assert.equal(new Set(batches.slice(0, 3).flat()).size, 22, "no example twice in an epoch");
  });
});
