/** A few neighbouring pixels of a digit, and where they are after all pixels have been put in another order. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Forms } from "../../../src/experiments/probe.ts";
import { type Label, say } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { FigureHead, Table } from "../figures/figure.tsx";
import { livePercent, Seen } from "../lessons/lesson.ts";
import { said, T } from "../text/language.tsx";
import { Captioned, Piece } from "./captioned.tsx";
import { useLastShown } from "./last-shown.ts";
import { type Mark, PixelGrid } from "./pixel-grid.tsx";
import { PlaceSlider } from "./place-slider.tsx";
import { ShiftChoice } from "./shift-choice.tsx";
import "./shared.css";

/** Probes whose figures it takes the place of. */
export const scrambleCovers: readonly string[] = ["input", "order"];

const text = {
  what: say(
    "同じ画像を、もとの並びと、画素を決まった順に入れ替えた並びで示します。枠は、左で選んだ 3×3 の画素と、その行き先です。",
    "The same digit as it is, and with its pixels in another order, which is the same for all digits. Frames mark the three by three pixels that are chosen, and where they went.",
  ),
  whatMoved: say(
    "テスト画像を右にずらしても読めるかを比べます。上はずらした画像、下の表は、ずらす前とずらした後の正解率です。",
    "Whether test digits are still read when they are moved to the right: above as they are moved, below the accuracies before and after.",
  ),
  title: say(
    "左で 3×3 の画素を選ぶと、入れ替えた後にどこへ行ったかが分かります",
    "Choose three by three pixels on the left: where are they in the other order?",
  ),
  legend: say(
    "全結合は 784 個の数として受け取るので、どちらの並びでも同じように学べます。小さな窓で見る畳み込みは、となりがいないと困ります。",
    "Fully connected, 784 numbers are 784 numbers in either order. A convolution looks through small windows, and misses the neighbours.",
  ),
  original: say("もとの並び", "as they are"),
  scrambled: say("入れ替えた並び", "in the other order"),
  place: say("選んだ画素", "pixel"),
  digit: say("画像", "digit"),
  shift: (pixels: number) => say(`右に ${pixels} 画素ずらしたテスト画像`, `test digits, ${pixels} pixels to the right`),
  lane: say("ネットワークと並び", "network and order"),
  accuracy: say("正解率", "accuracy"),
  moved: say("ずらした画像", "when moved"),
} as const;

export function Scramble({ bench }: { bench: Bench }): JSX.Element | null {
  const place = useSignal(10 * 28 + 12);
  const digit = useSignal(0);
  const lanes = useLastShown(bench)?.lanes ?? [];
  const of = (pixels: string): (typeof lanes)[number] | undefined =>
    lanes.find(({ values, readings }) => values.pixels === pixels && readings.order);
  const [plain, mixed] = [of("original"), of("scrambled")];
  if (!plain || !mixed) return null;
  const [before, after] = [plain, mixed].map(({ readings }) => readings.input as Forms["images"]);
  const { rows, cols } = before;
  const order = mixed.readings.order as Forms["matrix"];
  const [row, col] = [Math.floor(place.value / cols), place.value % cols];
  const near = (i: number): boolean => Math.abs(Math.floor(i / cols) - row) <= 1 && Math.abs((i % cols) - col) <= 1;
  const marks = Array.from(order.values).flatMap((from, i): Mark[] =>
    near(from) ? [{ row: Math.floor(i / cols), col: i % cols, rows: 1, cols: 1, tone: "positive" }] : [],
  );
  const count = before.images.length / 2;
  const shift = plain.values.shift as number;
  const seen = new Seen(bench);
  const { probes, lanes: named } = bench.details;
  return (
    <section>
      <figure class="figure" data-probe="order">
        <FigureHead probe={{ ...probes.order, label: text.title }} how={text.what} />
        <div class="side-by-side">
          <Piece caption={text.original}>
            <PixelGrid
              {...before}
              values={before.images[digit.value].pixels}
              look="ink"
              label={said(text.original)}
              marks={[{ row: row - 1, col: col - 1, rows: 3, cols: 3, tone: "positive" }]}
              onPick={(r, c) => {
                place.value = r * cols + c;
              }}
            />
          </Piece>
          <Piece caption={text.scrambled}>
            <PixelGrid
              {...after}
              values={after.images[digit.value].pixels}
              look="ink"
              label={said(text.scrambled)}
              marks={marks}
            />
          </Piece>
        </div>
        <PlaceSlider
          name="pixel"
          label={text.place}
          place={place.value}
          rows={rows}
          cols={cols}
          onPlace={(to) => {
            place.value = to;
          }}
        >
          <fieldset class="choice" aria-label={said(text.digit)}>
            {Array.from({ length: count }, (_, i) => (
              <button
                key={i}
                type="button"
                data-digit={i}
                aria-pressed={digit.value === i}
                onClick={() => {
                  digit.value = i;
                }}
              >
                <T text={before.images[i].caption ?? String(i + 1)} />
              </button>
            ))}
          </fieldset>
        </PlaceSlider>
        <p class="help">
          <T text={text.legend} block />
        </p>
      </figure>
      <Captioned what={text.whatMoved} data-probe="input" caption={text.shift(shift)}>
        <ShiftChoice bench={bench} label={text.shift(shift)} shift={shift} />
        <div class="side-by-side">
          {before.images.slice(count).map(({ pixels }, i) => (
            <PixelGrid
              key={i}
              {...before}
              values={pixels}
              look="ink"
              most={130}
              label={said(before.images[count + i].caption ?? "")}
            />
          ))}
        </div>
        <Table
          head={[text.lane, text.accuracy, text.moved]}
          rows={lanes.map(({ id }): Label[] => [
            named[id].label,
            livePercent(seen.number(id, "accuracy")),
            livePercent(seen.number(id, "moved")),
          ])}
        />
      </Captioned>
    </section>
  );
}
