/**
 * What an experiment is: one description, from which each front end makes its own controls, and a run that yields what
 * there is to show as data. It draws nothing and writes no files, so that a terminal and a browser can both run it.
 */
import type { AnyModule } from "../nn/index.ts";
import type { TrainingProgress } from "../train/index.ts";
import type { Text } from "./text.ts";

/** A setting of an experiment: what it may be, what it is by default, and what it does. */
export type Parameter =
  | {
      readonly kind: "integer" | "number";
      readonly min: number;
      readonly max: number;
      readonly default: number;
      readonly help: Text;
    }
  | {
      readonly kind: "choice";
      readonly options: readonly string[];
      readonly default: string;
      readonly help: Text;
    };
export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of parameters, by their names. */
export type Values<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends { readonly options: readonly (infer Option)[] } ? Option : number;
};

/** A picture as data. */
export type Figure =
  /** `counts[actual][predicted]`. */
  | { readonly kind: "confusion"; readonly counts: readonly (readonly number[])[] }
  /** Images of bytes, from 0, the paper, to 255, the ink. */
  | {
      readonly kind: "digits";
      readonly rows: number;
      readonly cols: number;
      readonly digits: readonly { readonly pixels: Uint8Array; readonly label: number; readonly predicted: number }[];
    }
  /** The probability of class 1 over a square of side 2 around 0, and the points of both classes. */
  | {
      readonly kind: "map";
      readonly rows: number;
      readonly cols: number;
      /** Row by row, the top first. */
      readonly values: ArrayLike<number>;
      readonly points: readonly { readonly x: number; readonly y: number; readonly label: number }[];
    }
  | { readonly kind: "table"; readonly head: readonly Text[]; readonly rows: readonly (readonly string[])[] };

/** What its progress counts in: what its setting of the length is called. */
export type Counts = "epoch" | "step";

/** What a run has to tell. */
export type Event =
  | { readonly kind: "note"; readonly text: Text }
  /** How far training is. The metric `accuracy`, where there is one, is a part of 1. */
  | { readonly kind: "progress"; readonly progress: TrainingProgress; readonly counts: Counts }
  /** A result. `id` is stable; a percentage is given as a part of 1. */
  | {
      readonly kind: "measure";
      readonly id: string;
      readonly name: Text;
      readonly value: number;
      readonly unit: "percent" | "number" | "count";
    }
  | { readonly kind: "figure"; readonly title: Text; readonly figure: Figure }
  /** A model worth keeping. */
  | { readonly kind: "model"; readonly model: AnyModule };

/** What a front end gives to a run. */
export interface Context {
  /** Asks it to stop after the present step. */
  readonly signal: AbortSignal;
}

export interface Experiment<P extends Parameters = Parameters> {
  readonly id: string;
  readonly title: Text;
  readonly question: Text;
  readonly params: P;
  run(params: Values<P>, context: Context): AsyncGenerator<Event, void>;
}

/** The experiment itself; lets the types of its values follow from its parameters. */
export const defineExperiment = <const P extends Parameters>(experiment: Experiment<P>): Experiment<P> => experiment;
