/** Two losses and their slopes over the logit, with where each lane is now, and the start to be dragged. */
import { useSignal } from "@preact/signals";
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { type Label, say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { Canvas, isHeld, type Pen } from "../figures/canvas.tsx";
import { FigureHead, TextTwin } from "../figures/figure.tsx";
import { write } from "../figures/form.ts";
import { curves, nameAxes } from "../figures/lines.ts";
import { dashes } from "../figures/scale.ts";
import { Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { useLastShown } from "./last-shown.ts";
import { useRest } from "./rest.ts";
import "./shared.css";

const text = {
  what: say(
    "左が誤差、右がその傾きで、どちらも横軸はロジットです。青い縦線が出発点、丸が各レーンのいまの位置です。",
    "On the left the loss, on the right its slope, both over the logit. The upright line is the start, circles are where the lanes are now.",
  ),
  title: say(
    "正解が 0 のときの誤差と、その傾き（金）。縦線をドラッグして出発点を選ぶ",
    "Loss, and its slope in gold, where the truth is 0. Drag the upright line to choose the start",
  ),
  loss: say("誤差", "loss"),
  logit: say("ロジット", "logit"),
  slope: say("傾き（勾配）", "slope: the gradient"),
  key: say(
    "● いまの平均ロジット。右ほど自信満々の間違い。二乗誤差は右端で傾きがほぼ 0 になり、動けません。",
    "● the mean logit now; the further right, the surer and the more wrong. There the squared error has next to no slope, and stays.",
  ),
  start: (bias: string) => say(`最初のバイアス ${bias}`, `first bias ${bias}`),
} as const;

const pause = 250;

export function LossShapes({ bench }: { bench: Bench }): JSX.Element | null {
  const dragged = useSignal<number | null>(null);
  const rest = useRest();
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.shapes);
  if (lanes.length === 0) return null;
  const { probes, lanes: named } = bench.details;
  const seen = new Seen(bench);
  const [first] = bench.settings.values();
  const bias = dragged.value ?? (first.bias as number);
  const shown = lanes.map(({ id, readings }) => ({
    name: named[id].label as Label,
    lines: readings.shapes as Forms["curves"],
    logit: seen.number(id, "logit"),
  }));
  const finish = (): void => {
    rest.cancel();
    if (dragged.value !== null && dragged.value !== first.bias) bench.begin({ bias: dragged.value });
    dragged.value = null;
  };
  const drag = (event: PointerEvent, { x, width }: { x: number; width: number }): void => {
    if (!isHeld(event)) return;
    const along = Math.min(Math.max((x - left) / (width - left - right), 0), 1);
    dragged.value = Number((-8 + 16 * along).toFixed(1));
  };
  return (
    <figure class="figure" data-probe="shapes">
      <FigureHead probe={{ ...probes.shapes, label: text.title }} how={text.what} />
      <div class="lanes" style={{ "--lanes": 2 }} onPointerUp={finish}>
        {([0, 1] as const).map((which) => (
          <Canvas
            key={which}
            label={`${said(which === 0 ? text.loss : text.slope)}: ${said(text.title)}`}
            height={240}
            draw={(pen) => draw(pen, { which, shown, bias })}
            onPointer={drag}
          />
        ))}
      </div>
      <label class="picked">
        <T text={text.start(String(bias))} />
        <input
          type="range"
          data-slide="bias"
          min={-8}
          max={8}
          step={0.1}
          value={bias}
          onInput={(event) => {
            dragged.value = event.currentTarget.valueAsNumber;
            rest.after(pause, finish);
          }}
        />
      </label>
      <p class="help">
        <T text={text.key} block />
      </p>
      <TextTwin twins={shown.map(({ name, lines }) => [name, () => curves.twin(lines)])} />
    </figure>
  );
}

const [left, right, foot] = [34, 8, 24];
/** The height of the name of a curve, above all curves. */
const nameRow = 16;

interface Shown {
  readonly name: Label;
  readonly lines: readonly Line[];
  readonly logit: number | null;
}

function draw(pen: Pen, { which, shown, bias }: { which: 0 | 1; shown: readonly Shown[]; bias: number }): void {
  const { context, width, height, colors } = pen;
  const all = shown.flatMap(({ lines }) => Array.from(lines[which].y));
  const top = nameRow * shown.length + 10;
  const x = scaleLinear([-8, 8], [left, width - right]);
  const y = scaleLinear([0, Math.max(...all, 0.1)], [height - foot, top]);
  for (const tick of y.ticks(4)) {
    context.strokeStyle = colors.grid;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(left, Math.round(y(tick)) + 0.5);
    context.lineTo(width - right, Math.round(y(tick)) + 0.5);
    context.stroke();
    write(pen, short(tick), left - 5, y(tick), { color: colors.muted, align: "right" });
  }
  for (const tick of [-8, 0, 8]) {
    const align = tick < 0 ? "left" : tick > 0 ? "right" : "center";
    write(pen, String(tick), x(tick), height - 9, { color: colors.muted, align });
  }
  const color = which === 0 ? colors.ink : colors.gradient;
  context.strokeStyle = colors.positive;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x(bias), top);
  context.lineTo(x(bias), height - foot);
  context.stroke();
  shown.forEach(({ name, lines, logit }, i) => {
    const line = lines[which];
    context.strokeStyle = color;
    context.lineWidth = 2.2;
    context.setLineDash([...dashes[i % dashes.length]]);
    context.beginPath();
    for (let k = 0; k < line.x.length; k++) context.lineTo(x(line.x[k]), y(line.y[k]));
    context.stroke();
    const at = 9 + nameRow * i;
    context.beginPath();
    context.moveTo(left, at);
    context.lineTo(left + 18, at);
    context.stroke();
    context.setLineDash([]);
    write(pen, said(name), left + 24, at, { color: colors.ink, room: width - left - 24 });
    if (logit === null) return;
    // The place of the curve that is the nearest to where the lane is.
    let k = 0;
    for (let j = 1; j < line.x.length; j++) if (Math.abs(line.x[j] - logit) < Math.abs(line.x[k] - logit)) k = j;
    context.fillStyle = i === 0 ? colors.paper : color;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x(Math.min(Math.max(logit, -8), 8)), y(line.y[k]), 5.5, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  });
  nameAxes(pen, [said(text.logit), said(which === 0 ? text.loss : text.slope)], { left, right, top, foot });
}
