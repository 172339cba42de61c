/** A matrix as a table of numbers, with its shape on its edges. Cells and sizes that are settings can be typed. */
import type { JSX } from "preact";
import type { Forms, Probe } from "../../../src/experiments/probe.ts";
import { type Label, say } from "../../../src/experiments/text.ts";
import { short } from "../figures/bars.ts";
import { said, T } from "../text/language.tsx";
import { NumberField } from "./number-field.tsx";
import "./matrix-table.css";

const text = {
  cell: (name: string, row: number, col: number) =>
    say(`${name} の ${row} 行 ${col} 列`, `${name}, row ${row}, column ${col}`),
} as const;

/** A size on an edge, and whether it fits what it meets there. */
export interface Edge {
  readonly size: number;
  readonly state: "free" | "fits" | "clashes";
  readonly label: Label;
  /** Where it is a setting. */
  readonly onSize?: ((size: number) => void) | undefined;
}

interface MatrixTableProps {
  readonly name: string;
  readonly probe: Probe;
  readonly matrix: Forms["matrix"];
  /** How many rows, at the side. A vector has none. */
  readonly side?: Edge;
  /** How many columns, at the top. */
  readonly top?: Edge;
  readonly onCell?: ((index: number, value: number) => void) | undefined;
}

export function MatrixTable({ name, probe, matrix, side, top, onCell }: MatrixTableProps): JSX.Element {
  const { rows, cols, values, rowNames, colNames } = matrix;
  const most = Math.max(...Array.from(values, Math.abs), 1e-30);
  const strength = (v: number): number => Math.round(probe.kind === "probability" ? 55 * v : (45 * Math.abs(v)) / most);
  const tint = (v: number): string => (probe.kind === "probability" ? "probability" : v < 0 ? "negative" : "positive");
  return (
    <div class="matrix-table" data-probe={name}>
      <div class="name">
        <T text={probe.label} />
      </div>
      {top && (
        <div class="top">
          <SizeOf edge={top} />
        </div>
      )}
      <div class="side">{side && <SizeOf edge={side} />}</div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <div class="cells" tabIndex={0}>
        <table>
          <caption class="visually-hidden">{said(probe.label)}</caption>
          {colNames && (
            <thead>
              <tr>
                {rowNames && <td />}
                {colNames.map((label) => (
                  <th key={said(label)} scope="col">
                    {said(label)}
                  </th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {Array.from({ length: rows }, (_, i) => (
              <tr key={i}>
                {rowNames && <th scope="row">{said(rowNames[i])}</th>}
                {Array.from({ length: cols }, (_, j) => {
                  const value = values[i * cols + j];
                  const look = {
                    class: "number",
                    style: { "--tint": `var(--${tint(value)})`, "--strength": `${strength(value)}%` },
                  };
                  return (
                    <td key={j}>
                      {onCell ? (
                        <NumberField
                          {...look}
                          {...{ min: -100, max: 100 }}
                          mark={{ "data-cell": `${name} ${i} ${j}` }}
                          label={said(text.cell(said(probe.label), i + 1, j + 1))}
                          value={Number(value.toPrecision(3))}
                          onNumber={(typed) => onCell(i * cols + j, typed)}
                        />
                      ) : (
                        <span {...look}>{short(value)}</span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function SizeOf({ edge: { size, state, label, onSize } }: { edge: Edge }): JSX.Element {
  return (
    <span class={`edge number ${state}`} title={said(label)}>
      {onSize ? (
        <NumberField
          {...{ min: 1, max: 8, step: 1 }}
          label={said(label)}
          value={size}
          onNumber={(typed) => Number.isInteger(typed) && onSize(typed)}
        />
      ) : (
        size
      )}
      {state === "fits" ? " ○" : state === "clashes" ? " ×" : ""}
    </span>
  );
}
