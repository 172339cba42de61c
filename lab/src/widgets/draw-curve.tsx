/** A curve over −1 to 1 that is drawn with the pointer, or point by point with two sliders. */
import { useSignal } from "@preact/signals";
import { scaleLinear } from "d3-scale";
import type { ComponentChildren, JSX } from "preact";
import type { Line, Numbers } from "../../../src/experiments/probe.ts";
import { type Label, say, type Text } from "../../../src/experiments/text.ts";
import { short } from "../figures/bars.ts";
import { Canvas, isHeld, type Pen } from "../figures/canvas.tsx";
import { write } from "../figures/form.ts";
import { nameAxes } from "../figures/lines.ts";
import { dashes } from "../figures/scale.ts";
import { said, T } from "../text/language.tsx";
import { useRest } from "./rest.ts";
import "./draw-curve.css";

const text = {
  place: (x: string) => say(`動かす点 x = ${x}`, `point to move, x = ${x}`),
  height: (y: string) => say(`その高さ ${y}`, `its height ${y}`),
} as const;

interface DrawCurveProps {
  /** Heights at evenly spaced places, the first at −1 and the last at 1; or of stairs of equal width. */
  readonly values: readonly number[];
  readonly shape: "line" | "stairs";
  /** Heights that can be drawn. */
  readonly range: readonly [number, number];
  readonly label: Text;
  /** Lines behind it, each with a dash of its own. */
  readonly behind: readonly Line[];
  /** The curve, once the pen is lifted or a slider rests. */
  onDraw(values: readonly number[]): void;
  readonly children?: ComponentChildren;
}

/** Milliseconds after the last move of a slider. */
const pause = 200;
/** Where lines lie on their canvas. */
const [left, right, top, foot] = [40, 8, 8, 22];

export function DrawCurve({ values, shape, range, label, behind, onDraw, children }: DrawCurveProps): JSX.Element {
  const draft = useSignal<readonly number[] | null>(null);
  const last = useSignal<readonly [index: number, height: number] | null>(null);
  const chosen = useSignal(Math.floor(values.length / 2));
  const count = values.length;
  const shown = draft.value ?? values;
  const at = Math.min(chosen.value, count - 1);
  const place = shape === "line" ? -1 + (2 * at) / (count - 1) : -1 + (2 * at + 1) / count;
  const rest = useRest();
  const finish = (): void => {
    rest.cancel();
    if (draft.value) onDraw(draft.value);
    draft.value = last.value = null;
  };
  const setOne = (height: number): void => {
    draft.value = shown.map((old, i) => (i === at ? height : old));
    rest.after(pause, finish);
  };
  return (
    <div class="draw-curve">
      <div onPointerUp={finish} onPointerCancel={finish}>
        <Canvas
          label={said(label)}
          height={(width) => Math.min(Math.max(width * 0.5, 180), 280)}
          draw={(pen) => draw(pen, { values: draft.value ?? values, shape, range, behind, at })}
          onPointer={(event, { x, y, width, height }) => {
            if (!isHeld(event)) return;
            const along = Math.min(Math.max((x - left) / (width - left - right), 0), 1);
            const index =
              shape === "line" ? Math.round(along * (count - 1)) : Math.min(Math.floor(along * count), count - 1);
            const up = Math.min(Math.max((height - foot - y) / (height - foot - top), 0), 1);
            const to = [index, rounded(range[0] + up * (range[1] - range[0]))] as const;
            draft.value = between(draft.value ?? values, last.value ?? to, to);
            last.value = to;
            chosen.value = index;
          }}
        />
      </div>
      <div class="twins">
        <label>
          <T text={text.place(short(rounded(place)))} />
          <input
            type="range"
            data-draw="place"
            min={0}
            max={count - 1}
            value={at}
            onInput={(event) => {
              chosen.value = Number(event.currentTarget.value);
            }}
          />
        </label>
        <label>
          <T text={text.height(short(rounded(shown[at])))} />
          <input
            type="range"
            data-draw="height"
            min={range[0]}
            max={range[1]}
            step={0.05}
            value={shown[at]}
            onInput={(event) => setOne(Number(event.currentTarget.value))}
          />
        </label>
        {children}
      </div>
    </div>
  );
}

