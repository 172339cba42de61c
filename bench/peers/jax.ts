/** jax-js. It looks for workers while it is imported, so they have to be there before. */
import { readFileSync } from "node:fs";
import * as threads from "node:worker_threads";
import type { Peer } from "./peer.ts";

/** The Worker that browsers have and Node has not, as far as jax-js needs it; without it, jax-js keeps to one thread. */
class BrowserWorker {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: ((error: Error) => void) | null = null;
  readonly #worker: Promise<threads.Worker>;

  constructor(url: string) {
    const prelude =
      'const { parentPort } = require("node:worker_threads"); globalThis.self = globalThis;' +
      "globalThis.postMessage = (m) => parentPort.postMessage(m);" +
      'parentPort.on("message", (data) => (globalThis.onmessage ?? self.onmessage)({ data }));';
    this.#worker = fetch(url)
      .then((response) => response.text())
      .then((source) => {
        const worker = new threads.Worker(`${prelude}\n${source}`, { eval: true });
        worker.on("message", (data) => this.onmessage?.({ data }));
        worker.on("error", (error) => this.onerror?.(error as Error));
        return worker;
      });
  }

  postMessage(message: unknown): void {
    this.#worker.then(
      (worker) => worker.postMessage(message),
      (error: Error) => this.onerror?.(error),
    );
  }
}

const manifest = new URL("../../node_modules/@jax-js/jax/package.json", import.meta.url);

const peer: Peer = {
  name: "jax-js",
  version: (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version,
  threads: [1, 2],
  async run(task, count) {
    if (count > 1) {
      Object.defineProperty(globalThis, "Worker", { value: BrowserWorker });
      Object.defineProperty(navigator, "hardwareConcurrency", { value: count });
    }
    return (await import("./jax-tasks.ts")).start(task);
  },
};
export default peer;
