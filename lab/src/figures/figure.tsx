/** A figure of the bench: a probe of every lane side by side on one scale, with its text twin. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Form, Forms, Probe, Reading } from "../../../src/experiments/probe.ts";
import type { Label, Text } from "../../../src/experiments/text.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { bars, short } from "./bars.ts";
import { Canvas } from "./canvas.tsx";
import { images, map, matrix } from "./field.ts";
import type { FormView, Twin } from "./form.ts";
import { histograms } from "./histograms.ts";
import { curves } from "./lines.ts";
import { PinButton } from "./pin.tsx";
import { extent } from "./scale.ts";
import { hasScopes, ScopeMenu, scope } from "./scope.tsx";
import { told, What } from "./what.tsx";

type Drawn = Exclude<Form, "scalar" | "table">;
const views: { readonly [F in Drawn]: FormView<F> } = { bars, curves, map, matrix, images, histograms };

export interface LaneReading {
  readonly id: string;
  readonly label: Label;
  readonly reading: Reading;
}

interface FigureProps {
  readonly name: string;
  readonly probe: Probe;
  readonly lanes: readonly LaneReading[];
  readonly onPointer?: Parameters<typeof Canvas>[0]["onPointer"];
}

export function Figure({ name, probe, lanes: all, onPointer }: FigureProps): JSX.Element | null {
  if (all.length === 0) return null;
  // What is the same in all lanes is shown once.
  const isSame = probe.form === "table" && new Set(all.map(({ reading }) => JSON.stringify(reading))).size === 1;
  const lanes = isSame ? all.slice(0, 1) : all;
  const readings = lanes.map(({ reading }) => reading);
  return (
    <figure class="figure" data-probe={name}>
      <FigureHead probe={probe} />
      <div class="lanes" style={{ "--lanes": lanes.length }}>
        {lanes.map(({ id, label, reading }) => (
          <div key={id} class="lane" data-lane={id}>
            {lanes.length > 1 && (
              <div class="lane-name">
                <T text={label} />
              </div>
            )}
            {probe.form === "table" ? (
              <Table {...(reading as Forms["table"])} />
            ) : (
              <Picture probe={probe} label={label} reading={reading} all={readings} onPointer={onPointer} />
            )}
          </div>
        ))}
      </div>
      {hasScopes(probe, readings) && <ScopeMenu readings={readings} />}
      {probe.form !== "table" && (
        <TextTwin twins={lanes.map(({ label, reading }) => [label, () => viewOf(probe).twin(reading as never)])} />
      )}
    </figure>
  );
}

interface FigureHeadProps {
  readonly probe: Probe;
  /** How the picture is read, where it is not drawn as its form is. */
  readonly how?: Text | undefined;
}

export function FigureHead({ probe, how }: FigureHeadProps): JSX.Element {
  return (
    <figcaption>
      <T text={probe.label} />
      <PinButton label={probe.label} />
      <What tells={told(probe, how)} />
    </figcaption>
  );
}

const viewOf = (probe: Probe): FormView<Drawn> => views[probe.form as Drawn] as unknown as FormView<Drawn>;

interface PictureProps {
  readonly probe: Probe;
  readonly label: Label;
  readonly reading: Reading;
  readonly all: readonly Reading[];
  readonly onPointer: FigureProps["onPointer"];
}

function Picture({ probe, label, reading, all, onPointer }: PictureProps): JSX.Element {
  const view = viewOf(probe);
  const range = extent(
    all.flatMap((r) => [...view.numbers(r as never)]),
    probe.kind,
  );
  return (
    <Canvas
      label={`${said(probe.label)}: ${said(label)}`}
      height={(width) => view.height(reading as never, width, said)}
      draw={(pen) => view.draw(pen, reading as never, { probe, range, scope: scope.value, say: said })}
      {...(onPointer ? { onPointer } : {})}
    />
  );
}

/** The same numbers as text, for who does not see the picture, or wants to read them: made when they are asked for. */
export function TextTwin({ twins }: { twins: readonly (readonly [Label, () => Twin])[] }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="twin" onToggle={(event) => setOpen((event.target as HTMLDetailsElement).open)}>
      <summary>
        <T text={words.numbers} />
      </summary>
      {isOpen &&
        twins.map(([label, twin]) => (
          <div key={said(label)}>
            {twins.length > 1 && (
              <h4>
                <T text={label} />
              </h4>
            )}
            <Table {...twin()} />
          </div>
        ))}
    </details>
  );
}

/** A number that was written out, or that there is none. */
const written = /^([-+−]?[\d.,]+(e[-+]?\d+)?( %)?|–)$/;

export function Table({ head, rows }: Twin): JSX.Element {
  const isNumber = (cell: Label | number): boolean =>
    typeof cell === "number" || (typeof cell === "string" && written.test(cell));
  const areNumbers = head.map((_, j) => rows.length > 0 && rows.every((row) => isNumber(row[j])));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <div class="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, i) => (
              <th key={i} scope="col" class={areNumbers[i] ? "right" : undefined}>
                <T text={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={j} class={isNumber(cell) ? `number${areNumbers[j] ? " right" : ""}` : undefined}>
                  {typeof cell === "number" ? short(cell) : <T text={cell} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
