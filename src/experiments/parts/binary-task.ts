/** Points of two classes in the plane, and what a threshold makes of the probabilities that a model gives them. */
import { moons, type Points } from "../../data/index.ts";
import { type Tensor, tensor } from "../../index.ts";
import type { Line, Point } from "../probe.ts";
import { say } from "../text.ts";
import type { Examples } from "./digits-task.ts";

/** Two moons of `count` points, of which only a part of class 1 stays, evenly chosen. */
export function unequalMoons(count: number, part: number, seed: number): { examples: Examples; points: Point[] } {
  const world: Points = moons({ count, noise: 0.2 }, seed);
  const kept: Point[] = [];
  let rest = 0;
  for (let i = 0; i < count; i++) {
    const label = world.y[i];
    rest += label === 1 ? part : 1;
    if (label === 1 && rest < 1) continue;
    if (label === 1) rest -= 1;
    else rest = Math.max(rest - 1, 0);
    kept.push({ x: world.x[2 * i], y: world.x[2 * i + 1], label });
  }
  const x = Float32Array.from(kept.flatMap((p) => [p.x, p.y]));
  const y = Float32Array.from(kept, (p) => p.label);
  return { examples: { x: tensor(x, [kept.length, 2]), y: tensor(y, [kept.length, 1]) }, points: kept };
}

export interface Rates {
  readonly accuracy: number;
  /** Of class 1, the part that is found. */
  readonly found: number;
  /** Of class 0, the part that is taken for class 1. */
  readonly falseAlarms: number;
}

/** What comes of calling everything above `threshold` class 1. */
export function ratesAt(threshold: number, p: ArrayLike<number>, points: readonly Point[]): Rates {
  const [hits, alarms, counts] = [
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  points.forEach(({ label }, i) => {
    counts[label]++;
    if (p[i] > threshold) (label === 1 ? hits : alarms)[label]++;
  });
  const [found, falseAlarms] = [hits[1] / Math.max(counts[1], 1), alarms[0] / Math.max(counts[0], 1)];
  return { accuracy: (hits[1] + counts[0] - alarms[0]) / points.length, found, falseAlarms };
}

/** The receiver's curve: what is found against false alarms, for all thresholds; the point of the one in use; and which they are. */
export function rocOf(threshold: number, p: ArrayLike<number>, points: readonly Point[]): Line[] {
  const thresholds = Array.from({ length: 51 }, (_, i) => 1 - i / 50);
  const all = thresholds.map((t) => ratesAt(t - 1e-9, p, points));
  const now = ratesAt(threshold, p, points);
  return [
    {
      name: say("しきい値を動かすと", "as the threshold moves"),
      x: all.map((r) => r.falseAlarms),
      y: all.map((r) => r.found),
    },
    { name: say("いまのしきい値", "the threshold now"), x: [now.falseAlarms], y: [now.found], dots: true },
    {
      name: say("しきい値（横は偽陽性率）", "thresholds, by false positive rate"),
      x: all.map((r) => r.falseAlarms),
      y: thresholds,
    },
  ];
}

export const flat = async (x: Tensor): Promise<Float32Array> => (await x.reshape([-1]).data()) as Float32Array;
