/** A threshold on probabilities: a point on the receiver's curve to drag, and the line that it draws in the plane. */
import { useSignal } from "@preact/signals";
import { contours } from "d3-contour";
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas, isHeld, type Pen } from "../figures/canvas.tsx";
import { map, mapBox, openRing } from "../figures/field.ts";
import { FigureHead, Table } from "../figures/figure.tsx";
import { write } from "../figures/form.ts";
import { dashes } from "../figures/scale.ts";
import { livePercent, Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";
import "./shared.css";

/** Probes whose figures it takes the place of. */
export const thresholdCovers: readonly string[] = ["territory", "roc"];

const text = {
  whatRoc: say(
    "しきい値を 1 から 0 へ下げていったときの、誤報の割合（横）と見つけた割合（縦）です。左上に近いほどよく、対角線は当てずっぽうです。",
    "Lowering the threshold from 1 to 0: across are false alarms, up is what is found. The nearer to the top left the better; the diagonal is guessing.",
  ),
  whatPlane: say(
    "平面の各点で、ネットワークがクラス 1 とみなす確率を濃さで表します。太い線の内側が、いまのしきい値でクラス 1 と答える範囲です。",
    "At each place of the plane, the probability of class 1 as a shade. The bold line bounds what is called class 1 at this threshold.",
  ),
  plane: say(
    "クラス 1 の確率と、しきい値の線（太線）",
    "The probability of class 1, and the line of the threshold (bold)",
  ),
  roc: say("ROC 曲線：点をドラッグすると、しきい値が動きます", "ROC curve: drag the point to move the threshold"),
  threshold: (value: string) => say(`しきい値 ${value}`, `threshold ${value}`),
  alarms: say("偽陽性率", "false positive rate"),
  found: say("真陽性率", "true positive rate"),
  lane: say("出力", "output"),
  accuracy: say("正解率", "accuracy"),
  legend: say(
    "2 つの曲線（実線と破線）はぴったり重なります。左下ほどしきい値が高く、見落としが増えます。",
    "Both curves, solid and dashed, lie on each other. Further down on the left the threshold is higher, and more is missed.",
  ),
} as const;

export function Threshold({ bench }: { bench: Bench }): JSX.Element | null {
  const dragged = useSignal<number | null>(null);
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.roc);
  if (lanes.length === 0) return null;
  const { probes, lanes: named } = bench.details;
  const threshold = dragged.value ?? (lanes[0].values.threshold as number);
  const seen = new Seen(bench);
  const rocs = lanes.map(({ readings }) => readings.roc as Forms["curves"]);
  const set = (value: number): void => {
    const within = Math.min(Math.max(Number(value.toFixed(2)), 0.01), 0.99);
    if (within !== lanes[0].values.threshold) bench.set("threshold", within);
  };
  const told = text.threshold(threshold.toFixed(2));
  return (
    <section>
      <LaneFigure
        bench={bench}
        probe="territory"
        label={text.plane}
        how={text.whatPlane}
        lanes={lanes}
        part={({ readings }, label) => {
          const plane = readings.territory as Forms["map"];
          return (
            <Canvas
              label={`${said(text.plane)}: ${said(label)}`}
              height={(width) => map.height(plane, width)}
              draw={(pen) => drawPlane(pen, plane, threshold)}
            />
          );
        }}
      />
      <figure class="figure" data-probe="roc">
        <FigureHead probe={{ ...probes.roc, label: text.roc }} how={text.whatRoc} />
        <div
          onPointerUp={() => {
            if (dragged.value !== null) set(dragged.value);
            dragged.value = null;
          }}
        >
          <Canvas
            label={`${said(text.roc)}: ${said(told)}`}
            height={(width) => Math.min(width, 320)}
            draw={(pen) => drawRoc(pen, rocs, threshold)}
            onPointer={(event, at) => {
              if (!isHeld(event)) return;
              dragged.value = nearest(rocs[0], at);
            }}
          />
        </div>
        <label class="picked">
          <T text={told} />
          <input
            type="range"
            data-slide="threshold"
            min={0.01}
            max={0.99}
            step={0.01}
            value={threshold}
            onInput={(event) => set(event.currentTarget.valueAsNumber)}
          />
        </label>
        <p class="help">
          <T text={text.legend} block />
        </p>
        <Table
          head={[text.lane, text.found, text.alarms, text.accuracy]}
          rows={lanes.map(({ id }) => [
            named[id].label,
            ...["found", "falseAlarms", "accuracy"].map((name) => livePercent(seen.number(id, name))),
          ])}
        />
      </figure>
    </section>
  );
}

