/** A map of where every start ends, with the start on it: what lies under it says where it leads. */
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { map, mapAt, mapBox, mapEnds, paintCells } from "../figures/field.ts";
import { write } from "../figures/form.ts";
import { mix, type Rgb, rgb } from "../figures/scale.ts";
import { said, T } from "../text/language.tsx";
import { DragPoint } from "./drag-point.tsx";

const text = {
  map: say("どこから出発するとどこに着くかの地図", "A map of where each start ends"),
  global: say("大域", "global"),
  local: say("局所", "local"),
  leads: [
    say(
      "地図でいちばん近い出発点からは、まだどこにも着いていません",
      "The nearest start of the map has not led to a valley yet",
    ),
    say(
      "地図でいちばん近い出発点からは、大域的最適解に着きました",
      "The nearest start of the map led to the global optimum",
    ),
    say(
      "地図でいちばん近い出発点からは、局所的最適解に着きました",
      "The nearest start of the map led to a local optimum",
    ),
  ],
  ends: (global: string, local: string, neither: string) =>
    say(`大域 ${global}、局所 ${local}、途中 ${neither}`, `global ${global}, local ${local}, neither ${neither}`),
} as const;

interface BasinMapProps extends Omit<Parameters<typeof DragPoint>[0], "map" | "children"> {
  readonly basin: Forms["map"];
  readonly ends: Forms["bars"];
}

export function BasinMap({ basin, ends, ...drag }: BasinMapProps): JSX.Element {
  // 0 for no valley, 1 for the lowest, 2 and more for others.
  const valley = mapAt(basin, drag.at);
  const [global, local, neither] = Array.from(ends.values, (part) => `${(100 * part).toFixed(1)} %`);
  return (
    <>
      <DragPoint map={basin} {...drag}>
        <Canvas label={said(text.map)} height={(width) => map.height(basin, width)} draw={(pen) => draw(pen, basin)} />
      </DragPoint>
      <p class="help">
        <T text={text.leads[Math.min(valley, 2)]} block />
        <br />
        <span class="number">
          <T text={text.ends(global, local, neither)} />
        </span>
      </p>
    </>
  );
}

/** Starts that lead to the lowest valley in 藍, to others in greys, to none as paper; valleys with their names. */
function draw(pen: Pen, basin: Forms["map"]): void {
  const { context, colors } = pen;
  const { rows, cols, values, points = [] } = basin;
  const box = mapBox(basin, pen);
  const [paper, ink, global] = [rgb(colors.paper), rgb(colors.ink), rgb(colors.positive)];
  const color = (valley: number): Rgb =>
    valley === 0
      ? paper
      : valley === 1
        ? mix(paper, global, 0.75)
        : mix(paper, ink, Math.min(0.08 + 0.12 * valley, 0.6));
  paintCells(pen, values, rows, cols, box, color);
  context.strokeStyle = colors.muted;
  context.lineWidth = 1;
  context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
  const x = scaleLinear(basin.x, [box.x, box.x + box.width]);
  const y = scaleLinear(basin.y, [box.y + box.height, box.y]);
  for (const point of points) {
    const name = said(point.label === 0 ? text.global : text.local);
    const half = context.measureText(name).width / 2 + 4;
    context.fillStyle = colors.paper;
    context.fillRect(x(point.x) - half, y(point.y) - 9, 2 * half, 18);
    write(pen, name, x(point.x), y(point.y), { color: colors.ink, align: "center" });
  }
  mapEnds(pen, basin, box);
}
