/** A run as plain data, to be looked at elsewhere: every number of its scalars, and the last of its pictures. */
import type { Values, Verdict } from "./experiment.ts";
import type { Reading } from "./probe.ts";
import type { Divergence } from "./record.ts";
import type { Run } from "./run.ts";

export interface RecordedLane {
  readonly values: Values;
  readonly step: number;
  readonly diverged: Divergence | null;
  readonly scalars: Readonly<Record<string, { readonly steps: readonly number[]; readonly values: readonly number[] }>>;
  readonly readings: Readonly<Record<string, Reading>>;
}
export interface Recorded {
  readonly experiment: string;
  readonly seed: number;
  readonly steps: number;
  readonly lanes: Readonly<Record<string, RecordedLane>>;
  /** Of a run that came to its end. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

export function recordOf(run: Run): Recorded {
  const lanes = run.lanes.map((lane): [string, RecordedLane] => {
    const scalars: Record<string, { steps: readonly number[]; values: readonly number[] }> = {};
    const readings: Record<string, Reading> = {};
    for (const [name, { form }] of Object.entries(run.experiment.probes)) {
      if (!lane.has(name)) continue;
      if (form === "scalar") scalars[name] = lane.series(name) as (typeof scalars)[string];
      else readings[name] = plain(lane.last(name));
    }
    const { values, step, diverged } = lane;
    return [lane.id, { values, step, diverged, scalars, readings }];
  });
  const verdicts = run.isDone ? Object.fromEntries(run.verdicts()) : {};
  const { experiment, seed, steps } = run;
  return { experiment: experiment.id, seed, steps, lanes: Object.fromEntries(lanes), verdicts };
}

/** Typed arrays as arrays, however deep: JSON has no others. */
function plain<T>(value: T): T {
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>) as T;
  if (Array.isArray(value)) return value.map(plain) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, plain(child)])) as T;
}
