/** Optimizers, clipping and schedules. Ten-step trajectories of PyTorch are in test/golden. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { Device } from "../../src/device/device.ts";
import { CheckpointError, DTypeError, ShapeError, StaleError, ValueError } from "../../src/errors.ts";
import * as optim from "../../src/optim/index.ts";
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  clipGradNorm,
  clipGradValue,
  gradientsAreFinite,
  gradNorm,
  Lion,
  NAdam,
  type Optimizer,
  Plateau,
  RAdam,
  RMSprop,
  SGD,
} from "../../src/optim/index.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { executorOf } from "../../src/runtime/executor.ts";
import { Parameter, type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { devices, use } from "../helpers/devices.ts";

const parameter = (values: number[], label = ""): Parameter => new Parameter(tensor(values), { label });
const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const near = (got: number, want: number, relative: number): void =>
  assert.ok(Math.abs(got - want) <= relative * Math.max(Math.abs(want), 1e-30), `${got} for ${want}`);

/** Adam in float64, with the powers multiplied up: the plain formulas. */
function adam(start: number, gradients: readonly number[], lr: number, decay = 0): number[] {
  let [p, m, v, power1, power2] = [start, 0, 0, 1, 1];
  return gradients.map((g) => {
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    power1 *= 0.9;
    power2 *= 0.999;
    p -= lr * decay * p + (lr * (m / (1 - power1))) / (Math.sqrt(v / (1 - power2)) + 1e-8);
    return p;
  });
}

