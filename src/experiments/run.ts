/**
 * A run of an experiment: its lanes, step by step beside each other. A run is a function of its settings, its seed and the
 * changes made on the way, so whoever knows these can have it again, bit for bit, up to any step.
 */
import { ValueError } from "../errors.ts";
import type { AnyModule } from "../nn/index.ts";
import { defaultGenerator, Generator, stack } from "../tensor.ts";
import type { Context, Experiment, Outcome, Session, Values, Verdict } from "./experiment.ts";
import type { Probes, Reading, Readings } from "./probe.ts";
import { type Divergence, Journal, type LaneView, type Series } from "./record.ts";
import { type Choice, checkValue, type Fork, forkId, settle } from "./settings.ts";

/** A change of hot parameters before a step: of one lane, or of all. */
export interface Change {
  readonly step: number;
  readonly lane?: string;
  readonly values: Partial<Values>;
}

export class Run implements Outcome {
  readonly experiment: Experiment;
  readonly seed: number;
  readonly lanes: readonly Lane[];
  readonly #fork: Fork | null;
  readonly #changes: Change[] = [];
  #step = 0;

  private constructor(experiment: Experiment, seed: number, lanes: readonly Lane[], fork: Fork | null) {
    this.experiment = experiment;
    this.seed = seed;
    this.lanes = lanes;
    this.#fork = fork;
  }

  /** Sets a run up, and looks at it once. Throws ValueError for settings that the experiment does not take. */
  static async start(
    experiment: Experiment,
    context: Context,
    choice: Choice = {},
    fork: Fork | null = null,
  ): Promise<Run> {
    const settings = settle(experiment, choice);
    const lanes: Lane[] = [];
    for (const [id, values] of settings) lanes.push(await Lane.start(experiment, id, values, context));
    if (fork) {
      const values = settings.get(fork.lane);
      if (!values) throw new Error(`experiment: ${experiment.id} has no lane "${fork.lane}"`);
      lanes.push(await Lane.start(experiment, forkId, values, context)); // all over again: a lane is a function of these
    }
    return new Run(experiment, context.seed, lanes, fork);
  }

  /** Steps that every lane has done, if it was not at its end before. */
  get step(): number {
    return this.#step;
  }
  /** Steps of the longest lane. */
  get steps(): number {
    return Math.max(...this.lanes.map((lane) => lane.steps));
  }
  get isDone(): boolean {
    return this.lanes.every((lane) => lane.isDone);
  }
  /** What was changed on the way. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  /** Does a step in each lane that has not come to its end. Whether there are more. */
  async next(): Promise<boolean> {
    this.#step++;
    for (const lane of this.lanes) if (!lane.isDone) await lane.next();
    return !this.isDone;
  }

  /** Looks closely at every lane as it is by now. */
  async look(): Promise<void> {
    for (const lane of this.lanes) await lane.look();
  }

  /** Gives hot parameters other values from the next step on: in one lane, with what will fork from it, or in all. */
  change(values: Partial<Values>, lane?: string): void {
    for (const [name, value] of Object.entries(values)) {
      checkValue(this.experiment, name, value);
      if (this.experiment.params[name].hot) continue;
      const fix = "Start another run with it";
      throw new ValueError({
        in: this.experiment.id,
        got: `a change of ${name}`,
        want: "a parameter that is hot",
        fix,
      });
    }
    for (const l of lane === undefined ? this.lanes : [this.lane(lane)]) l.change(values);
    if (this.#fork && lane === this.#fork.lane && this.#step < this.#fork.step) this.lane(forkId).change(values);
    this.#changes.push(lane === undefined ? { step: this.#step, values } : { step: this.#step, lane, values });
  }

  lane(id: string): Lane {
    const found = this.lanes.find((lane) => lane.id === id);
    if (!found) throw new Error(`experiment: ${this.experiment.id} has no lane "${id}"`);
    return found;
  }

  /** What the claims come to, by their ids. They are about the experiment's own lanes, and know of no fork. */
  verdicts(): Map<string, Verdict> {
    const lanes = this.lanes.filter(({ id }) => id !== forkId);
    const outcome: Outcome = { seed: this.seed, lane: (id) => this.lane(id), lanes };
    return new Map(Object.entries(this.experiment.claims).map(([id, claim]) => [id, claim.verdict(outcome as never)]));
  }
}

/** One lane of a run. All randomness in it comes from a generator of its own, whatever other lanes draw. */
export class Lane implements LaneView<Values> {
  readonly id: string;
  readonly #journal: Journal;
  readonly #generator: Generator;
  readonly #session: Session;
  #values: Values;
  #step = 0;
  #diverged: Divergence | null = null;

