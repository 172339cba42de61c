/** Long curves in as many points as there are pixels, with nothing lost that would be seen. */
import type { Numbers } from "../../../src/experiments/probe.ts";

/** Which points of a line are drawn. More than pixels are thinned, keeping the least and the greatest of each few. */
export function thinned(y: Numbers, most = 1500): number[] {
  const every = Math.ceil((2 * y.length) / most);
  if (every <= 2) return Array.from(y, (_, i) => i);
  const kept: number[] = [];
  for (let from = 0; from < y.length; from += every) {
    let [low, high] = [from, from];
    for (let i = from; i < Math.min(from + every, y.length); i++) {
      if (!(y[i] >= y[low])) low = i; // what is no number is kept as well, so that its gap is seen
      if (y[i] > y[high]) high = i;
    }
    kept.push(...new Set(low < high ? [low, high] : [high, low]));
  }
  if (kept.at(-1) !== y.length - 1) kept.push(y.length - 1);
  return kept;
}