describe("optimizers", () => {
  before(() => use("wasm"));

  test("AdamW follows the formulas in float64, from the first step on, with a rate that changes", async () => {
    const p = parameter([1]);
    const optimizer = new AdamW([p], { lr: 0.01, weightDecay: 0.1 });
    const gradients = Array.from({ length: 10 }, (_, i) => Math.sin(i + 1));
    const wanted = adam(1, gradients, 0.01, 0.1);
    for (const [i, g] of gradients.entries()) {
      p.grad = tensor([g]);
      await optimizer.step();
      near((await list(p))[0], wanted[i], 1e-6);
    }
  });

  test("Adam without the correction of its bias takes too long a first step, by (1 − β₁) / √(1 − β₂)", async () => {
    for (const [correctBias, wanted] of [
      [true, 0.01],
      [false, (0.01 * 0.1) / Math.sqrt(0.001)],
    ] as const) {
      const p = parameter([1]);
      const optimizer = new Adam([p], { lr: 0.01, correctBias });
      p.grad = tensor([-3]);
      await optimizer.step();
      near((await list(p))[0], 1 + wanted, 1e-6);
    }
  });

  test("bias correction is precise at the first step and after a million", async () => {
    const t = new Parameter(tensor(0), { requiresGrad: false });
    for (const [beta, steps] of [
      [0.999, 1],
      [0.999, 1000],
      [0.9, 3],
      [0.9999, 2],
      [0.999, 1e6],
      [0, 1],
    ]) {
      t.assign(tensor(steps));
      const { unbias } = await import("../../src/optim/moments.ts");
      near(await unbias(beta, t).item(), -Math.expm1(steps * Math.log(beta)), 3e-7);
    }
  });

  test("a step uses the gradients up, and leaves parameters without one as they are", async () => {
    const [a, b] = [parameter([1, 2]), parameter([3])];
    const optimizer = new SGD([a, b], { lr: 0.5 });
    const loss = a.square().sum();
    loss.backward();
    await optimizer.step(); // OPT-04: b has no gradient
    assert.deepEqual([await list(a), await list(b), a.grad], [[0, 0], [3], null]);
    assert.equal(await loss.item(), 5);
    const other = a.sum().add(1);
    a.sum().backward();
    await optimizer.step();
    await assert.rejects(other.item(), StaleError);
  });

  test("a learning rate that was set stays set where a step cannot be made", async () => {
    const before = await currentDevice();
    for (const device of devices) {
      await use(device);
      const [p, q] = [parameter([1, 2]), parameter([1, 2])];
      const optimizer = new SGD([p], { lr: 1 });
      p.mul(q).sum().backward();
      await optimizer.step();
      p.mul(q).sum().backward();
      await q.assign(q.add(1)).realize();
      optimizer.lr = 0.5;
      await assert.rejects(optimizer.step(), StaleError);
      optimizer.zeroGrad();
      p.mul(q).sum().backward();
      await optimizer.step();
      assert.deepEqual(
        [await list(p), await list(q)],
        [
          [-1, -1.5],
          [2, 3],
        ],
        device,
      );
    }
    await setDevice(before);
  });

  test("gradients that another model's loss left, and that are stale by now, change nothing", async () => {
    const [made, judged] = [parameter([2], "made"), parameter([3], "judged")];
    const [maker, judge] = [new Adam([made], { lr: 0.1 }), new Adam([judged], { lr: 0.1 })];
    const turn = async (): Promise<void> => {
      judged.square().sum().backward();
      await judge.step();
      made.mul(judged).sum().backward(); // leaves a gradient in `judged`, which reads `made`
      await maker.step();
    };
    await turn();
    const before = [await list(made), await list(judged), await list(judge.state().get("Adam.judged.m") as Tensor)];
    await assert.rejects(turn(), (error: Error) => {
      assert.ok(error instanceof StaleError);
      assert.match(
        error.message,
        /^Adam\.step: got a recipe recorded before made was updated.*Call zeroGrad\(\) before/,
      );
      return true;
    });
    const after = [await list(made), await list(judged), await list(judge.state().get("Adam.judged.m") as Tensor)];
    assert.deepEqual(after, before);
    await turn();
    judge.zeroGrad();
    await turn();
  });

  test("a parameter whose first gradient comes late starts its bias correction then", async () => {
    const [a, b] = [parameter([0]), parameter([0])];
    const optimizer = new Adam([a, b], { lr: 0.1 });
    for (let i = 0; i < 20; i++) {
      a.grad = tensor([1]);
      if (i === 19) b.grad = tensor([5]);
      await optimizer.step();
    }
    near((await list(b))[0], -0.1, 1e-5);
    near((await list(a))[0], -2, 1e-5);
  });

  test("a rate that is set between steps is used by the next, also where parameters are not leaves of the loss", async () => {
    const p = parameter([0]);
    const optimizer = new SGD([p], { lr: 1 });
    for (const lr of [1, 0.5, 0, 2, 0.25]) {
      optimizer.lr = lr;
      assert.equal(optimizer.lr, lr);
      p.grad = tensor([1]);
      await optimizer.step();
    }
    assert.deepEqual(await list(p), [-3.75]);
  });

  test("every optimizer makes a parabola smaller", async () => {
    const kinds: (new (p: Tensor[], o: { lr: number }) => Optimizer)[] = [
      SGD,
      Adam,
      AdamW,
      Adamax,
      NAdam,
      RAdam,
      RMSprop,
      Adagrad,
      Adadelta,
      Lion,
    ];
    for (const kind of kinds) {
      const p = parameter([1, -2]);
      const optimizer = new kind([p], { lr: kind === Adadelta ? 10 : 0.1 });
      for (let i = 0; i < 30; i++) {
        p.square().sum().backward();
        await optimizer.step();
      }
      assert.ok((await p.square().sum().item()) < 2, kind.name);
    }
  });

  test("OPT-05: with `when`, a step that must not be changes nothing, and the next goes on as if it had not been", async () => {
    const run = async (gradients: readonly number[]): Promise<number[][]> => {
      const p = parameter([1, 2], "p");
      const optimizer = new Adam([p], { lr: 0.1, amsgrad: true });
      for (const g of gradients) {
        p.grad = tensor([g, 1]);
        const when = gradientsAreFinite([p]);
        await optimizer.step({ when });
      }
      return Promise.all([p, ...optimizer.state().values()].map(list));
    };
    assert.deepEqual(await run([1, Number.NaN, 2, Infinity]), await run([1, 2]));
    assert.deepEqual((await run([Number.NaN]))[0], [1, 2]);
  });
});

