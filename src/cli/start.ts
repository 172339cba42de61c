/** `tsumiki start`, which is also `npm start`: a network learns to read digits, and a word on where to go from there. */

import { digits } from "../experiments/index.ts";
import type { Run } from "../experiments/run.ts";
import { about } from "./about.ts";
import type { Command } from "./command.ts";
import { definitions } from "./draw/definitions.ts";
import { labFlags, serveLab } from "./lab.ts";
import { runWith } from "./run.ts";
import { words } from "./words.ts";
import type { Setting } from "./world.ts";

export const start: Command = {
  ...about.start,
  run: (args, setting) => runWith(digits, start.usage, args, setting, { before: welcome, after, flags, saves: true }),
};
const flags = { ...labFlags, noLab: { kind: "switch", help: words.flagNoLab } } as const;

async function after(setting: Setting, run: Run | null, given: Readonly<Record<string, unknown>>): Promise<void> {
  next(setting);
  const { port, noOpen, noLab } = given as { port: number | undefined; noOpen: boolean; noLab: boolean };
  if (!noLab) await serveLab(setting, { port, noOpen, ...(run ? { run } : {}) });
}

function welcome({ terminal }: Setting): void {
  terminal.prose(terminal.say(words.welcome));
  terminal.print();
}

function next({ terminal }: Setting): void {
  terminal.print();
  terminal.print(terminal.style("bold", terminal.say(words.next)));
  const commands = [
    ["npx tsumiki list", words.nextList],
    ["npx tsumiki run vanishing-gradient", words.nextGradient],
    ["npx tsumiki run digits --lr 0.1", words.nextLr],
    ["npx tsumiki explain softmax", words.nextExplain],
  ] as const;
  definitions(
    commands.map(([command, text]) => [command, terminal.say(text)] as const),
    terminal,
  );
  terminal.prose(terminal.say(words.nextDocs), 2);
}
