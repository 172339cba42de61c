/** Images as pictures take them. */
import type { Forms } from "../probe.ts";

/** The first `count` of images that lie one after another, without captions. */
export const imagesOf = (
  all: Float32Array,
  count: number,
  [rows, cols]: readonly [number, number],
): Forms["images"] => ({
  rows,
  cols,
  images: Array.from({ length: count }, (_, i) => ({ pixels: all.slice(i * rows * cols, (i + 1) * rows * cols) })),
});