describe("what optimizers refuse", () => {
  test("a rate below 0 or without an end, in words", () => {
    for (const lr of [-1, Infinity]) {
      assert.throws(() => new SGD([new Parameter(zeros([1]))], { lr }), {
        message: `SGD: got lr ${lr}, but it takes a finite number, at least 0. Check lr.`,
      });
    }
  });

  before(() => use("wasm"));

  const p = (): Parameter => parameter([1]);

  test("OPT-01: rates that are no numbers from 0", () => {
    for (const lr of [-1, Number.NaN, Infinity, "0.1", undefined, null]) {
      assert.throws(() => new SGD([p()], { lr: lr as number }), ValueError, String(lr));
      assert.throws(() => new Adam([p()], { lr: lr as number }), ValueError, String(lr));
    }
    const optimizer = new SGD([p()], { lr: 1 });
    assert.throws(() => {
      optimizer.lr = Number.NaN;
    }, ValueError);
    assert.equal(optimizer.lr, 1);
    assert.equal(new Adam([p()]).lr, 1e-3);
  });

  test("OPT-02: decays of 1 and beyond, negative amounts, nesterov without momentum; eps 0 is allowed", () => {
    for (const make of [
      () => new Adam([p()], { betas: [1, 0.999] }),
      () => new Adam([p()], { betas: [0.9, -0.1] }),
      () => new AdamW([p()], { betas: [Number.NaN, 0.9] }),
      () => new Adam([p()], { eps: -1 }),
      () => new Adam([p()], { weightDecay: -1 }),
      () => new SGD([p()], { lr: 1, momentum: 1.5 }),
      () => new SGD([p()], { lr: 1, momentum: -0.1 }),
      () => new SGD([p()], { lr: 1, nesterov: true }),
      () => new SGD([p()], { lr: 1, nesterov: true, momentum: 0.9, dampening: 0.1 }),
      () => new RMSprop([p()], { alpha: 1 }),
    ]) {
      assert.throws(make, ValueError);
    }
    new Adam([p()], { eps: 0 });
  });

  test("OPT-02: the same of every optimizer, each option by itself", () => {
    const decays = [1, -0.1, Number.NaN, 1.5];
    const amounts = [-1, Number.NaN, Infinity];
    const pairs = decays.flatMap((d) => [
      [d, 0.9],
      [0.9, d],
    ]);
    const moments = { betas: pairs, eps: amounts, weightDecay: amounts };
    const common = { lr: [-1, Number.NaN, Infinity], l1: amounts, maxNorm: [0, -1, Number.NaN] };
    const wrong: [new (p: Tensor[], o: object) => Optimizer, Record<string, readonly unknown[]>][] = [
      [SGD, { momentum: [1.5, -0.1, Number.NaN], weightDecay: amounts, dampening: [Number.NaN] }],
      [Adam, moments],
      [AdamW, moments],
      [Adamax, moments],
      [NAdam, { ...moments, momentumDecay: amounts }],
      [RAdam, moments],
      [RMSprop, { alpha: decays, eps: amounts, weightDecay: amounts, momentum: [-0.1, Number.NaN] }],
      [Adagrad, { lrDecay: amounts, eps: amounts, weightDecay: amounts, initialAccumulatorValue: amounts }],
      [Adadelta, { rho: [-0.1, 1.5, Number.NaN], eps: amounts, weightDecay: amounts }],
      [Lion, { betas: pairs, weightDecay: amounts }],
    ];
    for (const [kind, options] of wrong) {
      for (const [name, values] of Object.entries({ ...options, ...common })) {
        for (const value of values) {
          const told = `${kind.name} ${name} ${value}`;
          assert.throws(
            () => new kind([p()], { lr: 0.1, [name]: value }),
            (error: Error) => error instanceof ValueError && error.message.startsWith(kind.name),
            told,
          );
        }
      }
      if ("eps" in options) new kind([p()], { lr: 0.1, eps: 0 });
    }
  });

  test("OPT-03: no parameters, one twice, one without requiresGrad, a result", async () => {
    const one = p();
    const frozen = new Parameter(tensor([1]), { requiresGrad: false });
    const result = one.mul(2);
    const realized = await one.mul(3).realize();
    for (const list of [[], [one, one], [frozen], [tensor([1])], [result], [realized], [1 as unknown as Tensor]]) {
      assert.throws(() => new SGD(list, { lr: 1 }), ValueError);
    }
    const leaf = tensor([1]);
    leaf.requiresGrad = true;
    new SGD([leaf], { lr: 1 });
  });

  test("OPT-04: a gradient of another shape or type", async () => {
    const one = p();
    assert.throws(() => {
      one.grad = tensor([1, 2]);
    }, ShapeError);
    one.grad = tensor([1], { dtype: "float64" });
    await assert.rejects(new SGD([one], { lr: 1 }).step(), DTypeError);
    assert.deepEqual(await list(one), [1]);
  });
});

