/** The training loop: what it counts, when it stops, and what it does about NaN. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { DataLoader } from "../../src/data/index.ts";
import { ValueError } from "../../src/errors.ts";
import { BatchNorm1d, Dropout, Linear, Module, Sequential, Tanh } from "../../src/nn/index.ts";
import { Adam, linear, Plateau, SGD } from "../../src/optim/index.ts";
import { crossEntropy, Parameter, seed, type Tensor, tensor } from "../../src/tensor.ts";
import {
  accuracy,
  binaryAccuracy,
  confusionMatrix,
  evaluate,
  type FitOptions,
  fit,
  fitting,
  NonFiniteError,
  Pace,
  predictions,
  Recent,
} from "../../src/train/index.ts";
import { use } from "../helpers/devices.ts";
import { list, points, stateOf } from "../helpers/training.ts";

function setting(given: Partial<FitOptions> = {}, model: Sequential = classifier()): [Sequential, FitOptions] {
  const train = new DataLoader(points(64), { batchSize: 16, shuffle: true, seed: 0 });
  const validation = new DataLoader(points(40, 1), { batchSize: 16 });
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  return [model, { train, validation, loss: crossEntropy, optimizer, epochs: 3, metrics: { accuracy }, ...given }];
}
function classifier(): Sequential {
  seed(1);
  return new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 2));
}

describe("fit", () => {
  before(() => use("wasm"));

  test("trains, measures and tells how far it is", async () => {
    const [model, options] = setting();
    const seen: string[] = [];
    const result = await fit(model, {
      ...options,
      onProgress: ({ epoch, epochs, step, steps, endsEpoch }) => {
        seen.push(`${epoch}/${epochs} ${step}/${steps}${endsEpoch ? " end" : ""}`);
      },
    });
    assert.deepEqual([result.stopped, result.steps, result.skipped, result.best], ["finished", 12, 0, null]);
    assert.deepEqual(result.warnings, []);
    assert.deepEqual(seen.slice(0, 6), ["1/3 1/12", "1/3 2/12", "1/3 3/12", "1/3 4/12", "1/3 4/12 end", "2/3 5/12"]);
    assert.equal(seen.length, 15);
    const [first, , last] = result.history;
    assert.ok(last.train.loss < first.train.loss && last.validation!.accuracy > 0.8);
    assert.deepEqual(Object.keys(last.train), ["loss", "accuracy"]);
    assert.ok(model.training);
  });

  test("is the loop that one would write by hand, bit for bit", async () => {
    const [model, options] = setting({ validation: undefined as never, onNonFinite: "ignore" });
    await fit(model, options);
    const [other, { train, optimizer }] = setting();
    for (let epoch = 0; epoch < 3; epoch++) {
      for await (const { x, y } of train) {
        crossEntropy(other.forward(x), y).backward();
        await optimizer.step();
      }
    }
    assert.deepEqual(await stateOf(model), await stateOf(other));
  });

  test("follows a schedule by steps, and a plateau by epochs", async () => {
    const [model, options] = setting({ schedule: linear(0.12, { to: 0 }) });
    const { history } = await fit(model, options);
    assert.deepEqual(
      history.map(({ lr }) => Math.round(lr * 1000)),
      [90, 50, 10],
    );
    const [other, given] = setting({ schedule: new Plateau(0.05, { patience: 0, threshold: 1 }) });
    const rates = (await fit(other, given)).history.map(({ lr }) => lr);
    assert.equal(rates[0], 0.05);
    assert.ok(Math.abs(rates[2] - 0.005) < 1e-9);
  });

  test("OPT-11: no epochs do nothing and are a valid run; parts of epochs are none", async () => {
    const [model, options] = setting({ epochs: 0 });
    const before = await stateOf(model);
    const result = await fit(model, options);
    assert.deepEqual([result.steps, result.history, result.stopped], [0, [], "finished"]);
    assert.deepEqual(await stateOf(model), before);
    for (const epochs of [Number.NaN, 1.5, -1]) await assert.rejects(fit(model, { ...options, epochs }), ValueError);
  });

  test("OPT-15: one sample works; one class works with a warning; no batches are an error", async () => {
    const one = new DataLoader(points(1));
    const [model, options] = setting({ train: one });
    const single = await fit(model, options);
    assert.deepEqual(single.warnings, ["All targets so far are of one class."]);
    assert.equal(single.steps, 3);
    const [other, given] = setting({ train: [] });
    await assert.rejects(fit(other, given), /no batches in epoch 1/);
    async function* once() {
      yield* new DataLoader(points(4));
    }
    const [third, rest] = setting({ train: once() });
    await assert.rejects(fit(third, rest), /no batches in epoch 2.*more than once/);
  });

  test("stops after the step when asked to, with a result that says so", async () => {
    const controller = new AbortController();
    const [model, options] = setting({ epochs: 50, signal: controller.signal });
    const onProgress = ({ step }: { step: number }): void => {
      if (step === 6) controller.abort();
    };
    const result = await fit(model, { ...options, onProgress });
    assert.deepEqual([result.stopped, result.steps, result.history.length], ["aborted", 6, 1]);
    assert.ok((await stateOf(model)).flat().every(Number.isFinite));
    const before = await stateOf(model);
    assert.equal((await fit(model, { ...options, signal: AbortSignal.abort() })).steps, 0);
    assert.deepEqual(await stateOf(model), before);
  });

  test("a timer can stop it", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const [model, options] = setting({ epochs: 1e6, signal: controller.signal });
    const start = performance.now();
    assert.equal((await fit(model, options)).stopped, "aborted");
    assert.ok(performance.now() - start < 5000);
  });

  test("stops early when the validation gets no better, with the state of the best epoch", async () => {
    // The rate is so high that later epochs are worse.
    const [model, options] = setting({ epochs: 30, earlyStop: { patience: 2 } });
    const states: number[][][] = [];
    options.optimizer.lr = 1;
    const result = await fit(model, {
      ...options,
      onEpoch: async () => {
        states.push(await stateOf(model));
      },
    });
    assert.equal(result.stopped, "early");
    const losses = result.history.map(({ validation }) => validation!.loss);
    assert.equal(result.best!.value, Math.min(...losses));
    assert.equal(result.history.length, result.best!.epoch + 3);
    assert.deepEqual(await stateOf(model), states[result.best!.epoch - 1]);
  });

  test("CKPT-14: NaN is never best, and of equal measurements the first is", async () => {
    let values = [Number.NaN, 0.5, 0.5, 0.5, 0.5];
    const measure = (): Tensor => tensor(values.shift() ?? 0);
    const data = new DataLoader(points(8), { batchSize: 8 });
    const given: Partial<FitOptions> = {
      train: [],
      validation: data,
      epochs: 9,
      metrics: { mine: measure },
      earlyStop: { metric: "mine", patience: 1 },
    };
    const [model, options] = setting(given);
    values = [0, Number.NaN, 0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5]; // of the training and of the validation in turn
    const result = await fit(model, { ...options, train: data });
    assert.deepEqual([result.best, result.stopped], [{ epoch: 2, value: 0.5 }, "early"]);
  });

  test("options that say nothing are refused", async () => {
    const wrong: Partial<FitOptions>[] = [
      { earlyStop: { patience: -1 } },
      { earlyStop: { patience: 1, metric: "f1" } },
      { earlyStop: { patience: 1 }, validation: undefined as never },
      { onNonFinite: "stop" as "skip" },
      { clipNorm: 0 },
      { accumulate: 0 }, // OPT-12
      { accumulate: 1.5 },
      { metrics: { loss: accuracy } },
    ];
    for (const given of wrong) await assert.rejects(fit(...setting(given)), ValueError, JSON.stringify(given));
  });

  test("what would train nothing is refused, and says what to pass", async () => {
    const [model, options] = setting();
    const wrong: [given: object, message: string][] = [
      [
        { optimizer: new Adam(classifier().parameters()) },
        "got an optimizer that shares no parameter with the model, but it takes an optimizer of the model's parameters. " +
          "Pass new AdamW(model.parameters()), or another.",
      ],
      [
        { optimizer: Adam },
        "got optimizer the function Adam, but it takes an optimizer. Pass new AdamW(model.parameters()), or another.",
      ],
      [
        { loss: "mse" },
        'got loss "mse", but it takes a function of output and target. ' +
          "Pass a function such as crossEntropy or accuracy, without calling it.",
      ],
      [
        { metrics: { accuracy: 1 } },
        "got metrics.accuracy 1, but it takes a function of output and target. " +
          "Pass a function such as crossEntropy or accuracy, without calling it.",
      ],
      [
        { metrics: [accuracy] },
        "got metrics [the function accuracy], but it takes an object of functions by name. Write { metrics: { accuracy } }.",
      ],
      [
        { schedule: 0.1 },
        "got schedule 0.1, but it takes a function from the step to the learning rate, or a Plateau. " +
          "Pass cosine(lr), for example.",
      ],
      [
        { train: points(4) },
        "got train an ArrayDataset, but it takes batches that can be gone through. Pass new DataLoader(dataset).",
      ],
      [{ train: Promise.resolve([]) }, "got train a promise, but it takes batches that can be gone through. Await it."],
      [{ train: undefined }, "got no train, but it takes batches that can be gone through. Pass a DataLoader."],
      [
        { loss: undefined },
        "got no loss, but it takes a function. Pass { loss: crossEntropy }, or another function of output and target.",
      ],
    ];
    for (const [given, message] of wrong) {
      await assert.rejects(fit(model, { ...options, ...given }), { name: "ValueError", message: `fit: ${message}` });
    }
    await assert.rejects(
      fit(options as never, model as never),
      /^ValueError: fit: got \{ train, validation, loss, opt/,
    );
    await assert.rejects(fit(model, undefined as never), /^ValueError: fit: got null in the place of its options/);
  });
});

describe("accumulated gradients", () => {
  before(() => use("wasm"));

  const run = async (accumulate: number, batchSize: number): Promise<{ state: number[][]; steps: number }> => {
    const model = classifier();
    const train = new DataLoader(points(64), { batchSize, seed: 0 });
    const optimizer = new SGD(model.parameters(), { lr: 0.5 });
    const { steps } = await fit(...setting({ train, optimizer, accumulate, epochs: 2 }, model));
    return { state: await stateOf(model), steps };
  };
  const close = (a: number[][], b: number[][]): void =>
    a.flat().forEach((x, i) => {
      assert.ok(Math.abs(x - b.flat()[i]) < 1e-5, `${x} for ${b.flat()[i]}`);
    });

  test("of four batches are those of one of four times the size", async () => {
    const [many, one] = [await run(4, 8), await run(1, 32)];
    assert.deepEqual([many.steps, one.steps], [4, 4]);
    close(many.state, one.state);
  });

  test("OPT-12: of a rest are averaged over the rest", async () => {
    const [rest, whole] = [await run(100, 16), await run(1, 64)];
    assert.equal(rest.steps, 2);
    close(rest.state, whole.state);
    assert.equal((await run(3, 16)).steps, 4);
  });

  test("of batches of other sizes count by their examples", async () => {
    const [uneven, whole] = [await run(3, 24), await run(1, 64)]; // 24, 24 and 16
    assert.equal(uneven.steps, 2);
    close(uneven.state, whole.state);
  });

  test("go into all groups of parameters, whose rates follow the schedule", async () => {
    const train = async (accumulate: number, batchSize: number): Promise<number[][]> => {
      const model = classifier();
      const [w1, b1, w2, b2] = model.parameters();
      const optimizer = new SGD(
        [
          { params: [w1, w2], weightDecay: 0.1 },
          { params: [b1, b2], lr: 0.05 },
        ],
        { lr: 0.5 },
      );
      const data = new DataLoader(points(64), { batchSize, seed: 0 });
      const schedule = linear(0.5);
      await fit(...setting({ train: data, optimizer, accumulate, schedule, epochs: 2 }, model));
      assert.ok(Math.abs(optimizer.groups[1].lr - optimizer.lr / 10) < 1e-12 && optimizer.lr < 0.5);
      return stateOf(model);
    };
    close(await train(4, 8), await train(1, 32));
  });

  test("with batch norm, whose statistics move with each batch", async () => {
    seed(5);
    const model = new Sequential(new Linear(2, 4), new BatchNorm1d(4), new Linear(4, 2));
    const [, options] = setting({ accumulate: 3 }, model);
    const result = await fit(model, options);
    assert.equal(result.steps, 6);
    assert.equal(await model.state().get("1.num_batches_tracked")!.item(), 12);
    assert.ok((await stateOf(model)).flat().every(Number.isFinite));
  });
});

describe("what is not finite", () => {
  before(() => use("wasm"));

  /** Divides by 0 from a given call on. */
  class Faulty extends Module {
    readonly weight: Parameter = new Parameter(tensor([1, 1]));
    readonly from: number;
    calls = 0;
    constructor(from: number) {
      super();
      this.from = from;
    }
    override forward(x: Tensor): Tensor {
      return ++this.calls >= this.from ? x.mul(this.weight).div(0) : x.mul(this.weight);
    }
  }
  const faulty = (from: number): Sequential => {
    seed(2);
    return new Sequential(new Linear(2, 2), new BatchNorm1d(2), new Dropout(0.1), new Faulty(from), new Linear(2, 2));
  };

  test("OPT-05, LOSS-09: is an error that names the step and the layer, and leaves the model as it was", async () => {
    const model = faulty(6);
    const [, options] = setting({ validation: undefined as never }, model);
    const states: number[][][] = [];
    const onEpoch = async (): Promise<void> => {
      states.push(await stateOf(model));
    };
    const error = await fit(model, { ...options, onEpoch }).then(
      () => null,
      (e: Error) => e,
    );
    assert.ok(error instanceof NonFiniteError && error instanceof ValueError);
    assert.equal(error.step, 6);
    assert.equal(error.source, 'Faulty "3"');
    assert.equal(error.code, "VALUE");
    assert.match(error.message, /^fit: got gradients that are not finite in step 6 \(epoch 2\), first in Faulty "3",/);
    const now = await stateOf(model);
    assert.ok(now.flat().every(Number.isFinite));
    assert.notDeepEqual(now, states[0]); // step 5 is in it, step 6 is not
    assert.ok(model.parameters().every((p) => p.grad === null));
    assert.ok(!Object.hasOwn(model, "forward"));
    assert.equal(await model.state().get("1.num_batches_tracked")!.item(), 5);
  });

  test("in the input, in the loss, or in gradients only is told too", async () => {
    const model = classifier();
    const x = tensor([
      [1, Number.NaN],
      [0, 1],
    ]);
    const y = tensor([0, 1], { dtype: "int32" });
    const source = async (given: Partial<FitOptions>): Promise<string> => {
      const error = await fit(...setting(given, model)).then(
        () => null,
        (e: NonFiniteError) => e,
      );
      return error?.row === null ? error.source : `${error?.source}, row ${error?.row}`;
    };
    assert.equal(await source({ train: [{ x, y }] }), "the input, row 0");
    const sound = {
      x: tensor([
        [1, 2],
        [0, 1],
      ]),
      y,
    };
    assert.equal(await source({ train: [sound], loss: (o) => o.mean().mul(Infinity) }), "the loss");
    const root = (o: Tensor): Tensor => o.sub(o.detach()).sqrt().sum(); // 0, with an infinite slope
    assert.equal(await source({ train: [sound], loss: root }), "the gradient of 2.bias");
  });

  test("OPT-05: with skip, nothing of the step stays, and what follows is as if it had not been", async () => {
    const good = {
      x: tensor([
        [1, 2],
        [0, 1],
        [3, 1],
      ]),
      y: tensor([0, 1, 1], { dtype: "int32" }),
    };
    const bad = {
      x: tensor([
        [1, Infinity],
        [0, 1],
        [1, 1],
      ]),
      y: good.y,
    };
    const run = async (train: (typeof good)[]): Promise<{ skipped: number; state: number[][] }> => {
      seed(3);
      const model = new Sequential(new Linear(2, 4), new BatchNorm1d(4), new Linear(4, 2));
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      const [, options] = setting({ train, optimizer, onNonFinite: "skip", clipNorm: 1, epochs: 2 }, model);
      const { skipped, steps, history } = await fit(model, options);
      assert.equal(steps, 2 * train.length);
      assert.ok(history.every((h) => Number.isFinite(h.train.loss)));
      return {
        skipped,
        state: [...(await stateOf(model)), ...(await Promise.all([...optimizer.state().values()].map(list)))],
      };
    };
    const [with_, without] = [await run([good, bad, good]), await run([good, good])];
    assert.deepEqual([with_.skipped, without.skipped], [2, 0]);
    assert.deepEqual(with_.state, without.state);
  });

  test("with ignore, it goes on", async () => {
    const [model, options] = setting({ onNonFinite: "ignore" }, faulty(2));
    const { steps, skipped } = await fit(model, options);
    assert.deepEqual([steps, skipped], [12, 0]);
  });

  test("LOSS-02: a loss of no targets is left out of the mean, with a warning, and changes nothing", async () => {
    const [model, options] = setting({
      train: [{ x: tensor([[1, 2]]), y: tensor([-100], { dtype: "int32" }) }],
      optimizer: new SGD(classifier().parameters(), { lr: 1 }),
    });
    const before = await stateOf(model);
    const optimizer = new SGD(model.parameters(), { lr: 1 });
    const { warnings, skipped } = await fit(model, { ...options, optimizer });
    assert.equal(skipped, 0);
    assert.match(warnings.join(), /A loss was not finite though its gradients were/);
    assert.deepEqual(await stateOf(model), before);
  });
});

