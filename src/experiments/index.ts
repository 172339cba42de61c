/** The experiments there are, and what it takes to run them: what front ends and tests import. */
import { arena } from "./arena.ts";
import { curriculum, days } from "./curriculum.ts";
import { digits } from "./digits.ts";
import { drawing } from "./drawing.ts";
import type { Experiment } from "./experiment.ts";
import { sandbox } from "./sandbox.ts";

export { type DataSource, packaged } from "./data.ts";
export type {
  Claim,
  Context,
  Expectation,
  Experiment,
  LaneSpec,
  Outcome,
  Parameter,
  Parameters,
  Preset,
  Session,
  Values,
  Verdict,
} from "./experiment.ts";
export { defineExperiment } from "./experiment.ts";
export * from "./log.ts";
export type { Form, Forms, Line, Numbers, Point, Probe, Probes, Reading, Readings } from "./probe.ts";
export type { Divergence, LaneView, Series } from "./record.ts";
export { type Change, type Lane, Run } from "./run.ts";
export { type Choice, checkValue, settle } from "./settings.ts";
export { type Label, type Language, languages, percent, say, show, type Text } from "./text.ts";
export { type Finding, findings } from "./verify.ts";
export { arena, curriculum, days, digits, drawing, sandbox };

/** All of them, by id: first what is no lesson, then the curriculum. */
export const experiments: ReadonlyMap<string, Experiment> = new Map(
  [digits, sandbox, drawing, arena, ...curriculum.values()].map((experiment) => [experiment.id, experiment]),
);
