/** Distributions above each other, such as the activations of each layer: ridges of counts in equal bins. */
import { short } from "./bars.ts";
import { type FormView, write } from "./form.ts";

const row = 34;
const foot = 18;

export const histograms: FormView<"histograms"> = {
  height: (all) => all.length * row + foot,
  numbers: (all) => all.map(({ counts }) => counts),
  twin: (all) => ({
    head: [
      { ja: "分布", en: "distribution" },
      { ja: "平均", en: "mean" },
      { ja: "標準偏差", en: "standard deviation" },
    ],
    rows: all.map((h) => [h.name, ...moments(h)]),
  }),
  draw(pen, all, { say }) {
    const { context, width, colors } = pen;
    const left = Math.min(Math.max(...all.map(({ name }) => context.measureText(say(name)).width)) + 8, width / 3);
    all.forEach(({ name, from, to, counts }, i) => {
      const base = (i + 1) * row;
      const most = Math.max(...Array.from(counts), 1);
      const step = (width - left) / counts.length;
      context.strokeStyle = colors.grid;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(left, base + 0.5);
      context.lineTo(width, base + 0.5);
      if (from < 0 && to > 0) {
        const zero = left + (-from / (to - from)) * (width - left);
        context.moveTo(zero, base - row + 4);
        context.lineTo(zero, base);
      }
      context.stroke();
      context.fillStyle = colors.positive;
      for (let k = 0; k < counts.length; k++) {
        const tall = (counts[k] / most) * (row - 6);
        context.fillRect(left + k * step, base - tall, Math.max(step - 0.5, 0.5), tall);
      }
      write(pen, say(name), 0, base - row / 2 + 4, { color: colors.ink, room: left - 6 });
    });
    const last = all[all.length - 1];
    if (!last) return;
    write(pen, short(last.from), left, all.length * row + 10, { color: colors.muted });
    write(pen, short(last.to), width, all.length * row + 10, { color: colors.muted, align: "right" });
  },
};

function moments({ from, to, counts }: { from: number; to: number; counts: ArrayLike<number> }): [number, number] {
  let [n, sum, squares] = [0, 0, 0];
  for (let k = 0; k < counts.length; k++) {
    const x = from + ((k + 0.5) / counts.length) * (to - from);
    n += counts[k];
    sum += counts[k] * x;
    squares += counts[k] * x * x;
  }
  const mean = sum / Math.max(n, 1);
  return [mean, Math.sqrt(Math.max(squares / Math.max(n, 1) - mean * mean, 0))];
}
