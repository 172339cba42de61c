/** Early stopping while a run goes on: it keeps the best weights there were, and can go back to them. */
import { tensor, type Parameter as Weights } from "../../index.ts";
import { say } from "../text.ts";
import { type OnOff, onOff } from "./params.ts";

/** Measurements without a new least error after which it is over. */
const patience = 10;

export const earlyStopParam: OnOff = {
  ...onOff("off", say("早期終了", "early stopping")),
  hot: true,
  help: say(
    "誤差が 10 回続けて最小を更新しなければ、最小だったときの重みに戻して止めます。",
    "After ten measurements without a new least error it goes back to the weights of then, and stops.",
  ),
};

export class EarlyStop<Readings> {
  readonly #parameters: readonly Weights[];
  #kept: Float32Array[] = [];
  #since = 0;
  /** What was measured where the error was least. */
  best: Readings | null = null;
  #least: number = Number.POSITIVE_INFINITY;

  constructor(parameters: readonly Weights[]) {
    this.#parameters = parameters;
  }

  async note(error: number, readings: Readings): Promise<void> {
    this.#since++;
    if (!(error < this.#least)) return;
    [this.#least, this.best, this.#since] = [error, readings, 0];
    this.#kept = await Promise.all(this.#parameters.map(async (p) => ((await p.data()) as Float32Array).slice()));
  }

  get isOver(): boolean {
    return this.#since > patience;
  }

  /** Gives the parameters what they had where the error was least. */
  restore(): void {
    for (const [i, values] of this.#kept.entries()) {
      this.#parameters[i].assign(tensor(values, this.#parameters[i].shape));
    }
  }
}
