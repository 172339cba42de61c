/** Errors on what was learnt from and on what was not, a lane each, with the gap between them shaded. */
import type { JSX } from "preact";
import type { Line } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas } from "../figures/canvas.tsx";
import { plot, sampled } from "../figures/lines.ts";
import { live } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";

/** Probes whose figures they take the place of. */
export const gapCurvesCover: readonly string[] = ["trainError", "testError"];

const text = {
  what: say(
    "実線が学習データの誤差、破線が新しいデータの誤差です。縦線は、新しいデータの誤差が最小になったステップです。",
    "Solid is the error on what it learns from, dashed on new data. The upright line stands where the latter was least.",
  ),
  title: say(
    "学習データの誤差と新しいデータの誤差：間の帯が過学習です",
    "Errors on its data and on new data: the band between them is overfitting",
  ),
  train: say("学習データ", "its data"),
  test: say("新しいデータ", "new data"),
  best: (step: string, error: string) =>
    say(
      `新しいデータの誤差は、ステップ ${step} で最小の ${error}`,
      `on new data it was least at step ${step}: ${error}`,
    ),
  stop: say("早期終了にして、そこで止める", "Stop early, there"),
  go: say("早期終了をやめる", "Do not stop early"),
} as const;

export function GapCurves({ bench }: { bench: Bench }): JSX.Element | null {
  bench.frames.value; // curves grow in place
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ id }) => bench.curves[id]?.testError);
  if (lanes.length === 0) return null;
  const early = lanes[0].values.earlyStop;
  return (
    <LaneFigure
      bench={bench}
      probe="testError"
      label={text.title}
      how={text.what}
      lanes={lanes}
      twin={({ id }) => {
        const { train, test } = errorsOf(bench, id);
        return {
          head: [words.step, text.train, text.test],
          rows: sampled(test.x.length).map((i) => [test.x[i], train[i], test.y[i]]),
        };
      }}
      part={({ id }, label) => {
        const { train, test, best } = errorsOf(bench, id);
        return (
          <>
            <Canvas
              label={`${said(text.title)}: ${said(label)}`}
              height={220}
              draw={(pen) => {
                bench.frames.value;
                const now = errorsOf(bench, id);
                const low = now.train.map((v, i) => Math.min(v, now.test.y[i]));
                const high = now.train.map((v, i) => Math.max(v, now.test.y[i]));
                const learnt: Line = { name: text.train, x: now.test.x, y: now.train };
                const cursor = bench.at.value === null ? now.best : (bench.shown.value?.step ?? null);
                plot(
                  pen,
                  {
                    lines: [learnt, { ...now.test, name: text.test }],
                    bands: [{ x: now.test.x, low, high }],
                    kind: "magnitude",
                    xLabel: said(words.step),
                    yLabel: "",
                    cursor,
                  },
                  said,
                );
              }}
            />
            <p class="help">
              <T text={text.best(best === null ? "–" : String(best), live(least(test.y)))} block />
            </p>
            <span hidden data-train={train.at(-1)} data-test={test.y.at(-1)} />
          </>
        );
      }}
    >
      {early !== undefined && (
        <button
          type="button"
          data-action="early-stop"
          aria-pressed={early === "on"}
          onClick={() => {
            const value = early === "on" ? "off" : "on";
            if (bench.status.value === "done") bench.begin({ earlyStop: value });
            else bench.set("earlyStop", value);
          }}
        >
          <T text={early === "on" ? text.go : text.stop} />
        </button>
      )}
    </LaneFigure>
  );
}

const least = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.min(...values));

interface Errors {
  /** At the steps of the tests. */
  readonly train: readonly number[];
  readonly test: { readonly x: readonly number[]; readonly y: readonly number[] };
  /** The step at which the error on new data was least; null where there was no test yet. */
  readonly best: number | null;
}

function errorsOf(bench: Bench, lane: string): Errors {
  const none = { steps: [], values: [] };
  const { trainError = none, testError = none } = bench.curves[lane] ?? {};
  const at = new Map(trainError.steps.map((step, i) => [step, trainError.values[i]]));
  const kept = testError.steps.flatMap((step, i) => (at.has(step) ? [{ step, value: testError.values[i] }] : []));
  const best = kept.reduce<(typeof kept)[number] | null>((a, b) => (a === null || b.value < a.value ? b : a), null);
  return {
    train: kept.map(({ step }) => at.get(step) as number),
    test: { x: kept.map(({ step }) => step), y: kept.map(({ value }) => value) },
    best: best?.step ?? null,
  };
}
