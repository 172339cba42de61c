/** A function over a rectangle of the plane, with points and paths on it. */
import type { Forms, Line, Point } from "../../experiments/probe.ts";
import { show } from "../../experiments/text.ts";
import { flow } from "./flow.ts";
import type { Drawing } from "./form.ts";
import { background, blueToOrange, foreground, hasShades, rampOf, reset } from "./palette.ts";

/** What points of each class look like. */
const marks = "ox+*#@";
const pointColors = [117, 223, 157, 218, 255, 250];
const pathColor = 231;

export function map(reading: Forms["map"], { terminal, columns, scale }: Drawing): string[] {
  const { rows, cols, values, points = [], paths = [] } = reading;
  const width = Math.min(columns, 60);
  const height = Math.max(Math.round((width * rows) / cols / 2), 1);
  const partAt = (row: number, col: number): number => {
    const r = Math.min(Math.floor(((row + 0.5) / height) * rows), rows - 1);
    const c = Math.min(Math.floor(((col + 0.5) / width) * cols), cols - 1);
    return scale.part(values[r * cols + c]);
  };
  const onTop = overlay(reading, width, height, points, paths);
  const lines = Array.from({ length: height }, (_, row) => {
    let line = "";
    for (let col = 0; col < width; col++) {
      const part = partAt(row, col);
      const mark = onTop.get(row * width + col);
      if (!hasShades(terminal)) line += mark?.character ?? rampOf(part);
      else line += `${background(blueToOrange(part))}${mark ? foreground(mark.color) + mark.character : " "}`;
    }
    return hasShades(terminal) ? line + reset : line.trimEnd();
  });
  const range = (name: string, [from, to]: readonly [number, number]): string => `${name} ${show(from)} … ${show(to)}`;
  const shades = `${show(scale.from)} … ${show(scale.to)}`;
  const guide = flow([range("x", reading.x), range("y", reading.y), shades], columns);
  return [...lines, ...guide.map((line) => terminal.style("dim", line))];
}

interface Mark {
  readonly character: string;
  readonly color: number;
}

/** What stands where: points over paths. */
function overlay(
  { x, y }: Forms["map"],
  width: number,
  height: number,
  points: readonly Point[],
  paths: readonly Line[],
): Map<number, Mark> {
  const found = new Map<number, Mark>();
  const put = (px: number, py: number, mark: Mark): void => {
    const [along, down] = [(px - x[0]) / (x[1] - x[0]), (y[1] - py) / (y[1] - y[0])];
    if (!(along >= 0 && along <= 1 && down >= 0 && down <= 1)) return;
    const row = Math.min(Math.floor(down * height), height - 1);
    found.set(row * width + Math.min(Math.floor(along * width), width - 1), mark);
  };
  for (const path of paths) {
    const character = path.dots ? "•" : "·";
    for (let i = 0; i < path.x.length; i++) {
      const before = path.dots ? i : Math.max(i - 1, 0);
      const [dx, dy] = [path.x[i] - path.x[before], path.y[i] - path.y[before]];
      const reach = Math.max((Math.abs(dx) / (x[1] - x[0])) * width, (Math.abs(dy) / (y[1] - y[0])) * height);
      const pieces = Math.min(Math.max(Math.ceil(reach), 1), width + height) || 1;
      for (let k = 1; k <= pieces; k++) {
        put(path.x[before] + (dx * k) / pieces, path.y[before] + (dy * k) / pieces, { character, color: pathColor });
      }
    }
  }
  for (const { x: px, y: py, label } of points) {
    put(px, py, { character: marks[label % marks.length], color: pointColors[label % pointColors.length] });
  }
  return found;
}
