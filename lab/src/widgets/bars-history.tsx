/** How a few bars changed over the steps, as lines: gauges that fall or recover, a needle that follows. */
import type { JSX } from "preact";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { type Label, say, type Text } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas } from "../figures/canvas.tsx";
import { FigureHead, TextTwin } from "../figures/figure.tsx";
import { plot, sampled } from "../figures/lines.ts";
import { said } from "../text/language.tsx";
import { words } from "../text/words.ts";

interface BarsHistoryProps {
  readonly bench: Bench;
  /** Of bars, of which there are few. */
  readonly probe: string;
  readonly lanes: readonly string[];
  readonly label: Text;
  readonly help?: Text;
}

export function BarsHistory({ bench, probe: name, lanes, label, help }: BarsHistoryProps): JSX.Element | null {
  bench.frames.value; // tracks grow in place
  const { probes, lanes: all } = bench.details;
  const lines = lanes.flatMap((id): Line[] => {
    const lane = bench.shown.value?.lanes.find((other) => other.id === id);
    const names = (lane?.readings[name] as Forms["bars"] | undefined)?.names ?? [];
    const of = (bar: Label): Label => (lanes.length === 1 ? bar : joined(all[id].label, bar));
    return names.flatMap((bar, i) => {
      const track = bench.tracks[id]?.[`${name}.${i}`];
      return track ? [{ name: of(bar), x: track.steps, y: track.values }] : [];
    });
  });
  if (lines.length === 0) return null;
  const { kind } = probes[name];
  const cursor = bench.at.value === null ? null : (bench.shown.value?.step ?? null);
  const head = { ...probes[name], label };
  return (
    <figure class="figure" data-probe={name}>
      <FigureHead probe={help ? { ...head, help } : head} />
      <Canvas
        label={said(label)}
        height={190}
        draw={(pen) => {
          bench.frames.value;
          plot(pen, { lines, kind, xLabel: said(words.step), yLabel: "", cursor }, said);
        }}
      />
      <TextTwin
        twins={lines.map(({ name, x, y }) => [
          name,
          () => ({ head: [words.step, label], rows: sampled(x.length).map((i) => [x[i], y[i]]) }),
        ])}
      />
    </figure>
  );
}

const ja = (label: Label): string => (typeof label === "string" ? label : label.ja);
const en = (label: Label): string => (typeof label === "string" ? label : label.en);
const joined = (a: Label, b: Label): Text => say(`${ja(a)} ${ja(b)}`, `${en(a)} ${en(b)}`);
