/** The training loop, for models of one input and one target. What it does is also simple to write out by hand. */

import { Turns } from "../data/index.ts";
import { ValueError } from "../errors.ts";
import { dtypes } from "../graph/dtype.ts";
import type { HostTensor } from "../io/index.ts";
import { Buffer, type Module } from "../nn/index.ts";
import { clipGradNorm, GradScaler, gradientsAreFinite, Optimizer, Plateau, type Schedule } from "../optim/index.ts";
import { checkCount, checkNumber, checkOptions, print } from "../tensor/arguments.ts";
import { defaultGenerator, full, ones, Parameter, realize, stack, type Tensor, where, zeros } from "../tensor.ts";
import { snapshot } from "./checkpoint.ts";
import {
  type Batches,
  checkBatches,
  checkMeasures,
  checkModel,
  type Example,
  evaluate,
  type Loss,
} from "./evaluate.ts";
import type { Metric } from "./metrics.ts";
import { type Culprit, findNonFinite, NonFiniteError } from "./non-finite.ts";
import { Pace, Recent, type TrainingProgress } from "./progress.ts";

export interface EarlyStop {
  /** What is looked at after each epoch, of the validation: `"loss"`, or the name of a metric. */
  metric?: string;
  /** How many epochs in a row may bring nothing before it stops. */
  patience: number;
  /** By how much more than the best counts as better. */
  minDelta?: number;
  /** Whether less or more is better: less for the loss, more for others, unless given. */
  mode?: "min" | "max";
  /** Whether the model ends with the state of its best epoch; yes, unless given. */
  restoreBest?: boolean;
}

export interface FitOptions {
  /** Batches `{ x, y }`, gone through once an epoch. */
  train: Batches;
  validation?: Batches;
  /** From the output of the model and the target to a scalar, such as crossEntropy. */
  loss: Loss;
  optimizer: Optimizer;
  epochs: number;
  /** The learning rate by steps; a Plateau is told the validation loss (or the training loss) after each epoch. */
  schedule?: Schedule | Plateau;
  metrics?: Readonly<Record<string, Metric>>;
  earlyStop?: EarlyStop;
  /** Asks to stop after the present step. The result is then valid, and says so. */
  signal?: AbortSignal;
  onProgress?: (progress: TrainingProgress) => void;
  onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /**
   * What is done about a gradient that is NaN or infinite: throw a NonFiniteError that names the step and the layer, skip
   * the step and count it, or nothing. By the first two, such a step changes nothing.
   */
  onNonFinite?: "error" | "skip" | "ignore";
  /** Scales losses for training in float16; steps that it leaves out are counted, whatever onNonFinite says. */
  scaler?: GradScaler;
  /** The greatest norm of all gradients together; larger ones are scaled down. */
  clipNorm?: number;
  /** How many batches make a step; their gradients are averaged, each counting as much as it has examples. */
  accumulate?: number;
}

/** What an epoch has brought: means over its examples, `loss` among them. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  readonly train: Readonly<Record<string, number>>;
  readonly validation: Readonly<Record<string, number>> | null;
  readonly lr: number;
  readonly seconds: number;
}

export interface FitResult {
  /** One record for each whole epoch. */
  readonly history: readonly EpochRecord[];
  /** Steps done. */
  readonly steps: number;
  /** Steps left out because their gradients were not finite. */
  readonly skipped: number;
  readonly stopped: "finished" | "early" | "aborted";
  /** The best epoch by what `earlyStop` looks at. */
  readonly best: { readonly epoch: number; readonly value: number } | null;
  readonly warnings: readonly string[];
}

const fitOptions = [
  ...["train", "validation", "loss", "optimizer", "epochs", "schedule", "metrics", "earlyStop"],
  ...["signal", "onProgress", "onEpoch", "onNonFinite", "scaler", "clipNorm", "accumulate"],
];

/** Trains a model. The same as fitting(), for those who need not look in between. */
export async function fit(model: Module, options: FitOptions): Promise<FitResult> {
  const steps = fitting(model, options);
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
    options.onProgress?.(next.value);
  }
}

