/** Which settings each lane of a run has, from defaults, a preset, what sets the lane apart, and what the user asks for. */
import { ValueError } from "../errors.ts";
import { print } from "../tensor/arguments.ts";
import type { Experiment, Parameter, Values } from "./experiment.ts";

/** What is asked of a run. */
export interface Choice {
  /** A preset's id. */
  readonly preset?: string;
  /**
   * For all lanes. What sets lanes apart is changed in the last lane only, so that the others stay to compare with; where
   * there is one lane, it is that.
   */
  readonly values?: Partial<Values>;
  /** For single lanes, by id. */
  readonly lanes?: Readonly<Record<string, Partial<Values>>>;
}

/** A lane more: it is another up to a step, and has its own changes from there. */
export interface Fork {
  readonly lane: string;
  readonly step: number;
}
/** The id of the lane that a fork is. */
export const forkId = "fork";

/** The settings of each lane, by id; throws ValueError for what is not there or out of range. */
export function settle(experiment: Experiment, choice: Choice = {}): Map<string, Values> {
  const { id, params, lanes, presets } = experiment;
  const preset = choice.preset === undefined ? {} : own(presets, choice.preset)?.values;
  if (!preset) throw unknown(id, "preset", choice.preset, Object.keys(presets));
  for (const lane of Object.keys(choice.lanes ?? {})) {
    if (!own(lanes, lane)) throw unknown(id, "lane", lane, Object.keys(lanes));
  }
  const defaults = Object.fromEntries(Object.entries(params).map(([name, p]) => [name, p.default]));
  const last = Object.keys(lanes).at(-1);
  return new Map(
    Object.entries(lanes).map(([lane, { values: apart }]) => {
      const asked = Object.entries(choice.values ?? {}).filter(([name]) => lane === last || !(name in apart));
      const values = { ...defaults, ...preset, ...apart, ...Object.fromEntries(asked), ...choice.lanes?.[lane] };
      for (const [name, value] of Object.entries(values)) checkValue(experiment, name, value);
      return [lane, values as Values];
    }),
  );
}

/** What stands under a name that may come from anywhere. */
const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** Throws unless `value` is one that parameter `name` takes. */
export function checkValue({ id, params }: Experiment, name: string, value: unknown): void {
  const p = own(params, name);
  if (!p) throw unknown(id, "parameter", name, Object.keys(params));
  if (fits(p, value)) return;
  throw new ValueError({ in: id, got: `${name} ${print(value)}`, want: wanted(p), fix: "Choose one of these" });
}

function fits(p: Parameter, value: unknown): boolean {
  const inRange = (x: unknown, min: number, max: number): boolean => typeof x === "number" && x >= min && x <= max;
  if (p.kind === "choice") return p.options.includes(value as string);
  if (p.kind === "list") return Array.isArray(value) && value.every((x) => inRange(x, p.min, p.max));
  return inRange(value, p.min, p.max) && (p.kind === "number" || Number.isInteger(value));
}

function wanted(p: Parameter): string {
  if (p.kind === "choice") return p.options.join(" | ");
  if (p.kind === "list") return `numbers from ${p.min} to ${p.max}`;
  return `${p.kind === "integer" ? "a whole number" : "a number"} from ${p.min} to ${p.max}`;
}

function unknown(id: string, what: string, name: unknown, known: readonly string[]): ValueError {
  const fix = "Check the spelling";
  return new ValueError({ in: id, got: `the ${what} ${print(name)}`, want: `one of ${known.join(", ")}`, fix });
}