function drawPlane(pen: Pen, plane: Forms["map"], threshold: number): void {
  const { context, colors } = pen;
  const frame = { probe: { form: "map", kind: "probability", label: text.plane }, range: [0, 1], say: said } as const;
  map.draw(pen, plane, frame);
  const box = mapBox(plane, pen);
  context.strokeStyle = colors.ink;
  context.lineWidth = 3;
  const { rows, cols, values } = plane;
  for (const { coordinates } of contours().size([cols, rows]).thresholds([threshold])(Array.from(values))) {
    for (const ring of coordinates.flat()) openRing(pen, ring, { rows, cols, box });
  }
}

const [left, right, top, foot] = [44, 12, 24, 34];
interface Size {
  readonly width: number;
  readonly height: number;
}
const sideOf = ({ width, height }: Size): number => Math.min(width - left - right, height - top - foot);

/** The threshold whose point of the curve is the nearest. */
function nearest(
  [curve, , thresholds]: readonly Line[],
  at: Size & { readonly x: number; readonly y: number },
): number {
  const side = sideOf(at);
  const far = (i: number): number => Math.hypot(left + curve.x[i] * side - at.x, top + (1 - curve.y[i]) * side - at.y);
  let best = 0;
  for (let i = 1; i < curve.x.length; i++) if (far(i) < far(best)) best = i;
  return Math.min(Math.max(thresholds.y[best], 0.01), 0.99);
}

function drawRoc(pen: Pen, rocs: readonly Forms["curves"][], threshold: number): void {
  const { context, colors } = pen;
  const side = sideOf(pen);
  const x = scaleLinear([0, 1], [left, left + side]);
  const y = scaleLinear([0, 1], [top + side, top]);
  context.lineWidth = 1;
  for (const tick of [0, 0.5, 1]) {
    context.strokeStyle = colors.grid;
    context.strokeRect(Math.round(x(0)) + 0.5, Math.round(y(1)) + 0.5, side, side);
    write(pen, String(tick), x(tick), y(0) + 10, { color: colors.muted, align: "center" });
    write(pen, String(tick), left - 6, y(tick), { color: colors.muted, align: "right" });
  }
  context.setLineDash([2, 4]);
  context.strokeStyle = colors.muted;
  context.beginPath();
  context.moveTo(x(0), y(0));
  context.lineTo(x(1), y(1));
  context.stroke();
  write(pen, said(text.alarms), x(1), y(0) + 24, { color: colors.muted, align: "right" });
  write(pen, said(text.found), left, 9, { color: colors.muted });
  rocs.forEach(([curve], i) => {
    context.strokeStyle = i === 0 ? colors.ink : colors.probability;
    context.lineWidth = i === 0 ? 1.5 : 3;
    context.setLineDash([...dashes[i]]);
    context.beginPath();
    for (let k = 0; k < curve.x.length; k++) context.lineTo(x(curve.x[k]), y(curve.y[k]));
    context.stroke();
  });
  context.setLineDash([]);
  // The point of the threshold: between steps, at the one before.
  const [[curve, , thresholds]] = rocs;
  let at = 0;
  for (let i = 0; i < curve.x.length; i++) if (thresholds.y[i] >= threshold - 1e-9) at = i;
  context.strokeStyle = colors.ink;
  context.fillStyle = colors.paper;
  context.lineWidth = 3;
  context.beginPath();
  context.arc(x(curve.x[at]), y(curve.y[at]), 8, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}
