/** Where a learner types an expression for the engine to evaluate. */
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Text } from "../../../src/experiments/text.ts";
import { said } from "../text/language.tsx";

interface ExpressionInputProps {
  /** Tells it from others on the page. */
  readonly name: string;
  readonly label: Text;
  readonly line: Signal<string>;
}

export function ExpressionInput({ name, label, line }: ExpressionInputProps): JSX.Element {
  return (
    <input
      type="text"
      class="number"
      spellcheck={false}
      autocomplete="off"
      aria-label={said(label)}
      data-control={name}
      value={line.value}
      onInput={(event) => {
        line.value = event.currentTarget.value;
      }}
    />
  );
}