describe("the state of an optimizer", () => {
  before(() => use("wasm"));

  const make = (): { p: Parameter[]; optimizer: Adam } => {
    const p = [parameter([1, 2], "a.weight"), parameter([3], "a.bias")];
    return { p, optimizer: new Adam(p, { lr: 0.1 }) };
  };
  const steps = async ({ p, optimizer }: ReturnType<typeof make>, from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) {
      p[0].grad = tensor([i + 1, -i]);
      if (i > 2) p[1].grad = tensor([1 - i]);
      optimizer.lr = 0.1 / (i + 1);
      await optimizer.step();
    }
  };

  test("goes on where it was", async () => {
    const [whole, first, second] = [make(), make(), make()];
    await steps(whole, 0, 8);
    await steps(first, 0, 5);
    const state = first.optimizer.state();
    assert.deepEqual(
      [...state.keys()],
      [
        "Adam.lr",
        "Adam.a.weight.step",
        "Adam.a.weight.m",
        "Adam.a.weight.v",
        "Adam.a.bias.step",
        "Adam.a.bias.m",
        "Adam.a.bias.v",
      ],
    );
    await second.optimizer.load(state);
    second.p.forEach((p, i) => {
      p.assign(first.p[i]);
    });
    await steps(second, 5, 8);
    for (const i of [0, 1]) assert.deepEqual(await list(second.p[i]), await list(whole.p[i]));
    assert.equal(second.optimizer.lr, whole.optimizer.lr);
  });

  test("before the first step can be saved and loaded too", async () => {
    const [a, b] = [make(), make()];
    await b.optimizer.load(a.optimizer.state());
    await steps(b, 0, 1);
    near((await list(b.p[0]))[0], 0.9, 1e-6);
  });

  test("OPT-14: of another kind, count or shape is refused whole, with all names", async () => {
    const { optimizer } = make();
    const fresh = await Promise.all([...optimizer.state().values()].map(list));
    const others: [Optimizer, RegExp][] = [
      [new AdamW([parameter([1, 2], "a.weight"), parameter([3], "a.bias")]), /without Adam\.lr.*unexpected AdamW\.lr/],
      [new Adam([parameter([1, 2], "a.weight")]), /without Adam\.a\.bias\.step, Adam\.a\.bias\.m, Adam\.a\.bias\.v/],
      [
        new Adam([parameter([1, 2, 3], "a.weight"), parameter([3], "a.bias")]),
        /Adam\.a\.weight\.m of \[3\] for \[2\]; Adam\.a\.weight\.v of \[3\] for \[2\]/,
      ],
      [new SGD([parameter([1])], { lr: 5 }), /without Adam\.lr/],
    ];
    for (const [other, message] of others) {
      await assert.rejects(optimizer.load(other.state()), (error: Error) => {
        assert.ok(error instanceof CheckpointError);
        assert.match(error.message, message);
        return true;
      });
    }
    assert.deepEqual(await Promise.all([...optimizer.state().values()].map(list)), fresh);
    assert.equal(optimizer.lr, 0.1);
  });
});

