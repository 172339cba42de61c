/** Runs programs by the thousand, many in one plan, on the compiler as it is and with its choices narrowed. */
import { checks } from "../../src/compile/lower.ts";
import { type Planted, planted } from "../../src/compile/planted.ts";
import type { Device, Target } from "../../src/device/device.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { openX64 } from "../../src/device/x64.ts";
import { DeviceError } from "../../src/errors.ts";
import { read } from "../../src/graph/dtype.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { Tapped, type Taps } from "./device.ts";
import { generate } from "./generate.ts";
import { nodesOf, type Program, print } from "./program.ts";
import { check, type Results, resultsOf, runAll } from "./run.ts";
import { shrink } from "./shrink.ts";

/** A way to compile: fewer choices must not change what a program means. */
export interface Setting extends Planted, Taps {
  readonly name: string;
  readonly target?: Partial<Target>;
  readonly threads?: number;
  /** Opens the device, WebAssembly unless it is given; throws a DeviceError where there is none. */
  device?(threads: number): Promise<Device>;
  /** Whether sums are added up in another order than by the compiler as it is. */
  readonly reorders?: boolean;
}

export const settings: readonly Setting[] = [
  { name: "as it is" },
  { name: "without lanes", target: { lanes: 1 }, reorders: true },
  { name: "with no kernel joined to another", target: { maxBuffers: 0 } },
  { name: "with memory that is never used twice", life: () => ({ from: -1, to: Number.MAX_SAFE_INTEGER }) },
  { name: "with more registers", target: { registers: 32 } },
  { name: "with two threads", threads: 2 },
  {
    name: "as machine code with AVX2",
    device: (threads) => openX64({ threads, avx512: false }),
    reorders: true,
  },
  {
    name: "as machine code with AVX-512",
    device: (threads) => openX64({ threads, avx512: true }),
    reorders: true,
  },
];

const openFor = ({ threads = 1, device = (n) => openWasm({ threads: n }) }: Setting): Promise<Device> =>
  device(threads);

/** Why a setting cannot be had on this machine; null where it can. */
export async function lacking(setting: Setting): Promise<string | null> {
  try {
    await (await openFor(setting))[Symbol.asyncDispose]();
    return null;
  } catch (e) {
    if (e instanceof DeviceError) return e.message;
    throw e;
  }
}

/** What was found: the seed that made it, what is wrong, and the smallest program that shows it. */
export interface Failure {
  readonly seed: number;
  readonly setting: string;
  readonly problem: string;
  readonly program: Program;
}

export const report = ({ seed, setting, problem, program }: Failure): string =>
  `seed ${seed}, ${setting}: ${problem}\n${print(program)}`;

const planting: readonly (keyof Planted)[] = ["kernels", "loops", "inPlace", "life"];

