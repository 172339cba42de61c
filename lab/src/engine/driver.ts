/** Drives one run: in slices of milliseconds, so that it can be asked and stopped between them, with frames for the eye. */

import type { DataSource } from "../../../src/experiments/data.ts";
import type { Experiment, Verdict } from "../../../src/experiments/experiment.ts";
import type { Reading } from "../../../src/experiments/probe.ts";
import { type Change, type Lane, Run } from "../../../src/experiments/run.ts";
import { findings } from "../../../src/experiments/verify.ts";
import { arange } from "../../../src/index.ts";
import type { FromEngine, LaneFrame, Numbers, Opening } from "./protocol.ts";

/** Milliseconds of computing between two looks at the mail, between frames, and the part of time that closer looks may take. */
const slice = 12;
const frame = 33;
const lookShare = 0.3;
/** At how many steps at most a run with another seed is looked at: enough for a band behind a curve. */
const looksBeside = 40;

export interface Surroundings {
  readonly experiments: ReadonlyMap<string, Experiment>;
  readonly data: DataSource;
  tell(message: FromEngine): void;
  /** Lets mail come in. */
  breathe(): Promise<void>;
}

export class Driver {
  readonly #id: number;
  readonly #opening: Opening;
  readonly #around: Surroundings;
  #run: Run | null = null;
  /** How many numbers of each scalar of each lane have been told. */
  readonly #told = new Map<string, number>();
  readonly #asked: Omit<Change, "step">[] = [];
  /** Changes of the opening that are still to come. */
  readonly #due: Change[];
  #pace: number | null = null;
  #frameEvery = frame;
  /** Whether it is to go on: said at once by what is asked, while the steps themselves wait for their turn. */
  #isPlaying = false;
  #isClosed = false;
  /** Ends the wait between two steps. */
  #wake: () => void = () => undefined;
  /** The steps at which the run was looked at, one after the other. */
  readonly #looks = new Set<number>();
  #lastFrame = 0;
  #lastLook = 0;
  #lookTime = 0;

  constructor(id: number, opening: Opening, around: Surroundings) {
    this.#id = id;
    this.#opening = opening;
    this.#due = [...opening.changes];
    this.#around = around;
  }

  async open(until: number): Promise<void> {
    this.#run = await this.#start(this.#opening.seed);
    this.#frame();
    await this.#advance(until);
    await this.#see();
  }

  async #start(seed: number): Promise<Run> {
    const { experiment: id, choice, fork } = this.#opening;
    const experiment = this.#around.experiments.get(id);
    if (!experiment) throw new Error(`There is no experiment ${id}.`);
    return Run.start(experiment, { seed, data: this.#around.data }, choice, fork);
  }

  /** Does steps, with the changes of the opening, up to a step, without showing them one by one. */
  async #advance(until: number, run: Run | null = this.#run): Promise<void> {
    let since = performance.now();
    while (run && run.step < until && !run.isDone && !this.#isClosed) {
      await this.#next(run);
      if (performance.now() - since < slice) continue;
      if (run === this.#run && run.step < until) this.#frameNow(); // the last is shown when it has been looked at
      await this.#around.breathe();
      since = performance.now();
    }
  }

  async #next(run: Run): Promise<void> {
    if (run === this.#run) {
      this.#makeDue();
      this.#applyChanges();
    } else {
      this.#changeAlike(run);
    }
    await run.next();
  }