describe("measuring", () => {
  test("without anything to measure it says what to pass", async () => {
    const [model, { train }] = setting();
    const message =
      /^ValueError: evaluate: got neither a loss nor metrics, .* Pass \{ loss, metrics: \{ accuracy \} \}/;
    await assert.rejects(evaluate(model, train, undefined as never), message);
    await assert.rejects(
      evaluate(model, points(2) as never, { metrics: { accuracy } }),
      /Pass new DataLoader\(dataset\)/,
    );
    await assert.rejects(evaluate(train as never, model as never, {}), /^ValueError: evaluate: got a DataLoader in/);
  });

  before(() => use("wasm"));

  test("evaluates with all examples counted alike, in inference mode, and gives modes back", async () => {
    seed(6);
    const model = new Sequential(new Linear(2, 2), new Dropout(0.9));
    model.layers[0].eval();
    const data = new DataLoader(points(10), { batchSize: 4 });
    const whole = new DataLoader(points(10), { batchSize: 10 });
    const options = { loss: crossEntropy, metrics: { accuracy } };
    const [parts, once] = [await evaluate(model, data, options), await evaluate(model, whole, options)];
    assert.ok(Math.abs(parts.loss - once.loss) < 1e-6 && Math.abs(parts.accuracy - once.accuracy) < 1e-6);
    assert.deepEqual([model.training, model.layers[0].training, model.layers[1].training], [true, false, true]);
    await assert.rejects(evaluate(model, [], options), ValueError);
    const { actual, predicted } = await predictions(model, data);
    const right = actual.filter((label, i) => label === predicted[i]).length;
    assert.ok(Math.abs(right / 10 - once.accuracy) < 1e-6);
  });

  test("accuracies and a confusion matrix", async () => {
    const y = tensor([0, 1, 1], { dtype: "int32" });
    assert.ok(
      Math.abs(
        (await accuracy(
          tensor([
            [2, 1],
            [2, 1],
            [0, 1],
          ]),
          y,
        ).item()) -
          2 / 3,
      ) < 1e-6,
    );
    assert.equal(await binaryAccuracy(tensor([-1, 2]), tensor([0, 0])).item(), 0.5);
    assert.deepEqual(confusionMatrix([0, 1, 1, 2], [0, 2, 1, 2], 3), [
      [1, 0, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
    assert.throws(() => confusionMatrix([0, 3], [0, 0], 3), /the class 3 of example 1/);
    assert.throws(() => confusionMatrix([0], [0, 0], 3), ValueError);
  });

  test("a pace forgets the first step, which compiles, and knows how long the rest takes", () => {
    let now = 0;
    const pace = new Pace(() => now);
    assert.equal(pace.secondsFor(10, 0), null);
    now += 5000;
    pace.step(32);
    assert.equal(pace.secondsFor(10, 0), null);
    for (let i = 0; i < 5; i++) {
      now += 100;
      pace.step(32);
    }
    assert.ok(Math.abs(pace.samplesPerSecond - 320) < 1e-6);
    assert.ok(Math.abs(pace.secondsFor(10, 2)! - 1) < 1e-6);
    now += 3000;
    pace.aside();
    assert.ok(Math.abs(pace.secondsFor(10, 2)! - 7) < 1e-6);
    const recent = new Recent(2);
    for (const x of [1, Number.NaN, 3]) recent.add(x);
    assert.ok(Math.abs(recent.mean - 3.5 / 1.5) < 1e-12);
  });
});

describe("fitting", () => {
  before(() => use("wasm"));

  test("can be left in the middle", async () => {
    const [model, options] = setting();
    let seen = 0;
    for await (const { loss, metrics } of fitting(model, options)) {
      assert.ok(Number.isFinite(loss) && Number.isFinite(metrics.accuracy));
      if (++seen === 2) break;
    }
    assert.ok((await stateOf(model)).flat().every(Number.isFinite));
  });
});
