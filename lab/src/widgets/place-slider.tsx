/** Which window or pixel is looked at: a slider over all places, whose arrows up and down move by a whole row. */
import type { ComponentChildren, JSX } from "preact";
import type { Text } from "../../../src/experiments/text.ts";
import { said, T } from "../text/language.tsx";
import "./place-slider.css";

interface PlaceSliderProps {
  readonly name: string;
  readonly label: Text;
  readonly place: number;
  readonly rows: number;
  readonly cols: number;
  onPlace(place: number): void;
  readonly children?: ComponentChildren;
}

export function PlaceSlider({ name, label, place, rows, cols, onPlace, children }: PlaceSliderProps): JSX.Element {
  const last = rows * cols - 1;
  return (
    <div class="slide-controls">
      {children}
      <label>
        <T text={label} />
        <input
          type="range"
          data-place={name}
          min={0}
          max={last}
          value={place}
          aria-valuetext={`${said(label)} ${Math.floor(place / cols) + 1}, ${(place % cols) + 1}`}
          onInput={(event) => onPlace(event.currentTarget.valueAsNumber)}
          onKeyDown={(event) => {
            const way = { ArrowUp: -cols, ArrowDown: cols }[event.key];
            if (way === undefined) return;
            event.preventDefault();
            if (place + way >= 0 && place + way <= last) onPlace(place + way);
          }}
        />
      </label>
    </div>
  );
}
