/** Ctrl-C: the first asks the run to stop after its step, the second ends the process at once. */

/** The status of a run that was interrupted. */
export const interruptedStatus = 130;

/** Listens to SIGINT and SIGTERM until it is disposed of. */
export class Interrupts implements Disposable {
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;

  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
    process.on("SIGINT", this.#handle);
    process.on("SIGTERM", this.#handle);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #handle = (): void => {
    if (this.signal.aborted) process.exit(interruptedStatus);
    this.#controller.abort();
    this.#onFirst();
  };

  [Symbol.dispose](): void {
    process.off("SIGINT", this.#handle);
    process.off("SIGTERM", this.#handle);
  }
}
