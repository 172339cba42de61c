/** How numbers are distributed, as pictures take it. */
import type { Forms } from "../probe.ts";
import type { Label } from "../text.ts";

/** Counts of numbers in `bins` parts from `from` to `to`; what lies beyond counts for the outermost. */
export function histogramOf(
  name: Label,
  values: ArrayLike<number>,
  { from, to, bins = 40 }: { from: number; to: number; bins?: number },
): Forms["histograms"][number] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of Array.from(values)) {
    const bin = Math.floor(((value - from) / (to - from)) * bins);
    if (!Number.isNaN(bin)) counts[Math.min(Math.max(bin, 0), bins - 1)]++;
  }
  return { name, from, to, counts };
}
