/** Weights as lollipops beside what they ought to be, and their paths over the strength of the penalty, with one to drag. */
import { useSignal } from "@preact/signals";
import { scaleLinear, scaleLog } from "d3-scale";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas, isHeld, type Pen } from "../figures/canvas.tsx";
import { FigureHead, TextTwin } from "../figures/figure.tsx";
import { write, writeOver } from "../figures/form.ts";
import { curves, levels } from "../figures/lines.ts";
import { dashes, extent } from "../figures/scale.ts";
import { live, Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";
import { MarkedSlider } from "./marked-slider.tsx";

/** Probes whose figures they take the place of. */
export const lollipopsCover: readonly string[] = ["weights", "path"];

const text = {
  whatPath: say(
    "横軸が罰則の強さ λ（対数）、縦軸がその λ で学んだ重みです。左端の名前が、線ごとの重みです。",
    "Across is the strength λ of the penalty, logarithmic; up are the weights that are learnt with it. Lines have their names at the left.",
  ),
  weights: say("60 個の重み（○ は真の値）", "The 60 weights (○: the truth)"),
  legend: say(
    "棒の先が学んだ重み。ちょうど 0 になった重みは、軸の上の点だけになります。",
    "A stick ends in the weight that was learnt. One that is exactly 0 is but a dot on the axis.",
  ),
  zeros: (n: string) => say(`ちょうど 0 の重み：${n} 個`, `exactly 0: ${n} weights`),
  path: say(
    "罰則の強さ λ と重み：縦線をドラッグして λ を選ぶ",
    "Weights by strength λ of the penalty: drag the upright line to choose λ",
  ),
  key: say(
    "線：効くはずの重み　点：ほかの重みの最大。λ を強くすると、要らない重みから順に 0 になります。",
    "Lines: weights that matter; dots: the largest of the others. The stronger λ, the more of them are 0, useless ones first.",
  ),
  lambda: say("罰則の強さ λ", "strength λ"),
} as const;

/** The strengths that can be dragged to. */
const [least, most] = [0.02, 3];

export function Lollipops({ bench }: { bench: Bench }): JSX.Element | null {
  const dragged = useSignal<number | null>(null);
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.weights);
  if (lanes.length === 0) return null;
  const seen = new Seen(bench);
  const range = extent(
    lanes.flatMap(({ readings }) => (readings.weights as Forms["curves"]).map(({ y }) => y)),
    "signed",
  );
  const lambda = lanes[0].values.lambda as number;
  const set = (value: number): void => {
    // A run that is over learns nothing of it: then it starts anew.
    if (bench.status.value === "done") bench.begin({ lambda: value });
    else bench.set("lambda", value);
  };
  const path = lanes.find(({ readings }) => readings.path)?.readings.path as Forms["curves"] | undefined;
  const { probes } = bench.details;
  const at = dragged.value ?? lambda;
  return (
    <section>
      <LaneFigure
        bench={bench}
        probe="weights"
        label={text.weights}
        legend={text.legend}
        lanes={lanes}
        twin={(lane) => curves.twin(lane.readings.weights as Forms["curves"])}
        part={({ id, readings }, label) => (
          <>
            <Canvas
              label={`${said(text.weights)}: ${said(label)}`}
              height={150}
              draw={(pen) => drawLollipops(pen, readings.weights as Forms["curves"], range)}
            />
            <p class="help number">
              <T text={text.zeros(live(seen.number(id, "zeros")))} />
            </p>
          </>
        )}
      />
      {path && (
        <figure class="figure" data-probe="path">
          <FigureHead probe={{ ...probes.path, label: text.path }} how={text.whatPath} />
          <div
            onPointerUp={() => {
              if (dragged.value !== null) set(dragged.value);
              dragged.value = null;
            }}
          >
            <Canvas
              label={said(text.path)}
              height={(width) => Math.min(Math.max(width * 0.5, 180), 260)}
              draw={(pen) => drawPath(pen, path, at)}
              onPointer={(event, { x, width }) => {
                if (!isHeld(event)) return;
                const along = Math.min(Math.max((x - left) / (width - left - right), 0), 1);
                dragged.value = Number((least * (most / least) ** along).toPrecision(3));
              }}
            />
          </div>
          <MarkedSlider name="lambda" label={text.lambda} value={at} min={least} max={most} marks={[]} onChange={set} />
          <p class="help">
            <T text={text.key} block />
          </p>
          <TextTwin twins={[[probes.path.label, () => curves.twin(path)]]} />
        </figure>
      )}
    </section>
  );
}

