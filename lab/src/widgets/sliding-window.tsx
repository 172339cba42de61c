/** A window that slides over an image: what lies under it, as a column of im2col, and the pixel that comes out of it. */
import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { Forms } from "../../../src/experiments/probe.ts";
import { say, type Text } from "../../../src/experiments/text.ts";
import type { Bench } from "../bench/store.ts";
import { short } from "../figures/bars.ts";
import { Canvas, type Pen } from "../figures/canvas.tsx";
import { FigureHead, TextTwin } from "../figures/figure.tsx";
import { write } from "../figures/form.ts";
import { css, extent, shade } from "../figures/scale.ts";
import { said, T } from "../text/language.tsx";
import { Captioned, Piece } from "./captioned.tsx";
import { DrawDigit } from "./draw-digit.tsx";
import { useLastShown } from "./last-shown.ts";
import { NumberField } from "./number-field.tsx";
import { PixelGrid } from "./pixel-grid.tsx";
import { PlaceSlider } from "./place-slider.tsx";
import "./shared.css";
import "./sliding-window.css";

/** Probes whose figures it takes the place of. */
export const slidingWindowCovers: readonly string[] = ["input", "output", "columns"];

const text = {
  whatColumns: say(
    "窓を 1 つずつ列にして並べた行列です。隣り合う窓は重なるので、同じ画素が何度も現れます。",
    "A matrix with a column for each window. Neighbouring windows overlap, so that pixels come up several times.",
  ),
  what: say(
    "入力の青い枠がいまの窓、まんなかがその 9 画素、右が結果です。結果の 1 画素は、窓の画素とカーネルを掛けて足した値です。",
    "The frame on the input is the window, in the middle are its nine pixels, and on the right the result: each pixel is those nine times the kernel, added up.",
  ),
  whatKernel: say(
    "窓の 9 画素に掛ける重みです。よく使うものを選ぶか、マスの数を書き換えます。",
    "The weights by which the nine pixels of a window are multiplied. Choose some that are much used, or edit a cell.",
  ),
  whatSheet: say(
    "ここに描いた数字が、下の畳み込みの入力になります。",
    "What is drawn here is the input of the convolution below.",
  ),
  draw: say("画像を描く", "Draw the image"),
  test: say("テスト画像に戻す", "The test digit again"),
  kernel: say("カーネルを選ぶ・書き換える", "Choose the kernel, or edit it"),
  weight: (row: number, col: number) => say(`カーネルの ${row} 行 ${col} 列`, `kernel, row ${row}, column ${col}`),
  slide: say("窓を動かす：入力か出力をなぞるか、スライダーで", "Move the window: over the input, or by the slider"),
  input: say("入力と窓", "input and window"),
  under: say("窓の中", "under the window"),
  output: say("出力", "output"),
  place: say("窓の位置", "window"),
  play: say("窓を滑らせる", "Let it slide"),
  stop: say("止める", "Stop"),
  next: say("次の窓", "Next window"),
  equals: (value: string) => say(`カーネルと掛けて足すと ${value}`, `times the kernel, added up: ${value}`),
  columns: say(
    "im2col：窓の中身を縦に並べた行列。枠の列が、いまの窓です",
    "im2col: what lies under each window, as a column. The framed one is this window",
  ),
  key: say(
    "カーネルを 1 行 9 列に並べ、この行列に掛けると、出力の全画素が 1 回の行列積で出ます。",
    "The kernel as a row of nine, times this matrix, gives all pixels of the output in one product.",
  ),
} as const;

const kernels: readonly { readonly name: Text; readonly values: readonly number[] }[] = [
  { name: say("縦の輪郭", "vertical edges"), values: [-1, 0, 1, -2, 0, 2, -1, 0, 1] },
  { name: say("横の輪郭", "horizontal edges"), values: [-1, -2, -1, 0, 0, 0, 1, 2, 1] },
  { name: say("輪郭すべて", "all edges"), values: [-1, -1, -1, -1, 8, -1, -1, -1, -1] },
  { name: say("ぼかし", "blur"), values: [0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1] },
  { name: say("何もしない", "as it is"), values: [0, 0, 0, 0, 1, 0, 0, 0, 0] },
];

