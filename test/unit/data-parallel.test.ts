/** Parts of a batch on workers: the same bits for any number of them; and what a worker leaves undone is done here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HostRandom } from "../../src/data/index.ts";
import { DataParallel } from "../../src/experiments/parts/data-parallel.ts";
import { Crew, crew } from "../../src/experiments/parts/gradient-crew.ts";
import { flatParameters, PartSolver, type PartTask } from "../../src/experiments/parts/part-gradients.ts";
import { defaultGenerator, seed, tensor } from "../../src/index.ts";
import { MLP } from "../../src/models/index.ts";
import { SGD } from "../../src/optim/index.ts";

const sizes = [6, 8, 3];

function examples(count: number) {
  const x = Float32Array.from({ length: 6 * count }, (_, i) => new HostRandom(1, i).normal());
  const y = Int32Array.from({ length: count }, (_, i) => i % 3);
  return { x, y, tensors: { x: tensor(x, [count, 6]), y: tensor(y) } };
}

async function trained(workers: number): Promise<{ losses: number[]; weights: Float32Array }> {
  seed(3);
  const parallel = new DataParallel(sizes, (model) => new SGD(model.parameters(), { lr: 0.1 }));
  const losses: number[] = [];
  for (let step = 0; step < 5; step++) losses.push(await parallel.learn(examples(70).tensors, { lr: 0.1, workers }));
  return { losses, weights: await flatParameters(parallel.model) };
}

test("training in parts gives the same bits with any number of workers", async () => {
  const one = await trained(1);
  assert.ok(one.losses[4] < one.losses[0]);
  for (const workers of [2, 3, 4]) {
    assert.deepEqual(await trained(workers), one);
    assert.equal(crew.count, workers, "workers that run");
  }
});

test("the mean of the parts is the gradient of the batch, and speeds are measured for each count of workers", async () => {
  const parallel = new DataParallel(sizes, (model) => new SGD(model.parameters(), { lr: 0.1 }));
  const { partGap, differing, workerSpeeds } = await parallel.share(examples(70).tensors, 3);
  assert.ok(partGap < 1e-5, `${partGap}`);
  assert.equal(differing, 0);
  assert.equal(workerSpeeds.names.length, 3);
  assert.ok(Array.from(workerSpeeds.values).every((speed) => speed > 0 && Number.isFinite(speed)));
});

test("what a worker has not answered when it ends is computed here, with the same bits", async () => {
  const { x, y } = examples(20);
  const task: PartTask = { sizes, parameters: await flatParameters(new MLP(sizes)), x, y };
  const before = defaultGenerator.state;
  const own = await new PartSolver().solve(task);
  assert.deepEqual(defaultGenerator.state, before, "a run whose workers did not start draws as others do");
  const fresh = new Crew();
  const asked = fresh.solve([task, task, task], 2);
  setImmediate(() => fresh.stop()); // before any of them can have started
  assert.deepEqual(await asked, [own, own, own]);
  assert.equal(fresh.count, 0);
});

test("an error of a worker reaches who asked, and the worker is let go when nobody has asked for a while", async (t) => {
  const { x, y } = examples(20);
  const fresh = new Crew();
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const wrong: PartTask = { sizes, parameters: new Float32Array(3), x, y };
  await assert.rejects(fresh.solve([wrong], 1));
  t.mock.timers.tick(20_000);
  assert.equal(fresh.count, 1, "not yet");
  // Who is answered first does not stop the worker of who still waits.
  const right = { ...wrong, parameters: await flatParameters(new MLP(sizes)) };
  const short = fresh.solve([right], 1);
  const long = fresh.solve(Array<PartTask>(9).fill(right), 1);
  await short;
  t.mock.timers.tick(40_000);
  assert.equal(fresh.count, 1, "it is at work");
  await long;
  t.mock.timers.tick(40_000);
  assert.equal(fresh.count, 0);
  fresh.stop();
});
