/** Fields of numbers: functions over the plane, matrices and images, one colour for each number. */
import { contours } from "d3-contour";
import { scaleLinear } from "d3-scale";
import type { Forms, Numbers, Probe } from "../../../src/experiments/probe.ts";
import { short } from "./bars.ts";
import { type FormView, type Frame, roughWidth, write, writeOver } from "./form.ts";
import type { Pen } from "./pen.ts";
import { css, dashes, extent, faintest, mix, type Rgb, rgb, shade } from "./scale.ts";

/** Paints numbers, row by row, into a rectangle. */
function paint(
  pen: Pen,
  values: Numbers,
  rows: number,
  cols: number,
  box: Box,
  kind: Probe["kind"],
  range: readonly [number, number],
): void {
  paintCells(pen, values, rows, cols, box, shade(kind, range, pen.colors));
}

/** The same, in colours of one's own. */
export function paintCells(
  pen: Pen,
  values: Numbers,
  rows: number,
  cols: number,
  box: Box,
  color: (value: number) => Rgb,
): void {
  const image = new ImageData(cols, rows);
  for (let i = 0; i < rows * cols; i++) {
    const [r, g, b] = Number.isFinite(values[i]) ? color(values[i]) : [128, 128, 128];
    image.data.set([r, g, b, 255], 4 * i);
  }
  const small = new OffscreenCanvas(cols, rows);
  small.getContext("2d")?.putImageData(image, 0, 0);
  pen.context.imageSmoothingEnabled = false;
  pen.context.drawImage(small, box.x, box.y, box.width, box.height);
}
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where on its canvas a map lies: right of the numbers of its upright axis, above those of the other. */
export function mapBox({ rows, cols }: Pick<Forms["map"], "rows" | "cols">, { width, height }: Pen): Box {
  const size = Math.min(width - 46, ((height - 20) * cols) / rows);
  return { x: 44, y: 0, width: size, height: (size * rows) / cols };
}

/** What a map says at a place, or where that is beyond its edge, there. */
export function mapAt({ x, y, rows, cols, values }: Forms["map"], [px, py]: readonly [number, number]): number {
  const cell = (part: number, count: number): number => Math.min(Math.max(Math.floor(part * count), 0), count - 1);
  const col = cell((px - x[0]) / (x[1] - x[0]), cols);
  const row = cell((y[1] - py) / (y[1] - y[0]), rows);
  return values[row * cols + col];
}

/** The numbers at the ends of a map's axes, and between them what the axes are. */
export function mapEnds(
  pen: Pen,
  { x: xs, y: ys }: Pick<Forms["map"], "x" | "y">,
  box: Box,
  [across, up]: readonly [string, string] = ["x", "y"],
): void {
  const { context } = pen;
  const { muted } = pen.colors;
  const between = (length: number): number =>
    length - 2 * (Math.max(...[...xs, ...ys].map((v) => roughWidth(short(v)))) + 6);
  write(pen, across, box.x + box.width / 2, box.y + box.height + 10, {
    color: muted,
    align: "center",
    room: between(box.width),
  });
  context.save();
  context.translate(box.x - 12, box.y + box.height / 2);
  if (roughWidth(up) > 28) context.rotate(-Math.PI / 2); // a long name goes up along its axis
  write(pen, up, 0, 0, { color: muted, align: "center", room: between(box.height) });
  context.restore();
  write(pen, short(xs[0]), box.x, box.y + box.height + 10, { color: muted });
  write(pen, short(xs[1]), box.x + box.width, box.y + box.height + 10, { color: muted, align: "right" });
  write(pen, short(ys[1]), box.x - 4, 8, { color: muted, align: "right" });
  write(pen, short(ys[0]), box.x - 4, box.y + box.height - 8, { color: muted, align: "right" });
}

/** What the axes of a map are called. */
export const axisNames = ({ axes }: Pick<Probe, "axes">, say: Frame["say"]): [string, string] => [
  say(axes?.[0] ?? "x"),
  say(axes?.[1] ?? "y"),
];

