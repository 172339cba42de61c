/**
 * Workers that compute the parts of a batch at the same time: Web Workers in a browser, threads in Node, each with an
 * engine of its own and no memory in common, so no page need be isolated for them. What cannot be left to a worker is
 * done here.
 */
import { type DeviceName, deviceName } from "../../index.ts";
import type { FromGradientWorker, ToGradientWorker } from "./gradient-worker.ts";
import { type PartGradient, PartSolver, type PartTask } from "./part-gradients.ts";

/** Milliseconds after which workers that nobody asks are let go, with their memory. */
const patience = 30_000;

interface Pending {
  resolve(result: PartGradient): void;
  reject(error: Error): void;
  /** Does it on this thread instead. */
  here(): void;
}
interface Hand {
  post(message: ToGradientWorker): void;
  /** Whether the process has to wait for it. */
  hold(isHeld: boolean): void;
  stop(): void;
}

export class Crew {
  readonly #hands: Member[] = [];
  readonly #own = new PartSolver();
  #idle: ReturnType<typeof setTimeout> | undefined;
  /** How many are waiting for results. */
  #waiting = 0;

  /** Workers that there are, and have not failed. */
  get count(): number {
    return this.#hands.filter(({ isAlive }) => isAlive).length;
  }

  /** Solves all tasks with so many workers, each taking its share in turn. Results are in the order of the tasks. */
  async solve(tasks: readonly PartTask[], workers: number): Promise<PartGradient[]> {
    clearTimeout(this.#idle);
    this.#waiting++;
    try {
      const device = (await deviceName()) as DeviceName;
      while (this.#hands.length < workers) this.#hands.push(new Member(device));
      return await Promise.all(tasks.map((task, i) => this.#hands[i % workers].solve(task, () => this.#here(task))));
    } finally {
      if (--this.#waiting === 0) {
        this.#idle = setTimeout(() => this.stop(), patience);
        (this.#idle as { unref?(): void }).unref?.();
      }
    }
  }

  /** Tasks that this thread does itself, one after the other. */
  #queue: Promise<unknown> = Promise.resolve();
  #here(task: PartTask): Promise<PartGradient> {
    const result = this.#queue.then(() => this.#own.solve(task));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  stop(): void {
    clearTimeout(this.#idle);
    for (const hand of this.#hands.splice(0)) hand.stop();
  }
}

/** One worker, and what it has been asked. */
class Member {
  readonly #worker: Hand | null;
  readonly #pending = new Map<number, Pending>();
  #asked = 0;
  isAlive = true;

  constructor(device: DeviceName) {
    this.#worker = startWorker(
      (answer) => this.#take(answer),
      () => this.#fail(),
    );
    if (!this.#worker) this.isAlive = false;
    this.#worker?.post({ kind: "start", device });
  }

  /** Asks the worker, or has it done `here` where the worker has failed, or fails before it has answered. */
  solve(task: PartTask, here: () => Promise<PartGradient>): Promise<PartGradient> {
    if (!this.isAlive) return here();
    const id = ++this.#asked;
    this.#worker?.hold(true);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, here: () => void here().then(resolve, reject) });
      this.#worker?.post({ kind: "part", id, task });
    });
  }

  stop(): void {
    this.#fail();
    this.#worker?.stop();
  }

  #take(answer: FromGradientWorker): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#worker?.hold(false);
    if ("error" in answer) pending?.reject(new Error(answer.error));
    else pending?.resolve(answer.result);
  }

  #fail(): void {
    this.isAlive = false;
    const left = [...this.#pending.values()];
    this.#pending.clear();
    for (const { here } of left) here();
  }
}

/** Starts the worker's file, which lies beside this one; null where there are no workers. */
function startWorker(onAnswer: (answer: FromGradientWorker) => void, onFail: () => void): Hand | null {
  const node = typeof process === "object" ? process.getBuiltinModule?.("node:worker_threads") : undefined;
  if (node) {
    const worker = new node.Worker(new URL("./gradient-worker.ts", import.meta.url), { execArgv: [] });
    worker.unref();
    worker.on("message", onAnswer);
    worker.on("error", onFail);
    worker.on("exit", onFail);
    return {
      post: (message) => worker.postMessage(message),
      hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
      stop: () => void worker.terminate(),
    };
  }
  if (typeof Worker === "undefined") return null;
  // Bundlers recognize a worker by these very words.
  const worker = new Worker(new URL("./gradient-worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<FromGradientWorker>) => onAnswer(data);
  worker.onerror = (event) => {
    event.preventDefault();
    onFail();
  };
  return { post: (message) => worker.postMessage(message), hold: () => undefined, stop: () => worker.terminate() };
}

/** The crew of this thread: one for all runs, for workers take time to start. */
export const crew: Crew = new Crew();