const rounded = (x: number): number => Math.round(100 * x) / 100;

/** Values with a straight line from one of them to another. */
function between(
  values: readonly number[],
  [i, from]: readonly [number, number],
  [j, to]: readonly [number, number],
): number[] {
  const [first, end] = [Math.min(i, j), Math.max(i, j)];
  return values.map((old, k) =>
    k < first || k > end ? old : i === j ? to : rounded(from + ((k - i) / (j - i)) * (to - from)),
  );
}

interface Drawing extends Pick<DrawCurveProps, "values" | "shape" | "range" | "behind"> {
  readonly at: number;
}

function draw(pen: Pen, { values, shape, range, behind, at }: Drawing): void {
  const { context, width, height, colors } = pen;
  const x = scaleLinear([-1, 1], [left, width - right]);
  const y = scaleLinear(range, [height - foot, top]);
  context.lineWidth = 1;
  for (const tick of y.ticks(4)) {
    const level = Math.round(y(tick)) + 0.5;
    context.strokeStyle = colors.grid;
    stroke(pen, [left, width - right], [level, level]);
    write(pen, short(tick), left - 6, level, { color: colors.muted, align: "right" });
  }
  for (const tick of [-1, 0, 1]) {
    const align = tick < 0 ? "left" : tick > 0 ? "right" : "center";
    write(pen, String(tick), x(tick), height - 8, { color: colors.muted, align });
  }
  const places = Array.from(values, (_, i) => -1 + (2 * i) / (values.length - 1));
  const stairs = Array.from({ length: 2 * values.length }, (_, i) => -1 + (2 * Math.ceil(i / 2)) / values.length);
  const own =
    shape === "line" ? { x: places, y: values } : { x: stairs, y: stairs.map((_, i) => values[Math.floor(i / 2)]) };
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, height - foot + 4);
  context.clip(); // what a network gives may leave the sheet
  behind.forEach((line, i) => {
    context.strokeStyle = i === 0 ? colors.positive : colors.negative;
    context.lineWidth = 1.5;
    context.setLineDash([...dashes[(i + 1) % dashes.length]]);
    stroke(pen, Array.from(line.x, x), Array.from(line.y, y));
  });
  context.restore();
  nameAxes(pen, ["x", "y"], { left, right, top, foot });
  context.strokeStyle = context.fillStyle = colors.ink;
  context.lineWidth = 2;
  stroke(pen, own.x.map(x), own.y.map(y));
  const place = shape === "line" ? places[at] : -1 + (2 * at + 1) / values.length;
  context.beginPath();
  context.arc(x(place), y(values[at]), 5, 0, 2 * Math.PI);
  context.fill();
}

function stroke({ context }: Pen, xs: readonly number[], ys: readonly number[]): void {
  context.beginPath();
  xs.forEach((x, i) => {
    context.lineTo(x, ys[i]);
  });
  context.stroke();
}

/** What the lines behind are, with the dashes that they are drawn in. */
export function DashKey({ own, behind }: { own: Label; behind: readonly Line[] }): JSX.Element {
  const names = [own, ...behind.map(({ name }) => name)];
  return (
    <span class="dash-key">
      {names.map((name, i) => (
        <span key={said(name)}>
          <svg width="26" height="8" aria-hidden="true">
            <title>{said(name)}</title>
            <line
              x1="0"
              y1="4"
              x2="26"
              y2="4"
              stroke-width={i === 0 ? 2 : 1.5}
              stroke={["var(--ink)", "var(--positive)", "var(--negative)"][Math.min(i, 2)]}
              stroke-dasharray={dashes[i % dashes.length].join(" ")}
            />
          </svg>{" "}
          <T text={name} />
        </span>
      ))}
    </span>
  );
}

/** So many heights of a line at evenly spaced places. */
export const resampled = (y: Numbers, count: number): number[] =>
  Array.from({ length: count }, (_, i) => rounded(y[Math.round((i * (y.length - 1)) / (count - 1))]));
