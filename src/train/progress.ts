/** How far training is, as data: what a terminal or a page makes of it is theirs. */

export interface TrainingProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done, of all epochs. */
  readonly step: number;
  /** Steps in all; null where the data does not say how long it is. */
  readonly steps: number | null;
  /** Of late, in training. */
  readonly loss: number;
  /** Of late, in training. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly lr: number;
  readonly samplesPerSecond: number;
  /** Null where `steps` is, and before there is anything to tell it from. */
  readonly secondsLeft: number | null;
  readonly endsEpoch: boolean;
}

/** A mean in which the last of `window` values count most; of fewer values it is a mean of those. */
export class Recent {
  readonly #decay: number;
  #sum = 0;
  #weight = 0;

  constructor(window = 20) {
    this.#decay = 1 - 1 / window;
  }
  /** Takes a value in; one that is not finite is passed over. */
  add(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#sum = this.#sum * this.#decay + value;
    this.#weight = this.#weight * this.#decay + 1;
  }
  /** NaN before the first value. */
  get mean(): number {
    return this.#sum / this.#weight;
  }
}

/** Rates, and how long the rest will take. The first step compiles, so it tells nothing about those that follow. */
export class Pace {
  readonly #now: () => number;
  #last: number;
  #isFirst = true;
  readonly #perStep: Recent = new Recent(50);
  readonly #samples: Recent = new Recent(50);
  readonly #aside: Recent = new Recent(5);

  /** `now` gives milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#last = now();
  }
  /** A step of so many samples has been done. */
  step(samples: number): void {
    const seconds = this.#lap();
    if (!this.#isFirst) {
      this.#perStep.add(seconds);
      this.#samples.add(samples);
    }
    this.#isFirst = false;
  }
  /** What comes once an epoch, such as validation, has been done. */
  aside(): void {
    this.#aside.add(this.#lap());
  }
  get samplesPerSecond(): number {
    return this.#samples.mean / Math.max(this.#perStep.mean, 1e-9) || 0;
  }
  /** The time that so many steps and so many asides will take; null while nothing is known. */
  secondsFor(steps: number, asides: number): number | null {
    const perStep = this.#perStep.mean;
    return Number.isNaN(perStep) ? null : steps * perStep + asides * (this.#aside.mean || 0);
  }
  #lap(): number {
    const now = this.#now();
    const seconds = (now - this.#last) / 1000;
    this.#last = now;
    return seconds;
  }
}
