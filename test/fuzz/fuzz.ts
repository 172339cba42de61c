/** Runs programs by the thousand, many in one plan, on the compiler as it is and with its choices narrowed. */
import { checks } from "../../src/compile/lower.ts";
import { type Planted, planted } from "../../src/compile/planted.ts";
import type { Target } from "../../src/device/device.ts";
import { openWasm } from "../../src/device/wasm.ts";
import { currentDevice, setDevice } from "../../src/runtime/devices.ts";
import { Tapped, type Taps } from "./device.ts";
import { generate } from "./generate.ts";
import { type Program, print } from "./program.ts";
import { check, runAll } from "./run.ts";
import { shrink } from "./shrink.ts";

/** A way to compile: fewer choices must not change what a program means. */
export interface Setting extends Planted, Taps {
  readonly name: string;
  readonly target?: Partial<Target>;
  readonly threads?: number;
}

export const settings: readonly Setting[] = [
  { name: "as it is" },
  { name: "without lanes", target: { lanes: 1 } },
  { name: "with no kernel joined to another", target: { maxBuffers: 0 } },
  { name: "with memory that is never used twice", life: () => ({ from: -1, to: Number.MAX_SAFE_INTEGER }) },
  { name: "with more registers", target: { registers: 32 } },
  { name: "with two threads", threads: 2 },
];

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

/** Does `work` on a device of this setting, and puts everything back after it. */
export async function within<T>(setting: Setting, work: () => Promise<T>): Promise<T> {
  const before = await currentDevice();
  const device = new Tapped(await openWasm({ threads: setting.threads ?? 1 }), setting.target, setting);
  checks.on = true;
  for (const key of planting) Object.assign(planted, { [key]: setting[key] });
  await setDevice(device);
  try {
    return await work();
  } finally {
    for (const key of planting) delete planted[key];
    checks.on = false;
    await setDevice(before);
    await device[Symbol.asyncDispose]();
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
}

/** Runs programs until the first failure. */
export async function fuzz(
  setting: Setting,
  { first, count, seconds = Infinity, shrinks = true }: FuzzOptions,
): Promise<{ failure: Failure | null; ran: number }> {
  return within(setting, async () => {
    const end = performance.now() + 1000 * seconds;
    let ran = 0;
    for (; ran < count && performance.now() < end; ran += together) {
      const seeds = Array.from({ length: Math.min(together, count - ran) }, (_, i) => first + ran + i);
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
