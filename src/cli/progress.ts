/** How far training is: a line that is written over, or a plain line now and then where that is not possible. */
import type { Counts } from "../experiments/demo.ts";
import type { TrainingProgress } from "../train/index.ts";
import type { Terminal } from "./terminal.ts";
import { widthOf } from "./width.ts";
import { words } from "./words.ts";

/** Milliseconds between redrawings, and between plain lines within an epoch. */
const redraw = 100;
const plainPause = 5000;

export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  #last = -Infinity;

  constructor(terminal: Terminal, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  show(progress: TrainingProgress, counts: Counts): void {
    const endsEpoch = progress.endsEpoch && isMilestone(progress);
    const now = this.#now();
    const terminal = this.#terminal;
    if (terminal.isLive) {
      if (!endsEpoch && now - this.#last < redraw) return;
      this.#last = now;
      terminal.live(progressText(progress, counts, terminal, terminal.columns - 1));
      // What was reached after each epoch stays to be seen.
      if (endsEpoch) terminal.settle();
    } else {
      // The first plain line within an epoch comes a pause after the one before, not at once.
      if (this.#last === -Infinity) this.#last = now;
      if (!endsEpoch && now - this.#last < plainPause) return;
      this.#last = now;
      terminal.print(progressText(progress, counts, terminal, Infinity));
    }
  }
}

/** Whether the end of the epoch is one to remember: of many, about ten are. */
const isMilestone = ({ epoch, epochs }: TrainingProgress): boolean =>
  epochs <= 20 || epoch === epochs || epoch % Math.ceil(epochs / 10) === 0;

/** A piece of the line. Those with the greatest `drop` are left out first where the line is too narrow. */
interface Piece {
  readonly text: string;
  readonly drop: number;
}

/** One line on how far training is, in at most `columns`. */
export function progressText(progress: TrainingProgress, counts: Counts, terminal: Terminal, columns: number): string {
  const { epoch, epochs, step, steps, loss, samplesPerSecond, secondsLeft } = progress;
  const accuracy = progress.metrics.accuracy ?? null;
  const say = terminal.say.bind(terminal);
  const rate = Math.round(samplesPerSecond).toLocaleString("en");
  const pieces: Piece[] = [
    { text: `${say(words[counts])} ${String(epoch).padStart(String(epochs).length)}/${epochs}`, drop: 1 },
    ...(columns === Infinity || steps === null ? [] : [{ text: "", drop: 4 }]),
    { text: `${say(words.loss)} ${number(loss)}`, drop: 0 },
    ...(accuracy === null ? [] : [{ text: `${say(words.accuracy)} ${percent(accuracy)}`, drop: 2 }]),
    ...(samplesPerSecond > 0 ? [{ text: `${rate}${say(words.perSecond)}`, drop: 5 }] : []),
    ...(step === steps || secondsLeft === null ? [] : [{ text: say(words.left(clock(secondsLeft))), drop: 3 }]),
  ];
  const barAt = pieces.findIndex(({ text }) => text === "");
  const gap = 2;
  const widthWithout = (kept: readonly Piece[]): number =>
    kept.reduce((sum, { text }) => sum + (text === "" ? shortestBar : widthOf(text)), gap * (kept.length - 1));
  let kept: readonly Piece[] = pieces;
  while (kept.length > 1 && widthWithout(kept) > columns) {
    const worst = Math.max(...kept.map(({ drop }) => drop));
    kept = kept.filter(({ drop }) => drop !== worst);
  }
  const room = columns === Infinity ? 0 : Math.min(columns - widthWithout(kept) + shortestBar, 30);
  return kept
    .map((piece) => (piece === pieces[barAt] ? bar(step / (steps ?? step), room, terminal) : piece.text))
    .join(" ".repeat(gap));
}
const shortestBar = 6;

/** What was reached by now. */
export function reachedText(loss: number, accuracy: number | undefined, terminal: Terminal): string {
  const parts = [`${terminal.say(words.loss)} ${number(loss)}`];
  if (accuracy !== undefined) parts.push(`${terminal.say(words.accuracy)} ${percent(accuracy)}`);
  return parts.join("  ");
}

/** A bar of `columns`, as full as `part` says. */
export function bar(part: number, columns: number, terminal: Terminal): string {
  const full = Math.round(Math.min(Math.max(part, 0), 1) * columns);
  return terminal.style("cool", "━".repeat(full)) + terminal.style("dim", "╌".repeat(columns - full));
}

/** A loss, in as many digits as are worth reading. */
export function number(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  return size !== 0 && (size < 0.001 || size >= 10_000) ? x.toExponential(2) : x.toPrecision(4).slice(0, 6);
}
/** A part of 1 as a percentage. It is 100 % only where nothing is missing. */
export function percent(part: number): string {
  const tenths = part < 1 ? Math.min(Math.round(part * 1000), 999) : 1000;
  return tenths === 1000 ? "100%" : `${(tenths / 10).toFixed(1)}%`;
}
/** Seconds as minutes and seconds. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–:––";
  const whole = Math.ceil(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
