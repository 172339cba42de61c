/** `tsumiki list`: which experiments there are. */
import { experiments } from "../experiments/index.ts";
import { parse, unexpected } from "./arguments.ts";
import { type Command, commonFlags, jsonFlag } from "./command.ts";
import { printHelp } from "./help.ts";
import { sameInAll } from "./language.ts";
import { words } from "./words.ts";
import { writeJson } from "./world.ts";

const flags = { ...jsonFlag, ...commonFlags };

export const list: Command = {
  name: "list",
  usage: sameInAll("list"),
  help: words.list,
  async run(args, { terminal, world, isJson }) {
    const { words: given, flags: values } = parse(args, flags);
    if (given.length > 0) throw unexpected(given[0]);
    if (values.help) printHelp(list, flags, terminal);
    else if (isJson)
      writeJson(
        world,
        [...experiments.values()].map(({ id, title, question, params }) => ({ id, title, question, params })),
      );
    else {
      for (const { id, title, question } of experiments.values()) {
        terminal.print(`${terminal.style("cool", id)}  ${terminal.say(title)}`);
        terminal.prose(terminal.say(question), 2);
        terminal.print();
      }
      terminal.prose(terminal.say(words.listHint), 0, "dim");
    }
    return 0;
  },
};
