/** What tells lanes and lines apart: a pattern of dots, and where there are colours, a colour as well. */
import type { Terminal } from "../terminal.ts";

/** Which dots along a line are drawn, over and over. */
const patterns = ["1", "111100", "100", "11110010"] as const;
/** Blue, orange, green and pink of the palette of 256, which everybody can tell apart, and the nearest of the first 16. */
const colors256 = [75, 214, 36, 175] as const;
const colors16 = [36, 33, 32, 35] as const;
const esc = String.fromCharCode(27);

/** Whether line `n` has its dot number `x`. */
export const isDrawn = (n: number, x: number): boolean => {
  const pattern = patterns[n % patterns.length];
  return pattern[x % pattern.length] === "1";
};

/** Text in the colour of line `n`. */
export function paint(n: number, text: string, { colorDepth }: Terminal): string {
  if (colorDepth < 4) return text;
  const i = n % patterns.length;
  return `${esc}[${colorDepth >= 8 ? `38;5;${colors256[i]}` : colors16[i]}m${text}${esc}[0m`;
}

/** A piece of line `n`, for legends: so many characters. */
export function sample(n: number, terminal: Terminal, length = 4): string {
  let text = "";
  for (let i = 0; i < length; i++) {
    const dots = (isDrawn(n, 2 * i) ? 0x04 : 0) + (isDrawn(n, 2 * i + 1) ? 0x20 : 0);
    text += dots === 0 ? " " : String.fromCodePoint(0x2800 + dots);
  }
  return paint(n, text, terminal);
}
