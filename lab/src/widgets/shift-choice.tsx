/** How far to the right digits are moved: a button for every number of pixels that the experiment allows. */
import type { JSX } from "preact";
import { say, type Text } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { said } from "../text/language.tsx";

export const toTheRight = (pixels: number): Text => say(`右に ${pixels} 画素`, `${pixels} pixels to the right`);

interface ShiftChoiceProps {
  readonly bench: Bench;
  readonly label: Text;
  /** How far they are moved now. */
  readonly shift: number;
}

export function ShiftChoice({ bench, label, shift }: ShiftChoiceProps): JSX.Element {
  const { shift: range } = bench.details.params;
  const most = range.kind === "integer" ? range.max : 0;
  return (
    <fieldset class="choice" aria-label={said(label)}>
      {Array.from({ length: most + 1 }, (_, pixels) => (
        <button
          key={pixels}
          type="button"
          data-shift={pixels}
          aria-pressed={pixels === shift}
          aria-label={said(toTheRight(pixels))}
          onClick={() => bench.set("shift", pixels)}
        >
          {pixels === 0 ? "0" : `→ ${pixels}`}
        </button>
      ))}
    </fieldset>
  );
}
