/** What claims about optimizers on the arena have in common: what it takes to judge them, where walkers end, and how soon. */
import type { Experiment, Values, Verdict } from "../experiment.ts";
import type { LaneView } from "../record.ts";
import { say, type Text } from "../text.ts";
import { valleyAt } from "./basin.ts";
import { changed } from "./common.ts";
import { type Surface, type SurfaceName, surfaces } from "./surfaces.ts";
import { undecided } from "./verdicts.ts";

/** A lane of an experiment on the arena, as its claims see it. */
interface Walked {
  readonly values: unknown;
  readonly step: number;
  has(probe: "position"): boolean;
  last(probe: "position"): { readonly values: ArrayLike<number> };
}

const surfaceOf = ({ values }: Walked): Surface => surfaces[(values as { surface: SurfaceName }).surface];

/**
 * The verdict unless lanes take the methods that set them apart, are alike in all else, and have each taken `steps` steps, or
 * come to an end before; null if so. Lanes may be set one by one, and would then differ in more than the claim is about.
 */
export function needsSteps(
  experiment: Pick<Experiment, "lanes" | "params">,
  lanes: readonly LaneView<Values>[],
  steps: number,
): Verdict | null {
  const other = changed(experiment, lanes);
  if (other) return other;
  const [first, ...others] = lanes;
  const apart = experiment.lanes[first.id].values;
  const differing = Object.keys(first.values).find(
    (name) => !(name in apart) && others.some(({ values }) => `${values[name]}` !== `${first.values[name]}`),
  );
  if (differing !== undefined) {
    const { ja, en } = experiment.params[differing].label;
    return undecided(`どのレーンも「${ja}」が同じだと判定できます。`, `It takes lanes that have this alike: ${en}.`);
  }
  if (lanes.every(({ step, diverged }) => step >= steps || diverged)) return null;
  return undecided(
    `どのレーンも ${steps} ステップ以上進むと判定できます。`,
    `It takes ${steps === 1 ? "a step" : `${steps} steps`} of every lane.`,
  );
}

/** The verdict unless all lanes walk on one surface that has local optima. */
export function needsOptima(lanes: readonly Walked[]): Verdict | null {
  const [first, ...others] = lanes.map(surfaceOf);
  if (first.local.length > 0 && others.every((surface) => surface === first)) return null;
  return undecided(
    "どのレーンも、局所的最適解のある同じ曲面を進むと判定できます。",
    "It takes lanes on one surface that has local optima.",
  );
}

/** The verdict unless one of some walks has come to the bottom of its ravine; they took so many steps. */
export const needsBottom = (...steps: number[]): Verdict | null =>
  steps.some(Number.isFinite)
    ? null
    : undecided("どちらも谷底に着いていません。", "Neither has come to the bottom of the ravine.");

/** The number of the valley in which a lane's walker is by now: 1 for a lowest one, 0 for none. */
function endOf(lane: Walked): number {
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

/** Steps that a lane took until what `probe` counts them to; infinitely many if it never came about. */
export const stepsTo = <P extends "escape" | "ravinePassed" | "ravineSettled">(
  lane: { has(probe: NoInfer<P>): boolean; last(probe: NoInfer<P>): number },
  probe: P,
): number => (lane.has(probe) ? lane.last(probe) : Infinity);

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

type Vector = "gradient" | "m" | "v";
interface Remembering {
  readonly values: unknown;
  series(probe: Vector): { readonly values: readonly { readonly values: ArrayLike<number> }[] };
}
/** Whether the memory of an Adam is that of momentum, a running mean of gradients, and that of RMSProp, one of squares. */
export function partsOfAdam(lane: Remembering): readonly [isMomentum: boolean, isRMSProp: boolean] {
  const { beta1, beta2 } = lane.values as { beta1: number; beta2: number };
  const [inputs, m, v] = (["gradient", "m", "v"] as const).map((probe) =>
    lane.series(probe).values.map(({ values }) => values),
  );
  return [
    beta1 > 0 && areRunningMeans(m, { inputs, of: (g) => g, beta: beta1 }),
    beta2 > 0 && areRunningMeans(v, { inputs, of: (g) => g * g, beta: beta2 }),
  ];
}
