/** `tsumiki explain`: what the compiler makes of some computations that everybody knows. */

import { graphs } from "../experiments/graphs.ts";
import { explainStages, explain as explainTensors, printExplanation } from "../index.ts";
import { about } from "./about.ts";
import { type ChoiceFlag, nearest, parse, quote, splitFirst, UsageError, unexpected } from "./arguments.ts";
import { type Command, commonFlags, jsonFlag } from "./command.ts";
import { chooseDevice, computingFlags } from "./computing.ts";
import { definitions } from "./draw/definitions.ts";
import { printFlags, printUsage } from "./help.ts";
import type { Terminal } from "./terminal.ts";
import { words } from "./words.ts";
import { writeJson } from "./world.ts";

const stage: ChoiceFlag<(typeof explainStages)[number]> = {
  kind: "choice",
  options: explainStages,
  help: words.flagStage,
};
const flags = { stage, ...computingFlags, ...jsonFlag, ...commonFlags };

export const explain: Command = {
  ...about.explain,
  async run(args, setting) {
    const { terminal, world, isJson } = setting;
    const { first: id, rest } = splitFirst(args, flags);
    const { words: given, flags: values } = parse(rest, flags);
    if (values.help) {
      printUsage(explain, terminal);
      printGraphs(terminal);
      terminal.prose(terminal.say(words.stageGuide));
      terminal.print();
      printFlags(flags, terminal);
      return 0;
    }
    if (given.length > 0) throw unexpected(given[0]);
    if (id === undefined) throw new UsageError(words.missingChoice("explain", [...graphs.keys()].join(", ")));
    const graph = graphs.get(id);
    if (!graph) {
      const known = [...graphs.keys()];
      throw new UsageError(words.unknownChoice("explain", quote(id), known.join(", "), nearest(id, known)));
    }
    await chooseDevice(values, setting);
    const explanation = await explainTensors(...(await graph.make()));
    if (isJson) {
      const kernels = explanation.kernels.map(({ code, ...kernel }) => ({ ...kernel, codeBytes: code.length }));
      writeJson(world, { id, ...explanation, kernels });
      return 0;
    }
    terminal.prose(terminal.say(graph.title), 0, "bold");
    terminal.prose(terminal.say(words.stageGuide), 0, "dim");
    terminal.print();
    terminal.print(printExplanation(explanation, values.stage ? [values.stage] : ["graph", "loops", "arena"]));
    return 0;
  },
};

export function printGraphs(terminal: Terminal): void {
  terminal.print(terminal.style("bold", terminal.say(words.graphs)));
  definitions(
    [...graphs].map(([id, { title }]) => [id, terminal.say(title)] as const),
    terminal,
  );
  terminal.print();
}
