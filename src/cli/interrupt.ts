/** Ctrl-C: the first asks the run to stop after its step, the second ends the process at once. */

/** The status of a run that was interrupted. */
export const interruptedStatus = 130;

/** Listens to SIGINT and SIGTERM until it is disposed of. */
export class Interrupts implements Disposable {
  readonly #controller = new AbortController();
  readonly #on: { first(): void; second(): void };

  /** What is done at the first and at the second. */
  constructor(on: { first(): void; second(): void }) {
    this.#on = on;
    process.on("SIGINT", this.#handle);
    process.on("SIGTERM", this.#handle);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #handle = (): void => {
    if (this.signal.aborted) {
      this.#on.second();
      process.exit(interruptedStatus);
    }
    this.#controller.abort();
    this.#on.first();
  };

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#handle);
    process.off("SIGTERM", this.#handle);
  }
}
