/**
 * Learning rates as functions of the number of steps done: `optimizer.lr = schedule(step)` before each step. They hold no
 * state, so nothing has to be saved to go on after a checkpoint; PyTorch's schedulers count by themselves. Past their end
 * they stay at their last value. Only arithmetic is used, so that rates have the same bits on every machine.
 */
import { ValueError } from "../errors.ts";
import { checkCount, checkNumber, checkOptions } from "../tensor/arguments.ts";

/** The learning rate for the step after `step` steps, of `total` in all; fit() passes both. */
export type Schedule = (step: number, total?: number) => number;

const checkRate = (op: string, lr: number, name = "lr"): number => checkNumber(op, lr, name, 0, Number.MAX_VALUE);

/** How many steps there are: what the schedule was made with, else what it is called with. */
function stepsOf(op: string, own: number | undefined, total: number | undefined): number {
  if (own !== undefined) return own;
  if (total !== undefined) return checkCount(op, total, "the number of steps", 1);
  const fix = "Pass { steps }, or use it in fit(), which knows";
  throw new ValueError({ in: op, got: "no number of steps", want: "how many there are in all", fix });
}
const checkSteps = (op: string, steps: number | undefined): number | undefined =>
  steps === undefined ? undefined : checkCount(op, steps, "the number of steps", 1);

