/**
 * The same seed gives the same bits: for any number of threads, whether kernels are compiled already or not, and with
 * garbage collected in between. What differs between kinds of devices is said with them.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import type { Device } from "../../src/device/device.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { openX64 } from "../../src/device/x64.ts";
import { DeviceError } from "../../src/errors.ts";
import * as nn from "../../src/nn/index.ts";
import { AdamW, type Optimizer, SGD } from "../../src/optim/index.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import {
  autocast,
  crossEntropy,
  randint,
  randn,
  scaledDotProductAttention,
  seed,
  type Tensor,
} from "../../src/tensor.ts";
import { collectGarbage } from "../fuzz/garbage.ts";

interface Training {
  readonly name: string;
  /** Makes the model, its optimizer, and the loss of a batch. */
  make(): { optimizer: Optimizer; loss(): Tensor };
}

/** Batches are drawn on the device: their bits are a part of the result. */
const batch = (shape: readonly number[], classes = 10): { x: Tensor; y: Tensor } => ({
  x: randn(shape),
  y: randint(0, classes, [shape[0]]),
});

class Block extends nn.Module {
  readonly norm = new nn.LayerNorm(32);
  readonly inputs = new nn.Linear(32, 96);
  readonly output = new nn.Linear(32, 32);

  override forward(x: Tensor): Tensor {
    const [n, t] = x.shape;
    const heads = this.inputs.forward(this.norm.forward(x)).reshape([n, t, 3, 4, 8]).permute([2, 0, 3, 1, 4]);
    const [q, k, v] = [0, 1, 2].map((i) => heads.select(0, i));
    const y = scaledDotProductAttention(q, k, v, { isCausal: true });
    return x.add(this.output.forward(y.permute([0, 2, 1, 3]).reshape([n, t, 32])));
  }
}

class Recurrent extends nn.Module {
  readonly body = new nn.LSTM(12, 40, { batchFirst: true, numLayers: 2, dropout: 0.1 });
  readonly output = new nn.Linear(40, 10);

  override forward(x: Tensor): Tensor {
    const [y] = this.body.forward(x);
    return this.output.forward(y.select(1, -1));
  }
}

/** Trains in bfloat16. */
const inBfloat16 = ({ name, make }: Training): Training => ({
  name: `${name}, in bfloat16`,
  make() {
    const { optimizer, loss } = make();
    return { optimizer, loss: () => autocast("bfloat16", loss) };
  },
});

const inFloat32: readonly Training[] = [
  {
    name: "a perceptron with dropout",
    make() {
      const model = new nn.Sequential(
        new nn.Linear(64, 160),
        new nn.ReLU(),
        new nn.Dropout(0.2),
        new nn.Linear(160, 10),
      );
      const loss = (): Tensor => {
        const { x, y } = batch([128, 64]);
        return crossEntropy(model.forward(x), y);
      };
      return { optimizer: new AdamW(model.parameters(), { lr: 1e-3 }), loss };
    },
  },
  {
    name: "a convolutional network with batch norm",
    make() {
      const model = new nn.Sequential(
        ...[new nn.Conv2d(1, 8, 3, { padding: 1 }), new nn.BatchNorm2d(8), new nn.ReLU(), new nn.MaxPool2d(2)],
        ...[new nn.Conv2d(8, 12, 3), new nn.GELU(), new nn.Flatten(), new nn.Linear(12 * 16, 10)],
      );
      const loss = (): Tensor => {
        const { x, y } = batch([32, 1, 12, 12]);
        return crossEntropy(model.forward(x), y);
      };
      return { optimizer: new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 }), loss };
    },
  },
  {
    name: "a recurrent network",
    make() {
      const model = new Recurrent();
      const loss = (): Tensor => {
        const { x, y } = batch([16, 6, 12]);
        return crossEntropy(model.forward(x), y);
      };
      return { optimizer: new AdamW(model.parameters(), { lr: 1e-3 }), loss };
    },
  },
  {
    name: "a transformer block",
    make() {
      const model = new Block();
      const out = new nn.Linear(32, 10);
      const loss = (): Tensor => {
        const { x, y } = batch([8, 16, 32]);
        return crossEntropy(out.forward(model.forward(x).mean(1)), y);
      };
      return { optimizer: new AdamW([...model.parameters(), ...out.parameters()], { lr: 1e-3 }), loss };
    },
  },
];

