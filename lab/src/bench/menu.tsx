/** A choice of one from a list, with its name before it. */
import type { JSX } from "preact";
import type { Label } from "../../../src/experiments/text.ts";
import { said, T } from "../text/language.tsx";

interface MenuProps<V extends string> {
  /** Tells it from others on the page. */
  readonly name: string;
  readonly label: Label;
  readonly value: V;
  readonly options: readonly (readonly [V, Label])[];
  onChoose(value: V): void;
}

export function Menu<V extends string>({ name, label, value, options, onChoose }: MenuProps<V>): JSX.Element {
  return (
    <label>
      <T text={label} />{" "}
      <select data-control={name} value={value} onChange={(event) => onChoose(event.currentTarget.value as V)}>
        {options.map(([id, title]) => (
          <option key={id} value={id}>
            {said(title)}
          </option>
        ))}
      </select>
    </label>
  );
}
