/** What the experiments on overfitting are made of: sub-networks, early stopping, and the worlds. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { packaged } from "../../src/experiments/data.ts";
import { overfitting } from "../../src/experiments/day2/overfitting.ts";
import { fan, subNetwork } from "../../src/experiments/parts/dropout-fan.ts";
import { EarlyStop } from "../../src/experiments/parts/early-stop.ts";
import { overfitTask } from "../../src/experiments/parts/overfit-task.ts";
import { Run } from "../../src/experiments/run.ts";
import { mseLoss, ones, Parameter, seed, setDevice, tensor, zeros } from "../../src/index.ts";
import { MLP } from "../../src/models/index.ts";

const settings = { points: 15, noise: 0.3, width: 8, depth: 2 };

describe("experiments on overfitting", () => {
  before(() => setDevice("wasm", { threads: 1 }));

  test("a sub-network leaves the same nodes out for every input", async () => {
    seed(1);
    const model = new MLP([2, 16, 16, 1], { dropout: 0.5 });
    const net = subNetwork(model);
    const alike = await net.forward(ones([5, 2])).data();
    assert.equal(new Set(alike).size, 1);
    for (const mask of net.masks) {
      const values = new Set(await mask.data());
      assert.deepEqual([...values].sort(), [0, 2], "some are out, and the others count twice");
    }
  });

  test("all sub-networks of a network that drops nothing are that network", async () => {
    seed(1);
    const model = new MLP([1, 8, 1]);
    const examples = { x: ones([4, 1]), y: zeros([4, 1]) };
    const { averaging, single, masks } = await fan(model, examples, mseLoss, 3);
    const error = await mseLoss(model.forward(examples.x), examples.y).item();
    assert.ok(averaging < 1e-10 && Math.abs(single - error) < 1e-6);
    assert.equal(masks, undefined);
  });

  test("early stopping is over ten measurements after the least, and goes back to it", async () => {
    const p = new Parameter(tensor([1, 2]));
    const stop = new EarlyStop<string>([p]);
    await stop.note(0.5, "first");
    p.assign(tensor([3, 4]));
    await stop.note(0.1, "best");
    p.assign(tensor([5, 6]));
    for (let i = 0; i < 10; i++) await stop.note(0.2, "later");
    assert.ok(!stop.isOver);
    await stop.note(Number.NaN, "later");
    assert.ok(stop.isOver);
    stop.restore();
    assert.deepEqual([...(await p.data())], [3, 4]);
    assert.equal(stop.best, "best");
  });

  test("early stopping may be turned on while a run goes on, and holds its curve from then on", async () => {
    const run = await Run.start(overfitting, { seed: 1, data: packaged }, { values: { steps: 1500 } });
    while (run.step < 1000) await run.next();
    run.change({ earlyStop: "on" });
    while (await run.next());
    const large = run.lane("large");
    assert.equal(large.last("testError"), large.last("best"));
    assert.ok((large.last("testError") as number) < 0.13);
  });

  test("penalties pull weights towards 0, and only the proximal step makes them 0", async () => {
    const context = { seed: 1, data: packaged };
    const options = { ...settings, world: "sparse", optimizer: "sgd", points: 50 } as const;
    const norm = async (now: Record<string, number>): Promise<[number, number]> => {
      const task = await overfitTask(options, context);
      for (let step = 1; step <= 300; step++) await task.step(step, { lr: 0.05, ...now });
      return [await task.weights[0].abs().sum().item(), await task.zeros()];
    };
    const [plain, l1, l2, proximal] = [
      await norm({}),
      await norm({ l1: 0.2 }),
      await norm({ l2: 0.2 }),
      await norm({ proximal: 0.2 }),
    ];
    for (const [size] of [l1, l2, proximal]) assert.ok(size < plain[0]);
    assert.ok(plain[1] === 0 && l2[1] === 0);
    assert.ok(l1[1] < 12 && proximal[1] >= 40, `${l1[1]}, ${proximal[1]}`);
  });
});