const trainings: readonly Training[] = [...inFloat32, inBfloat16(inFloat32[0]), inBfloat16(inFloat32[1])];

const steps = 200;

/** Trains, and gives a hash of all weights at the end. */
async function train(
  { make }: Training,
  from: number,
  everyStep: () => Promise<void> | void = () => {},
): Promise<string> {
  seed(from);
  const { optimizer, loss } = make();
  let first = Number.NaN;
  let last = Number.NaN;
  for (let i = 0; i < steps; i++) {
    const value = loss();
    value.backward();
    await optimizer.step();
    if (i === 0) first = await value.item();
    if (i === steps - 1) last = await value.item();
    await everyStep();
  }
  assert.ok(Number.isFinite(first) && Number.isFinite(last), `the loss went from ${first} to ${last}`);
  const hash = createHash("sha256");
  for (const p of optimizer.parameters) hash.update(new Uint8Array((await p.data()).slice().buffer));
  for (const p of optimizer.parameters) p.dispose();
  return hash.digest("hex");
}

const kinds: readonly { name: string; threads: readonly number[]; open(threads: number): Promise<Device> }[] = [
  { name: "WebAssembly", threads: [2, 4], open: (threads) => openWasm({ threads }) },
  { name: "machine code with AVX2", threads: [3], open: (threads) => openX64({ threads, avx512: false }) },
  { name: "machine code with AVX-512", threads: [4], open: (threads) => openX64({ threads, avx512: true }) },
];

for (const kind of kinds)
  describe(`on ${kind.name}`, () => {
    let previous: Awaited<ReturnType<typeof currentDevice>>;
    let missing: string | null = null;
    before(async () => {
      previous = await currentDevice();
      try {
        await (await kind.open(1))[Symbol.asyncDispose]();
      } catch (e) {
        if (!(e instanceof DeviceError)) throw e;
        missing = e.message;
      }
    });
    after(() => setDevice(previous));

    /** Does `work` on a device that no kernel has been compiled for. */
    async function fresh<T>(threads: number, work: () => Promise<T>): Promise<T> {
      const device = await kind.open(threads);
      await setDevice(device);
      try {
        return await work();
      } finally {
        await setDevice(previous);
        await device[Symbol.asyncDispose]();
      }
    }

    for (const training of trainings)
      test(`${training.name} has the same weights after ${steps} steps, whatever the threads`, async (t) => {
        if (missing) return t.skip(missing);
        const expected = await fresh(1, () => train(training, 7));
        for (const threads of kind.threads)
          assert.equal(await fresh(threads, () => train(training, 7)), expected, `${threads} threads`);
      });
  });

describe("on one device", () => {
  const [training] = trainings;
  let previous: Awaited<ReturnType<typeof currentDevice>>;
  let device: Device;
  let expected: string;
  before(async () => {
    previous = await currentDevice();
    device = await openWasm({ threads: 2 });
    await setDevice(device);
    expected = await train(training, 7);
  });
  beforeEach(() => setDevice(device));
  after(async () => {
    await setDevice(previous);
    await device[Symbol.asyncDispose]();
  });

  test("kernels that are compiled already change nothing", async () => {
    for (const again of trainings.slice(0, 2)) assert.equal(await train(again, 7), await train(again, 7), again.name);
  });
  test("another seed gives other weights", async () => {
    assert.notEqual(await train(training, 8), expected);
  });
  test("collecting garbage after every tenth step changes nothing", async () => {
    let i = 0;
    const collected = await train(training, 7, async () => {
      if (i++ % 10 === 0) await collectGarbage();
    });
    assert.equal(collected, expected);
  });
});
