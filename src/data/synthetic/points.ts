/** Points in the plane in two or more classes, that lie in ways which are easy or hard to separate. */
import { checkCount, checkNumber, checkOptions, hostMath } from "../../tensor/arguments.ts";
import type { HostRandom } from "../random.ts";
import { checkLeast, drawing, type Sample, type SampleOptions, sampleOptions } from "./sample.ts";

/** Points `(count, 2)` and their classes, which take turns. */
export type Points = Sample<Int32Array>;

export interface PointsOptions extends SampleOptions {
  /** The standard deviation, along each axis, of how far points lie off their place. */
  noise?: number;
}

/** Points of `classes`: `place` says where the i-th of a class lies without noise. */
function points(
  op: string,
  { noise = 0, ...options }: PointsOptions,
  seed: number,
  classes: number,
  place: (label: number, random: HostRandom, i: number) => readonly [number, number],
): Points {
  const { count, randomOf } = drawing(op, options, seed);
  checkLeast(op, noise, "noise", 0);
  const x = new Float32Array(2 * count);
  const y = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const random = randomOf(i);
    y[i] = i % classes;
    const at = place(y[i], random, Math.floor(i / classes));
    for (const axis of [0, 1]) x[2 * i + axis] = at[axis] + (noise > 0 ? noise * random.normal() : 0);
  }
  return { x, y, count, shape: [2] };
}

const onCircle = (angle: number, radius = 1): readonly [number, number] => [
  radius * hostMath.cos(angle),
  radius * hostMath.sin(angle),
];

/** Two half circles of radius 1 that reach into each other; 200 points, noise 0.1. */
export function moons(options: PointsOptions = {}, seed = 0): Points {
  checkOptions("moons", options, [...sampleOptions, "noise"]);
  return points("moons", { count: 200, noise: 0.1, ...options }, seed, 2, (label, random) => {
    const [x, y] = onCircle(random.uniform(0, Math.PI));
    return label === 0 ? [x, y] : [1 - x, 0.5 - y];
  });
}

/** A circle of radius 1 around one of radius `inner`; 200 points, noise 0.05. */
export function circles(options: PointsOptions & { inner?: number } = {}, seed = 0): Points {
  checkOptions("circles", options, [...sampleOptions, "noise", "inner"]);
  const { inner = 0.5, ...rest } = options;
  checkNumber("circles", inner, "inner", 0, 1);
  return points("circles", { count: 200, noise: 0.05, ...rest }, seed, 2, (label, random) =>
    onCircle(random.uniform(0, 2 * Math.PI), label === 0 ? 1 : inner),
  );
}

/** Round clouds, one for each class, whose middles lie evenly on a circle of radius 2; 300 points in 3 classes, spread 0.5. */
export function blobs(options: SampleOptions & { classes?: number; spread?: number } = {}, seed = 0): Points {
  checkOptions("blobs", options, [...sampleOptions, "classes", "spread"]);
  const { classes = 3, spread = 0.5, ...rest } = options;
  checkCount("blobs", classes, "classes", 1, 1000);
  checkLeast("blobs", spread, "spread", 0);
  const turned = drawing("blobs", { count: 1 }, seed).world.uniform(0, 2 * Math.PI);
  return points("blobs", { count: 300, noise: spread, ...rest }, seed, classes, (label) =>
    onCircle(turned + (2 * Math.PI * label) / classes, 2),
  );
}

export interface SpiralOptions extends PointsOptions {
  /** How many spirals; 2 unless given. */
  classes?: number;
  /** How often each goes round. */
  turns?: number;
}

/** Spirals from the middle of the plane to radius 1, one for each class; 200 points, 1.25 turns, noise 0.02. */
export function spirals(options: SpiralOptions = {}, seed = 0): Points {
  checkOptions("spirals", options, [...sampleOptions, "noise", "classes", "turns"]);
  const { classes = 2, turns = 1.25, ...rest } = options;
  checkCount("spirals", classes, "classes", 1, 1000);
  checkNumber("spirals", turns, "turns", 0, 100);
  return points("spirals", { count: 200, noise: 0.02, ...rest }, seed, classes, (label, random) => {
    const along = random.next();
    return onCircle(2 * Math.PI * (turns * along + label / classes), along);
  });
}
