/** A choice for each hidden layer, as a list of settings has it: a box to tick where there are two, a menu where there are more. */
import type { JSX } from "preact";
import type { Values } from "../../../src/experiments/experiment.ts";
import { say, type Text } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { said, T } from "../text/language.tsx";

interface LayerChoicesProps {
  readonly bench: Bench;
  /** Of numbers, one for each layer; the last goes on for further layers. */
  readonly parameter: string;
  readonly lane: string;
  readonly label: Text;
  /** What 0, 1 … stand for. */
  readonly options: readonly Text[];
}

export function LayerChoices({ bench, parameter, lane, label, options }: LayerChoicesProps): JSX.Element {
  const { [parameter]: list, hidden } = bench.settings.get(lane) as Values;
  const chosen = list as readonly number[];
  const present = Array.from(hidden as readonly number[], (_, i) => chosen[Math.min(i, chosen.length - 1)] ?? 0);
  const set = (layer: number, value: number): void =>
    bench.set(
      parameter,
      present.map((old, i) => (i === layer ? value : old)),
      lane,
    );
  return (
    <fieldset class="layer-choices">
      <legend>
        <T text={label} />
      </legend>
      {present.map((value, i) => {
        const name = say(`第 ${i + 1} 層`, `layer ${i + 1}`);
        return options.length === 2 ? (
          <label key={i}>
            <input
              type="checkbox"
              data-layer={i}
              checked={value > 0.5}
              onChange={(event) => set(i, event.currentTarget.checked ? 1 : 0)}
            />
            <T text={name} />
          </label>
        ) : (
          <label key={i}>
            <T text={name} />
            <select data-layer={i} value={value} onChange={(event) => set(i, Number(event.currentTarget.value))}>
              {options.map((option, j) => (
                <option key={option.en} value={j}>
                  {said(option)}
                </option>
              ))}
            </select>
          </label>
        );
      })}
    </fieldset>
  );
}
