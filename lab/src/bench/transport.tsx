/** Through the time of a run: train, pause, a step, speed, back to a past step, other seeds. */
import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isPhone } from "../screen.ts";
import { said, T } from "../text/language.tsx";
import { words } from "../text/words.ts";
import { useDraft } from "./draft.ts";
import type { Bench } from "./store.ts";
import "./transport.css";

/** Steps a second. */
export const paces = [
  { label: words.slow, pace: 2 },
  { label: words.steady, pace: 30 },
  { label: words.fastest, pace: null },
] as const;

export function Transport({ bench, isTall }: { bench: Bench; isTall: Signal<boolean> }): JSX.Element {
  const { status, step, steps } = bench;
  const isPlaying = status.value === "playing";
  const main = isPlaying ? words.pause : status.value === "done" ? words.again : words.train;
  const isTrained = steps.value > 0 || (status.value === "opening" && "steps" in bench.details.params);
  const grow = isPhone.value && (
    <button type="button" class="grow" aria-pressed={isTall.value} onClick={() => (isTall.value = !isTall.value)}>
      {said(words.wholeScreen)}
    </button>
  );
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current as HTMLDivElement;
    // What is pinned stays below it.
    const observer = new ResizeObserver(() => {
      element.parentElement?.style.setProperty("--transport", `${element.offsetHeight}px`);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} class="transport" data-part="transport">
      {isTrained && (
        <div class="buttons">
          <button
            type="button"
            class="primary"
            data-action="play"
            disabled={status.value === "opening"}
            onClick={() => bench.toggle()}
          >
            <span aria-hidden="true">{isPlaying ? "❚❚" : "▶"}</span> {said(main)}
          </button>
          <button
            type="button"
            data-action="step"
            disabled={status.value === "opening" || status.value === "done"}
            onClick={() => bench.stepOnce()}
          >
            {said(words.oneStep)}
          </button>
          <button type="button" data-action="reset" onClick={() => bench.reset()}>
            {said(words.reset)}
          </button>
          {!isPhone.value && <Paces bench={bench} />}
          {grow}
        </div>
      )}
      <div class="run">
        <Status bench={bench} />
        {!isTrained && grow}
        {!isPhone.value && <RunSettings bench={bench} />}
        {isTrained && step.value > 0 && <Scrubber bench={bench} />}
      </div>
    </div>
  );
}

function Paces({ bench }: { bench: Bench }): JSX.Element {
  return (
    <fieldset class="paces" aria-label={said(words.speed)}>
      {paces.map(({ label, pace }) => (
        <button
          key={label.en}
          type="button"
          aria-pressed={bench.pace.value === pace}
          onClick={() => bench.setPace(pace)}
        >
          {said(label)}
        </button>
      ))}
    </fieldset>
  );
}

/** What of a run is no setting of the experiment: its seed, other seeds, its address. */
function RunSettings({ bench }: { bench: Bench }): JSX.Element {
  const { status, steps, seeds, seedsLeft } = bench;
  const draft = useDraft(String(bench.opening.value.seed), (text) =>
    bench.setSeed(Math.max(0, Math.floor(Number(text)) || 0)),
  );
  return (
    <>
      <label>
        <T text={words.seed} /> <input type="number" min={0} max={999999} data-control="seed" {...draft} />
      </label>
      {steps.value > 0 && (
        <button
          type="button"
          data-action="seeds"
          disabled={status.value !== "done" || seedsLeft.value > 0}
          onClick={() => bench.runSeeds(5)}
        >
          {said(seeds.value.length > 0 ? words.seedsDone(seeds.value.length) : words.manySeeds)}
        </button>
      )}
      <Share />
    </>
  );
}

/** On a phone what has no room in the transport stands in the sheet of settings. */
export function PhoneSettings({ bench }: { bench: Bench }): JSX.Element {
  return (
    <div class="row" data-part="transport">
      {bench.steps.value > 0 && <Paces bench={bench} />}
      <RunSettings bench={bench} />
    </div>
  );
}

function Status({ bench }: { bench: Bench }): JSX.Element {
  const { status, step, steps, message } = bench;
  const text =
    status.value === "opening"
      ? words.opening
      : status.value === "failed"
        ? words.failed
        : steps.value === 0
          ? ""
          : words.stepOf(step.value, steps.value);
  return (
    <span class="status" data-status={status.value} data-step={step.value}>
      {said(text)} {status.value === "failed" && <code>{message.value}</code>}
    </span>
  );
}

function Scrubber({ bench }: { bench: Bench }): JSX.Element {
  const { snapshots, at } = bench;
  const last = snapshots.value.length - 1;
  const shown = bench.shown.value?.step ?? 0;
  return (
    <div class="scrubber">
      <label>
        <span class="visually-hidden">
          <T text={words.scrub} />
        </span>
        <input
          type="range"
          min={0}
          max={last}
          value={at.value ?? last}
          data-control="scrub"
          aria-valuetext={said(words.stepOf(shown, bench.steps.value))}
          onInput={(event) => {
            const index = Number(event.currentTarget.value);
            bench.pause();
            at.value = index >= last ? null : index;
          }}
        />
      </label>
      {at.value !== null && (
        <p class="past">
          <T text={words.past(shown)} />{" "}
          <button
            type="button"
            onClick={() => {
              at.value = null;
            }}
          >
            <T text={words.latest} />
          </button>
        </p>
      )}
    </div>
  );
}

function Share(): JSX.Element {
  const isCopied = useSignal(false);
  return (
    <button
      type="button"
      onClick={() => {
        void navigator.clipboard?.writeText(location.href).then(() => {
          isCopied.value = true;
          setTimeout(() => {
            isCopied.value = false;
          }, 2000);
        });
      }}
    >
      {said(isCopied.value ? words.copied : words.share)}
    </button>
  );
}
