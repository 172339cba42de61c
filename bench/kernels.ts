/**
 * Which kernel of a task takes how long, and how far that is from what the machine could do: `node bench/kernels.ts
 * [--task cnn] [--device x64 | avx2 | wasm] [--steps 30] [--loops 3]`. Kernels run where they would, one after the other on
 * one thread, and are timed one by one. A floor is the time for the multiplications of a product at the rate of a product
 * that fits in the cache, or for the bytes of a kernel at the rate of a copy, whichever is longer. `--loops n` prints the
 * loops of the n kernels that are furthest from their floors, in milliseconds.
 */
import { parseArgs } from "node:util";
import koffi from "koffi";
import type { Kernel } from "../src/compile/kernel.ts";
import { type LoopKernel, print } from "../src/compile/loops.ts";
import type { Command, CommandList, Device } from "../src/device/device.ts";
import { openWasm } from "../src/device/wasm.ts";
import { openX64 } from "../src/device/x64.ts";
import { dtypes } from "../src/graph/dtype.ts";
import { sizeOf } from "../src/graph/shape.ts";
import { setDevice, tensor } from "../src/index.ts";
import { executorOf, type Prepared } from "../src/runtime/executor.ts";
import { type Ours, prepare } from "./ours.ts";

const { values: options } = parseArgs({
  options: {
    task: { type: "string", default: "cnn" },
    device: { type: "string", default: "x64" },
    steps: { type: "string", default: "30" },
    loops: { type: "string", default: "0" },
  },
});

const clock = koffi.load(null).func("int clock_gettime(int, void *)");
const time = new BigInt64Array(2);
const threadClock = 3;
/** The processor time of this thread in milliseconds: what others steal does not count. Node's own is coarse. */
function now(): number {
  clock(threadClock, time);
  return Number(time[0]) * 1e3 + Number(time[1]) / 1e6;
}

/** A device whose lists time each of their commands, while `times` is set. */
class Timing {
  readonly device: Device;
  /** By command, in milliseconds; one for each run. */
  times: Map<Command, number[]> | null = null;

  constructor(device: Device) {
    const prepare = (commands: readonly Command[], scratch: number): CommandList => {
      const single = commands.map((command) => ({ command, list: device.prepare([command], scratch) }));
      return {
        run: () => {
          for (const { command, list } of single) {
            const start = now();
            list.run();
            const time = now() - start;
            const all = this.times?.get(command);
            if (all) all.push(time);
            else this.times?.set(command, [time]);
          }
        },
        dispose: () => {
          for (const { list } of single) list.dispose();
        },
      };
    };
    this.device = new Proxy(device, {
      get: (target, key) => {
        if (key === "prepare") return prepare;
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}

const median = (all: readonly number[]): number => all.toSorted((x, y) => x - y)[all.length >> 1];

/** Milliseconds of processor time of `f`: the median of some runs. */
async function timeOf(f: () => Promise<void>, runs = 15): Promise<number> {
  for (let i = 0; i < 3; i++) await f();
  const all: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = now();
    for (let j = 0; j < 5; j++) await f();
    all.push((now() - start) / 5);
  }
  return median(all);
}

const millions = (n: number): number => n / 1e6;

/** Multiply-adds of a kernel, if it is a product. */
function productsOf(k: Kernel): number {
  return k.kind === "contract" ? sizeOf(k.shape) * k.k.reduce((n, v) => n * v.size, 1) : 0;
}

/** Bytes that a kernel reads or writes at least: each of its buffers once. */
function bytesOf(k: LoopKernel, { plan }: Prepared): number {
  return k.memory.reduce((sum, m) => {
    if (m.kind !== "buffer") return sum;
    const { shape, dtype } = plan.lowered.values[m.value];
    return sum + sizeOf(shape) * dtypes[dtype].bytes;
  }, 0);
}

process.env.TSUMIKI_THREADS = "1";
const open: Record<string, () => Promise<Device>> = {
  wasm: () => openWasm({ threads: 1 }),
  x64: () => openX64({ threads: 1 }),
  avx2: () => openX64({ threads: 1, avx512: false }),
};
if (!open[options.device])
  throw new Error(`kernels: no device ${options.device}; there are ${Object.keys(open).join(", ")}`);
const timing = new Timing(await open[options.device]());
await setDevice(timing.device);
const executor = executorOf(timing.device);

// What the machine can do.
const gemm = await timeOf(await prepare.gemm512());
const flopsPerMs = (2 * 512 ** 3) / gemm;
const copied = tensor(new Float32Array(1 << 23));
const copy = await timeOf(async () => {
  const y = copied.neg();
  await y.realize();
  y.dispose();
});
const bytesPerMs = (2 * 4 * (1 << 23)) / copy;
console.log(`${(flopsPerMs / 1e6).toFixed(0)} GFLOP/s in a product, ${(bytesPerMs / 1e6).toFixed(1)} GB/s in a copy\n`);

const seen: Prepared[] = [];
const run = executor.run.bind(executor);
executor.run = (prepared, ...rest) => {
  if (!seen.includes(prepared)) seen.push(prepared);
  return run(prepared, ...rest);
};
const task = options.task as Ours;
if (!(task in prepare)) throw new Error(`kernels: no task ${task}; there are ${Object.keys(prepare).join(", ")}`);
const once = await prepare[task]();
for (let i = 0; i < 5; i++) await once();
timing.times = new Map();
const begin = now();
for (let i = 0; i < Number(options.steps); i++) await once();
const whole = (now() - begin) / Number(options.steps);
const { times } = timing;

const rows = seen.flatMap((prepared) => {
  const { plan, commands } = prepared;
  return plan.kernels.flatMap((kernel, i) => {
    const all = times.get(commands[i]);
    if (!all) return [];
    const plain = plan.lowered.kernels.filter((k) => k.kind !== "repeat");
    const source = plain[plan.lowered.loops.indexOf(kernel)] as Kernel | undefined;
    const flops = source ? 2 * productsOf(source) : 0;
    const bytes = bytesOf(kernel, prepared);
    const floor = Math.max(flops / flopsPerMs, bytes / bytesPerMs);
    const written = kernel.memory.flatMap((m) =>
      m.kind === "buffer" && m.written ? [`[${plan.lowered.values[m.value].shape.join("×")}]`] : [],
    );
    return [{ kernel, time: median(all), floor, flops, bytes, written: written.join(" "), items: commands[i].items }];
  });
});
rows.sort((x, y) => y.time - y.floor - (x.time - x.floor));
console.log("      ms   floor   times   MFLOP      MB  items");
for (const { kernel, time, floor, flops, bytes, written, items } of rows)
  console.log(
    [
      time.toFixed(3).padStart(8),
      floor.toFixed(3).padStart(7),
      (time / floor).toFixed(1).padStart(7),
      millions(flops).toFixed(0).padStart(7),
      millions(bytes).toFixed(1).padStart(7),
      String(items).padStart(6),
      ` ${kernel.name} → ${written}`,
    ].join(" "),
  );
const sum = (of: (row: (typeof rows)[number]) => number): string => rows.reduce((s, r) => s + of(r), 0).toFixed(2);
console.log(
  `${sum((r) => r.time).padStart(8)} ${sum((r) => r.floor).padStart(7)}   all kernels; ${whole.toFixed(2)} ms a step`,
);
for (const { kernel } of rows.slice(0, Number(options.loops))) console.log(`\n${print(kernel)}`);
process.exit(0);
