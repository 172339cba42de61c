/** A walker on the surface of a loss: where it starts is dragged, its rate is set beside the highest that is stable. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas } from "../figures/canvas.tsx";
import { map } from "../figures/field.ts";
import { extent, mix, rgb } from "../figures/scale.ts";
import { Seen } from "../lessons/lesson.ts";
import { said } from "../text/language.tsx";
import { DragPoint, type Place } from "./drag-point.tsx";
import { LandscapeView } from "./landscape.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";
import { MarkedSlider } from "./marked-slider.tsx";

const text = {
  whatLandscape: say(
    "上の地図と同じ損失を高さとして描いた立体図です。太い線が歩みで、床の線は等高線です。",
    "The same loss as on the map above, as heights. The bold line is its way, on the floor are contours.",
  ),
  map: say("出発点（輪）をドラッグすると、そこから歩き直します", "Drag the start, the ring: it walks from there"),
  legend: say(
    "細い線は等高線、濃い線は歩み。上限 2/λ の下では谷底へ向かい、上では振動が広がります。",
    "Thin lines are contours, the bold one its way. Below 2/λ it comes to the bottom; above, it swings out further each time.",
  ),
  landscape: say("同じ地形を立体で", "The same surface as a landscape"),
  start: ([x, y]: Place) =>
    say(`出発点 (${x}, ${y})。矢印キーで動かせます。`, `The start, (${x}, ${y}). Arrow keys move it.`),
  rate: (lane: string, en: string) => say(`「${lane}」の学習率`, `Rate of “${en}”`),
  limit: say("上限 2/λ", "limit 2/λ"),
} as const;

export function Walker({ bench }: { bench: Bench }): JSX.Element | null {
  const dragged = useSignal<Place | null>(null);
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.valley);
  if (lanes.length === 0) return null;
  const [first] = bench.settings.values();
  const at = dragged.value ?? [first.x as number, first.y as number];
  const seen = new Seen(bench);
  return (
    <section>
      <LaneFigure
        bench={bench}
        probe="valley"
        label={text.map}
        legend={text.legend}
        lanes={lanes}
        twin={(lane) => map.twin(lane.readings.valley as Forms["map"])}
        part={(lane, label) => {
          const valley = lane.readings.valley as Forms["map"];
          const range = extent([valley.values], "magnitude");
          const { probes } = bench.details;
          return (
            <DragPoint
              map={valley}
              at={at}
              label={said(text.start(at))}
              onDrag={(to) => {
                dragged.value = to;
              }}
              onDrop={([x, y]) => {
                dragged.value = null;
                if (x !== first.x || y !== first.y) bench.begin({ x, y });
              }}
            >
              <Canvas
                label={`${said(probes.valley.label)}: ${said(label)}`}
                height={(width) => map.height(valley, width)}
                draw={(pen) => {
                  const [paper, ink] = [rgb(pen.colors.paper), rgb(pen.colors.ink)];
                  const steep = (height: number) =>
                    mix(paper, ink, 0.22 * Math.min(Math.sqrt(Math.max(height, 0) / range[1]), 1));
                  map.draw(pen, valley, { probe: probes.valley, range, say: said, color: steep });
                }}
              />
            </DragPoint>
          );
        }}
      >
        {lanes.map(({ id, values }) => {
          const { label } = bench.details.lanes[id];
          const limit = seen.number(id, "limit");
          return (
            <MarkedSlider
              key={id}
              name={`${id}.lr`}
              label={text.rate(label.ja, label.en)}
              value={values.lr as number}
              min={0.003}
              max={3}
              marks={limit === null ? [] : [{ at: limit, label: text.limit }]}
              onChange={(lr) => bench.set("lr", lr, id)}
            />
          );
        })}
      </LaneFigure>
      <LaneFigure
        bench={bench}
        probe="valley"
        label={text.landscape}
        how={text.whatLandscape}
        lanes={lanes}
        part={(lane, label) => {
          const valley = lane.readings.valley as Forms["map"];
          return (
            <LandscapeView
              label={`${said(text.landscape)}: ${said(label)}`}
              heights={valley}
              range={[0, extent([valley.values], "magnitude")[1]]}
              way={valley.paths?.[0]}
            />
          );
        }}
      />
    </section>
  );
}
