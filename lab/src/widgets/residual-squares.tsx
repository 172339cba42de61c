/** Points to drag up and down, a line that is fitted to them, and what each residual costs: its square, or its length. */
import { useSignal } from "@preact/signals";
import { type ScaleLinear, scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { Canvas, isHeld, type Pen } from "../figures/canvas.tsx";
import { write } from "../figures/form.ts";
import { curves, levels, nameAxes } from "../figures/lines.ts";
import { extent } from "../figures/scale.ts";
import { said, T } from "../text/language.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";
import { useRest } from "./rest.ts";
import "./draw-curve.css";

const text = {
  title: say("点を上下にドラッグすると、直線を引き直します", "Drag points up and down: the lines are fitted anew"),
  legend: say(
    "正方形：ずれの 2 乗（青は直線より上、赤の破線は下）。MAE の棒：ずれの絶対値。● 点　太い線：学んだ直線　破線：真の直線",
    "Squares: squared residuals (blue above the line, red and dashed below). Bars of MAE: absolute values. ● points; bold: the line learnt; dashed: the truth",
  ),
  point: (n: number) => say(`動かす点 ${n}`, `point to move: ${n}`),
  height: (y: string) => say(`その高さ ${y}`, `its height ${y}`),
  back: say("動かした点を元に戻す", "Put points back"),
} as const;

/** Milliseconds after the last move of a slider. */
const pause = 250;
const [left, right, top, foot] = [40, 10, 8, 22];

export function ResidualSquares({ bench }: { bench: Bench }): JSX.Element | null {
  const draft = useSignal<{ readonly index: number; readonly y: number } | null>(null);
  const chosen = useSignal(10);
  const rest = useRest();
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.line);
  if (lanes.length === 0) return null;
  const [points] = lanes[0].readings.line as Forms["curves"];
  const count = points.x.length;
  const height = (i: number): number => (draft.value?.index === i ? draft.value.y : points.y[i]);
  const [first] = bench.settings.values();
  const isMoved = (first.heights as readonly number[]).length > 0;
  const range = extent(
    lanes.flatMap(({ readings }) => (readings.line as Forms["curves"]).map(({ y }) => y)),
    "signed",
  );
  const span = [Math.max(Math.min(range[0] - 0.5, -3), -12), Math.min(Math.max(range[1] + 0.5, 8), 12)] as const;
  const finish = (): void => {
    rest.cancel();
    if (!draft.value) return;
    const { index, y } = draft.value;
    draft.value = null;
    const heights = Array.from(points.y, (old, i) => Number((i === index ? y : old).toFixed(2)));
    bench.begin({ heights: heights.map((v) => Math.min(Math.max(v, -12), 12)) });
    if (bench.status.value !== "playing") bench.play();
  };
  return (
    <LaneFigure
      bench={bench}
      probe="line"
      label={text.title}
      legend={text.legend}
      lanes={lanes}
      twin={(lane) => curves.twin(lane.readings.line as Forms["curves"])}
      part={({ readings, values }, label) => {
        const lines = readings.line as Forms["curves"];
        return (
          <div class="draw-curve" onPointerUp={finish} onPointerCancel={finish}>
            <Canvas
              label={`${said(text.title)}: ${said(label)}`}
              height={(width) => Math.min(Math.max(width * 0.95, 220), 320)}
              draw={(pen) => draw(pen, { lines, span, isSquared: values.loss === "mse", chosen: chosen.value, height })}
              onPointer={(event, at) => {
                if (!isHeld(event)) return;
                const [x, y] = scales(at.width, at.height, span);
                if (event.type === "pointerdown") {
                  const far = (i: number): number => Math.hypot(x(points.x[i]) - at.x, y(points.y[i]) - at.y);
                  chosen.value = Array.from({ length: count }, (_, i) => i).reduce((a, b) => (far(b) < far(a) ? b : a));
                }
                const to = Math.min(Math.max(y.invert(at.y), span[0]), span[1]);
                draft.value = { index: chosen.value, y: to };
              }}
            />
          </div>
        );
      }}
    >
      <div class="draw-curve">
        <div class="twins">
          <label>
            <T text={text.point(chosen.value + 1)} />
            <input
              type="range"
              data-point="index"
              min={0}
              max={count - 1}
              value={chosen.value}
              onInput={(event) => {
                chosen.value = event.currentTarget.valueAsNumber;
              }}
            />
          </label>
          <label>
            <T text={text.height(short(Number(height(chosen.value).toFixed(2))))} />
            <input
              type="range"
              data-point="height"
              min={span[0]}
              max={span[1]}
              step={0.1}
              value={height(chosen.value)}
              onInput={(event) => {
                draft.value = { index: chosen.value, y: event.currentTarget.valueAsNumber };
                rest.after(pause, finish);
              }}
            />
          </label>
          <button type="button" disabled={!isMoved} onClick={() => bench.begin({ heights: [] })}>
            <T text={text.back} />
          </button>
        </div>
      </div>
    </LaneFigure>
  );
}

