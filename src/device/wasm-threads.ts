/** The caller's side of the WebAssembly device's threads: it starts workers, opens phases, and sees them through. */
import {
  claimOf,
  controlWords,
  type Kernel,
  maxChunks,
  pause,
  phaseCount,
  spinUntil,
  word,
  work,
} from "./wasm-control.ts";
import type { WorkerStart } from "./wasm-worker.ts";

/** What both kinds of worker have. */
interface AnyWorker {
  terminate(): unknown;
}

/** A kernel with its argument block and its items. */
export interface Phase {
  readonly kernel: number;
  readonly args: number;
  readonly items: number;
  readonly scratch: number;
  readonly scratchStride: number;
}

export class Threads {
  readonly count: number;
  readonly workers: AnyWorker[] = [];
  readonly #memory: WebAssembly.Memory;
  readonly #control: Int32Array;
  readonly #find: (id: number) => Kernel | undefined;
  #number = 0;
  /** Workers that are told to end may do so within a chunk: nothing may be left to them from then on. */
  stopped = false;

  constructor(memory: WebAssembly.Memory, count: number, kernels: readonly Kernel[]) {
    this.count = count;
    this.#memory = memory;
    this.#control = new Int32Array(memory.buffer, 0, controlWords);
    this.#find = (id) => kernels[id];
  }

  /** Workers that run, of `count − 1`. */
  get started(): number {
    return Atomics.load(this.#control, word.started);
  }

  /** Starts the workers, if that has not been done; does not wait for them. */
  start(): void {
    if (this.stopped) return;
    while (this.workers.length < this.count - 1)
      this.workers.push(startWorker({ memory: this.#memory, thread: this.workers.length + 1 }));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  /** Does all items, with the workers that are there. */
  run({ kernel, args, items, scratch, scratchStride }: Phase): void {
    const control = this.#control;
    const chunk = Math.ceil(items / maxChunks);
    const chunks = Math.ceil(items / chunk);
    control[word.kernel] = kernel;
    control[word.args] = args;
    control[word.items] = items;
    control[word.chunk] = chunk;
    control[word.chunks] = chunks;
    control[word.scratch] = scratch;
    control[word.scratchStride] = scratchStride;
    control[word.done] = 0;
    this.#number = (this.#number + 1) % phaseCount;
    if (this.#number === 0) this.#settle();
    Atomics.store(control, word.claim, claimOf(this.#number, chunks));
    if (Atomics.load(control, word.sleeping) > 0) Atomics.notify(control, word.claim, chunks - 1);

    work(control, 0, this.#find);
    const done = (): boolean => Atomics.load(control, word.done) === chunks;
    if (!done() && !spinUntil(done)) this.#wait(chunks);
    if (control[word.failed] !== 0) this.#throw();
  }

  /** Gives the processor to the workers that have claimed chunks, where that is allowed. */
  #wait(chunks: number): void {
    const control = this.#control;
    Atomics.store(control, word.waiting, 1);
    for (let done = 0; ; ) {
      done = Atomics.load(control, word.done);
      if (done === chunks) break;
      if (mayWait) Atomics.wait(control, word.done, done, 10);
      else pause();
    }
    Atomics.store(control, word.waiting, 0);
  }

  /**
   * Numbers of phases begin anew: a worker that still holds a claim word of the last round might succeed with it. All
   * are let sleep once, and so forget it. A worker that was killed awake never will: it is not waited for long.
   */
  #settle(): void {
    const control = this.#control;
    const end = performance.now() + 1000;
    while (Atomics.load(control, word.sleeping) < Atomics.load(control, word.started) && performance.now() < end)
      pause();
  }

  #throw(): void {
    const control = this.#control;
    const text = new Uint8Array(this.#memory.buffer, 4 * word.failedText, control[word.failedLength]).slice();
    control[word.failed] = 0;
    throw new KernelError(control[word.failedKernel], new TextDecoder().decode(text));
  }
}

/** A kernel that failed, by its id. */
export class KernelError extends Error {
  readonly kernel: number;

  constructor(kernel: number, message: string) {
    super(message);
    this.kernel = kernel;
  }
}

/** Whether this thread may sleep: the main thread of a browser may not. */
const mayWait: boolean = ((): boolean => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
})();

/** Starts the worker's file, which lies beside this one. The build makes `.js` of its name, as of those of imports. */
function startWorker(start: WorkerStart): AnyWorker {
  const node = typeof process === "object" ? process.getBuiltinModule?.("node:worker_threads") : undefined;
  if (node) {
    // Flags of the process, such as those of a test runner, are not meant for it.
    const worker = new node.Worker(new URL("./wasm-worker.ts", import.meta.url), { workerData: start, execArgv: [] });
    worker.unref();
    worker.on("error", () => {}); // it ends, and the others do its work
    return worker;
  }
  // Bundlers recognize a worker by these very words.
  const worker = new Worker(new URL("./wasm-worker.ts", import.meta.url), { type: "module" });
  worker.postMessage(start);
  return worker;
}
