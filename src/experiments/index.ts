/** The experiments there are, in the order in which they are listed. */

import type { Experiment } from "./demo.ts";
import { digits } from "./digits.ts";
import { mlpDigits } from "./mlp-digits.ts";
import { spirals } from "./spirals.ts";
import { xor } from "./xor.ts";

export { digits, mlpDigits, spirals, xor };

const all: readonly Experiment[] = [digits, mlpDigits, spirals, xor];

export const experiments: ReadonlyMap<string, Experiment> = new Map(
  all.map((experiment) => [experiment.id, experiment]),
);
