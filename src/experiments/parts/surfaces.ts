/** Surfaces over the plane on which optimizers walk, as functions of tensors: heights at any number of points at once. */
import type { Tensor } from "../../index.ts";
import { say, type Text } from "../text.ts";

/** A point of the plane. */
export type Place = readonly [x: number, y: number];

const isAway =
  (by: number) =>
  ([x, y]: Place, [fromX, fromY]: Place) =>
    (x - fromX) ** 2 + (y - fromY) ** 2 > by ** 2;

export interface Surface {
  readonly name: Text;
  /** The height at points whose coordinates are `x` and `y`, of one shape. */
  readonly height: (x: Tensor, y: Tensor) => Tensor;
  /** What is shown of it. */
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
  readonly start: Place;
  /** Its lowest points, then those of its valleys that are not as low. */
  readonly global: readonly Place[];
  readonly local: readonly Place[];
  /** The height of the lowest points. */
  readonly lowest: number;
  /** How near a point has to be to one of them to count as there. */
  readonly reach: number;
  /** Whether a point is off the flat place that the surface is for, seen from the start. */
  readonly isOff: (point: Place, start: Place) => boolean;
}

/** The density at `(x, y)` of a normal distribution around `(cx, cy)` with standard deviation `sigma` along both axes. */
function density(x: Tensor, y: Tensor, [cx, cy, sigma]: readonly [cx: number, cy: number, sigma: number]): Tensor {
  const distance = x.sub(cx).square().add(y.sub(cy).square());
  return distance
    .mul(-1 / (2 * sigma * sigma))
    .exp()
    .mul(1 / (2 * Math.PI * sigma * sigma));
}

/** Those of the landscape: centre and standard deviation. Two share a centre, which is therefore the deepest. */
const trenches = [
  [-0.5, -0.8, 0.35],
  [1, -0.5, 0.2],
  [-1, 0.5, 0.2],
  [-0.5, -0.8, 0.2],
] as const;

export const surfaceNames = ["landscape", "saddle", "ravine", "banana"] as const;
export type SurfaceName = (typeof surfaceNames)[number];

export const surfaces: Readonly<Record<SurfaceName, Surface>> = {
  /** That of Jaewan-Yun/optimizer-visualization, which the report links. */
  landscape: {
    name: say("3 つの谷", "three valleys"),
    height: (x, y) =>
      trenches
        .map((trench) => density(x, y, trench))
        .reduce((a, b) => a.add(b))
        .neg(),
    x: [-1.5, 1.5],
    y: [-1.5, 1.5],
    start: [0.75, 1],
    global: [[-0.5, -0.8]],
    local: [
      [1, -0.5],
      [-1, 0.5],
    ],
    lowest: -(1 / 0.35 ** 2 + 1 / 0.2 ** 2) / (2 * Math.PI),
    reach: 0.25,
    isOff: isAway(0.5),
  },
  saddle: {
    name: say("鞍点", "a saddle"),
    height: (x, y) => x.square().mul(0.5).sub(y.square().mul(0.5)).add(y.square().square().mul(0.25)),
    x: [-1.5, 1.5],
    y: [-1.5, 1.5],
    start: [1, 0.001],
    global: [
      [0, 1],
      [0, -1],
    ],
    local: [],
    lowest: -0.25,
    reach: 0.25,
    isOff: ([, y]) => Math.abs(y) > 0.5,
  },
  /** 50 times steeper across than along. */
  ravine: {
    name: say("細長い谷", "a ravine"),
    height: (x, y) => x.square().add(y.square().mul(50)).mul(0.5),
    x: [-4.5, 4.5],
    y: [-2, 2],
    start: [-4, 1],
    global: [[0, 0]],
    local: [],
    lowest: 0,
    reach: 0.05,
    isOff: isAway(1),
  },
  /** Rosenbrock's (1960): steep into the valley, and then a long way along its nearly flat floor. */
  banana: {
    name: say("曲がった長い谷（ローゼンブロック関数）", "a long bent valley (Rosenbrock's function)"),
    height: (x, y) => x.neg().add(1).square().add(y.sub(x.square()).square().mul(100)),
    x: [-2, 2],
    y: [-1, 3],
    start: [-1.5, 2],
    global: [[1, 1]],
    local: [],
    lowest: 0,
    reach: 0.1,
    isOff: isAway(1),
  },
};

/** The same surface, `times` as flat. */
export const flattened = (surface: Surface, times: number): Surface => ({
  ...surface,
  height: (x, y) => surface.height(x, y).div(times),
  lowest: surface.lowest / times,
});
