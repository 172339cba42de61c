/** Gradients of minibatches as a cloud around that of all examples; and losses by steps beside losses by seconds. */
import { useSignal } from "@preact/signals";
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { bars, short } from "../figures/bars.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { axisNames } from "../figures/field.ts";
import { FigureHead, TextTwin } from "../figures/figure.tsx";
import { write } from "../figures/form.ts";
import { curves, plot } from "../figures/lines.ts";
import { extent } from "../figures/scale.ts";
import { Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { Captioned } from "./captioned.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";

/** Probes whose figures it takes the place of. */
export const noiseCloudCovers: readonly string[] = ["cloud", "bySeconds", "loss", "speed"];

const text = {
  whatRace: say(
    "同じ損失を、左はステップ、右は実際にかかった秒に対して描きます。大きなバッチは 1 歩が遅い代わりに、むだな動きが減ります。",
    "The same losses twice: over steps on the left, over seconds on the right. A step of a large batch takes longer, and wavers less.",
  ),
  whatSpeed: say(
    "この実行で、1 秒あたり何枚の画像から学んだかです。速さはマシンと、そのときの混み具合で変わります。",
    "From how many digits a second this run learnt. Speed depends on the machine, and on what else it does.",
  ),
  cloud: say(
    "ミニバッチの勾配のばらつき：枚数を選んで、雲の大きさを比べる",
    "How gradients of minibatches scatter: choose a size, and compare the clouds",
  ),
  legend: say(
    "矢印：全データの勾配　点：ミニバッチの勾配　楕円：その散らばり（標準偏差の 2 倍）。枚数が 16 倍になると、差し渡しはおよそ 4 分の 1。",
    "Arrow: gradient of all; dots: of minibatches; ellipse: twice their deviation. With 16 times as many it is about a quarter as wide.",
  ),
  size: say("枚数", "size"),
  race: say("同じ損失を、ステップと秒で見る", "The same losses, by steps and by seconds"),
  seconds: say("秒", "seconds"),
  speed: say("1 秒あたりの枚数（このマシンで実測）", "digits per second, as measured here"),
} as const;

export function NoiseCloud({ bench }: { bench: Bench }): JSX.Element | null {
  bench.frames.value; // curves grow in place
  const chosen = useSignal(0);
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.cloud);
  if (lanes.length === 0) return null;
  const { probes, lanes: named } = bench.details;
  const seen = new Seen(bench);
  const cloud = (lane: (typeof lanes)[number]): Forms["curves"] => lane.readings.cloud as Forms["curves"];
  const sizes = cloud(lanes[0]).filter(({ dots }) => dots);
  const most = Math.max(...lanes.flatMap((lane) => cloud(lane).flatMap(({ x, y }) => [spread(x, 1), spread(y, 0)])));
  const bySteps = lanes.flatMap(({ id }): Line[] => {
    const curve = bench.curves[id]?.loss;
    return curve ? [{ name: named[id].label, x: curve.steps, y: curve.values }] : [];
  });
  const bySeconds = lanes.flatMap(({ id, readings }): Line[] => {
    const [line] = (readings.bySeconds as Forms["curves"] | undefined) ?? [];
    return line && line.x.length > 0 ? [{ ...line, name: named[id].label }] : [];
  });
  const speeds = lanes.flatMap(({ id }) => {
    const speed = seen.number(id, "speed");
    return speed === null ? [] : [{ name: named[id].label, speed }];
  });
  const bar = { names: speeds.map(({ name }) => name), values: speeds.map(({ speed }) => speed) };
  return (
    <section>
      <LaneFigure
        bench={bench}
        probe="cloud"
        label={text.cloud}
        legend={text.legend}
        lanes={lanes}
        twin={(lane) => curves.twin(cloud(lane).filter(({ dots }) => dots))}
        part={(lane, label) => (
          <Canvas
            label={`${said(text.cloud)}: ${said(label)}, ${said(sizes[chosen.value].name)}`}
            height={(width) => Math.min(width, 300)}
            draw={(pen) => drawCloud(pen, cloud(lane), chosen.value, most, axisNames(probes.cloud, said))}
          />
        )}
      >
        <fieldset class="choice" aria-label={said(text.size)}>
          {sizes.map(({ name }, i) => (
            <button
              key={said(name)}
              type="button"
              data-size={i}
              aria-pressed={chosen.value === i}
              onClick={() => {
                chosen.value = i;
              }}
            >
              <T text={name} />
            </button>
          ))}
        </fieldset>
      </LaneFigure>
      {bySteps.length > 0 && (
        <figure class="figure" data-probe="bySeconds">
          <FigureHead probe={{ ...probes.bySeconds, label: text.race }} how={text.whatRace} />
          <div class="lanes" style={{ "--lanes": 2 }}>
            {[
              { lines: bySteps, xLabel: words.step },
              { lines: bySeconds, xLabel: text.seconds },
            ].map(({ lines, xLabel }) => (
              <Canvas
                key={said(xLabel)}
                label={`${said(text.race)}: ${said(xLabel)}`}
                height={200}
                draw={(pen) => {
                  bench.frames.value;
                  plot(pen, { lines, kind: "magnitude", xLabel: said(xLabel), yLabel: "" }, said);
                }}
              />
            ))}
          </div>
          <TextTwin
            twins={[
              [words.step, () => curves.twin(bySteps)],
              [text.seconds, () => curves.twin(bySeconds)],
            ]}
          />
        </figure>
      )}
      {speeds.length > 0 && (
        <Captioned what={text.whatSpeed} data-probe="speed" caption={text.speed}>
          <Canvas
            label={said(text.speed)}
            height={(width) => bars.height(bar, width, said)}
            draw={(pen) =>
              bars.draw(pen, bar, {
                probe: { ...probes.speed, kind: "count" },
                range: extent([bar.values], "count"),
                say: said,
              })
            }
          />
        </Captioned>
      )}
    </section>
  );
}