describe("clipping", () => {
  before(() => use("wasm"));

  const withGradients = (...values: number[][]): Parameter[] =>
    values.map((v) => {
      const p = new Parameter(zeros([v.length]));
      p.grad = tensor(v);
      return p;
    });

  test("scales all gradients by their common norm, and only down", async () => {
    const [a, b] = withGradients([3], [0, 4]);
    near(await gradNorm([a, b]).item(), 5, 1e-6);
    clipGradNorm([a, b], 10);
    assert.deepEqual(await list(a.grad!), [3]);
    clipGradNorm([a, b], 1);
    near((await list(b.grad!))[1], 0.8, 1e-5);
    near(await gradNorm([a, b]).item(), 1, 1e-5);
    clipGradValue([a, b], 0.5);
    assert.deepEqual((await list(b.grad!))[1], 0.5);
  });

  test("gives the norm that there was, also to who reads it after the step", async () => {
    for (const early of [true, false]) {
      const p = new Parameter(tensor([3, 4]));
      const optimizer = new SGD([p], { lr: 0.1 });
      p.square().sum().div(2).backward();
      const norm = clipGradNorm([p], 1);
      if (early) assert.equal(await norm.item(), 5);
      await optimizer.step();
      assert.equal(await norm.item(), 5);
      near((await list(p))[0], 3 - 0.06, 1e-5);
    }
  });

  test("OPT-07: limits that are none are refused; zeros stay zeros", async () => {
    const [p] = withGradients([0, 0]);
    for (const limit of [Number.NaN, 0, -1, Infinity]) {
      assert.throws(() => clipGradNorm([p], limit), ValueError);
      assert.throws(() => clipGradValue([p], limit), ValueError);
    }
    clipGradNorm([p], 1);
    assert.deepEqual(await list(p.grad!), [0, 0]);
    const [infinite] = withGradients([Infinity, 1]);
    clipGradNorm([infinite], 1);
    assert.equal(await gradientsAreFinite([infinite]).item(), 0);
    assert.equal(await gradNorm([]).item(), 0);
  });
});