  /** Makes the changes of the opening whose step has come: before the next step, and before a look at this one. */
  #makeDue(): void {
    while (this.#run && this.#due.length > 0 && this.#due[0].step <= this.#run.step) {
      const { values, lane } = this.#due.shift() as Change;
      this.#run.change(values, lane);
    }
  }

  /** Makes in a run with another seed what was changed in this one at the same step. Whether there was anything. */
  #changeAlike(run: Run): boolean {
    const due = this.#run?.changes.filter(({ step }) => step === run.step) ?? [];
    for (const { values, lane } of due) run.change(values, lane);
    return due.length > 0;
  }

  /** Makes the changes that were asked for, between two steps, so that the same run can be had again. */
  #applyChanges(): void {
    for (const { values, lane } of this.#asked.splice(0)) {
      this.#run?.change(values, lane);
      const change = this.#run?.changes.at(-1);
      if (change) this.#around.tell({ kind: "changed", run: this.#id, change });
    }
  }

  /** Says that it goes on, and how fast; a run that goes on already does so from now on. */
  speed(stepsPerSecond: number | null, frameEvery: number = frame): void {
    this.#pace = stepsPerSecond;
    this.#frameEvery = frameEvery;
    this.#isPlaying = true;
    this.#wake();
  }

  /** Goes on until it is over, or told to pause. */
  async play(): Promise<void> {
    if (!this.#isPlaying) return; // a pause came before its turn
    const run = this.#run;
    let since = performance.now();
    while (run && this.#isPlaying && !this.#isClosed && !run.isDone) {
      await this.#next(run);
      if (this.#pace === null && performance.now() - since < slice) continue;
      await this.#show();
      await this.#around.breathe();
      await this.#rest(since);
      since = performance.now();
    }
    this.#isPlaying = false;
    if (!this.#isClosed) await this.#see();
  }

  /** Waits until the next step is due, or until something is asked that cannot wait. */
  async #rest(since: number): Promise<void> {
    const pause = this.#pace === null ? 0 : 1000 / this.#pace - (performance.now() - since);
    if (pause <= 1 || !this.#isPlaying) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  pause(): void {
    this.#isPlaying = false;
    this.#wake();
  }
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async step(count: number): Promise<void> {
    if (!this.#run) return;
    await this.#advance(this.#run.step + count);
    await this.#see();
  }

  /** Asks for a change before the next step. */
  change(values: Change["values"], lane?: string): void {
    this.#asked.push({ values, ...(lane === undefined ? {} : { lane }) });
  }
  /** Makes it now, where no step is under way. */
  async settle(): Promise<void> {
    if (this.#asked.length === 0) return;
    this.#applyChanges();
    await this.#see();
  }

  async poke(lane: string, by: number, parameter?: string): Promise<void> {
    const named = this.#run?.lane(lane).model?.namedParameters();
    const target = parameter === undefined ? named?.values().next().value : named?.get(parameter);
    if (!target) throw new Error(`There is no parameter ${parameter ?? ""} in lane ${lane}.`);
    const ramp = arange(1, target.numel() + 1)
      .mul(by / target.numel())
      .reshape(target.shape); // not all by the same
    target.assign(target.detach().add(ramp));
    await target.realize();
    await this.#see();
  }

  /** The same run with other seeds, each from its beginning to its end, measured at steps at which this one was. */
  async seeds(seeds: readonly number[]): Promise<void> {
    const looks = spread([...this.#looks], looksBeside);
    for (const seed of seeds) {
      const run = await this.#start(seed);
      for (const step of looks) {
        await this.#advance(step, run);
        if (this.#isClosed) return;
        // As in this run, a look comes after a change at its step, be it the last.
        const isChanged = run.step === step && this.#changeAlike(run);
        if (isChanged || !run.isDone) await run.look();
        await this.#around.breathe(); // a few quick steps let no mail in by themselves
      }
      await this.#advance(Number.POSITIVE_INFINITY, run);
      if (this.#isClosed) return;
      const lanes = run.lanes.map((lane) => [lane.id, scalarsOf(run, lane, () => 0)] as const);
      this.#around.tell({
        kind: "seed",
        run: this.#id,
        seed,
        lanes: Object.fromEntries(lanes),
        verdicts: verdictsOf(run),
      });
    }
  }

  /** Shows how things are, if it is time to; with a closer look, if there is time for one. */
  async #show(): Promise<void> {
    const now = performance.now();
    if (now - this.#lastFrame < this.#frameEvery) return;
    if (this.#lookTime < lookShare * (now - this.#lastLook)) await this.#look();
    this.#frameNow();
  }

  /** Looks and shows, and says what came out if the run is over. */
  async #see(): Promise<void> {
    await this.#look();
    this.#frame();
    if (!this.#run?.isDone) return;
    const [verdicts, met] = [verdictsOf(this.#run), findings(this.#run)];
    this.#around.tell({ kind: "done", run: this.#id, verdicts, findings: met });
  }

  async #look(): Promise<void> {
    this.#makeDue();
    const start = performance.now();
    await this.#run?.look();
    if (this.#run) this.#looks.add(this.#run.step);
    this.#lastLook = performance.now();
    this.#lookTime = this.#lastLook - start;
  }

  #frameNow(): void {
    if (performance.now() - this.#lastFrame >= this.#frameEvery) this.#frame();
  }

  #frame(): void {
    const run = this.#run;
    if (!run) return;
    this.#lastFrame = performance.now();
    const lanes = run.lanes.map((lane): LaneFrame => {
      const { id, step, isDone, diverged, values } = lane;
      const key = (probe: string): string => `${id} ${probe}`;
      const from: From = (probe, count) => {
        const told = this.#told.get(key(probe)) ?? 0;
        this.#told.set(key(probe), count);
        return told;
      };
      const [scalars, tracks] = [scalarsOf(run, lane, from), tracksOf(run, lane, from)];
      return { id, step, isDone, diverged, values, scalars, tracks, readings: readingsOf(run, lane) };
    });
    this.#around.tell({
      kind: "frame",
      run: this.#id,
      step: run.step,
      steps: run.steps,
      isPlaying: this.#isPlaying,
      lanes,
    });
  }
}

/** At most `count` of these, evenly, the last among them. */
const spread = <T>(all: readonly T[], count: number): T[] => {
  const every = Math.ceil(all.length / count);
  return all.filter((_, i) => (all.length - 1 - i) % every === 0);
};

/** From which of the `count` numbers of a probe there are to tell. */
type From = (probe: string, count: number) => number;

/** The numbers of a lane's scalars, each from where `from` says; one more, as a look may have replaced the last. */
function scalarsOf(run: Run, lane: Lane, from: From): Record<string, Numbers> {
  const found: Record<string, Numbers> = {};
  for (const [probe, { form }] of Object.entries(run.experiment.probes)) {
    if (form !== "scalar" || !lane.has(probe)) continue;
    const { steps, values } = lane.series(probe);
    const start = Math.max(from(probe, values.length) - 1, 0);
    found[probe] = { steps: steps.slice(start), values: (values as readonly number[]).slice(start) };
  }
  return found;
}

/** Of bars, how many at most are told step by step. */
const few = 4;

/** The same of bars: each place by itself. */
function tracksOf(run: Run, lane: Lane, from: From): Record<string, Numbers> {
  const found: Record<string, Numbers> = {};
  for (const [probe, { form }] of Object.entries(run.experiment.probes)) {
    if (form !== "bars" || !lane.has(probe)) continue;
    const { steps, values } = lane.series(probe);
    const bars = values as readonly { readonly values: ArrayLike<number> }[];
    const { length } = bars[bars.length - 1].values;
    if (length > few) continue;
    const start = Math.max(from(probe, bars.length) - 1, 0);
    const told = bars.slice(start);
    for (let i = 0; i < length; i++) {
      found[`${probe}.${i}`] = { steps: steps.slice(start), values: told.map((bar) => bar.values[i]) };
    }
  }
  return found;
}

function readingsOf(run: Run, lane: Lane): Record<string, Reading> {
  const found: Record<string, Reading> = {};
  for (const [probe, { form }] of Object.entries(run.experiment.probes)) {
    if (form !== "scalar" && lane.has(probe)) found[probe] = lane.last(probe);
  }
  return found;
}

const verdictsOf = (run: Run): Record<string, Verdict> => Object.fromEntries(run.verdicts());
