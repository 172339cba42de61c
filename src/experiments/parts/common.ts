/** Parameters and probes that many experiments have. */
import type { Probe } from "../probe.ts";
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
