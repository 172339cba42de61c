/** What is kept of a lane: every number of every step, and the first and the last of what is larger. */
import type { Form, Numbers, Probes, Reading, Readings } from "./probe.ts";

/** Where numbers stopped being finite. */
export interface Divergence {
  readonly step: number;
  /** The probe that showed it, and the parameter where it is seen first from the input, if there is a model. */
  readonly probe: string;
  readonly parameter: string | null;
}

/** A series of numbers: at `steps[i]` there was `values[i]`. */
export interface Series<V> {
  readonly steps: readonly number[];
  readonly values: readonly V[];
}

/** A lane as claims, pictures and files see it. */
export interface LaneView<V = unknown, Q extends Probes = Probes> {
  readonly id: string;
  readonly values: V;
  /** Steps done. */
  readonly step: number;
  readonly diverged: Divergence | null;
  /** The latest reading; of a lane that diverged, the latest before that. Throws where there is none. */
  last<K extends keyof Q & string>(probe: K): Reading<Q[K]>;
  first<K extends keyof Q & string>(probe: K): Reading<Q[K]>;
  has(probe: keyof Q & string): boolean;
  /** All readings of a scalar, or of bars. */
  series<K extends keyof Q & string>(probe: K): Series<Reading<Q[K]>>;
}

/** Whether all readings are kept. Of pictures only the first and the last are. */
const isKept = (form: Form): boolean => form === "scalar" || form === "bars";

export class Journal {
  readonly #probes: Probes;
  readonly #series = new Map<string, { steps: number[]; values: Reading[] }>();

  constructor(probes: Probes) {
    this.#probes = probes;
  }

  /** Takes readings in; gives the name of the first that is not finite, which is not taken. */
  add(step: number, readings: Readings): string | null {
    let bad: string | null = null;
    for (const [name, reading] of Object.entries(readings)) {
      const probe = this.#probes[name];
      if (!probe) throw new Error(`experiment: "${name}" is read, but is no probe`);
      if (reading === undefined) continue;
      if (!isSound(probe.form, reading)) {
        bad ??= name;
        continue;
      }
      let series = this.#series.get(name);
      if (!series) {
        series = { steps: [], values: [] };
        this.#series.set(name, series);
      }
      const at = series.steps.length;
      // A look at the step that a look was taken at before takes its place; of pictures only the last stays beside the first.
      const replaced = series.steps.at(-1) === step ? at - 1 : isKept(probe.form) || at < 2 ? at : at - 1;
      series.steps[replaced] = step;
      series.values[replaced] = reading;
    }
    return bad;
  }

  has(probe: string): boolean {
    return this.#series.has(probe);
  }

  series(probe: string): Series<Reading> {
    const found = this.#series.get(probe);
    if (!found) throw new Error(`experiment: "${probe}" was never read`);
    return found;
  }
}

/** Whether the numbers that decide are finite: those of scalars and of bars. Pictures show what they are given. */
function isSound(form: Form, reading: Reading): boolean {
  if (form === "scalar") return Number.isFinite(reading);
  if (form === "bars") return Array.from((reading as { values: Numbers }).values).every(Number.isFinite);
  return true;
}
