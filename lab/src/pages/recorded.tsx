/** The run that the command line has just made, as its server hands it over: curves, pictures and verdicts. */

import { details } from "catalog:all";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Recorded } from "../../../src/experiments/recorded.ts";
import { say } from "../../../src/experiments/text.ts";
import { shownValue } from "../bench/bench.tsx";
import type { Details } from "../details.ts";
import { Canvas } from "../figures/canvas.tsx";
import { Figure, FigureHead } from "../figures/figure.tsx";
import { plot } from "../figures/lines.ts";
import { linkTo } from "../router.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import "./recorded.css";

const text = {
  none: say(
    "この画面は、npm start や tsumiki start で開いたラボで、直前の学習を見るためのものです。",
    "This page shows the run before it, in a Lab that npm start or tsumiki start has opened.",
  ),
  made: (seed: number) =>
    say(`コマンドラインで行った学習（シード ${seed}）`, `The run of the command line (seed ${seed})`),
  here: say("同じ実験をここで動かす", "Run the same experiment here"),
} as const;

export function RecordedPage(): JSX.Element {
  const loaded = useSignal<{ run: Recorded; details: Details } | null | "none">(null);
  useEffect(() => {
    const load = async (): Promise<void> => {
      const response = await fetch("./run.json");
      if (!response.ok || !response.headers.get("content-type")?.includes("json")) throw new Error("no run");
      const run = (await response.json()) as Recorded;
      loaded.value = { run, details: (await details[run.experiment]()).default };
    };
    load().catch(() => {
      loaded.value = "none";
    });
  }, [loaded]);
  if (loaded.value === null) return <main id="main" aria-busy="true" />;
  if (loaded.value === "none") {
    return (
      <main id="main">
        <p>
          <T text={text.none} block />
        </p>
      </main>
    );
  }
  return <Shown {...loaded.value} />;
}

function Shown({ run, details }: { run: Recorded; details: Details }): JSX.Element {
  const ids = Object.keys(run.lanes);
  return (
    <main id="main" class="recorded">
      <p class="row-number">
        <T text={text.made(run.seed)} />
      </p>
      <h1>
        <T text={details.title} block />
      </h1>
      {Object.entries(details.probes).map(([name, probe]) =>
        probe.form === "scalar" ? (
          <figure key={name} class="figure">
            <FigureHead probe={probe} />
            <Canvas
              label={said(probe.label)}
              height={170}
              draw={(pen) => {
                const lines = ids.flatMap((id) => {
                  const { steps, values } = run.lanes[id].scalars[name] ?? { steps: [], values: [] };
                  return steps.length > 1 ? [{ name: details.lanes[id].label, x: steps, y: values }] : [];
                });
                plot(pen, { lines, kind: probe.kind, xLabel: said(words.step), yLabel: "" }, said);
              }}
            />
            <p class="number">
              {ids.map((id) => {
                const last = run.lanes[id].scalars[name]?.values.at(-1);
                return last === undefined ? "–" : shownValue(last, probe);
              })}
            </p>
          </figure>
        ) : (
          <Figure
            key={name}
            name={name}
            probe={probe}
            lanes={ids.flatMap((id) => {
              const reading = run.lanes[id].readings[name];
              return reading ? [{ id, label: details.lanes[id].label, reading }] : [];
            })}
          />
        ),
      )}
      <p>
        <a href={linkTo("lesson", run.experiment)}>
          <T text={text.here} />
        </a>
      </p>
    </main>
  );
}
