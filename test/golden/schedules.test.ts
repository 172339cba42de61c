/** Schedules have PyTorch's rates, step by step. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  cosine,
  exponential,
  linear,
  multiStep,
  oneCycle,
  Plateau,
  type Schedule,
  stepDecay,
} from "../../src/optim/index.ts";

interface Case {
  readonly schedule: string;
  readonly options: Readonly<Record<string, number>> & {
    readonly milestones?: readonly number[];
    readonly mode?: string;
  };
  readonly measured?: readonly number[];
  readonly rates: readonly number[];
}

/** The rate that all of them begin with. */
const lr = 0.3;
const ours: Readonly<Record<string, (options: Case["options"]) => Schedule>> = {
  StepLR: ({ step_size, gamma = 0.1 }) => stepDecay(lr, { every: step_size, factor: gamma }),
  MultiStepLR: ({ milestones = [], gamma }) => multiStep(lr, { milestones, factor: gamma }),
  ExponentialLR: ({ gamma }) => exponential(lr, { factor: gamma }),
  LinearLR: ({ end_factor, total_iters }) => linear(lr, { to: lr * end_factor, steps: total_iters }),
  CosineAnnealingLR: ({ T_max, eta_min = 0 }) => cosine(lr, { steps: T_max, min: eta_min }),
  OneCycleLR: ({ max_lr, total_steps, pct_start = 0.3, div_factor = 25, final_div_factor = 1e4 }) =>
    oneCycle(max_lr, { steps: total_steps, up: pct_start, startDivisor: div_factor, endDivisor: final_div_factor }),
};

/** What gives the rates one after another. */
function rates({ schedule, options, measured }: Case): number[] {
  if (schedule !== "ReduceLROnPlateau") return Array.from({ length: 13 }, (_, step) => ours[schedule](options)(step));
  const { patience, factor, threshold = 1e-4, min_lr = 0, mode } = options;
  const plateau = new Plateau(lr, { patience, factor, threshold, min: min_lr, maximize: mode === "max" });
  return measured!.map((value) => plateau.measure(value));
}

const lines = readFileSync(join(import.meta.dirname, "schedules.jsonl"), "utf8")
  .trimEnd()
  .split("\n");
for (const [i, line] of lines.entries()) {
  const recorded = JSON.parse(line) as Case;
  test(`golden schedule ${i}, ${recorded.schedule}`, () => {
    const got = rates(recorded);
    assert.equal(got.length, recorded.rates.length);
    for (const [step, want] of recorded.rates.entries()) {
      const far = Math.abs(got[step] - want);
      assert.ok(
        far <= 1e-12 * want + 1e-16,
        `${got[step]} for ${want} at step ${step} of ${JSON.stringify(recorded.options)}`,
      );
    }
  });
}
