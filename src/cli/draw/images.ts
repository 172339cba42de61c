/** Images side by side, as many as fit, each with its caption below. */
import type { Forms } from "../../experiments/probe.ts";
import { cut, padEnd, wrap } from "../width.ts";
import { type Drawing, named } from "./form.ts";
import { blueToOrange, grey, halfBlocks, hasShades, ink, rampOf } from "./palette.ts";

const gap = 2;
/** Rows of images that are shown: one of large images, a few of small ones. */
const mostLines = 2;

export function images({ images: all, rows, cols }: Forms["images"], drawing: Drawing): string[] {
  const { terminal, columns } = drawing;
  if (all.length === 0) return [];
  // The outermost pixels of larger ones are empty, or nearly so; without them, three are as wide as most terminals.
  const trim = drawing.kind === "probability" ? Math.floor(Math.min(rows, cols) / 14) : 0;
  const fits = (width: number): boolean => Math.min(3, all.length) * (width + gap) - gap <= columns;
  const isWhole = fits(cols - 2 * trim);
  const from = isWhole ? trim : 0;
  const shrink = isWhole ? 1 : Math.max(Math.ceil((Math.min(3, all.length) * cols) / (columns - 2 * gap)), 2);
  const stretch = isWhole && cols <= 10 ? 2 : 1;
  const size = (n: number): number => Math.max(isWhole ? n - 2 * trim : Math.floor(n / shrink), 1);
  const [height, width] = [size(rows) * stretch, size(cols) * stretch];
  const perLine = Math.max(Math.floor((columns + gap) / (width + gap)), 1);
  const shown = all.slice(0, perLine * (perLine < 3 || cols <= 10 ? mostLines : 1));
  const lines: string[] = [];
  for (let first = 0; first < shown.length; first += perLine) {
    const some = shown.slice(first, first + perLine);
    const pictures = some.map(({ pixels }) => {
      const value = (row: number, col: number): number => {
        const [top, left] = [from + Math.floor(row / stretch) * shrink, from + Math.floor(col / stretch) * shrink];
        let [sum, count] = [0, 0];
        for (let i = top; i < Math.min(top + shrink, rows); i++) {
          for (let j = left; j < Math.min(left + shrink, cols); j++, count++) sum += pixels[i * cols + j];
        }
        return drawing.scale.part(sum / count);
      };
      return picture(height, width, value, drawing);
    });
    if (first > 0) lines.push("");
    for (const [i] of pictures[0].entries()) {
      lines.push(
        pictures
          .map((picture) => picture[i])
          .join(" ".repeat(gap))
          .trimEnd(),
      );
    }
    const captions = some.map(({ caption = "" }) => wrap(named(caption, terminal), width).map((l) => cut(l, width)));
    for (let i = 0; i < Math.max(...captions.map(({ length }) => length)); i++) {
      const line = captions.map((caption) => padEnd(caption[i] ?? "", width)).join(" ".repeat(gap));
      lines.push(line.trimEnd());
    }
  }
  return lines;
}

function picture(
  rows: number,
  cols: number,
  value: (row: number, col: number) => number,
  { kind, terminal }: Drawing,
): string[] {
  const isSigned = kind === "signed";
  if (hasShades(terminal)) return halfBlocks(rows, cols, (r, c) => (isSigned ? blueToOrange : grey)(value(r, c)));
  return Array.from({ length: Math.ceil(rows / 2) }, (_, i) =>
    Array.from({ length: cols }, (_, col) => {
      const mean = (value(2 * i, col) + value(Math.min(2 * i + 1, rows - 1), col)) / 2;
      return isSigned ? rampOf(mean) : ink(mean);
    }).join(""),
  );
}
