/** The threads of the x64 device: they run machine code only, and never enter JavaScript. */
import { control, thread, threadBytes } from "../emit/x64-control.ts";
import type { Native, Thread } from "./native.ts";
import type { Arena } from "./x64-memory.ts";

/** Addresses of what they run. */
export interface ThreadCode {
  readonly worker: number;
  readonly stopper: number;
}

export class Threads {
  /** How many there are to be, the caller's included. */
  readonly count: number;
  readonly #native: Native;
  readonly #arena: Arena;
  readonly #control: number;
  readonly #blocks: number;
  readonly #code: ThreadCode;
  readonly #threads: Thread[] = [];

  /** `words` is where the control words are, and behind them a block for each thread. */
  constructor(
    native: Native,
    arena: Arena,
    words: { control: number; blocks: number },
    count: number,
    code: ThreadCode,
  ) {
    this.count = count;
    this.#native = native;
    this.#arena = arena;
    this.#control = words.control;
    this.#blocks = words.blocks;
    this.#code = code;
  }

  /** Workers that have been created, and those of them that run. */
  get created(): number {
    return this.#threads.length;
  }
  get started(): number {
    return Atomics.load(this.#arena.int32, this.#arena.at(this.#control + control.started, 4));
  }

  /** Starts the workers, if that has not been done; where there are no more threads, those that there are do the work. */
  start(): void {
    const { int32, uint32 } = this.#arena;
    while (this.#threads.length < this.count - 1) {
      const number = this.#threads.length + 1;
      const block = this.#blocks + number * threadBytes;
      const at = this.#arena.at(block, 4);
      uint32[at + thread.control / 4] = this.#control % 2 ** 32;
      uint32[at + thread.control / 4 + 1] = Math.floor(this.#control / 2 ** 32);
      uint32[at + thread.number / 4] = number;
      uint32[at + thread.number / 4 + 1] = 0;
      const started = this.#native.startThread(this.#code.worker, block);
      if (!started) return;
      this.#threads.push(started);
      int32[this.#arena.at(this.#control + control.workers, 4)] = this.#threads.length;
    }
  }

  /** Lets them return, and waits until they have. */
  stop(): void {
    if (this.#threads.length === 0) return; // and nobody waits
    this.#arena.int32[this.#arena.at(this.#control + control.workers, 4)] = 0;
    this.#native.function(this.#code.stopper)(this.#control);
    for (const t of this.#threads.splice(0)) t.join();
  }
}
