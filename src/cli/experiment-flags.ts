/** The settings of an experiment as flags, and its help. */
import type { Experiment, Parameter, Values } from "../experiments/experiment.ts";
import type { Choice } from "../experiments/settings.ts";
import { show } from "../experiments/text.ts";
import { type ChoiceFlag, type Flag, type Flags, flagName } from "./arguments.ts";
import { definitions } from "./draw/definitions.ts";
import { printFlags, printUsage } from "./help.ts";
import type { Text } from "./language.ts";
import type { Terminal } from "./terminal.ts";
import { words } from "./words.ts";

/** A flag for each parameter, and one for presets. What is not given is left to the experiment. */
export function flagsOf({ params, presets }: Experiment): Flags {
  const flags: Record<string, Flag> = {};
  for (const [name, parameter] of Object.entries(params)) flags[name] = flagOf(parameter);
  if (Object.keys(presets).length > 0) flags["preset"] = presetFlag(Object.keys(presets));
  return flags;
}

const presetFlag = (options: readonly string[]): ChoiceFlag<string> => ({
  kind: "choice",
  options,
  help: words.flagPreset,
});

function flagOf(p: Parameter): Flag {
  const help = helpOf(p);
  if (p.kind === "choice") return { kind: "choice", options: p.options, byDefault: p.default, help };
  const byDefault = p.kind === "list" ? shortened(p.default) : show(p.default);
  return { kind: p.kind, min: p.min, max: p.max, help, ...(byDefault === "" ? {} : { byDefault }) };
}

/** The first of several numbers. */
const shortened = (list: readonly number[]): string =>
  list.length <= 4 ? list.join(",") : `${list.slice(0, 3).join(",")},…`;

/** What it is called, as a sentence, and what it does; and what its options are called. */
function helpOf(p: Parameter): Text {
  const { label, help } = p;
  const names = Object.entries((p.kind === "choice" && p.names) || {});
  const en = [`${label.en.slice(0, 1).toUpperCase()}${label.en.slice(1)}.`, help?.en ?? ""];
  const ja = [`${label.ja}。`, help?.ja ?? ""];
  if (names.length > 0) {
    en.push(`${names.map(([option, name]) => `${option}: ${name.en}`).join("; ")}.`);
    ja.push(`${names.map(([option, name]) => `${option}: ${name.ja}`).join("、")}。`);
  }
  return { en: en.filter((s) => s !== "").join(" "), ja: ja.join("") };
}

/** What was asked for on the command line. */
export function choiceOf({ params }: Experiment, given: Readonly<Record<string, unknown>>): Choice {
  const asked = Object.keys(params).filter((name) => given[name] !== undefined);
  const values = Object.fromEntries(asked.map((name) => [name, given[name]])) as Partial<Values>;
  return { values, ...(typeof given["preset"] === "string" ? { preset: given["preset"] } : {}) };
}

/** Settings as one would type them. */
export const typed = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .filter(([, value]) => !Array.isArray(value) || value.length > 0)
    .map(([name, value]) => `${flagName(name)} ${Array.isArray(value) ? shortened(value) : value}`)
    .join(", ");

/** What an experiment asks, what it compares, and what can be set. */
export function printExperimentHelp(experiment: Experiment, usage: Text, shared: Flags, terminal: Terminal): void {
  const { title, question, presets, claims } = experiment;
  terminal.prose(terminal.say(title), 0, "bold");
  printUsage({ usage, help: question }, terminal);
  printLanes(experiment, terminal);
  const sentences = Object.values(claims).map(({ sentence }) => terminal.say(sentence));
  if (sentences.length > 0) {
    terminal.prose(terminal.say(words.claimsTested), 0, "bold");
    for (const sentence of sentences) terminal.hanging("  ・", sentence);
    terminal.print();
  }
  if (Object.keys(presets).length > 0) {
    terminal.print(terminal.style("bold", terminal.say(words.presets)));
    definitions(
      Object.entries(presets).map(([id, { label, why, values }]) => {
        const facts = [terminal.say(label), terminal.say(why)];
        const text = facts.join(terminal.language === "ja" ? "。" : ". ");
        return [id, text + aside(typed(values), terminal)] as const;
      }),
      terminal,
    );
    terminal.print();
  }
  printFlags({ ...flagsOf(experiment), ...shared }, terminal);
}

/** Text in brackets, if there is any. */
function aside(text: string, { language }: Terminal): string {
  if (text === "") return "";
  return language === "ja" ? `（${text}）` : ` (${text})`;
}

function printLanes({ lanes }: Experiment, terminal: Terminal): void {
  const all = Object.entries(lanes);
  if (all.length < 2) return;
  terminal.prose(terminal.say(words.laneHeading), 0, "bold");
  definitions(
    all.map(([id, { label, values }]) => [id, terminal.say(label) + aside(typed(values), terminal)] as const),
    terminal,
  );
  const apart = [...new Set(all.flatMap(([, { values }]) => Object.keys(values)))];
  const last = all[all.length - 1][0];
  terminal.prose(terminal.say(words.laneRule(apart.map((name) => `--${flagName(name)}`).join(", "), last)), 2, "dim");
  terminal.print();
}
