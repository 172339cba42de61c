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

/** What tells whether lanes are as an experiment has them, and what to call a setting that is not. */
type Given = Pick<Experiment, "lanes" | "params">;
type Lanes = readonly LaneView<Values>[];

/** Settings that no longer are what sets a lane apart. */
const changedIn = ({ lanes }: Given, { id, values }: LaneView<Values>): string[] =>
  Object.entries(lanes[id].values).flatMap(([name, value]) => (values[name] === value ? [] : [name]));

/** Whether a lane still has the values that set it apart: else it tests something other than the claim. */
export const isAsGiven = (experiment: Given, lane: LaneView<Values>): boolean =>
  changedIn(experiment, lane).length === 0;

/** The verdict unless all lanes of a run are as the claim has them; null if they are. */
export function changed(experiment: Given, lanes: Lanes): Verdict | null {
  const names = [...new Set(lanes.flatMap((lane) => changedIn(experiment, lane)))];
  if (names.length === 0) return null;
  const labels = names.map((name) => experiment.params[name].label);
  return undecided(
    `レーンを分けている設定${labels.map(({ ja }) => `「${ja}」`).join("")}を元に戻すと判定できます。`,
    `It takes lanes that differ as they did at first, in: ${labels.map(({ en }) => en).join("; ")}.`,
  );
}

/** The same of lanes that learn, which need to have begun. */
export const untested = (experiment: Given, lanes: Lanes): Verdict | null =>
  changed(experiment, lanes) ?? (lanes.every(({ step }) => step === 0) ? untrained : null);
