/** Whether a run comes out as its experiment expects. */
import type { Experiment } from "./experiment.ts";
import type { Form, Numbers } from "./probe.ts";
import type { Run } from "./run.ts";

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
      const isMet = got !== null && least <= got && got <= most;
      return { what, got: got ?? "not measured", want: `${least} … ${most}`, isMet };
    }),
    ...Object.entries(verdicts).map(([what, wanted]) => {
      const got = found.get(what)?.outcome ?? "no such claim";
      const want = [wanted].flat() as string[];
      return { what, got, want: want.join(" | "), isMet: want.includes(got) };
    }),
  ];
}

/**
 * The number that a band is about: `lane.probe`, `lane.probe.2`, `lane.probe@0`, `lane.diverged`. Null where this run has
 * none: nothing was trained yet, or it has fewer layers.
 */
function measured(run: Run, what: string): number | null {
  const { id, probe, item, isFirst } = parsed(run.experiment, what);
  const lane = run.lane(id);
  if (probe === "diverged") return lane.diverged ? 1 : 0;
  if (!lane.has(probe)) return null;
  const reading = isFirst ? lane.first(probe) : lane.last(probe);
  if (item === null) return reading as number;
  return Array.from((reading as { readonly values: Numbers }).values).at(item) ?? null;
}

function parsed(
  { id, lanes, probes }: Experiment,
  what: string,
): { id: string; probe: string; item: number | null; isFirst: boolean } {
  const match = /^([\w-]+)\.(\w+)(?:\.(-?\d+))?(@0)?$/.exec(what);
  const [, lane = "", probe = "", item] = match ?? [];
  const isOne = probe === "diverged" || probes[probe]?.form === "scalar";
  const hasIts = isOne ? item === undefined : item !== undefined && numbered.has(probes[probe]?.form);
  if (!(lane in lanes) || !hasIts) throw new Error(`experiment: ${id} has no such number as "${what}"`);
  return { id: lane, probe, item: isOne ? null : Number(item), isFirst: match?.[4] !== undefined };
}

/** Forms that have `values`, of which a band names one. */
const numbered: ReadonlySet<Form | undefined> = new Set<Form>(["bars", "matrix", "map"]);