/** How far numbers are from a middle at most. */
const spread = (values: ArrayLike<number>, middle: number): number =>
  Math.max(...Array.from(values, (v) => Math.abs(v - middle)), 0.5);

function drawCloud(
  pen: Pen,
  lines: Forms["curves"],
  chosen: number,
  most: number,
  [along, across]: readonly [string, string],
): void {
  const { context, width, height, colors } = pen;
  const half = Math.min(width, height) / 2 - 8;
  const scale = scaleLinear([-most, most], [-half, half]);
  const [cx, cy] = [width / 2, height / 2];
  const at = (x: number, y: number): [number, number] => [cx + scale(x - 1), cy - scale(y)];
  context.strokeStyle = colors.grid;
  context.lineWidth = 1;
  for (const tick of scale.ticks(5)) {
    context.beginPath();
    context.moveTo(cx + scale(tick), cy - half);
    context.lineTo(cx + scale(tick), cy + half);
    context.moveTo(cx - half, cy - scale(tick));
    context.lineTo(cx + half, cy - scale(tick));
    context.stroke();
  }
  lines.forEach((line, i) => {
    const isChosen = Math.floor(i / 2) === chosen;
    context.globalAlpha = isChosen ? 1 : 0.35;
    context.fillStyle = context.strokeStyle = isChosen ? colors.gradient : colors.muted;
    context.lineWidth = isChosen ? 2.2 : 1;
    if (line.dots) {
      if (!isChosen) return;
      for (let k = 0; k < line.x.length; k++) {
        context.beginPath();
        context.arc(...at(line.x[k], line.y[k]), 3, 0, 2 * Math.PI);
        context.fill();
      }
      return;
    }
    context.beginPath();
    for (let k = 0; k < line.x.length; k++) context.lineTo(...at(line.x[k], line.y[k]));
    context.stroke();
  });
  context.globalAlpha = 1;
  // The gradient of all examples, from 0 to 1.
  context.strokeStyle = colors.ink;
  context.lineWidth = 2.5;
  const [from, to] = [at(0, 0), at(1, 0)];
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.lineTo(to[0] - 8, to[1] - 5);
  context.moveTo(...to);
  context.lineTo(to[0] - 8, to[1] + 5);
  context.stroke();
  write(pen, short(Number((1 + most).toFixed(1))), cx + half, cy + half - 6, { color: colors.muted, align: "right" });
  write(pen, short(Number((1 - most).toFixed(1))), cx - half, cy + half - 6, { color: colors.muted });
  const room = 2 * half - 80;
  write(pen, along, cx, cy + half - 6, { color: colors.muted, align: "center", room });
  context.save();
  context.translate(cx - half + 7, cy);
  context.rotate(-Math.PI / 2);
  write(pen, across, 0, 0, { color: colors.muted, align: "center", room });
  context.restore();
}