export const map: FormView<"map"> = {
  height: ({ rows, cols }, width) => Math.min(((width - 46) * rows) / cols, 420) + 20,
  numbers: ({ values }) => [values],
  twin: ({ points = [], paths = [] }) => ({
    head: [{ ja: "印", en: "mark" }, "x", "y"],
    rows: [
      ...points.slice(0, 40).map(({ x, y, label }) => [String(label), x, y]),
      ...paths.map(({ name, x, y }) => [name, x[x.length - 1], y[y.length - 1]]),
    ],
  }),
  draw(pen, { x: xs, y: ys, rows, cols, values, points = [], paths = [] }, { probe, range, say, color }) {
    const { kind } = probe;
    const { context, colors } = pen;
    const box = mapBox({ rows, cols }, pen);
    paintCells(
      pen,
      values,
      rows,
      cols,
      box,
      color ?? (kind === "count" ? classShade(colors) : shade(kind, range, colors)),
    );
    const [x, y] = [scaleLinear(xs, [box.x, box.x + box.width]), scaleLinear(ys, [box.y + box.height, box.y])];
    isolines(pen, values, rows, cols, box, kind, range);
    for (const { x: px, y: py, label } of points) dot(pen, x(px), y(py), label);
    const taken: Box[] = [];
    paths.forEach((path, i) => {
      const way = Array.from(path.x, (px, k): readonly [number, number] => [x(px), y(path.y[k])]);
      context.save();
      context.beginPath();
      context.rect(box.x, box.y, box.width, box.height);
      context.clip(); // a way may leave what is shown
      comet(pen, way, dashes[i % dashes.length]);
      context.restore();
      const end = way.at(-1);
      if (end) nameAt(pen, say(path.name), end, { box, taken });
    });
    mapEnds(pen, { x: xs, y: ys }, box, axisNames(probe, say));
  },
};

/** A map of whole numbers is one of classes: greys that stay fainter than the points on it. */
function classShade({ paper, ink }: Pen["colors"]): (v: number) => Rgb {
  const [from, to] = [rgb(paper), rgb(ink)];
  return (v) => mix(from, to, Math.min(0.22 * v, 0.66));
}

/** A point of a class: classes differ in form and filling, not in colour. A rim of paper keeps it apart from what is dark. */
export function dot({ context, colors }: Pen, x: number, y: number, label: number): void {
  const corners = [0, 4, 3][Math.floor(label / 2) % 3];
  const shape = (radius: number): void => {
    context.beginPath();
    if (corners === 0) context.arc(x, y, radius, 0, 2 * Math.PI);
    for (let i = 0; i < corners; i++) {
      const angle = ((i + (corners === 4 ? 0.5 : 0.25)) * 2 * Math.PI) / corners + Math.PI;
      context.lineTo(x + 1.25 * radius * Math.cos(angle), y + 1.25 * radius * Math.sin(angle));
    }
    context.closePath();
  };
  shape(5);
  context.fillStyle = colors.paper;
  context.fill();
  shape(3.5);
  context.fillStyle = label % 2 === 0 ? colors.paper : colors.ink;
  context.strokeStyle = colors.ink;
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
}

/** How many of its last points a comet's tail is drawn bolder over. */
const tail = 16;

