/**
 * Drawn shapes, 32 × 32 in colour: images to learn from where none can be fetched. Each is drawn from its signed distance,
 * smooth at its edges, in colours, at a place, of a size and turned as chance has it, on a ground that is unevenly lit.
 */
import { checkCount, checkNumber, checkOptions, hostMath } from "../../tensor/arguments.ts";
import type { LabelledImages } from "../images.ts";
import type { HostRandom } from "../random.ts";
import { drawing, type SampleOptions, sampleOptions } from "./sample.ts";

const { max, min, abs, sqrt } = Math;
const side = 32;

/** How far a point lies outside a shape of about radius 1, below 0 within. */
type Distance = (x: number, y: number) => number;

const box = (x: number, y: number, halfWidth: number, halfHeight: number): number =>
  max(abs(x) - halfWidth, abs(y) - halfHeight);
const disc = (x: number, y: number, radius: number): number => sqrt(x * x + y * y) - radius;
const root3 = sqrt(3);
const triangle: Distance = (x, y) => max(y - 0.5, (root3 * abs(x) - y) / 2 - 0.5);

export type ShapeName =
  | "circle"
  | "square"
  | "triangle"
  | "cross"
  | "stripes"
  | "ring"
  | "star"
  | "checker"
  | "crescent"
  | "corner";

const shapes: Readonly<Record<ShapeName, Distance>> = {
  circle: (x, y) => disc(x, y, 0.9),
  square: (x, y) => box(x, y, 0.75, 0.75),
  triangle,
  cross: (x, y) => min(box(x, y, 1, 0.3), box(x, y, 0.3, 1)),
  stripes: (x, y) => max(disc(x, y, 1), abs(x - Math.round(x / 0.56) * 0.56) - 0.15),
  ring: (x, y) => abs(disc(x, y, 0.75)) - 0.2,
  star: (x, y) => min(triangle(x, y), triangle(x, -y)),
  checker: (x, y) => max(box(x, y, 0.8, 0.8), min(max(x, y), max(-x, -y))),
  crescent: (x, y) => max(disc(x, y, 0.95), -disc(x - 0.5, y, 0.8)),
  corner: (x, y) => min(box(x + 0.5, y, 0.28, 0.8), box(x, y - 0.52, 0.78, 0.28)),
};
export const shapeNames: readonly ShapeName[] = Object.keys(shapes) as ShapeName[];

export interface ShapesOptions extends SampleOptions {
  /** How many kinds, from 4 to 10, in the order of `shapeNames`; all 10 unless given. */
  classes?: number;
  /** The standard deviation of what is added to each pixel, of 1; 0.05 unless given. */
  noise?: number;
}

export interface Shapes extends LabelledImages {
  readonly classes: readonly string[];
}

/** `count` images `(count, 3, 32, 32)`, 1,000 unless given, whose classes take turns; `imageDataset` makes a data set of them. */
export function shapes32(options: ShapesOptions = {}, seed = 0): Shapes {
  checkOptions("shapes32", options, [...sampleOptions, "classes", "noise"]);
  const { classes = 10, noise = 0.05 } = options;
  const { count, randomOf } = drawing("shapes32", { count: 1000, ...options }, seed);
  checkCount("shapes32", classes, "classes", 4, shapeNames.length);
  checkNumber("shapes32", noise, "noise", 0, 1);
  const images = new Uint8Array(count * 3 * side * side);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % classes);
  for (let i = 0; i < count; i++) {
    const image = images.subarray(i * 3 * side * side, (i + 1) * 3 * side * side);
    draw(image, shapes[shapeNames[labels[i]]], randomOf(i), noise);
  }
  return { images, labels, count, channels: 3, rows: side, cols: side, classes: shapeNames.slice(0, classes) };
}

function draw(image: Uint8Array, shape: Distance, random: HostRandom, noise: number): void {
  const colour = (): number[] => [0, 1, 2].map(() => random.uniform(0.1, 0.9));
  const ground = colour();
  let ink = colour();
  // Colours that could hardly be told apart are drawn again.
  while (ink.reduce((sum, value, c) => sum + abs(value - ground[c]), 0) < 0.6) ink = colour();
  const radius = random.uniform(9, 14);
  const [middleX, middleY] = [0, 1].map(() => side / 2 + random.uniform(-1, 1) * (side / 2 - radius));
  const angle = random.uniform(0, 2 * Math.PI);
  const [cos, sin] = [hostMath.cos(angle), hostMath.sin(angle)];
  const light = [random.uniform(-0.15, 0.15), random.uniform(-0.15, 0.15)];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [dx, dy] = [column + 0.5 - middleX, row + 0.5 - middleY];
      const distance = radius * shape((cos * dx + sin * dy) / radius, (cos * dy - sin * dx) / radius);
      const covered = min(1, max(0, 0.5 - distance));
      const lit = light[0] * (column / side - 0.5) + light[1] * (row / side - 0.5);
      // Three numbers from the halves of two words; √12 makes the deviation of a uniform number 1.
      const [a, b] = random.words();
      const rough = [a & 0xffff, a >>> 16, b & 0xffff];
      for (let c = 0; c < 3; c++) {
        const plain = ground[c] + (ink[c] - ground[c]) * covered + lit;
        const value = plain + noise * sqrt(12) * (rough[c] / 2 ** 16 - 0.5);
        image[(c * side + row) * side + column] = Math.round(255 * min(1, max(0, value)));
      }
    }
  }
}
