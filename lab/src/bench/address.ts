/**
 * A run as the query of an address, and back: `seed=3&preset=course&depth=4&relu.lr=0.2&at=120:lr=0.01`, and with a
 * fork `fork=relu:120&at=120:fork.lr=0.5`. What is as it is by default is left out; what no experiment takes is passed over, so that an old link still opens.
 */
import type { Parameter, Values } from "../../../src/experiments/experiment.ts";
import type { Change } from "../../../src/experiments/run.ts";
import { type Fork, forkId } from "../../../src/experiments/settings.ts";
import type { Details } from "../details.ts";
import type { Opening } from "../engine/protocol.ts";

export const defaultSeed = 1;

export function toQuery({ seed, choice, changes, fork }: Opening): URLSearchParams {
  const query = new URLSearchParams();
  if (seed !== defaultSeed) query.set("seed", String(seed));
  if (choice.preset !== undefined) query.set("preset", choice.preset);
  for (const [name, value] of Object.entries(choice.values ?? {})) query.set(name, written(value));
  for (const [lane, values] of Object.entries(choice.lanes ?? {})) {
    for (const [name, value] of Object.entries(values)) query.set(`${lane}.${name}`, written(value));
  }
  if (fork) query.set("fork", `${fork.lane}:${fork.step}`);
  for (const { step, lane, values } of changes) {
    const pairs = Object.entries(values).map(([name, value]) => `${lane ? `${lane}.` : ""}${name}=${written(value)}`);
    query.append("at", `${step}:${pairs.join(";")}`);
  }
  return query;
}

export function fromQuery(query: URLSearchParams, details: Details): Opening {
  const { id, params, lanes, presets } = details;
  const values: Record<string, Values[string]> = {};
  const own: Record<string, Record<string, Values[string]>> = {};
  const put = (key: string, text: string): void => {
    const [lane, name] = key.includes(".") ? key.split(".", 2) : [null, key];
    const value = Object.hasOwn(params, name) ? readValue(params[name], text) : undefined;
    if (value === undefined || (lane !== null && !Object.hasOwn(lanes, lane))) return;
    if (lane === null) values[name] = value;
    else own[lane] = { ...own[lane], [name]: value };
  };
  for (const [key, text] of query) if (!["seed", "preset", "at", "fork"].includes(key)) put(key, text);
  const preset = query.get("preset");
  const seed = Number(query.get("seed") ?? defaultSeed);
  const fork = readFork(query.get("fork"), details);
  const ids = [...Object.keys(lanes), ...(fork ? [forkId] : [])];
  return {
    experiment: id,
    seed: Number.isSafeInteger(seed) && seed >= 0 ? seed : defaultSeed,
    choice: {
      ...(preset !== null && Object.hasOwn(presets, preset) ? { preset } : {}),
      ...(Object.keys(values).length > 0 ? { values } : {}),
      ...(Object.keys(own).length > 0 ? { lanes: own } : {}),
    },
    changes: query.getAll("at").flatMap((text) => readChanges(text, details, ids)),
    ...(fork ? { fork } : {}),
  };
}

function readFork(text: string | null, { lanes }: Details): Fork | null {
  const [lane, at = ""] = text?.split(":") ?? [""];
  const step = Number(at);
  return Object.hasOwn(lanes, lane) && at !== "" && Number.isSafeInteger(step) && step >= 0 ? { lane, step } : null;
}

function readChanges(text: string, { params }: Details, lanes: readonly string[]): Change[] {
  const [at, pairs = ""] = text.split(":");
  const step = Number(at);
  if (!Number.isSafeInteger(step) || step < 0) return [];
  return pairs.split(";").flatMap((pair): Change[] => {
    const [key, value = ""] = pair.split("=");
    const [lane, name] = key.includes(".") ? key.split(".", 2) : [undefined, key];
    const read = params[name]?.hot ? readValue(params[name], value) : undefined;
    if (read === undefined || (lane !== undefined && !lanes.includes(lane))) return [];
    return [{ step, ...(lane === undefined ? {} : { lane }), values: { [name]: read } }];
  });
}

const written = (value: Values[string] | undefined): string =>
  Array.isArray(value) ? value.map((x) => Number(x.toPrecision(4))).join(" ") : String(value);

/** A value that the parameter takes, or undefined. */
export function readValue(p: Parameter, text: string): Values[string] | undefined {
  if (p.kind === "choice") return p.options.includes(text) ? text : undefined;
  if (p.kind === "list") {
    const numbers = text.trim() === "" ? [] : text.trim().split(/\s+/).map(Number);
    return numbers.every((x) => x >= p.min && x <= p.max) ? numbers : undefined;
  }
  const number = Number(text);
  const fits = text !== "" && number >= p.min && number <= p.max && (p.kind === "number" || Number.isInteger(number));
  return fits ? number : undefined;
}
