/** A bar for each of a few named numbers, such as layers. */

import type { Label } from "../../../src/experiments/text.ts";
import { type FormView, type Frame, roughWidth, write } from "./form.ts";
import { axis, markColor, ticks, tickText } from "./scale.ts";

const row = 20;
const foot = 18;

/** The height of a name above its bar. */
const nameRow = 16;

/** How much of the width names may take beside their bars; longer ones stand above them, instead of being squeezed. */
const mostForNames = 0.45;
const areAbove = (names: readonly Label[], width: number, say: Frame["say"]): boolean =>
  Math.max(...names.map((name) => roughWidth(say(name)))) + 8 > mostForNames * width;

const plain: Frame["say"] = (label) => (typeof label === "string" ? label : label.ja);

export const bars: FormView<"bars"> = {
  height: ({ names, values }, width, say = plain) =>
    Math.min(values.length, 40) * (areAbove(names, width, say) ? row + nameRow : row) + foot,
  numbers: ({ values }) => [values],
  twin: ({ names, values }) => ({
    head: [
      { ja: "項目", en: "item" },
      { ja: "値", en: "value" },
    ],
    rows: names.map((name, i) => [name, values[i]]),
  }),
  draw(pen, { names, values }, { probe: { kind }, range, say }) {
    const { context, width, colors } = pen;
    const shown = Math.min(values.length, 40);
    const above = areAbove(names, width, say) ? nameRow : 0;
    const step = row + above;
    const widestName = Math.max(...names.map((name) => context.measureText(say(name)).width));
    const nameWidth = above > 0 ? 8 : Math.min(widestName + 8, mostForNames * width);
    const numberWidth = Math.max(62, ...Array.from(values, (v) => context.measureText(short(v)).width + 8));
    const [left, right] = [nameWidth, width - numberWidth];
    // Bars of signed numbers begin at 0.
    const shownRange = kind === "signed" ? [Math.min(range[0], 0), Math.max(range[1], 0)] : range;
    const scale = axis(kind, [shownRange], [left, right]);
    const zero = kind === "magnitude" ? left : scale(Math.max(Math.min(0, scale.domain()[1]), scale.domain()[0]));
    context.strokeStyle = colors.grid;
    context.lineWidth = 1;
    const widthOf = (tick: number): number => context.measureText(tickText(tick, kind)).width;
    const fits = (marks: readonly number[]): boolean =>
      marks.length * (Math.max(...marks.map(widthOf)) + 10) <= right - left + 20;
    const marks = [4, 3, 2].map((count) => ticks(scale, kind, count)).find(fits) ?? ticks(scale, kind, 1);
    for (const tick of marks) {
      const x = Math.round(scale(tick)) + 0.5;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, shown * step);
      context.stroke();
      const half = widthOf(tick) / 2; // within the picture
      const at = Math.min(Math.max(x, half), width - half);
      write(pen, tickText(tick, kind), at, shown * step + 9, { color: colors.muted, align: "center" });
    }
    for (let i = 0; i < shown; i++) {
      const [value, top] = [values[i], i * step + above];
      const y = top + 4;
      const middle = top + row / 2;
      if (above > 0) write(pen, say(names[i]), 0, top - above / 2 + 2, { color: colors.ink, room: width });
      else write(pen, say(names[i]), 0, middle, { color: colors.ink, room: nameWidth - 4 });
      write(pen, short(value), width, middle, { color: colors.muted, align: "right" });
      if (!Number.isFinite(value) || (kind === "magnitude" && value <= 0)) continue;
      const x = scale(value);
      const [from, to] = [Math.min(x, zero), Math.max(x, zero)];
      context.fillStyle = context.strokeStyle = markColor(kind, value, colors);
      if (kind === "signed" && value < 0) context.strokeRect(from + 0.5, y + 0.5, Math.max(to - from - 1, 1), row - 9);
      else context.fillRect(from, y, Math.max(to - from, 1), row - 8);
    }
  },
};

/** A number in few characters. */
export function short(x: number): string {
  if (x === 0 || !Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  if (Number.isInteger(x) && size < 1e9) return x.toLocaleString("en");
  if (size < 1e-3 || size >= 1e6) return x.toExponential(1);
  return size >= 1e3 ? Math.round(x).toLocaleString("en") : String(Number(x.toPrecision(3)));
}
