/** What verdicts of claims have in common. */
import type { Verdict } from "../experiment.ts";
import type { Forms } from "../probe.ts";
import { say, show, type Text } from "../text.ts";

/** The verdict of a run that cannot tell, and why. */
export const undecided = (ja: string, en: string): Verdict => ({ outcome: "undecided", because: say(ja, en) });

/** Of a claim whose predictions go from "wholly" by "in part" to "not at all": which came true, and so the outcome. */
export const graded = (isWhole: boolean, isPart: boolean): Required<Pick<Verdict, "outcome" | "prediction">> =>
  isWhole
    ? { outcome: "holds", prediction: 0 }
    : isPart
      ? { outcome: "depends", prediction: 1 }
      : { outcome: "fails", prediction: 2 };

/** The mean of a number for each layer, over all layers alike. */
export const meanOf = ({ values }: Forms["bars"]): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Words one after another, with commas. */
export const joined = (texts: readonly Text[]): Text =>
  say(texts.map(({ ja }) => ja).join("、"), texts.map(({ en }) => en).join(", "));

/** A number, or what else is said, after what it is of. */
export const labelled = (label: Text, value: string): Text => say(`${label.ja} ${value}`, `${label.en} ${value}`);

/** What the first layer gets of the gradient at the output layer, of numbers for each layer. */
export const passedOn = ({ values }: Forms["bars"]): number => values[0] / values[values.length - 1];

/** "12 steps", or that it never was. */
export const stepsText = (steps: number): Text =>
  steps === Infinity
    ? say("なし（最後まで）", "never")
    : say(`${show(steps)} ステップ`, `${show(steps)} ${steps === 1 ? "step" : "steps"}`);
