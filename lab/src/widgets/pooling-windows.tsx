/** Windows of pooling over a digit: what goes in, what comes out, where the gradient returns, and what a shift changes. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { images } from "../figures/field.ts";
import { livePercent, Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { Piece } from "./captioned.tsx";
import { LaneFigure } from "./lane-figure.tsx";
import { useLastShown } from "./last-shown.ts";
import { PixelGrid } from "./pixel-grid.tsx";
import { PlaceSlider } from "./place-slider.tsx";
import { ShiftChoice, toTheRight } from "./shift-choice.tsx";
import { Cells } from "./sliding-window.tsx";
import "./shared.css";

/** Probes whose figures these take the place of. */
export const poolingWindowsCover: readonly string[] = ["input", "output", "gradient"];

const text = {
  whatMoved: say(
    "もとの画像とずらした画像、そしてそれぞれの出力です。出力の変わり方が小さいほど、位置のずれに強いと言えます。",
    "The digit as it was and moved, and what pooling gives of each. The less that changes, the less it matters where the digit is.",
  ),
  what: say(
    "左上が入力といまの窓、右上が出力、左下が窓の中の画素です。右下の金色は、出力の勾配が入力のどの画素へ戻るかです。",
    "Above the input with its window, and the output; below the pixels of the window, and in gold which pixels of the input the gradient returns to.",
  ),
  windows: say(
    "窓を選ぶ：入力か出力をクリックするか、スライダーで",
    "Choose a window: on the input or the output, or by the slider",
  ),
  input: say("入力", "input"),
  output: say("出力", "output"),
  back: say("勾配の戻り先（金）", "where the gradient returns (gold)"),
  under: say("窓の中（枠：勾配が届く画素）", "under the window (framed: gets a gradient)"),
  gives: (value: string) => say(`→ 出力 ${value}`, `→ gives ${value}`),
  place: say("窓の位置", "window"),
  moved: say("画像をずらす：出力はどれだけ変わるか", "Move the digit: how much does the output change?"),
  change: (part: string) =>
    say(`出力の変化は、画像の変化の ${part}`, `the output changed by ${part} of what the image did`),
} as const;

export function PoolingWindows({ bench }: { bench: Bench }): JSX.Element | null {
  const place = useSignal(103);
  const lanes = (useLastShown(bench)?.lanes ?? []).filter(({ readings }) => readings.gradient);
  if (lanes.length === 0) return null;
  const seen = new Seen(bench);
  const [first] = lanes;
  const outputs = first.readings.output as Forms["images"];
  const at = Math.min(place.value, outputs.rows * outputs.cols - 1);
  const shift = first.values.shift as number;
  return (
    <section>
      <LaneFigure
        bench={bench}
        probe="gradient"
        label={text.windows}
        how={text.what}
        lanes={lanes}
        part={({ readings, values }, label) => {
          const [input, output] = [readings.input as Forms["images"], readings.output as Forms["images"]];
          const gradient = readings.gradient as Forms["matrix"];
          const [window, stride] = [values.window as number, values.stride as number];
          const here = Math.min(place.value, output.rows * output.cols - 1);
          const [row, col] = [Math.floor(here / output.cols), here % output.cols];
          const frame = { row: row * stride, col: col * stride, rows: window, cols: window };
          const inWindow = Array.from({ length: window * window }, (_, i) => {
            const [r, c] = [frame.row + Math.floor(i / window), frame.col + (i % window)];
            return r * input.cols + c;
          });
          const pick = (r: number, c: number): void => {
            const within = (v: number): number => Math.min(Math.max(v, 0), output.rows - 1);
            place.value = within(r) * output.cols + within(c);
          };
          const pickWindow = (r: number, c: number): void => pick(Math.floor(r / stride), Math.floor(c / stride));
          const name = (what: typeof text.input): string => `${said(what)}: ${said(label)}`;
          return (
            <>
              <div class="side-by-side">
                <Piece caption={text.input}>
                  <PixelGrid
                    {...input}
                    values={input.images[0].pixels}
                    look="ink"
                    label={name(text.input)}
                    marks={[{ ...frame, tone: "positive" }]}
                    onPick={pickWindow}
                  />
                </Piece>
                <Piece caption={text.output}>
                  <PixelGrid
                    {...output}
                    values={output.images[0].pixels}
                    look="ink"
                    label={name(text.output)}
                    marks={[{ row, col, rows: 1, cols: 1, tone: "positive" }]}
                    onPick={pick}
                  />
                </Piece>
              </div>
              <div class="side-by-side">
                <Piece class="fixed" caption={text.under}>
                  <Cells
                    values={inWindow.map((i) => input.images[0].pixels[i])}
                    cols={window}
                    winner={(i) => gradient.values[inWindow[i]] > 0}
                  />
                  <p class="help number" data-out={output.images[0].pixels[here]}>
                    <T text={text.gives(short(Number(output.images[0].pixels[here].toFixed(3))))} />
                  </p>
                </Piece>
                <Piece caption={text.back}>
                  <PixelGrid
                    {...gradient}
                    look="magnitude"
                    label={name(text.back)}
                    marks={[{ ...frame, tone: "positive" }]}
                    onPick={pickWindow}
                  />
                </Piece>
              </div>
            </>
          );
        }}
      >
        <PlaceSlider
          name="window"
          label={text.place}
          place={at}
          rows={outputs.rows}
          cols={outputs.cols}
          onPlace={(to) => {
            place.value = to;
          }}
        />
      </LaneFigure>
      <LaneFigure
        bench={bench}
        probe="output"
        label={text.moved}
        how={text.whatMoved}
        lanes={lanes}
        twin={(lane) => images.twin(lane.readings.output as Forms["images"])}
        part={({ id, readings }, label) => {
          const [input, output] = [readings.input as Forms["images"], readings.output as Forms["images"]];
          return (
            <>
              <div class="side-by-side">
                <PixelGrid
                  {...input}
                  values={input.images[1].pixels}
                  look="ink"
                  label={`${said(toTheRight(shift))}, ${said(text.input)}: ${said(label)}`}
                />
                <PixelGrid
                  {...output}
                  values={output.images[1].pixels}
                  look="ink"
                  label={`${said(toTheRight(shift))}, ${said(text.output)}: ${said(label)}`}
                />
              </div>
              <p class="help">
                <T text={text.change(livePercent(seen.number(id, "change")))} block />
              </p>
            </>
          );
        }}
      >
        <ShiftChoice bench={bench} label={text.moved} shift={shift} />
      </LaneFigure>
    </section>
  );
}