const [left, right, top, foot] = [46, 8, 8, 22];

function drawLollipops(pen: Pen, [truth, learnt]: Forms["curves"], range: readonly [number, number]): void {
  const { context, width, height, colors } = pen;
  const x = scaleLinear([0.5, truth.x.length + 0.5], [left, width - right]);
  const y = scaleLinear([Math.min(range[0], -0.1), Math.max(range[1], 0.1)], [height - 8, top]);
  levels(pen, y, { left, right, zero: colors.muted });
  for (let i = 0; i < learnt.x.length; i++) {
    const [px, value] = [x(learnt.x[i]), learnt.y[i]];
    context.strokeStyle = context.fillStyle = value < 0 ? colors.negative : colors.positive;
    if (value !== 0) {
      context.setLineDash(value < 0 ? [3, 2] : []);
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(px, y(0));
      context.lineTo(px, y(value));
      context.stroke();
      context.setLineDash([]);
    } else context.fillStyle = colors.muted;
    context.beginPath();
    context.arc(px, y(value), value === 0 ? 1.3 : 2.4, 0, 2 * Math.PI);
    context.fill();
  }
  context.strokeStyle = colors.ink;
  context.lineWidth = 1.2;
  for (let i = 0; i < truth.x.length; i++) {
    if (truth.y[i] === 0) continue;
    context.beginPath();
    context.arc(x(truth.x[i]), y(truth.y[i]), 4.5, 0, 2 * Math.PI);
    context.stroke();
  }
}

function drawPath(pen: Pen, lines: Forms["curves"], lambda: number): void {
  const { context, width, height, colors } = pen;
  const x = scaleLog([least, most], [left, width - right]).clamp(true);
  const [low, high] = extent(
    lines.map((line) => line.y),
    "signed",
  );
  const y = scaleLinear([Math.min(low, -0.1), Math.max(high, 0.1)], [height - foot, top]);
  levels(pen, y, { left, right, count: 5, zero: colors.muted });
  for (const tick of [0.02, 0.1, 0.5, 2]) {
    write(pen, `λ ${tick}`, x(tick), height - 8, { color: colors.muted, align: tick === 0.02 ? "left" : "center" });
  }
  lines.forEach((line, i) => {
    context.strokeStyle = context.fillStyle = line.dots ? colors.muted : colors.ink;
    context.lineWidth = 1.5;
    context.setLineDash(line.dots ? [] : [...dashes[i % dashes.length]]);
    context.beginPath();
    for (let k = 0; k < line.x.length; k++) {
      if (line.dots) {
        context.moveTo(x(line.x[k]), y(line.y[k]));
        context.arc(x(line.x[k]), y(line.y[k]), 2.5, 0, 2 * Math.PI);
      } else context.lineTo(x(line.x[k]), y(line.y[k]));
    }
    if (line.dots) context.fill();
    else context.stroke();
    context.setLineDash([]);
  });
  // Names stand where their lines begin, below each other where those are close.
  let above = Number.NEGATIVE_INFINITY;
  for (const line of lines.filter(({ dots }) => !dots).toSorted((a, b) => b.y[0] - a.y[0])) {
    const at = Math.max(y(line.y[0]) - 7, 8, above + 13);
    writeOver(pen, said(line.name), x(line.x[0]) + 4, at, { color: colors.muted });
    above = at;
  }
  context.strokeStyle = colors.positive;
  context.lineWidth = 2.5;
  context.beginPath();
  context.moveTo(x(Math.max(lambda, least)), top);
  context.lineTo(x(Math.max(lambda, least)), height - foot);
  context.stroke();
}