describe("schedules", () => {
  before(() => use("wasm"));

  const at = (schedule: optim.Schedule, steps: number[], total?: number): number[] =>
    steps.map((s) => schedule(s, total));
  const close = (got: number[], want: number[]): void => {
    assert.equal(got.length, want.length);
    got.forEach((x, i) => {
      assert.ok(Math.abs(x - want[i]) < 1e-12, `${got} for ${want}`);
    });
  };

  test("have the values of their formulas", () => {
    close(at(optim.constant(2), [0, 9]), [2, 2]);
    close(at(optim.stepDecay(1, { every: 2, factor: 0.5 }), [0, 1, 2, 5, 6]), [1, 1, 0.5, 0.25, 0.125]);
    close(at(optim.multiStep(1, { milestones: [7, 3] }), [2, 3, 6, 7, 8]), [1, 0.1, 0.1, 0.01, 0.01]);
    close(at(optim.exponential(1, { factor: 0.9 }), [0, 1, 10]), [1, 0.9, 0.9 ** 10]);
    close(at(optim.linear(1, { steps: 4 }), [0, 1, 4, 99]), [1, 0.75, 0, 0]);
    const cosine = [0, 1, 2, 3, 4, 99].map((s) => 0.1 + 0.45 * (1 + Math.cos((Math.PI * Math.min(s, 4)) / 4)));
    close(at(optim.cosine(1, { min: 0.1 }), [0, 1, 2, 3, 4, 99], 4), cosine);
    close(at(optim.warmup(optim.linear(1, { to: 0 }), { steps: 2 }), [0, 1, 2, 3, 4, 6], 6), [0.5, 1, 1, 0.75, 0.5, 0]);
  });

  test("one-cycle has PyTorch's values", () => {
    // OneCycleLR(max_lr=0.1, total_steps=10).get_last_lr(), step by step, from its formula with math.cos.
    const [start, max, end] = [0.004, 0.1, 4e-7];
    const cos = (a: number, b: number, t: number): number => b + ((a - b) / 2) * (1 + Math.cos(Math.PI * t));
    const want = Array.from({ length: 10 }, (_, s) => (s <= 2 ? cos(start, max, s / 2) : cos(max, end, (s - 2) / 7)));
    close(at(optim.oneCycle(0.1), [...want.keys()], 10), want);
    close(at(optim.oneCycle(0.1, { steps: 10 }), [99]), [4e-7]);
  });

  test("OPT-09: are finite everywhere, or say what is wrong", () => {
    for (const make of [
      () => optim.cosine(1, { steps: 0 }),
      () => optim.cosine(1)(0, 0),
      () => optim.cosine(1)(0),
      () => optim.oneCycle(1, { steps: 0 }),
      () => optim.oneCycle(1, { up: 1.5 }),
      () => optim.warmup(optim.constant(1), { steps: 0 }),
      () => optim.warmup(optim.constant(1), { steps: 10 })(0, 10),
      () => optim.warmup(optim.constant(1), { steps: 10 })(0, 5),
      () => optim.linear(1, { steps: 0 }),
      () => optim.oneCycle(1)(0, 0),
      () => optim.exponential(1, { factor: 1.5 }),
      () => optim.stepDecay(1, { every: 0 }),
      () => optim.multiStep(1, { milestones: [-1] }),
      () => optim.exponential(Number.NaN, { factor: 0.9 }),
      () => new Plateau(1, { factor: 2 }),
    ]) {
      assert.throws(make, ValueError);
    }
    for (const far of [
      optim.stepDecay(1, { every: 2 }),
      optim.multiStep(1, { milestones: [7, 3] }),
      optim.exponential(1, { factor: 0.9 }),
      optim.linear(1, { steps: 4 }),
      optim.cosine(1, { steps: 4 }),
      optim.warmup(optim.cosine(1), { steps: 4 }),
    ])
      assert.ok(Number.isFinite(far(1e9, 10)));
    for (const total of [1, 2, 3, 7]) {
      for (const up of [0, 0.3, 1]) {
        for (let s = 0; s < total + 3; s++) assert.ok(Number.isFinite(optim.oneCycle(1, { up })(s, total)));
      }
      for (const s of [...Array(total + 3).keys(), 1e9]) assert.ok(Number.isFinite(optim.cosine(1)(s, total)));
      for (const min of [0, 0.1, 1e-3]) {
        for (const lr of [0.1, 0.3, 1]) assert.equal(optim.cosine(lr, { min })(total, total), min);
      }
    }
  });

  test("a plateau reduces the rate after its patience, and NaN is no progress", () => {
    const plateau = new Plateau(1, { patience: 1, factor: 0.5, min: 0.2 });
    const rates = [5, 4, 4, 4, Number.NaN, 4, 3, 3, 3, 3, 3].map((loss) => plateau.measure(loss));
    assert.deepEqual(rates, [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2]);
    const again = new Plateau(1, { patience: 1, factor: 0.5, min: 0.2 });
    again.state = plateau.state;
    assert.equal(again.lr, 0.2);
    const up = new Plateau(1, { patience: 0, maximize: true });
    assert.deepEqual(
      [1, 2, 1].map((x) => up.measure(x)),
      [1, 1, 0.1],
    );
  });

  test("steps with a changing rate find their plan again", async () => {
    const p = parameter([1]);
    const optimizer = new Adam([p]);
    const executor = executorOf((await currentDevice()) as Device);
    const counts: number[] = [];
    for (let i = 0; i < 20; i++) {
      optimizer.lr = optim.oneCycle(1)(i, 20);
      p.square().sum().backward();
      await optimizer.step();
      counts.push(executor.planCount);
    }
    assert.equal(counts[19], counts[1], `${counts}`);
  });
});
