/** Modules: what belongs to them, by which names, and how a state is loaded. PyTorch's values are in test/golden. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { CheckpointError, ShapeError, ValueError } from "../../src/errors.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  Buffer,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  Module,
  ReLU,
  Sequential,
  type StateValue,
} from "../../src/nn/index.ts";
import { ones, Parameter, randn, seed, type Tensor, tensor, zeros } from "../../src/tensor.ts";
import { use } from "../helpers/devices.ts";

class Block extends Module {
  readonly inProj = new Linear(4, 4);
  readonly norm = new BatchNorm1d(4);
  readonly gate: Parameter = new Parameter(ones([4]));
  readonly #cache = new Linear(9, 9);
  readonly name = "no tensor";
  override forward(x: Tensor): Tensor {
    return this.norm.forward(this.inProj.forward(x)).mul(this.gate).add(this.#cache.weight.sum().mul(0));
  }
}
class Net extends Module {
  readonly blocks = [new Block(), new Block()];
  readonly heads = { left: new Linear(4, 2), right: new Linear(4, 3) };
  readonly scale: Tensor = new Buffer(ones([]));
  override forward(x: Tensor): Tensor {
    return this.heads.left.forward(this.blocks.reduce((y, b) => b.forward(y), x)).mul(this.scale);
  }
}

describe("a module", () => {
  before(() => use("wasm"));

  test("finds its state in fields, arrays and objects, under PyTorch's names, and leaves private fields alone", () => {
    const names = [...new Block().state().keys()];
    assert.deepEqual(names, [
      "in_proj.weight",
      "in_proj.bias",
      "norm.weight",
      "norm.bias",
      "norm.running_mean",
      "norm.running_var",
      "norm.num_batches_tracked",
      "gate",
    ]);
    const net = [...new Net().state().keys()];
    assert.ok(net.includes("blocks.1.in_proj.weight") && net.includes("heads.right.bias") && net.includes("scale"));
  });

  test("names the children of a Sequential by their places, or by the fields of an object", () => {
    const model = new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Flatten(), new Linear(8, 3, { bias: false }));
    assert.deepEqual([...model.state().keys()], ["0.weight", "0.bias", "3.weight"]);
    const named = new Sequential({ hidden: new Linear(2, 8), act: new ReLU(), out: new Linear(8, 1) });
    assert.deepEqual([...named.state().keys()], ["hidden.weight", "hidden.bias", "out.weight", "out.bias"]);
    assert.deepEqual([...new Sequential().state().keys()], []);
  });

  test("gives parameters once each, without buffers", () => {
    const net = new Net();
    assert.equal(net.parameters().length, 2 * 5 + 4);
    assert.ok(!net.namedParameters().has("blocks.0.norm.running_mean"));
    const tied = new Sequential(new Linear(3, 3), new Linear(3, 3));
    Object.assign(tied.layers[1], { weight: (tied.layers[0] as Linear).weight });
    assert.deepEqual([...tied.state().keys()], ["0.weight", "0.bias", "1.weight", "1.bias"]);
    assert.deepEqual([...tied.namedParameters().keys()], ["0.weight", "0.bias", "1.bias"]);
  });

  test("that holds itself is searched once", () => {
    const block = new Block();
    const ring = Object.assign(new Sequential(block), { self: null as Module | null });
    Object.assign(block, { parent: ring });
    assert.equal(ring.parameters().length, 5);
  });

  test("refuses two tensors of one name", () => {
    class Twice extends Module {
      readonly someWeight: Parameter = new Parameter(zeros([1]));
      readonly some_weight: Parameter = new Parameter(zeros([1]));
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    assert.throws(() => new Twice().state(), ValueError);
  });

  test("labels its parameters with their longest paths, which errors then name", () => {
    const net = new Net();
    net.blocks[1].state();
    assert.equal(net.blocks[1].inProj.weight.label, "in_proj.weight");
    net.parameters();
    assert.equal(net.blocks[1].inProj.weight.label, "blocks.1.in_proj.weight");
    net.blocks[1].state();
    assert.equal(net.blocks[1].inProj.weight.label, "blocks.1.in_proj.weight");
    assert.throws(() => net.blocks[1].inProj.forward(zeros([2, 5])), {
      message: 'Linear "blocks.1.in_proj": got [2,5], but it takes (…, 4). Check what comes before the layer.',
    });
  });

  test("switches all modules within it between training and inference", () => {
    const model = new Sequential(new Dropout(0.5), new Sequential(new Dropout(0.5)));
    model.eval();
    assert.ok([...model.modules().values()].every((m) => !m.training));
    assert.deepEqual([...model.modules().keys()], ["", "0", "1", "1.0"]);
    model.train();
    assert.ok([...model.modules().values()].every((m) => m.training));
  });
});

describe("load", () => {
  before(() => use("wasm"));

  const values = async (model: Module): Promise<number[][]> =>
    Promise.all([...model.state().values()].map(async (t) => [...(await t.data())]));

  test("takes the state of another model, or host arrays, and converts between floating types", async () => {
    seed(3);
    const [a, b] = [new Block(), new Block()];
    assert.notDeepEqual(await values(a), await values(b));
    const report = b.load(a.state());
    assert.deepEqual(report, { missing: [], unexpected: [], misfits: [] });
    assert.deepEqual(await values(b), await values(a));
    const gate = { dtype: "float64", shape: [4], data: Float64Array.of(1, 2, 3, 4.5) } as const;
    b.load(new Map<string, StateValue>([...a.state(), ["gate", gate]]));
    gate.data[0] = 99;
    assert.deepEqual([b.gate.dtype, ...(await b.gate.data())], ["float32", 1, 2, 3, 4.5]);
  });

  test("ST-18: lists everything that is missing, unexpected or of another shape, and loads nothing", async () => {
    const model = new Sequential(new Linear(4, 3), new BatchNorm1d(3), new Linear(3, 2));
    const before = await values(model);
    const state = new Map<string, StateValue>(new Sequential(new Linear(4, 3), new BatchNorm1d(3)).state());
    state.delete("1.num_batches_tracked");
    state.set("0.weight", zeros([4, 3]));
    state.set("0.bias", zeros([4]));
    state.set("2.weight", zeros([2, 3], { dtype: "int32" }));
    state.set("old.bias", zeros([2]));
    assert.throws(
      () => model.load(state),
      (error: Error) => {
        assert.ok(error instanceof CheckpointError);
        assert.equal(error.code, "CHECKPOINT");
        const told =
          "a state without 1.num_batches_tracked, 2.bias; the unexpected old.bias; " +
          "0.weight of [4,3] for [3,4], which is its transpose; 0.bias of [4] for [3]; 2.weight in int32 for float32";
        assert.equal(error.problem.got, told);
        return true;
      },
    );
    assert.deepEqual(await values(model), before);
    const report = model.load(state, { strict: false });
    assert.deepEqual(report.missing, ["1.num_batches_tracked", "2.bias"]);
    assert.deepEqual(report.unexpected, ["old.bias"]);
    assert.equal(report.misfits.length, 3);
  });
});

describe("wrong inputs", () => {
  before(() => use("wasm"));

  test("an error names the layer, the shape and what it takes", () => {
    const cases: [() => unknown, string][] = [
      [() => new Linear(3, 2).forward(zeros([2, 4])), "Linear: got [2,4], but it takes (…, 3)."],
      [() => new Conv2d(3, 2, 3).forward(zeros([2, 1, 8, 8])), "Conv2d: got [2,1,8,8], but it takes (N, 3, H, W)."],
      [() => new Conv2d(3, 2, 3).forward(zeros([2, 3])), "Conv2d: got [2,3], but it takes (N, 3, H, W)."],
      [() => new BatchNorm2d(4).forward(zeros([2, 4])), "BatchNorm2d: got [2,4], but it takes (N, 4, H, W)."],
      [() => new BatchNorm1d(4).forward(zeros([2, 5])), "BatchNorm1d: got [2,5], but it takes (N, 4) or (N, 4, L)."],
    ];
    for (const [f, message] of cases) {
      assert.throws(f, (error: Error) => error instanceof ShapeError && error.message.startsWith(message));
    }
  });

  test("sizes, groups and probabilities are checked when a layer is made", () => {
    for (const make of [
      () => new Linear(0, 2),
      () => new Linear(2.5, 2),
      () => new Conv2d(4, 4, 3, { groups: 3 }),
      () => new Conv2d(4, 4, [3, 3, 3]),
      () => new BatchNorm1d(4, { momentum: 2 }), // GEO-13
      () => new BatchNorm1d(4, { eps: -1 }),
      () => new Dropout(1.5), // OPT-08
      () => new Dropout(-0.1),
      () => new Dropout(Number.NaN),
    ]) {
      assert.throws(make, ValueError);
    }
  });

  test("tensors of modules and functions share one seed", async () => {
    const make = async (): Promise<number[]> => {
      seed(7);
      const layer = new Linear(5, 3);
      return [...(await layer.weight.data()), ...(await randn([2]).data())];
    };
    assert.deepEqual(await make(), await make());
    assert.equal((await tensor([1]).data())[0], 1);
  });
});
