/**
 * What the threads of the WebAssembly device agree on: words at the start of their memory, and how a thread claims work.
 *
 * A command's items are done in a phase. They are cut into chunks, and any thread that is awake claims the next one.
 * The word `claim` holds (number of the phase, chunks that are left), and a claim is a compare-and-exchange of it. The
 * words that describe a phase are written while nothing is left, before its claim word is stored, and stay until all of
 * its chunks are done. So a claim that succeeds proves that what was read in between belongs to that phase, and a
 * thread that lags behind can never claim from a later one. Threads that are late touch nothing but these words.
 */

export type Kernel = (args: number, item: number, scratch: number) => void;

/** Indices of words of 4 bytes; those that are written by several threads have a cache line of their own. */
export const word = {
  claim: 0,
  /** Chunks that are done. */
  done: 32,
  /** Workers that have started, and those of them that sleep. */
  started: 64,
  sleeping: 65,
  /** 1 while the caller sleeps until all chunks are done. */
  waiting: 96,
  /** The phase: its kernel, argument block, items, items in a chunk, chunks, and scratch memory. */
  kernel: 128,
  args: 129,
  items: 130,
  chunk: 131,
  chunks: 132,
  scratch: 133,
  scratchStride: 134,
  /** How many modules there are, and where the first is. */
  modules: 160,
  firstModule: 161,
  /** 1 after a kernel has failed: which, and the bytes of the message. */
  failed: 192,
  failedKernel: 193,
  failedLength: 194,
  failedText: 256,
} as const;
export const controlWords = 512;

const chunkBits = 10;
export const maxChunks: number = 2 ** chunkBits - 1;
/** The claim word of a phase of which `left` chunks are not claimed. Numbers of phases repeat after `phaseCount`. */
export const claimOf = (phase: number, left: number): number => (phase << chunkBits) | left;
export const phaseCount: number = 2 ** (32 - chunkBits);

/** A module in memory is four words, and then its bytes: where the next one is, bytes, id of its first kernel, kernels. */
export const moduleWords = 4;

/** How long a thread spins before it sleeps, in milliseconds. */
export const spin = 0.05;

/**
 * Claims and does chunks until none is left, and returns the claim word then. `find` gives a kernel, or nothing where
 * there is none: then what was read is of no phase that is still open.
 */
export function work(control: Int32Array, thread: number, find: (id: number) => Kernel | undefined): number {
  for (;;) {
    const claim = Atomics.load(control, word.claim);
    const left = claim & maxChunks;
    if (left === 0) return claim;
    const chunks = control[word.chunks];
    const id = control[word.kernel];
    const args = control[word.args];
    const first = (chunks - left) * control[word.chunk];
    const end = Math.min(first + control[word.chunk], control[word.items]);
    const scratch = control[word.scratch] + thread * control[word.scratchStride];
    const kernel = find(id);
    if (!kernel || Atomics.compareExchange(control, word.claim, claim, claim - 1) !== claim) continue;
    try {
      for (let item = first; item < end; item++) kernel(args, item, scratch);
    } catch (error) {
      fail(control, id, error);
    }
    const done = Atomics.add(control, word.done, 1) + 1;
    if (done === chunks && Atomics.load(control, word.waiting) === 1) Atomics.notify(control, word.done);
  }
}

/** Notes that a kernel failed, if none has before it. */
function fail(control: Int32Array, id: number, error: unknown): void {
  if (Atomics.compareExchange(control, word.failed, 0, 1) !== 0) return;
  const room = 4 * (controlWords - word.failedText);
  const text = new TextEncoder().encode(error instanceof Error ? error.message : String(error)).subarray(0, room);
  new Uint8Array(control.buffer, control.byteOffset + 4 * word.failedText, room).set(text);
  control[word.failedKernel] = id;
  control[word.failedLength] = text.length;
}

/** Spins until `ready()`, or until the time to spin is over: then false. */
export function spinUntil(ready: () => boolean): boolean {
  let end = 0;
  for (let i = 1; ; i++) {
    if (ready()) return true;
    pause();
    if (i % 32 === 0) {
      const now = performance.now();
      if (end === 0) end = now + spin;
      else if (now > end) return false;
    }
  }
}

/** Lets the processor know that this thread spins. */
export const pause: () => void = typeof Atomics.pause === "function" ? () => Atomics.pause() : () => {};
