/** Distributions, a line each: the height of each block is a count. */
import type { Forms, Numbers } from "../../experiments/probe.ts";
import { show } from "../../experiments/text.ts";
import { cut, padEnd, widthOf } from "../width.ts";
import { type Drawing, named } from "./form.ts";

const heights = " ▁▂▃▄▅▆▇█";

export function histograms(reading: Forms["histograms"], { terminal, columns }: Drawing): string[] {
  const names = reading.map(({ name }) => named(name, terminal));
  const ranges = reading.map(({ from, to }) => `${show(from)} … ${show(to)}`);
  const range = Math.max(...ranges.map(widthOf), 0);
  const label = Math.min(Math.max(...names.map(widthOf), 0), Math.max(columns - range - 14, 4));
  const room = Math.max(Math.min(columns - label - range - 4, 48), 1);
  return reading.map(({ counts }, i) => {
    const line = padEnd(sparkline(counts, room), Math.min(room, Math.max(...reading.map((h) => h.counts.length))));
    const name = padEnd(cut(names[i], label), label);
    return `${name}  ${terminal.style("cool", line)}  ${terminal.style("dim", ranges[i])}`;
  });
}

/** Counts as blocks, in at most `room` columns; what is there at all is seen. */
function sparkline(counts: Numbers, room: number): string {
  const each = Math.ceil(counts.length / room);
  const sums: number[] = [];
  for (let i = 0; i < counts.length; i++) sums[Math.floor(i / each)] = (sums[Math.floor(i / each)] ?? 0) + counts[i];
  const most = Math.max(...sums, 1e-300);
  return sums.map((n) => heights[Math.min(Math.ceil((n / most) * 8), 8)]).join("");
}
