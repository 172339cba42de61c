/** A sheet of 28 by 28 to draw a digit on. What is drawn is centred, as the digits of MNIST are. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { say } from "../../../src/experiments/text.ts";
import { Canvas } from "../figures/canvas.tsx";
import { said, T } from "../text/language.tsx";
import "./draw-digit.css";

const size = 28;
/** How far ink spreads from the pen, in pixels of the sheet. */
const radius = 1.35;

const text = {
  sheet: say("数字を描くところ", "A sheet to draw a digit on"),
  clear: say("消す", "Clear"),
  hint: say(
    "マウスか指で数字を描いてください。キーボードでは下の「見本」を選べます。",
    "Draw with the mouse or a finger. From the keyboard, choose a sample below.",
  ),
  sample: say("見本", "Samples"),
} as const;

/** Strokes of seven segments, for who cannot draw: which are lit for each digit. */
const segments = ["abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg"];
const lines: Readonly<Record<string, readonly [number, number, number, number]>> = {
  a: [9, 6, 18, 6],
  b: [18, 6, 18, 14],
  c: [18, 14, 18, 22],
  d: [9, 22, 18, 22],
  e: [9, 14, 9, 22],
  f: [9, 6, 9, 14],
  g: [9, 14, 18, 14],
};

export function DrawDigit({ onDraw }: { onDraw(pixels: readonly number[]): void }): JSX.Element {
  const ink = useSignal<readonly number[]>(new Array<number>(size * size).fill(0));
  const last = useSignal<{ x: number; y: number } | null>(null);
  const set = (pixels: readonly number[]): void => {
    ink.value = pixels;
    onDraw(centred(pixels));
  };
  const sample = (digit: number): void => {
    const pixels = new Array<number>(size * size).fill(0);
    for (const segment of segments[digit]) stroke(pixels, ...lines[segment]);
    set(pixels);
  };
  return (
    <div class="draw-digit">
      <Canvas
        label={said(text.sheet)}
        height={(width) => Math.min(width, 280)}
        draw={({ context, height, colors }) => {
          const cell = height / size;
          context.strokeStyle = colors.muted;
          context.strokeRect(0.5, 0.5, height - 1, height - 1);
          context.fillStyle = colors.ink;
          ink.value.forEach((v, i) => {
            context.globalAlpha = v;
            if (v > 0) context.fillRect((i % size) * cell, Math.floor(i / size) * cell, cell + 0.5, cell + 0.5);
          });
          context.globalAlpha = 1;
        }}
        onPointer={(event, { x, y, height }) => {
          if (event.buttons !== 1) {
            last.value = null;
            return;
          }
          event.preventDefault();
          const at = { x: (x / height) * size - 0.5, y: (y / height) * size - 0.5 };
          const from = event.type === "pointerdown" ? at : (last.value ?? at);
          const pixels = [...ink.value];
          stroke(pixels, from.x, from.y, at.x, at.y);
          last.value = at;
          set(pixels);
        }}
      />
      <p class="help">
        <T text={text.hint} block />
      </p>
      <button type="button" data-action="clear" onClick={() => set(new Array<number>(size * size).fill(0))}>
        <T text={text.clear} />
      </button>
      <fieldset class="samples">
        <legend>
          <T text={text.sample} />
        </legend>
        {segments.map((lit, digit) => (
          <button key={lit} type="button" data-sample={digit} onClick={() => sample(digit)}>
            {digit}
          </button>
        ))}
      </fieldset>
    </div>
  );
}

/** Inks a line with soft edges. */
function stroke(pixels: number[], x0: number, y0: number, x1: number, y1: number): void {
  const length = Math.hypot(x1 - x0, y1 - y0);
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    const along =
      length === 0 ? 0 : Math.min(Math.max(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length ** 2, 0), 1);
    const distance = Math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0));
    pixels[i] = Math.max(pixels[i], Math.min(Math.max(radius + 0.5 - distance, 0), 1));
  }
}

/** The drawing with its centre of mass in the middle. */
function centred(pixels: readonly number[]): number[] {
  let [mass, sx, sy] = [0, 0, 0];
  pixels.forEach((v, i) => {
    mass += v;
    sx += v * (i % size);
    sy += v * Math.floor(i / size);
  });
  if (mass === 0) return [...pixels];
  const [dx, dy] = [Math.round(sx / mass - 13.5), Math.round(sy / mass - 13.5)];
  return pixels.map((_, i) => {
    const [x, y] = [(i % size) + dx, Math.floor(i / size) + dy];
    return x >= 0 && x < size && y >= 0 && y < size ? pixels[y * size + x] : 0;
  });
}
