/** What the claims about optimizers on the arena have in common: where walkers end, and the words for it. */
import type { Verdict } from "../experiment.ts";
import { say, type Text } from "../text.ts";
import { valleyAt } from "./basin.ts";
import { type Surface, type SurfaceName, surfaces } from "./surfaces.ts";

/** The verdict of a run that cannot tell, and why. */
export const undecided = (ja: string, en: string): Verdict => ({ outcome: "undecided", because: say(ja, en) });

/** A lane of an experiment on the arena, as its claims see it. */
interface Walked {
  readonly values: unknown;
  readonly step: number;
  has(probe: "position"): boolean;
  last(probe: "position"): { readonly values: ArrayLike<number> };
}

export const surfaceOf = ({ values }: Walked): Surface => surfaces[(values as { surface: SurfaceName }).surface];

/** The number of the valley in which a lane's walker is by now: 1 for a lowest one, 0 for none. */
export function endOf(lane: Walked): number {
  if (!lane.has("position")) return 0;
  const { values } = lane.last("position");
  return valleyAt(surfaceOf(lane), values[0], values[1]);
}

/** Where that is, in words. */
export const endText = (lane: Walked): Text => {
  const end = endOf(lane);
  if (end === 1) return say("大域的最適解", "the global optimum");
  return end > 1 ? say("局所的最適解", "a local optimum") : say("どの谷でもない場所", "no valley at all");
};

/** Whether each of `means` is the running mean, with `beta` of it kept, of what `of` makes of the inputs up to it. */
export function areRunningMeans(
  means: readonly ArrayLike<number>[],
  { inputs, of, beta }: { inputs: readonly ArrayLike<number>[]; of: (input: number) => number; beta: number },
): boolean {
  return [0, 1].every((axis) => {
    let [mean, size] = [0, 0];
    return means.every((got, i) => {
      mean = beta * mean + (1 - beta) * of(inputs[i][axis]);
      size = Math.max(size, Math.abs(mean));
      return Math.abs(got[axis] - mean) <= 1e-4 * size;
    });
  });
}
