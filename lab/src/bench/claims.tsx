/** Claims: a sentence of the report, a guess, and the verdict that the run on the bench comes to. */
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import type { Verdict } from "../../../src/experiments/experiment.ts";
import { keep, kept } from "../kept.ts";
import { T } from "../text/language.tsx";
import { Prose } from "../text/prose.tsx";
import { words } from "../text/words.ts";
import type { Bench } from "./store.ts";
import "./claims.css";

/** Guesses and verdicts reached, by `experiment/claim`, kept on this machine only. */
const key = "tsumiki-progress";
export interface Reached {
  readonly guess?: number | null;
  readonly outcome?: string;
}
const outcomes = ["holds", "fails", "depends"];
const isReached = (value: unknown): value is Reached => {
  if (typeof value !== "object" || value === null) return false;
  const { guess, outcome } = value as { guess?: unknown; outcome?: unknown };
  const isGuess = guess === undefined || guess === null || (Number.isSafeInteger(guess) && (guess as number) >= 0);
  return isGuess && (outcome === undefined || outcomes.includes(outcome as string));
};

/** What is in a text that this browser or another has written; null for any other text. */
export function readProgress(text: string): Readonly<Record<string, Reached>> | null {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== "object" || read === null || Array.isArray(read)) return null;
    const entries = Object.entries(read);
    return entries.every(([name, value]) => /^[\w-]+\/[\w-]+$/.test(name) && isReached(value))
      ? (Object.fromEntries(entries) as Record<string, Reached>)
      : null;
  } catch {
    return null;
  }
}
export const progress = signal(readProgress(kept(key) ?? "{}") ?? {});
/** Adds what another browser has reached. */
export function takeProgress(read: Readonly<Record<string, Reached>>): void {
  progress.value = { ...progress.value, ...read };
  keep(key, JSON.stringify(progress.value));
}
export function note(claim: string, reached: Reached): void {
  progress.value = { ...progress.value, [claim]: { ...progress.value[claim], ...reached } };
  keep(key, JSON.stringify(progress.value));
}

/** Whether a verdict was reached for some claim of an experiment. */
export function reachedOf(experiment: string): boolean {
  return Object.entries(progress.value).some(
    ([id, { outcome }]) => id.startsWith(`${experiment}/`) && outcome !== undefined,
  );
}

export function Claims({ bench }: { bench: Bench }): JSX.Element {
  return (
    <div class="claims" data-part="claims">
      {Object.entries(bench.details.claims).map(([id, claim], at) => (
        <ClaimCard key={id} bench={bench} id={id} at={at} claim={claim} />
      ))}
    </div>
  );
}

/** Whether the learner has made a guess at some claim of an experiment, or has gone on without one. */
export const hasGuessed = ({ id, claims }: Bench["details"]): boolean =>
  Object.keys(claims).length === 0 ||
  Object.keys(claims).some((claim) => progress.value[`${id}/${claim}`]?.guess !== undefined);

/** Goes on without a guess at the claims that have none yet. */
export function skipGuesses({ id, claims }: Bench["details"]): void {
  for (const claim of Object.keys(claims)) {
    const name = `${id}/${claim}`;
    if (progress.value[name]?.guess === undefined) note(name, { guess: null });
  }
}

interface ClaimCardProps {
  readonly bench: Bench;
  readonly id: string;
  /** Its place among the claims. */
  readonly at: number;
  readonly claim: Bench["details"]["claims"][string];
}

/** First a guess, then the run, then the verdict: in that order, for who has seen the outcome cannot guess any more. */
function ClaimCard({ bench, id, at, claim }: ClaimCardProps): JSX.Element {
  const name = `${bench.details.id}/${id}`;
  const { guess } = progress.value[name] ?? {};
  const verdict = guess === undefined ? undefined : bench.verdicts.value?.[id];
  if (verdict && progress.peek()[name]?.outcome !== verdict.outcome && verdict.outcome !== "undecided") {
    queueMicrotask(() => note(name, { outcome: verdict.outcome }));
  }
  const guessed = (option: Element, i: number): void => {
    note(name, { guess: i });
    const card = option.closest(".claim");
    // The way on comes up below, where it may not be seen.
    requestAnimationFrame(() => card?.querySelector('[data-action="judge"]')?.scrollIntoView({ block: "nearest" }));
  };
  return (
    <section class="claim" data-claim={id} data-outcome={verdict?.outcome}>
      <blockquote>
        <Prose part="claims" at={at} text={claim.sentence} />
      </blockquote>
      <fieldset>
        <legend>
          <T text={guess === undefined ? words.predict : words.yourGuess} />
        </legend>
        {claim.predictions.map((prediction, i) => (
          <label key={prediction.en}>
            <input
              type="radio"
              name={name}
              checked={guess === i}
              onChange={(event) => guessed(event.currentTarget, i)}
            />
            <span>
              <T text={prediction} />
            </span>
          </label>
        ))}
      </fieldset>
      {guess === undefined ? (
        <p class="muted">
          <button type="button" class="quiet" data-action="skip-guess" onClick={() => note(name, { guess: null })}>
            <T text={words.skipGuess} />
          </button>
        </p>
      ) : verdict ? (
        <Judged claim={claim} verdict={verdict} guess={guess} />
      ) : (
        <RunForVerdict bench={bench} />
      )}
    </section>
  );
}

function Judged({
  claim,
  verdict,
  guess,
}: {
  claim: ClaimCardProps["claim"];
  verdict: Verdict;
  guess: number | null;
}): JSX.Element {
  const isRight = guess === verdict.prediction;
  return (
    <div class="verdict" role="status">
      <strong class={verdict.outcome}>
        <T text={words[verdict.outcome]} />
      </strong>
      <p>
        <T text={verdict.because} block />
      </p>
      {verdict.outcome === "fails" && (
        <p class="muted">
          <T text={words.inExams} block />
        </p>
      )}
      {guess !== null && verdict.prediction !== undefined && (
        <p class="guess" data-came-true={isRight}>
          <T text={isRight ? words.guessRight : words.guessWrong} />{" "}
          {!isRight && <T text={claim.predictions[verdict.prediction]} />}
        </p>
      )}
    </div>
  );
}

/** The way from a guess to its verdict: runs what is on the bench, and says how far it is. */
export function RunForVerdict({ bench }: { bench: Bench }): JSX.Element {
  const { status, step, steps } = bench;
  if (status.value === "playing") {
    return (
      <p class="muted number">
        <T text={words.stepOf(step.value, steps.value)} />
      </p>
    );
  }
  return (
    <p>
      <button type="button" data-action="judge" disabled={status.value === "opening"} onClick={() => bench.play()}>
        <span aria-hidden="true">▶</span> <T text={words.runFirst} />
      </button>
    </p>
  );
}
