/** Shades of numbers from 0 to 1: colours where there are 256, characters where not. */
import type { Terminal } from "../terminal.ts";

const esc = String.fromCharCode(27);
export const reset: string = `${esc}[0m`;
export const foreground = (color: number): string => `${esc}[38;5;${color}m`;
export const background = (color: number): string => `${esc}[48;5;${color}m`;

/** From blue through grey to orange, which everybody can tell apart. */
const diverging = [25, 31, 67, 103, 138, 173, 172, 166];
const ramp = " .:-=+*#";

/** The 24 greys of the palette, darkest first. */
export const grey = (part: number): number => 232 + Math.round(part * 23);
/** The colour of a part. */
export const blueToOrange = (part: number): number => diverging[level(part, diverging.length)];
/** The character of a part, where there are no colours. */
export const rampOf = (part: number): string => ramp[level(part, ramp.length)];
/** How dark ink is: rounded up, so that thin lines do not vanish. */
export const ink = (part: number): string => " ░▒▓█"[Math.min(Math.ceil(part * 4), 4)];

const level = (part: number, levels: number): number => Math.min(Math.max(Math.floor(part * levels), 0), levels - 1);

/** Two pixels above each other in one character, whose upper half has the foreground's colour. */
export function halfBlocks(rows: number, cols: number, color: (row: number, col: number) => number): string[] {
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

/** Whether a terminal has the colours that shades need. */
export const hasShades = ({ colorDepth }: Terminal): boolean => colorDepth >= 8;
