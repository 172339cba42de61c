/** How places of the plane scatter. */
import { hostMath } from "../../tensor/arguments.ts";
import type { Line } from "../probe.ts";
import type { Text } from "../text.ts";

/** Places as dots, and the ellipse of twice their standard deviation. */
export function ellipse(name: Text, places: readonly (readonly [number, number])[]): Line[] {
  const n = places.length;
  const mean = [0, 1].map((axis) => places.reduce((sum, p) => sum + p[axis], 0) / n);
  const spread = (a: number, b: number): number =>
    places.reduce((sum, p) => sum + (p[a] - mean[a]) * (p[b] - mean[b]), 0) / Math.max(n - 1, 1);
  // The root of the covariance (Cholesky's) takes a circle to the ellipse.
  const l11 = Math.sqrt(Math.max(spread(0, 0), 1e-12));
  const l21 = spread(0, 1) / l11;
  const l22 = Math.sqrt(Math.max(spread(1, 1) - l21 * l21, 0));
  const turn = Array.from({ length: 41 }, (_, i) => (i * Math.PI) / 20);
  const [c, s] = [turn.map(hostMath.cos), turn.map(hostMath.sin)];
  return [
    { name, x: places.map(([x]) => x), y: places.map(([, y]) => y), dots: true },
    { name, x: c.map((v) => mean[0] + 2 * l11 * v), y: c.map((v, i) => mean[1] + 2 * (l21 * v + l22 * s[i])) },
  ];
}
