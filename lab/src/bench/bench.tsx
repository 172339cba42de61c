/** The bench: the lanes of a run beside each other, what can be changed, and the ways through time. */
import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Probe } from "../../../src/experiments/probe.ts";
import { forkId } from "../../../src/experiments/settings.ts";
import { Canvas } from "../figures/canvas.tsx";
import { Figure, FigureHead, type LaneReading, TextTwin } from "../figures/figure.tsx";
import { lineColor, plot, sampled } from "../figures/lines.ts";
import { Pin } from "../figures/pin.tsx";
import { dashes } from "../figures/scale.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { Controls } from "./controls.tsx";
import { bandOf } from "./seeds.ts";
import { type Bench, valueAt } from "./store.ts";
import { Transport } from "./transport.tsx";
import "./bench.css";

interface BenchViewProps {
  readonly bench: Bench;
  /** Probes that have a figure; all unless given. */
  readonly only?: readonly string[];
  /** The parameter whose slider stands before the others: on a phone it alone is always in sight. */
  readonly primary?: string | undefined;
  /** Whether a figure keeps its place while there is nothing to show in it yet. */
  readonly isAwaited?: boolean;
  /** A picture or a tool that stands above the figures. */
  readonly children?: ComponentChildren;
}

export function BenchView({ bench, only, primary, isAwaited = false, children }: BenchViewProps): JSX.Element {
  const isTall = useSignal(false);
  const pinned = useSignal<string | null>(null);
  const { probes } = bench.details;
  const names = Object.keys(probes).filter((name) => !only || only.includes(name));
  return (
    <section class={isTall.value ? "bench tall" : "bench"} aria-label={said(words.bench)}>
      <Transport bench={bench} isTall={isTall} />
      <div class="view">
        <Divergence bench={bench} />
        {children}
        <div class="figures">
          {names.map((name) => (
            <div key={name} class={pinned.value === name ? "pinned" : ""}>
              <Pin.Provider value={names.length > 1 ? { name, pinned } : null}>
                {isAwaited && !hasReading(bench, name) ? (
                  <Awaited name={name} probe={probes[name]} />
                ) : probes[name].form === "scalar" ? (
                  <ScalarFigure bench={bench} name={name} probe={probes[name]} />
                ) : (
                  <ReadingFigure bench={bench} name={name} probe={probes[name]} />
                )}
              </Pin.Provider>
            </div>
          ))}
        </div>
      </div>
      <Controls bench={bench} primary={primary} />
    </section>
  );
}

/** Whether there is anything to show of a probe. */
function hasReading(bench: Bench, name: string): boolean {
  bench.frames.value;
  const isRead = bench.shown.value?.lanes.some(({ readings }) => readings[name] !== undefined);
  return isRead || Object.values(bench.curves).some((curves) => curves[name] !== undefined);
}

/** A figure that has its place and its words, before a step has given it numbers. */
const Awaited = ({ name, probe }: { name: string; probe: Probe }): JSX.Element => (
  <figure class="figure" data-probe={name}>
    <FigureHead probe={probe} />
    <p class="muted">
      <T text={words.awaited} block />
    </p>
  </figure>
);

/** A picture of every lane, as it was at the step that is looked at. */
function ReadingFigure({ bench, name, probe }: { bench: Bench; name: string; probe: Probe }): JSX.Element | null {
  const lanes = (bench.shown.value?.lanes ?? []).flatMap(({ id, readings }): LaneReading[] =>
    readings[name] === undefined ? [] : [{ id, label: bench.details.lanes[id].label, reading: readings[name] }],
  );
  // As high as it was, while a run that begins anew has not measured it yet.
  const height = useRef(0);
  if (lanes.length > 0) height.current = 0;
  else if (bench.measured.value.has(name)) {
    height.current ||= document.querySelector(`.figures [data-probe="${CSS.escape(name)}"]`)?.clientHeight ?? 0;
    return (
      <figure class="figure" data-probe={name} style={{ minHeight: `${height.current}px` }}>
        <FigureHead probe={probe} />
      </figure>
    );
  }
  return <Figure name={name} probe={probe} lanes={lanes} />;
}

