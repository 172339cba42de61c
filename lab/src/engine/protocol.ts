/** What the page and its engine, a worker that computes, say to each other. All of it is data. */
import type { Values, Verdict } from "../../../src/experiments/experiment.ts";
import type { Reading } from "../../../src/experiments/probe.ts";
import type { Divergence } from "../../../src/experiments/record.ts";
import type { Change } from "../../../src/experiments/run.ts";
import type { Choice, Fork } from "../../../src/experiments/settings.ts";
import type { Finding } from "../../../src/experiments/verify.ts";

/** All that a run depends on: whoever has this can have the run again, bit for bit. */
export interface Opening {
  readonly experiment: string;
  readonly seed: number;
  readonly choice: Choice;
  /** In the order of their steps. */
  readonly changes: readonly Change[];
  /** A lane more, that goes its own way from a step on. */
  readonly fork?: Fork;
}

export type ToEngine =
  /** Sets a run up, in the place of the one before, and does `until` steps of it without showing them. */
  | { readonly kind: "open"; readonly run: number; readonly opening: Opening; readonly until: number }
  /** Goes on; so many steps a second, or as many as it can, with a frame every so many milliseconds. */
  | { readonly kind: "play"; readonly stepsPerSecond: number | null; readonly frameEvery: number }
  | { readonly kind: "pause" }
  | { readonly kind: "step"; readonly count: number }
  | { readonly kind: "change"; readonly values: Partial<Values>; readonly lane?: string }
  /** Runs the same with other seeds from the beginning to the end, each told by a `seed`. */
  | { readonly kind: "seeds"; readonly seeds: readonly number[] }
  /** Adds to every weight of a parameter, the first unless named, and looks: what is drawn has to follow. */
  | { readonly kind: "poke"; readonly lane: string; readonly parameter?: string; readonly by: number }
  /** Calls a tool that is no run, such as the compiler's explanation; answered by `answer`. */
  | { readonly kind: "ask"; readonly id: number; readonly tool: string; readonly input: unknown };

/** Numbers of a scalar that came since the last frame. */
export interface Numbers {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

export interface LaneFrame {
  readonly id: string;
  readonly step: number;
  readonly isDone: boolean;
  readonly diverged: Divergence | null;
  readonly values: Values;
  /** New numbers of scalars, by probe. */
  readonly scalars: Readonly<Record<string, Numbers>>;
  /** New numbers of bars of which there are few, by probe and place: "rates.0". */
  readonly tracks: Readonly<Record<string, Numbers>>;
  /** The latest readings of all other probes that have one, by probe. */
  readonly readings: Readonly<Record<string, Reading>>;
}

export type FromEngine =
  | {
      readonly kind: "frame";
      readonly run: number;
      readonly step: number;
      readonly steps: number;
      readonly isPlaying: boolean;
      readonly lanes: readonly LaneFrame[];
    }
  /** A change that was asked for has been made, at this step. */
  | { readonly kind: "changed"; readonly run: number; readonly change: Change }
  | {
      readonly kind: "done";
      readonly run: number;
      readonly verdicts: Readonly<Record<string, Verdict>>;
      /** What the experiment expects of its default run, beside what this run gave. */
      readonly findings: readonly Finding[];
    }
  | {
      readonly kind: "seed";
      readonly run: number;
      readonly seed: number;
      readonly lanes: Readonly<Record<string, Readonly<Record<string, Numbers>>>>;
      readonly verdicts: Readonly<Record<string, Verdict>>;
    }
  | { readonly kind: "failed"; readonly run: number; readonly message: string }
  | { readonly kind: "answer"; readonly id: number; readonly output?: unknown; readonly error?: string };
