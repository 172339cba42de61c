/** The first page: two networks learn while one reads the first sentence. Nothing of it is recorded. */

import { details } from "catalog:all";
import { days } from "catalog:list";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { write } from "../figures/form.ts";
import { What } from "../figures/what.tsx";
import { linkTo } from "../router.ts";
import { mode, said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import "./home.css";

const text = {
  activation: say("下のレーンの活性化", "activation of the lower lane"),
  output: say("出力側", "output"),
  input: say("入力側", "input"),
  accuracy: say("テスト正解率", "test accuracy"),
  begin: say("Day 1 から始める", "Begin with Day 1"),
  claims: say("主張を試す", "Test a claim"),
  free: say("自由に組む", "Build your own"),
  what: say(
    "2 つの深いネットワークが、同じ数字を同じ順で学んでいます。金色は損失の勾配で、右の出力側から左の入力側へ伝わります。棒の高さは各層の重みの勾配の大きさ（対数）、下の数がその値です。",
    "Two deep networks learn the same digits in the same order. Gold is the gradient of the loss, which goes from the output on the right back to the input. A bar is as high as the gradient of that layer's weights, on a logarithmic scale; below it stands the number.",
  ),
  arrived: (part: string) =>
    say(
      `上のネットワークでは、出力側の勾配（金色）のうち第 1 層に届いたのは ${part} だけでした。`,
      `In the upper network, of the gradient at the output (gold) ${part} arrived at the first layer.`,
    ),
} as const;

const lanes = ["sigmoid", "relu"] as const;
/** So that all of it takes about four seconds: shown at a pace, never recorded. */
const stepsPerSecond = 100;

export function Home(): JSX.Element {
  const bench = useSignal<Bench | null>(null);
  const activation = useSignal("relu");
  useEffect(() => {
    let isGone = false;
    void details["vanishing-gradient"]().then(({ default: d }) => {
      if (isGone) return;
      const b = new Bench(d, { experiment: d.id, seed: 1, choice: {}, changes: [] });
      b.pace.value = stepsPerSecond;
      bench.value = b;
      b.play();
    });
    return () => {
      isGone = true;
      bench.value?.close();
    };
  }, [bench]);
  const choose = (value: string): void => {
    activation.value = value;
    const b = bench.value;
    if (!b) return;
    b.open({
      ...b.opening.value,
      choice: { lanes: { relu: { activation: value, weights: value === "relu" ? "he" : "gaussian" } } },
      changes: [],
    });
    b.play();
  };
  return (
    <main id="main" class="home">
      <h1>
        <T text={words.now} block />
      </h1>
      <Ladders bench={bench.value} />
      <p class="arrived" aria-live="off">
        {bench.value && <Arrived bench={bench.value} />}
      </p>
      <fieldset class="choice calls">
        <legend>
          <T text={text.activation} />
        </legend>
        {["sigmoid", "tanh", "relu"].map((name) => (
          <button
            key={name}
            type="button"
            data-activation={name}
            aria-pressed={activation.value === name}
            onClick={() => choose(name)}
          >
            {nameOfActivation(bench.value, name)}
          </button>
        ))}
      </fieldset>
      <p class="ways">
        <a href={linkTo("lesson", days[0].lessons[0]?.id ?? "")}>
          <T text={text.begin} />
        </a>
        <a href={linkTo("lesson", "vanishing-gradient")}>
          <T text={text.claims} />
        </a>
        <a href={linkTo("sandbox")}>
          <T text={text.free} />
        </a>
      </p>
    </main>
  );
}

const gradientsOf = (bench: Bench, lane: string): number[] => {
  const reading = bench.shown.value?.lanes.find(({ id }) => id === lane)?.readings.gradient as
    | Forms["bars"]
    | undefined;
  return reading ? Array.from(reading.values) : [];
};
const accuracyOf = (bench: Bench, lane: string): number | null => {
  bench.frames.value;
  return bench.curves[lane]?.accuracy?.values.at(-1) ?? null;
};

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** A part as one reads it: a percentage, or one of a power of ten. */
const partText = (part: number): string =>
  part >= 1e-3
    ? `${(100 * part).toPrecision(2)} %`
    : `1/10${String(Math.round(-Math.log10(part))).replace(/\d/g, (digit) => superscripts[Number(digit)])}`;

/** What a lane is called: by its activation. */
const nameOf = (bench: Bench | null, lane: string): string =>
  nameOfActivation(bench, String(bench?.settings.get(lane)?.activation ?? lane));

function nameOfActivation(bench: Bench | null, id: string): string {
  const param = bench?.details.params.activation;
  const name = param?.kind === "choice" ? param.names?.[id] : undefined;
  return name ? said(name) : id;
}

function Arrived({ bench }: { bench: Bench }): JSX.Element | null {
  const gradients = gradientsOf(bench, "sigmoid");
  if (gradients.length === 0) return null;
  const part = gradients[0] / gradients[gradients.length - 1];
  return <T text={text.arrived(partText(part))} block />;
}

/** Two ladders of layers: the gold enters at the right, the output, and runs to the left as far as it gets. */
function Ladders({ bench }: { bench: Bench | null }): JSX.Element {
  const draw = (pen: Pen): void => {
    const { context, width, height, colors } = pen;
    lanes.forEach((lane, row) => {
      const values = bench ? gradientsOf(bench, lane) : [];
      const count = values.length || 9;
      const [top, tall] = [row * (height / 2), height / 2];
      const step = (width - 120) / count;
      const middle = top + tall / 2;
      // Numbers stand below as many layers as there is room for, from the first to the last.
      const every = [1, 2, 4].find((n) => n * step > 64 && (count - 1) % n === 0) ?? count - 1;
      for (let i = 0; i < count; i++) {
        const x = 60 + (i + 0.5) * step;
        context.strokeStyle = colors.grid;
        context.lineWidth = 1;
        context.strokeRect(
          Math.round(x - 5) + 0.5,
          Math.round(middle - tall * 0.36) + 0.5,
          10,
          Math.round(tall * 0.72),
        );
        const value = values[i];
        if (!value) continue;
        // From 1e-20, nothing, to 1, the whole height.
        const part = Math.min(Math.max((Math.log10(value) + 20) / 20, 0), 1);
        context.fillStyle = colors.gradient;
        context.fillRect(x - 5, middle + tall * 0.36 - part * tall * 0.72, 10, part * tall * 0.72);
        const left = Math.max(x - step + 5, 60); // left of it stands what side it is
        context.fillRect(left, middle - 0.5 - part * 3, x - 5 - left, 1 + 6 * part * part);
        if (i % every === 0)
          write(pen, short(value), x, middle + tall * 0.36 + 11, { color: colors.muted, align: "center" });
      }
      write(pen, said(text.input), 0, middle, { color: colors.muted, room: 50 });
      write(pen, said(text.output), width, middle, { color: colors.muted, align: "right", room: 56 });
      const above = Math.max(middle - tall * 0.36 - 9, top + 7);
      write(pen, nameOf(bench, lane), 60, above, { color: colors.ink });
      const accuracy = bench ? accuracyOf(bench, lane) : null;
      if (accuracy !== null)
        write(pen, `${said(text.accuracy)} ${(100 * accuracy).toFixed(0)} %`, width, above, {
          color: colors.ink,
          align: "right",
        });
    });
  };
  mode.value;
  return (
    <figure class="figure">
      <Canvas label={said(words.now)} height={(width) => Math.min(Math.max(width * 0.34, 220), 340)} draw={draw} />
      <figcaption>
        <What tells={[text.what]} />
      </figcaption>
    </figure>
  );
}