/** A number over the steps, a line for each lane, and the range over seeds behind it. */
function ScalarFigure({ bench, name, probe }: { bench: Bench; name: string; probe: Probe }): JSX.Element | null {
  bench.frames.value;
  const all = Object.entries(bench.details.lanes);
  const measured = all.filter(([id]) => bench.curves[id]?.[name]);
  // A run that begins anew has not measured it yet: the figure keeps its place, with nothing in it.
  const lanes = measured.length === 0 && bench.measured.value.has(name) ? all : measured;
  if (lanes.length === 0) return null;
  const at = bench.at.value === null ? null : (bench.shown.value?.step ?? null);
  const forkedAt = bench.opening.value.fork?.step ?? 0;
  const draw = (pen: Parameters<typeof plot>[0]): void => {
    bench.frames.value; // grows in place
    const lines = lanes.map(([id, { label }]) => {
      const { steps = [], values = [] } = bench.curves[id]?.[name] ?? {};
      const from = id === forkId ? steps.filter((step) => step < forkedAt).length : 0; // as another before that
      return { name: label, x: steps.slice(from), y: values.slice(from) };
    });
    const bands = lanes.flatMap(([id]) => bandOf(bench.seeds.value, id, name));
    const told = { kind: probe.kind, xLabel: said(words.step), yLabel: "", cursor: at, hasLegend: false };
    plot(pen, { lines, bands, ...told }, said);
  };
  const latest = lanes.map(([id, { label }]) => {
    return { id, label, value: valueAt(bench.curves[id]?.[name] ?? nothing, at) };
  });
  const { fork } = bench.opening.value;
  const compared = fork ? [fork.lane, forkId] : latest.length === 2 ? latest.map(({ id }) => id) : [];
  const [from, to] = compared.map((id) => latest.find((lane) => lane.id === id)?.value);
  // What is told once, such as the step at which something happened, is a number, and no curve; so is what is 0 always.
  const seriesOf = (id: string): readonly number[] => bench.curves[id]?.[name]?.values ?? [];
  const isTold = probe.kind === "count" && lanes.every(([id]) => isConstant(seriesOf(id)));
  const isSome = lanes.some(([id]) => seriesOf(id).length > 0);
  const isNothing = probe.kind === "magnitude" && isSome && !lanes.some(([id]) => seriesOf(id).some((v) => v > 0));
  const isSingle = bench.steps.value === 0 || isTold || isNothing;
  return (
    <figure class="figure" data-probe={name}>
      <FigureHead probe={probe} />
      {!isSingle && <Canvas label={said(probe.label)} height={160} draw={draw} />}
      <dl class="latest">
        {latest.map(({ id, label, value }, i) => (
          <div key={id} data-lane={id}>
            <dt>
              {!isSingle && <Sample kind={probe.kind} at={i} />}
              <T text={label} />
            </dt>
            <dd class="number">{value === undefined ? "–" : shownValue(value, probe)}</dd>
          </div>
        ))}
        {!probe.apart && from !== undefined && to !== undefined && (
          <div class="difference">
            <dt>
              <T text={fork ? words.forkDifference : words.difference} />
            </dt>
            <dd class="number">{difference(from, to, probe)}</dd>
          </div>
        )}
      </dl>
      {!isSingle && (
        <TextTwin
          twins={lanes.map(([id, { label }]) => {
            const { steps, values } = bench.curves[id]?.[name] ?? nothing;
            return [
              label,
              () => ({
                head: [words.step, probe.label],
                rows: sampled(steps.length).map((i) => [steps[i], values[i]]),
              }),
            ];
          })}
        />
      )}
    </figure>
  );
}

const nothing: { readonly steps: readonly number[]; readonly values: readonly number[] } = { steps: [], values: [] };

/** The difference of two numbers as they are shown: of percentages it is in points. */
function difference(from: number, to: number, probe: Probe): string {
  if (probe.kind !== "probability") return shownValue(to - from, probe, true);
  const tenths = Math.round(1000 * to) - Math.round(1000 * from);
  return said(words.points(`${tenths > 0 ? "+" : ""}${(tenths / 10).toFixed(1)}`));
}

/** A piece of the line of a lane, beside its name. */
function Sample({ kind, at }: { kind: Probe["kind"]; at: number }): JSX.Element {
  const stroke = `var(--${lineColor(kind, at)})`;
  return (
    <svg class="sample" width="24" height="8" aria-hidden="true">
      <line x1="0" y1="4" x2="24" y2="4" stroke={stroke} stroke-width="1.5" stroke-dasharray={dashOf(at)} />
    </svg>
  );
}

const dashOf = (at: number): string => dashes[at % dashes.length].join(" ");

const isConstant = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

/** A number as its kind is read: probabilities as percentages. */
export function shownValue(value: number, { kind }: Probe, isSigned = false): string {
  const sign = isSigned && value > 0 ? "+" : "";
  if (kind === "probability") return `${sign}${(100 * value).toFixed(1)} %`;
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) return sign + value.toExponential(2);
  return sign + (size >= 1e3 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(4))));
}

/** A lane that diverged says where: that is a state, not a blank. */
function Divergence({ bench }: { bench: Bench }): JSX.Element | null {
  const diverged = (bench.shown.value?.lanes ?? []).filter((lane) => lane.diverged);
  if (diverged.length === 0) return null;
  return (
    <div class="diverged" role="status">
      {diverged.map(({ id, diverged: d }) => (
        <p key={id}>
          <strong>
            <T text={words.diverged} />: <T text={bench.details.lanes[id].label} />
          </strong>{" "}
          {d && <T text={words.divergedAt(d.step, d.parameter ?? said(bench.details.probes[d.probe].label))} block />}
        </p>
      ))}
    </div>
  );
}

/** What a run has come to, said once a second at most. */
export function LiveRegion({ bench }: { bench: Bench }): JSX.Element {
  const text = useSignal("");
  useSignalEffect(() => {
    const status = bench.status.value;
    text.value = status === "done" ? said(words.done) : "";
    if (status !== "playing") return;
    const timer = setInterval(() => {
      text.value = said(words.stepOf(bench.step.peek(), bench.steps.peek()));
    }, 1000);
    return () => clearInterval(timer);
  });
  return (
    <div class="visually-hidden" aria-live="polite">
      {text}
    </div>
  );
}
