/** The plane as a network of ReLUs folds it: each piece on which no hinge lies, with the creases between them. */
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { map, mapBox, mapEnds, paintCells } from "../figures/field.ts";
import { Table } from "../figures/figure.tsx";
import { mix, rgb } from "../figures/scale.ts";
import { live, Seen } from "../lessons/lesson.ts";
import { said } from "../text/language.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";

const text = {
  what: say(
    "平面を、オンになるユニットの組み合わせが同じ領域に分けた図です。濃さは隣の領域と区別するためだけのものです。",
    "The plane, cut where another set of units is on. Shades only tell neighbours apart.",
  ),
  title: say(
    "折り紙：線は、ユニットの総入力が 0 になる折り目。ReLU なら、1 つの面の中は平らです",
    "Origami: a line is a crease, where a unit's input is 0. With ReLU each piece is flat",
  ),
  lane: say("レーン", "lane"),
  pieces: say("面の数", "pieces"),
  asleep: say("眠ったユニット", "units asleep"),
} as const;

export function Folds({ bench }: { bench: Bench }): JSX.Element | null {
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.regions);
  if (lanes.length === 0) return null;
  const seen = new Seen(bench);
  return (
    <LaneFigure
      bench={bench}
      probe="regions"
      label={text.title}
      how={text.what}
      lanes={lanes}
      part={({ readings }, label) => {
        const regions = readings.regions as Forms["map"];
        return (
          <Canvas
            label={`${said(text.title)}: ${said(label)}`}
            height={(width) => map.height(regions, width)}
            draw={(pen) => draw(pen, regions)}
          />
        );
      }}
    >
      <Table
        head={[text.lane, text.pieces, text.asleep]}
        rows={lanes.map(({ id }) => [
          bench.details.lanes[id].label,
          live(seen.number(id, "pieces")),
          live(seen.number(id, "asleep")),
        ])}
      />
    </LaneFigure>
  );
}

/** Pieces in tints that tell neighbours apart and mean nothing else; creases in ink. */
function draw(pen: Pen, regions: Forms["map"]): void {
  const { context, colors } = pen;
  const { rows, cols, values } = regions;
  const box = mapBox(regions, pen);
  const [paper, ink] = [rgb(colors.paper), rgb(colors.ink)];
  paintCells(pen, values, rows, cols, box, (piece) => mix(paper, ink, 0.03 + 0.05 * ((piece * 7) % 6)));
  const cell = box.width / cols;
  context.strokeStyle = colors.ink;
  context.lineWidth = 1;
  context.globalAlpha = 0.7;
  context.beginPath();
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const piece = values[i * cols + j];
      const [x, y] = [box.x + j * cell, box.y + i * cell];
      if (j > 0 && values[i * cols + j - 1] !== piece) {
        context.moveTo(x, y);
        context.lineTo(x, y + cell);
      }
      if (i > 0 && values[(i - 1) * cols + j] !== piece) {
        context.moveTo(x, y);
        context.lineTo(x + cell, y);
      }
    }
  }
  context.stroke();
  context.globalAlpha = 1;
  mapEnds(pen, regions, box, ["x₁", "x₂"]);
}