/** Trains a model, and tells after each step how far it is. Left early, it stops where it is. */
export async function* fitting(model: Module, options: FitOptions): AsyncGenerator<TrainingProgress, FitResult> {
  checkModel("fit", model);
  checkOptions("fit", options ?? null, fitOptions);
  check(model, options);
  const { train, validation, loss, optimizer, epochs, schedule, metrics = {}, earlyStop, signal } = options;
  const { accumulate = 1 } = options;
  const perEpoch = train.length === undefined ? null : Math.ceil(train.length / accumulate);
  const total = perEpoch === null ? null : perEpoch * epochs;
  const run = new Run(model, options);
  const best = earlyStop ? new Best(earlyStop) : null;
  const pace = new Pace();
  const history: EpochRecord[] = [];
  let stopped: FitResult["stopped"] = "finished";

  for (let epoch = 1; epoch <= epochs && stopped === "finished"; epoch++) {
    const start = performance.now();
    const sums = new Means(["loss", ...Object.keys(metrics)]);
    model.train();
    let last: TrainingProgress | null = null;
    for await (const group of grouped(train, accumulate)) {
      if (signal?.aborted) break;
      if (typeof schedule === "function") optimizer.lr = schedule(run.steps, total ?? undefined);
      const { values, size } = await run.step(group, epoch);
      sums.add(values, size);
      pace.step(size);
      last = {
        epoch,
        epochs,
        step: run.steps,
        steps: total,
        ...run.recent(),
        lr: optimizer.lr,
        samplesPerSecond: pace.samplesPerSecond,
        secondsLeft: total === null ? null : pace.secondsFor(total - run.steps, validation ? epochs - epoch + 1 : 0),
        endsEpoch: false,
      };
      yield last;
      if (signal?.aborted) break;
    }
    if (signal?.aborted) {
      stopped = "aborted";
      break;
    }
    if (!last) throw noBatches(epoch);
    const validated =
      validation && (await evaluate(model, validation, { loss, metrics, ...(signal ? { signal } : {}) }));
    const measured = validated && !signal?.aborted ? validated : null; // of part of the data it would mislead
    pace.aside();
    const record: EpochRecord = {
      epoch,
      train: sums.means,
      validation: measured,
      lr: optimizer.lr,
      seconds: (performance.now() - start) / 1000,
    };
    history.push(record);
    yield { ...last, endsEpoch: true };
    await options.onEpoch?.(record);
    if (schedule instanceof Plateau) optimizer.lr = schedule.measure((measured ?? record.train).loss);
    if (best && measured && (await best.measure(epoch, measured, model))) stopped = "early";
    if (signal?.aborted) stopped = "aborted";
  }
  if (best && stopped !== "aborted") await best.restore(model);
  return {
    history,
    steps: run.steps,
    skipped: run.skipped,
    stopped,
    best: best?.best ?? null,
    warnings: [...run.warnings],
  };
}

function check(model: Module, given: FitOptions): void {
  const { epochs, accumulate = 1, clipNorm, onNonFinite = "error", earlyStop, ...options } = given;
  checkBatches("fit", options.train, "train");
  if (options.validation) checkBatches("fit", options.validation, "validation");
  if (options.loss === undefined) {
    const fix = "Pass { loss: crossEntropy }, or another function of output and target";
    throw new ValueError({ in: "fit", got: "no loss", want: "a function", fix });
  }
  checkMeasures("fit", options.loss, options.metrics);
  checkOptimizer(model, options.optimizer);
  const { schedule } = options;
  if (schedule !== undefined && typeof schedule !== "function" && !(schedule instanceof Plateau)) {
    const want = "a function from the step to the learning rate, or a Plateau";
    throw new ValueError({ in: "fit", got: `schedule ${print(schedule)}`, want, fix: "Pass cosine(lr), for example" });
  }
  checkCount("fit", epochs, "epochs");
  checkCount("fit", accumulate, "accumulate", 1);
  if (clipNorm !== undefined) checkNumber("fit", clipNorm, "clipNorm", Number.MIN_VALUE, Number.MAX_VALUE);
  if (options.scaler !== undefined && !(options.scaler instanceof GradScaler)) {
    const got = `scaler ${print(options.scaler)}`;
    throw new ValueError({ in: "fit", got, want: "a GradScaler", fix: "Pass new GradScaler()" });
  }
  if (!["error", "skip", "ignore"].includes(onNonFinite)) {
    const want = '"error", "skip" or "ignore"';
    throw new ValueError({ in: "fit", got: `onNonFinite ${print(onNonFinite)}`, want, fix: "Choose one of them" });
  }
  if ("loss" in (options.metrics ?? {})) {
    throw new ValueError({ in: "fit", got: 'a metric named "loss"', want: "another name", fix: "Rename it" });
  }
  if (!earlyStop) return;
  const rules = ["patience", "metric", "minDelta", "mode", "restoreBest"];
  checkOptions("fit: earlyStop", earlyStop, rules);
  checkCount("fit", earlyStop.patience, "earlyStop.patience");
  checkNumber("fit", earlyStop.minDelta ?? 0, "earlyStop.minDelta", 0, Number.MAX_VALUE);
  const known = ["loss", ...Object.keys(options.metrics ?? {})];
  const { metric = "loss" } = earlyStop;
  if (options.validation && known.includes(metric)) return;
  const got = options.validation ? `earlyStop.metric ${print(metric)}` : "earlyStop without validation data";
  const want = options.validation ? known.map(print).join(", ") : "something to measure on";
  throw new ValueError({ in: "fit", got, want, fix: "Check the options" });
}

