/** Pieces that stay whole, in lines. */
import { padEnd, widthOf } from "../width.ts";

/** As many pieces in each line as fit. */
export function flow(pieces: readonly string[], columns: number, between = "   "): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last + between + piece) <= columns) lines[lines.length - 1] += between + piece;
    else lines.push(piece);
  }
  return lines;
}

/** Blocks of lines beside each other, each `width` wide; where their heads differ in height, what follows is level. */
export function beside(
  blocks: readonly { readonly head: readonly string[]; readonly body: readonly string[] }[],
  width: number,
  gap: number,
): string[] {
  const tallest = Math.max(...blocks.map(({ head }) => head.length));
  const all = blocks.map(({ head, body }) => [...head, ...Array<string>(tallest - head.length).fill(""), ...body]);
  const height = Math.max(...all.map(({ length }) => length));
  return Array.from({ length: height }, (_, i) => {
    const row = all.map((lines, j) => (j === all.length - 1 ? (lines[i] ?? "") : padEnd(lines[i] ?? "", width)));
    return row.join(" ".repeat(gap)).trimEnd();
  });
}
