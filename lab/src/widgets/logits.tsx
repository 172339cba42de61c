/** Logits to be moved, and where their probabilities lie in the triangle of three classes. */
import type { JSX } from "preact";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { write } from "../figures/form.ts";
import { curves } from "../figures/lines.ts";
import { said, T } from "../text/language.tsx";
import { Captioned } from "./captioned.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";
import "./logits.css";

const text = {
  what: say(
    "スライダー 1 本が 1 クラスのロジットです。動かすと、下の三角形と確率がその場で計算し直されます。",
    "A slider for the logit of each class. Move one, and the triangle and the probabilities below are computed anew.",
  ),
  move: say("ロジットを動かす", "Move the logits"),
  key: say(
    "角に近いほど、そのクラスの確率が 1 に近づきます。● 今のロジット　― 温度を変えたときの道　· データの各点",
    "The nearer to a corner, the nearer that class is to 1. ● the logits now, — the way as the temperature changes, · points of the data",
  ),
} as const;

export function Logits({ bench }: { bench: Bench }): JSX.Element | null {
  const lanes = useLastShown(bench)?.lanes ?? [];
  const first = lanes[0]?.values.logits as readonly number[] | undefined;
  if (!first) return null;
  const { probes, params } = bench.details;
  const classes = bench.settings.get(lanes[0].id)?.classes as number;
  const logits = Array.from({ length: 5 }, (_, i) => first[i] ?? 0);
  const { logits: range } = params;
  const [min, max] = range.kind === "list" ? [range.min, range.max] : [0, 0];
  const names = Array.from({ length: classes }, (_, k) => say(`クラス ${k}`, `class ${k}`));
  const shown = lanes.filter(({ readings }) => readings.simplex);
  return (
    <section class="logits">
      <Captioned what={text.what} caption={text.move}>
        {names.map((name, k) => (
          <label key={name.en} class="row">
            <T text={name} />
            <input
              type="range"
              data-logit={k}
              min={min}
              max={max}
              step={0.1}
              value={logits[k]}
              onInput={(event) => {
                const value = Number(event.currentTarget.value);
                bench.set("logits", Object.assign([...logits], { [k]: value }));
              }}
            />
            <span class="number">{short(Number(logits[k].toFixed(2)))}</span>
          </label>
        ))}
      </Captioned>
      {shown.length > 0 && (
        <LaneFigure
          bench={bench}
          probe="simplex"
          legend={text.key}
          lanes={shown}
          twin={({ readings }) => curves.twin(readings.simplex as Forms["curves"])}
          part={({ readings }, label) => (
            <Canvas
              label={`${said(probes.simplex.label)}: ${said(label)}`}
              height={(width) => Math.min(0.88 * width, 300)}
              draw={(pen) => drawTriangle(pen, readings.simplex as Forms["curves"], names.slice(0, 3).map(said))}
            />
          )}
        />
      )}
    </section>
  );
}

/** A triangle of side 1 on its base, as the experiment lays it. */
function drawTriangle(pen: Pen, [data, way, now]: readonly Line[], names: readonly string[]): void {
  const { context, width, height, colors } = pen;
  const side = Math.min(width - 60, (height - 40) / 0.866);
  const [x0, y0] = [(width - side) / 2, height - 20];
  const at = (x: number, y: number): [number, number] => [x0 + side * x, y0 - side * y];
  const corners = [at(0, 0), at(1, 0), at(0.5, 0.866)] as const;
  context.strokeStyle = colors.muted;
  context.lineWidth = 1;
  context.beginPath();
  for (const corner of corners) context.lineTo(...corner);
  context.closePath();
  context.stroke();
  const color = colors.muted;
  write(pen, names[0], corners[0][0], y0 + 12, { color, align: "center" });
  write(pen, names[1], corners[1][0], y0 + 12, { color, align: "center" });
  write(pen, names[2], corners[2][0], corners[2][1] - 10, { color, align: "center" });
  const dot = (x: number, y: number, size: number): void => {
    context.beginPath();
    context.arc(...at(x, y), size, 0, 2 * Math.PI);
    context.fill();
  };
  context.fillStyle = colors.muted;
  for (let i = 0; i < data.x.length; i++) if (Number.isFinite(data.x[i])) dot(data.x[i], data.y[i], 1.5);
  context.strokeStyle = context.fillStyle = colors.probability;
  context.lineWidth = 2;
  context.beginPath();
  for (let i = 0; i < way.x.length; i++) if (Number.isFinite(way.x[i])) context.lineTo(...at(way.x[i], way.y[i]));
  context.stroke();
  if (Number.isFinite(now.x[0])) dot(now.x[0], now.y[0], 6);
}
