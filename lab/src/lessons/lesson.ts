/** What a lesson adds to its experiment: words, formulas, sources, and a line to fill in. The numbers are the run's. */
import type { ComponentType } from "preact";
import type { Forms, Reading } from "../../../src/experiments/probe.ts";
import type { Text } from "../../../src/experiments/text.ts";
import type { Excerpt } from "../../build/source.ts";
import { type Bench, valueAt } from "../bench/store.ts";

export interface Formula {
  /** Set at build time: tex`…`. Write \htmlData{probe=loss}{E} to tie a symbol to a figure. */
  readonly html: string;
  /** The formula as one would read it out. */
  readonly spoken: Text;
}

export interface FillIn {
  readonly prompt: Text;
  /** The line around the gap, as code: what stands before it and after it. */
  readonly before: string;
  readonly after: string;
  readonly hint: Text;
  /** What the gap evaluates to, as an expression that the engine runs beside the learner's. */
  readonly expected: string;
  /** Names that both may use: numbers, and nested arrays that become tensors. */
  readonly given: Readonly<Record<string, number | readonly number[] | readonly (readonly number[])[]>>;
}

export interface Lesson {
  /** How the title is read in kana, and other words to be found by. */
  readonly keywords: string;
  readonly intro: readonly Text[];
  /** What to do on the bench, in a sentence or two. */
  readonly todo: Text;
  /** What happened, with the numbers of the run that is on the bench. */
  happened(seen: Seen): readonly Text[];
  readonly formulas: readonly Formula[];
  readonly sources: readonly Excerpt[];
  readonly fillIn: FillIn;
  readonly notShown: Text;
  /** The parameter whose slider stands before the others; unless given, the first that has one. */
  readonly primary?: string;
  /** Ids of lessons to go on with. */
  readonly related: readonly string[];
  /** A picture or a tool of its own, above the others: to draw on, to drag. */
  readonly Extra?: ComponentType<{ readonly bench: Bench }>;
  /** Probes whose plain figure the Extra takes the place of. */
  readonly covers?: readonly string[];
}

/** The numbers of the run on the bench, for prose. */
export class Seen {
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }
  get isDone(): boolean {
    return this.#bench.status.value === "done";
  }
  get step(): number {
    return this.#bench.shown.value?.step ?? 0;
  }
  /** The latest value of a scalar, at the step that is looked at; null where there is none. */
  number(lane: string, probe: string): number | null {
    this.#bench.frames.value;
    const curve = this.#bench.curves[lane]?.[probe];
    return (curve && valueAt(curve, this.step)) ?? null;
  }
  /** The first value of a scalar. */
  first(lane: string, probe: string): number | null {
    this.#bench.frames.value;
    return this.#bench.curves[lane]?.[probe]?.values[0] ?? null;
  }
  /** One of the numbers of bars; −1 is the last. */
  bar(lane: string, probe: string, index: number): number | null {
    const reading = this.#reading(lane, probe) as Forms["bars"] | undefined;
    return reading ? (Array.from(reading.values).at(index) ?? null) : null;
  }
  /** A picture's reading. */
  reading<F extends Exclude<keyof Forms, "scalar">>(lane: string, probe: string, _form: F): Forms[F] | null {
    return (this.#reading(lane, probe) as Forms[F] | undefined) ?? null;
  }
  #reading(lane: string, probe: string): Reading | undefined {
    return this.#bench.shown.value?.lanes.find(({ id }) => id === lane)?.readings[probe];
  }
}

/** A number in prose; a dash where there is none yet. */
export function live(x: number | null): string {
  if (x === null) return "–";
  const size = Math.abs(x);
  if (x === 0) return "0";
  if (size < 1e-3 || size >= 1e6) return x.toExponential(1).replace("e+", "e");
  if (size >= 1e3) return Math.round(x).toLocaleString("en"); // as verdicts and figures write it
  return String(Number(x.toPrecision(3)));
}
export const livePercent = (x: number | null): string => (x === null ? "–" : `${(100 * x).toFixed(1)} %`);
