/** What commands are, and the flags that several of them have. */
import type { About } from "./about.ts";
import type { ChoiceFlag, SwitchFlag } from "./arguments.ts";
import { type Language, languages } from "./language.ts";
import { words } from "./words.ts";
import type { Setting } from "./world.ts";

export interface Command extends About {
  /** Does what `args` say, which is what follows its name; resolves to the status of the process. */
  run(args: readonly string[], setting: Setting): Promise<number>;
}

/** Flags of every command. */
export const commonFlags: {
  readonly lang: ChoiceFlag<Language>;
  readonly debug: SwitchFlag;
  readonly help: SwitchFlag;
} = {
  lang: { kind: "choice", options: languages, help: words.flagLang },
  debug: { kind: "switch", help: words.flagDebug },
  help: { kind: "switch", short: "h", help: words.flagHelp },
};

export const jsonFlag: { readonly json: SwitchFlag } = { json: { kind: "switch", help: words.flagJson } };
