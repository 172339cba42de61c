/** What a picture of a reading is drawn with. */
import type { Probe } from "../../experiments/probe.ts";
import type { Label } from "../../experiments/text.ts";
import type { Terminal } from "../terminal.ts";
import type { Scale } from "./scale.ts";

export interface Drawing {
  readonly terminal: Terminal;
  /** Columns that a line may take. */
  readonly columns: number;
  readonly kind: Probe["kind"];
  /** The scale that all lanes have in common. */
  readonly scale: Scale;
}

/** A name in the language of the terminal. */
export const named = (label: Label, terminal: Terminal): string =>
  typeof label === "string" ? label : terminal.say(label);
