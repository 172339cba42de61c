/** `tsumiki list`: which experiments there are. */

import type { Experiment } from "../experiments/experiment.ts";
import { days, experiments } from "../experiments/index.ts";
import { about } from "./about.ts";
import { nearby, parse, quote, UsageError, unexpected } from "./arguments.ts";
import { type Command, commonFlags, jsonFlag } from "./command.ts";
import { definitions } from "./draw/definitions.ts";
import { printHelp } from "./help.ts";
import type { Terminal } from "./terminal.ts";
import { dayWords, words } from "./words.ts";
import { writeJson } from "./world.ts";

const flags = { ...jsonFlag, ...commonFlags };

export const list: Command = {
  ...about.list,
  async run(args, { terminal, world, isJson }) {
    const { words: given, flags: values } = parse(args, flags);
    if (given.length > 0) throw unexpected(given[0]);
    if (values.help) printHelp(list, flags, terminal);
    else if (isJson) writeJson(world, [...experiments.values()].map(forPrograms));
    else {
      for (const [heading, all] of chapters(terminal)) {
        terminal.prose(heading, 0, "bold");
        for (const { id, row, title, question } of all) {
          terminal.hanging(
            `  ${row === null ? "" : `${row.padEnd(4)} `}${terminal.style("cool", id)}  `,
            terminal.say(title),
          );
          terminal.prose(terminal.say(question), row === null ? 4 : 7, "dim");
        }
        terminal.print();
      }
      terminal.prose(terminal.say(words.listHint), 0, "dim");
    }
    return 0;
  },
};

function forPrograms({ id, row, title, question, params, lanes, presets, claims }: Experiment): object {
  const day = Object.entries(days).find(([, all]) => all.some((experiment) => experiment.id === id))?.[0] ?? null;
  const sentences = Object.fromEntries(Object.entries(claims).map(([claim, { sentence }]) => [claim, sentence]));
  return { id, row, day, title, question, params, lanes, presets, claims: sentences };
}

/** The experiments under headings: what is no part of the curriculum, and day by day what is. */
function chapters(terminal: Terminal): [heading: string, experiments: readonly Experiment[]][] {
  const inDays = new Set(Object.values(days).flat());
  const others = [...experiments.values()].filter((experiment) => !inDays.has(experiment));
  const named = Object.entries(days).map(
    ([day, all]) => [dayWords[day] ? terminal.say(dayWords[day]) : day, all] as [string, readonly Experiment[]],
  );
  return [[terminal.say(words.begin), others] as [string, readonly Experiment[]], ...named].filter(
    ([, all]) => all.length > 0,
  );
}

/** The names and titles of all experiments. */
export function printExperiments(terminal: Terminal): void {
  for (const [heading, all] of chapters(terminal)) {
    terminal.prose(heading, 0, "bold");
    definitions(
      all.map(({ id, title }) => [id, terminal.say(title)] as const),
      terminal,
    );
    terminal.print();
  }
}

/** The experiment that the user named. */
export function experimentNamed(command: string, id: string): Experiment {
  const found = experiments.get(id);
  if (found) return found;
  throw new UsageError(words.unknownExperiment(command, quote(id), nearby(id, [...experiments.keys()])));
}