/** `baseᶜᵒᵘⁿᵗ` for a whole `count`, by squaring. */
function power(base: number, count: number): number {
  let [result, square, rest] = [1, base, count];
  for (; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** `cos(πt)` for `t` from 0 to 1, as `−sin(π(t − ½))`, by its series. */
function cosPi(t: number): number {
  const x = Math.PI * (t - 0.5);
  let [term, sum] = [x, x];
  for (let k = 1; k <= 10; k++) sum += term *= (-x * x) / (2 * k * (2 * k + 1));
  return Math.min(Math.max(-sum, -1), 1); // rounded beyond, it would give rates below 0
}

/** From `from` to `to` along half a cosine, for `t` from 0 to 1. */
const alongCosine = (from: number, to: number, t: number): number => to + ((from - to) / 2) * (1 + cosPi(t));
const alongLine = (from: number, to: number, t: number): number => from + (to - from) * t;

/** Always `lr`. */
export function constant(lr: number): Schedule {
  checkRate("constant", lr);
  return () => lr;
}

/** `lr`, times `factor` after every `every` steps. PyTorch: StepLR. */
export function stepDecay(lr: number, options: { every: number; factor?: number }): Schedule {
  checkOptions("stepDecay", options, ["every", "factor"]);
  const { every, factor = 0.1 } = options;
  checkRate("stepDecay", lr);
  checkCount("stepDecay", every, "every", 1);
  checkNumber("stepDecay", factor, "factor", 0, 1);
  return (step) => lr * power(factor, Math.floor(step / every));
}

/** `lr`, times `factor` at each of `milestones`, in any order. PyTorch: MultiStepLR. */
export function multiStep(lr: number, options: { milestones: readonly number[]; factor?: number }): Schedule {
  checkOptions("multiStep", options, ["milestones", "factor"]);
  const { milestones, factor = 0.1 } = options;
  checkRate("multiStep", lr);
  for (const m of milestones) checkCount("multiStep", m, "a milestone", 0);
  checkNumber("multiStep", factor, "factor", 0, 1);
  return (step) => lr * power(factor, milestones.filter((m) => step >= m).length);
}

/** `lr`, times `factor` after each step. PyTorch: ExponentialLR. */
export function exponential(lr: number, options: { factor: number }): Schedule {
  checkOptions("exponential", options, ["factor"]);
  const { factor } = options;
  checkRate("exponential", lr);
  checkNumber("exponential", factor, "factor", 0, 1);
  return (step) => lr * power(factor, step);
}

/** From `from` to `to` in a straight line. PyTorch: LinearLR, PolynomialLR. */
export function linear(from: number, options: { to?: number; steps?: number } = {}): Schedule {
  checkOptions("linear", options, ["to", "steps"]);
  const { to = 0, steps } = options;
  checkRate("linear", from);
  checkRate("linear", to, "to");
  checkSteps("linear", steps);
  return (step, total) => alongLine(from, to, Math.min(step / stepsOf("linear", steps, total), 1));
}

/** From `lr` to `min` along half a cosine (Loshchilov & Hutter 2017, eq. 5, without restarts). PyTorch: CosineAnnealingLR. */
export function cosine(lr: number, options: { min?: number; steps?: number } = {}): Schedule {
  checkOptions("cosine", options, ["min", "steps"]);
  const { min = 0, steps } = options;
  checkRate("cosine", lr);
  checkRate("cosine", min, "min");
  checkSteps("cosine", steps);
  return (step, total) => alongCosine(lr, min, Math.min(step / stepsOf("cosine", steps, total), 1));
}

/** For `steps` steps a straight line up to where `then` starts, and then `then`, with its steps counted from there. */
export function warmup(then: Schedule, options: { steps: number }): Schedule {
  checkOptions("warmup", options, ["steps"]);
  const { steps } = options;
  checkCount("warmup", steps, "steps", 1);
  return (step, total) => {
    if (total !== undefined && steps >= total) {
      const got = `${steps} steps of ${total}`;
      throw new ValueError({ in: "warmup", got, want: "fewer than there are in all", fix: "Warm up for less" });
    }
    const rest = total === undefined ? undefined : total - steps;
    return step < steps ? (then(0, rest) * (step + 1)) / steps : then(step - steps, rest);
  };
}

export interface OneCycleOptions {
  /** How many steps there are in all; fit() knows by itself. */
  steps?: number;
  /** Which part of them goes up. */
  up?: number;
  /** It begins at `max` divided by this. */
  startDivisor?: number;
  /** It ends at where it began divided by this. */
  endDivisor?: number;
}

/** Up to `max` and down again, each along half a cosine (Smith & Topin 2018). PyTorch: OneCycleLR, with its defaults. */
export function oneCycle(max: number, options: OneCycleOptions = {}): Schedule {
  checkOptions("oneCycle", options, ["steps", "up", "startDivisor", "endDivisor"]);
  const { steps, up = 0.3, startDivisor = 25, endDivisor = 1e4 } = options;
  checkRate("oneCycle", max, "max");
  checkSteps("oneCycle", steps);
  checkNumber("oneCycle", up, "up", 0, 1);
  checkNumber("oneCycle", startDivisor, "startDivisor", 1, Number.MAX_VALUE);
  checkNumber("oneCycle", endDivisor, "endDivisor", 1, Number.MAX_VALUE);
  const start = max / startDivisor;
  return (step, total) => {
    const all = stepsOf("oneCycle", steps, total);
    const peak = up * all - 1; // as PyTorch counts: the peak is a step, and so is the end
    const last = Math.max(all - 1, peak);
    if (step <= peak) return alongCosine(start, max, peak > 0 ? step / peak : 1);
    return alongCosine(max, start / endDivisor, last > peak ? Math.min((step - peak) / (last - peak), 1) : 1);
  };
}

export interface PlateauOptions {
  /** What the rate is multiplied by. */
  factor?: number;
  /** How many measurements in a row may bring nothing. */
  patience?: number;
  /** By which part of the best a measurement has to be better. */
  threshold?: number;
  /** It does not go below this. */
  min?: number;
  /** Whether greater is better. */
  maximize?: boolean;
}

/** A rate that is reduced when a measurement stops getting better. PyTorch: ReduceLROnPlateau. */
export class Plateau {
  #lr: number;
  #best: number;
  #bad = 0;
  readonly #options: Required<PlateauOptions>;

  constructor(lr: number, options: PlateauOptions = {}) {
    checkOptions("Plateau", options, ["factor", "patience", "threshold", "min", "maximize"]);
    const { factor = 0.1, patience = 10, threshold = 1e-4, min = 0, maximize = false } = options;
    this.#lr = checkRate("Plateau", lr);
    checkNumber("Plateau", factor, "factor", 0, 1);
    checkCount("Plateau", patience, "patience", 0);
    checkNumber("Plateau", threshold, "threshold", 0, 1);
    checkRate("Plateau", min, "min");
    this.#options = { factor, patience, threshold, min, maximize };
    this.#best = maximize ? -Infinity : Infinity;
  }

  get lr(): number {
    return this.#lr;
  }

  /** Takes a measurement in, such as a validation loss; gives the rate from now on. NaN counts as no better. */
  measure(value: number): number {
    const { factor, patience, threshold, min, maximize } = this.#options;
    const margin = Number.isFinite(this.#best) ? threshold * Math.abs(this.#best) : 0;
    if (maximize ? value > this.#best + margin : value < this.#best - margin) {
      this.#best = value;
      this.#bad = 0;
    } else if (++this.#bad > patience) {
      this.#lr = Math.max(this.#lr * factor, min);
      this.#bad = 0;
    }
    return this.#lr;
  }

  /** What a checkpoint has to keep. */
  get state(): { lr: number; best: number; bad: number } {
    return { lr: this.#lr, best: this.#best, bad: this.#bad };
  }
  set state({ lr, best, bad }: { lr: number; best: number; bad: number }) {
    this.#lr = checkRate("Plateau", lr);
    this.#best = best;
    this.#bad = checkCount("Plateau", bad, "bad", 0);
  }
}
