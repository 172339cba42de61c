/** Curves in a terminal: each character is two dots wide and four dots high (Braille patterns). */
import type { Numbers, Probe } from "../../experiments/probe.ts";
import { show } from "../../experiments/text.ts";
import type { Terminal } from "../terminal.ts";
import { padEnd, padStart, widthOf } from "../width.ts";
import { type Scale, scaleOfCurves } from "./scale.ts";
import { isDrawn, paint } from "./strokes.ts";

/** A curve, whose pattern and colour are those of number `n`. */
export interface Curve {
  readonly n: number;
  readonly x: Numbers;
  readonly y: Numbers;
  /** Dots without lines between them. */
  readonly dots?: boolean;
}

export interface ChartOptions {
  readonly kind: Probe["kind"];
  readonly columns: number;
  readonly rows: number;
  /** What the horizontal axis spans; the numbers that there are, unless given. */
  readonly x?: readonly [from: number, to: number];
  /** Whether the ends of the horizontal axis are written below it. */
  readonly hasFoot?: boolean;
}

/** The lines of a chart. */
export function chart(curves: readonly Curve[], options: ChartOptions, terminal: Terminal): string[] {
  const { kind, columns, rows, hasFoot = true } = options;
  const xs = curves.flatMap(({ x }) => Array.from(x));
  const [from, to] = options.x ?? [Math.min(...xs), Math.max(...xs)];
  const logs = kind === "magnitude";
  const thinned = (dots: number): Curve[] => curves.map((curve) => thin(curve, from, to, dots, logs));
  const scaleFor = (some: readonly Curve[]): Scale =>
    scaleOfCurves(
      kind,
      some.flatMap(({ y }) => Array.from(y)),
    );
  // The numbers at the axis take room, which decides how curves are thinned out, which decides the numbers.
  let [margin, width] = [0, columns - 1];
  let some: readonly Curve[] = [];
  let scale: Scale;
  let ends: readonly [least: string, most: string];
  do {
    width = Math.max(columns - margin - 1, 1);
    some = thinned(2 * width);
    scale = scaleFor(some);
    ends = endsOf(scale);
  } while (margin < Math.max(...ends.map(widthOf)) && ++margin < columns / 2);
  const canvas = new Canvas(width, rows);
  for (const curve of some) trace(curve, canvas, (x) => (to > from ? (x - from) / (to - from) : 0.5), scale);
  const labels = [ends[1], ...Array<string>(Math.max(rows - 2, 0)).fill(""), ends[0]];
  const lines = canvas.lines(terminal).map((line, i) => {
    const axis = labels[i] === "" ? "│" : "┤";
    return terminal.style("dim", padStart(labels[i] ?? "", margin) + axis) + line;
  });
  if (!hasFoot) return lines;
  const right = show(to);
  const foot = padEnd(show(from), width - widthOf(right)) + right;
  return [...lines, terminal.style("dim", " ".repeat(margin + 1) + foot)];
}

/** The ends of a scale in as few digits as tell them apart. */
function endsOf({ from, to }: Scale): readonly [string, string] {
  if (show(from) !== show(to)) return [show(from), show(to)];
  let digits = 4;
  while (digits < 15 && from.toPrecision(digits) === to.toPrecision(digits)) digits++;
  return [from.toPrecision(digits), to.toPrecision(digits)];
}

/** Columns of dots that one point of a curve with many points stands for. */
const dotsPerPoint = 3;

/** A curve with few enough points to be followed: means of those that lie together, of logarithms if `logs`. */
function thin(curve: Curve, from: number, to: number, width: number, logs: boolean): Curve {
  const { x, y } = curve;
  const dots = Math.max(Math.floor(width / dotsPerPoint), 2);
  if (x.length <= dots || curve.dots || !(to > from)) return curve;
  const bins = Array.from({ length: dots }, () => ({ x: 0, y: 0, count: 0 }));
  const usesLogs = logs && Array.from(y).every((v) => v > 0);
  for (let i = 0; i < x.length; i++) {
    const bin = bins[Math.min(Math.max(Math.floor(((x[i] - from) / (to - from)) * dots), 0), dots - 1)];
    bin.x += x[i];
    bin.y += usesLogs ? Math.log(y[i]) : y[i];
    bin.count++;
  }
  const filled = bins.filter(({ count }) => count > 0);
  const mean = (sum: number, count: number): number => (usesLogs ? Math.exp(sum / count) : sum / count);
  return {
    n: curve.n,
    x: filled.map((bin) => bin.x / bin.count),
    y: filled.map((bin) => mean(bin.y, bin.count)),
  };
}

function trace({ n, x, y, dots }: Curve, canvas: Canvas, partOfX: (x: number) => number, scale: Scale): void {
  let before: readonly [number, number] | null = null;
  let phase = 0;
  for (let i = 0; i < x.length; i++) {
    // Zero is nowhere on a scale of powers.
    if (!Number.isFinite(y[i]) || (scale.isLog && y[i] <= 0)) {
      before = null;
      continue;
    }
    const at = [
      Math.round(partOfX(x[i]) * (2 * canvas.columns - 1)),
      Math.round((1 - scale.part(y[i])) * (4 * canvas.rows - 1)),
    ] as const;
    if (dots) canvas.dot(at[0], at[1], n);
    else phase = canvas.line(before ?? at, at, n, phase);
    before = at;
  }
}

/** The bit of each dot within a character: `bits[row][column]`. */
const bits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

class Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly #dots: Uint8Array;
  /** Whose dots were last drawn in a character, which gives it its colour. */
  readonly #owners: Int16Array;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#dots = new Uint8Array(columns * rows);
    this.#owners = new Int16Array(columns * rows).fill(-1);
  }

  dot(x: number, y: number, n: number): void {
    if (x < 0 || y < 0 || x >= 2 * this.columns || y >= 4 * this.rows) return;
    const at = Math.floor(y / 4) * this.columns + Math.floor(x / 2);
    this.#dots[at] |= bits[y % 4][x % 2];
    this.#owners[at] = n;
  }

  /** A line in the pattern of number `n`, which begins at `phase`; gives where it is at its end (Bresenham 1965). */
  line([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number], n: number, phase: number): number {
    const [dx, dy] = [Math.abs(x1 - x0), -Math.abs(y1 - y0)];
    const [sx, sy] = [x0 < x1 ? 1 : -1, y0 < y1 ? 1 : -1];
    let [x, y, error, at] = [x0, y0, dx + dy, phase];
    for (; ; at++) {
      if (isDrawn(n, at)) this.dot(x, y, n);
      if (x === x1 && y === y1) return at;
      const twice = 2 * error;
      if (twice >= dy) {
        error += dy;
        x += sx;
      }
      if (twice <= dx) {
        error += dx;
        y += sy;
      }
    }
  }

  lines(terminal: Terminal): string[] {
    return Array.from({ length: this.rows }, (_, row) => {
      let [line, run, owner] = ["", "", -1];
      const flush = (): void => {
        if (run !== "") line += owner < 0 ? run : paint(owner, run, terminal);
        run = "";
      };
      for (let col = 0; col < this.columns; col++) {
        const at = row * this.columns + col;
        if (this.#owners[at] !== owner) {
          flush();
          owner = this.#owners[at];
        }
        run += this.#dots[at] === 0 ? " " : String.fromCodePoint(0x2800 + this.#dots[at]);
      }
      flush();
      return terminal.colorDepth < 4 ? line.trimEnd() : line;
    });
  }
}
