/**
 * Logs of runs as text: a JSON object on each line, written while a run goes on. What stands before the place where a run
 * was cut off can be read. Of readings, scalars and bars are logged, for they are what is kept of every step.
 */
import { FormatError } from "../errors.ts";
import type { Values, Verdict } from "./experiment.ts";
import type { Numbers } from "./probe.ts";
import type { Divergence } from "./record.ts";
import type { Change, Lane, Run } from "./run.ts";

/** The first line: all that is needed to have the run again. */
export interface LogHeader {
  readonly kind: "run";
  readonly format: 1;
  readonly experiment: string;
  readonly seed: number;
  readonly device: string;
  readonly version: string;
  /** The settings of each lane, by id. */
  readonly lanes: Readonly<Record<string, Values>>;
}
/** What was measured at a step: numbers, or one for each of several things, by lane and probe. */
export interface LogStep {
  readonly kind: "step";
  readonly step: number;
  readonly lanes: Readonly<Record<string, Readonly<Record<string, number | readonly number[]>>>>;
}
export interface LogChange extends Change {
  readonly kind: "change";
}
export interface LogDivergence extends Divergence {
  readonly kind: "diverged";
  readonly lane: string;
}
/** The last line of a run that came to an end. Where it was stopped before, there are no verdicts. */
export interface LogEnd {
  readonly kind: "end";
  readonly step: number;
  readonly isComplete: boolean;
  readonly verdicts: Readonly<Record<string, Verdict>>;
}
type LogLine = LogHeader | LogStep | LogChange | LogDivergence | LogEnd;

/** A log as it was read. */
export interface Log {
  readonly header: LogHeader;
  readonly steps: readonly LogStep[];
  readonly changes: readonly LogChange[];
  readonly divergences: readonly LogDivergence[];
  readonly end: LogEnd | null;
  /** Whether its last line was not written to its end, and left out. */
  readonly isCut: boolean;
}

/** Tells a run as lines of a log, each with its line break: all that is new since it was asked before. */
export class LogWriter {
  readonly #run: Run;
  /** How many readings of each probe of each lane have been told, how many changes, and which lanes had diverged. */
  readonly #told = new Map<string, number>();
  readonly #diverged = new Set<string>();
  #changes = 0;
  #header: string;

  constructor(run: Run, { device, version }: { readonly device: string; readonly version: string }) {
    this.#run = run;
    const lanes = Object.fromEntries(run.lanes.map(({ id, values }) => [id, values]));
    const [experiment, seed] = [run.experiment.id, run.seed];
    this.#header = line({ kind: "run", format: 1, experiment, seed, device, version, lanes });
  }

