/** Numbers of a few things with names, as bars. */
import type { Forms } from "../../experiments/probe.ts";
import { show } from "../../experiments/text.ts";
import { cut, padEnd, padStart, widthOf } from "../width.ts";
import { type Drawing, named } from "./form.ts";

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const shortestBar = 4;

export function bars({ names, values }: Forms["bars"], { terminal, columns, kind, scale }: Drawing): string[] {
  const numbers = Array.from(values, show);
  const numberWidth = Math.max(...numbers.map(widthOf), 0);
  const labels = names.map((name) => named(name, terminal));
  const labelWidth = Math.min(
    Math.max(...labels.map(widthOf), 0),
    Math.max(columns - numberWidth - shortestBar - 4, 4),
  );
  const room = Math.min(Math.max(columns - labelWidth - numberWidth - 4, 1), 60);
  return labels.map((label, i) => {
    const bar = kind === "signed" ? fromMiddle(values[i], room) : fromLeft(scale.part(values[i]), room, values[i] > 0);
    const text = padEnd(cut(label, labelWidth), labelWidth);
    return `${text}  ${terminal.style("cool", padEnd(bar, room))}  ${padStart(numbers[i], numberWidth)}`;
  });

  function fromMiddle(value: number, room: number): string {
    const half = Math.max(Math.floor((room - 1) / 2), 1);
    const length = Math.round(Math.abs(scale.part(value) - 0.5) * 2 * half) || 0;
    const bar = "█".repeat(length);
    return value < 0 ? `${padStart(bar, half)}│` : `${" ".repeat(half)}│${bar}`;
  }
}

/** A bar from the left; of what is there at all, at least a trace is seen. */
function fromLeft(part: number, room: number, isThere: boolean): string {
  const length = Math.max(Math.round(part * room * 8) || 0, isThere ? 1 : 0);
  return "█".repeat(Math.floor(length / 8)) + eighths[length % 8];
}
