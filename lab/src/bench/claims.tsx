/** Claims: a sentence of the report, a guess, and the verdict that the run on the bench comes to. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import type { Bench } from "./store.ts";

/** Guesses and verdicts reached, by `experiment/claim`, kept on this machine only. */
const key = "tsumiki-progress";
export interface Reached {
  readonly guess?: number | null;
  readonly outcome?: string;
}
const stored = (): Record<string, Reached> => {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "{}") as Record<string, Reached>;
  } catch {
    return {};
  }
};
export const progress = signal(stored());
export function note(claim: string, reached: Reached): void {
  progress.value = { ...progress.value, [claim]: { ...progress.value[claim], ...reached } };
  localStorage.setItem(key, JSON.stringify(progress.value));
}

/** Whether a verdict was reached for every claim of an experiment, for some, or for none. */
export function reachedOf(experiment: string): boolean {
  return Object.entries(progress.value).some(
    ([id, { outcome }]) => id.startsWith(`${experiment}/`) && outcome !== undefined,
  );
}

export function Claims({ bench }: { bench: Bench }): JSX.Element {
  return (
    <div class="claims">
      {Object.entries(bench.details.claims).map(([id, claim]) => (
        <ClaimCard key={id} bench={bench} id={id} claim={claim} />
      ))}
    </div>
  );
}

function ClaimCard({
  bench,
  id,
  claim,
}: {
  bench: Bench;
  id: string;
  claim: Bench["details"]["claims"][string];
}): JSX.Element {
  const name = `${bench.details.id}/${id}`;
  const { guess } = progress.value[name] ?? {};
  const verdict = bench.verdicts.value?.[id];
  if (verdict && progress.peek()[name]?.outcome !== verdict.outcome && verdict.outcome !== "undecided") {
    queueMicrotask(() => note(name, { outcome: verdict.outcome }));
  }
  return (
    <section class="claim" data-claim={id} data-outcome={verdict?.outcome}>
      <blockquote>
        <T text={claim.sentence} block />
      </blockquote>
      <fieldset>
        <legend>
          <T text={guess === undefined ? words.predict : words.yourGuess} />
        </legend>
        {claim.predictions.map((prediction, i) => (
          <label key={prediction.en}>
            <input type="radio" name={name} checked={guess === i} onChange={() => note(name, { guess: i })} />{" "}
            <T text={prediction} />
          </label>
        ))}
      </fieldset>
      {verdict ? (
        <div class="verdict" role="status">
          <strong class={verdict.outcome}>
            <T text={words[verdict.outcome]} />
          </strong>
          <p>
            <T text={verdict.because} block />
          </p>
          {guess !== undefined && guess !== null && verdict.prediction !== undefined && (
            <p class="guess">
              <T text={guess === verdict.prediction ? words.guessRight : words.guessWrong} />{" "}
              {guess !== verdict.prediction && <T text={claim.predictions[verdict.prediction]} />}
            </p>
          )}
        </div>
      ) : (
        <p class="muted">
          <T text={words.runFirst} />
        </p>
      )}
    </section>
  );
}
