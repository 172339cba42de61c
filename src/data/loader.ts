/** Batches of a data set, epoch after epoch. */
import { ValueError } from "../errors.ts";
import { checkCount, checkOptions } from "../tensor/arguments.ts";
import { defaultGenerator } from "../tensor.ts";
import { type Batch, checkDataset, type Dataset } from "./dataset.ts";
import { permutation } from "./permutation.ts";

export interface LoaderOptions {
  /** How many examples are in a batch. More than there are is an error; unless given, it is 32 (PyTorch: 1), or all there are. */
  batchSize?: number;
  /** Whether each epoch has an order of its own. */
  shuffle?: boolean;
  /** What the orders depend on; by default it is drawn from the generator that `seed()` sets. */
  seed?: number;
  /** Whether a last batch is left out that is smaller than the others; false unless given. */
  dropLast?: boolean;
}

/** Where a loader is: `batch` of `epoch` is the next one. */
export interface LoaderState {
  readonly epoch: number;
  readonly batch: number;
}

/**
 * The batches of a data set: `for await (const { x, y } of loader)` goes through one epoch. While the loop works on a batch
 * the next one is being made, and whenever 5 ms have passed timers and signals get their turn.
 */
export class DataLoader<B = Batch> implements AsyncIterable<B> {
  readonly dataset: Dataset<B>;
  readonly batchSize: number;
  /** The number of batches in an epoch. */
  readonly length: number;
  readonly #shuffle: boolean;
  readonly #seed: number;
  #epoch = 0;
  #batch = 0;

  constructor(dataset: Dataset<B>, options: LoaderOptions = {}) {
    checkOptions("DataLoader", options, ["batchSize", "shuffle", "seed", "dropLast"]);
    const { shuffle = false, seed = drawSeed(), dropLast = false } = options;
    this.dataset = checkDataset("DataLoader", dataset);
    const count = dataset.length;
    if (count === 0) {
      throw new ValueError({ in: "DataLoader", got: "no examples", want: "at least one", fix: "Check the data" });
    }
    const { batchSize = Math.min(32, count) } = options;
    this.batchSize = checkCount("DataLoader", batchSize, "batchSize", 1);
    this.#seed = checkCount("DataLoader", seed, "the seed", 0, Number.MAX_SAFE_INTEGER);
    this.#shuffle = shuffle;
    if (batchSize > count) {
      const got = `${count} examples for batches of ${batchSize}`;
      throw new ValueError({ in: "DataLoader", got, want: "enough for one batch", fix: `Use batchSize ${count}` });
    }
    this.length = dropLast ? Math.floor(count / batchSize) : Math.ceil(count / batchSize);
  }

  /** Where it is. Kept in a checkpoint and set again, the same batches come in the same order, none twice. */
  get state(): LoaderState {
    return { epoch: this.#epoch, batch: this.#batch };
  }
  set state({ epoch, batch }: LoaderState) {
    this.#epoch = checkCount("DataLoader", epoch, "the epoch", 0, 2 ** 32 - 1);
    this.#batch = checkCount("DataLoader", batch, "the batch", 0, this.length);
  }

  /** An epoch, from where `state` says. A loop that is left early ends its epoch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<B, void, void> {
    const epoch = this.#epoch;
    const count = this.dataset.length;
    const order = this.#shuffle
      ? permutation(count, this.#seed, epoch)
      : Uint32Array.from({ length: count }, (_, i) => i);
    const make = async (batch: number): Promise<B> => {
      const indices = order.slice(batch * this.batchSize, (batch + 1) * this.batchSize);
      return this.dataset.batch(indices, { seed: this.#seed, epoch });
    };
    const turns = new Turns();
    try {
      let ahead = this.#batch < this.length ? make(this.#batch) : null;
      while (ahead) {
        const batch = await ahead;
        this.#batch++;
        ahead = this.#batch < this.length ? make(this.#batch) : null;
        ahead?.catch(() => {}); // seen when its turn comes; until then, and if the loop is left, it is nobody's
        yield batch;
        await turns.give();
      }
    } finally {
      this.#epoch = epoch + 1;
      this.#batch = 0;
    }
  }
}

function drawSeed(): number {
  const [low, high] = defaultGenerator.next();
  return low + (high >>> 11) * 2 ** 32;
}

/** Lets timers, signals and input have their turn, but not so often that it would take time. */
export class Turns {
  #last: number = performance.now();

  /** Waits for the event loop, if 5 ms have passed since it was last waited for. */
  async give(): Promise<void> {
    if (performance.now() - this.#last < 5) return;
    await turnOfEventLoop();
    this.#last = performance.now();
  }
}

/** Comes back when everything that was waiting has run. Timers would do, but browsers make them wait for 4 ms. */
function turnOfEventLoop(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