/** A way as a comet: faint where it was long ago, bolder up to its head. What is but a line stays one. */
function comet({ context, colors }: Pen, way: readonly (readonly [number, number])[], dash: readonly number[]): void {
  const line = (from: number, to: number): void => {
    context.beginPath();
    for (let k = from; k <= to; k++) context.lineTo(...way[k]);
    context.stroke();
  };
  const last = way.length - 1;
  if (last < 0) return;
  context.strokeStyle = context.fillStyle = colors.ink;
  context.setLineDash([...dash]);
  context.lineWidth = way.length > 2 ? 1 : 1.5;
  context.globalAlpha = way.length > 2 ? 0.35 : 1;
  line(0, last);
  const parts = 4;
  const start = Math.max(last - tail, 0);
  for (let part = 0; part < parts && last > 1; part++) {
    const at = (share: number): number => start + Math.round((share * (last - start)) / parts);
    context.globalAlpha = (part + 2) / (parts + 1);
    context.lineWidth = 1 + 0.4 * part;
    line(at(part), at(part + 1));
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  context.beginPath();
  context.arc(...way[last], 4, 0, 2 * Math.PI);
  context.fill();
}

/** Writes a name beside a point, within the map, and not over another name. */
function nameAt(
  pen: Pen,
  name: string,
  [x, y]: readonly [number, number],
  { box, taken }: { box: Box; taken: Box[] },
): void {
  if (!Number.isFinite(x + y)) return;
  const { context, colors } = pen;
  const width = context.measureText(name).width;
  const beside = x + 16 + width < box.x + box.width ? x + 16 : x - 16 - width; // clear of a ring to drag there
  const right = box.x + box.width - width - 3; // where a way has left the map, too
  const at = { x: Math.max(Math.min(beside, right), box.x + 3), y: Math.min(Math.max(y - 8, 9), box.height - 9) };
  const meets = (other: Box): boolean =>
    Math.abs(other.y - at.y) < 14 && at.x < other.x + other.width && other.x < at.x + width;
  const way = at.y > box.height / 2 ? -14 : 14;
  while (taken.some(meets)) at.y += way;
  taken.push({ ...at, width, height: 14 });
  writeOver(pen, name, at.x, at.y, { color: colors.ink });
}

/** Lines of equal value, ten of them. */
function isolines(
  pen: Pen,
  values: Numbers,
  rows: number,
  cols: number,
  box: Box,
  kind: Probe["kind"],
  [low, high]: readonly [number, number],
): void {
  if (kind === "count" || !(high > low)) return;
  const log = kind === "magnitude";
  const [a, b] = log ? [Math.log10(Math.max(low, faintest)), Math.log10(Math.max(high, faintest))] : [low, high];
  const levels = kind === "probability" ? [0.5] : Array.from({ length: 10 }, (_, i) => a + ((i + 0.5) / 10) * (b - a));
  const numbers = Array.from(values, (v) => (log ? Math.log10(Math.max(v, faintest)) : v));
  const { context, colors } = pen;
  context.strokeStyle = colors.muted;
  context.lineWidth = kind === "probability" ? 1.5 : 0.6;
  for (const { coordinates } of contours().size([cols, rows]).thresholds(levels)(numbers)) {
    for (const ring of coordinates.flat()) openRing(pen, ring, { rows, cols, box });
  }
}

/** Draws a contour but for where it runs along the edges of its map: there the plane goes on. */
export function openRing(
  { context }: Pen,
  ring: readonly number[][],
  { rows, cols, box }: { rows: number; cols: number; box: Box },
): void {
  context.beginPath();
  let isDown = false;
  for (const [cx, cy] of ring) {
    const isEdge = cx <= 0 || cy <= 0 || cx >= cols || cy >= rows;
    const place = [box.x + (cx / cols) * box.width, box.y + (cy / rows) * box.height] as const;
    if (isDown && !isEdge) context.lineTo(...place);
    else context.moveTo(...place);
    isDown = !isEdge;
  }
  context.stroke();
}

export const matrix: FormView<"matrix"> = {
  height: ({ rows, cols }, width) => Math.min(((width - 40) * rows) / cols, 24 * rows + 40, 420) + 24,
  numbers: ({ values }) => [values],
  twin: ({ rows, cols, values, rowNames, colNames }) => ({
    head: ["", ...Array.from({ length: Math.min(cols, 20) }, (_, j) => colNames?.[j] ?? String(j))],
    rows: Array.from({ length: Math.min(rows, 20) }, (_, i) => [
      rowNames?.[i] ?? String(i),
      ...Array.from({ length: Math.min(cols, 20) }, (_, j) => values[i * cols + j]),
    ]),
  }),
  draw(pen, { rows, cols, values, rowNames, colNames }, { probe: { kind }, range, say }) {
    const { context, width, height, colors } = pen;
    const names = rowNames?.map(say) ?? [];
    const left = Math.min(Math.max(0, ...names.map((name) => context.measureText(name).width)) + 6, width / 3);
    const top = colNames ? 18 : 0;
    const cell = Math.min((width - left) / cols, (height - top - 4) / rows, 44);
    const box = { x: left, y: top, width: cell * cols, height: cell * rows };
    paint(pen, values, rows, cols, box, kind, range);
    names.slice(0, rows).forEach((name, i) => {
      if (cell >= 10)
        write(pen, name, left - 6, top + (i + 0.5) * cell, { color: colors.muted, align: "right", room: left - 6 });
    });
    colNames?.slice(0, cols).forEach((name, j) => {
      if (cell >= 10)
        write(pen, say(name), left + (j + 0.5) * cell, 8, { color: colors.muted, align: "center", room: cell });
    });
    if (cell < 28) return;
    const color = shade(kind, range, colors);
    for (let i = 0; i < rows * cols; i++) {
      const [r, g, b] = color(values[i]);
      const ink = css(0.3 * r + 0.59 * g + 0.11 * b > 140 ? [20, 20, 25] : [245, 242, 235]);
      const at = { color: ink, align: "center" as const, room: cell - 2 };
      write(pen, short(values[i]), left + ((i % cols) + 0.5) * cell, top + (Math.floor(i / cols) + 0.5) * cell, at);
    }
  },
};

/** How many images stand in a row, and how wide each is: a few are shown large. */
function across(width: number, cols: number, count: number): { n: number; size: number } {
  const most = Math.max(1, Math.floor(width / (Math.max(cols * 1.5, 44) + 8)));
  const n = Math.max(Math.min(most, count), 1);
  return { n, size: Math.min(width / n - 8, 150) };
}

export const images: FormView<"images"> = {
  height({ rows, cols, images: all }, width) {
    const { n, size } = across(width, cols, all.length);
    return Math.ceil(all.length / n) * ((size * rows) / cols + (all.some(({ caption }) => caption) ? 26 : 8));
  },
  numbers: ({ images: all }) => all.map(({ pixels }) => pixels),
  twin: ({ images: all }) => ({
    head: [
      { ja: "画像", en: "image" },
      { ja: "平均", en: "mean" },
      { ja: "最大", en: "greatest" },
    ],
    rows: all.map(({ caption, pixels }, i) => {
      const numbers = Array.from(pixels);
      return [caption ?? String(i + 1), numbers.reduce((a, b) => a + b, 0) / numbers.length, Math.max(...numbers)];
    }),
  }),
  draw(pen, { rows, cols, images: all }, frame: Frame) {
    const { width, colors } = pen;
    const { n, size } = across(width, cols, all.length);
    const tall = (size * rows) / cols;
    const step = tall + (all.some(({ caption }) => caption) ? 26 : 8);
    const ranges = rangesOf(all, frame);
    all.forEach(({ pixels, caption }, i) => {
      const box = { x: (i % n) * (size + 8), y: Math.floor(i / n) * step, width: size, height: tall };
      paintInk(pen, pixels, rows, cols, box, frame.probe.kind, ranges[i]);
      if (caption)
        write(pen, frame.say(caption), box.x + size / 2, box.y + tall + 11, {
          color: colors.muted,
          align: "center",
          room: size + 6,
        });
    });
  },
};

/** The range of the colours of each image: of its own numbers, of those beside it, or of all lanes. */
function rangesOf(
  all: Forms["images"]["images"],
  { probe: { kind }, range, scope }: Frame,
): (readonly [number, number])[] {
  if (kind !== "signed" || scope === "figure") return all.map(() => range);
  if (scope !== "lane") return all.map(({ pixels }) => extent([pixels], kind));
  const beside = extent(
    all.map(({ pixels }) => pixels),
    kind,
  );
  return all.map(() => beside);
}

/** Images of probabilities are ink on paper; others have the colours of their kind. */
function paintInk(
  pen: Pen,
  pixels: Numbers,
  rows: number,
  cols: number,
  box: Box,
  kind: Probe["kind"],
  range: readonly [number, number],
): void {
  if (kind === "probability") paint(pen, pixels, rows, cols, box, "count", [0, 1]);
  else paint(pen, pixels, rows, cols, box, kind, range);
}
