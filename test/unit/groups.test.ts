/** Groups of parameters: their options, their rates under schedules, their state. Trajectories are in test/golden. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { CheckpointError, ValueError } from "../../src/errors.ts";
import { Adam, AdamW, cosine, Lion, Plateau, SGD, stepDecay } from "../../src/optim/index.ts";
import { jit, Parameter, type Tensor, tensor } from "../../src/tensor.ts";
import { use } from "../helpers/devices.ts";

const parameter = (values: number[], label = ""): Parameter => new Parameter(tensor(values), { label });
const list = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const close = (got: readonly number[], want: readonly number[], relative = 1e-6): void => {
  assert.equal(got.length, want.length);
  got.forEach((x, i) => {
    assert.ok(Math.abs(x - want[i]) <= relative * Math.abs(want[i]), `${got} for ${want}`);
  });
};

describe("groups of parameters", () => {
  before(() => use("wasm"));

  test("have options of their own, and those of the optimizer where they have none", async () => {
    const [w, b] = [parameter([2]), parameter([2])];
    const optimizer = new SGD(
      [
        { params: [w], weightDecay: 0.5 },
        { params: [b], lr: 1, maximize: true },
      ],
      { lr: 0.1 },
    );
    w.grad = tensor([1]);
    b.grad = tensor([1]);
    await optimizer.step();
    close([...(await list(w)), ...(await list(b))], [2 - 0.1 * (1 + 0.5 * 2), 2 + 1]);
    assert.deepEqual(
      optimizer.groups.map(({ parameters, lr, rule }) => [parameters.length, lr, rule.weightDecay, rule.maximize]),
      [
        [1, 0.1, 0.5, false],
        [1, 1, 0, true],
      ],
    );
    assert.deepEqual(optimizer.parameters, [w, b]);
  });

  test("train as optimizers of each group would, whatever state their options need", async () => {
    const make = (): Parameter[] => [parameter([1, -2]), parameter([3])];
    const [together, apart] = [make(), make()];
    const first = { lr: 0.1, momentum: 0.9, nesterov: true };
    const second = { lr: 0.3, momentum: 0.5, dampening: 0.2, weightDecay: 0.1 };
    const whole = new SGD([
      { params: [together[0]], ...first },
      { params: [together[1]], ...second },
    ]);
    const parts = [new SGD([apart[0]], first), new SGD([apart[1]], second)];
    for (let i = 0; i < 5; i++) {
      for (const p of [...together, ...apart]) p.square().mul(0.3).sum().backward();
      await whole.step();
      for (const part of parts) await part.step();
    }
    for (const k of [0, 1]) assert.deepEqual(await list(together[k]), await list(apart[k]));
  });

  test("of Adam with other betas and amsgrad are apart too", async () => {
    const [a, b, c, d] = [parameter([1]), parameter([1]), parameter([1]), parameter([1])];
    const special = { betas: [0.5, 0.9], amsgrad: true, lr: 0.02 } as const;
    const whole = new Adam([{ params: [a] }, { params: [b], ...special }], { lr: 0.01 });
    const parts = [new Adam([c], { lr: 0.01 }), new Adam([d], special)];
    for (let i = 0; i < 6; i++) {
      for (const p of [a, b, c, d]) p.grad = tensor([5 - i]);
      for (const optimizer of [whole, ...parts]) await optimizer.step();
    }
    assert.deepEqual([await list(a), await list(b)], [await list(c), await list(d)]);
  });

  test("keep the proportion of their rates under every schedule", () => {
    const optimizer = new SGD([{ params: [parameter([1])] }, { params: [parameter([1])], lr: 0.01 }], { lr: 0.1 });
    const rates = (): number[] => optimizer.groups.map(({ lr }) => lr);
    const schedule = cosine(0.1, { steps: 8 });
    for (let step = 0; step <= 8; step++) {
      optimizer.lr = schedule(step);
      close(rates(), [schedule(step), schedule(step) / 10], 1e-12);
    }
    optimizer.lr = stepDecay(0.1, { every: 1, factor: 0.5 })(1);
    close(rates(), [0.05, 0.005], 1e-12);
    const plateau = new Plateau(0.1, { patience: 0, factor: 0.1 });
    for (const loss of [1, 2]) optimizer.lr = plateau.measure(loss);
    close(rates(), [0.01, 0.001], 1e-12);
    optimizer.lr = 0.1;
    assert.deepEqual(rates(), [0.1, 0.01]); // to the last bit
  });

  test("have rates that are alive in a compiled step, which plans nothing anew", async () => {
    const [a, b] = [parameter([8]), parameter([8])];
    const optimizer = new SGD([{ params: [a] }, { params: [b], lr: 0.25 }], { lr: 1 });
    const step = jit(async () => {
      a.add(b).sum().backward();
      await optimizer.step();
    });
    for (const lr of [1, 0.5, 2]) {
      optimizer.lr = lr;
      await step();
    }
    optimizer.groups[1].lr = 4;
    await step();
    assert.deepEqual([await list(a), await list(b)], [[8 - 5.5], [8 - 0.875 - 4]]);
  });

  test("can be frozen and let go", async () => {
    const [a, b] = [parameter([1]), parameter([1])];
    const optimizer = new SGD([{ params: [a] }, { params: [b], lr: 0 }], { lr: 0.5 });
    const step = async (): Promise<void> => {
      for (const p of [a, b]) p.grad = tensor([1]);
      await optimizer.step();
    };
    await step();
    assert.deepEqual([await list(a), await list(b)], [[0.5], [1]]);
    optimizer.lr = 0.25;
    optimizer.groups[1].lr = 0.125;
    await step();
    optimizer.lr = 0.5; // doubles both
    await step();
    assert.deepEqual([await list(a), await list(b)], [[-0.25], [0.625]]);
  });

  test("give the optimizer the rate of the first where it has none", () => {
    const params = (): Parameter[] => [parameter([1])];
    const optimizer = new AdamW([
      { params: params(), lr: 0.1 },
      { params: params(), lr: 0.01 },
    ]);
    assert.equal(optimizer.lr, 0.1);
    assert.equal(new AdamW([{ params: params(), lr: 0.1 }, { params: params() }]).groups[1].lr, 1e-3);
    assert.throws(() => new SGD([{ params: params(), lr: 0.1 }, { params: params() }]), ValueError);
  });

  test("are saved with their rates, and go on to the last bit", async () => {
    const make = (): { params: Parameter[]; optimizer: Adam } => {
      const params = [parameter([1, 2], "w"), parameter([3], "b")];
      const groups = [{ params: [params[0]] }, { params: [params[1]], lr: 0.003, betas: [0.8, 0.9] as const }];
      return { params, optimizer: new Adam(groups, { lr: 0.1 }) };
    };
    const schedule = cosine(0.1, { steps: 11 });
    const train = async ({ params, optimizer }: ReturnType<typeof make>, from: number, to: number): Promise<void> => {
      for (let step = from; step < to; step++) {
        optimizer.lr = schedule(step);
        params[0].grad = tensor([step + 1, -step]);
        if (step > 2) params[1].grad = tensor([1 - step]);
        await optimizer.step();
      }
    };
    const [whole, first, second] = [make(), make(), make()];
    await train(whole, 0, 10);
    await train(first, 0, 6);
    const state = first.optimizer.state();
    assert.deepEqual([...state.keys()].slice(0, 3), ["Adam.lr", "Adam.groups.0.lr", "Adam.groups.1.lr"]);
    await second.optimizer.load(state);
    assert.deepEqual(
      second.optimizer.groups.map(({ lr }) => lr),
      first.optimizer.groups.map(({ lr }) => lr),
    );
    for (const [i, p] of second.params.entries()) p.assign(first.params[i]);
    await train(second, 6, 10);
    for (const i of [0, 1]) assert.deepEqual(await list(second.params[i]), await list(whole.params[i]));
    const plain = new Adam([parameter([1, 2], "w"), parameter([3], "b")]);
    await assert.rejects(plain.load(state), CheckpointError); // OPT-14
    await assert.rejects(second.optimizer.load(plain.state()), CheckpointError);
  });

  test("OPT-02, OPT-03: are refused where they are wrong, in words", () => {
    const p = parameter([1], "fc.weight");
    const says = (make: () => unknown, message: RegExp): void => {
      assert.throws(make, (error: Error) => {
        assert.ok(error instanceof ValueError);
        assert.match(error.message, message);
        return true;
      });
    };
    const lr = 0.1;
    says(() => new SGD([{ params: [p] }, { params: [p] }], { lr }), /^SGD: got fc\.weight twice/);
    says(() => new SGD([{ params: [] }], { lr }), /got no parameters of group 0.*Leave the group out/);
    says(() => new SGD([{ params: p as never }], { lr }), /parameters of group 0.*Write \[p\]/);
    says(() => new SGD([{ params: [p] }, parameter([1])] as never, { lr }), /beside groups of parameters/);
    says(() => new SGD([{ params: [p], weightdecay: 1 } as never], { lr }), /Did you mean "weightDecay"/);
    says(() => new SGD([{ params: [p], momentum: 1 }], { lr }), /momentum 1/);
    says(() => new SGD([{ params: [p], lr: -1 }], { lr }), /lr -1/);
    says(() => new SGD([{ params: [p], lr: 1 }], { lr: 0 }), /lr 1 for a group of an optimizer of lr 0/);
    says(() => new Lion([p], { betas: [0.9, 1] }), /betas\[1\] 1/);
    says(() => new SGD([p], { lr, l1: -1 }), /l1 -1/);
    says(() => new SGD([p], { lr, maxNorm: 0 }), /maxNorm 0/);
    says(() => new SGD([p], { lr, params: [p] } as never), /option "params"/);
  });
});
