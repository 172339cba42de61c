/**
 * Trains a small network for as many steps as the first argument says, and prints how much memory it has taken on the way:
 * in a process of its own, for what other tests leave behind would be counted too.
 */
import { openWasm } from "../../src/device/wasm.ts";
import { setDevice } from "../../src/runtime/devices.ts";
import { executorOf } from "../../src/runtime/executor.ts";
import { heapBytes } from "./garbage.ts";
import { net, step } from "./training.ts";

/** What the process, the device and its caches held after so many steps. */
export interface Sample {
  readonly steps: number;
  readonly loss: number;
  readonly heap: number;
  readonly resident: number;
  readonly device: {
    readonly bytes: number;
    readonly allocations: number;
    readonly plans: number;
    readonly kernels: number;
  };
}

if (import.meta.main) {
  const device = await openWasm({ threads: 1 });
  await setDevice(device);
  const training = net();
  const samples: Sample[] = [];
  for (let steps = 1; steps <= Number(process.argv[2]); steps++) {
    const loss = await step(training);
    if (steps !== 3 && steps % 1000 !== 0) continue;
    const { planCount: plans, kernelCount: kernels } = executorOf(device);
    const { bytesInUse: bytes, allocations } = device;
    const heap = await heapBytes();
    samples.push({
      steps,
      loss,
      heap,
      resident: process.memoryUsage().rss,
      device: { bytes, allocations, plans, kernels },
    });
  }
  console.log(JSON.stringify(samples));
}
