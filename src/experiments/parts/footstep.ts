/** A walker's step on a surface: where it went, what took it there, and what its optimizer had of it by then. */
import { type Method, type MethodSettings, usualEps } from "./methods.ts";
import type { Place, Surface } from "./surfaces.ts";

/** A walker's surface, where it starts, and the learning rate that suits it there. */
export interface Track {
  readonly surface: Surface;
  readonly start: Place;
  readonly rate: number;
}

/** Where a walker is after a step, and what took it there. */
export interface Footstep {
  readonly position: Place;
  readonly move: Place;
  /** Where it was before, with the noise. */
  readonly gradient: Place;
  /** Above the lowest point of its surface. */
  readonly height: number;
  /** What a gradient is multiplied by along each axis by now. */
  readonly rates: Place;
  /** What the optimizer remembers: a direction, and the size of gradients; 0 where it does not. */
  readonly direction: Place;
  readonly size: Place;
}

/** How many numbers of a step are read from the device: pairs of position, gradient, direction and size, and a height. */
export const numbersPerStep = 9;

/** The step that these numbers tell of, from the place `from`; `divisor` is what a gradient is divided by, for its size. */
export function footstepOf(
  numbers: ArrayLike<number>,
  { track, from, pace, divisor }: { track: Track; from: Place; pace: number; divisor: (size: number) => number },
): Footstep {
  const [x, y, gx, gy, dx, dy, sx, sy, height] = Array.from(numbers);
  const gauge = (size: number): number => (track.rate * pace) / divisor(size);
  return {
    position: [x, y],
    move: [x - from[0], y - from[1]],
    gradient: [gx, gy],
    height: Math.max(height - track.surface.lowest, 0),
    rates: [gauge(sx), gauge(sy)],
    direction: [dx, dy],
    size: [sx, sy],
  };
}

/** What a method divides a gradient by, whose remembered size is `size`; of Adam's β₂, `decayed` is β₂ᵗ by now. */
export function divisorOf(
  method: Method,
  { correctBias = true, eps = usualEps[method] }: Omit<MethodSettings, "lr">,
  { size, decayed }: { readonly size: number; readonly decayed: number },
): number {
  if (method === "sgd" || method === "momentum") return 1;
  if (method !== "adam") return Math.sqrt(size) + eps;
  return Math.sqrt(correctBias ? size / (1 - decayed) : size) + eps;
}
