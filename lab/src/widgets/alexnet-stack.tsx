/** AlexNet's layers as a stack to scale, and where its parameters, its work and its numbers are, layer by layer. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { type Label, say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { FigureHead, Table } from "../figures/figure.tsx";
import { write } from "../figures/form.ts";
import { said, T } from "../text/language.tsx";
import { useLastShown } from "./last-shown.ts";

/** Probes whose figures it takes the place of. */
export const alexnetStackCovers: readonly string[] = ["layers", "share"];

const text = {
  whatAreas: say(
    "帯の長さが全体に占める割合で、区切り 1 つが 1 層です。パラメーターは全結合層に、計算は畳み込み層に集まります。",
    "Each strip is the whole, cut at the layers. Parameters are mostly in the linear layers, work in the convolutions.",
  ),
  whatStack: say(
    "左から右へ、層を 1 枚ずつの板で表します。畳み込みを通るごとに画像は小さく、チャンネルは多くなります。",
    "The layers from left to right, each a slab: with every convolution the image gets smaller, and has more channels.",
  ),
  stack: say("AlexNet の 8 層：層を選ぶ", "The eight layers of AlexNet: choose one"),
  legend: say(
    "板の高さは画像の縦、厚みはチャンネル数（全結合層では高さがユニット数）に比例します。",
    "As high as the image, as thick as it has channels; linear layers are as high as they have units.",
  ),
  layer: say("層", "layer"),
  parameters: say("パラメーター", "parameters"),
  macs: say("積和（1 枚あたり）", "multiply-adds of an image"),
  numbers: say("出力の数", "numbers it gives"),
  areas: say("どの層に何があるか（全体に占める割合）", "What is where, as parts of the whole"),
  linear: say("全結合層", "linear layers"),
  chosen: (name: string, shape: string, parameters: string, macs: string) =>
    say(
      `${name}：出力 ${shape}、パラメーター ${parameters} 個、積和 ${macs} 回`,
      `${name}: gives ${shape}; ${parameters} parameters, ${macs} multiply-adds`,
    ),
} as const;

interface Layer {
  readonly name: string;
  readonly isLinear: boolean;
  /** Channels, height and width; or units alone. */
  readonly shape: readonly number[];
  readonly parameters: number;
  readonly macs: number;
}

