/** Models and trainings in files: they come back as they were, and a wrong file changes nothing. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { DataLoader } from "../../src/data/index.ts";
import { CheckpointError, DisposedError } from "../../src/errors.ts";
import { loadSafetensors } from "../../src/io/index.ts";
import { BatchNorm1d, Dropout, Linear, Module, Sequential } from "../../src/nn/index.ts";
import { Adam } from "../../src/optim/index.ts";
import { crossEntropy, randn, seed, type Tensor, tensor } from "../../src/tensor.ts";
import { loadModel, loadTraining, saveModel, saveTraining } from "../../src/train/index.ts";
import { inTemporaryFolder } from "../folder.ts";
import { use } from "../helpers/devices.ts";
import { list, points, stateOf } from "../helpers/training.ts";

describe("models and trainings in files", () => {
  before(() => use("wasm"));

  test("a model comes back as it was, under PyTorch's names, and a wrong file changes nothing", async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, "model.safetensors");
      seed(8);
      const make = (): Sequential => new Sequential(new Linear(3, 4), new BatchNorm1d(4));
      const [a, b] = [make(), make()];
      a.forward(randn([8, 3]));
      await saveModel(path, a, { note: "mine" });
      const { tensors, metadata } = await loadSafetensors(path);
      assert.deepEqual([...tensors.keys()].sort(), [...a.state().keys()].sort());
      assert.deepEqual(metadata, { note: "mine" });
      await loadModel(path, b);
      assert.deepEqual(await stateOf(b), await stateOf(a));
      const other = new Sequential(new Linear(3, 4));
      const before = await stateOf(other);
      await assert.rejects(loadModel(path, other), CheckpointError);
      assert.deepEqual(await stateOf(other), before);
    });
  });

  test("ST-23: views are written in order, halves as halves, and what was disposed of is an error", async () => {
    await inTemporaryFolder(async (folder) => {
      class Views extends Module {
        readonly half: Tensor = tensor([1.5, -2], { dtype: "float16" });
        readonly turned: Tensor = tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]).T;
        override forward(x: Tensor): Tensor {
          return x;
        }
      }
      const [views, path] = [new Views(), join(folder, "views.safetensors")];
      await saveModel(path, views);
      const { tensors } = await loadSafetensors(path);
      assert.deepEqual(tensors.get("turned")?.data, Float32Array.of(1, 4, 2, 5, 3, 6));
      assert.deepEqual(
        [tensors.get("half")?.dtype, tensors.get("half")?.data],
        ["float16", Uint16Array.of(0x3e00, 0xc000)],
      );
      await loadModel(path, views);
      assert.deepEqual(await list(views.half), [1.5, -2]);
      const model = new Sequential(new Linear(1, 1));
      (model.layers[0] as Linear).weight.dispose();
      await assert.rejects(saveModel(path, model), DisposedError);
      assert.deepEqual((await loadSafetensors(path)).tensors, tensors);
    });
  });

  test("CKPT-10: a training goes on in the middle of an epoch as if it had not been stopped", async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, "training.safetensors");
      const make = () => {
        seed(4);
        const model = new Sequential(new Linear(2, 8), new BatchNorm1d(8), new Dropout(0.3), new Linear(8, 2));
        const optimizer = new Adam(model.parameters(), { lr: 0.01 });
        const loader = new DataLoader(points(40), { batchSize: 8, shuffle: true });
        return { model, optimizer, counters: { loader } };
      };
      type Training = ReturnType<typeof make>;
      const steps = async ({ model, optimizer, counters }: Training, count: number, save = false): Promise<void> => {
        for (let done = 0; done < count; ) {
          for await (const { x, y } of counters.loader) {
            crossEntropy(model.forward(x), y).backward();
            await optimizer.step();
            if (++done < count) continue;
            if (save) await saveTraining(path, { model, optimizer, counters });
            break;
          }
        }
      };
      const whole = make();
      await steps(whole, 18);
      await steps(make(), 7, true);
      const resumed = make();
      seed(99);
      await loadTraining(path, resumed);
      assert.deepEqual(resumed.counters.loader.state, { epoch: 1, batch: 2 });
      await steps(resumed, 11);
      assert.deepEqual(await stateOf(resumed.model), await stateOf(whole.model));

      const other = { ...make(), model: new Sequential(new Linear(2, 2)) };
      const before = await Promise.all([...other.optimizer.state().values()].map(list));
      await assert.rejects(loadTraining(path, other), CheckpointError);
      assert.deepEqual(await Promise.all([...other.optimizer.state().values()].map(list)), before);
      await assert.rejects(loadTraining(path, { ...make(), counters: {} }), CheckpointError);
      await saveModel(path, resumed.model);
      await assert.rejects(loadTraining(path, resumed), /a file without a training/);
    });
  });
});