/** Does `work` with devices of these settings, one of which `use` chooses; puts everything back after it. */
async function open<T>(
  chosen: readonly Setting[],
  work: (use: (i: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  const before = await currentDevice();
  const devices: Tapped[] = [];
  for (const s of chosen) devices.push(new Tapped(await openFor(s), s.target, s));
  checks.on = true;
  try {
    return await work(async (i) => {
      for (const key of planting) Object.assign(planted, { [key]: chosen[i][key] });
      await setDevice(devices[i]);
    });
  } finally {
    for (const key of planting) delete planted[key];
    checks.on = false;
    await setDevice(before);
    for (const device of devices) await device[Symbol.asyncDispose]();
  }
}

/** What is wrong with each program, where something is; they run in one plan. */
async function problemsOf(programs: readonly Program[]): Promise<(string | null)[]> {
  try {
    const results = await runAll(programs);
    return programs.map((p, i) => {
      const d = check(p, results[i]);
      if (!d) return null;
      const near = d.bound === null ? "" : ` ± ${d.bound}`;
      return `difference: element ${d.element} of result ${d.result} is ${d.got}, but should be ${d.want}${near}`;
    });
  } catch (e) {
    const { stack = "" } = e as Error;
    return programs.map(() => stack.split("\n").slice(0, 6).join("\n"));
  }
}

/** Problems are alike if they begin with the same word: a smaller program must not fail for another reason. */
const kindOf = (problem: string): string => problem.split(/[ \n]/)[0];

const together = 10;

export interface FuzzOptions {
  /** Programs are those of `count` seeds from this on. */
  readonly first: number;
  readonly count: number;
  /** Ends earlier after so much time. */
  readonly seconds?: number;
  /** Whether the program that fails is made small. */
  readonly shrinks?: boolean;
  /** Told of the seeds that are run next, before they are. */
  readonly log?: (seeds: readonly number[]) => void;
}

/** Runs programs until the first failure. */
export async function fuzz(
  setting: Setting,
  { first, count, seconds = Infinity, shrinks = true, log }: FuzzOptions,
): Promise<{ failure: Failure | null; ran: number }> {
  return open([setting], async (use) => {
    await use(0);
    const end = performance.now() + 1000 * seconds;
    let ran = 0;
    for (; ran < count && performance.now() < end; ran += together) {
      const seeds = Array.from({ length: Math.min(together, count - ran) }, (_, i) => first + ran + i);
      log?.(seeds);
      const programs = seeds.map((seed) => generate(seed));
      const problems = await problemsOf(programs);
      if (problems.every((p) => p === null)) continue;
      const failure = (await find(seeds, programs, shrinks)) ?? {
        seed: seeds[0],
        problem: `${problems.find((p) => p !== null)} (only in one plan with the ${together - 1} after it)`,
        program: programs[problems.findIndex((p) => p !== null)],
      };
      return { failure: { ...failure, setting: setting.name }, ran: ran + together };
    }
    return { failure: null, ran };
  });
}

/** The first program whose results differ, be it in one bit, between two settings; under the other without cuts. */
export async function compare(one: Setting, other: Setting, { first, count }: FuzzOptions): Promise<string | null> {
  return open([one, other], async (use) => {
    const differ = async (programs: readonly Program[]): Promise<(string | null)[]> => {
      await use(0);
      const wanted = await runAll(programs);
      await use(1);
      const got = await runAll(programs.map((p) => ({ ...p, cuts: [], asked: "device" })));
      return programs.map((p, i) => difference(p, wanted[i], got[i]));
    };
    for (let ran = 0; ran < count; ran += together) {
      const programs = Array.from({ length: together }, (_, i) => generate(first + ran + i));
      const at = (await differ(programs)).findIndex((d) => d !== null);
      if (at < 0) continue;
      const small = await shrink(programs[at], async (p) => (await differ([p]))[0] !== null);
      return `seed ${first + ran + at}: ${await differ([small])} ${other.name}\n${print(small)}`;
    }
    return null;
  });
}

function difference(p: Program, wanted: Results, got: Results): string | null {
  for (const [j, values] of wanted.entries()) {
    const { dtype } = nodesOf(p)[resultsOf(p)[j]];
    for (let i = 0; i < values.length; i++) {
      const [x, y] = [read(values, i, dtype), read(got[j], i, dtype)];
      if (!Object.is(x, y)) return `element ${i} of result ${j} is ${x}, but ${y}`;
    }
  }
  return null;
}

/** The first of the programs that fails on its own. */
async function find(
  seeds: readonly number[],
  programs: readonly Program[],
  shrinks: boolean,
): Promise<Omit<Failure, "setting"> | null> {
  for (const [i, p] of programs.entries()) {
    const [problem] = await problemsOf([p]);
    if (problem === null) continue;
    if (!shrinks) return { seed: seeds[i], problem, program: p };
    const small = await shrink(p, async (q) => {
      const [other] = await problemsOf([q]);
      return other !== null && kindOf(other) === kindOf(problem);
    });
    return { seed: seeds[i], problem: (await problemsOf([small]))[0] ?? problem, program: small };
  }
  return null;
}
