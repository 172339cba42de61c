/** The error of each lane over the strength of its penalty: a U, and strengths to be set lane by lane. */
import { scaleLinear, scaleLog } from "d3-scale";
import type { JSX } from "preact";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { FigureHead, Table } from "../figures/figure.tsx";
import { write } from "../figures/form.ts";
import { levels } from "../figures/lines.ts";
import { live, Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { useLastShown } from "./last-shown.ts";
import { MarkedSlider } from "./marked-slider.tsx";

const text = {
  what: say(
    "横軸が罰則の強さ λ（対数）、縦軸が誤差で、1 つの点が 1 本のレーンです。弱すぎても強すぎても、新しいデータの誤差は大きくなります。",
    "Across is the strength λ of the penalty, logarithmic, up the error; each lane is a dot. Too weak and too strong, new data are predicted badly.",
  ),
  title: say("λ と誤差：4 本のレーンが U 字をつくる", "Error by λ: four lanes make a U"),
  legend: say("● 新しいデータの誤差　○ 学習データの誤差", "● error on new data, ○ on its own"),
  lambda: (lane: string, en: string) => say(`「${lane}」の λ`, `λ of “${en}”`),
  strength: say("罰則の強さ λ", "strength λ"),
  train: say("学習データ", "its data"),
  test: say("新しいデータ", "new data"),
  size: say("第 2 層の重み（平均絶対値）", "weights of layer 2, mean"),
  zeros: say("ちょうど 0", "exactly 0"),
} as const;

/** Where λ = 0 stands on an axis of powers. */
const least = 1e-4;

export function PenaltyU({ bench }: { bench: Bench }): JSX.Element | null {
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.weights);
  if (lanes.length === 0) return null;
  const seen = new Seen(bench);
  const dots = lanes
    .map(({ id, values, readings }) => {
      const bars = readings.weights as { readonly values: ArrayLike<number> };
      return {
        id,
        lambda: values.l2 as number,
        train: seen.number(id, "trainError"),
        test: seen.number(id, "testError"),
        size: bars.values[Math.min(1, bars.values.length - 1)],
        zeros: seen.number(id, "zeros"),
      };
    })
    .toSorted((a, b) => a.lambda - b.lambda);
  const { lanes: named, probes } = bench.details;
  return (
    <figure class="figure" data-probe="testError">
      <FigureHead probe={{ ...probes.testError, label: text.title }} how={text.what} />
      <Canvas label={said(text.title)} height={200} draw={(pen) => draw(pen, dots)} />
      <p class="help">
        <T text={text.legend} block />
      </p>
      {lanes.map(({ id, values }) => (
        <MarkedSlider
          key={id}
          name={`${id}.l2`}
          label={text.lambda(named[id].label.ja, named[id].label.en)}
          value={values.l2 as number}
          min={least}
          max={1}
          marks={[]}
          onChange={(l2) => bench.set("l2", l2 <= least ? 0 : l2, id)}
        />
      ))}
      <Table
        head={[text.strength, text.test, text.train, text.size, text.zeros]}
        rows={dots.map(({ lambda, test, train, size, zeros }) => [
          short(lambda),
          live(test),
          live(train),
          live(size),
          live(zeros),
        ])}
      />
    </figure>
  );
}

interface Dot {
  readonly lambda: number;
  readonly train: number | null;
  readonly test: number | null;
}

function draw(pen: Pen, dots: readonly Dot[]): void {
  const { context, width, height, colors } = pen;
  const [left, right, top, foot] = [44, 12, 8, 24];
  const x = scaleLog([least, 1], [left, width - right]).clamp(true);
  const highest = Math.max(...dots.flatMap(({ train, test }) => [train ?? 0, test ?? 0]), 0.1);
  const y = scaleLinear([0, 1.08 * highest], [height - foot, top]);
  levels(pen, y, { left, right });
  for (const tick of [0, 1e-3, 1e-2, 1e-1, 1]) {
    const align = tick === 0 ? "left" : tick === 1 ? "right" : "center";
    write(pen, tick === 0 ? "λ 0" : short(tick), x(Math.max(tick, least)), height - 9, { color: colors.muted, align });
  }
  for (const [of, dash] of [
    ["test", []],
    ["train", [5, 4]],
  ] as const) {
    const measured = dots.flatMap((dot) => (dot[of] === null ? [] : [[dot.lambda, dot[of]] as const]));
    context.strokeStyle = context.fillStyle = colors.ink;
    context.lineWidth = 1.5;
    context.setLineDash([...dash]);
    context.beginPath();
    for (const [lambda, error] of measured) context.lineTo(x(Math.max(lambda, least)), y(error));
    context.stroke();
    context.setLineDash([]);
    for (const [lambda, error] of measured) {
      context.beginPath();
      context.arc(x(Math.max(lambda, least)), y(error), 5, 0, 2 * Math.PI);
      if (of === "test") context.fill();
      else {
        context.fillStyle = colors.paper;
        context.fill();
        context.stroke();
      }
    }
  }
}
