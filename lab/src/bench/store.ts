/** The state of a bench: one run at a time, what it has shown so far, and which moment of it is looked at. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Values, Verdict } from "../../../src/experiments/experiment.ts";
import type { Change } from "../../../src/experiments/run.ts";
import { forkId, settle } from "../../../src/experiments/settings.ts";
import { say } from "../../../src/experiments/text.ts";
import type { Finding } from "../../../src/experiments/verify.ts";
import type { Details } from "../details.ts";
import { listen, tell } from "../engine/engine.ts";
import type { FromEngine, LaneFrame, Numbers, Opening } from "../engine/protocol.ts";

/** What was seen at one step. */
export interface Snapshot {
  readonly step: number;
  readonly lanes: readonly LaneFrame[];
}
/** Scalars of a lane, by probe, all steps so far. */
export type Curves = Readonly<Record<string, { steps: number[]; values: number[] }>>;

export type Status = "opening" | "ready" | "playing" | "done" | "failed";
/** Who wants no motion gets a picture a second: steps, not an animation. */
const still = matchMedia("(prefers-reduced-motion: reduce)");
const frameEvery = (): number => (still.matches ? 1000 : 33);

/** Snapshots that are kept to go back to. */
const kept = 200;

let runs = 0;

export class Bench {
  readonly #own: Details;
  readonly opening: Signal<Opening>;
  readonly status: Signal<Status> = signal("opening");
  readonly message: Signal<string> = signal("");
  /** Steps done, and steps of the whole run. */
  readonly step: Signal<number> = signal(0);
  readonly steps: Signal<number> = signal(0);
  readonly snapshots: Signal<readonly Snapshot[]> = signal([]);
  /** Which snapshot is looked at; null: the latest. */
  readonly at: Signal<number | null> = signal(null);
  /** Counts frames, for pictures of curves, which grow in place. */
  readonly frames: Signal<number> = signal(0);
  readonly verdicts: Signal<Readonly<Record<string, Verdict>> | null> = signal(null);
  /** What the experiment expects of its default run, beside what the run that is over gave. */
  readonly findings: Signal<readonly Finding[]> = signal([]);
  readonly seeds: Signal<readonly Extract<FromEngine, { kind: "seed" }>[]> = signal([]);
  /** How many of the runs with other seeds that were asked for are still to come. */
  readonly seedsLeft: Signal<number> = signal(0);
  /** Steps a second; null: as fast as it goes. */
  readonly pace: Signal<number | null> = signal(null);
  readonly shown: ReadonlySignal<Snapshot | null>;
  curves: Readonly<Record<string, Curves>> = {};
  /** Probes that this run has measured, or one before while this one is not over: their figures keep their places. */
  readonly measured: Signal<ReadonlySet<string>> = signal(new Set());
  /** The same of bars of which there are few, by probe and place: "rates.0". */
  tracks: Readonly<Record<string, Curves>> = {};
  readonly #settings = computed(() => this.#settled(this.opening.value));
  readonly #details = computed(() => withFork(this.#own, this.opening.value));
  #run = 0;
  /** Whether what is shown is of the run before: it stays until there is something else, so that the page keeps its shape. */
  #isStale = false;
  /** Whether it was last told to play: frames that were under way before that know nothing of it. */
  #plays = false;
  /** The step from which a fork is being set up: a slider that is held there goes on to change it. */
  #forking: number | null = null;
  #stopListening: () => void;

  constructor(details: Details, opening: Opening) {
    this.#own = details;
    this.opening = signal(opening);
    this.shown = computed(() => {
      const all = this.snapshots.value;
      const shown = (this.at.value === null ? all.at(-1) : all[this.at.value]) ?? null;
      return shown && without(shown, this.details);
    });
    this.#stopListening = listen((message) => this.#take(message));
    this.open(opening);
  }

  /** The experiment, with the lane that a fork adds. */
  get details(): Details {
    return this.#details.value;
  }
  /** The lanes of the run by their ids, with the settings they started from. */
  get settings(): ReadonlyMap<string, Values> {
    return this.#settings.value;
  }
  #settled({ choice, fork }: Opening): Map<string, Values> {
    const settings = settle(this.#own as never, choice);
    const forked = fork && settings.get(fork.lane);
    return forked ? settings.set(forkId, forked) : settings;
  }

