/** What a page knows of an experiment: all of it but its functions. */
import type { Claim, Experiment } from "../../src/experiments/experiment.ts";

export type Details = Omit<Experiment, "setup" | "claims" | "expect"> & {
  readonly claims: Readonly<Record<string, Omit<Claim, "verdict">>>;
};
