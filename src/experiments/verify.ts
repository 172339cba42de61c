/** Whether a run comes out as its experiment expects. */
import type { Experiment } from "./experiment.ts";
import type { Numbers } from "./probe.ts";
import type { Lane, Run } from "./run.ts";

/** One thing that was expected, and what came. */
export interface Finding {
  readonly what: string;
  readonly got: number | string;
  readonly want: string;
  readonly isMet: boolean;
}

/** All that the experiment expects of its default run, beside what this run gave. */
export function findings(run: Run): Finding[] {
  const { bands, verdicts } = run.experiment.expect;
  const found = run.verdicts();
  return [
    ...Object.entries(bands).map(([what, [least, most]]) => {
      const got = measured(run, what);
      return { what, got, want: `${least} … ${most}`, isMet: least <= got && got <= most };
    }),
    ...Object.entries(verdicts).map(([what, wanted]) => {
      const got = found.get(what)?.outcome ?? "no such claim";
      const want = [wanted].flat() as string[];
      return { what, got, want: want.join(" | "), isMet: want.includes(got) };
    }),
  ];
}

/** The number that a band is about: `lane.probe`, `lane.probe.2`, `lane.probe@0`, `lane.diverged`. */
function measured(run: Run, what: string): number {
  const { id, probe, item, isFirst } = parsed(run.experiment, what);
  const lane = run.lane(id);
  if (probe === "diverged") return lane.diverged ? 1 : 0;
  const reading = isFirst ? lane.first(probe) : lane.last(probe);
  if (typeof reading === "number" && item === null) return reading;
  const values = (reading as { values?: Numbers }).values;
  const value = values && item !== null ? Array.from(values).at(item) : undefined;
  if (value === undefined)
    throw new Error(`experiment: the band "${what}" names no number of ${probeNames(lane, run)}`);
  return value;
}

function parsed(
  { id, lanes }: Experiment,
  what: string,
): { id: string; probe: string; item: number | null; isFirst: boolean } {
  const match = /^([\w-]+)\.(\w+)(?:\.(-?\d+))?(@0)?$/.exec(what);
  if (!match || !(match[1] in lanes)) throw new Error(`experiment: ${id} has no such number as "${what}"`);
  return {
    id: match[1],
    probe: match[2],
    item: match[3] === undefined ? null : Number(match[3]),
    isFirst: match[4] !== undefined,
  };
}

const probeNames = (lane: Lane, run: Run): string => `${lane.id}: ${Object.keys(run.experiment.probes).join(", ")}`;