export function AlexnetStack({ bench }: { bench: Bench }): JSX.Element | null {
  const chosen = useSignal(5);
  const lane = (useLastShown(bench)?.lanes ?? []).find(({ readings }) => readings.layers);
  if (!lane) return null;
  const table = lane.readings.layers as Forms["table"];
  const layers = table.rows.map(
    ([name, kind, shape, parameters, macs], i): Layer => ({
      // The linear layers are numbered on from the convolutions, as in the paper.
      name: kind === "Linear" ? `fc${i + 1}` : said(name as Label).replace("features.", ""),
      isLinear: kind === "Linear",
      shape: said(shape as Label)
        .split("×")
        .map(Number),
      parameters: parameters as number,
      macs: macs as number,
    }),
  );
  const layer = layers[Math.min(chosen.value, layers.length - 1)];
  const areas = [
    { name: text.parameters, of: (l: Layer) => l.parameters },
    { name: text.macs, of: (l: Layer) => l.macs },
    { name: text.numbers, of: (l: Layer) => l.shape.reduce((a, b) => a * b, 1) },
  ];
  const { probes } = bench.details;
  const choose = (i: number): void => {
    chosen.value = i;
  };
  const told = text.chosen(layer.name, layer.shape.join("×"), layer.parameters.toLocaleString("en"), short(layer.macs));
  return (
    <section>
      <figure class="figure" data-probe="layers">
        <FigureHead probe={{ ...probes.layers, label: text.stack }} how={text.whatStack} />
        <Canvas
          label={`${said(text.stack)}: ${said(told)}`}
          height={(width) => Math.min(0.42 * width, 220) + 18}
          draw={(pen) => drawStack(pen, layers, chosen.value)}
          onPointer={(event, { x, width }) => {
            if (event.buttons !== 1) return;
            const slots = slotsOf(layers, width);
            const found = slots.findIndex(({ left, right }) => x >= left - 6 && x <= right + 6);
            if (found >= 0) choose(found);
          }}
        />
        <fieldset class="choice" aria-label={said(text.layer)}>
          {layers.map(({ name }, i) => (
            <button
              key={name}
              type="button"
              class="number"
              data-stack={i}
              aria-pressed={chosen.value === i}
              onClick={() => choose(i)}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <p data-layer={layer.name}>
          <T text={told} block />
        </p>
        <p class="help">
          <T text={text.legend} block />
        </p>
        <Table {...table} />
      </figure>
      <figure class="figure" data-probe="share">
        <FigureHead probe={{ ...probes.share, label: text.areas }} how={text.whatAreas} />
        {areas.map(({ name, of }) => {
          const total = layers.reduce((sum, l) => sum + of(l), 0);
          const linear = layers.filter(({ isLinear }) => isLinear).reduce((sum, l) => sum + of(l), 0) / total;
          return (
            <div key={name.en}>
              <div class="lane-name">
                <T text={name} />{" "}
                <span class="number">
                  {short(total)} · <T text={text.linear} /> {(100 * linear).toFixed(1)} %
                </span>
              </div>
              <Canvas
                label={`${said(name)}: ${said(text.linear)} ${(100 * linear).toFixed(1)} %`}
                height={34}
                draw={(pen) => drawArea(pen, layers, of, chosen.value)}
              />
            </div>
          );
        })}
        <Table
          head={[text.layer, ...areas.map(({ name }) => name)]}
          rows={layers.map((l): (Label | number)[] => [
            l.name,
            ...areas.map(({ of }) => `${((100 * of(l)) / layers.reduce((sum, o) => sum + of(o), 0)).toFixed(1)} %`),
          ])}
        />
      </figure>
    </section>
  );
}

interface Slot {
  readonly left: number;
  readonly right: number;
}
/** How thick a layer is drawn, before all are made to fit. */
const thick = ({ isLinear, shape }: Layer): number => (isLinear ? 14 : 6 + shape[0] / 7);

function slotsOf(layers: readonly Layer[], width: number): Slot[] {
  const gap = 12;
  const total = layers.reduce((sum, layer) => sum + thick(layer), 0);
  const unit = (width - gap * (layers.length - 1) - 34) / total;
  let at = 4; // names of thin layers are wider than these
  return layers.map((layer) => {
    const left = at;
    at += unit * thick(layer) + gap;
    return { left, right: at - gap };
  });
}

function drawStack(pen: Pen, layers: readonly Layer[], chosen: number): void {
  const { context, width, height, colors } = pen;
  const room = height - 34;
  const largest = Math.max(...layers.filter(({ isLinear }) => !isLinear).map(({ shape }) => shape[1]));
  const most = Math.max(...layers.filter(({ isLinear }) => isLinear).map(({ shape }) => shape[0]));
  slotsOf(layers, width).forEach(({ left, right }, i) => {
    const { isLinear, shape, name } = layers[i];
    const tall = Math.max(room * (isLinear ? shape[0] / most : shape[1] / largest), 8);
    const [top, depth] = [(room - tall) / 2 + 14, isLinear ? 0 : Math.min(0.22 * tall, 14)];
    context.fillStyle = i === chosen ? colors.ink : isLinear ? colors.muted : colors.paper;
    context.strokeStyle = colors.ink;
    context.lineWidth = i === chosen ? 2 : 1;
    context.fillRect(left, top, right - left, tall);
    context.strokeRect(left + 0.5, top + 0.5, right - left, tall);
    // The side that goes into the depth of the page.
    context.beginPath();
    context.moveTo(left, top);
    context.lineTo(left + depth, top - depth);
    context.lineTo(right + depth, top - depth);
    context.lineTo(right, top);
    context.moveTo(right + depth, top - depth);
    context.lineTo(right + depth, top + tall - depth);
    context.lineTo(right, top + tall);
    context.stroke();
    const short = name.replace("conv", "c").replace("fc", "f");
    write(pen, width > 460 ? name : short, (left + right) / 2, height - 8, {
      color: i === chosen ? colors.ink : colors.muted,
      align: "center",
    });
  });
}

/** Parts of the whole side by side: linear layers grey, convolutions white, the chosen one in ink. */
function drawArea(pen: Pen, layers: readonly Layer[], of: (layer: Layer) => number, chosen: number): void {
  const { context, width, colors } = pen;
  const total = layers.reduce((sum, layer) => sum + of(layer), 0);
  let at = 0;
  layers.forEach((layer, i) => {
    const wide = (of(layer) / total) * (width - 2);
    context.fillStyle = i === chosen ? colors.ink : layer.isLinear ? colors.muted : colors.paper;
    context.strokeStyle = colors.ink;
    context.lineWidth = 1;
    context.fillRect(at + 1, 2, wide, 28);
    context.strokeRect(at + 1, 2, wide, 28);
    if (wide > context.measureText(layer.name).width + 8) {
      const color = i === chosen || layer.isLinear ? colors.paper : colors.ink;
      write(pen, layer.name, at + 1 + wide / 2, 16, { color, align: "center" });
    }
    at += wide;
  });
}