const calm = matchMedia("(prefers-reduced-motion: reduce)");
/** Milliseconds that a window stays where it is, and windows that are shown of the matrix. */
const [pause, near] = [180, 13];

export function SlidingWindow({ bench }: { bench: Bench }): JSX.Element | null {
  const place = useSignal(318);
  const lane = useLastShown(bench)?.lanes[0];
  const { input, output, columns } = (lane?.readings ?? {}) as {
    input?: Forms["images"];
    output?: Forms["images"];
    columns?: Forms["matrix"];
  };
  if (!lane || !input || !output || !columns) return null;
  const { kernel, stride, padding } = lane.values as { kernel: readonly number[]; stride: number; padding: number };
  const weights = Array.from({ length: columns.rows }, (_, i) => kernel[i] ?? kernel[i % 9] ?? 0);
  const at = Math.min(place.value, output.rows * output.cols - 1);
  const [row, col] = [Math.floor(at / output.cols), at % output.cols];
  const move = (r: number, c: number): void => {
    const within = (v: number, count: number): number => Math.min(Math.max(v, 0), count - 1);
    place.value = within(r, output.rows) * output.cols + within(c, output.cols);
  };
  const patch = Array.from({ length: columns.rows }, (_, i) => columns.values[i * columns.cols + at]);
  const value = output.images[0].pixels[at];
  return (
    <section>
      <div class="side-by-side">
        <Captioned what={text.whatSheet} caption={text.draw}>
          <DrawDigit onDraw={(pixels) => bench.set("drawing", pixels)} />
          <button type="button" data-action="test-digit" onClick={() => bench.set("drawing", [])}>
            <T text={text.test} />
          </button>
        </Captioned>
        <KernelEditor weights={weights} onChange={(values) => bench.set("kernel", values)} />
      </div>
      <figure class="figure" data-probe="output">
        <FigureHead probe={{ ...bench.details.probes.output, label: text.slide }} how={text.what} />
        <div class="side-by-side">
          <Piece caption={text.input}>
            <PixelGrid
              {...input}
              values={input.images[0].pixels}
              look="ink"
              border={padding}
              label={said(text.input)}
              marks={[{ row: row * stride, col: col * stride, rows: 3, cols: 3, tone: "positive" }]}
              onPick={(r, c) => move(Math.round((r - 1) / stride), Math.round((c - 1) / stride))}
            />
          </Piece>
          <Piece class="fixed" caption={text.under}>
            <Cells values={patch} cols={3} />
            <p class="help number" data-out={value}>
              <T text={text.equals(short(value))} block />
            </p>
          </Piece>
          <Piece caption={text.output}>
            <PixelGrid
              {...output}
              values={output.images[0].pixels}
              look="signed"
              label={said(text.output)}
              marks={[{ row, col, rows: 1, cols: 1 }]}
              onPick={move}
            />
          </Piece>
        </div>
        <PlaceSlider
          name="window"
          label={text.place}
          place={at}
          rows={output.rows}
          cols={output.cols}
          onPlace={(to) => {
            place.value = to;
          }}
        >
          <Slide place={place} count={output.rows * output.cols} />
        </PlaceSlider>
      </figure>
      <figure class="figure" data-probe="columns">
        <FigureHead probe={{ ...bench.details.probes.columns, label: text.columns }} how={text.whatColumns} />
        <Canvas
          label={said(text.columns)}
          height={columns.rows * 20 + 46}
          draw={(pen) => drawColumns(pen, columns, at)}
          onPointer={(event, { x, width }) => {
            if (event.type !== "pointerdown") return;
            const first = firstShown(columns.cols, at);
            place.value = Math.min(first + Math.floor((x / width) * near), columns.cols - 1);
          }}
        />
        <p class="help">
          <T text={text.key} block />
        </p>
        <TextTwin
          twins={[
            [text.columns, () => ({ head: [text.under, text.kernel], rows: patch.map((v, i) => [v, weights[i]]) })],
          ]}
        />
      </figure>
    </section>
  );
}