  private constructor(id: string, values: Values, generator: Generator, session: Session, journal: Journal) {
    this.id = id;
    this.#values = values;
    this.#generator = generator;
    this.#session = session;
    this.#journal = journal;
  }

  static async start(experiment: Experiment, id: string, values: Values, context: Context): Promise<Lane> {
    const generator = new Generator(context.seed);
    const session = await drawingFrom(generator, async () => experiment.setup(values, context));
    const lane = new Lane(id, values, generator, session, new Journal(experiment.probes));
    await lane.look();
    return lane;
  }

  get values(): Values {
    return this.#values;
  }
  get step(): number {
    return this.#step;
  }
  get steps(): number {
    return this.#session.steps;
  }
  get diverged(): Divergence | null {
    return this.#diverged;
  }
  get isDone(): boolean {
    return this.#diverged !== null || this.#step >= this.steps;
  }
  get model(): AnyModule | undefined {
    return this.#session.model;
  }

  async next(): Promise<void> {
    const step = ++this.#step;
    const readings = await drawingFrom(this.#generator, async () => this.#session.step?.(this.#values, step) ?? {});
    await this.#take(readings);
    if (this.isDone && this.#diverged === null) await this.look();
  }

  async look(): Promise<void> {
    const { state } = this.#generator;
    const readings = await drawingFrom(this.#generator, async () => this.#session.look?.(this.#values) ?? {});
    this.#generator.state = state; // a look changes nothing, even if it draws
    await this.#take(readings);
  }

  change(values: Partial<Values>): void {
    this.#values = { ...this.#values, ...values } as Values;
  }

  async #take(readings: Readings): Promise<void> {
    const probe = this.#journal.add(this.#step, readings);
    if (probe === null || this.#diverged) return;
    const parameter = this.#session.model ? await firstNonFinite(this.#session.model) : null;
    this.#diverged = { step: this.#step, probe, parameter };
  }

  has(probe: string): boolean {
    return this.#journal.has(probe);
  }
  series<K extends string>(probe: K): Series<Reading<Probes[K]>> {
    return this.#journal.series(probe);
  }
  first<K extends string>(probe: K): Reading<Probes[K]> {
    return this.#journal.series(probe).values[0];
  }
  last<K extends string>(probe: K): Reading<Probes[K]> {
    return this.#journal.series(probe).values.at(-1) as Reading;
  }
}

/** Does `work` with the library's generator where `generator` is, and leaves both as the work leaves them to each. */
async function drawingFrom<T>(generator: Generator, work: () => Promise<T>): Promise<T> {
  const outer = defaultGenerator.state;
  defaultGenerator.state = generator.state;
  try {
    return await work();
  } finally {
    generator.state = defaultGenerator.state;
    defaultGenerator.state = outer;
  }
}

/** The first parameter that is not finite, in the order of the model. */
async function firstNonFinite(model: AnyModule): Promise<string | null> {
  const named = [...model.namedParameters()];
  if (named.length === 0) return null;
  const sound = await stack(named.map(([, p]) => p.isfinite().all().float())).data();
  return named[sound.indexOf(0)]?.[0] ?? null;
}
