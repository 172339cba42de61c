/** A number among others in a table, which can be typed. */
import type { JSX } from "preact";
import { useDraft } from "../bench/draft.ts";

interface NumberFieldProps {
  readonly value: number;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number | "any";
  readonly class?: string;
  readonly style?: Readonly<Record<string, string>>;
  /** What a test finds it by. */
  readonly mark?: Readonly<Record<`data-${string}`, string | number>>;
  onNumber(value: number): void;
}

export function NumberField(props: NumberFieldProps): JSX.Element {
  const { value, label, min, max, step = "any", class: name = "number", style = {}, mark, onNumber } = props;
  const draft = useDraft(String(value), (text) => {
    const typed = Number(text);
    if (text !== "" && typed >= min && typed <= max) onNumber(typed);
  });
  return <input type="number" {...{ min, max, step, style }} class={name} aria-label={label} {...mark} {...draft} />;
}
