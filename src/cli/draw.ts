/** Figures in a terminal: digits, tables and maps, with colours where there are some and with characters where not. */
import type { Figure } from "../experiments/demo.ts";
import type { Terminal } from "./terminal.ts";
import { padEnd, widthOf, wrap } from "./width.ts";
import { words } from "./words.ts";

type Kind<K extends Figure["kind"]> = Extract<Figure, { kind: K }>;

/** The lines of a figure. */
export function draw(figure: Figure, terminal: Terminal): string[] {
  switch (figure.kind) {
    case "confusion":
      return confusion(figure, terminal);
    case "digits":
      return digits(figure, terminal);
    case "map":
      return map(figure, terminal);
    case "table":
      return table([figure.head.map((text) => terminal.say(text)), ...figure.rows], terminal);
    default:
      return figure satisfies never;
  }
}

/** Rows of cells in columns; the first row is their head. */
export function table(rows: readonly (readonly string[])[], terminal: Terminal): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
  }
  return rows.map((row, i) => {
    const line = row
      .map((cell, j) => padEnd(cell, widths[j]))
      .join("  ")
      .trimEnd();
    return i === 0 ? terminal.style("dim", line) : line;
  });
}

/** The counts of each class in each, or where that is too wide, only the most frequent mistakes. */
function confusion({ counts }: Kind<"confusion">, terminal: Terminal): string[] {
  const cell = Math.max(...counts.flat().map((n) => String(n).length)) + 1;
  const label = String(counts.length - 1).length;
  if (label + 2 + counts.length * cell > terminal.columns - 1) return mistakes(counts, terminal);
  const head = `${" ".repeat(label)} │${counts.map((_, j) => String(j).padStart(cell)).join("")}`;
  const rule = `${"─".repeat(label + 1)}┼${"─".repeat(counts.length * cell)}`;
  const rows = counts.map((row, i) => {
    const cells = row.map((n, j) => {
      const text = (n === 0 ? "·" : String(n)).padStart(cell);
      return terminal.style(n === 0 ? "dim" : i === j ? "good" : "bad", text);
    });
    return `${String(i).padStart(label)} │${cells.join("")}`;
  });
  const guide = wrap(terminal.say(words.confusionHead), terminal.columns - 1).map((line) =>
    terminal.style("dim", line),
  );
  return [...guide, head, rule, ...rows];
}

function mistakes(counts: readonly (readonly number[])[], terminal: Terminal): string[] {
  const found = counts.flatMap((row, actual) =>
    row.flatMap((n, predicted) => (n > 0 && actual !== predicted ? [{ n, actual, predicted }] : [])),
  );
  const worst = found.sort((a, b) => b.n - a.n).slice(0, 8);
  const head = terminal.style("dim", terminal.say(words.confusions));
  if (worst.length === 0) return [head, terminal.say(words.noMistakes)];
  return [
    head,
    ...worst.map(({ n, actual, predicted }) => `${actual} → ${predicted}  ${terminal.say(words.times(n))}`),
  ];
}

const esc = String.fromCharCode(27);
const reset = `${esc}[0m`;
const foreground = (color: number): string => `${esc}[38;5;${color}m`;
const background = (color: number): string => `${esc}[48;5;${color}m`;

/** Two pixels above each other in one character, whose upper half has the foreground's colour. */
function halfBlocks(rows: number, cols: number, color: (row: number, col: number) => number): string[] {
  return Array.from({ length: Math.ceil(rows / 2) }, (_, i) => {
    let [line, before] = ["", ""];
    for (let col = 0; col < cols; col++) {
      const code = foreground(color(2 * i, col)) + background(color(Math.min(2 * i + 1, rows - 1), col));
      line += code === before ? "▀" : `${code}▀`;
      before = code;
    }
    return line + reset;
  });
}

const shades = " ░▒▓█";
/** The 24 greys of the palette of 256 colours, darkest first. */
const grey = (part: number): number => 232 + Math.round(part * 23);

