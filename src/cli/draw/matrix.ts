/** Tables of numbers: as numbers where they fit, else as shades. */
import type { Forms } from "../../experiments/probe.ts";
import { show } from "../../experiments/text.ts";
import { cut, padEnd, padStart, widthOf } from "../width.ts";
import { words } from "../words.ts";
import { type Drawing, named } from "./form.ts";
import { background, blueToOrange, hasShades, rampOf, reset } from "./palette.ts";

/** Rows that are read as numbers; more are looked at. */
const mostRows = 24;

export function matrix(reading: Forms["matrix"], drawing: Drawing): string[] {
  const { terminal, columns, kind } = drawing;
  const { rows, cols, values } = reading;
  const rowNames = reading.rowNames?.map((name) => named(name, terminal));
  const colNames = reading.colNames?.map((name) => named(name, terminal));
  const label = Math.min(Math.max(...(rowNames?.map(widthOf) ?? [0])), Math.floor(columns / 3));
  const text = (v: number): string => (kind === "probability" ? v.toFixed(2) : show(v));
  const cells = Array.from(values, text);
  const cell = Math.max(...cells.map(widthOf), ...(colNames?.map(widthOf) ?? [])) + 1;
  const margin = rowNames ? label + 2 : 0;
  const confusion = isConfusion(reading, drawing);
  if (rows > mostRows || margin + cols * cell > columns) {
    return confusion ? mistakes(reading, drawing) : shades(reading, drawing, rowNames, label);
  }
  const lead = (name: string): string => (rowNames ? `${padEnd(cut(name, label), label)} │` : "");
  const head = colNames
    ? [
        lead("") + colNames.map((name) => padStart(name, cell)).join(""),
        (rowNames ? `${"─".repeat(label + 1)}┼` : "") + "─".repeat(cols * cell),
      ]
    : [];
  const body = Array.from({ length: rows }, (_, i) => {
    const row = Array.from({ length: cols }, (_, j) => {
      const value = values[i * cols + j];
      const shown = padStart(kind === "count" && value === 0 ? "·" : cells[i * cols + j], cell);
      if (!confusion) return value === 0 ? terminal.style("dim", shown) : shown;
      return terminal.style(value === 0 ? "dim" : i === j ? "good" : "bad", shown);
    });
    return lead(rowNames?.[i] ?? "") + row.join("");
  });
  return [...head, ...body];
}

/** Whether it counts what was taken for what. */
function isConfusion({ rows, cols, rowNames, colNames }: Forms["matrix"], { kind }: Drawing): boolean {
  return kind === "count" && rows === cols && rowNames !== undefined && String(rowNames) === String(colNames);
}

/** The most frequent mistakes, where all counts together are too wide. */
function mistakes({ cols, values, rowNames = [] }: Forms["matrix"], { terminal }: Drawing): string[] {
  const name = (i: number): string => named(rowNames[i], terminal);
  const found = Array.from(values, (n, at) => ({ n, actual: Math.floor(at / cols), predicted: at % cols }));
  const wrong = found.filter(({ n, actual, predicted }) => n > 0 && actual !== predicted);
  const worst = wrong.sort((a, b) => b.n - a.n).slice(0, 8);
  const head = terminal.style("dim", terminal.say(words.confusions));
  if (worst.length === 0) return [head, terminal.say(words.noMistakes)];
  const line = ({ n, actual, predicted }: (typeof worst)[number]): string =>
    `${name(actual)} → ${name(predicted)}  ${terminal.say(words.times(n))}`;
  return [head, ...worst.map(line)];
}

function shades(
  { rows, cols, values }: Forms["matrix"],
  { terminal, columns, scale }: Drawing,
  rowNames: readonly string[] | undefined,
  label: number,
): string[] {
  const isNamed = rowNames !== undefined && rows <= mostRows;
  const room = columns - (isNamed ? label + 1 : 0);
  // Characters are twice as high as wide: a cell is two of them where there is room, and stands for several where not.
  const each = Math.ceil(cols / room);
  const wide = 2 * cols <= room ? 2 : 1;
  const tall = Math.max(Math.ceil(rows / mostRows), wide === 1 ? Math.min(2 * each, rows) : 1);
  const lines: string[] = [];
  for (let row = 0; row < rows; row += isNamed ? 1 : tall) {
    let line = "";
    for (let col = 0; col < cols; col += each) {
      const part = scale.part(mean(values, cols, row, Math.min(row + (isNamed ? 1 : tall), rows), col, each));
      line += hasShades(terminal) ? background(blueToOrange(part)) + " ".repeat(wide) : rampOf(part).repeat(wide);
    }
    const lead = isNamed ? `${padEnd(cut(rowNames[row], label), label)} ` : "";
    lines.push(hasShades(terminal) ? lead + line + reset : (lead + line).trimEnd());
  }
  return [...lines, terminal.style("dim", `${show(scale.from)} … ${show(scale.to)}`)];
}

function mean(
  values: ArrayLike<number>,
  cols: number,
  top: number,
  bottom: number,
  left: number,
  width: number,
): number {
  let [sum, count] = [0, 0];
  for (let row = top; row < bottom; row++) {
    for (let col = left; col < Math.min(left + width, cols); col++, count++) sum += values[row * cols + col];
  }
  return sum / count;
}
