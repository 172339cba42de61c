/** A figure of the bench: a probe of every lane side by side on one scale, with its text twin. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Form, Forms, Probe, Reading } from "../../../src/experiments/probe.ts";
import { type Label, say, type Text } from "../../../src/experiments/text.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { bars, short } from "./bars.ts";
import { Canvas } from "./canvas.tsx";
import { images, map, matrix } from "./field.ts";
import type { FormView, Twin } from "./form.ts";
import { histograms } from "./histograms.ts";
import { curves } from "./lines.ts";
import { extent } from "./scale.ts";
import { hasScopes, ScopeMenu, scope } from "./scope.tsx";

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

/** How numbers of a kind are drawn, the same in every figure. */
const kinds: Readonly<Record<Probe["kind"], Text>> = {
  signed: say(
    "符号のある量です。塗るときは、正を藍、負を朱で表し、0 に近いほど薄くします。",
    "A signed quantity. Where it is filled, positive is indigo and negative vermilion, fainter near 0.",
  ),
  magnitude: say(
    "大きさです。目盛りは対数で、1 目盛りごとに何倍かになります。",
    "A size, on a logarithmic scale: every tick is so many times the one before.",
  ),
  probability: say("0 から 1 までの確率や割合です。", "A probability or a part, from 0 to 1."),
  count: say("個数です。", "A count."),
};

export function FigureHead({ probe }: { probe: Probe }): JSX.Element {
  return (
    <figcaption>
      <T text={probe.label} />
      {(probe.help || probe.form !== "table") && (
        <details class="what">
          <summary>
            <T text={words.what} />
          </summary>
          {probe.help && (
            <p>
              <T text={probe.help} block />
            </p>
          )}
          {probe.form !== "table" && (
            <p>
              <T text={kinds[probe.kind]} block />
            </p>
          )}
        </details>
      )}
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
      height={(width) => view.height(reading as never, width)}
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

export function Table({ head, rows }: Twin): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <div class="scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((cell, i) => (
              <th key={i} scope="col">
                <T text={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) =>
                typeof cell === "number" ? (
                  <td key={j} class="number">
                    {short(cell)}
                  </td>
                ) : (
                  <td key={j}>
                    <T text={cell} />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