  /** Sets a run up; `until` steps of it are done at once. */
  open(opening: Opening, until = 0): void {
    this.#run = ++runs;
    this.#plays = false;
    this.#forking = null;
    batch(() => {
      this.opening.value = opening;
      this.status.value = "opening";
      this.message.value = "";
      this.step.value = 0;
      this.at.value = null;
      this.verdicts.value = null;
      this.seeds.value = [];
      this.seedsLeft.value = 0;
      this.#isStale = true;
    });
    tell({ kind: "open", run: this.#run, opening, until });
  }

  play(): void {
    if (this.status.value === "done") this.reset();
    this.at.value = null;
    this.#plays = true;
    this.status.value = "playing";
    tell({ kind: "play", stepsPerSecond: this.pace.value, frameEvery: frameEvery() });
  }
  pause(): void {
    this.#plays = false;
    tell({ kind: "pause" });
    if (this.status.value === "playing") this.status.value = "ready";
  }
  toggle(): void {
    if (this.status.value === "playing") this.pause();
    else this.play();
  }
  stepOnce(): void {
    this.at.value = null;
    this.#plays = false;
    if (this.status.value === "playing") this.status.value = "ready";
    tell({ kind: "step", count: 1 });
  }
  setPace(pace: number | null): void {
    this.pace.value = pace;
    if (this.status.value === "playing") tell({ kind: "play", stepsPerSecond: pace, frameEvery: frameEvery() });
  }
  /** The same run from its beginning, without the changes that were made on the way. */
  reset(): void {
    this.open(afresh(this.opening.value));
  }
  /** The run without its fork, as far as it was. */
  unfork(): void {
    const { fork: _, ...opening } = this.opening.value;
    const changes = opening.changes.filter(({ lane }) => lane !== forkId);
    this.open({ ...opening, changes }, this.step.value);
  }
  runSeeds(count: number): void {
    if (this.seedsLeft.value > 0) return; // theirs would be counted as well
    const first = this.opening.value.seed;
    this.seeds.value = [];
    this.seedsLeft.value = count;
    tell({ kind: "seeds", seeds: Array.from({ length: count }, (_, i) => first + i) });
  }

  /**
   * Another value of a parameter, in one lane or all. A hot one changes in the run; where a past step is looked at, in a
   * fork that leaves a lane there, and goes on beside it. Another starts the run anew.
   */
  set(name: string, value: Values[string], lane?: string): void {
    const { choice } = this.opening.value;
    const isStarted = this.step.value > 0;
    const { hot, kind } = this.details.params[name];
    if (hot && this.status.value === "opening" && this.#forking !== null) {
      this.#fork(this.#forking, { [name]: value }, forkId);
      return;
    }
    // What is drawn changes many times, and never needs a run to begin anew.
    if (hot && (isStarted || kind === "list") && this.status.value !== "opening") {
      this.#change({ [name]: value }, lane);
      return;
    }
    const own = lane === forkId ? this.opening.value.fork?.lane : lane;
    const inLane = { ...choice.lanes?.[own ?? ""], [name]: value };
    const next =
      own === undefined
        ? { ...choice, values: { ...choice.values, [name]: value } }
        : { ...choice, lanes: { ...choice.lanes, [own]: inLane } };
    const wasPlaying = this.status.value === "playing";
    this.open({ ...(isStarted ? afresh(this.opening.value) : this.opening.value), choice: next });
    if (wasPlaying) this.play();
  }

  #change(values: Partial<Values>, lane?: string): void {
    const shown = this.shown.value?.step ?? this.step.value;
    if (this.at.value !== null && shown < this.step.value) this.#fork(shown, values, lane);
    else tell({ kind: "change", values, ...(lane === undefined ? {} : { lane }) });
  }

  /** Goes on from a past step with other values in a lane of its own: a copy of one lane, the last unless it is said. */
  #fork(step: number, values: Partial<Values>, lane?: string): void {
    const { fork: before, changes, ...opening } = this.opening.value;
    const isAgain = before !== undefined && lane === forkId;
    const own = Object.keys(this.#own.lanes);
    const from = isAgain ? before.lane : (lane ?? (own.at(-1) as string));
    const kept = changes.flatMap((change): Change[] => {
      if (change.lane === forkId) return isAgain && change.step <= step ? [change] : [];
      // What was changed in all lanes later on has not been in the fork.
      return change.step < step || change.lane !== undefined ? [change] : own.map((id) => ({ ...change, lane: id }));
    });
    const all = changed(kept, { step, lane: forkId, values }).toSorted((a, b) => a.step - b.step);
    const fork = { lane: from, step: isAgain ? Math.min(before.step, step) : step };
    this.open({ ...opening, fork, changes: all }, step);
    this.#forking = step;
  }

  /** Other values for all lanes, of what a run begins with: it begins anew, and goes on by itself if it had begun. */
  begin(values: Readonly<Record<string, Values[string]>>): void {
    const goesOn = this.step.value > 0 || this.#plays; // before its first step, too
    const { choice } = this.opening.value;
    const next = { ...choice, values: { ...choice.values, ...values } };
    this.open({ ...afresh(this.opening.value), choice: next });
    if (goesOn) this.play();
  }

  choosePreset(preset: string | null): void {
    this.open({ ...afresh(this.opening.value), choice: preset === null ? {} : { preset } });
  }
  setSeed(seed: number): void {
    this.open({ ...afresh(this.opening.value), seed });
  }
  /** Adds to the weights of a parameter, the first unless named: pictures have to follow. */
  poke(lane: string, by: number, parameter?: string): void {
    this.#plays = false;
    tell({ kind: "poke", lane, by, ...(parameter === undefined ? {} : { parameter }) });
  }
  close(): void {
    this.pause();
    this.#stopListening();
  }

  #take(message: FromEngine): void {
    if (message.kind === "answer" || (message.run !== this.#run && message.run !== -1)) return;
    batch(() => {
      switch (message.kind) {
        case "frame":
          this.#takeFrame(message);
          break;
        case "changed":
          this.opening.value = { ...this.opening.value, changes: changed(this.opening.value.changes, message.change) };
          break;
        case "done":
          this.status.value = "done";
          this.verdicts.value = message.verdicts;
          this.findings.value = message.findings;
          this.measured.value = this.#measured(this.snapshots.value.at(-1)?.lanes ?? []);
          break;
        case "seed":
          this.seeds.value = [...this.seeds.value, message];
          this.seedsLeft.value--;
          break;
        case "failed":
          this.#clear();
          this.seedsLeft.value = 0;
          this.status.value = "failed";
          this.message.value = message.message;
          break;
        default:
          message satisfies never;
      }
    });
  }

  /** Takes away what is of the run before. */
  #clear(): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    this.snapshots.value = [];
    this.curves = {};
    this.tracks = {};
    this.frames.value++;
  }

  /** The probes that this run has measured by a frame of these lanes. */
  #measured(lanes: readonly LaneFrame[]): Set<string> {
    const curves = Object.values(this.curves).flatMap((all) => Object.keys(all));
    return new Set([...curves, ...lanes.flatMap(({ readings }) => Object.keys(readings))]);
  }

