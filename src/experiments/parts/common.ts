/** Parameters and probes that many experiments have. */
import type { Experiment, Values, Verdict } from "../experiment.ts";
import type { Probe } from "../probe.ts";
import type { LaneView } from "../record.ts";
import { say, type Text } from "../text.ts";

/** A number that is read again and again. */
export const scalar = (kind: Probe["kind"], label: Text): Probe<"scalar"> => ({ form: "scalar", kind, label });

interface Rate {
  readonly kind: "number";
  readonly min: 0;
  readonly max: number;
  readonly default: number;
  readonly scale: "log";
  readonly hot: true;
  readonly label: ReturnType<typeof say>;
}
interface Count {
  readonly kind: "integer";
  readonly min: 0;
  readonly max: number;
  readonly default: number;
  readonly label: ReturnType<typeof say>;
}

/** A learning rate, which may change while it trains. */
export const rateParam = (usual: number, max = 10): Rate => ({
  ...{ kind: "number", min: 0, max, default: usual, scale: "log", hot: true },
  label: say("学習率", "learning rate"),
});

/** How many steps a run has. */
export const stepsParam = (usual: number, max = 10_000): Count => ({
  ...{ kind: "integer", min: 0, max, default: usual },
  label: say("ステップ数", "steps"),
});

/** Of a run that has not begun. */
export const untrained: Verdict = {
  outcome: "undecided",
  because: say("まだ学習していません。", "Nothing was learnt yet."),
};

/** Whether a lane still has the values that set it apart: else it tests something other than the claim. */
export const isAsGiven = ({ lanes }: Pick<Experiment, "lanes">, { id, values }: LaneView<Values>): boolean =>
  Object.entries(lanes[id].values).every(([name, value]) => values[name] === value);
