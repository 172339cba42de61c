/** Two weights: loss, penalty and their sum as landscapes, and the region that the penalty leaves, with a valley to drag. */
import { useSignal } from "@preact/signals";
import { contours } from "d3-contour";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { type Box, map, mapBox } from "../figures/field.ts";
import { extent, rgb } from "../figures/scale.ts";
import { Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { DragPoint, type Place } from "./drag-point.tsx";
import { LandscapeView } from "./landscape.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";

/** Probes whose figures these take the place of. */
export const penaltyShapesCover: readonly string[] = ["sum", "penalty", "loss"];

const weightAxes = [say("w₁", "w₁"), say("w₂", "w₂")] as const;
const surfaces = ["sum", "loss", "penalty"] as const;
type Surface = (typeof surfaces)[number];

const text = {
  what: say(
    "2 つの重みの平面の上に、損失と罰則を高さとして描いた立体図です。ドラッグかスライダーで向きを変えられます。",
    "Loss and penalty as heights over the plane of the two weights. Drag it, or use the sliders, to look from elsewhere.",
  ),
  landscape: say(
    "立体で見る：床の線は等高線、太い線は重みが歩いた道です",
    "As landscapes: contours on the floor, and the way of the weights",
  ),
  which: say("見るもの", "shown"),
  map: say(
    "損失の谷底（輪）をドラッグすると、最適な重みを探し直します",
    "Drag the bottom of the loss, the ring: the optimum is looked for anew",
  ),
  legend: say(
    "緑の領域：いまの重み（●）と同じ罰則までで届く範囲。線：損失の等高線。最適な重みは、領域の縁が等高線に触れるところで止まります。",
    "Green: what costs no more penalty than the weights (●). Lines: contours of the loss. The optimum is where the region's edge touches one of them.",
  ),
  centre: ([x, y]: Place) =>
    say(`損失の谷底 (${x}, ${y})。矢印キーで動かせます。`, `Bottom of the loss, (${x}, ${y}). Arrow keys move it.`),
  names: { sum: say("損失 + 罰則", "loss + penalty"), loss: say("損失", "loss"), penalty: say("罰則", "penalty") },
} as const;

export function PenaltyShapes({ bench }: { bench: Bench }): JSX.Element | null {
  const chosen = useSignal<Surface>("sum");
  const dragged = useSignal<Place | null>(null);
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.sum);
  if (lanes.length === 0) return null;
  const [{ centre1, centre2 }] = bench.settings.values();
  const at = dragged.value ?? [centre1 as number, centre2 as number];
  const seen = new Seen(bench);
  const readings = (name: Surface): Forms["map"][] => lanes.map((lane) => lane.readings[name] as Forms["map"]);
  const [low, high] = extent(
    readings(chosen.value).map(({ values }) => values),
    "signed",
  );
  return (
    <section>
      <LaneFigure
        bench={bench}
        probe="sum"
        label={text.landscape}
        how={text.what}
        lanes={lanes}
        part={(lane, label) => (
          <LandscapeView
            label={`${said(text.names[chosen.value])}: ${said(label)}`}
            heights={lane.readings[chosen.value] as Forms["map"]}
            range={[low, Math.min(high, chosen.value === "penalty" ? 4 : 12)]}
            way={chosen.value === "penalty" ? undefined : (lane.readings.sum as Forms["map"]).paths?.[0]}
            tone={chosen.value === "penalty" ? "negative" : "positive"}
          />
        )}
      />
      <fieldset class="choice" aria-label={said(text.which)}>
        {surfaces.map((name) => (
          <button
            key={name}
            type="button"
            data-surface={name}
            aria-pressed={chosen.value === name}
            onClick={() => {
              chosen.value = name;
            }}
          >
            <T text={text.names[name]} />
          </button>
        ))}
      </fieldset>
      <LaneFigure
        bench={bench}
        probe="loss"
        label={text.map}
        legend={text.legend}
        lanes={lanes}
        twin={(lane) => map.twin(lane.readings.sum as Forms["map"])}
        part={({ id, readings: now }, label) => {
          const { loss, penalty, sum } = now as Readonly<Record<Surface, Forms["map"]>>;
          return (
            <DragPoint
              map={loss}
              at={at}
              label={said(text.centre(at))}
              onDrag={(to) => {
                dragged.value = to;
              }}
              onDrop={([x, y]) => {
                dragged.value = null;
                if (x !== centre1 || y !== centre2) bench.begin({ centre1: x, centre2: y });
              }}
            >
              <Canvas
                label={`${said(text.map)}: ${said(label)}`}
                height={(width) => map.height(loss, width)}
                draw={(pen) => drawRegion(pen, { loss, penalty, sum, budget: seen.number(id, "budget") ?? 0 })}
              />
            </DragPoint>
          );
        }}
      />
    </section>
  );
}

interface Region {
  readonly loss: Forms["map"];
  readonly penalty: Forms["map"];
  readonly sum: Forms["map"];
  readonly budget: number;
}

function drawRegion(pen: Pen, { loss, penalty, sum, budget }: Region): void {
  const { context, colors } = pen;
  const paper = rgb(colors.paper);
  const box = mapBox(loss, pen);
  const frame = { probe: { form: "map", kind: "signed", label: text.map, axes: weightAxes }, say: said } as const;
  map.draw(pen, { ...loss, paths: [] }, { ...frame, range: [0, 12], color: () => paper });
  // What is at most so high is what is at least so deep.
  const deep = Array.from(penalty.values, (v) => -v);
  context.fillStyle = context.strokeStyle = colors.probability;
  context.lineWidth = 1.5;
  for (const { coordinates } of contours()
    .size([penalty.cols, penalty.rows])
    .thresholds([-Math.max(budget, 1e-6)])(deep)) {
    outline(pen, coordinates.flat(), penalty, box);
    context.globalAlpha = 0.22;
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
  }
  context.strokeStyle = colors.muted;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(box.x, box.y + box.height / 2);
  context.lineTo(box.x + box.width, box.y + box.height / 2);
  context.moveTo(box.x + box.width / 2, box.y);
  context.lineTo(box.x + box.width / 2, box.y + box.height);
  context.stroke();
  const way = sum.paths?.[0];
  if (!way) return;
  const x = (v: number): number => box.x + (box.width * (v - sum.x[0])) / (sum.x[1] - sum.x[0]);
  const y = (v: number): number => box.y + (box.height * (sum.y[1] - v)) / (sum.y[1] - sum.y[0]);
  context.strokeStyle = context.fillStyle = colors.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let k = 0; k < way.x.length; k++) context.lineTo(x(way.x[k]), y(way.y[k]));
  context.stroke();
  const last = way.x.length - 1;
  context.beginPath();
  context.arc(x(way.x[last]), y(way.y[last]), 5, 0, 2 * Math.PI);
  context.fill();
}

function outline({ context }: Pen, rings: readonly number[][][], { rows, cols }: Forms["map"], box: Box): void {
  context.beginPath();
  for (const ring of rings) {
    ring.forEach(([cx, cy], i) => {
      const at = [box.x + (cx / cols) * box.width, box.y + (cy / rows) * box.height] as const;
      if (i === 0) context.moveTo(...at);
      else context.lineTo(...at);
    });
    context.closePath();
  }
}