/** Slides by itself; where motion is unwelcome, a window at a time. */
function Slide({ place, count }: { place: Signal<number>; count: number }): JSX.Element {
  const isMoving = useSignal(false);
  const next = (): void => {
    place.value = (Math.min(place.peek(), count - 1) + 1) % count;
  };
  useEffect(() => {
    if (!isMoving.value) return;
    const timer = setInterval(next, pause);
    return () => clearInterval(timer);
  });
  const label = calm.matches ? text.next : isMoving.value ? text.stop : text.play;
  return (
    <button
      type="button"
      data-action="slide"
      onClick={() => {
        if (calm.matches) next();
        else isMoving.value = !isMoving.value;
      }}
    >
      <T text={label} />
    </button>
  );
}

function KernelEditor({
  weights,
  onChange,
}: {
  weights: readonly number[];
  onChange(values: readonly number[]): void;
}): JSX.Element {
  return (
    <Captioned class="kernel-editor" what={text.whatKernel} caption={text.kernel}>
      <table>
        <tbody>
          {[0, 1, 2].map((i) => (
            <tr key={i}>
              {[0, 1, 2].map((j) => (
                <td key={j}>
                  <NumberField
                    min={-9}
                    max={9}
                    mark={{ "data-kernel": 3 * i + j }}
                    label={said(text.weight(i + 1, j + 1))}
                    value={Number(weights[3 * i + j].toPrecision(3))}
                    onNumber={(typed) => onChange(weights.with(3 * i + j, typed))}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div class="kernel-choice">
        {kernels.map(({ name, values }, k) => (
          <button key={name.en} type="button" data-kernel-choice={k} onClick={() => onChange(values)}>
            <T text={name} />
          </button>
        ))}
      </div>
    </Captioned>
  );
}

/** A few numbers as a small table. */
export function Cells({
  values,
  cols,
  winner,
}: {
  values: readonly number[];
  cols: number;
  winner?: (index: number) => boolean;
}): JSX.Element {
  return (
    <table class="cells number">
      <tbody>
        {Array.from({ length: Math.ceil(values.length / cols) }, (_, i) => (
          <tr key={i}>
            {values.slice(i * cols, (i + 1) * cols).map((v, j) => (
              <td key={j} class={winner?.(i * cols + j) ? "winner" : ""}>
                {short(Number(v.toFixed(2)))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The first of the windows that are shown, so that `at` is among them, in the middle if it can be. */
const firstShown = (count: number, at: number): number => Math.max(Math.min(at - (near >> 1), count - near), 0);

function drawColumns(pen: Pen, { rows, cols, values }: Forms["matrix"], at: number): void {
  const { context, width, colors } = pen;
  const first = firstShown(cols, at);
  const cell = { width: width / near, height: 20 };
  const color = shade("signed", extent([values], "signed"), colors);
  for (let j = 0; j < Math.min(near, cols); j++) {
    for (let i = 0; i < rows; i++) {
      const value = values[i * cols + first + j];
      const [r, g, b] = color(value);
      context.fillStyle = css([r, g, b]);
      context.fillRect(j * cell.width, i * cell.height, cell.width - 1, cell.height - 1);
      if (cell.width < 34 || value === 0) continue;
      const ink = css(0.3 * r + 0.59 * g + 0.11 * b > 140 ? [20, 20, 25] : [245, 242, 235]);
      const place = { color: ink, align: "center" as const, room: cell.width - 2 };
      write(pen, short(Number(value.toFixed(2))), (j + 0.5) * cell.width, (i + 0.5) * cell.height, place);
    }
  }
  context.strokeStyle = colors.positive;
  context.lineWidth = 2.5;
  context.strokeRect((at - first) * cell.width + 0.5, 1, cell.width - 2, rows * cell.height - 2);
  // Where in the whole matrix that is.
  const y = rows * cell.height + 12;
  context.fillStyle = colors.grid;
  context.fillRect(0, y, width, 4);
  context.fillStyle = colors.positive;
  context.fillRect((first / cols) * width, y - 2, Math.max((near / cols) * width, 3), 8);
  write(pen, `${rows} × ${cols}`, width, y + 20, { color: colors.muted, align: "right" });
  write(pen, `${at + 1}`, 0, y + 20, { color: colors.muted });
}