type Linear = ScaleLinear<number, number>;
const scales = (width: number, height: number, span: readonly [number, number]): [x: Linear, y: Linear] => [
  scaleLinear([-1.1, 1.1], [left, width - right]),
  scaleLinear(span, [height - foot, top]),
];

interface Drawing {
  readonly lines: Forms["curves"];
  readonly span: readonly [number, number];
  readonly isSquared: boolean;
  readonly chosen: number;
  height(index: number): number;
}

function draw(pen: Pen, { lines: [points, truth, learnt], span, isSquared, chosen, height }: Drawing): void {
  const { context, colors } = pen;
  const [x, y] = scales(pen.width, pen.height, span);
  levels(pen, y, { left, right, count: 5 });
  for (const tick of [-1, 0, 1]) {
    write(pen, String(tick), x(tick), pen.height - 8, { color: colors.muted, align: "center" });
  }
  nameAxes(pen, ["x", "y"], { left, right, top, foot });
  for (let i = 0; i < points.x.length; i++) {
    const [px, from, to] = [x(points.x[i]), y(learnt.y[i]), y(height(i))];
    const isAbove = height(i) >= learnt.y[i];
    const size = Math.abs(to - from);
    const wide = isSquared ? size : 5;
    // Towards the middle, where there is room.
    const start = isSquared ? (points.x[i] > 0 ? px - wide : px) : px - wide / 2;
    context.strokeStyle = context.fillStyle = isAbove ? colors.positive : colors.negative;
    context.setLineDash(isAbove ? [] : [4, 3]);
    context.globalAlpha = isAbove ? 0.18 : 0.06;
    context.fillRect(start, Math.min(from, to), wide, size);
    context.globalAlpha = 1;
    context.lineWidth = 1.2;
    context.strokeRect(start, Math.min(from, to), wide, size);
  }
  const line = (ys: ArrayLike<number>, dash: readonly number[], thick: number): void => {
    context.setLineDash([...dash]);
    context.lineWidth = thick;
    context.strokeStyle = colors.ink;
    context.beginPath();
    for (let i = 0; i < points.x.length; i++) context.lineTo(x(points.x[i]), y(ys[i]));
    context.stroke();
    context.setLineDash([]);
  };
  line(truth.y, [6, 4], 1.2);
  line(learnt.y, [], 2.2);
  for (let i = 0; i < points.x.length; i++) {
    context.fillStyle = context.strokeStyle = colors.ink;
    context.beginPath();
    context.arc(x(points.x[i]), y(height(i)), 4, 0, 2 * Math.PI);
    context.fill();
    if (i !== chosen) continue;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(x(points.x[i]), y(height(i)), 8, 0, 2 * Math.PI);
    context.stroke();
  }
}
