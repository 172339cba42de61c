/** The commands by name, and what help says of each: enough to choose one, so that no more than that one is loaded. */
import { sameInAll, type Text } from "./language.ts";
import { words } from "./words.ts";

export interface About<Name extends string = string> {
  readonly name: Name;
  /** What follows `tsumiki`, such as `"run <experiment>"`. */
  readonly usage: Text;
  readonly help: Text;
}

export const commandNames = ["start", "lab", "list", "run", "verify", "export", "explain", "devices"] as const;
export type CommandName = (typeof commandNames)[number];

export const about: { readonly [Name in CommandName]: About<Name> } = {
  start: { name: "start", usage: sameInAll("start"), help: words.start },
  lab: { name: "lab", usage: sameInAll("lab"), help: words.lab },
  list: { name: "list", usage: sameInAll("list"), help: words.list },
  run: { name: "run", usage: words.usageRun, help: words.run },
  verify: { name: "verify", usage: words.usageVerify, help: words.verify },
  export: { name: "export", usage: words.usageExport, help: words.exportLog },
  explain: { name: "explain", usage: words.usageExplain, help: words.explain },
  devices: { name: "devices", usage: sameInAll("devices"), help: words.devices },
};
