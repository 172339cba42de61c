/** Two weights as a place in the plane: the way that they went, and the truth that moves away or stays. */
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { write } from "../figures/form.ts";
import { curves, nameAxes } from "../figures/lines.ts";
import { extent } from "../figures/scale.ts";
import { live, Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";
import { MarkedSlider } from "./marked-slider.tsx";

const text = {
  title: say("重みの平面：動く正解（◎）を追う", "The plane of weights: following a truth (◎) that moves"),
  legend: say(
    "● いまの重み　細い線：重みが歩いた道　破線：正解が動いた道　赤い線：いまのずれ",
    "● the weights now; thin: the way they went; dashed: the way of the truth; red: how far off they are",
  ),
  away: (distance: string) => say(`正解とのずれ ${distance}`, `${distance} from the truth`),
  drift: say("正解が動く速さ（1000 件あたり）", "drift of the truth per 1,000 examples"),
} as const;

export function WeightPlane({ bench }: { bench: Bench }): JSX.Element | null {
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.weights);
  if (lanes.length === 0) return null;
  const seen = new Seen(bench);
  const all = lanes.map(({ readings }) => readings.weights as Forms["curves"]);
  const range = ([0, 1] as const).map((axis) =>
    extent(all.flatMap((lines) => [lines[2 * axis].y, lines[2 * axis + 1].y]).concat([[0, 3.2]]), "signed"),
  );
  const [first] = bench.settings.values();
  return (
    <LaneFigure
      bench={bench}
      probe="weights"
      label={text.title}
      legend={text.legend}
      lanes={lanes}
      twin={(lane) => curves.twin(lane.readings.weights as Forms["curves"])}
      part={({ id, readings }, label) => (
        <>
          <Canvas
            label={`${said(text.title)}: ${said(label)}`}
            height={(width) => Math.min(Math.max(width * 0.9, 200), 320)}
            draw={(pen) => draw(pen, readings.weights as Forms["curves"], range)}
          />
          <p class="help number">
            <T text={text.away(live(seen.number(id, "away")))} />
          </p>
        </>
      )}
    >
      <MarkedSlider
        name="drift"
        label={text.drift}
        value={first.drift as number}
        min={0.05}
        max={5}
        marks={[]}
        isCold
        onChange={(drift) => bench.begin({ drift: drift <= 0.05 ? 0 : drift })}
      />
    </LaneFigure>
  );
}

/** How many of its last places the way is drawn bolder over. */
const tail = 100;

function draw(pen: Pen, [w0, t0, w1, t1]: readonly Line[], range: readonly (readonly [number, number])[]): void {
  const { context, width, height, colors } = pen;
  const [left, foot] = [36, 22];
  const pad = (span: readonly [number, number]): [number, number] => {
    const more = 0.06 * (span[1] - span[0]);
    return [span[0] - more, span[1] + more];
  };
  const x = scaleLinear(pad(range[0]), [left, width - 8]);
  const y = scaleLinear(pad(range[1]), [height - foot, 8]);
  context.lineWidth = 1;
  context.strokeStyle = colors.grid;
  for (const tick of y.ticks(4)) {
    context.beginPath();
    context.moveTo(left, y(tick));
    context.lineTo(width - 8, y(tick));
    context.stroke();
    write(pen, short(tick), left - 5, y(tick), { color: colors.muted, align: "right" });
  }
  for (const tick of x.ticks(4)) {
    context.beginPath();
    context.moveTo(x(tick), 8);
    context.lineTo(x(tick), height - foot);
    context.stroke();
    write(pen, short(tick), x(tick), height - 9, { color: colors.muted, align: "center" });
  }
  nameAxes(pen, ["w₁", "w₂"], { left, right: 8, top: 8, foot });
  const last = w0.x.length - 1;
  const way = (a: Line, b: Line, from: number): void => {
    context.beginPath();
    for (let i = from; i <= last; i++) context.lineTo(x(a.y[i]), y(b.y[i]));
    context.stroke();
  };
  context.save();
  context.beginPath();
  context.rect(left, 0, width - left, height - foot + 4);
  context.clip(); // what diverges leaves the plane
  context.strokeStyle = colors.muted;
  context.setLineDash([5, 4]);
  context.lineWidth = 1.5;
  way(t0, t1, 0);
  context.setLineDash([]);
  context.strokeStyle = colors.positive;
  context.globalAlpha = 0.35;
  context.lineWidth = 1;
  way(w0, w1, 0);
  context.globalAlpha = 1;
  context.lineWidth = 1.8;
  way(w0, w1, Math.max(last - tail, 0));
  const here = [x(w0.y[last]), y(w1.y[last])] as const;
  const there = [x(t0.y[last]), y(t1.y[last])] as const;
  context.strokeStyle = colors.negative;
  context.lineWidth = 1.5;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(...here);
  context.lineTo(...there);
  context.stroke();
  context.setLineDash([]);
  context.strokeStyle = context.fillStyle = colors.ink;
  for (const radius of [3, 7]) {
    context.beginPath();
    context.arc(...there, radius, 0, 2 * Math.PI);
    context.stroke();
  }
  context.fillStyle = colors.positive;
  context.beginPath();
  context.arc(...here, 5, 0, 2 * Math.PI);
  context.fill();
  context.restore();
}
