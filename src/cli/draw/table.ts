/** Cells in columns, or below each other where they are too wide. */
import type { Terminal } from "../terminal.ts";
import { padEnd, padStart, widthOf } from "../width.ts";

const gap = 2;

/** Rows of cells in columns; the first row is their head. Columns of numbers stand to the right. */
export function table(rows: readonly (readonly string[])[], terminal: Terminal, columns: number): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  }
  if (widths.reduce((sum, width) => sum + width + gap, -gap) > columns) return listed(rows, terminal);
  const isNumber = (cell: string): boolean => cell === "" || /^[-+]?[\d.,]+(e-?\d+)?( ?%)?$/.test(cell);
  const isRight = widths.map((_, j) => j > 0 && rows.slice(1).every((row) => isNumber(row[j] ?? "")));
  return rows.map((row, i) => {
    const cells = row.map((cell, j) => (isRight[j] ? padStart(cell, widths[j]) : padEnd(cell, widths[j])));
    const line = cells.join(" ".repeat(gap)).trimEnd();
    return i === 0 ? terminal.style("dim", line) : line;
  });
}

/** Each row by itself: its first cell, and below it what its others are. */
function listed([head, ...rows]: readonly (readonly string[])[], terminal: Terminal): string[] {
  return rows.flatMap(([name, ...cells]) => [
    name,
    ...cells.map((cell, j) => `  ${terminal.style("dim", head[j + 1])}  ${cell}`),
  ]);
}