  /** What happened since the last time. */
  news(): string {
    let text = this.#header;
    this.#header = "";
    for (const change of this.#run.changes.slice(this.#changes)) text += line({ kind: "change", ...change });
    this.#changes = this.#run.changes.length;
    const steps = new Map<number, Record<string, Record<string, number | readonly number[]>>>();
    for (const lane of this.#run.lanes) {
      for (const { step, probe, value } of this.#readings(lane)) {
        const lanes = steps.get(step) ?? {};
        steps.set(step, lanes);
        lanes[lane.id] ??= {};
        lanes[lane.id][probe] = value;
      }
    }
    for (const [step, lanes] of [...steps].sort(([a], [b]) => a - b)) text += line({ kind: "step", step, lanes });
    for (const { id, diverged } of this.#run.lanes) {
      if (!diverged || this.#diverged.has(id)) continue;
      this.#diverged.add(id);
      text += line({ kind: "diverged", lane: id, ...diverged });
    }
    return text;
  }

  /** The same, and the end. */
  end(isComplete: boolean): string {
    const verdicts = isComplete ? Object.fromEntries(this.#run.verdicts()) : {};
    return this.news() + line({ kind: "end", step: this.#run.step, isComplete, verdicts });
  }

  *#readings(lane: Lane): Generator<{ step: number; probe: string; value: number | readonly number[] }> {
    for (const [probe, { form }] of Object.entries(this.#run.experiment.probes)) {
      if ((form !== "scalar" && form !== "bars") || !lane.has(probe)) continue;
      const key = `${lane.id}.${probe}`;
      const { steps, values } = lane.series(probe);
      for (let i = this.#told.get(key) ?? 0; i < steps.length; i++) {
        const reading = values[i] as number | { readonly values: Numbers };
        yield { step: steps[i], probe, value: typeof reading === "number" ? reading : Array.from(reading.values) };
      }
      this.#told.set(key, steps.length);
    }
  }
}

const line = (value: LogLine): string => `${JSON.stringify(value)}\n`;

/** Reads a log. A last line that is cut is left out; one that is damaged elsewhere is an error that names it. */
export function readLog(text: string): Log {
  const lines = text.split("\n");
  // What follows the last line break is nothing, or a line that may be cut.
  const rest = lines.pop() ?? "";
  const read = lines.map((line, i) => {
    const value = parsed(line);
    if (!value) throw damaged(i + 1, line);
    return value;
  });
  const last = rest === "" ? null : parsed(rest);
  if (last) read.push(last);
  const [header, ...others] = read;
  if (header?.kind !== "run") throw damaged(1, lines[0] ?? rest, "the header of a run");
  const second = others.findIndex(({ kind }) => kind === "run");
  if (second >= 0) throw damaged(second + 2, lines[second + 1] ?? rest, "no second header");
  const all = <K extends LogLine["kind"]>(kind: K): Extract<LogLine, { kind: K }>[] =>
    others.filter((line): line is Extract<LogLine, { kind: K }> => line.kind === kind);
  return {
    header,
    steps: all("step"),
    changes: all("change"),
    divergences: all("diverged"),
    end: all("end").at(-1) ?? null,
    isCut: rest !== "" && last === null,
  };
}

function damaged(number: number, line: string, want = "a line of a log of Tsumiki"): FormatError {
  const start = line.length > 40 ? `${line.slice(0, 40)}…` : line;
  const got = `${line === "" ? "nothing" : JSON.stringify(start)} on line ${number}`;
  return new FormatError("LOG_LINE", { in: "log", got, want, fix: "Check that the file is a whole log" });
}

/** A line as what it says, or null if it is none. */
function parsed(line: string): LogLine | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  return isLine(value) ? value : null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isStep = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isReading = (value: unknown): boolean =>
  typeof value === "number" || (Array.isArray(value) && value.every((x) => typeof x === "number"));
const isRecordOf = (value: unknown, test: (value: unknown) => boolean): boolean =>
  isObject(value) && Object.values(value).every(test);

function isLine(value: unknown): value is LogLine {
  if (!isObject(value)) return false;
  switch (value["kind"]) {
    case "run":
      return (
        value["format"] === 1 &&
        [value["experiment"], value["device"], value["version"]].every((v) => typeof v === "string") &&
        isStep(value["seed"]) &&
        isRecordOf(value["lanes"], isObject)
      );
    case "step":
      return isStep(value["step"]) && isRecordOf(value["lanes"], (lane) => isRecordOf(lane, isReading));
    case "change":
      return isStep(value["step"]) && isObject(value["values"]);
    case "diverged":
      return isStep(value["step"]) && typeof value["lane"] === "string" && typeof value["probe"] === "string";
    case "end":
      return (
        isStep(value["step"]) && typeof value["isComplete"] === "boolean" && isRecordOf(value["verdicts"], isObject)
      );
    default:
      return false;
  }
}

/**
 * The steps of a log as a table: a row for each step of each lane, a column for each probe, and for each of the numbers of
 * a probe that has several, from 0. What was not measured at a step is left empty. RFC 4180, with line breaks as in Unix.
 */
export function csvOf({ steps }: Log): string {
  const columns = new Map<string, number>();
  const rows = steps.flatMap(({ step, lanes }) =>
    Object.entries(lanes).map(([lane, readings]) => {
      const cells: number[] = [];
      for (const [probe, value] of Object.entries(readings)) {
        const named =
          typeof value === "number" ? [[probe, value] as const] : value.map((v, i) => [`${probe}.${i}`, v] as const);
        for (const [name, number] of named) {
          let at = columns.get(name);
          if (at === undefined) {
            at = columns.size;
            columns.set(name, at);
          }
          cells[at] = number;
        }
      }
      return { step, lane, cells };
    }),
  );
  const table: (string | number)[][] = [["step", "lane", ...columns.keys()]];
  for (const { step, lane, cells } of rows) {
    table.push([step, lane, ...Array.from(columns.keys(), (_, i) => cells[i] ?? "")]);
  }
  return table.map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

function quoted(cell: string | number): string {
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