/** Images side by side, as many as fit, and below each what it is and what it was taken for. */
function digits({ digits: all, rows, cols }: Kind<"digits">, terminal: Terminal): string[] {
  const gap = 2;
  // The outermost pixels are empty, or nearly so; without them, three images are as wide as most terminals.
  const margin = Math.floor(rows / 14);
  const isLarge = 3 * (cols - 2 * margin + gap) <= terminal.columns + 1;
  const scale = isLarge ? 1 : 2;
  const [height, width] = [rows, cols].map((size) => (isLarge ? size - 2 * margin : Math.floor(size / 2)));
  const from = isLarge ? margin : 0;
  const perLine = Math.max(Math.floor((terminal.columns - 1 + gap) / (width + gap)), 1);
  const lines: string[] = [];
  const shown = all.slice(0, perLine < 3 ? 2 * perLine : perLine);
  for (let first = 0; first < shown.length; first += perLine) {
    const some = shown.slice(first, first + perLine);
    const pictures = some.map(({ pixels }) => {
      const ink = (row: number, col: number): number => {
        let sum = 0;
        for (let i = 0; i < scale; i++) {
          for (let j = 0; j < scale; j++) sum += pixels[(from + row * scale + i) * cols + from + col * scale + j];
        }
        return sum / (255 * scale * scale);
      };
      return picture(height, width, ink, terminal);
    });
    const captions = some.map(({ label, predicted }) => {
      const long = `${terminal.say(words.is)} ${label}, ${terminal.say(words.taken)} ${predicted}`;
      return padEnd(widthOf(long) <= width ? long : `${label} → ${predicted}`, width);
    });
    if (first > 0) lines.push("");
    for (const [i] of pictures[0].entries())
      lines.push(
        pictures
          .map((p) => p[i])
          .join(" ".repeat(gap))
          .trimEnd(),
      );
    lines.push(captions.join(" ".repeat(gap)).trimEnd());
  }
  return lines;
}

function picture(rows: number, cols: number, ink: (row: number, col: number) => number, terminal: Terminal): string[] {
  if (terminal.colorDepth >= 8) return halfBlocks(rows, cols, (row, col) => grey(ink(row, col)));
  return Array.from({ length: Math.ceil(rows / 2) }, (_, i) =>
    Array.from({ length: cols }, (_, col) => {
      const mean = (ink(2 * i, col) + ink(Math.min(2 * i + 1, rows - 1), col)) / 2;
      // Rounded up, so that thin lines do not vanish.
      return shades[Math.min(Math.ceil(mean * (shades.length - 1)), shades.length - 1)];
    }).join(""),
  );
}

/** From blue through grey to orange, which everybody can tell apart; and the same for the points, brighter. */
const mapColors = [25, 31, 67, 103, 138, 173, 172, 166];
const pointColors = [117, 223];
const mapShades = " .:-=+*#";

/** What a classifier says of each place. Points are `o` and `x`. */
function map({ rows, cols, values, points }: Kind<"map">, terminal: Terminal): string[] {
  const width = Math.min(terminal.columns - 1, 60);
  const height = Math.round(width / 2);
  const valueAt = (row: number, col: number, ofRows: number): number => {
    const r = Math.min(Math.floor(((row + 0.5) / ofRows) * rows), rows - 1);
    const c = Math.min(Math.floor(((col + 0.5) / width) * cols), cols - 1);
    return Math.min(Math.max(values[r * cols + c], 0), 1);
  };
  const marks = new Map(
    points.map(({ x, y, label }) => {
      const row = Math.min(Math.floor(((1 - y) / 2) * height), height - 1);
      const col = Math.min(Math.floor(((x + 1) / 2) * width), width - 1);
      return [row * width + col, label];
    }),
  );
  return Array.from({ length: height }, (_, row) => {
    let line = "";
    for (let col = 0; col < width; col++) {
      const value = valueAt(row, col, height);
      const mark = marks.get(row * width + col);
      const level = Math.min(Math.floor(value * mapColors.length), mapColors.length - 1);
      const character = mark === undefined ? " " : "ox"[mark];
      if (terminal.colorDepth >= 8) {
        line += `${background(mapColors[level])}${mark === undefined ? "" : foreground(pointColors[mark])}${character}`;
      } else line += mark === undefined ? mapShades[level] : character;
    }
    return terminal.colorDepth >= 8 ? line + reset : line.trimEnd();
  });
}

/** Rows of a name and what it means: beside each other, or below where the terminal is narrow. */
export function definitions(rows: readonly (readonly [name: string, text: string])[], terminal: Terminal): void {
  const widest = Math.max(...rows.map(([name]) => widthOf(name)));
  const isNarrow = widest + 4 > terminal.columns / 2;
  for (const [name, text] of rows) {
    if (isNarrow) {
      terminal.print(`  ${terminal.style("cool", name)}`);
      terminal.prose(text, 4);
    } else terminal.hanging(`  ${padEnd(terminal.style("cool", name), widest)}  `, text);
  }
}
