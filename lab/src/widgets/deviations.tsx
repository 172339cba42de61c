/** The deviation of a lane's weights, on a slider with marks where theory wants it; and that of every layer beside them. */
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { type Label, say, type Text } from "../../../src/experiments/text.ts";
import { useDraft } from "../bench/draft.ts";
import type { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { FigureHead, Table } from "../figures/figure.tsx";
import { said, T } from "../text/language.tsx";
import "./marked-slider.css";

/** Probes whose figures the table takes the place of. */
export const deviationsCover: readonly string[] = ["deviations", "advised"];

const text = {
  what: say(
    "各層の重みの標準偏差と、その層の入力数から決まる目安です。スライダーの縦線が目安の位置です。",
    "The deviation of the weights of each layer, beside the one that its number of inputs asks for: the marks on the slider.",
  ),
  slider: (lane: Text) => say(`「${lane.ja}」の標準偏差`, `Deviation of “${lane.en}”`),
  layer: say("層", "layer"),
  advised: say("目安", "the mark"),
  marks: (rule: string) => say(`目盛り ${rule}：`, `Marks ${rule}:`),
  table: say("重みの標準偏差と目安", "Deviations of the weights, beside the mark"),
} as const;

/** The slider goes by powers of ten between these, in so many positions. */
const [least, most, positions] = [0.001, 2, 200];
const toPart = (std: number): number =>
  Math.min(Math.max(Math.log(Math.max(std, least) / least) / Math.log(most / least), 0), 1);
const toStd = (part: number): number => Number((least * (most / least) ** part).toPrecision(3));

/** `lane` is the one whose weights are normal with a deviation of the learner's; `rule` is what the marks stand for. */
export function Deviations({ bench, lane, rule }: { bench: Bench; lane: string; rule: string }): JSX.Element {
  const { lanes: all, probes } = bench.details;
  const lanes = (bench.shown.value?.lanes ?? []).filter(({ readings }) => readings.deviations && readings.advised);
  const std = bench.settings.get(lane)?.std as number;
  const advised = lanes[0]?.readings.advised as Forms["bars"] | undefined;
  const label = text.slider(all[lane].label);
  const set = (value: number): void => {
    if (value >= 0 && value <= most) bench.set("std", value, lane);
  };
  const draft = useDraft(String(std), (typed) => typed !== "" && set(Number(typed)));
  const slide = useDraft(String(Math.round(positions * toPart(std))), (at) => set(toStd(Number(at) / positions)));
  return (
    <figure class="figure" data-probe="deviations">
      <FigureHead probe={{ ...probes.deviations, label: text.table }} how={text.what} />
      <div class="marked-slider">
        <label>
          <T text={label} />{" "}
          <input type="number" class="number" data-own="std" min={0} max={most} step="any" {...draft} />
        </label>
        <div class="track">
          <input
            type="range"
            aria-label={said(label)}
            aria-valuetext={String(std)}
            min={0}
            max={positions}
            {...slide}
          />
          {marks(advised).map(({ std }, i) => (
            <span
              key={std}
              class={i === 0 ? "mark low number" : "mark number"}
              style={{ left: `${100 * toPart(std)}%` }}
            >
              {short(std)}
            </span>
          ))}
        </div>
        <p class="help">
          <T text={text.marks(rule)} />{" "}
          {marks(advised).map(({ std, name }) => (
            <span key={std}>
              <T text={name} /> <span class="number">{short(std)}</span>{" "}
            </span>
          ))}
        </p>
      </div>
      {advised && (
        <Table
          head={[text.layer, text.advised, ...lanes.map(({ id }) => all[id].label)]}
          rows={advised.names.map((name, i): (Label | number)[] => [
            name,
            advised.values[i],
            ...lanes.map(({ readings }) => (readings.deviations as Forms["bars"]).values[i]),
          ])}
        />
      )}
    </figure>
  );
}

/** What is wanted of the first layer, which has other inputs, and of the next. */
function marks(advised: Forms["bars"] | undefined): { std: number; name: Label }[] {
  if (!advised) return [];
  const values = Array.from(advised.values).slice(0, 2);
  return values
    .map((std, i) => ({ std, name: advised.names[i] }))
    .filter(({ std }, i) => i === 0 || Math.abs(Math.log(std / values[0])) > 0.3)
    .toSorted((a, b) => a.std - b.std);
}
