/** The sub-networks of dropout: their curves as a fan, one of them picked out, and which units it has. */
import { type Signal, useSignal } from "@preact/signals";
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { type Label, say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import type { LaneFrame } from "../engine/protocol.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { write } from "../figures/form.ts";
import { curves, levels, nameAxes } from "../figures/lines.ts";
import { extent } from "../figures/scale.ts";
import { said, T } from "../text/language.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";
import "./shared.css";

/** Probes whose figures these take the place of. */
export const subNetworksCover: readonly string[] = ["curve", "fan", "masks"];

const text = {
  fan: say(
    "部分ネットワークの扇：1 つを選んで、そのユニットと曲線を見る",
    "The fan of sub-networks: pick one, and see its units",
  ),
  legend: say(
    "細い線：部分ネットワーク　青の破線：選んだ 1 つ　太い線：平均　点線：全ユニットでの推論　灰色の破線：真の曲線　●：学習データ",
    "thin: sub-networks; blue, dashed: the one that is picked; bold: their mean; dotted: inference with all units; grey, dashed: the truth; ●: points",
  ),
  pick: (n: number) => say(`部分ネットワーク ${n}`, `sub-network ${n}`),
  units: (kept: number, all: number) => say(`${all} ユニットのうち ${kept} が残る`, `has ${kept} of ${all} units`),
  layer: (n: number) => say(`第 ${n} 層`, `layer ${n}`),
  whole: say("ドロップアウトなし：部分ネットワークはどれも全体と同じ", "No dropout: each is the whole network"),
} as const;

export function SubNetworks({ bench }: { bench: Bench }): JSX.Element | null {
  const picked = useSignal(0);
  const all = useLastShown(bench)?.lanes ?? [];
  const lanes = all.filter(({ readings }) => readings.fan && readings.curve);
  // Where what is learnt is no curve, there are units to be seen only.
  if (lanes.length === 0) return <UnitsAlone bench={bench} lanes={all} picked={picked} />;
  const fanOf = (lane: (typeof lanes)[number]): readonly Line[] => lane.readings.fan as Forms["curves"];
  const count = Math.min(...lanes.map((lane) => fanOf(lane).length - 1));
  const at = Math.min(picked.value, count - 1);
  const range = extent(
    lanes.flatMap((lane) => [...(lane.readings.curve as Forms["curves"]), ...fanOf(lane)].map(({ y }) => y)),
    "signed",
  );
  return (
    <LaneFigure
      bench={bench}
      probe="fan"
      label={text.fan}
      legend={text.legend}
      lanes={lanes}
      twin={(lane) => curves.twin([...(lane.readings.curve as Forms["curves"]), fanOf(lane)[at], fanOf(lane)[count]])}
      part={(lane, label) => (
        <>
          <Canvas
            label={`${said(text.fan)}: ${said(label)}`}
            height={(width) => Math.min(Math.max(width * 0.7, 180), 280)}
            draw={(pen) => drawFan(pen, { fan: fanOf(lane), curve: lane.readings.curve as Forms["curves"], at, range })}
          />
          <Units
            masks={lane.readings.masks as Forms["matrix"] | undefined}
            layers={Number(lane.values.depth)}
            at={at}
            label={label}
          />
        </>
      )}
    >
      <Pick count={count} picked={picked} />
    </LaneFigure>
  );
}

/** Which of so many sub-networks is looked at. */
function Pick({ count, picked }: { count: number; picked: Signal<number> }): JSX.Element {
  const at = Math.min(picked.value, count - 1);
  return (
    <label class="picked">
      <T text={text.pick(at + 1)} />
      <input
        type="range"
        data-pick="sub-network"
        aria-label={said(text.pick(at + 1))}
        min={0}
        max={count - 1}
        value={at}
        onInput={(event) => {
          picked.value = event.currentTarget.valueAsNumber;
        }}
      />
    </label>
  );
}

interface UnitsAloneProps {
  readonly bench: Bench;
  readonly lanes: readonly LaneFrame[];
  readonly picked: Signal<number>;
}
function UnitsAlone({ bench, lanes, picked }: UnitsAloneProps): JSX.Element | null {
  const masked = lanes.filter(({ readings }) => readings.masks);
  if (masked.length === 0) return null;
  const masksOf = (lane: LaneFrame): Forms["matrix"] => lane.readings.masks as Forms["matrix"];
  const count = Math.min(...masked.map((lane) => masksOf(lane).rows));
  const at = Math.min(picked.value, count - 1);
  return (
    <LaneFigure
      bench={bench}
      probe="masks"
      lanes={masked}
      part={(lane, label) => <Units masks={masksOf(lane)} layers={lane.values.depth as number} at={at} label={label} />}
    >
      <Pick count={count} picked={picked} />
    </LaneFigure>
  );
}

interface FanPicture {
  readonly fan: readonly Line[];
  readonly curve: readonly Line[];
  readonly at: number;
  readonly range: readonly [number, number];
}

function drawFan(pen: Pen, { fan, curve: [points, truth, whole], at, range }: FanPicture): void {
  const { context, width, height, colors } = pen;
  const [low, high] = [Math.min(range[0], -1.5), Math.max(range[1], 1.5)];
  const x = scaleLinear([-1, 1], [34, width - 6]);
  const y = scaleLinear([low, high], [height - 20, 6]);
  levels(pen, y, { left: 34, right: 6 });
  write(pen, "−1", 34, height - 8, { color: colors.muted });
  write(pen, "1", width - 6, height - 8, { color: colors.muted, align: "right" });
  context.save();
  context.beginPath();
  context.rect(34, 0, width - 40, height - 20);
  context.clip();
  const stroke = (line: Line, color: string, thick: number, dash: readonly number[] = []): void => {
    context.strokeStyle = color;
    context.lineWidth = thick;
    context.setLineDash([...dash]);
    context.beginPath();
    for (let i = 0; i < line.x.length; i++) context.lineTo(x(line.x[i]), y(line.y[i]));
    context.stroke();
    context.setLineDash([]);
  };
  const mean = fan.length - 1;
  context.globalAlpha = 0.3;
  for (const line of fan.slice(0, mean)) stroke(line, colors.muted, 1);
  context.globalAlpha = 1;
  stroke(truth, colors.muted, 1.5, [6, 4]);
  stroke(fan[mean], colors.ink, 2.5);
  stroke(whole, colors.ink, 2, [2, 4]);
  stroke(fan[at], colors.positive, 2, [9, 4]);
  context.fillStyle = colors.ink;
  for (let i = 0; i < points.x.length; i++) {
    context.beginPath();
    context.arc(x(points.x[i]), y(points.y[i]), 3, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
  nameAxes(pen, ["x", "y"], { left: 34, right: 6, top: 6, foot: 20 });
}

interface UnitsProps {
  readonly masks: Forms["matrix"] | undefined;
  readonly layers: number;
  readonly at: number;
  readonly label: Label;
}
/** The units of the sub-network that is picked, layer by layer: those that are left solid, those removed hollow. */
function Units({ masks, layers, at, label }: UnitsProps): JSX.Element {
  if (!masks) {
    return (
      <p class="help">
        <T text={text.whole} block />
      </p>
    );
  }
  const units = Array.from({ length: masks.cols }, (_, i) => masks.values[at * masks.cols + i]);
  const told = text.units(units.filter((v) => v > 0).length, units.length);
  return (
    <>
      <Canvas
        label={`${said(label)}, ${said(text.pick(at + 1))}: ${said(told)}`}
        height={(width) => layers * (18 + rowsOf(units.length / layers, width) * pitch)}
        draw={(pen) => drawUnits(pen, units, layers)}
      />
      <p class="help" data-kept={units.filter((v) => v > 0).length}>
        <T text={told} block />
      </p>
    </>
  );
}

const pitch = 14;
const rowsOf = (count: number, width: number): number => Math.ceil(count / Math.max(Math.floor(width / pitch), 1));

function drawUnits(pen: Pen, units: readonly number[], layers: number): void {
  const { context, width, colors } = pen;
  const size = units.length / layers;
  const cols = Math.max(Math.floor(width / pitch), 1);
  const block = 18 + rowsOf(size, width) * pitch;
  units.forEach((isLeft, i) => {
    const [layer, k] = [Math.floor(i / size), i % size];
    const place = [pitch * ((k % cols) + 0.5), block * layer + 18 + pitch * (Math.floor(k / cols) + 0.5)] as const;
    context.beginPath();
    context.arc(...place, 4.5, 0, 2 * Math.PI);
    context.fillStyle = colors.ink;
    context.strokeStyle = colors.muted;
    context.lineWidth = 1;
    if (isLeft > 0) context.fill();
    else context.stroke();
  });
  for (let layer = 0; layer < layers; layer++) {
    write(pen, said(text.layer(layer + 1)), 0, block * layer + 9, { color: colors.muted });
  }
}
