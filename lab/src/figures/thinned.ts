/** Long curves in as many points as there are pixels, with nothing lost that would be seen. */
import type { Numbers } from "../../../src/experiments/probe.ts";

/**
 * Which points of a line are drawn. More than pixels are thinned, keeping the least and the greatest of each few, and one
 * that is no number, so that its gap is seen.
 */
export function thinned(y: Numbers, most = 1500): number[] {
  const every = Math.ceil((2 * y.length) / most);
  if (every <= 2) return Array.from(y, (_, i) => i);
  const kept: number[] = [];
  for (let from = 0; from < y.length; from += every) {
    let [low, high, gap] = [-1, -1, -1];
    for (let i = from; i < Math.min(from + every, y.length); i++) {
      if (Number.isNaN(y[i])) gap = i;
      else {
        if (low < 0 || y[i] < y[low]) low = i;
        if (high < 0 || y[i] > y[high]) high = i;
      }
    }
    const places = new Set([low, high, gap].filter((i) => i >= 0));
    kept.push(...[...places].sort((a, b) => a - b));
  }
  if (kept.at(-1) !== y.length - 1) kept.push(y.length - 1);
  return kept;
}
