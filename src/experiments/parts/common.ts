/** What many experiments have: their rate and steps, and whether a run tests their claim at all. */
import type { Experiment, Values, Verdict } from "../experiment.ts";
import type { LaneView } from "../record.ts";
import { say } from "../text.ts";
import { integerParam, numberParam, type Quantity } from "./params.ts";
import { undecided } from "./verdicts.ts";

/** A learning rate, which may change while it trains. */
export const rateParam = (usual: number, max = 10): Quantity =>
  numberParam(usual, say("学習率", "learning rate"), { max, scale: "log", hot: true });

/** How many steps a run has. */
export const stepsParam = (usual: number, max = 10_000): Quantity =>
  integerParam(usual, say("ステップ数", "steps"), { max });

/** Of a run that has not begun. */
export const untrained: Verdict = undecided("まだ学習していません。", "Nothing was learnt yet.");

/** Whether a lane still has the values that set it apart: else it tests something other than the claim. */
export const isAsGiven = ({ lanes }: Pick<Experiment, "lanes">, { id, values }: LaneView<Values>): boolean =>
  Object.entries(lanes[id].values).every(([name, value]) => values[name] === value);

type Lanes = readonly LaneView<Values>[];
/** The verdict unless all lanes of a run are as the claim has them; null if they are. */
export function changed(experiment: Pick<Experiment, "lanes">, lanes: Lanes): Verdict | null {
  const other = lanes.find((lane) => !isAsGiven(experiment, lane));
  if (!other) return null;
  const names = Object.keys(experiment.lanes[other.id].values).join(", ");
  return undecided(
    `レーンを分けている設定（${names}）を元に戻すと判定できます。`,
    `It takes lanes that differ in ${names} as they did at first.`,
  );
}

/** The same of lanes that learn, which need to have begun. */
export const untested = (experiment: Pick<Experiment, "lanes">, lanes: Lanes): Verdict | null =>
  changed(experiment, lanes) ?? (lanes.every(({ step }) => step === 0) ? untrained : null);
