/** A point to drag, its distance from the origin by several norms, and the ball of all points that are as far. */
import { useSignal } from "@preact/signals";
import { contours } from "d3-contour";
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { map, mapBox, mapEnds } from "../figures/field.ts";
import { curves } from "../figures/lines.ts";
import { live, Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { DragPoint, type Place } from "./drag-point.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";
import { MarkedSlider } from "./marked-slider.tsx";

/** Probes whose figures it takes the place of. */
export const normPlaneCovers: readonly string[] = ["way", "ball", "unit"];

const text = {
  title: say("点（輪）をドラッグし、p を変える", "Drag the point, the ring, and change p"),
  legend: say(
    "緑の線：この p で、原点から点と同じ距離にある点の集まり（内側の線は距離 1）。実線：2 辺に沿った道　破線：まっすぐな道",
    "Green: all points that are, by this p, as far from the origin as the ring (the inner one: at distance 1). Ink: along two sides; dashed: straight",
  ),
  point: ([x, y]: Place) =>
    say(`点 (${x}, ${y})。矢印キーで動かせます。`, `The point, (${x}, ${y}). Arrow keys move it.`),
  p: (lane: string, en: string) => say(`「${lane}」の p`, `p of “${en}”`),
  length: (p: string, length: string) => say(`p = ${p} の距離：${length}`, `distance by p = ${p}: ${length}`),
  taxi: say("碁盤の目", "taxi"),
  crow: say("まっすぐ", "crow"),
} as const;

export function NormPlane({ bench }: { bench: Bench }): JSX.Element | null {
  const dragged = useSignal<Place | null>(null);
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.ball);
  if (lanes.length === 0) return null;
  const [{ values: first }] = lanes;
  const [x, y] = [first.x as number, first.y as number];
  const at = dragged.value ?? [x, y];
  const seen = new Seen(bench);
  const { x: range } = bench.details.params;
  const most = range.kind === "number" ? range.max : 0;
  const within = (v: number): number => Math.min(Math.max(v, -most), most);
  const move = ([nx, ny]: Place): void => {
    if (nx !== x) bench.set("x", nx);
    if (ny !== y) bench.set("y", ny);
  };
  return (
    <LaneFigure
      bench={bench}
      probe="ball"
      label={text.title}
      legend={text.legend}
      lanes={lanes}
      twin={(lane) => curves.twin(lane.readings.way as Forms["curves"])}
      part={({ id, readings, values }, label) => {
        const ball = readings.ball as Forms["map"];
        const length = seen.number(id, "length");
        return (
          <>
            <DragPoint
              map={ball}
              at={at}
              label={said(text.point(at))}
              onDrag={(to) => {
                dragged.value = [within(to[0]), within(to[1])];
              }}
              onDrop={(to) => {
                dragged.value = null;
                move([within(to[0]), within(to[1])]);
              }}
            >
              <Canvas
                label={`${said(text.title)}: ${said(label)}`}
                height={(width) => map.height(ball, width)}
                draw={(pen) => draw(pen, ball, readings.way as Forms["curves"], length ?? 0)}
              />
            </DragPoint>
            <p class="number" data-length={length}>
              <T text={text.length(live(values.p as number), live(length))} />
            </p>
            <MarkedSlider
              name={`${id}.p`}
              label={text.p(bench.details.lanes[id].label.ja, bench.details.lanes[id].label.en)}
              value={values.p as number}
              min={0.5}
              max={8}
              marks={[
                { at: 1, label: text.taxi },
                { at: 2, label: text.crow },
              ]}
              onChange={(p) => bench.set("p", Math.min(Math.max(p, 0.5), 8), id)}
            />
          </>
        );
      }}
    />
  );
}

function draw(pen: Pen, ball: Forms["map"], [sides, straight]: Forms["curves"], length: number): void {
  const { context, colors } = pen;
  const box = mapBox(ball, pen);
  const x = scaleLinear(ball.x, [box.x, box.x + box.width]);
  const y = scaleLinear(ball.y, [box.y + box.height, box.y]);
  context.lineWidth = 1;
  for (const tick of x.ticks(10)) {
    context.strokeStyle = tick === 0 ? colors.muted : colors.grid;
    context.beginPath();
    context.moveTo(x(tick), box.y);
    context.lineTo(x(tick), box.y + box.height);
    context.moveTo(box.x, y(tick));
    context.lineTo(box.x + box.width, y(tick));
    context.stroke();
  }
  context.strokeStyle = context.fillStyle = colors.probability;
  // Inside is what is at most so far: the contour of what lies below.
  const near = Array.from(ball.values, (v) => -v);
  const levels = [1, length].filter((level) => level > 0);
  for (const level of levels) {
    for (const { coordinates } of contours().size([ball.cols, ball.rows]).thresholds([-level])(near)) {
      context.beginPath();
      for (const ring of coordinates.flat()) {
        ring.forEach(([cx, cy], i) => {
          const place = [box.x + (cx / ball.cols) * box.width, box.y + (cy / ball.rows) * box.height] as const;
          if (i === 0) context.moveTo(...place);
          else context.lineTo(...place);
        });
        context.closePath();
      }
      context.lineWidth = level === length ? 2 : 1;
      context.globalAlpha = 0.12;
      context.fill();
      context.globalAlpha = 1;
      context.stroke();
    }
  }
  context.strokeStyle = colors.ink;
  context.lineWidth = 2.5;
  for (const [line, dash] of [
    [sides, []],
    [straight, [7, 5]],
  ] as const) {
    context.setLineDash([...dash]);
    context.beginPath();
    for (let i = 0; i < line.x.length; i++) context.lineTo(x(line.x[i]), y(line.y[i]));
    context.stroke();
  }
  context.setLineDash([]);
  mapEnds(pen, ball, box);
}
