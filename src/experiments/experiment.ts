/**
 * What an experiment is: a question of the course as one object, from which the command line, the Lab and the tests make
 * all they need. It computes and hands over numbers; it draws nothing, writes no files, and runs wherever tensors do.
 */
import type { AnyModule } from "../nn/index.ts";
import type { DataSource } from "./data.ts";
import type { Probe, Probes, Readings } from "./probe.ts";
import type { LaneView } from "./record.ts";
import type { Text } from "./text.ts";

interface Described {
  readonly label: Text;
  /** What it does, where its name does not say it. */
  readonly help?: Text;
  /** Whether it may change while a run goes on. What is built from it, such as the depth of a network, may not. */
  readonly hot?: boolean;
}
/** A setting: what it may be, what it is by default, and what it is called. */
export type Parameter = Described &
  (
    | {
        readonly kind: "integer" | "number";
        readonly min: number;
        readonly max: number;
        readonly default: number;
        /** On which scale a slider goes; linear unless given. A `log` slider whose `min` is 0 ends in it. */
        readonly scale?: "log";
      }
    | {
        readonly kind: "choice";
        readonly options: readonly string[];
        readonly default: string;
        /** What options are called, where that differs from how they are written. */
        readonly names?: Readonly<Record<string, Text>>;
      }
    /** Numbers that are edited as a whole, such as the elements of a matrix or a curve that is drawn. */
    | {
        readonly kind: "list";
        readonly min: number;
        readonly max: number;
        readonly default: readonly number[];
      }
  );
export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of parameters, by their names. */
export type Values<P extends Parameters = Parameters> = {
  readonly [K in keyof P]: P[K] extends { readonly options: readonly (infer Option)[] }
    ? Option
    : P[K] extends { readonly kind: "list" }
      ? readonly number[]
      : P[K] extends { readonly kind: "integer" | "number" }
        ? number
        : number | string | readonly number[];
};

/** What a front end gives to a run. */
export interface Context {
  /** The seed of this run. The library's generator stands at it already; data that is made on the host takes it from here. */
  readonly seed: number;
  readonly data: DataSource;
}

/** One lane of a run: what `setup` has built, and how it goes on. */
export interface Session<P extends Parameters = Parameters, Q extends Probes = Probes> {
  /** Steps until it is done; 0 where there is nothing to train and a look says it all. */
  readonly steps: number;
  /** Does a step, of milliseconds, with parameters as they are by now; gives what is cheap to measure. Steps count from 1. */
  step?(values: Values<P>, step: number): Promise<Readings<Q>>;
  /** Measures what takes longer, and changes nothing. Done before the first step, after the last, and when asked. */
  look?(values: Values<P>): Promise<Readings<Q>>;
  /** What is trained, if it is a model: to be saved, and to find where numbers stopped being finite. */
  readonly model?: AnyModule;
}

/** One of the runs that are compared side by side, with the same seed and data. */
export interface LaneSpec<P extends Parameters = Parameters> {
  readonly label: Text;
  /** What sets it apart. */
  readonly values: Partial<Values<P>>;
}

/** Settings worth trying, and why. */
export interface Preset<P extends Parameters = Parameters> {
  readonly label: Text;
  readonly why: Text;
  readonly values: Partial<Values<P>>;
}

/** A run that is over, as claims see it. */
export interface Outcome<P extends Parameters = Parameters, Q extends Probes = Probes> {
  readonly seed: number;
  lane(id: string): LaneView<Values<P>, Q>;
  readonly lanes: readonly LaneView<Values<P>, Q>[];
}

export interface Verdict {
  /** `undecided`: this run cannot tell, because its lanes do not differ in what the claim is about, for instance. */
  readonly outcome: "holds" | "fails" | "depends" | "undecided";
  /** Which of the predictions came true; none for a run that cannot tell. */
  readonly prediction?: number;
  /** Why, with the numbers of this run. */
  readonly because: Text;
}

/** A sentence of the report that a run tests. */
export interface Claim<P extends Parameters = Parameters, Q extends Probes = Probes> {
  /** The report's sentence, and what it says in English. */
  readonly sentence: Text;
  /** What one may guess before the run. */
  readonly predictions: readonly Text[];
  /** Whether the first look settles it, so that no step has to be done. */
  readonly atOnce?: boolean;
  verdict(run: Outcome<P, Q>): Verdict;
}

/** What the default run gives, for every seed. */
export interface Expectation {
  /**
   * `"lane.probe": [least, most]` for the last reading, `"lane.probe.3"` for one of several numbers (`-1` is the last),
   * `"lane.probe@0"` for the first reading; `"lane.diverged"` is 1 or 0.
   */
  readonly bands: Readonly<Record<string, readonly [least: number, most: number]>>;
  readonly verdicts: Readonly<Record<string, Verdict["outcome"] | readonly Verdict["outcome"][]>>;
}

export interface Experiment<P extends Parameters = Parameters, Q extends Probes = Probes> {
  readonly id: string;
  /** Its row in the curriculum, such as "2.1"; null for what is no part of it. */
  readonly row: string | null;
  readonly title: Text;
  readonly question: Text;
  readonly params: P;
  readonly probes: Q;
  /** By id, the first first. Two are shown side by side by default. */
  readonly lanes: Readonly<Record<string, LaneSpec<NoInfer<P>>>>;
  /** By id: `works`, `breaks`, and `course` where the course has an exercise on it. */
  readonly presets: Readonly<Record<string, Preset<NoInfer<P>>>>;
  setup(values: Values<P>, context: Context): Promise<Session<P, Q>> | Session<P, Q>;
  /** By id. */
  readonly claims: Readonly<Record<string, Claim<NoInfer<P>, NoInfer<Q>>>>;
  readonly expect: Expectation;
}

/** The experiment itself; lets the types of its values and readings follow from its parameters and probes. */
export const defineExperiment = <const P extends Parameters, const Q extends Readonly<Record<string, Probe>>>(
  experiment: Experiment<P, Q>,
): Experiment => experiment as unknown as Experiment;