  #takeFrame({ step, steps, lanes }: Extract<FromEngine, { kind: "frame" }>): void {
    this.#clear();
    const [curves, tracks] = [{ ...this.curves }, { ...this.tracks }];
    for (const lane of lanes) {
      curves[lane.id] = grown(curves[lane.id] ?? {}, lane.scalars);
      tracks[lane.id] = grown(tracks[lane.id] ?? {}, lane.tracks);
    }
    [this.curves, this.tracks] = [curves, tracks];
    const measured = new Set([...this.measured.peek(), ...this.#measured(lanes)]);
    if (measured.size > this.measured.peek().size) this.measured.value = measured;
    this.frames.value++;
    this.step.value = step;
    this.steps.value = steps;
    if (this.status.value !== "done") this.status.value = this.#plays ? "playing" : "ready";
    const before = this.snapshots.value.filter((snapshot) => snapshot.step < step);
    const thinned = before.length < kept ? before : before.filter((_, i) => i % 2 === 0);
    this.snapshots.value = [...thinned, { step, lanes }];
  }
}

/** What was seen, of lanes that there are: what is still shown of the run before may have had a fork. */
function without(shown: Snapshot, { lanes: named }: Details): Snapshot {
  const lanes = shown.lanes.filter(({ id }) => id in named);
  return lanes.length === shown.lanes.length ? shown : { ...shown, lanes };
}

/** A run without what happened on its way. */
function afresh({ fork: _, ...opening }: Opening): Opening {
  return { ...opening, changes: [] };
}

function withFork(details: Details, { fork }: Opening): Details {
  if (!fork) return details;
  const { ja, en } = details.lanes[fork.lane].label;
  const label = say(`分岐：「${ja}」のステップ ${fork.step} から`, `fork of “${en}” at step ${fork.step}`);
  return { ...details, lanes: { ...details.lanes, [forkId]: { label, values: {} } } };
}

/** The latest number of a curve at a step, null being its end; undefined where nothing was measured by then. */
export function valueAt({ steps, values }: Numbers, at: number | null): number | undefined {
  return values[at === null ? steps.length - 1 : steps.findLastIndex((step) => step <= at)];
}

/** Changes with one more, which takes the place of one that it makes void. */
function changed(changes: readonly Change[], change: Change): Change[] {
  const names = Object.keys(change.values).join();
  const isVoid = ({ step, lane, values }: Change): boolean =>
    step === change.step && lane === change.lane && Object.keys(values).join() === names;
  return [...changes.filter((other) => !isVoid(other)), change];
}

/** Curves with what is new behind them. The first of what is new may be the last that was there. */
function grown(curves: Curves, scalars: Readonly<Record<string, Numbers>>): Curves {
  const next: Record<string, { steps: number[]; values: number[] }> = { ...curves };
  for (const [probe, { steps, values }] of Object.entries(scalars)) {
    const curve = next[probe] ?? { steps: [], values: [] };
    next[probe] = curve;
    while (curve.steps.length > 0 && steps.length > 0 && curve.steps[curve.steps.length - 1] >= steps[0]) {
      curve.steps.pop();
      curve.values.pop();
    }
    curve.steps.push(...steps);
    curve.values.push(...values);
  }
  return next;
}
