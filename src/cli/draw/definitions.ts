/** Names with what they mean, in a terminal. */
import type { Terminal } from "../terminal.ts";
import { padEnd, widthOf } from "../width.ts";

/** Rows of a name and what it means: beside each other, or below where the terminal is narrow. */
export function definitions(rows: readonly (readonly [name: string, text: string])[], terminal: Terminal): void {
  const widest = Math.max(...rows.map(([name]) => widthOf(name)));
  const isNarrow = widest + 4 > terminal.columns / 2;
  for (const [name, text] of rows) {
    if (isNarrow) {
      terminal.print(`  ${terminal.style("cool", name)}`);
      terminal.prose(text, 4);
    } else terminal.hanging(`  ${padEnd(terminal.style("cool", name), widest)}  `, text);
  }
}
