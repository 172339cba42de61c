/** Cells in columns, or below each other where they are too wide. */
import type { Terminal } from "../terminal.ts";
import { padEnd, padStart, widthOf, wrap } from "../width.ts";

const gap = 2;

/** Columns that rows of cells take beside each other. */
export const widthOfTable = (rows: readonly (readonly string[])[]): number =>
  widthsOf(rows).reduce((sum, width) => sum + width + gap, -gap);

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  }
  return widths;
}

/** Rows of cells in columns; the first row is their head. Columns of numbers stand to the right. */
export function table(rows: readonly (readonly string[])[], terminal: Terminal, columns: number): string[] {
  if (widthOfTable(rows) > columns) return listed(rows, terminal, columns);
  const widths = widthsOf(rows);
  const isNumber = (cell: string): boolean => /^(|–|[-−+]?[\d.,]+(e-?\d+)?( ?%)?)$/.test(cell);
  const isRight = widths.map((_, j) => j > 0 && rows.slice(1).every((row) => isNumber(row[j] ?? "")));
  return rows.map((row, i) => {
    const cells = row.map((cell, j) => (isRight[j] ? padStart(cell, widths[j]) : padEnd(cell, widths[j])));
    const line = cells.join(" ".repeat(gap)).trimEnd();
    return i === 0 ? terminal.style("dim", line) : line;
  });
}

/** Each row by itself: its first cell, and below it what its others are. */
function listed([head, ...rows]: readonly (readonly string[])[], terminal: Terminal, columns: number): string[] {
  const names = head.slice(1);
  const widest = Math.max(...names.map(widthOf));
  const values = rows.flatMap((row) => row.slice(1).map(widthOf));
  const isAligned = widest + Math.max(...values) + 2 * gap <= columns;
  return rows.flatMap(([first, ...cells]) => [
    ...wrap(first, columns),
    ...cells.flatMap((cell, j) => {
      const name = isAligned ? padEnd(names[j], widest) : names[j];
      if (widthOf(name) + widthOf(cell) + 2 * gap <= columns)
        return `  ${terminal.style("dim", name)}  ${cell}`.trimEnd();
      return [
        ...wrap(name, columns - 2).map((l) => `  ${terminal.style("dim", l)}`),
        ...wrap(cell, columns - 4).map((l) => `    ${l}`),
      ];
    }),
  ]);
}