/** An optimizer of other parameters than the model's would train nothing, and the loss would stay as it is. */
function checkOptimizer(model: Module, optimizer: unknown): void {
  const fix = "Pass new AdamW(model.parameters()), or another";
  if (!(optimizer instanceof Optimizer)) {
    const got = optimizer === undefined ? "no optimizer" : `optimizer ${print(optimizer)}`;
    throw new ValueError({ in: "fit", got, want: "an optimizer", fix });
  }
  const own = new Set<unknown>(model.state().values());
  if (optimizer.parameters.some((p) => own.has(p))) return;
  const got = "an optimizer that shares no parameter with the model";
  throw new ValueError({ in: "fit", got, want: "an optimizer of the model's parameters", fix });
}

function noBatches(epoch: number): ValueError {
  const fix =
    epoch === 1 ? "Check the data" : "Pass something that can be gone through more than once, such as a DataLoader";
  return new ValueError({ in: "fit", got: `no batches in epoch ${epoch}`, want: "at least one", fix });
}

/** Batches, `count` at a time; the last may be fewer. */
async function* grouped(batches: Batches, count: number): AsyncGenerator<Example[]> {
  let group: Example[] = [];
  for await (const batch of batches) {
    group.push(batch);
    if (group.length < count) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Steps, and what they have in common. */
class Run {
  steps = 0;
  skipped = 0;
  readonly warnings: Set<string> = new Set();
  readonly #model: Module;
  readonly #options: FitOptions;
  readonly #parameters: readonly Tensor[];
  readonly #buffers: readonly Buffer[];
  readonly #guards: boolean;
  /** What a step has to tell: whether its gradients are finite, and its metrics. Written in place, so nothing is allocated. */
  readonly #report: Parameter;
  readonly #recentLoss: Recent = new Recent();
  readonly #recentMetrics: ReadonlyMap<string, Recent>;
  readonly #turns: Turns = new Turns();
  /** The one class seen so far; null once there were two, or where there are no classes. */
  #onlyClass: number | undefined | null;

  constructor(model: Module, options: FitOptions) {
    this.#model = model;
    this.#options = options;
    this.#parameters = options.optimizer.parameters;
    this.#buffers = [...new Set(model.state().values())].filter((t) => t instanceof Buffer);
    this.#guards = options.scaler !== undefined || (options.onNonFinite ?? "error") !== "ignore";
    const names = Object.keys(options.metrics ?? {});
    this.#report = new Parameter(zeros([1 + names.length]), { label: "fit.report", requiresGrad: false });
    this.#recentMetrics = new Map(names.map((name) => [name, new Recent()]));
  }

  /** The means of late. */
  recent(): { loss: number; metrics: Record<string, number> } {
    const metrics = [...this.#recentMetrics].map(([name, { mean }]) => [name, mean] as const);
    return { loss: this.#recentLoss.mean, metrics: Object.fromEntries(metrics) };
  }

  /** One step. Gives the means of the loss and of the metrics over its examples. */
  async step(group: readonly Example[], epoch: number): Promise<{ values: number[]; size: number }> {
    const { loss, optimizer, metrics = {}, clipNorm, scaler } = this.#options;
    const generator = defaultGenerator.state;
    const before = this.#guards ? this.#buffers.map((b) => ({ b, node: b.node, value: b.clone() })) : [];
    const size = group.reduce((sum, { x }) => sum + (x.shape[0] ?? 1), 0);
    const means = new Means(["loss", ...Object.keys(metrics)]);
    const losses: { value: Tensor; part: number }[] = [];
    let measured: Tensor[] = [];
    const owned: Tensor[] = [];
    let replaced: Tensor[] = [];
    for (const [i, { x, y }] of group.entries()) {
      await this.#look(y);
      const part = x.shape[0] ?? 1;
      const output = this.#model.forward(x);
      const value = loss(output, y);
      const scaled = scaler?.scale(value) ?? value;
      scaled.backward(group.length > 1 ? full(value.shape, part / size) : undefined);
      losses.push({ value, part });
      const each = Object.values(metrics).map((f) =>
        f(output, y)
          .detach()
          .float()
          .reshape([])
          .mul(part / size),
      );
      measured = i === 0 ? each : measured.map((sum, k) => sum.add(each[k]));
      if (i === group.length - 1) break;
      // Computed before the next batch is recorded: the plan of a step stays that of one batch.
      const gradients = this.#parameters.flatMap(({ grad }) => grad ?? []);
      const kept = i === 0 ? before.map(({ value }) => value) : [];
      await realize(...gradients, ...measured, ...kept);
      for (const t of replaced) t.dispose();
      replaced = [...gradients, ...measured];
      owned.push(...kept);
    }
    scaler?.unscale(this.#parameters);
    const found = scaler?.update(this.#parameters);
    const finite = found ?? (this.#guards ? gradientsAreFinite(this.#parameters) : null);
    if (clipNorm !== undefined) clipGradNorm(this.#parameters, clipNorm);
    for (const { b, node, value } of before) if (finite && b.node !== node) b.assign(where(finite, b, value));
    if (finite || measured.length > 0) {
      this.#report.assign(stack([finite ? finite.float() : ones([]), ...measured]));
    }
    await optimizer.step(finite ? { when: finite } : {});
    for (const t of [...owned, ...replaced]) t.dispose();

    this.steps++;
    const [sound, ...values] = finite || measured.length > 0 ? await this.#report.data() : [1];
    for (const { value, part } of losses) means.add([await value.item()], part);
    const all = [means.means.loss, ...values];
    if (sound === 0) await this.#unsound(group, epoch, generator);
    else if (!Number.isFinite(all[0])) {
      this.warnings.add(
        "A loss was not finite though its gradients were, as when no target counts. It is left out of means.",
      );
    }
    this.#recentLoss.add(all[0]);
    [...this.#recentMetrics.values()].forEach((recent, i) => {
      recent.add(values[i]);
    });
    await this.#turns.give();
    return { values: all, size };
  }

  async #unsound(group: readonly Example[], epoch: number, generator: typeof defaultGenerator.state): Promise<void> {
    this.skipped++;
    if (this.#options.onNonFinite === "skip" || this.#options.scaler) return;
    const now = defaultGenerator.state;
    defaultGenerator.state = generator;
    let culprit: Culprit | null = null;
    for (const batch of group) culprit ??= await findNonFinite(this.#model, batch, this.#options.loss);
    defaultGenerator.state = now;
    throw new NonFiniteError(this.steps, epoch, culprit ?? { source: "the sum of the gradients", row: null });
  }

  /** Whether there is more than one class to tell apart, in the first batches of whole numbers. */
  async #look(y: Tensor): Promise<void> {
    if (this.#onlyClass === null) return;
    if (dtypes[y.dtype].kind !== "int" || y.ndim !== 1) {
      this.#onlyClass = null;
      return;
    }
    const message = "All targets so far are of one class.";
    for (const label of await y.data()) {
      if (this.#onlyClass === undefined) {
        this.#onlyClass = label;
        this.warnings.add(message);
      } else if (label !== this.#onlyClass) {
        this.#onlyClass = null;
        this.warnings.delete(message);
        return;
      }
    }
  }
}

/** Means over examples of several numbers, each weighed by the examples that it stands for; those not finite are left out. */
class Means {
  count = 0;
  readonly #names: readonly string[];
  readonly #sums: { sum: number; count: number }[];

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#sums = names.map(() => ({ sum: 0, count: 0 }));
  }
  add(values: readonly number[], size: number): void {
    this.count += size;
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      this.#sums[i].sum += value * size;
      this.#sums[i].count += size;
    });
  }
  get means(): Record<string, number> {
    return Object.fromEntries(this.#names.map((name, i) => [name, this.#sums[i].sum / this.#sums[i].count]));
  }
}

/** The best epoch so far, and the state the model had then. */
class Best {
  best: { epoch: number; value: number } | null = null;
  readonly #rule: EarlyStop;
  readonly #sign: number;
  #state: Map<string, HostTensor> | null = null;
  #bad = 0;

  constructor(rule: EarlyStop) {
    this.#rule = rule;
    this.#sign = (rule.mode ?? ((rule.metric ?? "loss") === "loss" ? "min" : "max")) === "max" ? 1 : -1;
  }

  /** Takes a measurement in; whether it is time to stop. NaN is never best, and of equals the first is. */
  async measure(epoch: number, measured: Readonly<Record<string, number>>, model: Module): Promise<boolean> {
    const value = measured[this.#rule.metric ?? "loss"];
    const gain = this.best ? this.#sign * (value - this.best.value) : Infinity;
    if (!Number.isNaN(value) && gain > (this.#rule.minDelta ?? 0)) {
      this.best = { epoch, value };
      this.#bad = 0;
      if (this.#rule.restoreBest ?? true) this.#state = await snapshot(model.state());
      return false;
    }
    return ++this.#bad > this.#rule.patience;
  }

  async restore(model: Module): Promise<void> {
    if (!this.#state) return;
    model.load(this.#state);
    await realize();
  }
}
