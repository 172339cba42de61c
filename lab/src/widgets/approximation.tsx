/** A target to draw, stairs to build by hand, and how what each hidden unit adds piles up to the output. */
import { scaleLinear } from "d3-scale";
import type { JSX } from "preact";
import type { Forms, Line } from "../../../src/experiments/probe.ts";
import { type Label, say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import type { LaneFrame } from "../engine/protocol.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { FigureHead, TextTwin } from "../figures/figure.tsx";
import { write } from "../figures/form.ts";
import { curves, levels, nameAxes } from "../figures/lines.ts";
import { extent } from "../figures/scale.ts";
import { said, T } from "../text/language.tsx";
import { Captioned } from "./captioned.tsx";
import { DashKey, DrawCurve, resampled } from "./draw-curve.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";

const text = {
  whatPiles: say(
    "下から順に、ユニットの寄与を 1 つずつ積み重ねた図です。太い線が全部の和、つまりネットワークの出力です。",
    "What units add, piled one on the other from below. The bold line is the sum of all: the output of the network.",
  ),
  what: say(
    "黒い実線が目標の関数、破線と点線が、手で組んだネットワークと学習したネットワークの出力です。",
    "The ink line is the target; dashed and dotted is what the network built by hand, and the one that was trained, make of it.",
  ),
  whatStairs: say(
    "段 1 つがシグモイドのユニット 1 つです。段の高さを決めると、その高さになる重みが計算され、青い破線がネットワークの出力になります。",
    "Each stair is a sigmoid unit. From the levels that are set, weights are computed; the dashed line is what the network then gives.",
  ),
  target: say(
    "目標を描く：実線をなぞって描き替えると、その曲線に近づけ直します",
    "Draw the target: draw over the ink line, and it is followed anew",
  ),
  own: say("目標", "target"),
  stairs: say(
    "手で組む：段の高さをドラッグして、目標に近づけてみてください",
    "Build by hand: drag the levels of the stairs towards the target",
  ),
  level: say("段の高さ", "levels"),
  built: say("手作りの出力", "output as built"),
  follow: say("目標に合わせる", "As the target has it"),
  piles: say(
    "ユニットの寄与を 1 つずつ積んでいくと、いちばん外の線が出力になります（青は足し、赤は引く）",
    "What each unit adds, one on the other, up to the output (blue adds, red takes away)",
  ),
} as const;

/** Points of a curve that is drawn. */
const points = 33;
const range = [-1.5, 1.5] as const;

export function Approximation({ bench }: { bench: Bench }): JSX.Element | null {
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.fit && readings.parts);
  if (lanes.length === 0) return null;
  const { probes, lanes: named } = bench.details;
  const fits = lanes.map(({ id, readings }) => ({
    label: named[id].label as Label,
    lines: readings.fit as Forms["curves"],
  }));
  const [{ lines }] = fits;
  const behind = fits.map(({ label, lines: [, output] }) => ({ ...output, name: label }));
  return (
    <>
      <figure class="figure" data-probe="fit">
        <FigureHead probe={{ ...probes.fit, label: text.target }} how={text.what} />
        <DashKey own={text.own} behind={behind} />
        <DrawCurve
          values={resampled(lines[0].y, points)}
          shape="line"
          range={range}
          label={text.target}
          behind={behind}
          onDraw={(curve) => bench.begin({ target: "drawn", curve })}
        />
        <TextTwin twins={fits.map((fit) => [fit.label, () => curves.twin(fit.lines)])} />
      </figure>
      <Stairs bench={bench} lanes={lanes} />
      <LaneFigure
        bench={bench}
        probe="parts"
        label={text.piles}
        how={text.whatPiles}
        lanes={lanes}
        twin={({ readings }) => curves.twin(readings.parts as Forms["curves"])}
        part={({ readings }, label) => (
          <Canvas
            label={`${said(text.piles)}: ${said(label)}`}
            height={(width) => Math.min(Math.max(width * 0.55, 160), 280)}
            draw={(pen) => drawPile(pen, readings.parts as Forms["curves"], (readings.fit as Forms["curves"])[1])}
          />
        )}
      />
    </>
  );
}

/** The stairs of the lane that is built by hand, if there is one. */
function Stairs({ bench, lanes }: { bench: Bench; lanes: readonly LaneFrame[] }): JSX.Element | null {
  const lane = lanes.find(({ id }) => bench.settings.get(id)?.way === "built");
  if (!lane) return null;
  const { levels, units } = bench.settings.get(lane.id) as { levels: readonly number[]; units: number };
  const [target, output] = lane.readings.fit as Forms["curves"];
  const isOwn = levels.length > 1;
  const count = units + 1;
  const middles = Array.from({ length: count }, (_, i) => Math.round(((i + 0.5) / count) * (target.y.length - 1)));
  const behind: readonly Line[] = [
    { ...output, name: text.built },
    { ...target, name: text.own },
  ];
  return (
    <Captioned what={text.whatStairs} data-widget="stairs" caption={text.stairs}>
      <DashKey own={text.level} behind={behind} />
      <DrawCurve
        values={isOwn ? levels : middles.map((i) => target.y[i])}
        shape="stairs"
        range={range}
        label={text.stairs}
        behind={behind}
        onDraw={(drawn) => bench.begin({ levels: drawn })}
      >
        <button type="button" disabled={!isOwn} onClick={() => bench.begin({ levels: [] })}>
          <T text={text.follow} />
        </button>
      </DrawCurve>
    </Captioned>
  );
}

/** Sums of the first parts, of the first two, and so on: each part as the strip that it adds. */
function drawPile(pen: Pen, parts: Forms["curves"], output: Line): void {
  const { context, width, height, colors } = pen;
  const total = Array.from(output.y, (_, i) => parts.reduce((sum, { y }) => sum + y[i], 0));
  const base = output.y[0] - total[0];
  const sums = [total.map(() => base)];
  for (const { y } of parts) sums.push((sums.at(-1) as number[]).map((sum, i) => sum + y[i]));
  const [low, high] = extent([...sums, output.y], "signed");
  const x = scaleLinear([-1, 1], [40, width - 8]);
  const y = scaleLinear([low, high === low ? low + 1 : high], [height - 22, 8]);
  levels(pen, y, { left: 40, right: 8 });
  const line = (values: readonly number[]): void => {
    for (const [i, value] of values.entries()) context.lineTo(x(output.x[i]), y(value));
  };
  parts.forEach((part, k) => {
    const [before, after] = [sums[k], sums[k + 1]];
    const isAdded = Array.from(part.y).reduce((sum, v) => sum + v, 0) >= 0;
    context.fillStyle = context.strokeStyle = isAdded ? colors.positive : colors.negative;
    context.setLineDash(isAdded ? [] : [4, 3]);
    context.globalAlpha = 0.12;
    context.beginPath();
    line(before);
    for (let i = after.length - 1; i >= 0; i--) context.lineTo(x(output.x[i]), y(after[i]));
    context.fill();
    context.globalAlpha = 0.7;
    context.lineWidth = 0.8;
    context.beginPath();
    line(after);
    context.stroke();
  });
  context.globalAlpha = 1;
  context.setLineDash([]);
  context.strokeStyle = colors.ink;
  context.lineWidth = 2;
  context.beginPath();
  line(Array.from(output.y));
  context.stroke();
  nameAxes(pen, ["x", "y"], { left: 40, right: 8, top: 8, foot: 22 });
  write(pen, "-1", 40, height - 8, { color: colors.muted });
  write(pen, "1", width - 8, height - 8, { color: colors.muted, align: "right" });
}
