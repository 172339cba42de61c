/** The worlds of free play: points of the plane in classes, made, drawn, or read from a table. */
import {
  blobs,
  type Csv,
  circles,
  HostRandom,
  labels,
  moons,
  numbers,
  type Points,
  parseCsv,
  spirals,
  xor,
} from "../../data/index.ts";
import { FormatError, LimitError, ValueError } from "../../errors.ts";

/** How many points a world has that is made. */
const count = 200;
/** How many a world of one's own may have, and in how many classes: they are kept in an address. */
export const mostPoints = 300;
export const mostClasses = 3;

interface World {
  readonly data: string;
  readonly noise: number;
  /** One's own points: x, y and class of one after the other. */
  readonly points: readonly number[];
}

/** Points of a world; `sample` 0 to learn from, 1 to test with. There are none to test with of one's own. */
export function pointsOf({ data, noise, points }: World, sample: number, seed: number): Points {
  const options = { count, sample, noise };
  if (data === "own") return ownPoints(sample === 0 ? points : []);
  if (data === "moons") return moons(options, seed);
  if (data === "circles") return circles(options, seed);
  if (data === "blobs") return blobs({ count, sample, classes: 2, spread: 0.3 + noise }, seed);
  if (data === "xor") return corners(noise, sample, seed);
  return spirals({ ...options, turns: 1.25 }, seed);
}

/** Clouds around the four cases of exclusive or, which are −½ and ½. */
function corners(noise: number, sample: number, seed: number): Points {
  const { x: cases, y } = xor();
  const x = Float32Array.from({ length: 2 * count }, (_, i) => {
    const random = new HostRandom(seed, sample, i);
    return cases[2 * (Math.floor(i / 2) % 4) + (i % 2)] - 0.5 + (0.1 + noise / 2) * random.normal();
  });
  return { x, shape: [2], y: Int32Array.from({ length: count }, (_, i) => y[i % 4]), count };
}

function ownPoints(list: readonly number[]): Points {
  const at = (i: number, k: number): number => list[3 * i + k];
  const own = Math.floor(list.length / 3);
  const y = Int32Array.from({ length: own }, (_, i) => at(i, 2));
  if (list.length % 3 !== 0 || y.some((c, i) => c !== at(i, 2) || c < 0 || c >= mostClasses)) {
    const want = `x, y and a class from 0 to ${mostClasses - 1} of each`;
    throw new ValueError({ in: "points", got: `${list.length} numbers`, want, fix: "Give three for each point" });
  }
  return { x: Float32Array.from({ length: 2 * own }, (_, i) => at(i >> 1, i % 2)), shape: [2], y, count: own };
}

export interface TableOfPoints {
  /** x, y and class of one point after the other, each axis from −1 to 1. */
  readonly points: readonly number[];
  /** What classes are called in the table. */
  readonly classes: readonly string[];
  /** The least and the greatest of the table's own numbers. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/**
 * Reads points from comma-separated values, or from what a spreadsheet copies: the columns x, y and label where the first
 * row names them, else the first three. Numbers beyond −1 … 1 are scaled to that. Errors name the line and the column.
 */
export function pointsFromCsv(input: string | Uint8Array): TableOfPoints {
  const start = typeof input === "string" ? input : new TextDecoder().decode(input.subarray(0, 1000));
  const separator = /^[^,\n]*\t/.test(start) ? "\t" : ",";
  const plain = parseCsv(input, { separator, header: false });
  const isHeader = plain.rows[0].slice(0, 2).every((field) => Number.isNaN(Number.parseFloat(field)));
  const csv = isHeader ? parseCsv(input, { separator }) : plain;
  const [x, y, label] = ["x", "y", "label"].map((name, i) => columnOf(csv, name, i));
  checkCount(csv);
  const [xs, ys] = [numbers(csv, x), numbers(csv, y)];
  const { classes, indices } = labels(csv, label);
  const fourth = indices.findIndex((c) => c >= mostClasses);
  if (fourth >= 0) {
    const got = `${classes.length} labels, such as ${JSON.stringify(classes[indices[fourth]].slice(0, 40))} at line ${csv.lines[fourth]}, column ${JSON.stringify(label)}`;
    throw new LimitError({ in: "points", got, want: `at most ${mostClasses}`, fix: "Leave some out" });
  }
  const [a, b] = [scaled(xs), scaled(ys)];
  const points = Array.from(indices, (c, i) => [a.values[i], b.values[i], c]).flat();
  return { points, classes, x: a.range, y: b.range };
}

/** The column of a name, in whatever case, or the one at a place. */
function columnOf({ columns, lines }: Csv, name: string, place: number): string {
  const found = columns.find((column) => column.trim().toLowerCase() === name) ?? columns[place];
  if (found !== undefined) return found;
  const got = `${columns.length} columns at line ${lines[0] ?? 1}`;
  const fix = "Give x, y and a label in each row";
  throw new FormatError("CSV_COLUMNS", { in: "points", got, want: "three", fix });
}

function checkCount({ rows, lines }: Csv): void {
  if (rows.length === 0) {
    const got = "a table with a header and no rows at line 1";
    throw new FormatError("CSV_EMPTY", { in: "points", got, want: "at least a row", fix: "Add points to it" });
  }
  if (rows.length <= mostPoints) return;
  const got = `${rows.length} rows, one too many at line ${lines[mostPoints]}`;
  throw new LimitError({ in: "points", got, want: `at most ${mostPoints}`, fix: "Leave some out" });
}

function scaled(values: Float64Array): { values: number[]; range: [number, number] } {
  const range: [number, number] = [Math.min(...values), Math.max(...values)];
  const [low, high] = range[0] >= -1 && range[1] <= 1 ? [-1, 1] : range;
  const scale = (v: number): number => (high > low ? (2 * (v - low)) / (high - low) - 1 : 0);
  return { values: Array.from(values, (v) => Number(scale(v).toPrecision(4))), range };
}
