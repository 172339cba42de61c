/** `tsumiki devices`: what can compute here. */

import { listDevices } from "../index.ts";
import { about } from "./about.ts";
import { parse, unexpected } from "./arguments.ts";
import { type Command, commonFlags, jsonFlag } from "./command.ts";
import { definitions } from "./draw/definitions.ts";
import { printHelp } from "./help.ts";
import { words } from "./words.ts";
import { writeJson } from "./world.ts";

const flags = { ...jsonFlag, ...commonFlags };

export const devices: Command = {
  ...about.devices,
  async run(args, { terminal, world, isJson, language }) {
    const { words: given, flags: values } = parse(args, flags);
    if (given.length > 0) throw unexpected(given[0]);
    if (values.help) {
      printHelp(devices, flags, terminal);
      return 0;
    }
    const all = await listDevices();
    if (isJson) {
      writeJson(world, all);
      return 0;
    }
    const rows = all.map(({ name, isDefault, lanes, threads, fma, maxBytes }) => {
      const facts = [
        ...(isDefault ? [words.isDefault] : []),
        ...(name === "reference"
          ? [words.referenceNote]
          : [words.lanes(lanes), words.threads(threads), name === "x64" ? words.machineCode : words.relaxed(fma)]),
        ...(maxBytes === null ? [] : [words.memory(String(Math.round((maxBytes / 2 ** 30) * 10) / 10))]),
      ];
      return [name, facts.map((fact) => terminal.say(fact)).join(language === "ja" ? "、" : ", ")] as const;
    });
    definitions(rows, terminal);
    terminal.print();
    terminal.prose(terminal.say(words.deviceHint), 0, "dim");
    return 0;
  },
};
