/** What each output function can reach: target and prediction, with shade where no prediction can be. */
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas } from "../figures/canvas.tsx";
import { curves, type Plot, plot } from "../figures/lines.ts";
import { extent } from "../figures/scale.ts";
import { said } from "../text/language.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";

const text = {
  what: say(
    "点が学習データ、破線が目標、点線が予測です。出力層の関数が取れない値の範囲を、灰色で塗ってあります。",
    "Dots are the data, dashed the target, dotted the prediction. What the output function cannot be is grey.",
  ),
  title: say(
    "目標と予測：灰色の帯には、出力層の関数の値が届きません",
    "Target and prediction: the output function has no value in the grey bands",
  ),
} as const;

export function Reach({ bench }: { bench: Bench }): JSX.Element | null {
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.fit);
  if (lanes.length === 0) return null;
  return (
    <LaneFigure
      bench={bench}
      probe="fit"
      label={text.title}
      how={text.what}
      lanes={lanes}
      twin={({ readings }) => curves.twin(readings.fit as Forms["curves"])}
      part={({ readings }, label) => {
        const lines = readings.fit as Forms["curves"];
        const shown: Plot = {
          lines: lines.slice(0, 3),
          bands: beyond(lines),
          kind: "signed",
          xLabel: "x",
          yLabel: "",
        };
        return (
          <Canvas
            label={`${said(text.title)}: ${said(label)}`}
            height={(width) => curves.height(lines, width, said)}
            draw={(pen) => plot(pen, shown, said)}
          />
        );
      }}
    />
  );
}

/** Bands above the upper limit and below the lower one, as far as anything is drawn. */
function beyond([data, target, guess, ...limits]: Forms["curves"]): NonNullable<Plot["bands"]> {
  if (limits.length === 0) return [];
  const ends = limits.map(({ y }) => y[0]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const [least, most] = extent([data.y, target.y, guess.y], "signed");
  const band = (from: number, to: number): NonNullable<Plot["bands"]>[number] => ({
    x: [-1, 1],
    low: [from, from],
    high: [to, to],
  });
  return [...(most > high ? [band(high, most)] : []), ...(least < low ? [band(least, low)] : [])];
}
