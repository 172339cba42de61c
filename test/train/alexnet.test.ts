/** AlexNet at full size: forward, backward and an update of 61 million parameters, and small variants that learn. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Device } from "../../src/device/device.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { AlexNet, type AlexNetOptions } from "../../src/models/index.ts";
import { Adam, SGD } from "../../src/optim/index.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { crossEntropy, randn, seed, tensor } from "../../src/tensor.ts";
import { use } from "../helpers/devices.ts";

const labels = (...y: number[]): ReturnType<typeof tensor> => tensor(y, { dtype: "int32" });

describe("AlexNet", () => {
  let previous: Device | "reference";
  before(async () => {
    previous = await currentDevice();
  });
  after(() => setDevice(previous));

  const full: [string, AlexNetOptions, number, number][] = [
    ["as published, of 227 × 227", { groups: 2 }, 227, 2],
    ["as torchvision has it, of 224 × 224", { variant: "torchvision" }, 224, 1],
  ];
  for (const [name, options, size, steps] of full) {
    test(`${name}: steps of training in less than 1.25 GiB`, async (t) => {
      await using device = await openWasm(); // its memory, which never shrinks, is gone with it
      await setDevice(device);
      let peak = 0;
      const alloc = device.alloc.bind(device);
      device.alloc = (bytes) => {
        const buffer = alloc(bytes);
        peak = Math.max(peak, device.bytesInUse);
        return buffer;
      };
      seed(0);
      const model = new AlexNet(options);
      const optimizer = new SGD(model.parameters(), { lr: 1e-3, momentum: 0.9, weightDecay: 5e-4 });
      const losses: number[] = [];
      for (let i = 0; i < steps; i++) {
        const loss = crossEntropy(model.forward(randn([2, 3, size, size])), labels(3, 917));
        loss.backward();
        await optimizer.step();
        losses.push(await loss.item());
      }
      assert.ok(losses[0] > 5 && losses[0] < 10, `${losses}`); // log(1000) is 6.9
      assert.ok(losses.every(Number.isFinite) && losses[steps - 1] < losses[0] + 0.1, `${losses}`);
      t.diagnostic(`${Math.round(peak / 2 ** 20)} MiB of the device's memory at most`);
      assert.ok(peak < 1.25 * 2 ** 30, `${peak}`);
    });
  }

  test("of 32 × 32 and an eighth of the width, of either kind, learns two images by heart", async () => {
    await use("wasm");
    for (const variant of ["2012", "torchvision"] as const) {
      seed(1);
      const model = new AlexNet({ variant, size: 32, width: 1 / 8, classes: 10, dropout: 0 });
      const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
      const x = randn([2, 3, 32, 32]).add(tensor([2, -2]).reshape([2, 1, 1, 1])); // a bright one and a dark one
      await x.realize();
      let last = Infinity;
      for (let i = 0; i < 25; i++) {
        const loss = crossEntropy(model.forward(x), labels(1, 8));
        loss.backward();
        await optimizer.step();
        last = await loss.item();
      }
      assert.ok(last < 0.1, `${variant}: ${last}`);
    }
  });
});
