/** Hyper-parameters drawn at random, which finds good ones sooner than a grid (Bergstra & Bengio 2012). */
import { HostRandom, Turns } from "../data/index.ts";
import { ValueError } from "../errors.ts";
import { checkCount, checkNumber, checkOptions, hostMath, print } from "../tensor/arguments.ts";

/** Numbers of which one is drawn. */
export interface Between {
  readonly low: number;
  readonly high: number;
  /** `"log"`: factors are drawn evenly rather than differences, as suits learning rates. */
  readonly scale?: "linear" | "log";
  /** Whether only whole numbers are meant, `low` and `high` among them. */
  readonly whole?: boolean;
}
/** What a hyper-parameter may be: numbers within limits, or one of a list. */
export type Choice = Between | readonly (number | string | boolean)[];
export type Space = Readonly<Record<string, Choice>>;
export type Drawn<S extends Space> = {
  -readonly [K in keyof S]: S[K] extends readonly (infer V)[] ? V : number;
};

/** One setting that was tried. */
export interface Trial<S extends Space = Space> {
  /** From 0. */
  readonly number: number;
  readonly settings: Drawn<S>;
  /** `"failed"` where it threw, or where what it gave was not finite. */
  readonly state: "complete" | "failed";
  /** What it gave; null where it threw. */
  readonly value: number | null;
  readonly error: unknown;
}

export interface SearchOptions {
  /** How many settings are tried. */
  readonly trials: number;
  /** Makes the settings reproducible: the same seed and number of a trial give the same ones. */
  readonly seed?: number;
  /** Whether less or more is better; less, unless given. */
  readonly mode?: "min" | "max";
  /** Asks to stop after the present trial. */
  readonly signal?: AbortSignal;
  readonly onTrial?: (trial: Trial) => void;
}

export interface SearchResult<S extends Space = Space> {
  readonly trials: readonly Trial<S>[];
  /** Of equals, the first. */
  readonly best: Trial<S> & { readonly value: number };
}

/** A search none of whose trials gave a finite number. */
export class NoResultError extends ValueError {
  readonly trials: readonly Trial[];

  constructor(trials: readonly Trial[]) {
    const thrown = trials.find(({ error }) => error !== null);
    const why = thrown ? `; trial ${thrown.number} threw ${print(String(thrown.error).slice(0, 200))}` : "";
    const fix = "Look at the trials of this error, and widen or move the space";
    super({ in: "search", got: `no finite result in ${trials.length} trials${why}`, want: "one at least", fix });
    this.trials = trials;
  }
}

/**
 * Tries settings drawn from `space`, and tells which gave the least (or the greatest) number. A trial that throws or gives
 * NaN is marked as failed, and the search goes on.
 */
export async function search<const S extends Space>(
  space: S,
  objective: (settings: Drawn<S>, trial: number) => number | Promise<number>,
  options: SearchOptions,
): Promise<SearchResult<S>> {
  checkOptions("search", options ?? null, ["trials", "seed", "mode", "signal", "onTrial"]);
  const { trials: count, seed = 0, mode = "min", signal, onTrial } = options;
  checkSpace(space);
  if (typeof objective !== "function") {
    const want = "a function from settings to a number";
    throw new ValueError({ in: "search", got: print(objective), want, fix: "Write search(space, objective, options)" });
  }
  checkCount("search", count, "trials", 1);
  checkCount("search", seed, "seed", 0, Number.MAX_SAFE_INTEGER);
  if (mode !== "min" && mode !== "max") {
    throw new ValueError({ in: "search", got: `mode ${print(mode)}`, want: '"min" or "max"', fix: "Choose one" });
  }
  const trials: Trial<S>[] = [];
  let best: SearchResult<S>["best"] | null = null;
  const turns = new Turns();
  for (let number = 0; number < count && !signal?.aborted; number++) {
    const trial = await tried(number, drawn(space, seed, number), objective);
    trials.push(trial);
    onTrial?.(trial);
    const { value } = trial;
    const isBetter = best === null || (mode === "min" ? Number(value) < best.value : Number(value) > best.value);
    if (trial.state === "complete" && value !== null && isBetter) best = { ...trial, value };
    await turns.give();
  }
  if (best === null) throw new NoResultError(trials);
  return { trials, best };
}

async function tried<S extends Space>(
  number: number,
  settings: Drawn<S>,
  objective: (settings: Drawn<S>, trial: number) => number | Promise<number>,
): Promise<Trial<S>> {
  try {
    const value = await objective({ ...settings }, number);
    const state = typeof value === "number" && Number.isFinite(value) ? "complete" : "failed";
    return { number, settings, state, value: typeof value === "number" ? value : null, error: null };
  } catch (error) {
    return { number, settings, state: "failed", value: null, error };
  }
}

/** The settings of a trial: each hyper-parameter has randomness of its own, so that others may be added. */
function drawn<S extends Space>(space: S, seed: number, trial: number): Drawn<S> {
  const draws = Object.entries(space).map(([name, choice]) => {
    const random = new HostRandom(seed, trial, hashed(name));
    return [name, isList(choice) ? choice[random.below(choice.length)] : between(choice, random.next())] as const;
  });
  return Object.fromEntries(draws) as Drawn<S>;
}

function between({ low, high, scale = "linear", whole = false }: Between, u: number): number {
  const [from, to] = whole ? [low - 0.5, high + 0.5] : [low, high];
  const { exp, log } = hostMath;
  const value = scale === "log" ? exp(log(from) + u * (log(to) - log(from))) : from + u * (to - from);
  return Math.min(Math.max(whole ? Math.round(value) : value, low), high);
}

/** A number for a name (FNV-1a). */
function hashed(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

const isList = (choice: Choice): choice is readonly (number | string | boolean)[] => Array.isArray(choice);

function checkSpace(space: unknown): void {
  const fail = (got: string, want: string, fix: string): ValueError => new ValueError({ in: "search", got, want, fix });
  const isObject = typeof space === "object" && space !== null && !Array.isArray(space);
  if (!isObject || Object.keys(space).length === 0) {
    throw fail(`${print(space)} as the space`, "at least one name", "Write { lr: { low: 1e-4, high: 1 } }");
  }
  for (const [name, choice] of Object.entries(space)) {
    if (Array.isArray(choice)) {
      if (choice.length === 0) throw fail(`nothing to choose ${name} from`, "at least one value", "Name some");
      continue;
    }
    const by = `search: ${name}`;
    checkOptions(by, choice ?? null, ["low", "high", "scale", "whole"]);
    const { low, high, scale = "linear", whole = false } = choice as Between;
    for (const [end, value] of [
      ["low", low],
      ["high", high],
    ] as const) {
      if (whole) checkCount(by, value, end, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      else checkNumber(by, value, end, -Number.MAX_VALUE, Number.MAX_VALUE);
    }
    if (low > high) throw fail(`${name} from ${low} to ${high}`, "low at most high", "Exchange them");
    if (scale !== "linear" && scale !== "log") {
      throw fail(`the scale ${print(scale)} of ${name}`, '"linear" or "log"', "Choose one");
    }
    if (scale === "log" && low <= 0) {
      throw fail(`${name} from ${low} on a logarithmic scale`, "numbers above 0", "Raise low, or leave out the scale");
    }
  }
}
