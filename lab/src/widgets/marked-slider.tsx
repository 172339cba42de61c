/** A slider by powers with marks at the places that matter, such as the highest stable learning rate. */
import type { JSX } from "preact";
import type { Label, Text } from "../../../src/experiments/text.ts";
import { useDraft } from "../bench/draft.ts";
import { short } from "../figures/bars.ts";
import { said, T } from "../text/language.tsx";
import "./marked-slider.css";

interface MarkedSliderProps {
  /** Tells it from others on the page. */
  readonly name: string;
  readonly label: Text;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly marks: readonly { readonly at: number; readonly label: Label }[];
  /** Whether a run begins anew by it: then it waits until the slider is let go. */
  readonly isCold?: boolean;
  onChange(value: number): void;
}
const positions = 400;

export function MarkedSlider(props: MarkedSliderProps): JSX.Element {
  const { name, label, value, min, max, marks, isCold = false, onChange } = props;
  const part = (v: number): number => Math.min(Math.max(Math.log(Math.max(v, min) / min) / Math.log(max / min), 0), 1);
  const toValue = (position: string): number =>
    Number((min * (max / min) ** (Number(position) / positions)).toPrecision(3));
  const draft = useDraft(String(Number(value.toPrecision(4))), (text) => {
    const typed = Number(text);
    if (text !== "" && typed >= 0 && typed <= max) onChange(typed);
  });
  const slide = useDraft(String(Math.round(positions * part(value))), (at) => isCold && onChange(toValue(at)));
  return (
    <div class="marked-slider">
      <label>
        <T text={label} />{" "}
        <input type="number" class="number" data-own={name} min={0} max={max} step="any" {...draft} />
      </label>
      <div class={marks.length > 0 ? "track" : "track bare"}>
        <input
          type="range"
          data-slide={name}
          aria-label={said(label)}
          aria-valuetext={String(value)}
          min={0}
          max={positions}
          {...slide}
          onInput={(event) => {
            slide.onInput(event);
            if (!isCold) onChange(toValue(event.currentTarget.value));
          }}
        />
        {marks.map(({ at, label: text }) => (
          <span key={said(text)} class={part(at) > 0.6 ? "mark low" : "mark"} style={{ left: `${100 * part(at)}%` }}>
            <T text={text} /> <span class="number">{short(at)}</span>
          </span>
        ))}
      </div>
    </div>
  );
}
